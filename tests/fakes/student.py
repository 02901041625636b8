"""A student model read and run by plain numpy in float32, one sentence at a time: what the batched engine is held to.

Written from Marian's description of the network and sharing nothing with the engine, so that a slip in one shows in
the other.
"""

import struct
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float32]]


def read_tensors(path: Path) -> dict[str, Any]:
    """Return every tensor in float32 as Marian means it, and ``special:model.yml`` as text."""
    with path.open("rb") as file:
        _, count = struct.unpack("<2Q", file.read(16))
        heads = [struct.unpack("<4Q", file.read(32)) for _ in range(count)]
        names = [file.read(head[0])[:-1].decode() for head in heads]
        shapes = [np.fromfile(file, "<i4", head[2]).tolist() for head in heads]
        file.seek(struct.unpack("<Q", file.read(8))[0], 1)
        tensors: dict[str, Any] = {}
        for name, shape, head in zip(names, shapes, heads, strict=True):
            data = file.read(head[3])
            if name.startswith("special:"):
                tensors[name] = data.rstrip(b"\0").decode()
            elif head[1] == 0x4101:
                size = shape[0] * shape[1]
                scale = np.frombuffer(data[size : size + 4], "<f4")[0]
                integers = np.frombuffer(data[:size], np.int8).astype(np.float32)
                turned = integers.reshape(shape) if name.endswith("Wemb") else integers.reshape(shape[::-1]).T
                tensors[name] = turned / scale
            else:
                tensors[name] = np.frombuffer(data[: 4 * int(np.prod(shape))], "<f4").reshape(shape)
    return tensors


def read_lists(path: Path) -> tuple[int, list[list[int]]]:
    """Return how many first words are always allowed, and each source word's list."""
    data = path.read_bytes()
    _, _, frequent, _, count, length = struct.unpack_from("<6Q", data)
    offsets = struct.unpack_from(f"<{count}Q", data, 48)
    entries = struct.unpack_from(f"<{length}I", data, 48 + 8 * count)
    return frequent, [list(entries[a:b]) for a, b in pairwise(offsets)]


