"""Is on the cluster what the store says? Every document of every language is compared, not a sample."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from api.bootstrap import Parts
from indexes.acceptable import acceptable_document, acceptable_product
from indexes.documents import index_documents, product_documents
from indexes.elasticsearch.analyzers import Analyzers
from indexes.elasticsearch.documents import document_source, product_source
from indexes.elasticsearch.mappings import language_index, neutral_index
from indexes.embedding import language_means

_PAGE = 500

Sources = dict[str, dict[str, Any]]


def differences(parts: Parts, build: str | None = None) -> list[str]:
    """Return what a build has otherwise than the store says it should, a sentence a part; empty where it has all."""
    name = build or parts.index.live()
    assert name is not None, "no build serves"
    found = []
    for part, expected in _expected(parts).items():
        there = dict(_there(parts, f"{parts.settings.elasticsearch_prefix}-{part}-{name}"))
        missing = expected.keys() - there.keys()
        more = there.keys() - expected.keys()
        wrong = [one for one in expected.keys() & there.keys() if expected[one] != there[one]]
        if missing or more or wrong:
            found.append(
                f"{part}: {len(missing)} missing {sorted(missing)[:3]}, {len(more)} too many {sorted(more)[:3]}, "
                f"{len(wrong)} differ {sorted(wrong)[:3]} of {len(expected)}"
            )
    return found


def number_of_documents(parts: Parts) -> int:
    """Return how many documents the live build should hold in all its indexes."""
    return len(parts.products.live_ids()) * (len(parts.settings.langs) + 1)


def _expected(parts: Parts) -> dict[str, Sources]:
    langs = parts.settings.langs
    means = language_means(parts.encoder).by_language
    found: dict[str, Sources] = {part: {} for part in (*langs, "products")}
    page = list(parts.products.stream())
    texts = parts.translations.field_texts([one.product.id for one in page], langs)
    for one in page:
        for document in index_documents(one, texts.get(one.product.id, ())):
            taken = acceptable_document(document, langs)
            found[document.lang][taken.id] = _kept(document_source(taken))
    for product in product_documents(page, parts.encoder, parts.termbase):
        checked = acceptable_product(product, None)
        found["products"][checked.id] = _kept(product_source(checked, means))
    return found


def _there(parts: Parts, index: str) -> Iterator[tuple[str, dict[str, Any]]]:
    after: list[Any] | None = None
    while True:
        answer = parts.cluster.reads.options(request_timeout=60).search(
            index=index, size=_PAGE, sort=[{"id": "asc"}], allow_partial_search_results=False, search_after=after
        )
        hits = answer["hits"]["hits"]
        if not hits:
            return
        yield from ((hit["_source"]["id"], _kept(hit["_source"])) for hit in hits)
        after = hits[-1]["sort"]


def _kept(source: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(json.dumps({key: source[key] for key in source if key not in _not_kept()}))
    return kept


@cache
def _not_kept() -> frozenset[str]:
    """Return what the cluster analyses and does not give back; it was written in one piece with the rest."""
    made = (language_index("en", Analyzers()), neutral_index(None))
    return frozenset(name for one in made for name in one["mappings"]["_source"]["excludes"])
