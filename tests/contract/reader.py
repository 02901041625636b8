"""What every reader of catalogs must do; a test class a format inherits it.

The subclass writes records in its format and opens them through ``open_catalog``, so that recognition is tested too.
"""

import tracemalloc
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path

from catalog.model import RowError
from catalog.readers import open_catalog
from catalog.readers.base import FileShape, Record

Cells = Sequence[tuple[str, str]]

HAMMER: Cells = (("sku", "000417"), ("title", 'Hammer 16oz, "oak"; grip'), ("price", "12.50"), ("image", "a.jpg"))
KETTLE: Cells = (("sku", "B-2"), ("title", "やかん 1.5L ñandú şeker ключ"), ("price", "1.299,00"), ("image", "b.jpg"))
LAMP: Cells = (("sku", "C/3"), ("title", "مصباح  <b>LED</b> & more"), ("price", "4006381333931"), ("image", "c.jpg"))


def records_of(found: Iterable[Record | RowError]) -> list[Record]:
    """Return the records, failing on the first error."""
    records = []
    for one in found:
        assert isinstance(one, Record), one
        records.append(one)
    return records


class ReaderContract(ABC):
    """Inherit, name the format and say how a file of it is written."""

    format: str
    suffix: str
    first_line: int

    @abstractmethod
    def write(self, path: Path, records: Sequence[Cells]) -> None:
        """Write records, all with the same columns, as a file of this format."""

    def made(self, folder: Path, records: Sequence[Cells]) -> Path:
        path = folder / f"catalog{self.suffix}"
        self.write(path, records)
        return path

    def read(self, folder: Path, records: Sequence[Cells]) -> list[Record]:
        return records_of(open_catalog(self.made(folder, records)).records())

    def test_the_shape_names_format_and_columns(self, tmp_path: Path) -> None:
        shape = open_catalog(self.made(tmp_path, [HAMMER, KETTLE])).shape()
        assert isinstance(shape, FileShape)
        assert (shape.format, shape.columns) == (self.format, ("sku", "title", "price", "image"))

    def test_every_record_comes_back_as_written_and_in_order(self, tmp_path: Path) -> None:
        records = self.read(tmp_path, [HAMMER, KETTLE, LAMP])
        assert [record.cells for record in records] == [tuple(HAMMER), tuple(KETTLE), tuple(LAMP)]

    def test_lines_are_those_of_an_editor(self, tmp_path: Path) -> None:
        records = self.read(tmp_path, [HAMMER, KETTLE, LAMP])
        step = records[1].line - records[0].line
        assert records[0].line == self.first_line
        assert step >= 1
        assert records[2].line == records[1].line + step

    def test_records_may_be_asked_for_again(self, tmp_path: Path) -> None:
        reader = open_catalog(self.made(tmp_path, [HAMMER, KETTLE, LAMP]))
        half_read = reader.records()
        next(half_read)
        assert list(reader.records()) == list(reader.records())

    def test_records_can_be_read_without_asking_for_the_shape(self, tmp_path: Path) -> None:
        path = self.made(tmp_path, [HAMMER, KETTLE])
        asked = open_catalog(path)
        asked.shape()
        assert list(open_catalog(path).records()) == list(asked.records())

    def test_empty_cells_and_empty_records_are_left_out(self, tmp_path: Path) -> None:
        empty = tuple((column, "  ") for column, _ in HAMMER)
        sparse = (("sku", "D4"), ("title", "Rope"), ("price", ""), ("image", "\u00a0"))
        records = self.read(tmp_path, [HAMMER, empty, sparse])
        assert [record.cells for record in records] == [tuple(HAMMER), (("sku", "D4"), ("title", "Rope"))]

    def test_only_white_space_around_a_value_is_taken_off(self, tmp_path: Path) -> None:
        padded = (("sku", "\u3000 007 "), ("title", "\ufeff a  b\u00a0c\u00a0"), ("price", "1,0 "), ("image", "d.jpg"))
        second = self.read(tmp_path, [HAMMER, padded])[1]
        assert second.cells == (("sku", "007"), ("title", "a  b\u00a0c"), ("price", "1,0"), ("image", "d.jpg"))

    def test_a_column_may_repeat(self, tmp_path: Path) -> None:
        twice = (("sku", "E5"), ("image", "1.jpg"), ("image", "2.jpg"), ("title", "Cup"))
        record = self.read(tmp_path, [twice, twice])[0]
        assert [value for column, value in record.cells if column == "image"] == ["1.jpg", "2.jpg"]
        assert record.first("image") == "1.jpg"

    def test_memory_does_not_grow_with_the_file(self, tmp_path: Path) -> None:
        small, large = (self._peak(tmp_path, number) for number in (500, 5000))
        # The longer file is ten times the shorter; held as a list of records it takes more than 3 MB.
        assert large < small * 1.5 + 700_000

    def _peak(self, folder: Path, number: int) -> int:
        # One title for all: the table of shared texts, which a workbook keeps in memory, stays small.
        rows = [(("sku", f"S{n}"), ("title", "Hammer " + "x" * 400)) for n in range(number)]
        reader = open_catalog(self.made(folder, rows))
        reader.shape()
        del rows
        tracemalloc.start()
        try:
            count = sum(1 for _ in reader.records())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert count == number
        return peak
