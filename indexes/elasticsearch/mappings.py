"""Settings and fields of the indexes. Nothing in them comes about by itself: mappings are strict, options explicit."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalog.languages import CODES
from indexes.acceptable import WEIGHTS
from indexes.elasticsearch.analyzers import IN_PAIRS, Analyzers
from indexes.facts import attribute_key, attribute_pair
from indexes.model import ATTRIBUTES
from translation.model import digest

FORMAT = "1"
"""Changes with the fields or with what is written into them."""

LONGEST_VALUE = 8_191
"""Characters of a code or a facet's value that can be found by; Lucene keeps terms of 32,766 bytes."""

_PREFIX_CHARACTERS = 8
"""Beginnings of this length and shorter are kept ready; longer ones begin few texts."""


def language_index(lang: str, analyzers: Analyzers, shards: int = 1, replicas: int = 1) -> dict[str, Any]:
    """Return settings and mappings of a language's index."""
    settings = {**_settings(shards, replicas), "analysis": analyzers.settings(lang)}
    text = {"type": "text", "analyzer": "text", "index_options": "freqs", "copy_to": "all"}
    properties: dict[str, Any] = {name: dict(text) for name in WEIGHTS}
    properties["title"]["fields"] = _as_written(lang)
    return {
        "settings": {"index": settings},
        "mappings": {
            "_meta": {"format": FORMAT},
            "dynamic": "strict",
            # What is analysed is in the store; here it would be kept fifteen times.
            "_source": {"excludes": [*WEIGHTS, "all", "title_starts", "word_starts", "groups", "attributes"]},
            "properties": {
                **_of_facts(),
                # Filtered by in every language, counted in the index without language only.
                "attributes": {**_keyword(), "doc_values": False},
                **properties,
                # Where a token stands matters for the score only; that it is there, for coverage and its frequency.
                "all": {**_presence("text"), "fields": _as_written(lang)},
                "title_key": {"type": "keyword", "index": False, "doc_values": True},
                "title_starts": _beginnings(),
                "word_starts": _beginnings(),
                "groups": _keyword(),
                "shown": {"type": "object", "enabled": False},
            },
        },
    }


def neutral_index(
    dimensions: int | None, shards: int = 1, replicas: int = 1, *, langs: Sequence[str] = ()
) -> dict[str, Any]:
    """Return settings and mappings of the index without language.

    Args:
        dimensions: length of the vectors; ``None`` for that of the first one that is written.
        shards: into how many parts it is cut.
        replicas: copies of each part beside the first.
        langs: of the build, told by its mapping: who reads it knows when one of them is gone.
    """
    vector: dict[str, Any] = {
        "type": "dense_vector",
        "index": True,
        "similarity": "dot_product",
        # Elasticsearch's default is one bit a dimension; how well these find is told in docs/cluster.md.
        "index_options": {"type": "int8_hnsw", "m": 16, "ef_construction": 100},
    }
    if dimensions is not None:
        vector["dims"] = dimensions
    return {
        "settings": {"index": _settings(shards, replicas)},
        "mappings": {
            "_meta": {"format": FORMAT, "langs": list(langs)},
            "dynamic": "strict",
            "_source": {"excludes": ["nearness", "attributes", "attribute_keys"]},
            "properties": {
                **_of_facts(),
                "attributes": _keyword(),
                "attribute_keys": _keyword(),
                "source_lang": _keyword(),
                "codes": _keyword(),
                "concepts": _keyword(),
                "nearness": vector,
                "vector": {"type": "binary"},
                "shown": {"type": "object", "enabled": False},
            },
        },
    }


def mappings_digest(analyzers: Analyzers, version: str) -> str:
    """Return a digest of all that decides which tokens a cluster's indexes hold.

    Args:
        version: of the cluster: its analyzers change with it.
    """
    parts = [FORMAT, version, *(str(language_index(lang, analyzers)) for lang in CODES), str(neutral_index(None))]
    return digest("elasticsearch", *parts)


def _settings(shards: int, replicas: int) -> dict[str, Any]:
    return {
        "number_of_shards": shards,
        # A copy as soon as there is another node for it.
        "auto_expand_replicas": f"0-{replicas}",
        # A commit makes visible what was written, and nothing else does.
        "refresh_interval": "-1",
        # So long a deletion is remembered, that a write which was held up does not undo it.
        "gc_deletes": "1h",
    }


def _of_facts() -> dict[str, Any]:
    """Return the fields by which products are filtered, counted and sorted; prices are pairs, not a field each."""
    return {
        "id": {"type": "keyword"},
        "category_ids": _keyword(),
        "brand": _keyword(),
        "supplier": _keyword(),
        "country": _keyword(),
        "currency": _keyword(),
        "created": {"type": "long"},
        "prices": {
            "type": "nested",
            "dynamic": "strict",
            "properties": {"currency": _keyword(), "amount": {"type": "long"}},
        },
    }


def _keyword() -> dict[str, Any]:
    return {"type": "keyword", "ignore_above": LONGEST_VALUE}


def _presence(analyzer: str) -> dict[str, Any]:
    return {"type": "text", "analyzer": analyzer, "index_options": "docs", "norms": False}


def _as_written(lang: str) -> dict[str, Any]:
    """Return the further forms in which words are kept: unstemmed without accents, and in pairs of characters."""
    fields = {"written": _presence("written")}
    return {**fields, "pairs": _presence("pairs")} if lang in IN_PAIRS else fields


def _beginnings() -> dict[str, Any]:
    return {**_presence("keyword"), "index_prefixes": {"min_chars": 1, "max_chars": _PREFIX_CHARACTERS}}


def facet_field(name: str) -> str:
    """Return the field of a facet; attributes are pairs in one field, not a field each of thousands of KEYs."""
    return "attributes" if attribute_key(name) is not None else _FIELDS.get(name, name)


_FIELDS: Mapping[str, str] = {"category": "category_ids", ATTRIBUTES: "attribute_keys"}


def facet_terms(name: str, values: Iterable[str]) -> list[str]:
    """Return values of a facet as the field has them."""
    key = attribute_key(name)
    return list(values) if key is None else [attribute_pair(key, value) for value in values]