class PlainStudent:
    """The network, word by word.

    Args:
        model: ``model.*.bin``.
        shortlist: ``lex.*.bin``, or none.
        never: target words that are never written.
    """

    def __init__(self, model: Path, shortlist: Path | None, never: Sequence[int] = ()) -> None:
        self.tensors = read_tensors(model)
        self.lists = read_lists(shortlist) if shortlist else None
        self.never = set(never)
        lines = [line.split(": ", 1) for line in self.tensors["special:model.yml"].splitlines() if ": " in line]
        options = dict(line for line in lines if len(line) == 2)
        self.heads = int(options["transformer-heads"])
        self.depths = int(options["enc-depth"]), int(options["dec-depth"])
        self.source = self.tensors.get("Wemb", self.tensors.get("encoder_Wemb"))
        self.target = self.tensors.get("Wemb", self.tensors.get("decoder_Wemb"))
        self.size = self.source.shape[1]

    def translate(self, words: Sequence[int], end: int = 0) -> list[int]:
        """Translate source word ids (their end included); the end of the translation is left out."""
        encoded = self._encode(words)
        allowed = self._allowed(words)
        states = [np.zeros(self.size, np.float32)] * self.depths[1]
        written: list[int] = []
        last: int | None = None
        while len(written) < 2 * len(words) + 2:
            row = self._position(len(written))
            if last is not None:
                row = row + self.target[last] * np.float32(self.size**0.5)
            for layer in range(self.depths[1]):
                row, states[layer] = self._decode_layer(f"decoder_l{layer + 1}", row, states[layer], encoded)
            scores = row @ self.target[allowed].T + self.tensors["decoder_ff_logit_out_b"][0, allowed]
            last = int(allowed[int(np.argmax(scores))])
            if last == end:
                break
            written.append(last)
        return written

    def _allowed(self, words: Sequence[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
        if self.lists is None:
            chosen = set(range(len(self.target)))
        else:
            frequent, lists = self.lists
            chosen = set(range(frequent)).union(*(lists[word] for word in words))
            if "Wemb" in self.tensors:  # one vocabulary: what is written may be what was read
                chosen.update(words)
        return np.array(sorted(chosen - self.never))

    def _position(self, number: int) -> Array:
        half = self.size // 2
        row = np.zeros(self.size)
        for index in range(half):
            angle = number / 10_000 ** (index / (half - 1))
            row[index], row[half + index] = np.sin(angle), np.cos(angle)
        return row.astype(np.float32)

    def _encode(self, words: Sequence[int]) -> Array:
        rows = np.stack([self._position(number) for number in range(len(words))])
        rows = rows + self.source[list(words)] * np.float32(self.size**0.5)
        for layer in range(self.depths[0]):
            name = f"encoder_l{layer + 1}"
            rows = self._attend(f"{name}_self", rows, rows)
            rows = self._feed(f"{name}_ffn", rows)
        return rows

    def _decode_layer(self, name: str, row: Array, state: Array, encoded: Array) -> tuple[Array, Array]:
        t = self.tensors
        keep = 1 / (1 + np.exp(-(row @ t[f"{name}_rnn_Wf"] + t[f"{name}_rnn_bf"][0])))
        state = keep * state + (1 - keep) * (row @ t[f"{name}_rnn_W"])
        row = self._norm(f"{name}_rnn_ffn", np.maximum(state, 0) + row)
        row = self._attend(f"{name}_context", row[None], encoded)[0]
        return self._feed(f"{name}_ffn", row[None])[0], state

    def _attend(self, name: str, rows: Array, memory: Array) -> Array:
        queries, keys, values = (
            self._linear(name, letter, given) for letter, given in (("q", rows), ("k", memory), ("v", memory))
        )
        width = self.size // self.heads
        joined = []
        for head in range(self.heads):
            part = slice(head * width, (head + 1) * width)
            scores = queries[:, part] @ keys[:, part].T / np.float32(np.sqrt(width))
            weights = np.exp(scores - scores.max(axis=1, keepdims=True))
            joined.append(weights / weights.sum(axis=1, keepdims=True) @ values[:, part])
        return self._norm(f"{name}_Wo", rows + self._linear(name, "o", np.concatenate(joined, axis=1)))

    def _linear(self, name: str, letter: str, rows: Array) -> Array:
        made: Array = rows @ self.tensors[f"{name}_W{letter}"] + self.tensors[f"{name}_b{letter}"]
        return made

    def _feed(self, name: str, rows: Array) -> Array:
        hidden = np.maximum(self._linear(name, "1", rows), 0)
        return self._norm(f"{name}_ffn", rows + self._linear(name, "2", hidden))

    def _norm(self, name: str, rows: Array) -> Array:
        mean = rows.mean(axis=-1, keepdims=True)
        spread = np.sqrt(((rows - mean) ** 2).mean(axis=-1, keepdims=True) + 1e-6)
        scaled = (rows - mean) / spread * self.tensors[f"{name}_ln_scale"] + self.tensors[f"{name}_ln_bias"]
        return scaled.reshape(rows.shape).astype(np.float32)


def write_model(path: Path, options: dict[str, Any], tensors: dict[str, np.ndarray[Any, Any]]) -> None:
    """Write a model file; int8 tensors are given as they shall be stored, their multiplier being 100."""
    lines = "\n".join(f"{name}: {value}" for name, value in options.items())
    entries = [("special:model.yml", 0x101, (len(lines) + 1,), lines.encode() + b"\0")]
    for name, values in tensors.items():
        if values.dtype == np.int8:
            stored = values if name.endswith("Wemb") else np.ascontiguousarray(values.T)
            entries.append((name, 0x4101, values.shape, stored.tobytes() + struct.pack("<f", 100.0)))
        else:
            entries.append((name, 0x404, values.shape, values.astype("<f4").tobytes()))
    with path.open("wb") as file:
        file.write(struct.pack("<2Q", 1, len(entries)))
        for name, kind, shape, data in entries:
            file.write(struct.pack("<4Q", len(name) + 1, kind, len(shape), len(data)))
        for name, *_ in entries:
            file.write(name.encode() + b"\0")
        for _, _, shape, _ in entries:
            file.write(struct.pack(f"<{len(shape)}i", *shape))
        file.write(struct.pack("<Q", 3) + b"\0" * 3)
        for *_, data in entries:
            file.write(data)


def random_model(
    *,
    size: int,
    heads: int,
    hidden: int,
    layers: tuple[int, int],
    words: tuple[int, int],
    shared: bool,
    int8: bool,
    seed: int = 7,
) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """Return the options and tensors of a network of any size with random weights."""
    random = np.random.default_rng(seed)

    def matrix(rows: int, columns: int) -> np.ndarray[Any, Any]:
        values = random.normal(0, 0.3, (rows, columns))
        return np.clip(values * 100, -127, 127).astype(np.int8) if int8 else values.astype(np.float32)

    def vector(length: int, middle: float = 0.0) -> np.ndarray[Any, Any]:
        return (middle + random.normal(0, 0.1, (1, length))).astype(np.float32)

    tensors: dict[str, np.ndarray[Any, Any]] = {"decoder_ff_logit_out_b": vector(words[1])}
    if shared:
        tensors["Wemb"] = matrix(words[0], size)
    else:
        tensors |= {"encoder_Wemb": matrix(words[0], size), "decoder_Wemb": matrix(words[1], size)}
    for side, depth, attention in (("encoder", layers[0], "self"), ("decoder", layers[1], "context")):
        for name in (f"{side}_l{number + 1}" for number in range(depth)):
            for letter in "qkvo":
                tensors[f"{name}_{attention}_W{letter}"] = matrix(size, size)
                tensors[f"{name}_{attention}_b{letter}"] = vector(size)
            tensors |= {f"{name}_ffn_W1": matrix(size, hidden), f"{name}_ffn_W2": matrix(hidden, size)}
            tensors |= {f"{name}_ffn_b1": vector(hidden), f"{name}_ffn_b2": vector(size)}
            norms = [f"{name}_{attention}_Wo", f"{name}_ffn_ffn"]
            if side == "decoder":
                tensors |= {f"{name}_rnn_W": matrix(size, size), f"{name}_rnn_Wf": matrix(size, size)}
                tensors[f"{name}_rnn_bf"] = vector(size)
                norms.append(f"{name}_rnn_ffn")
            for norm in norms:
                tensors |= {f"{norm}_ln_scale": vector(size, 1.0), f"{norm}_ln_bias": vector(size)}
    options = {"type": "transformer", "dec-cell": "ssru", "transformer-decoder-autoreg": "rnn"}
    depths = {"transformer-heads": heads, "enc-depth": layers[0], "dec-depth": layers[1]}
    return {**options, **depths, "transformer-ffn-activation": "relu"}, tensors
