"""Checkpoints that CTranslate2 converted: OPUS-MT, M2M100, NLLB and MADLAD on processors and graphics cards."""

import hashlib
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import PermanentEngineError, UnavailableError
from translation.engine import Pair
from translation.engines.alphabets import Alphabet
from translation.engines.seq2seq.cutting import cut, joined
from translation.engines.seq2seq.devices import Cards, cards_of, held_to
from translation.engines.seq2seq.engine import BEAM, ModelsEngine
from translation.engines.seq2seq.families import LONGEST, Family, family_of
from translation.engines.seq2seq.pieces import Pieces, vocabulary_of

if TYPE_CHECKING:
    from ctranslate2 import Translator

TOKENS_AT_ONCE = 4_096
"""Pieces of a batch on a processor, padding included: CTranslate2 sorts by length and fills batches up to it."""

TOKENS_ON_CARD = 16_384
"""Pieces of a batch on a graphics card, which needs more to be busy."""

_END = "</s>"
_MARKS = frozenset((_END, "<pad>", "<s>", "<unk>"))


class ConvertedModel:
    """One converted checkpoint.

    Args:
        folder: what ``ct2-transformers-converter --copy_files`` wrote.
        device: see :func:`~translation.engines.seq2seq.devices.cards_of`; several graphics cards share the batches.
        threads: of one batch on a processor; 0 lets CTranslate2 choose.
        precision: ``float32``, ``float16``, ``bfloat16`` or ``int8``, or CTranslate2's name of a mixture; ``auto`` for
            int8, with the rest in float16 on a card.
        tokens: pieces of a batch; 0 for what suits the device.

    Raises:
        UnavailableError: there is no such folder.
        UsageError: it is of no family that is known.
    """

    def __init__(
        self, folder: Path, device: str = "auto", threads: int = 0, *, precision: str = "auto", tokens: int = 0
    ) -> None:
        weights = folder / "model.bin"
        if not weights.is_file() or not weights.stat().st_size:
            raise UnavailableError(f"engine ctranslate2: {folder} holds no converted model (model.bin)")
        self.folder = folder
        self.family: Family = family_of(folder, vocabulary_of(folder), folder.name)
        self._device = device
        self._threads = threads
        self._wanted = precision
        self._tokens = tokens
        self._pieces = Pieces(folder)

    @property
    def label(self) -> str:
        """Its folder's name."""
        return self.folder.name

    def digest(self) -> str:
        """Return a digest of the weights and of the precision in which they run."""
        return self._told

    def describe(self) -> str:
        """Say where it runs and in which precision."""
        where = f"cards {', '.join(map(str, self._cards))}" if self._cards else "processor"
        return f"{self._compute_type} on {where}"

    @cached_property
    def _told(self) -> str:
        return self._found()

    def _found(self) -> str:
        path = self.folder / "model.bin"
        return f"{_file_digest(path, path.stat().st_mtime_ns)} {self._compute_type}"

    @cached_property
    def alphabet(self) -> Alphabet:
        """The characters that its vocabularies have."""
        return self._pieces.alphabet

    @cached_property
    def _compute_type(self) -> str:
        import ctranslate2

        device, card = ("cuda", self._cards[0]) if self._cards else ("cpu", 0)
        wanted = ("int8_float16" if self._cards else "int8") if self._wanted == "auto" else self._wanted
        known = ctranslate2.get_supported_compute_types(device, card)
        if wanted not in known:
            raise UnavailableError(
                f"model {self.folder}: CTranslate2 has no {wanted} on this {device}; it has {', '.join(sorted(known))}"
            )
        return wanted

    @cached_property
    def _cards(self) -> Cards:
        import ctranslate2

        return cards_of(self._device, ctranslate2.get_cuda_device_count(), "CTranslate2")

    @cached_property
    def _translator(self) -> "Translator":
        import ctranslate2

        told = self._told
        try:
            if self._cards:
                translator = ctranslate2.Translator(
                    str(self.folder), device="cuda", device_index=list(self._cards), compute_type=self._compute_type
                )
            else:
                translator = ctranslate2.Translator(
                    str(self.folder), device="cpu", compute_type=self._compute_type, intra_threads=self._threads
                )
        except (RuntimeError, ValueError) as exc:
            raise UnavailableError(f"model {self.folder} can't be loaded: {exc}. Convert it again.") from exc
        held_to(told, self._found(), str(self.folder))
        return translator

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        """Translate texts; long ones in parts."""
        longest = LONGEST[self.family.name]
        parts = [cut(text, pair.source, longest, self._pieces.count) if text.strip() else [] for text in texts]
        before, behind = self.family.source_marks(pair), self.family.target_marks(pair)
        sources = [[*before, *self._pieces.cut(part), _END] for whole in parts for part in whole]
        try:
            answers = self._translator.translate_batch(
                sources,
                target_prefix=[behind] * len(sources) if behind else None,
                beam_size=BEAM,
                max_batch_size=self._tokens or (TOKENS_ON_CARD if self._cards else TOKENS_AT_ONCE),
                batch_type="tokens",
                max_input_length=0,  # 1,024 by default, beyond which it would cut in silence
                max_decoding_length=2 * longest,
                min_decoding_length=1,
            )
        except (RuntimeError, ValueError) as exc:
            raise PermanentEngineError(f"engine ctranslate2, {pair}: {exc}") from exc
        marks = _MARKS | frozenset(self.family.marks.values())
        said = iter([self._pieces.join(answer.hypotheses[0], marks) for answer in answers])
        return [
            joined([next(said) for _ in whole], pair.target) if whole else text
            for text, whole in zip(texts, parts, strict=True)
        ]


class ConvertedEngine(ModelsEngine):
    """Translates with converted checkpoints."""

    name = "ctranslate2"
    libraries = ("ctranslate2",)


@cache
def _file_digest(path: Path, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
