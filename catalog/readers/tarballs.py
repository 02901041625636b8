"""tar archives inside gzip (``.tar.gz``, ``.tgz``), as a stream.

Read here rather than by ``tarfile``, which holds extended headers and the maps of sparse files in memory whatever their
size. Only names, sizes and contents matter: what an archive says of owners, times and rights is passed over.
"""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_BLOCK = 512
_PIECE = 1 << 20
_LONGEST_HEADER = 1 << 16
"""Bytes of an extended header, which is held in memory; a long name has some hundred."""
MOST_HEADERS = 30_000
_FILE, _FOLDER, _LINKS = (b"0", b"\0", b"7"), b"5", (b"1", b"2")
_HEADERS = _LONG_NAME, _LONG_LINK, _EXTENDED, _OF_ALL = b"L", b"K", b"x", b"g"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in the archive; ``kind`` is ``file``, ``folder``, ``link`` or ``other`` (devices, sparse files)."""

    name: str
    kind: str
    size: int


class Content:
    """The bytes of an entry, in the place where the archive has just been read up to."""

    def __init__(self, packed: IO[bytes], size: int) -> None:
        self._packed = packed
        self.left = size

    def read(self, size: int) -> bytes:
        """Return the next bytes, none at the end.

        Raises:
            EOFError: the archive ends before its entry does.
        """
        data = self._packed.read(min(size, self.left))
        if not data and self.left:
            raise EOFError("the archive ends within a file")
        self.left -= len(data)
        return data


def is_tarball(path: Path) -> bool:
    """Say whether what a gzip file holds is a tar archive.

    Raises:
        OSError: it is no gzip file.
        EOFError: it is cut short.
        zlib.error: it is damaged.
    """
    with gzip.open(path) as packed:
        head = packed.read(_BLOCK)
    return head[257:262] == b"ustar"


@contextmanager
def opened(path: Path) -> Iterator[Iterator[tuple[Entry, Content]]]:
    """Yield the entries in order, each with its content, which is passed over where it is not read.

    Raises:
        ValueError: a header is damaged.
        EOFError: it is cut short.
    """
    with path.open("rb") as raw, gzip.GzipFile(fileobj=raw) as packed:
        yield _entries(packed)


def _entries(packed: IO[bytes] | gzip.GzipFile) -> Iterator[tuple[Entry, Content]]:
    stream: IO[bytes] = packed  # type: ignore[assignment]
    told: dict[str, str] = {}
    for _ in range(MOST_HEADERS):
        block = stream.read(_BLOCK)
        if len(block) < _BLOCK or not block.strip(b"\0"):
            return
        _check(block)
        kind = block[156:157]
        content = Content(stream, _number(block[124:136]))
        padding = -content.left % _BLOCK
        if kind in _HEADERS and content.left > _LONGEST_HEADER:
            raise ValueError(f"a header has more than {_LONGEST_HEADER:,} bytes")
        if kind in (_LONG_NAME, _EXTENDED):
            told |= _told(kind, content)
        elif kind not in (_LONG_LINK, _OF_ALL):
            size = _number(told["size"].encode(), 10) if "size" in told else content.left
            content.left, padding = size, -size % _BLOCK
            yield Entry(told.get("path") or _name(block), _kind(kind, told), size), content
            told = {}
        while content.read(_PIECE):
            pass
        stream.read(padding)
    raise ValueError(f"it has more than {MOST_HEADERS:,} entries")


def _check(block: bytes) -> None:
    total = sum(block[:148]) + 8 * ord(" ") + sum(block[156:])
    if total != _number(block[148:156]):
        raise ValueError("the sum of a header is wrong")


def _number(written: bytes, base: int = 8) -> int:
    if written[:1] >= b"\x80":  # large numbers are binary
        return int.from_bytes(written[1:], "big")
    digits = written.split(b"\0")[0].strip() or b"0"
    if not digits.isdigit():
        raise ValueError(f"{digits!r} is no size")
    return int(digits, base)


def _name(block: bytes) -> str:
    name, prefix = block[:100].split(b"\0")[0], block[345:500].split(b"\0")[0]
    # In GNU's own kind of header other things stand in the place of the prefix.
    whole = b"/".join((prefix, name)) if prefix and block[257:263] == b"ustar\0" else name
    return whole.decode("utf-8", "replace")


def _kind(kind: bytes, told: dict[str, str]) -> str:
    if any(name.startswith("GNU.sparse") for name in told):
        return "other"
    if kind in _FILE:
        return "file"
    if kind == _FOLDER:
        return "folder"
    return "link" if kind in _LINKS else "other"


def _told(kind: bytes, content: Content) -> dict[str, str]:
    """Return what an extended header says of the next entry: ``path``, ``size``, and whether it is sparse."""
    data = b"".join(iter(lambda: content.read(_LONGEST_HEADER), b""))
    if kind == _LONG_NAME:
        return {"path": data.rstrip(b"\0").decode("utf-8", "replace")}
    found: dict[str, str] = {}
    while data:
        length = int(data.partition(b" ")[0])
        name, _, value = data[:length].partition(b" ")[2].rstrip(b"\n").partition(b"=")
        if length < 4:
            raise ValueError("an extended header is damaged")
        if name in (b"path", b"size") or name.startswith(b"GNU.sparse"):
            found[name.decode("ascii", "replace")] = value.decode("utf-8", "replace")
        data = data[length:]
    return found
