"""What is known of every product of a build, in columns that are held in memory.

Rows are product numbers. A table is never changed: a commit of the build makes the next table from the last one and
the rows that changed, so searches that run meanwhile keep theirs.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexes.embedded import neutral
from indexes.facts import attribute_key, attribute_pair, bounds, facet_values, units
from indexes.model import ATTRIBUTES, FACETS, Facts, Filters


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Ids and languages of the products.

    Attributes:
        ids: id by number; the number 0 is nobody's.
        langs: bits of the languages in which a product has a document, by number.
        sources: position in ``source_langs`` of the language in which a product was written, by number; -1 without a
            language-neutral document.
        source_langs: the languages that occur in ``sources``.
        numbers: number by id, of every product that is there.
    """

    ids: Sequence[str]
    langs: np.ndarray
    sources: np.ndarray
    source_langs: tuple[str, ...]
    numbers: Mapping[str, int]

    @property
    def there(self) -> np.ndarray:
        """Which numbers stand for a product that has a document, in a language or neutral."""
        found: np.ndarray = (self.langs != 0) | (self.sources >= 0)
        return found


EMPTY_CATALOGUE = Catalogue([""], np.zeros(1, np.int64), np.full(1, -1, np.int16), (), {})


def read_catalogue(connection: sqlite3.Connection, before: Catalogue, since: int) -> tuple[Catalogue, np.ndarray]:
    """Bring a catalogue up to date with a connection's transaction; also return the numbers that changed.

    Args:
        before: the catalogue as it was.
        since: the generation in which it was read; -1 for an empty one.
    """
    rows = connection.execute(
        "SELECT number, id, langs, source_lang FROM products WHERE generation > ? ORDER BY number", (since,)
    ).fetchall()
    size = max(len(before.ids), rows[-1][0] + 1 if rows else 0)
    ids = [*before.ids, *[""] * (size - len(before.ids))]
    numbers = dict(before.numbers)
    source_langs = dict.fromkeys([*before.source_langs, *(row[3] for row in rows if row[3] is not None)])
    place = {None: -1, **{lang: at for at, lang in enumerate(source_langs)}}
    for number, name, langs, source_lang in rows:
        ids[number] = name
        if langs or source_lang is not None:
            numbers[name] = number
        else:
            numbers.pop(name, None)
    changed = np.array([row[0] for row in rows], dtype=np.int64)
    langs_now, sources_now = _grown(before.langs, size, 0), _grown(before.sources, size, -1)
    langs_now[changed] = [row[2] for row in rows]
    sources_now[changed] = [place[row[3]] for row in rows]
    return Catalogue(ids, langs_now, sources_now, tuple(source_langs), numbers), changed


def _grown(column: np.ndarray, size: int, fill: int) -> np.ndarray:
    grown = np.full(size, fill, dtype=column.dtype)
    grown[: len(column)] = column
    return grown


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Which product has which value: parallel columns, one row a pair.

    Attributes:
        values: the values; ``codes`` are positions in it.
        amounts: for currencies the price in price units, else empty.
    """

    values: tuple[str, ...]
    numbers: np.ndarray
    codes: np.ndarray
    amounts: np.ndarray

    def having(self, accepted: Iterable[str], size: int) -> np.ndarray:
        """Return for each product number whether it has one of the accepted values."""
        return _marked(self.numbers[self._rows_of(accepted)], size)

    def priced(self, accepted: Iterable[str] | None, low: int, high: int, size: int) -> np.ndarray:
        """Return for each product number whether it has a price between two, in one of the currencies or in any."""
        rows = (self.amounts >= low) & (self.amounts <= high)
        if accepted is not None:
            rows &= self._rows_of(accepted)
        return _marked(self.numbers[rows], size)

    def lowest(self, accepted: Iterable[str], size: int) -> np.ndarray:
        """Return each product's lowest price in the currencies; the highest integer where it has none."""
        rows = self._rows_of(accepted)
        found = np.full(size, np.iinfo(np.int64).max, dtype=np.int64)
        np.minimum.at(found, self.numbers[rows], self.amounts[rows])
        return found

    def count(self, mask: np.ndarray) -> dict[str, int]:
        """Count the products of a mask by value, values without one left out."""
        counts = np.bincount(self.codes[mask[self.numbers]], minlength=len(self.values))
        return {self.values[at]: int(counts[at]) for at in np.flatnonzero(counts)}

    def _rows_of(self, accepted: Iterable[str]) -> np.ndarray:
        wanted = set(accepted)
        chosen = np.array([value in wanted for value in self.values], dtype=bool)
        rows: np.ndarray = chosen[self.codes] if len(chosen) else np.zeros(0, dtype=bool)
        return rows

    def updated(self, changed: np.ndarray, pairs: Sequence[tuple[int, str, int]]) -> "_Pairs":
        """Replace the pairs of changed products by new ones: number, value and amount."""
        kept = ~np.isin(self.numbers, changed)
        values = dict.fromkeys([*self.values, *(value for _, value, _ in pairs)])
        place = {value: at for at, value in enumerate(values)}
        return _Pairs(
            tuple(values),
            np.concatenate([self.numbers[kept], np.array([number for number, _, _ in pairs], dtype=np.int64)]),
            np.concatenate([self.codes[kept], np.array([place[value] for _, value, _ in pairs], dtype=np.int64)]),
            np.concatenate([self.amounts[kept], np.array([amount for _, _, amount in pairs], dtype=np.int64)]),
        )


def _marked(numbers: np.ndarray, size: int) -> np.ndarray:
    mask = np.zeros(size, dtype=bool)
    mask[numbers] = True
    return mask


_NO_PAIRS = _Pairs((), *(np.zeros(0, dtype=np.int64) for _ in range(3)))


