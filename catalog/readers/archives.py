"""gzip, ZIP and .tar.gz archives: each file inside that may be a catalog is one.

A file is unpacked to a temporary one, because readers pass over it several times; never under the name that the
archive gives it, and never more of it than the limits allow, whatever the archive says about sizes. The temporary file
goes when its reader does. An archive inside an archive is refused.
"""

import gzip
import re
import shutil
import stat
import tempfile
import weakref
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from catalog.errors import UnreadableFileError
from catalog.model import RowError
from catalog.readers import tarballs
from catalog.readers.base import CatalogReader, FileShape, Record
from catalog.readers.identify import is_archive
from catalog.readers.packages import DAMAGED_ZIP, MAX_UNPACKED, SUSPICIOUS_SIZE, is_link, too_much
from catalog.readers.tarballs import is_tarball
from catalog.readers.text import show

MAX_RATIO = 250
"""How many times its size a file above 50 MB may unpack to; catalogs of shops stay below 30."""
_CHUNK = 1 << 20
_CLEAR = re.compile(r"\.(?:csv|tsv|tab|xlsx|xlsm|xltx|xls|ods|json|jsonl|ndjson|xml|rss|atom)", re.IGNORECASE)
"""Endings of catalogs; files with another one (``.txt``, none) are asked only where no such file is there."""
_MAYBE = re.compile(r"\.(?:txt|dat|asc|export|feed|html?)?", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(?:zip|gz|tgz|bz2|xz|7z|rar|tar|zst)", re.IGNORECASE)
_CLIMBS = re.compile(r"^(?:[A-Za-z]:|[\\/])|(?:^|[\\/])\.\.(?:[\\/]|$)")


def members(path: Path) -> tuple[str, ...]:
    """List the files in an archive that may be catalogs; for gzip the one file, by its name without ``.gz``.

    Raises:
        UnreadableFileError: the archive is damaged, protected, a bomb, or holds no such file.
    """
    with _one_error(path):
        if _is_gzip(path):
            if is_tarball(path):
                return tuple(_found(path, _tar_parts(path)))
            return (path.stem if path.suffix.lower() in (".gz", ".gzip") else path.name,)
        with zipfile.ZipFile(path) as archive:
            return tuple(_found(path, archive.infolist()))


def unread_members(path: Path) -> tuple[str, ...]:
    """List the files in an archive that are read as no catalog: empty ones, pictures, archives, texts beside tables.

    Raises:
        UnreadableFileError: as :func:`members`.
    """
    read = set(members(path))
    with _one_error(path):
        if _is_gzip(path):
            parts = _tar_parts(path) if is_tarball(path) else []
        else:
            with zipfile.ZipFile(path) as archive:
                parts = archive.infolist()
    names = [part.filename for part in parts if not part.filename.endswith("/")]
    return tuple(name for name in names if name not in read and not _is_litter(name))


def open_member(path: Path, member: str | None, reader_of: Callable[[Path], CatalogReader]) -> CatalogReader:
    """Return a reader of a file inside an archive.

    Args:
        path: the archive.
        member: name of the file as :func:`members` gives it; not needed where there is one.
        reader_of: opens a file that was unpacked.

    Raises:
        UnreadableFileError: no such member, several and none named, or it can't be read.
    """
    known = members(path)
    if member is None and len(known) > 1:
        names = ", ".join(map(show, known[:10]))
        raise UnreadableFileError(path.name, f"the archive holds {len(known)} catalogs ({names}): send each by itself")
    chosen = known[0] if member is None else member
    if chosen not in known:
        raise UnreadableFileError(path.name, f"there is no catalog {show(chosen)} in this archive")
    folder = Path(tempfile.mkdtemp(prefix="lexicart-"))
    try:
        unpacked = _unpack(path, chosen, folder / f"member{Path(chosen).suffix[:10]}")
        with _named(path, chosen):
            reader = reader_of(unpacked)
        return _MemberReader(path, chosen, folder, reader)
    except BaseException:
        shutil.rmtree(folder)
        raise


class _MemberReader:
    """Reads a file that was unpacked; errors name the archive and the file in it."""

    def __init__(self, path: Path, member: str, folder: Path, reader: CatalogReader) -> None:
        self._path = path
        self._member = member
        self._reader = reader
        weakref.finalize(self, shutil.rmtree, folder)

    def shape(self) -> FileShape:
        """Say how the file is understood; the shape names it as ``member``.

        Raises:
            UnreadableFileError: it can't be read.
        """
        with _named(self._path, self._member):
            return replace(self._reader.shape(), member=self._member)

    def records(self) -> Iterator[Record | RowError]:
        """Yield every record, in order."""
        with _named(self._path, self._member):
            yield from self._reader.records()


@contextmanager
def _named(path: Path, member: str) -> Iterator[None]:
    """Name the file in its archive, rather than the temporary one, in errors."""
    try:
        yield
    except UnreadableFileError as error:
        raise UnreadableFileError(f"{path.name}/{show(member)}", error.reason, error.line) from error


@contextmanager
def _one_error(path: Path) -> Iterator[None]:
    try:
        yield
    except NotImplementedError as problem:
        reason = f"the archive is packed in an uncommon way ({problem}): pack it as plain ZIP or gzip"
        raise UnreadableFileError(path.name, reason) from problem
    except DAMAGED_ZIP as problem:
        if "password" in str(problem) or "encrypted" in str(problem):
            raise _protected(path) from problem
        reason = f"the archive is damaged ({str(problem)[:200]}): pack it again and send it"
        raise UnreadableFileError(path.name, reason) from problem


def _found(path: Path, parts: list[zipfile.ZipInfo]) -> list[str]:
    """Return the names of the catalogs among the parts of an archive, after checking that it means no harm."""
    reason = too_much(parts)
    if reason is not None:
        raise UnreadableFileError(path.name, reason)
    for part in parts:
        if _CLIMBS.search(part.filename) or _CLIMBS.search(part.orig_filename) or is_link(part):
            reason = f"the archive holds a path that leads out of it ({show(part.filename)}): pack the catalog alone"
            raise UnreadableFileError(path.name, reason)
    files = [
        part for part in parts if not part.filename.endswith("/") and part.file_size and not _is_litter(part.filename)
    ]
    names = [part.filename for part in files if _CLEAR.fullmatch(Path(part.filename).suffix)]
    names = names or [part.filename for part in files if _MAYBE.fullmatch(Path(part.filename).suffix)]
    if not names:
        nested = any(_ARCHIVE.fullmatch(Path(part.filename).suffix) for part in files)
        reason = (
            "it holds another archive: send that one" if nested else "it holds no catalog: pack CSV, XLSX, JSON or XML"
        )
        raise UnreadableFileError(path.name, f"this is an archive, and {reason}")
    if len(set(names)) < len(names):
        raise UnreadableFileError(path.name, "two files in the archive have the same name: pack it again")
    if any(part.flag_bits & 1 for part in files if part.filename in names):
        raise _protected(path)
    return names


def _protected(path: Path) -> UnreadableFileError:
    return UnreadableFileError(
        path.name, "the archive is protected by a password: pack it without one and send it again"
    )


def _is_litter(name: str) -> bool:
    """Whether a file was put there by an operating system: ``__MACOSX/._a.csv``, ``.DS_Store``, ``~$open.xlsx``."""
    parts = re.split(r"[\\/]", name)
    return "__MACOSX" in parts or parts[-1].startswith((".", "~$"))


def _unpack(path: Path, member: str, target: Path) -> Path:
    with _one_error(path):
        if _is_gzip(path):
            if is_tarball(path):
                with tarballs.opened(path) as entries:
                    content = next(content for entry, content in entries if entry.name == member)
                    _copy(path, content, target, path.stat().st_size)
            else:
                with gzip.open(path) as packed:
                    _copy(path, packed, target, path.stat().st_size)
        else:
            with zipfile.ZipFile(path) as archive, archive.open(member) as packed:
                _copy(path, packed, target, archive.getinfo(member).compress_size)
    if is_archive(target):
        raise UnreadableFileError(path.name, "this is an archive inside an archive: send the inner one")
    return target


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _tar_parts(path: Path) -> list[zipfile.ZipInfo]:
    """Return what a .tar.gz holds, as the parts of a ZIP archive, which are judged by the same rules.

    Raises:
        UnreadableFileError: it unpacks to more than is read.
    """
    parts: list[zipfile.ZipInfo] = []
    size = 0
    with tarballs.opened(path) as entries:
        for entry, content in entries:
            part = zipfile.ZipInfo(entry.name.rstrip("/") + "/" if entry.kind == "folder" else entry.name)
            part.file_size = part.compress_size = entry.size if entry.kind == "file" else 0
            part.external_attr = stat.S_IFLNK << 16 if entry.kind == "link" else 0
            parts.append(part)
            while data := content.read(_CHUNK):
                size += len(data)
                _check_size(path, size, path.stat().st_size)
    return parts


def _copy(path: Path, packed: IO[bytes] | gzip.GzipFile | tarballs.Content, target: Path, packed_size: int) -> None:
    size = 0
    with target.open("wb") as out:
        while chunk := packed.read(_CHUNK):
            size += len(chunk)
            _check_size(path, size, packed_size)
            out.write(chunk)


def _check_size(path: Path, size: int, packed_size: int) -> None:
    if size > MAX_UNPACKED:
        raise UnreadableFileError(path.name, f"it unpacks to more than {MAX_UNPACKED:,} bytes: send it in parts")
    if size > SUSPICIOUS_SIZE and size > MAX_RATIO * max(1, packed_size):
        reason = f"it unpacks to more than {MAX_RATIO} times its size: this is no catalog"
        raise UnreadableFileError(path.name, reason)
