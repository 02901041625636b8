"""Price lists with rows that are no products: headings of groups between the products, and totals below them.

A heading is a row with words in one cell and nothing beside, right above full rows; it becomes the category of the rows
below it, where no column says theirs. A row of totals has the word for it and numbers alone. Neither is a row of the
catalog, so neither is counted.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from statistics import median

from catalog.columns.fields import Field
from catalog.columns.headers import ParsedHeader, parse_headers
from catalog.columns.profiles import recognise
from catalog.model import RowError
from catalog.readers.base import CatalogReader, FileShape, Record

_LOOKED_AT = 200
_FEWEST_CELLS = 3
_LONGEST = 100
_MOST_LEVELS = 5
_NAMING = frozenset({Field.SKU, Field.PRODUCT_ID, Field.TITLE})

_TOTALS = frozenset(
    {
        *("المجموع", "الإجمالي", "الاجمالي", "summe", "gesamt", "gesamtsumme", "zwischensumme", "insgesamt"),
        *("total", "totals", "grand total", "subtotal", "sub total", "sub-total", "sum", "suma", "suma total"),
        *("total general", "total général", "sous-total", "sous total", "somme", "jumlah", "total keseluruhan"),
        *("totale", "totale generale", "subtotale", "somma", "合計", "総計", "小計", "총계", "합계", "소계", "총합계"),
        *("totaal", "eindtotaal", "subtotaal", "razem", "ogółem", "łącznie", "suma częściowa", "total geral", "soma"),
        *("итого", "всего", "итог", "общий итог", "промежуточный итог", "toplam", "genel toplam", "ara toplam"),
        *("合计", "总计", "小计", "總計", "小計"),
    }
)
_LONGEST_TOTAL = max(map(len, _TOTALS)) + 2
_AMOUNT = re.compile(r"[^\w]*\d[\d\s.,'’\u00a0\u202f]*[^\d]{0,6}|[^\d]{1,4}\s?\d[\d\s.,'’\u00a0\u202f]*")
_ADDRESS = re.compile(r"https?://|www\.", re.IGNORECASE)


class SectionedReader:
    """A reader whose headings between the rows are the categories of the rows below them.

    Args:
        reader: the reader.
        headings: tells a heading from a broken row; ``None`` where the table has no headings.
    """

    def __init__(self, reader: CatalogReader, headings: "Headings | None") -> None:
        self._reader = reader
        self._headings = headings

    def shape(self) -> FileShape:
        """Say how the file is understood."""
        return self._reader.shape()

    def records(self) -> Iterator[Record | RowError]:
        """Yield the records that are products, each with the category of its section."""
        rows = (found for found in self._reader.records() if not _is_total(found))
        yield from rows if self._headings is None else self._headings.taken_out(rows)


class Headings:
    """Tells headings from rows, by the columns of a table and what its rows usually hold."""

    def __init__(self, headers: Sequence[ParsedHeader], sample: Sequence[Record]) -> None:
        named = {header.column: header.named.field for header in headers if header.named is not None}
        first = headers[0].column
        filled = [len(record.cells) for record in sample if len(record.cells) > 1]
        self._full = max(_FEWEST_CELLS, median(filled) * 0.6) if filled else 0.0
        self._columns = {first, *(column for column, field in named.items() if field in _NAMING)}
        self._codes = {column for column in self._columns if _holds_codes(column, sample)}
        self._titles = {column for column, field in named.items() if field is Field.TITLE}
        self._adds = not {Field.CATEGORY, Field.SUBCATEGORY} & set(named.values())

    def are_in(self, sample: Sequence[Record]) -> bool:
        """Say whether the table has headings: the first of its rows, or two and more, each above a full row."""
        if not self._full:
            return False
        found = [
            place
            for place, record in enumerate(sample[:-1])
            if self._is_heading(record) and (self._is_full(sample[place + 1]) or self._is_heading(sample[place + 1]))
        ]
        return len(found) > 1 or found == [0]

    def taken_out(self, records: Iterator[Record | RowError]) -> Iterator[Record | RowError]:
        """Yield the records without headings; one that no full row follows is a record like any other."""
        waiting: list[Record] = []
        path: list[str] = []
        for record in records:
            if isinstance(record, Record):
                if len(waiting) < _MOST_LEVELS and self._is_heading(record):
                    waiting.append(record)
                    continue
                if waiting and self._is_full(record):
                    names = [heading.cells[0][1] for heading in waiting]
                    # A single heading behind nested ones begins the next group of the innermost level.
                    path = names if len(names) > 1 else [*path[:-1], *names]
                    waiting = []
            yield from waiting
            waiting = []
            yield self._placed(record, path) if isinstance(record, Record) and path else record
        yield from waiting

    def _placed(self, record: Record, path: list[str]) -> Record:
        if not self._adds:
            return record
        return Record(record.line, (*record.cells, *(("category", name) for name in path)), record.sheet)

    def _is_full(self, record: Record) -> bool:
        return len(record.cells) >= self._full

    def _is_heading(self, record: Record) -> bool:
        if len(record.cells) != 1:
            return False
        column, value = record.cells[0]
        if column not in self._columns or len(value) > _LONGEST or _ADDRESS.search(value):
            return False
        words = any(map(str.isalpha, value)) and (" " in value or not any(map(str.isdigit, value)))
        return words and (column in self._titles or column in self._codes)


def _holds_codes(column: str, sample: Sequence[Record]) -> bool:
    """Whether a column holds codes with digits: a word among them is no article number."""
    values = [record.first(column) or "" for record in sample if len(record.cells) > 1]
    values = [value for value in values if value]
    return sum(any(map(str.isdigit, value)) for value in values) > 0.8 * len(values) > 0


def _is_total(found: Record | RowError) -> bool:
    if isinstance(found, RowError) or len(found.cells) < 2:
        return False
    word = found.cells[0][1]
    if len(word) > _LONGEST_TOTAL or word.strip(" :.").casefold() not in _TOTALS:
        return False
    return all(_AMOUNT.fullmatch(value) for _, value in found.cells[1:])


def with_sections(reader: CatalogReader) -> CatalogReader:
    """Return a reader of a table's products alone; a known shop writes no headings, and no file without a header."""
    shape = reader.shape()
    if shape.header_line is None or len(shape.columns) < _FEWEST_CELLS or recognise(shape.columns) is not None:
        return reader
    sample = [
        found for found in islice(reader.records(), _LOOKED_AT) if isinstance(found, Record) and not _is_total(found)
    ]
    headings = Headings(list(parse_headers(shape.columns).values()), sample)
    return SectionedReader(reader, headings if headings.are_in(sample) else None)
