"""Terms as a table: one concept a row, one language a column, as the starter terms are laid out.

    concept,kind,domain,category,kept,de,fr
    screw,product,fasteners,,,Schraube|Bolzen,vis|!clou
    drifit,feature,,,yes,Dri-FIT,Dri-FIT

A cell has the terms of a language with ``|`` between them, the preferred one first; a cell that begins with ``|`` has
no preferred term, and ``!`` stands before a term that is forbidden. ``\\`` before one of these signs takes its meaning
away. Only one column of a language is needed; those that are not in the table are left as they are.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import UnreadableFileError
from catalog.languages import CODES
from catalog.readers.encoding import decide_encoding
from translation.memory.tmx import language_of
from translation.terminology.concepts import Concept
from translation.terminology.entries import BadEntry, EntryError, Status, make_concept, with_status

_COLUMNS = ("concept", "kind", "domain", "category", "kept")
_SAME = {
    "concept id": "concept",
    "term id": "concept",
    "categories": "category",
    "dnt": "kept",
    "do not translate": "kept",
}
_YES = frozenset({"yes", "y", "true", "x", "1"})
_NO = frozenset({"", "no", "n", "false", "0"})
_DELIMITERS = ",;\t"
_LONGEST_LINE = 1_000_000


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table of terms is laid out.

    Attributes:
        line: line of the header row.
        delimiter: what stands between cells.
        columns: for each column what it is: one of the five, a language code, or empty.
        ignored: names of columns that are none of these.
    """

    line: int
    delimiter: str
    columns: tuple[str, ...]
    ignored: tuple[str, ...]

    @property
    def langs(self) -> frozenset[str]:
        """Languages that have a column."""
        return frozenset(self.columns) & frozenset(CODES)


class TermTable:
    """A file with a table of terms.

    Args:
        path: the file.

    Raises:
        UnreadableFileError: no row names a column of a language.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoding = decide_encoding(path)
        self.layout = self._find_layout()

    def _find_layout(self) -> Layout:
        for line, text in self._lines():
            if line > 50:
                break
            if text.startswith("#") or not text.strip():
                continue
            delimiter = max(_DELIMITERS, key=text.count)
            columns, ignored = _columns(next(csv.reader([text], delimiter=delimiter), []))
            if not set(columns).isdisjoint(CODES):
                return Layout(line, delimiter, columns, ignored)
            break
        raise UnreadableFileError(
            self._path.name, "no table of terms: its first row must name languages (concept,kind,de,en,fr)"
        )

    def _lines(self) -> Iterator[tuple[int, str]]:
        with self._path.open(encoding=self._encoding, newline="") as file:
            for line, text in enumerate(file, 1):
                if len(text) > _LONGEST_LINE:
                    raise UnreadableFileError(
                        self._path.name, "a line of a million characters: no table of terms", line
                    )
                yield line, text.lstrip("\ufeff") if line == 1 else text

    def entries(self) -> Iterator[tuple[int, Concept] | BadEntry]:
        """Yield the concept of every row with its line, or what is wrong with it, in order."""
        for line, text in self._lines():
            if line > self.layout.line and text.strip():
                # A row is a line, so that a forgotten quote costs one row; no term spans lines.
                cells: list[str] = []
                try:
                    cells = next(csv.reader([text.rstrip("\r\n")], delimiter=self.layout.delimiter, strict=True), [])
                    if any(cell.strip() for cell in cells):
                        yield line, self._concept(cells)
                except EntryError as problem:
                    yield BadEntry(self._path.name, line, cells[0].strip() or None, str(problem), problem.code)
                except csv.Error as problem:
                    reason = f"the row can't be read ({problem}): is a quote not closed?"
                    yield BadEntry(self._path.name, line, None, reason, "unreadable")

    def _concept(self, row: Sequence[str]) -> Concept:
        if len(row) > len(self.layout.columns) and any(cell.strip() for cell in row[len(self.layout.columns) :]):
            raise EntryError("cells", f"{len(row)} cells where the header names {len(self.layout.columns)} columns")
        cells = dict(zip(self.layout.columns, row, strict=False))
        kept = cells.get("kept", "").strip().casefold()
        if kept not in _YES | _NO:
            raise EntryError("kept", f"kept is {kept!r}: write yes, or leave the cell empty")
        said = {lang: parse_cell(cells.get(lang, "")) for lang in sorted(self.layout.langs)}
        return make_concept(
            cells.get("concept", ""),
            {lang: terms for lang, terms in said.items() if terms},
            cells.get("kind", "").strip() or "product",
            cells.get("domain", ""),
            [term for term, _ in parse_cell(cells.get("category", ""))],
            kept=kept in _YES,
        )


def _columns(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    columns: list[str] = []
    ignored: list[str] = []
    for name in names:
        folded = " ".join(name.strip().strip("\ufeff").casefold().replace("_", " ").split())
        column = _SAME.get(folded, folded)
        if column not in _COLUMNS:
            column = (language_of(folded) or "") if 2 <= len(folded.split("-")[0]) <= 3 else ""
        if not column or column in columns:
            ignored.append(name)
            column = ""
        columns.append(column)
    return tuple(columns), tuple(ignored)


def parse_cell(cell: str) -> list[tuple[str, Status]]:
    """Read the terms of a cell with their statuses."""
    parts = _split(cell)
    offered = len(parts) > 1 and parts[0] == ("", False)
    said: list[tuple[str, Status]] = []
    for term, forbidden in parts:
        if not term:
            continue
        first = not offered and not any(status is not Status.FORBIDDEN for _, status in said)
        status = Status.FORBIDDEN if forbidden else Status.PREFERRED if first else Status.ADMITTED
        said.append((term, status))
    return said


def _split(cell: str) -> list[tuple[str, bool]]:
    """Cut a cell into terms, and say of each whether it is forbidden."""
    parts: list[tuple[str, bool]] = []
    term, forbidden, escaped = "", False, False
    for character in cell.strip():
        if escaped:
            term, escaped = term + character, False
        elif character == "\\":
            escaped = True
        elif character == "|":
            parts.append((term.strip(), forbidden))
            term, forbidden = "", False
        elif character == "!" and not term.strip() and not forbidden:
            forbidden = True
        else:
            term += character
    return [*parts, (term.strip() + ("\\" if escaped else ""), forbidden)]


def write_cell(terms: Iterable[tuple[str, Status]]) -> str:
    """Write terms into a cell; :func:`parse_cell` is the inverse."""
    listed = list(terms)
    offered = any(status is not Status.FORBIDDEN for _, status in listed) and all(
        status is not Status.PREFERRED for _, status in listed
    )
    written = [("!" if status is Status.FORBIDDEN else "") + _escaped(term) for term, status in listed]
    return "|".join(["", *written] if offered else written)


def _cell(concept: Concept, lang: str) -> str:
    cell = write_cell(with_status(concept, lang))
    return cell.removeprefix("|") if concept.kept else cell  # nobody prefers among names


def _escaped(term: str) -> str:
    escaped = term.replace("\\", "\\\\").replace("|", "\\|")
    return f"\\{escaped}" if escaped.startswith("!") else escaped


def write_table(path: Path, concepts: Iterable[Concept]) -> int:
    """Write concepts as a table with all fifteen languages; return how many."""
    written = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*_COLUMNS, *CODES])
        for concept in concepts:
            categories = "|".join(_escaped(one) for one in concept.categories)
            head = [concept.id, concept.kind, concept.domain, categories, "yes" if concept.kept else ""]
            rows.writerow([*head, *(_cell(concept, code) for code in CODES)])
            written += 1
    return written
