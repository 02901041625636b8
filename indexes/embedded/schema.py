"""The fields of one language's index, and how filters become terms of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import tantivy
from tantivy import FieldType, Occur, Query

from indexes.acceptable import WEIGHTS
from indexes.facts import AMOUNT_BITS, bounds, facet_values, units
from indexes.model import ATTRIBUTE, FACETS, Facts, Filters

NUMBER = "number"
SHOWN = "shown"
SUGGESTED_GROUPS = "groups"
SUGGESTED_TITLES = "titles"
_FILTER = "filter"
_PRICE = "price"

SEPARATOR = "\x1f"
"""Between the key of a suggestion and what it leads to: a product's number, or a kind's letter and the text."""

FROM_START, FROM_WORD = "0", "1"
"""First character of a key that begins with its text, and of one that begins with a later word."""

MOST_CURRENCIES = (1 << (64 - AMOUNT_BITS)) - 1
"""There are about 180."""

ANY_CURRENCY = 0


@lru_cache(maxsize=1)
def schema() -> tantivy.Schema:
    """Return the schema of a language index."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field(NUMBER, indexed=True, fast=True)
    for name in WEIGHTS:
        # Tokens come analysed from Python; no query asks for phrases, so positions are not kept.
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in (_FILTER, SUGGESTED_GROUPS, SUGGESTED_TITLES):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field(_PRICE, fast=True)
    builder.add_bytes_field(SHOWN, stored=True)
    return builder.build()


# -- documents --------------------------------------------------------------------------------------------------------


def add_facts(document: tantivy.Document, facts: Facts, currency_numbers: Mapping[str, int]) -> None:
    """Add to a document what filters look for.

    Args:
        document: is changed.
        facts: the product's facts.
        currency_numbers: number of each currency of the facts, from 1.
    """
    for name in FACETS:
        for value in facet_values(name, facts):
            document.add_text(_FILTER, _term(name, value))
    for key, value in facts.attributes.items():
        document.add_text(_FILTER, _term(f"{ATTRIBUTE}{key}", value))
    for currency, amount in facts.prices.items():
        for number in (ANY_CURRENCY, currency_numbers[currency]):
            document.add_unsigned(_PRICE, (number << AMOUNT_BITS) + units(amount))


def _term(name: str, value: str) -> str:
    return f"{name}={value}"


# -- queries ----------------------------------------------------------------------------------------------------------


def any_field(token: str) -> Query:
    """Match documents that hold a token anywhere; the score means nothing."""
    return _any_of(Query.term_query(schema(), name, token) for name in WEIGHTS)


def weighted(tokens: Sequence[str]) -> Query:
    """Score documents by BM25 over the fields, the weightier the higher."""
    return _any_of(
        Query.boost_query(Query.term_query(schema(), name, token), weight)
        for token in tokens
        for name, weight in WEIGHTS.items()
    )


def within(filters: Filters, currency_numbers: Mapping[str, int]) -> Iterator[Query]:
    """Yield the queries that a document must match to pass the filters; they score nothing."""
    for name, values in filters.values.items():
        yield _any_of(having(name, value) for value in values)
    if filters.prices:
        chosen = filters.values.get("currency")
        numbers = [ANY_CURRENCY] if chosen is None else [currency_numbers.get(one) for one in chosen]
        yield _any_of(
            _price_between(number, *bounds(range_))
            for range_ in filters.prices
            for number in numbers
            if number is not None
        )


def having(name: str, value: str) -> Query:
    """Match the documents whose product has a value of a facet or attribute."""
    return Query.term_query(schema(), _FILTER, _term(name, value))


def _price_between(currency: int, low: int, high: int) -> Query:
    if low > high:
        return Query.empty_query()
    base = currency << AMOUNT_BITS
    return Query.range_query(schema(), _PRICE, FieldType.Unsigned, base + low, base + high)


def all_of(query: Query, conditions: Iterable[Query]) -> Query:
    """Match what ``query`` matches and score it so, where all conditions hold."""
    required = [(Occur.Must, Query.const_score_query(one, 0.0)) for one in conditions]
    return Query.boolean_query([(Occur.Must, query), *required]) if required else query


def numbered(numbers: Sequence[int]) -> Query:
    """Match the documents of product numbers."""
    return Query.term_set_query(schema(), NUMBER, list(numbers))


def _any_of(queries: Iterable[Query]) -> Query:
    alternatives = [(Occur.Should, query) for query in queries]
    return Query.boolean_query(alternatives) if alternatives else Query.empty_query()


def meetings(tokens: Sequence[str]) -> Query:
    """Score a document by which tokens it holds: 4^n for the nth token in its title, 2 * 4^n elsewhere in it."""
    elsewhere = [name for name in WEIGHTS if name != "title"]
    alternatives = []
    for at, token in enumerate(tokens):
        in_title = Query.term_query(schema(), "title", token)
        in_others = _any_of(Query.term_query(schema(), name, token) for name in elsewhere)
        alternatives += [Query.const_score_query(in_title, 4.0**at), Query.const_score_query(in_others, 2 * 4.0**at)]
    return _any_of(alternatives)
