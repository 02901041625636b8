"""Checkpoints that CTranslate2 converted: OPUS-MT, M2M100, NLLB and MADLAD on processors and graphics cards."""

import hashlib
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import PermanentEngineError, UnavailableError
from translation.engine import Pair
from translation.engines.seq2seq.cutting import cut, joined
from translation.engines.seq2seq.engine import BEAM, ModelsEngine
from translation.engines.seq2seq.families import LONGEST, Family, family_of
from translation.engines.seq2seq.pieces import Pieces, vocabulary_of

if TYPE_CHECKING:
    from ctranslate2 import Translator

TOKENS_AT_ONCE = 4_096
"""Pieces of a batch, padding included: CTranslate2 sorts by length and fills batches up to it."""

_END = "</s>"
_MARKS = frozenset((_END, "<pad>", "<s>", "<unk>"))


class ConvertedModel:
    """One converted checkpoint.

    Args:
        folder: what ``ct2-transformers-converter --copy_files`` wrote.
        device: ``cpu``, ``cuda`` or ``auto``; several graphics cards share the batches.
        threads: of one batch on a processor; 0 lets CTranslate2 choose.

    Raises:
        UnavailableError: there is no such folder.
        UsageError: it is of no family that is known.
    """

    def __init__(self, folder: Path, device: str = "auto", threads: int = 0) -> None:
        if not (folder / "model.bin").is_file():
            raise UnavailableError(f"engine ctranslate2: {folder} holds no converted model (model.bin)")
        self.folder = folder
        self.family: Family = family_of(folder, vocabulary_of(folder), folder.name)
        self._device = device
        self._threads = threads
        self._pieces = Pieces(folder)

    @property
    def label(self) -> str:
        """Its folder's name."""
        return self.folder.name

    def digest(self) -> str:
        """Return a digest of the weights and of the precision in which they run."""
        path = self.folder / "model.bin"
        return f"{_file_digest(path, path.stat().st_mtime_ns)} {self._compute_type}"

    @property
    def _compute_type(self) -> str:
        return "int8_float16" if self._on_card else "int8"

    @cached_property
    def _on_card(self) -> bool:
        import ctranslate2

        cards = ctranslate2.get_cuda_device_count()
        if self._device == "cuda" and not cards:
            raise UnavailableError("LEXICART_DEVICE=cuda: CTranslate2 finds no graphics card; use cpu or auto")
        return self._device != "cpu" and cards > 0

    @cached_property
    def _translator(self) -> "Translator":
        import ctranslate2

        try:
            if self._on_card:
                cards = list(range(ctranslate2.get_cuda_device_count()))
                return ctranslate2.Translator(
                    str(self.folder), device="cuda", device_index=cards, compute_type=self._compute_type
                )
            return ctranslate2.Translator(
                str(self.folder), device="cpu", compute_type=self._compute_type, intra_threads=self._threads
            )
        except (RuntimeError, ValueError) as exc:
            raise PermanentEngineError(f"model {self.folder}: {exc}. Convert it again.") from exc

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
                max_batch_size=TOKENS_AT_ONCE,
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
