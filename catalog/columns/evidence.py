"""What the values of a column look like: gathered in one pass, in memory that does not grow with the file."""

import random
import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from catalog.readers.base import Record
from catalog.values.identifiers import is_gtin
from catalog.values.numbers import (
    LONGEST_PLACEHOLDER,
    DecimalMark,
    ascii_digits,
    is_placeholder,
    plain_decimal,
    read_number,
)

SAMPLES = 60
_SAMPLE_LENGTH = 600
_LONGEST_NUMBER = 40
_DISTINCT = 500
_EVERY_VALUE = 5_000
_THEN_EVERY = 16
"""All values of the first rows are looked at closely, then every sixteenth: shapes do not change, prices may."""

MOST_COLUMNS = 2_000

_URL = re.compile(r"https?://\S", re.IGNORECASE)
_FILE = re.compile(r"[^\s:]+\.(?:jpe?g|png|gif|webp|svg|bmp|tiff?|avif)\b", re.IGNORECASE)
_IMAGE_URL = re.compile(r"https?://\S+\.(?:jpe?g|png|gif|webp|svg|bmp|tiff?|avif)\b", re.IGNORECASE)
_PATH = re.compile(r"/[\w/.-]+")
_FLAG = re.compile(r"[01]|[YNTFyntf]|true|false", re.IGNORECASE)
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9._/\-]*")
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[ T].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{4}(?: .*)?")
_MONEY = re.compile(r"[$€£¥￥₩₽₺₹]|\b[A-Z]{3}\b")
_CENTS = re.compile(r"[^,.]*\d[.,]\d{2}")
_TAG = re.compile(r"<[a-zA-Z/!]")
_NUMERAL = re.compile(r"\d[\d.,'\s\u00a0\u202f]*")


@dataclass(slots=True)
class ColumnEvidence:
    """The values of one column, counted by their shape.

    Attributes:
        filled: how many values there are, all rows counted.
        seen: how many of them were looked at closely; the counts below are of these.
        points: values that prove a decimal point; ``commas``: a decimal comma; of all rows.
        gtins: values that are right GTINs of 12 and more digits; of all rows.
    """

    name: str
    filled: int = 0
    seen: int = 0
    length: int = 0
    points: int = 0
    commas: int = 0
    numbers: int = 0
    digits: int = 0
    money: int = 0
    cents: int = 0
    urls: int = 0
    image_urls: int = 0
    files: int = 0
    paths: int = 0
    flags: int = 0
    codes: int = 0
    dates: int = 0
    html: int = 0
    sentences: int = 0
    gtins: "array[int]" = field(default_factory=lambda: array("Q"))
    samples: list[str] = field(default_factory=list)
    distinct: set[int] = field(default_factory=set)
    _random: random.Random = field(default_factory=lambda: random.Random(0))

    def add(self, value: str) -> None:
        """Count one value."""
        length = len(value)
        if length <= LONGEST_PLACEHOLDER and is_placeholder(value):
            return
        self.filled = filled = self.filled + 1
        if length <= _LONGEST_NUMBER:
            if is_gtin(value):
                self.gtins.append(int(value))
            elif "," in value or "." in value or "٫" in value:
                points, commas = _marks_in(value)
                self.points += points
                self.commas += commas
        if filled <= SAMPLES:
            self.samples.append(value[:_SAMPLE_LENGTH])
        else:
            self._keep_sample(value, filled)
        if filled <= _EVERY_VALUE or filled % _THEN_EVERY == 0:
            self._look_closely(value)

    def share(self, count: int) -> float:
        """Return a count as a share of the values that were looked at closely."""
        return count / self.seen if self.seen else 0.0

    @property
    def mean_length(self) -> float:
        """Mean length of a value in characters."""
        return self.length / self.seen if self.seen else 0.0

    @property
    def mark(self) -> DecimalMark | None:
        """The decimal mark that the whole column proves; ``None`` where it proves none, or both."""
        if self.points and self.commas:
            # A slip of the pen among thousands of prices is no second convention.
            rare, common = sorted((self.points, self.commas))
            if rare > common / 50:
                return None
        if not self.points and not self.commas:
            return None
        return "." if self.points > self.commas else ","

    def _keep_sample(self, value: str, filled: int) -> None:
        """Reservoir sampling: every value has the same chance, wherever in the file it stands."""
        # Random.randrange(filled) without its checks of arguments, which take longer than all else for a value.
        draw, bits = self._random.getrandbits, filled.bit_length()
        place = draw(bits)
        while place >= filled:
            place = draw(bits)
        if place < SAMPLES:
            self.samples[place] = value[:_SAMPLE_LENGTH]

    def _look_closely(self, value: str) -> None:
        self.seen += 1
        self.length += len(value)
        if len(self.distinct) < _DISTINCT:
            self.distinct.add(hash(value))
        if value.isdigit():
            self.digits += 1
        self.numbers += read_number(value) is not None
        self.money += (
            len(value) <= _LONGEST_NUMBER and _MONEY.search(value) is not None and any(map(str.isdigit, value))
        )
        self.cents += _CENTS.fullmatch(value) is not None
        self.flags += _FLAG.fullmatch(value) is not None
        self.dates += _DATE.fullmatch(value) is not None
        self.codes += len(value) <= _LONGEST_NUMBER and _CODE.fullmatch(value) is not None
        self.paths += _PATH.fullmatch(value) is not None
        self.html += _TAG.search(value) is not None
        self.sentences += (len(value) > 60 and value.count(" ") >= 6) or (len(value) > 30 and not value.isascii())
        if _URL.match(value) or _URL.search(value):
            self.urls += 1
            self.image_urls += _IMAGE_URL.search(value) is not None
        else:
            self.files += _FILE.search(value) is not None and " " not in value.replace(", ", ",")


def _marks_in(value: str) -> tuple[int, int]:
    """Return how many numbers in a value prove a decimal point, and how many a decimal comma."""
    plain = plain_decimal(value)
    return _marks_in_any(value) if plain is None else (plain.mark == ".", plain.mark == ",")


@lru_cache(maxsize=4096)
def _marks_in_any(value: str) -> tuple[int, int]:
    marks = [
        number.mark
        for text in _NUMERAL.findall(ascii_digits(value))
        if (number := read_number(text.strip(" .,"))) is not None
    ]
    return marks.count("."), marks.count(",")


class CatalogEvidence:
    """The columns of a file, as one pass over its records shows them.

    Args:
        columns: columns that the file's shape names, in its order.

    Attributes:
        records: records that were counted.
        other_views: records of store views, which say a product again and were not counted.
    """

    def __init__(self, columns: Iterable[str]) -> None:
        self.records = 0
        self.columns = {name: ColumnEvidence(name) for name in dict.fromkeys(columns)}
        self.left_out = 0
        self.other_views = 0

    def add(self, record: Record) -> None:
        """Count a record's values; columns beyond the first 2,000 are counted, not kept."""
        self.records += 1
        for name, value in record.cells:
            column = self.columns.get(name)
            if column is None:
                if len(self.columns) >= MOST_COLUMNS:
                    self.left_out += 1
                    continue
                column = self.columns[name] = ColumnEvidence(name)
            column.add(value)

    def repeated_gtins(self, columns: Iterable[str]) -> set[int]:
        """Return the numbers that stand in more than one row of the columns."""
        import numpy as np

        found = [np.frombuffer(self.columns[name].gtins, dtype=np.uint64) for name in columns if name in self.columns]
        if not found:
            return set()
        numbers, counts = np.unique(np.concatenate(found), return_counts=True)
        return {int(number) for number in numbers[counts > 1]}
