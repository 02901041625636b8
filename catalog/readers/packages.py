"""ZIP packages (XLSX, ODS, archives) that may have been made to harm: checked before anything is unpacked."""

import lzma
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from catalog.errors import UnreadableFileError

MAX_UNPACKED = 2_000_000_000
"""Bytes of all parts of a package together."""
MAX_PARTS = 10_000
BOMB_RATIO = 1_000
"""How many times its size a part above :data:`SUSPICIOUS_SIZE` may unpack to; deflate's own bound is 1,032."""
SUSPICIOUS_SIZE = 50_000_000

DAMAGED_ZIP: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
)
"""What the standard library raises on archives that are damaged, or made to look so."""


class TooLargeError(OverflowError):
    """A part of a workbook is larger than is read; says of what there is too much."""


_DECLARATION = re.compile(rb"<\s*!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def check_workbook(path: Path, held: Iterable[tuple[str, int]] = ()) -> None:
    """Refuse a workbook package that is damaged, protected, a bomb, or that declares XML entities.

    Args:
        path: the workbook.
        held: ends of part names and how many bytes such a part may have, because it is held in memory.

    Raises:
        UnreadableFileError: says which of these it is.
    """
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            reason = too_much(parts) or _too_large_to_hold(parts, tuple(held))
            if reason is None and any(part.flag_bits & 1 for part in parts):
                reason = "the workbook is protected by a password: save it without one and send it again"
            if reason is None and any(_declares_entities(package, part) for part in parts):
                reason = (
                    "a part of the workbook declares XML entities, which no spreadsheet program writes: save it again"
                )
    except DAMAGED_ZIP as problem:
        raise damaged(path, problem) from problem
    if reason is not None:
        raise UnreadableFileError(path.name, reason)


def damaged(path: Path, problem: Exception) -> UnreadableFileError:
    """Return the error for a workbook that can't be read."""
    what = f"{type(problem).__name__}: {problem}"[:200]
    return UnreadableFileError(path.name, f"the workbook is damaged ({what}): open it, save it again and send it")


def too_large(path: Path, problem: TooLargeError) -> UnreadableFileError:
    """Return the error for a workbook with more than is read."""
    return UnreadableFileError(path.name, f"{problem}: send it in parts, or as CSV")


def too_much(parts: list[zipfile.ZipInfo]) -> str | None:
    """Say why a package is a bomb, or ``None``; judged by the sizes that it states, beyond which nothing is read."""
    total = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS:
        return f"the file has {len(parts)} parts, more than {MAX_PARTS}: send the catalog alone"
    if total > MAX_UNPACKED:
        return f"the file unpacks to {total:,} bytes, more than {MAX_UNPACKED:,}: send it in parts, or as CSV"
    for part in parts:
        if part.file_size > SUSPICIOUS_SIZE and part.file_size > BOMB_RATIO * max(1, part.compress_size):
            return f"{part.filename[:100]} unpacks to more than {BOMB_RATIO} times its size: this is no catalog"
    return None


def is_link(part: zipfile.ZipInfo) -> bool:
    """Whether a member of an archive is a symbolic link."""
    return stat.S_ISLNK(part.external_attr >> 16)


def _too_large_to_hold(parts: list[zipfile.ZipInfo], held: tuple[tuple[str, int], ...]) -> str | None:
    for part in parts:
        for ending, most in held:
            if part.filename.endswith(ending) and part.file_size > most:
                return f"its part {ending} unpacks to {part.file_size:,} bytes, more than {most:,}: send CSV"
    return None


def _declares_entities(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    if not part.filename.endswith((".xml", ".rels")):
        return False
    with package.open(part) as file:
        head = file.read(4096).replace(b"\0", b"")  # so that UTF-16 hides nothing
    return _DECLARATION.search(head) is not None
