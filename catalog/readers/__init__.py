"""Readers: bytes of a file become a stream of ``Record | RowError``; nothing here knows what a column means.

    __init__          the one list of formats, and ``open_catalog``
    base              what every reader promises
    identify          what a file is that no reader takes
    encoding          which encoding a text is written in;  plausibility  does it look like words
    text              text files as numbered lines, with bytes that are no text kept visible
    tables            which row of a table names its columns         (delimited, workbook)
    delimited         CSV, TSV
    sheets            which sheet is the catalog, merged cells         (all workbooks)
    workbook          XLSX;  binary_workbook  XLS;  opendocument  ODS
    spreadsheetml     the XML of Excel 2003;  html_tables  pages of HTML; shops send both as .xls
    workbook_parts    what an XLSX package holds;  workbook_rows  a sheet of it;  shared_texts, cell_styles
    xml_parts         XML by expat, hardened                            (workbook*, shared_texts, spreadsheetml)
    numberformats     what a sheet shows for a number;  packages  ZIP packages that were made to harm
    flattening        nested records as flat cells                   (json_documents, xml_feed)
    json_documents    JSON, JSON Lines;  json_events  the push parser, and how it goes on behind an error
    xml_feed          Google Merchant RSS and Atom, any repeated element;  xml_nodes  one element as a tree
    bmecat            BMEcat 1.2 and 2005
    archives          gzip and ZIP of any of these;  tarballs  .tar.gz

A new format is one module with a reader and one row in :data:`FACTORIES`.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from catalog.errors import UnreadableFileError
from catalog.readers.base import CatalogReader, FileShape, ReaderFactory, Record
from catalog.readers.identify import COMPOUND, is_archive, is_html, package_kind, refusal
from catalog.readers.text import head_text

HEAD = 1 << 16
"""Bytes from the beginning of a file by which its format is recognised."""

_SPREADSHEETML = re.compile(
    r"""<\?mso-application\s+progid=["']Excel\.Sheet|<(?:\w+:)?Workbook\s[^<>]*urn:schemas-microsoft-com:office:spreadsheet"""
)
_OBJECT_AFTER_OBJECT = re.compile(r"\}[ \t]*\r?\n\s*\{")


@dataclass(frozen=True, slots=True)
class Factory:
    """A format: how it is recognised, and what opens it (imported only then)."""

    format: str
    test: Callable[[Path, bytes], bool]
    open: Callable[[Path], CatalogReader]

    def recognises(self, path: Path, head: bytes) -> bool:
        """Say whether a file is of this format, from its name and its first 64 KiB."""
        return self.test(path, head)

    def __call__(self, path: Path) -> CatalogReader:
        """Return a reader of ``path``."""
        return self.open(path)


def open_catalog(path: Path, member: str | None = None) -> CatalogReader:
    """Return the reader of a file; its content decides, not its name.

    Args:
        path: the file; an archive with one catalog in it is read like that catalog.
        member: of an archive with several, the one to read, as :func:`catalogs_in` names it.

    Raises:
        UnreadableFileError: there is no such file, it is empty, or it is no catalog; says what it seems to be.
    """
    _check_present(path)
    if is_archive(path):
        from catalog.readers.archives import open_member

        return open_member(path, member, _open_file)
    if member is not None:
        raise UnreadableFileError(path.name, f"this is no archive that could hold {member}")
    return _open_file(path)


def catalogs_in(path: Path) -> tuple[str | None, ...]:
    """Name the catalogs of a file for :func:`open_catalog`: each file inside an archive is one, ``None`` is the file.

    Raises:
        UnreadableFileError: there is no such file, or the archive can't be read.
    """
    _check_present(path)
    if not is_archive(path):
        return (None,)
    from catalog.readers.archives import members

    return members(path)


def unread_in(path: Path) -> tuple[str, ...]:
    """Name the files of an archive that are not among :func:`catalogs_in`; of a plain file, none.

    Raises:
        UnreadableFileError: the archive can't be read.
    """
    if not is_archive(path):
        return ()
    from catalog.readers.archives import unread_members

    return unread_members(path)


def _check_present(path: Path) -> None:
    if path.is_dir():
        raise UnreadableFileError(path.name, "this is a folder: name the files in it")
    if not path.is_file():
        raise UnreadableFileError(path.name, "there is no such file: check the path")


