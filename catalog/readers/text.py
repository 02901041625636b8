"""Text files as numbered lines, in bounded memory, with bytes that are no text kept visible.

A byte that does not decode becomes a *mark*: one of 256 characters at the end of the last private plane, which no
catalog uses. Marks pass through every parser like letters and come out in the cell where the bytes stood; there
:func:`bad_bytes` turns them back into the bytes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from catalog.errors import UnreadableFileError
from catalog.model import RowError
from catalog.readers.base import Record

PIECE = 64 * 1024
"""Characters that are read at once; a longer line comes in several pieces."""

MAX_CELL = 10_000_000
"""Characters of the longest cell and record that are read: more is damage or an attack."""

_MARK_BASE = 0x10FF00
_UNDECODED = re.compile("[\udc80-\udcff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_OVERRIDES = "\u202d\u202e"
"""Controls that show a text in another order than it is stored: no catalog needs them, and they can hide what is meant.
The marks and isolates that Arabic text does need stay."""
_UNREADABLE = re.compile(f"[\0\ud800-\udfff{_OVERRIDES}{chr(_MARK_BASE)}-{chr(_MARK_BASE + 0xFF)}]")
_UNREADABLE_UTF8 = (b"\0", *(control.encode() for control in _OVERRIDES), chr(_MARK_BASE).encode()[:2])


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of a text file, or a part of a very long one.

    Attributes:
        line: number of the line, from 1.
        text: the text, line end included as it stands in the file.
    """

    line: int
    text: str

    @property
    def ends_line(self) -> bool:
        """Whether the line ends here."""
        return self.text.endswith(("\n", "\r"))


def read_pieces(path: Path, encoding: str) -> Iterator[Piece]:
    """Yield the lines of a file; CRLF, CR and LF all end a line. A byte order mark is not part of the text.

    Raises:
        UnreadableFileError: the file ends within a character.
    """
    line = 1
    with path.open(encoding=encoding, errors=_errors(encoding), newline="") as file:
        while text := _next_piece(file, path, line):
            if line == 1:
                text = text.removeprefix("\ufeff")
            yield Piece(line, _mark(text))
            if text.endswith(("\n", "\r")):
                line += 1


def read_lines(path: Path, encoding: str) -> Iterator[Piece]:
    """Yield the lines of a file, each as one piece.

    Raises:
        UnreadableFileError: a line is longer than :data:`MAX_CELL`.
    """
    pending: list[str] = []
    size = 0
    for piece in read_pieces(path, encoding):
        if piece.ends_line and not pending:
            yield piece
            continue
        pending.append(piece.text)
        size += len(piece.text)
        if size > MAX_CELL:
            raise too_long(path, piece.line)
        if piece.ends_line:
            yield Piece(piece.line, "".join(pending))
            pending, size = [], 0
    if pending:
        yield Piece(piece.line, "".join(pending))


def too_long(path: Path, line: int) -> UnreadableFileError:
    """Return the error for a line or cell above the limit."""
    reason = (
        f"more than {MAX_CELL // 1_000_000} million characters without an end: this is no catalog, or it is damaged"
    )
    return UnreadableFileError(path.name, reason, line)


def clean(value: str) -> str:
    """Strip white space of any script and byte order marks from both ends; the inside stays as it is."""
    value = value.strip()
    while value and "\ufeff" in (value[0], value[-1]):
        value = value.strip("\ufeff").strip()
    return value


def mark_half_characters(text: str) -> str:
    """Return a text with marks in the places of lone surrogates, so that parsers pass them on and cells show them."""
    return text if text.isascii() else _SURROGATE.sub(lambda match: marks_of(ord(match.group())), text)


def marks_of(code: int) -> str:
    """Return the two marks that stand for half a character."""
    return chr(_MARK_BASE + (code >> 8)) + chr(_MARK_BASE + (code & 0xFF))


def bad_bytes(text: str) -> str | None:
    """Return, in hex, what in a text could not be read: undecodable bytes, NUL, half characters; else ``None``."""
    if _is_readable(text):
        return None
    found = [_as_bytes(match.group()) for match in _UNREADABLE.finditer(text)]
    return b"".join(found[:16]).hex(" ") if found else None


def _is_readable(text: str) -> bool:
    """Say quickly that a text holds nothing unreadable; false means that it may.

    Every row is asked: the search in UTF-8 takes a tenth of what the pattern takes.
    """
    if text.isascii():
        return "\0" not in text
    try:
        data = text.encode()
    except UnicodeEncodeError:  # half a character
        return False
    return not any(unreadable in data for unreadable in _UNREADABLE_UTF8)


def show(text: str) -> str:
    """Return a text for a message: unreadable characters as ``\\xNN``, at most 200 characters."""
    return _UNREADABLE.sub(lambda match: "".join(f"\\x{byte:02x}" for byte in _as_bytes(match.group())), text)[:200]


def checked(record: Record) -> Record | RowError:
    """Return a record, or the error that refuses it because a cell can't be read."""
    for column, value in record.cells:
        if len(value) > MAX_CELL:
            return too_long_record(record.line, value)
        found = bad_bytes(value) or bad_bytes(column)
        if found is not None:
            return unreadable_bytes(record.line, f"{column}: {value}", found)
    return record


def too_long_record(line: int, text: str) -> RowError:
    """Return the error for a record above the limit of a cell."""
    reason = f"the row holds {len(text):,} characters, more than {MAX_CELL:,}: shorten it"
    return RowError(line, None, None, show(text[:200]), reason, "too_long")


def unreadable_bytes(line: int, text: str, found: str) -> RowError:
    """Return the error for a record with bytes (in hex) that are no text."""
    if found.startswith(("e2 80 ad", "e2 80 ae")):
        reason = "a control that reverses the text (U+202D or U+202E) hides what the row says: take it out"
        return RowError(line, None, None, show(text), reason, "bidi_override")
    reason = f"the bytes {found} are no text in the file's encoding: correct the row or save the file as UTF-8"
    return RowError(line, None, None, show(text), reason, "unreadable_bytes")


def head_text(head: bytes) -> str:
    """Return the beginning of a file as text in which ASCII structure can be looked for, letters aside."""
    from catalog.readers.encoding import encoding_by_mark

    codec = encoding_by_mark(head) or "latin-1"
    return head.decode(codec, "replace").removeprefix("\ufeff")


def _next_piece(file: TextIO, path: Path, line: int) -> str:
    try:
        return file.readline(PIECE)
    except UnicodeDecodeError as problem:
        reason = f"the text breaks off within a character ({problem.encoding}): send the file again"
        raise UnreadableFileError(path.name, reason, line) from problem


def _errors(encoding: str) -> str:
    # In UTF-16 half a character is what can be wrong; it is kept, and its record refused by name.
    return "surrogatepass" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"


def _mark(text: str) -> str:
    if text.isascii():
        return text
    try:
        text.encode()  # a tenth of the time of a search for what can't be
    except UnicodeEncodeError:
        return _UNDECODED.sub(lambda match: chr(_MARK_BASE + ord(match.group()) - 0xDC00), text)
    return text


def _as_bytes(character: str) -> bytes:
    code = ord(character)
    if code >= _MARK_BASE:
        return bytes([code - _MARK_BASE])
    return character.encode("utf-8", "surrogatepass")
