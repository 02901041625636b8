"""Templates with several header rows: labels for people, and the names that the marketplace itself uses.

A reader takes one row for the header. Where a row among the first records holds the column names of a known source, it
is the better header, and what stands above it is no product.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from catalog.columns.profiles import recognise
from catalog.columns.sections import with_sections
from catalog.model import RowError
from catalog.readers.base import CatalogReader, FileShape, Record

_LOOKED_AT = 4
"""Records in which a second or third header row may be."""

_FEWEST = 3


class TemplateReader:
    """A reader whose columns are named by a later row than the one that its reader took.

    Args:
        reader: the reader.
        header: the row with the source's own names.
    """

    def __init__(self, reader: CatalogReader, header: Record) -> None:
        self._reader = reader
        self._line = header.line
        self._names: dict[str, list[str]] = {}
        for column, name in header.cells:
            self._names.setdefault(column, []).append(name)
        self._single = {column: names[0] for column, names in self._names.items() if len(names) == 1}

    def shape(self) -> FileShape:
        """Say how the file is understood, with the source's own names."""
        shape = self._reader.shape()
        return replace(shape, header_line=self._line, columns=tuple(self._renamed(shape.columns)))

    def records(self) -> Iterator[Record | RowError]:
        """Yield the records behind the header row."""
        for record in self._reader.records():
            if record.line <= self._line:
                continue
            if isinstance(record, RowError):
                yield record
                continue
            names = self._renamed([column for column, _ in record.cells])
            values = (value for _, value in record.cells)
            yield replace(record, cells=tuple(zip(names, values, strict=True)))

    def _renamed(self, columns: "list[str] | tuple[str, ...]") -> list[str]:
        """Name columns; of several with one label, each takes the next of its names."""
        taken: dict[str, int] = {}
        names = []
        for column in columns:
            single = self._single.get(column)
            if single is None:
                listed = self._names.get(column, [column])
                place = taken.get(column, 0)
                taken[column] = place + 1
                single = listed[min(place, len(listed) - 1)]
            names.append(single)
        return names


def with_own_names(reader: CatalogReader) -> CatalogReader:
    """Return a reader of the products alone, under the names of a known source where a later row has these."""
    return with_sections(_renamed(reader))


def _renamed(reader: CatalogReader) -> CatalogReader:
    if recognise(reader.shape().columns) is not None:
        return reader
    for record in islice(reader.records(), _LOOKED_AT):
        if isinstance(record, Record) and len(record.cells) >= _FEWEST:
            names = [value for _, value in record.cells]
            if max(map(len, names)) <= 100 and recognise(names) is not None:
                return TemplateReader(reader, record)
    return reader