def _open_file(path: Path) -> CatalogReader:
    with path.open("rb") as file:
        head = file.read(HEAD)
    refused = refusal(path, head)
    if refused is not None:
        raise refused
    for factory in FACTORIES:
        if factory.recognises(path, head):
            return factory(path)
    known = ", ".join(factory.format for factory in FACTORIES)
    raise UnreadableFileError(path.name, f"no reader knows this kind of file: send one of {known}")


def _is_package(kind: str, path: Path, head: bytes) -> bool:
    return head.startswith(b"PK") and package_kind(path) == kind


def _is_binary_workbook(path: Path, head: bytes) -> bool:
    return head.startswith(COMPOUND)


def _is_spreadsheetml(path: Path, head: bytes) -> bool:
    text = head_text(head)
    return text.lstrip().startswith("<") and _SPREADSHEETML.search(text) is not None


def _is_html(path: Path, head: bytes) -> bool:
    return is_html(head_text(head))


def _is_bmecat(path: Path, head: bytes) -> bool:
    return re.search(r"<(?:\w+:)?BMECAT[\s>]", head_text(head)) is not None and _is_xml(path, head)


def _is_xml(path: Path, head: bytes) -> bool:
    return re.match(r"\s*<(?:\?xml|!--|!DOCTYPE|[^\W\d][\w.:-]*[\s/>])", head_text(head)) is not None


def _is_json_lines(path: Path, head: bytes) -> bool:
    text = head_text(head).lstrip()
    if path.suffix.lower() in (".jsonl", ".ndjson") and text.startswith(("{", "[")):
        return not text.startswith("[") or _is_json(text.splitlines()[0])
    if not text.startswith("{"):
        return False
    first = text.splitlines()[0]
    return _OBJECT_AFTER_OBJECT.search(text) is not None and _is_json(first)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_json_document(path: Path, head: bytes) -> bool:
    return re.match(r"\s*(?:\{\s*[\"}]|\[\s*(?:[\[{\"\]]|-?\d[\d.eE+-]*\s*[,\]]))", head_text(head)) is not None


def _is_text(path: Path, head: bytes) -> bool:
    return True  # what is binary was refused before


def _open_workbook(path: Path) -> CatalogReader:
    from catalog.readers.workbook import WorkbookReader

    return WorkbookReader(path)


def _open_binary_workbook(path: Path) -> CatalogReader:
    from catalog.readers.binary_workbook import BinaryWorkbookReader

    return BinaryWorkbookReader(path)


def _open_opendocument(path: Path) -> CatalogReader:
    from catalog.readers.opendocument import OpenDocumentReader

    return OpenDocumentReader(path)


def _open_spreadsheetml(path: Path) -> CatalogReader:
    from catalog.readers.spreadsheetml import SpreadsheetMlReader

    return SpreadsheetMlReader(path)


def _open_html(path: Path) -> CatalogReader:
    from catalog.readers.html_tables import HtmlTableReader

    return HtmlTableReader(path)


def _open_bmecat(path: Path) -> CatalogReader:
    from catalog.readers.bmecat import BmecatReader

    return BmecatReader(path)


def _open_xml(path: Path) -> CatalogReader:
    from catalog.readers.xml_feed import XmlReader

    return XmlReader(path)


def _open_json_lines(path: Path) -> CatalogReader:
    from catalog.readers.json_documents import JsonLinesReader

    return JsonLinesReader(path)


def _open_json(path: Path) -> CatalogReader:
    from catalog.readers.json_documents import JsonReader

    return JsonReader(path)


def _open_delimited(path: Path) -> CatalogReader:
    from catalog.readers.delimited import DelimitedReader

    return DelimitedReader(path)


FACTORIES: tuple[ReaderFactory, ...] = (
    Factory("xlsx", partial(_is_package, "xlsx"), _open_workbook),
    Factory("ods", partial(_is_package, "ods"), _open_opendocument),
    Factory("xls", _is_binary_workbook, _open_binary_workbook),
    Factory("spreadsheetml", _is_spreadsheetml, _open_spreadsheetml),
    Factory("html", _is_html, _open_html),
    Factory("bmecat", _is_bmecat, _open_bmecat),
    Factory("xml", _is_xml, _open_xml),
    Factory("jsonl", _is_json_lines, _open_json_lines),
    Factory("json", _is_json_document, _open_json),
    Factory("csv", _is_text, _open_delimited),
)
"""Every format, in the order in which they are asked; the last takes any text."""

__all__ = [
    "FACTORIES",
    "CatalogReader",
    "FileShape",
    "ReaderFactory",
    "Record",
    "catalogs_in",
    "open_catalog",
    "unread_in",
]
