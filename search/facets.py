"""Facets: what the hits could be narrowed by, counted and named in the buyer's language."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from indexes.backend import SearchIndex
from indexes.model import FACETS, BrowseLeg, Facts, Filters, IndexDocument, ProductDocument
from search.model import Facet, FacetValue
from search.planning import read_filters
from translation.terminology.termbase import Termbase

_MOST_VALUES = 30
"""Values shown of one facet; a buyer reads no further, and each needs a label."""

Pool = Callable[[Filters], Sequence[ProductDocument]]
"""Finds the products of the same query under other filters."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """How many products have a value, and one of them, whose document knows the value's name."""

    number: int
    example: str | None


class FacetCounter:
    """Counts facets over what a search found.

    A facet that is filtered by is counted as if it were not, so that a buyer sees what else could be chosen.

    Args:
        index: counts values over all products, and has the documents that name them.
        termbase: names the facets themselves in every language.
    """

    def __init__(self, index: SearchIndex, termbase: Termbase) -> None:
        self._index = index
        self._termbase = termbase

    def of_pool(
        self,
        lang: str,
        given: Sequence[tuple[str, str]],
        products: Sequence[ProductDocument],
        pool: Pool,
        build: str | None,
    ) -> tuple[Facet, ...]:
        """Count facets over the products that a query found.

        Args:
            lang: language of the labels.
            given: the query's filters.
            products: what the query found under all of them.
            pool: finds the same under other filters.
            build: the build that was searched.
        """
        filters = read_filters(given)
        counted = {}
        for name in FACETS:
            counted_over = pool(_without(filters, name)) if name in filters.values else products
            counted[name] = _count(name, counted_over)
        return self._named(lang, counted, build)

    def of_all(self, lang: str, given: Sequence[tuple[str, str]], build: str | None) -> tuple[Facet, ...]:
        """Count facets over all products that pass the filters."""
        filters = read_filters(given)
        counted = {}
        for name in FACETS:
            numbers = self._index.facets([name], None, _without(filters, name), build)[name]
            counted[name] = {value: _Counted(number, None) for value, number in numbers.items()}
        return self._named(lang, counted, build)

    def _named(self, lang: str, counted: Mapping[str, Mapping[str, _Counted]], build: str | None) -> tuple[Facet, ...]:
        shown = {name: _most_frequent(counted[name]) for name in FACETS}
        examples = {
            (name, value): found.example or self._example(lang, name, value, build)
            for name in _NAMED_BY_DOCUMENTS
            for value, found in shown[name]
        }
        documents = self._index.documents(lang, sorted(set(examples.values())), build)
        return tuple(
            Facet(
                name,
                self._termbase.named(_CONCEPTS[name], lang),
                tuple(
                    FacetValue(
                        value, _label(lang, name, value, documents.get(examples.get((name, value), ""))), found.number
                    )
                    for value, found in shown[name]
                ),
            )
            for name in FACETS
        )

    def _example(self, lang: str, name: str, value: str, build: str | None) -> str:
        """Return a product that has a value; none when a delta withdrew the last one since it was counted."""
        [answer] = self._index.legs([BrowseLeg(lang, "newest", 1)], Filters({name: (value,)}), build)
        return answer.matches[0].id if answer.matches else ""


_CONCEPTS = {
    "category": "category",
    "brand": "brand",
    "supplier": "supplier",
    "country": "country",
    "currency": "currency",
}
"""Concept of the termbase that names each facet."""

_NAMED_BY_DOCUMENTS = ("category", "brand")
"""Facets whose values have names in the documents; the others are named by their ids, countries by CLDR."""


def _most_frequent(counted: Mapping[str, _Counted]) -> list[tuple[str, _Counted]]:
    return sorted(counted.items(), key=lambda item: (-item[1].number, item[0]))[:_MOST_VALUES]


def _label(lang: str, name: str, value: str, document: IndexDocument | None) -> str:
    if name == "country":
        from babel import Locale

        return str(Locale(lang).territories.get(value, value))
    if document is None:
        return value
    if name == "brand":
        return document.brand
    depth = document.facts.category.index(value)
    # A path that was corrected to another number of levels is shown by its last one.
    return document.category_path[min(depth, len(document.category_path) - 1)]


def _count(name: str, products: Sequence[ProductDocument]) -> dict[str, _Counted]:
    numbers: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for product in products:
        for value in _values(name, product.facts):
            numbers[value] += 1
            examples.setdefault(value, product.id)
    return {value: _Counted(number, examples[value]) for value, number in numbers.items()}


def _values(name: str, facts: Facts) -> Iterator[str]:
    if name == "category":
        yield from facts.category
    elif name == "currency":
        yield from (currency for currency in facts.prices if currency)
    elif value := {"brand": facts.brand, "supplier": facts.supplier, "country": facts.country}[name]:
        yield value


def _without(filters: Filters, name: str) -> Filters:
    return replace(filters, values={key: value for key, value in filters.values.items() if key != name})
