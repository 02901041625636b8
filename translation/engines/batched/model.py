"""One pair's model, ready to translate: vocabularies and network."""

from collections.abc import Sequence

from catalog.errors import PermanentEngineError
from translation.engine import Pair
from translation.engines.batched.arithmetic import Kernel, Precision
from translation.engines.batched.modelfile import read_model_file
from translation.engines.batched.network import read_network, without_words
from translation.engines.batched.scheduling import Crew
from translation.engines.batched.shortlist import read_shortlist
from translation.engines.batched.student import Student
from translation.engines.batched.vocabulary import Vocabulary
from translation.engines.models import StudentModel
from translation.segments import sentences

_ONE_GO = 96
"""Word pieces that are translated in one go; students learnt from single sentences and drop what is far back in longer
ones: of 250 measures in enumerations, 48 with 130 pieces at a time and 2 with 96."""


class LoadedModel:
    """A pair's model in memory; threads may share it.

    Args:
        files: where it is.
        digest: of the files that shall be loaded.
        precision: which parts run in int8.
        kernel: how int8 is multiplied; ``None`` for what is exact on this processor.

    Raises:
        PermanentEngineError: a file is damaged, or asks for what this engine can't run; names it.
        UnavailableError: the files are no more those of the digest.
    """

    def __init__(self, files: StudentModel, digest: str, precision: Precision, kernel: Kernel | None = None) -> None:
        contents = files.read(digest)
        self._pair: Pair = files.pair
        source, target = contents[files.source_vocabulary], contents[files.target_vocabulary]
        shared = source == target
        self._source = Vocabulary(files.source_vocabulary, source)
        self._target = self._source if shared else Vocabulary(files.target_vocabulary, target)
        network = read_network(read_model_file(files.model, contents[files.model]))
        for vocabulary, words in ((self._source, network.source), (self._target, network.target)):
            if len(vocabulary) > len(words.values):
                raise PermanentEngineError(
                    f"model {files.model} has {len(words.values)} words and its vocabulary {len(vocabulary)}: "
                    "they are of two models; fetch both again"
                )
        # An unknown word is no translation: Marian never writes it either.
        network = without_words(network, [self._target.unknown])
        shortlist = None
        if files.shortlist is not None:
            shortlist = read_shortlist(
                files.shortlist,
                len(self._source),
                network.output_bias,
                shared=shared,
                data=contents[files.shortlist],
            )
        self._student = Student(network, shortlist, end=self._target.end, precision=precision, kernel=kernel)

    def translate(self, texts: Sequence[str], crew: Crew) -> list[str]:
        """Translate texts of any length; equal parts once.

        Raises:
            PermanentEngineError: onnxruntime failed.
        """
        parts = self._cut(texts)
        distinct = list(dict.fromkeys(part.strip() for cut in parts for part in cut))
        ids = self._source.encode(distinct)
        known = [number for number, words in enumerate(ids) if words]
        written = crew.translate(self._student, [[*ids[number], self._source.end] for number in known])
        # What has no word, such as white space and control characters, stays as it is.
        translations = dict(zip(distinct, distinct, strict=True))
        translations |= zip([distinct[number] for number in known], self._target.decode(written), strict=True)
        return ["".join(_replaced(part, translations) for part in cut) for cut in parts]

    def _cut(self, texts: Sequence[str]) -> list[list[str]]:
        """Cut each text into parts that the model reads well; joined they are the text."""
        lengths = self._source.lengths(texts)
        return [[text] if length <= _ONE_GO else self._parts(text) for text, length in zip(texts, lengths, strict=True)]

    def _parts(self, text: str) -> list[str]:
        return [part for one in sentences(self._pair.source, text) for part in self._source.parts(one, _ONE_GO)]


def _replaced(part: str, translations: dict[str, str]) -> str:
    """Put a part's translation between the white space around it."""
    words = part.strip()
    start = part.index(words)
    return part[:start] + translations[words] + part[start + len(words) :]
