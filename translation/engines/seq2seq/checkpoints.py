"""Checkpoints of transformers, from a folder or a hub: MarianMT, M2M100, NLLB and MADLAD, on PyTorch."""

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from catalog.errors import PermanentEngineError, TransientEngineError, UnavailableError
from translation.engine import Pair
from translation.engines.seq2seq.cutting import cut, joined
from translation.engines.seq2seq.engine import BEAM, ModelsEngine
from translation.engines.seq2seq.families import LONGEST, Family, family_of

TOKENS_AT_ONCE = 2_048
"""Pieces of a batch, padding included."""

_LEAST_ROOM = 16


class Checkpoint:
    """One checkpoint of transformers.

    Args:
        name: its folder, or its name on a hub such as ``Helsinki-NLP/opus-mt-en-de``.
        device: ``cpu``, ``cuda``, ``cuda:1`` (one card a worker) or ``auto``.

    Raises:
        UnavailableError: transformers and PyTorch are not installed, or the checkpoint can't be had.
        UsageError: it is of no family that is known.
    """

    def __init__(self, name: str, device: str = "auto") -> None:
        self.name = name
        self._wanted = device
        self._lock = threading.Lock()
        self._transformers, self._torch = _libraries()
        self._tokenizer = self._fetched(lambda: self._transformers.AutoTokenizer.from_pretrained(name))
        self._config = self._fetched(lambda: self._transformers.AutoConfig.from_pretrained(name))
        self.family: Family = family_of(Path(name), self._vocabulary(), name)

    def _vocabulary(self) -> set[str]:
        """Return all pieces and marks; some tokenizers keep those of languages beside their vocabulary."""
        tokenizer = self._tokenizer
        marks = getattr(tokenizer, "lang_code_to_token", None) or {}
        return {*tokenizer.get_vocab(), *tokenizer.all_special_tokens, *marks.values()}

    def _fetched(self, load: Any) -> Any:
        try:
            return load()
        except (OSError, ValueError) as exc:
            reason = str(exc).strip().splitlines()[0][:200] if str(exc).strip() else type(exc).__name__
            raise UnavailableError(
                f"engine transformers: {self.name} can't be loaded ({reason}): give the folder of a checkpoint, or its "
                "name on a hub that this machine reaches"
            ) from exc

    @property
    def label(self) -> str:
        """Its name, or its folder."""
        return self.name

    def digest(self) -> str:
        """Return a digest of the checkpoint's configuration, revision and precision."""
        folder = Path(self.name)
        weights = sorted(folder.glob("*.safetensors")) + sorted(folder.glob("*.bin"))
        files = [f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in weights]
        said = [self._config.to_json_string(), str(getattr(self._config, "_commit_hash", "")), *files, self._precision]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]

    @cached_property
    def _device(self) -> str:
        cards = self._torch.cuda.is_available()
        if self._wanted.startswith("cuda") and not cards:
            raise UnavailableError(f"LEXICART_DEVICE={self._wanted}: PyTorch finds no graphics card; use cpu or auto")
        return ("cuda" if cards else "cpu") if self._wanted == "auto" else self._wanted

    @cached_property
    def _precision(self) -> str:
        if self._device == "cpu":
            return "float32"
        return "bfloat16" if self._torch.cuda.is_bf16_supported() else "float16"

    @cached_property
    def _model(self) -> Any:
        precision = getattr(self._torch, self._precision)
        load = self._transformers.AutoModelForSeq2SeqLM.from_pretrained
        return self._fetched(lambda: load(self.name, dtype=precision)).to(self._device).eval()

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        """Translate texts, long ones in parts, those of like length together."""
        longest = LONGEST[self.family.name]
        parts = [cut(text, pair.source, longest, self._count) if text.strip() else [] for text in texts]
        flat = [part for whole in parts for part in whole]
        said: dict[int, str] = {}
        with self._lock:  # a tokenizer keeps its source language in itself
            for batch, room in self._batches(flat):
                said.update(zip(batch, self._generate(pair, [flat[place] for place in batch], room), strict=True))
        answers = iter([said[place] for place in range(len(flat))])
        return [
            joined([next(answers) for _ in whole], pair.target) if whole else text
            for text, whole in zip(texts, parts, strict=True)
        ]

    def _count(self, text: str) -> int:
        return len(self._tokenizer.tokenize(text))

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[list[int], int]]:
        """Yield places of texts of like length, and how many pieces the longest may have.

        How long an answer may become follows from that room, so that it never depends on a text's neighbours.
        """
        rooms: dict[int, list[int]] = {}
        for place, text in enumerate(texts):
            rooms.setdefault(max(_LEAST_ROOM, 1 << (self._count(text) + 1).bit_length()), []).append(place)
        for room, places in sorted(rooms.items(), reverse=True):
            size = max(1, TOKENS_AT_ONCE // room)
            for start in range(0, len(places), size):
                yield places[start : start + size], room

    def _generate(self, pair: Pair, texts: Sequence[str], room: int) -> list[str]:
        marks = self.family
        options: dict[str, Any] = {}
        if marks.name == "madlad":
            texts = [f"{marks.marks[pair.target]} {text}" for text in texts]
        elif marks.marks:
            self._tokenizer.src_lang = pair.source if marks.name == "m2m100" else marks.marks[pair.source]
            options["forced_bos_token_id"] = self._tokenizer.convert_tokens_to_ids(marks.marks[pair.target])
        inputs = self._tokenizer(list(texts), return_tensors="pt", padding=True, truncation=False).to(self._device)
        try:
            with self._torch.inference_mode():
                found = self._model.generate(
                    **inputs, **options, num_beams=BEAM, do_sample=False, max_new_tokens=2 * room, min_new_tokens=1
                )
        except self._torch.cuda.OutOfMemoryError as exc:
            self._torch.cuda.empty_cache()
            raise TransientEngineError(f"engine transformers, {pair}: the card's memory is full: {exc}") from exc
        except (RuntimeError, ValueError, IndexError) as exc:
            raise PermanentEngineError(f"engine transformers, {pair}: {str(exc)[:200]}") from exc
        return list(self._tokenizer.batch_decode(found, skip_special_tokens=True))


def _libraries() -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as exc:
        raise UnavailableError(
            f"engine transformers: {exc.name} is not installed: pip install 'lexicart[transformers]' (2.9 GB)"
        ) from exc
    return transformers, torch


class CheckpointEngine(ModelsEngine):
    """Translates with checkpoints of transformers."""

    name = "transformers"
    libraries = ("transformers", "torch")