@dataclass(frozen=True, slots=True)
class AttributeTable:
    """Which product has which attribute: one row a pair of product and attribute, eight bytes.

    Attributes:
        places: by ``KEY=VALUE`` its code, from 0 in their order.
        keys: KEYs in the order in which they were first seen.
        key_of: position in ``keys``, by code.
        numbers: product, by row.
        codes: which pair, by row.
    """

    places: Mapping[str, int]
    keys: tuple[str, ...]
    key_of: np.ndarray
    numbers: np.ndarray
    codes: np.ndarray

    def having(self, key: str, values: Iterable[str], size: int) -> np.ndarray:
        """Return for each product number whether its attribute has one of the values."""
        codes = [self.places.get(attribute_pair(key, value), -1) for value in values]
        return _marked(self.numbers[np.isin(self.codes, codes)], size)

    def count(self, key: str, mask: np.ndarray) -> dict[str, int]:
        """Count the products of a mask by their value of an attribute."""
        if key not in self.keys:
            return {}
        # Only the rows of this KEY: a catalog may have a hundred others.
        rows = self.key_of[self.codes] == self.keys.index(key)
        counts = np.bincount(self.codes[rows & mask[self.numbers]], minlength=len(self.places))
        pairs = list(self.places)
        return {pairs[at].partition("=")[2]: int(counts[at]) for at in np.flatnonzero(counts)}

    def count_keys(self, mask: np.ndarray) -> dict[str, int]:
        """Count the products of a mask by the attributes that they have."""
        counts = np.bincount(self.key_of[self.codes[mask[self.numbers]]], minlength=len(self.keys))
        return {self.keys[at]: int(counts[at]) for at in np.flatnonzero(counts)}

    def updated(self, changed: np.ndarray, rows: Mapping[int, Facts]) -> "AttributeTable":
        """Replace the attributes of changed products by those of their new facts."""
        places, keys = dict(self.places), dict.fromkeys(self.keys)
        numbers, codes = [], []
        for number, facts in rows.items():
            for key, value in facts.attributes.items():
                keys.setdefault(key)
                numbers.append(number)
                codes.append(places.setdefault(attribute_pair(key, value), len(places)))
        if not numbers and not len(self.numbers):
            return self
        at = {key: place for place, key in enumerate(keys)}
        new = [at[pair.partition("=")[0]] for pair in list(places)[len(self.places) :]]
        kept = ~np.isin(self.numbers, changed)
        return AttributeTable(
            places,
            tuple(keys),
            np.concatenate([self.key_of, np.array(new, dtype=np.int32)]),
            np.concatenate([self.numbers[kept], np.array(numbers, dtype=np.int32)]),
            np.concatenate([self.codes[kept], np.array(codes, dtype=np.int32)]),
        )


NO_ATTRIBUTES = AttributeTable({}, (), *(np.zeros(0, dtype=np.int32) for _ in range(3)))


@dataclass(frozen=True, slots=True)
class FactTable:
    """The facts of every product, for filters, facets and sorting.

    Attributes:
        size: one more than the highest number.
        created: seconds since 1970, by number.
    """

    size: int
    facets: Mapping[str, _Pairs]
    created: np.ndarray
    attributes: AttributeTable

    def mask(self, filters: Filters) -> np.ndarray:
        """Return for each product number whether the product passes the filters."""
        passed = np.ones(self.size, dtype=bool)
        for name, values in filters.values.items():
            passed &= self._having(name, values)
        if filters.prices:
            currencies = filters.values.get("currency")
            priced = np.zeros(self.size, dtype=bool)
            for low, high in map(bounds, filters.prices):
                priced |= self.facets["currency"].priced(currencies, low, high, self.size)
            passed &= priced
        return passed

    def _having(self, name: str, values: Iterable[str]) -> np.ndarray:
        key = attribute_key(name)
        if key is None:
            return self.facets[name].having(values, self.size)
        return self.attributes.having(key, values, self.size)

    def lowest_prices(self, currencies: Iterable[str]) -> np.ndarray:
        """Return the lowest price of each product in the currencies, in price units; the highest integer for none."""
        return self.facets["currency"].lowest(currencies, self.size)

    def count(self, name: str, mask: np.ndarray) -> dict[str, int]:
        """Count the products of a mask by their values of a facet; a product without a value counts nowhere."""
        if name == ATTRIBUTES:
            return self.attributes.count_keys(mask)
        if (key := attribute_key(name)) is not None:
            return self.attributes.count(key, mask)
        counted = self.facets[name].count(mask)
        counted.pop("", None)
        return counted


EMPTY_FACTS = FactTable(1, dict.fromkeys(FACETS, _NO_PAIRS), np.zeros(1, np.int64), NO_ATTRIBUTES)


def read_facts(connection: sqlite3.Connection, before: FactTable, changed: np.ndarray, size: int) -> FactTable:
    """Bring a table of facts up to date.

    Args:
        before: the table as it was.
        changed: numbers of the products that changed since.
        size: one more than the highest number.
    """
    rows = neutral.facts(connection, changed.tolist())
    created = _grown(before.created, size, 0)
    created[list(rows)] = [facts.created for facts in rows.values()]
    facets = {name: before.facets[name].updated(changed, _pairs(name, rows)) for name in FACETS}
    return FactTable(size, facets, created, before.attributes.updated(changed, rows))


def _pairs(name: str, rows: Mapping[int, Facts]) -> list[tuple[int, str, int]]:
    if name == "currency":
        return [
            (number, currency, units(amount))
            for number, facts in rows.items()
            for currency, amount in facts.prices.items()
        ]
    return [(number, value, 0) for number, facts in rows.items() for value in facet_values(name, facts)]
