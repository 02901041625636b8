"""Facets: what the hits could be narrowed by, counted and named in the buyer's language."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from catalog.errors import UnknownValueError
from indexes.backend import SearchIndex
from indexes.facts import attribute_key, facet_values
from indexes.model import ATTRIBUTE, ATTRIBUTES, FACETS, Filters, IndexDocument, ProductDocument
from search.model import Facet, FacetValue
from search.planning import read_filters
from translation.terminology.termbase import Termbase

_MOST_VALUES = 30
"""Values shown of one facet; a buyer reads no further, and each needs a label."""

_MOST_ATTRIBUTES = 10
"""Attributes counted, those that the most hits have, beside those that are filtered by."""

Pool = Callable[[Filters], Sequence[ProductDocument]]
"""Finds the products of the same query under other filters."""

_Counts = Mapping[str, int]
"""How many products have each value of a facet."""


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
        attributes = _attributes(Counter(key for one in products for key in one.facts.attributes), filters)
        counted: dict[str, _Counts] = {}
        examples: dict[tuple[str, str], str] = {}
        over_all = [name for name in (*FACETS, *attributes) if name not in filters.values]
        _count(products, over_all, counted, examples)
        for name in filters.values:
            _count(pool(_without(filters, name)), [name], counted, examples)
        return self._named(lang, {name: counted[name] for name in (*FACETS, *attributes)}, examples, build)

    def of_all(self, lang: str, given: Sequence[tuple[str, str]], build: str | None) -> tuple[Facet, ...]:
        """Count facets over all products that pass the filters."""
        filters = read_filters(given)
        keys = self._index.facets([ATTRIBUTES], None, filters, build)[ATTRIBUTES]
        names = (*FACETS, *_attributes(keys, filters))
        counted = dict(self._index.facets([name for name in names if name not in filters.values], None, filters, build))
        for name in filters.values:
            counted |= self._index.facets([name], None, _without(filters, name), build)
        return self._named(lang, {name: counted[name] for name in names}, {}, build)

    def check_attributes(self, given: Sequence[tuple[str, str]], build: str | None) -> None:
        """Refuse filters by attributes that there are not; asked where nothing was found, and so for nothing else.

        Raises:
            UnknownValueError: no product has the attribute.
        """
        asked = {name: key for name in read_filters(given).values if (key := attribute_key(name)) is not None}
        if not asked:
            return
        there = self._index.facets([ATTRIBUTES], None, Filters(), build)[ATTRIBUTES]
        for name, key in asked.items():
            # Of very many attributes not all are counted together.
            if key not in there and not self._index.facets([name], None, Filters(), build)[name]:
                raise UnknownValueError("filter", name, [*FACETS, *(f"{ATTRIBUTE}{one}" for one in there)])

    # -- names --------------------------------------------------------------------------------------------------------

    def _named(
        self,
        lang: str,
        counted: Mapping[str, _Counts],
        known: Mapping[tuple[str, str], str],
        build: str | None,
    ) -> tuple[Facet, ...]:
        """Return facets with the names of their values.

        Args:
            known: for a facet and value a product that has it, where one is known.
        """
        shown = {name: _most_frequent(counts) for name, counts in counted.items()}
        pairs = [(name, value) for name in shown if _named_by_documents(name) for value, _ in shown[name]]
        examples = dict(known)
        if missing := [pair for pair in pairs if pair not in known]:
            examples |= self._index.examples(lang, missing, build)
        named = {pair: examples[pair] for pair in pairs if pair in examples}
        documents = self._index.documents(lang, sorted(set(named.values())), build)
        of_pair = {pair: documents[name] for pair, name in named.items() if name in documents}
        return tuple(
            Facet(
                name,
                self._label(lang, name, (of_pair[name, value] for value, _ in values if (name, value) in of_pair)),
                tuple(
                    FacetValue(value, _value_label(lang, name, value, of_pair.get((name, value))), number)
                    for value, number in values
                ),
            )
            for name, values in shown.items()
        )

    def _label(self, lang: str, name: str, documents: Iterable[IndexDocument]) -> str:
        """Return a facet's name; an attribute's as the first of the documents calls it."""
        key = attribute_key(name)
        if key is None:
            return self._termbase.named(_CONCEPTS[name], lang)
        return next((one.attributes[key][0] for one in documents if key in one.attributes), key)


_CONCEPTS = {
    "category": "category",
    "brand": "brand",
    "supplier": "supplier",
    "country": "country",
    "currency": "currency",
}
"""Concept of the termbase that names each facet."""


def _named_by_documents(name: str) -> bool:
    """Say whether values have names in the documents; the others are named by their ids, countries by CLDR."""
    return name in ("category", "brand") or attribute_key(name) is not None


def _most_frequent(counts: _Counts) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST_VALUES]


def _attributes(keys: _Counts, filters: Filters) -> list[str]:
    """Return the names of the attribute facets to show: those filtered by, and those that the most products have."""
    most = sorted(keys, key=lambda key: (-keys[key], key))[:_MOST_ATTRIBUTES]
    chosen = [name for name in filters.values if attribute_key(name) is not None]
    return list(dict.fromkeys([*chosen, *(f"{ATTRIBUTE}{key}" for key in most)]))


def _value_label(lang: str, name: str, value: str, document: IndexDocument | None) -> str:
    if name == "country":
        from babel import Locale

        return str(Locale(lang).territories.get(value, value))
    if document is None:
        return value
    if name == "brand":
        return document.brand
    if (key := attribute_key(name)) is not None:
        return document.attributes[key][1] if key in document.attributes else value
    depth = document.facts.category.index(value)
    # A path that was corrected to another number of levels is shown by its last one.
    return document.category_path[min(depth, len(document.category_path) - 1)]


def _count(
    products: Sequence[ProductDocument],
    names: Sequence[str],
    counted: dict[str, _Counts],
    examples: dict[tuple[str, str], str],
) -> None:
    """Count the values of facets, and note of each value the best product that has it."""
    keys = {key: name for name in names if (key := attribute_key(name)) is not None}
    numbers: dict[str, Counter[str]] = {name: Counter() for name in names}
    for product in products:
        for name, value in _values(product, names, keys):
            numbers[name][value] += 1
            examples.setdefault((name, value), product.id)
    counted.update(numbers)


def _values(product: ProductDocument, names: Sequence[str], keys: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in names:
        if name in FACETS:
            for value in facet_values(name, product.facts):
                yield name, value
    for key, value in product.facts.attributes.items():
        if key in keys:
            yield keys[key], value


def _without(filters: Filters, name: str) -> Filters:
    return replace(filters, values={key: value for key, value in filters.values.items() if key != name})
