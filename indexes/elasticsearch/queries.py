"""Queries and aggregations, in Elasticsearch's language."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from indexes.elasticsearch.mappings import LONGEST_VALUE, facet_field, facet_terms
from indexes.elasticsearch.tokens import anywhere
from indexes.facts import attribute_key, attribute_pair, bounds
from indexes.model import Filters
from indexes.readable import is_readable

Query = dict[str, Any]

NOTHING: Query = {"match_none": {}}
EVERYTHING: Query = {"match_all": {}}


def within(filters: Filters) -> list[Query]:
    """Return what a document must match to pass the filters."""
    conditions = [any_value(facet_field(name), facet_terms(name, values)) for name, values in filters.values.items()]
    if filters.prices:
        currencies = filters.values.get("currency")
        conditions.append(any_of(_priced(*bounds(one), currencies) for one in filters.prices))
    return conditions


def _priced(low: int, high: int, currencies: Sequence[str] | None) -> Query:
    if low > high:
        return NOTHING
    conditions: list[Query] = [{"range": {"prices.amount": {"gte": low, "lte": high}}}]
    if currencies is not None:
        conditions.append(any_value("prices.currency", currencies))
    return {"nested": {"path": "prices", "query": {"bool": {"filter": conditions}}}}


def any_value(field: str, values: Iterable[str]) -> Query:
    """Match documents that have one of the values in a field."""
    return {"terms": {field: [value for value in values if len(value) <= LONGEST_VALUE]}}


def any_of(queries: Iterable[Query]) -> Query:
    """Match what one of the queries matches."""
    alternatives = list(queries)
    return {"bool": {"should": alternatives, "minimum_should_match": 1}} if alternatives else NOTHING


def all_of(query: Query, conditions: Sequence[Query]) -> Query:
    """Match what ``query`` matches and score it so, where all conditions hold."""
    return {"bool": {"must": [query], "filter": list(conditions)}} if conditions else query


def facet_counts(name: str, most: int) -> dict[str, Any]:
    """Return an aggregation that counts documents by the most frequent values of a facet."""
    terms: dict[str, Any] = {"field": facet_field(name), "size": most}
    if (key := attribute_key(name)) is not None:
        # A KEY has letters, digits and hyphens only: nothing that means more in this expression.
        terms["include"] = f"{attribute_pair(key, '')}.*"
    return {"terms": terms}


def one_with(name: str, value: str) -> dict[str, Any]:
    """Return a search for any one document that has a value of a facet."""
    condition = any_value(facet_field(name), facet_terms(name, [value]))
    return {
        "query": {"bool": {"filter": [condition]}},
        "size": 1,
        "terminate_after": 1,
        "_source": False,
        "docvalue_fields": ["id"],
    }


def named_term(field: str, value: str, name: str, boost: float = 1.0) -> Query:
    """Match a term, scored by its rarity; hits say ``name`` where it matched."""
    return {"term": {field: {"value": value, "boost": boost, "_name": name}}}


def counting(queries: Mapping[str, Query]) -> dict[str, Any]:
    """Return a search that counts the documents of each query, and all there are."""
    search: dict[str, Any] = {"size": 0, "track_total_hits": True}
    if queries:
        search["aggs"] = {"counts": {"filters": {"filters": dict(queries)}}}
    return search


def counted(answer: Mapping[str, Any]) -> tuple[dict[str, int], int]:
    """Return what :func:`counting` found: documents by name, and all."""
    buckets = answer.get("aggregations", {}).get("counts", {}).get("buckets", {})
    return {name: bucket["doc_count"] for name, bucket in buckets.items()}, total(answer)


def total(answer: Mapping[str, Any]) -> int:
    """Return how many documents a search matched."""
    return int(answer["hits"]["total"]["value"])


def holding(token: str) -> Query:
    """Match documents that hold a token anywhere."""
    field, term = anywhere(token)
    return {"term": {field: term}}


def readable_terms(terms: Iterable[str]) -> list[str]:
    """Return the terms that can stand in an index, each once."""
    return [term for term in dict.fromkeys(terms) if is_readable(term) and 0 < len(term) <= LONGEST_VALUE]
