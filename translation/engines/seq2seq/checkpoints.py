"""Checkpoints of transformers, from a folder or a hub: MarianMT, M2M100, NLLB and MADLAD, on PyTorch."""

import hashlib
import json
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from catalog.errors import PermanentEngineError, TransientEngineError, UnavailableError
from translation.engine import Pair
from translation.engines.alphabets import Alphabet
from translation.engines.seq2seq.cutting import cut, joined
from translation.engines.seq2seq.devices import cards_of, held_to
from translation.engines.seq2seq.engine import BEAM, ModelsEngine
from translation.engines.seq2seq.families import LONGEST, Family, family_of

TOKENS_AT_ONCE = 2_048
"""Pieces of a batch on a processor, padding included."""

TOKENS_ON_CARD = 16_384
"""Pieces of a batch on a graphics card, which needs more to be busy; halved where its memory does not hold them."""

_LEAST_ROOM = 16

_PRECISIONS = ("float32", "float16", "bfloat16")


class Checkpoint:
    """One checkpoint of transformers.

    Args:
        name: its folder, or its name on a hub such as ``Helsinki-NLP/opus-mt-en-de``.
        device: see :func:`~translation.engines.seq2seq.devices.cards_of`.
        precision: ``float32``, ``float16`` or ``bfloat16``; ``auto`` for float32 on a processor, and on a card for
            bfloat16 where it has that, else float16.
        tokens: pieces of a batch; 0 for what suits the device.

    Raises:
        UnavailableError: transformers and PyTorch are not installed, or the checkpoint can't be had.
        UsageError: it is of no family that is known.
    """

    def __init__(self, name: str, device: str = "auto", *, precision: str = "auto", tokens: int = 0) -> None:
        self.name = name
        self._device = device
        self._wanted = precision
        self._tokens = tokens
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._transformers, self._torch = _libraries()
        self._tokenizer = self._new_tokenizer()
        self._config = self._fetched(lambda: self._transformers.AutoConfig.from_pretrained(name))
        self.family: Family = family_of(Path(name), self._vocabulary(), name)

    def _new_tokenizer(self) -> Any:
        return self._fetched(lambda: self._transformers.AutoTokenizer.from_pretrained(self.name))

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
        return self._told

    def describe(self) -> str:
        """Say where it runs and in which precision."""
        return f"{self._precision} on {', '.join(self._devices)}"

    @cached_property
    def _told(self) -> str:
        return self._found()

    def _found(self) -> str:
        folder = Path(self.name)
        weights = sorted(folder.glob("*.safetensors")) + sorted(folder.glob("*.bin"))
        files = [f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in weights]
        said = [self._config.to_json_string(), str(getattr(self._config, "_commit_hash", "")), *files, self._precision]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]

    @cached_property
    def alphabet(self) -> Alphabet:
        """The characters that its tokenizer has."""
        return Alphabet(self._reads, self._writes)

    def _reads(self, character: str) -> bool:
        with self._lock:
            return self._tokenizer.unk_token_id not in self._tokenizer(character)["input_ids"]

    def _writes(self, character: str) -> bool:
        with self._lock:
            return self._tokenizer.unk_token_id not in self._tokenizer(text_target=character)["input_ids"]

    @cached_property
    def _devices(self) -> tuple[str, ...]:
        cards = cards_of(self._device, self._torch.cuda.device_count(), "PyTorch")
        return tuple(f"cuda:{card}" for card in cards) or ("cpu",)

    @property
    def _on_card(self) -> bool:
        return self._devices[0] != "cpu"

    @cached_property
    def _precision(self) -> str:
        if self._wanted == "auto":
            if not self._on_card:
                return "float32"
            return "bfloat16" if self._torch.cuda.is_bf16_supported() else "float16"
        if self._wanted not in _PRECISIONS:
            raise UnavailableError(
                f"engine transformers: {self.name} can't run in {self._wanted}; it can in {', '.join(_PRECISIONS)}"
            )
        return self._wanted

    @cached_property
    def _copies(self) -> "queue.SimpleQueue[_Copy]":
        """One copy a device; who translates takes one that is free, and puts it back."""
        told, copies = self._told, queue.SimpleQueue[_Copy]()
        load = self._transformers.AutoModelForSeq2SeqLM.from_pretrained
        for device in self._devices:
            model = self._fetched(lambda: load(self.name, dtype=getattr(self._torch, self._precision)))
            copies.put(_Copy(device, self._new_tokenizer(), model.to(device).eval()))
        held_to(told, self._found(), self.name)
        return copies

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        """Translate texts, long ones in parts, those of like length together."""
        longest = LONGEST[self.family.name]
        parts = [cut(text, pair.source, longest, self._count) if text.strip() else [] for text in texts]
        flat = [part for whole in parts for part in whole]
        said: dict[int, str] = {}
        with self._loading:
            copies = self._copies
        copy = copies.get()
        try:
            for batch, room in self._batches(flat):
                said.update(zip(batch, self._generate(copy, pair, [flat[place] for place in batch], room), strict=True))
        finally:
            copies.put(copy)
        answers = iter([said[place] for place in range(len(flat))])
        return [
            joined([next(answers) for _ in whole], pair.target) if whole else text
            for text, whole in zip(texts, parts, strict=True)
        ]

    def _count(self, text: str) -> int:
        with self._lock:
            return len(self._tokenizer.tokenize(text))

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[list[int], int]]:
        """Yield places of texts of like length, and how many pieces the longest may have.

        How long an answer may become follows from that room, so that it never depends on a text's neighbours.
        """
        tokens = self._tokens or (TOKENS_ON_CARD if self._on_card else TOKENS_AT_ONCE)
        rooms: dict[int, list[int]] = {}
        for place, text in enumerate(texts):
            rooms.setdefault(max(_LEAST_ROOM, 1 << (self._count(text) + 1).bit_length()), []).append(place)
        for room, places in sorted(rooms.items(), reverse=True):
            size = max(1, tokens // room)
            for start in range(0, len(places), size):
                yield places[start : start + size], room

    def _generate(self, copy: "_Copy", pair: Pair, texts: Sequence[str], room: int) -> list[str]:
        try:
            return self._generated(copy, pair, texts, room)
        except self._torch.cuda.OutOfMemoryError as exc:
            self._torch.cuda.empty_cache()
            if len(texts) == 1:
                raise TransientEngineError(f"engine transformers, {pair}: the card's memory is full: {exc}") from exc
            half = len(texts) // 2
            first = self._generate(copy, pair, texts[:half], room)
            return [*first, *self._generate(copy, pair, texts[half:], room)]
        except (RuntimeError, ValueError, IndexError) as exc:
            raise PermanentEngineError(f"engine transformers, {pair}: {str(exc)[:200]}") from exc

    def _generated(self, copy: "_Copy", pair: Pair, texts: Sequence[str], room: int) -> list[str]:
        marks = self.family
        options: dict[str, Any] = {}
        if marks.name == "madlad":
            texts = [f"{marks.marks[pair.target]} {text}" for text in texts]
        elif marks.marks:
            copy.tokenizer.src_lang = pair.source if marks.name == "m2m100" else marks.marks[pair.source]
            options["forced_bos_token_id"] = copy.tokenizer.convert_tokens_to_ids(marks.marks[pair.target])
        inputs = copy.tokenizer(list(texts), return_tensors="pt", padding=True, truncation=False).to(copy.device)
        with self._torch.inference_mode():
            found = copy.model.generate(
                **inputs, **options, num_beams=BEAM, do_sample=False, max_new_tokens=2 * room, min_new_tokens=1
            )
        return list(copy.tokenizer.batch_decode(found, skip_special_tokens=True))


@dataclass(frozen=True, slots=True)
class _Copy:
    """A model on one device; its tokenizer keeps its source language in itself, so that only one may use it."""

    device: str
    tokenizer: Any
    model: Any


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
