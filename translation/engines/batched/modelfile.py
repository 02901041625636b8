"""Reading Marian's model file, ``model.*.bin``: named tensors and the options of the training.

The file is little-endian: u64 version, u64 number of tensors, then for each tensor u64 length of its name, type,
number of dimensions and length of its data; then all names, all shapes (i32), u64 length of a padding with the padding,
and all data. A matrix in int8 is followed by the f32 by which its values were multiplied, and stands transposed unless
it is an embedding.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.errors import PermanentEngineError

VERSION = 1
OPTIONS = "special:model.yml"

_FLOAT32 = 0x404
_INT8 = 0x101
_INTGEMM8 = 0x4101

_HEADER = struct.Struct("<QQ")
_ENTRY = struct.Struct("<QQQQ")


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix as it is kept: ``values / multiplier`` are the weights.

    Attributes:
        values: int8 or float32; ``[inputs, outputs]``, an embedding ``[words, size]``.
        multiplier: 1.0 where the values are float32.
    """

    values: NDArray[np.int8] | NDArray[np.float32]
    multiplier: float

    @property
    def is_int8(self) -> bool:
        """Whether it can be multiplied as integers."""
        return self.values.dtype == np.int8

    @property
    def weights(self) -> NDArray[np.float32]:
        """The weights in float32."""
        return self.values.astype(np.float32) / np.float32(self.multiplier)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What stands in a model file.

    Attributes:
        path: for messages.
        matrices: what is int8 in the file, and float32 matrices of more than one row, by name.
        vectors: float32 of one row, by name; a single number is a vector of one.
        options: the lines ``name: value`` of the training's options; lists and nested ones are left out.
    """

    path: Path
    matrices: Mapping[str, Matrix]
    vectors: Mapping[str, NDArray[np.float32]]
    options: Mapping[str, str]


def read_model_file(path: Path, data: bytes | None = None) -> ModelFile:
    """Read a model file.

    Args:
        path: where it is.
        data: what is in it, where that was read before.

    Raises:
        PermanentEngineError: it is damaged or no such file; names it.
    """
    data = path.read_bytes() if data is None else data
    matrices: dict[str, Matrix] = {}
    vectors: dict[str, NDArray[np.float32]] = {}
    options: dict[str, str] = {}
    try:
        for name, kind, shape, raw in _tensors(data):
            if name == OPTIONS:
                options = _options(bytes(raw).decode().rstrip("\0"))
            elif kind == _INTGEMM8:
                matrices[name] = _int8_matrix(name, shape, raw)
            elif kind == _FLOAT32:
                values = np.frombuffer(raw, "<f4", _size(shape)).reshape(shape)
                if values.ndim == 2 and values.shape[0] > 1:
                    matrices[name] = Matrix(values, 1.0)
                else:
                    vectors[name] = values.reshape(-1)
            elif kind != _INT8:
                raise ValueError(f"tensor {name} has the type {kind:#x}, which is neither float32 nor intgemm8")
    except (ValueError, struct.error, MemoryError) as exc:
        raise PermanentEngineError(f"model {path}: {exc}. Fetch it again, or another build of this pair.") from exc
    return ModelFile(path, matrices, vectors, options)


def _tensors(data: bytes) -> Iterator[tuple[str, int, tuple[int, ...], memoryview]]:
    """Walk over the tensors: name, type, shape, data."""
    view = memoryview(data)
    version, count = _HEADER.unpack_from(data)
    if version != VERSION:
        raise ValueError(f"this is no model file of version {VERSION} (it begins with {version})")
    if count * _ENTRY.size > len(data):
        raise ValueError("it ends too early")
    entries = [_ENTRY.unpack_from(data, _HEADER.size + _ENTRY.size * number) for number in range(count)]
    at = _HEADER.size + _ENTRY.size * count
    names: list[str] = []
    for length, *_ in entries:
        names.append(bytes(view[at : at + length]).rstrip(b"\0").decode())
        at += length
    shapes: list[tuple[int, ...]] = []
    for _, _, dimensions, _ in entries:
        shapes.append(struct.unpack_from(f"<{dimensions}i", data, at))
        at += 4 * dimensions
    (padding,) = struct.unpack_from("<Q", data, at)
    at += 8 + padding
    for name, shape, (_, kind, _, length) in zip(names, shapes, entries, strict=True):
        if at + length > len(data):
            raise ValueError(f"it ends inside tensor {name}")
        yield name, kind, shape, view[at : at + length]
        at += length


def _int8_matrix(name: str, shape: tuple[int, ...], raw: memoryview) -> Matrix:
    if len(shape) > 2:
        raise ValueError(f"tensor {name} is no matrix: it has the shape {shape}")
    rows, columns = (1, *shape)[-2:] if shape else (1, 1)
    values = np.frombuffer(raw, np.int8, rows * columns)
    (multiplier,) = np.frombuffer(raw[rows * columns : rows * columns + 4], "<f4")
    if not multiplier > 0:
        raise ValueError(f"tensor {name} has the multiplier {multiplier}")
    stored = values.reshape(rows, columns) if name.endswith("Wemb") else values.reshape(columns, rows).T
    return Matrix(stored, float(multiplier))


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size


def _options(text: str) -> dict[str, str]:
    lines = (line.partition(":") for line in text.splitlines() if line[:1] not in ("", " ", "-", "#"))
    return {name: value.strip().strip('"') for name, _, value in lines}
