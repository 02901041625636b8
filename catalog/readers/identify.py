"""What is a file that no reader takes? Named for the supplier, so that the answer can be "save it as ..."."""

import re
import zipfile
from pathlib import Path

from catalog.errors import UnreadableFileError
from catalog.readers.encoding import encoding_by_mark
from catalog.readers.packages import DAMAGED_ZIP
from catalog.readers.text import head_text

_SAVE = "save the catalog as CSV, XLSX, JSON or XML and send that"
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a bitmap image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"\0\0\0\x18ftyp", "a video"),
    (b"\0\0\0\x20ftyp", "a video"),
)
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What the old binary formats of Office, and its encrypted files, begin with."""
HTML_PAGE = f"this is an HTML page, not a catalog: {_SAVE}"
_COMPOUND_HEAD, _DIRECTORY = 1 << 20, 1 << 16
_FIRST_TAG = re.compile(
    r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(!doctype\s+html|[a-z][a-z0-9]*)(?=[\s/>])",
    re.IGNORECASE | re.DOTALL,
)
_PAGE = ("html", "head", "body")
_OF_A_PAGE = (
    "meta", "style", "title", "link", "script", "table", "thead", "tbody", "tr", "br", "b", "p", "div", "center",
    "font", "h1", "h2", "h3",
)  # fmt: skip
"""Tags that a page may begin with when a script leaves out what should stand above, or puts a notice there."""
_TABLE, _ROW = re.compile(r"<table\b", re.IGNORECASE), re.compile(r"<tr\b", re.IGNORECASE)
_OF_EXCEL = "urn:schemas-microsoft-com:office"
_CONTROLS = bytes(set(range(32)) - {9, 10, 11, 12, 13, 26, 27})


def refusal(path: Path, head: bytes) -> UnreadableFileError | None:
    """Return why a file can't be a catalog, or ``None`` where it may be one.

    Args:
        path: the file.
        head: its first 64 KiB.
    """
    reason = _reason(path, head)
    return UnreadableFileError(path.name, reason) if reason else None


def _reason(path: Path, head: bytes) -> str | None:
    if not head.strip(b"\0\xef\xbb\xbf\xff\xfe \t\r\n"):
        return "the file is empty: send the catalog with its rows"
    if head.startswith(COMPOUND):
        return _compound(path)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return f"this is a WebP image, not a catalog: {_SAVE}"
    for signature, name in _SIGNATURES:
        # Two letters may also begin a table; a binary file has control characters soon after them.
        if head.startswith(signature) and (len(signature) > 2 or _is_binary(head)):
            return f"this is {name}, not a catalog: {_SAVE}"
    if head[257:262] == b"ustar":
        return "this is a tar archive: pack the catalog as ZIP or gzip"
    if head.startswith(b"PK"):
        return _zip(path)
    text = head_text(head)
    if is_html(text) and not has_table(text):
        return HTML_PAGE
    if text.startswith("MIME-Version:"):
        return f"this is a web archive, not a catalog: {_SAVE}"
    if encoding_by_mark(head) is None and _is_binary(head):
        return f"this is a binary file of an unknown kind, not a catalog: {_SAVE}"
    return None


def is_html(text: str) -> bool:
    """Say whether a text begins as a page of HTML does, and not as XML whose outermost element has such a name."""
    found = _FIRST_TAG.match(text)
    tag = found.group(1).casefold() if found else ""
    return tag.startswith("!") or tag in _PAGE or (tag in _OF_A_PAGE and has_table(text))


def has_table(text: str) -> bool:
    """Say whether the beginning of a page announces a table, be it by the names of Excel."""
    return _OF_EXCEL in text or (_TABLE.search(text) is not None and _ROW.search(text) is not None)


def _is_binary(head: bytes) -> bool:
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls * 100 > len(head)


def _compound(path: Path) -> str | None:
    with path.open("rb") as file:
        content = file.read(_COMPOUND_HEAD)
        # The directory of streams may stand anywhere; the header says where, in sectors of 512 bytes or more.
        shift, first = content[30:31], int.from_bytes(content[48:52], "little")
        file.seek((first + 1) << (shift[0] if shift and shift[0] in (9, 12) else 9))
        content += file.read(_DIRECTORY)
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "the workbook is protected by a password: save it without one and send it again"
    if "WordDocument".encode("utf-16-le") in content:
        return f"this is an old Word document, not a catalog: {_SAVE}"
    if any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        return None
    return f"this is an old Office file without a workbook, not a catalog: {_SAVE}"


def _zip(path: Path) -> str | None:
    kind = package_kind(path)
    if kind == "damaged":
        return "the file is a damaged workbook or archive: open it, save it again and send it"
    if kind == "xlsb":
        return "this is a binary workbook (.xlsb): save it as XLSX and send that"
    if kind == "word":
        return f"this is a Word document, not a catalog: {_SAVE}"
    if kind == "opendocument":
        return f"this is an OpenDocument file without a sheet, not a catalog: {_SAVE}"
    return None


def is_archive(path: Path) -> bool:
    """Whether a file is a gzip or ZIP archive rather than a workbook."""
    with path.open("rb") as file:
        head = file.read(4)
    return head.startswith(b"\x1f\x8b") or (head.startswith(b"PK") and package_kind(path) == "zip")


def package_kind(path: Path) -> str:
    """Say what a ZIP package is: ``xlsx``, ``xlsb``, ``ods``, ``opendocument``, ``word``, ``zip`` or ``damaged``."""
    try:
        with zipfile.ZipFile(path) as package:
            # Some programs write backslashes, and capital letters.
            folded = {name.replace("\\", "/").casefold() for name in package.namelist()}
            names = set(package.namelist())
            mimetype = b""
            if "mimetype" in names and "content.xml" in names:
                with package.open("mimetype") as file:
                    mimetype = file.read(200)
    except DAMAGED_ZIP:
        return "damaged"
    if any(name.startswith("xl/") for name in folded):
        return "xlsb" if "xl/workbook.bin" in folded else "xlsx"
    if mimetype:
        return "ods" if b"spreadsheet" in mimetype else "opendocument"
    return "word" if any(name.startswith("word/") for name in names) else "zip"
