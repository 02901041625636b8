"""Searches the index of one language."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Query

from indexes.completion import Completion, prefix_key
from indexes.embedded import schema
from indexes.embedded.damage import broken
from indexes.embedded.files import Files, checksum
from indexes.model import Filters
from indexes.readable import is_readable

_MASK_ALL_BELOW = 10_000
"""Up to this many matches it is faster to ask of all of them which tokens they hold than to name the candidates first
(0.45 ms against 1.06 ms at 6,600 matches, 4.8 against 2.5 at 64,000)."""

_TOKENS_A_MASK = 12
"""Each token takes two bits of a score, and a float32 has 24 bits that are exact."""


@dataclass(frozen=True, slots=True)
class TextHit:
    """A document found by tokens; ``number`` is the product's."""

    number: int
    score: float
    matched: tuple[str, ...]
    in_title: tuple[str, ...]


class TextReader:
    """Searches one language's index.

    Args:
        lang: its language.
        folder: where it is.
        files: size and CRC-32 of each of its files.
        verified: files of an earlier folder that were found whole; the same ones are not read again.

    Raises:
        BrokenIndexError: a file is missing or is not what was written.
    """

    def __init__(self, lang: str, folder: Path, files: Files, verified: Files | None = None) -> None:
        self.lang = lang
        self.files = files
        _verify(folder, files, verified or {})
        try:
            index = tantivy.Index.open(str(folder))
            index.config_reader("manual", 0)
            index.reload()
            self._searcher = index.searcher()
        except ValueError as exc:
            raise broken(folder.parent, exc) from exc

    @property
    def documents(self) -> int:
        """How many documents the language has."""
        return self._searcher.num_docs

    def find(
        self,
        tokens: Sequence[str],
        filters: Filters,
        currencies: Mapping[str, int],
        limit: int,
        ids: Sequence[str],
    ) -> tuple[list[TextHit], int]:
        """Return the best documents, equal scores by id, and the number of all that hold one of the tokens.

        Args:
            currencies: number of each currency in this index.
            ids: id of each product number.
        """
        asked = [token for token in dict.fromkeys(tokens) if is_readable(token)]
        if not asked:
            return [], 0
        conditions = list(schema.within(filters, currencies))
        hits, total = self._best(schema.all_of(schema.weighted(asked), conditions), limit)
        numbered = zip((score for score, _ in hits), self._numbers([address for _, address in hits]), strict=True)
        chosen = sorted(numbered, key=lambda hit: (-hit[0], ids[hit[1]]))[:limit]
        masks = self._masks(asked, conditions, [number for _, number in chosen], total)
        return [_hit(number, score, asked, masks[number]) for score, number in chosen], total

    def _best(self, query: Query, limit: int) -> tuple[list[tuple[float, Any]], int]:
        """Return the best hits, with all that score as much as the last of them: the engine orders those at will."""
        limit = max(limit, 1)
        asked = limit + 1
        while True:
            found = self._searcher.search(query, asked)
            hits, total = found.hits, _count(found)
            last = hits[limit - 1][0] if len(hits) >= limit else None
            if len(hits) == total or hits[-1][0] != last:
                return [hit for hit in hits if last is None or hit[0] >= last], total
            asked *= 8

    def _numbers(self, addresses: list[Any]) -> list[int]:
        return [int(number or 0) for number in self._searcher.fast_field_values(schema.NUMBER, addresses)]

    def _masks(
        self, tokens: Sequence[str], conditions: Sequence[Query], numbers: Sequence[int], total: int
    ) -> dict[int, int]:
        """Return for each candidate which tokens it holds: bit 2n for token n in the title, 2n + 1 elsewhere.

        One search answers for all candidates and tokens, by letting each meeting score a power of two.
        """
        masks = dict.fromkeys(numbers, 0)
        if total > _MASK_ALL_BELOW and len(numbers) < total // 10:
            conditions, total = [schema.numbered(numbers)], len(numbers)
        for first in range(0, len(tokens), _TOKENS_A_MASK):
            query = schema.all_of(schema.meetings(tokens[first : first + _TOKENS_A_MASK]), conditions)
            found = self._searcher.search(query, max(total, 1))
            held_by = self._numbers([address for _, address in found.hits])
            for (score, _), number in zip(found.hits, held_by, strict=True):
                if number in masks:
                    masks[number] |= int(score) << 2 * first
        return masks

    def frequencies(self, tokens: Iterable[str]) -> dict[str, int]:
        """Return in how many documents each token stands."""
        return {token: _count(self._searcher.search(schema.any_field(token), 1)) for token in dict.fromkeys(tokens)}

    def example(self, name: str, value: str) -> int | None:
        """Return the number of a product that has a value of a facet or attribute."""
        found = self._searcher.search(schema.having(name, value), 1, count=False)
        return next(iter(self._numbers([address for _, address in found.hits])), None)

    def shown(self, numbers: Sequence[int]) -> dict[int, list[Any]]:
        """Return what is shown of the products that have a document.

        It is the title, its language and state, category, brand, and (not in builds of earlier versions) attributes.
        """
        if not numbers:
            return {}
        found = self._searcher.search(schema.numbered(numbers), len(numbers), count=False)
        addresses = [address for _, address in found.hits]
        return {
            number: json.loads(_bytes(self._searcher.doc(address)))
            for number, address in zip(self._numbers(addresses), addresses, strict=True)
        }

    def completions(self, typed: str, limit: int) -> list[Completion]:
        """Return what begins with what was typed: at least the best ``limit`` of each kind that there are."""
        prefix = prefix_key(self.lang, typed)
        if not prefix:
            return []
        found: list[Completion] = []
        for start in (schema.FROM_START, schema.FROM_WORD):
            found += self._groups(start, prefix, limit)
            found += self._titles(start, prefix, limit)
        return found

    def _groups(self, start: str, prefix: str, limit: int) -> Iterable[Completion]:
        # Counted over all documents, because counts without a query include deleted ones.
        everything = Query.all_query()
        for term, count in self._searcher.terms_with_prefix(schema.SUGGESTED_GROUPS, start + prefix, everything, limit):
            kind, text = term.partition(schema.SEPARATOR)[2][:1], term.partition(schema.SEPARATOR)[2][1:]
            if count:
                yield Completion("brand" if kind == "b" else "category", text, count, start == schema.FROM_START)

    def _titles(self, start: str, prefix: str, limit: int) -> Iterable[Completion]:
        # Several products may carry the same title, and some may be deleted: ask for more than are shown.
        terms = self._searcher.terms_with_prefix(schema.SUGGESTED_TITLES, start + prefix, None, 4 * limit)
        numbers = list(dict.fromkeys(int(term.rpartition(schema.SEPARATOR)[2]) for term, _ in terms))
        shown = self.shown(numbers)
        for number in numbers:
            if number in shown:
                yield Completion("product", shown[number][0], 1, start == schema.FROM_START)


def _count(found: Any) -> int:
    # tantivy's stub lacks the attribute.
    return int(found.count or 0)


def _bytes(document: tantivy.Document) -> bytes:
    stored: Any = document.get_first(schema.SHOWN)
    return bytes(stored)


def _hit(number: int, score: float, tokens: Sequence[str], mask: int) -> TextHit:
    matched = tuple(token for at, token in enumerate(tokens) if mask >> 2 * at & 3)
    in_title = tuple(token for at, token in enumerate(tokens) if mask >> 2 * at & 1)
    return TextHit(number, score, matched, in_title)


def _verify(folder: Path, files: Files, verified: Files) -> None:
    for name, (size, crc) in files.items():
        path = folder / name
        if not path.is_file():
            raise broken(folder.parent, f"{folder.name}/{name} is missing")
        if path.stat().st_size != size or (verified.get(name) != (size, crc) and checksum(path) != crc):
            raise broken(folder.parent, f"{folder.name}/{name} is not what was written")
