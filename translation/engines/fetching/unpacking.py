"""Unpacking what was transferred, never beyond what was announced."""

import gzip
import hashlib
import os
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from translation.engines.fetching.offers import Content

LARGEST = 500_000_000
"""Bytes of a file whose size nobody announced. The largest student has 60 million."""

_CHUNK = 1 << 20


class WrongContentError(Exception):
    """What came is not what was announced; the message says how."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a file held."""

    size: int
    sha256: str


def unpack(packed: Path, target: Path, announced: Content) -> Unpacked:
    """Write what ``packed`` holds into ``target`` and on to the disk.

    How it is packed is read from its first bytes: a server may have unpacked it on the way, whatever its name says.

    Raises:
        WrongContentError: it is damaged, larger than announced, or of another size or digest.
    """
    most = announced.size or LARGEST
    whole, size = hashlib.sha256(), 0
    opened, damaged = _opener(packed)
    with target.open("wb") as writing:
        try:
            with opened(packed) as reading:
                while chunk := reading.read(_CHUNK):
                    size += len(chunk)
                    if size > most:
                        raise WrongContentError(f"it holds more than {most:,} bytes")
                    whole.update(chunk)
                    writing.write(chunk)
        except damaged as exc:
            raise WrongContentError(f"it can't be unpacked ({exc})") from exc
        writing.flush()
        os.fsync(writing.fileno())
    found = Unpacked(size, whole.hexdigest())
    compare(found, announced)
    return found


def compare(found: Unpacked, announced: Content) -> None:
    """Compare what came with what was announced.

    Raises:
        WrongContentError: says both.
    """
    if announced.size is not None and found.size != announced.size:
        raise WrongContentError(f"it has {found.size:,} bytes and not {announced.size:,}")
    if announced.sha256 is not None and found.sha256 != announced.sha256:
        raise WrongContentError(f"its SHA-256 is {found.sha256} and not {announced.sha256}")


def measured(path: Path) -> Unpacked:
    """Return size and digest of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Unpacked(path.stat().st_size, digest)


_Opener = tuple[Callable[[Path], IO[bytes]], tuple[type[Exception], ...]]


def _opener(packed: Path) -> _Opener:
    """Return what opens the file for reading, and the errors by which that says that it is damaged."""
    with packed.open("rb") as file:
        begins = file.read(4)
    if begins.startswith(b"\x1f\x8b"):
        return (lambda path: gzip.open(path, "rb")), (gzip.BadGzipFile, EOFError, zlib.error)  # type: ignore[return-value]
    if begins == b"\x28\xb5\x2f\xfd":
        zstd = _zstd()
        return (lambda path: zstd.open(path, "rb")), (zstd.ZstdError, EOFError)
    return (lambda path: path.open("rb")), ()


def _zstd() -> Any:
    # Python's own from 3.14 on; before that its backport.
    return import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
