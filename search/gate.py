"""The build checks that need a search: is what must be found found on the new build, and as well as before?"""

from collections.abc import Callable, Iterable, Sequence

from catalog.errors import LexicartError
from catalog.model import Product
from indexes.model import BuildCheck
from search.evaluation import JudgedQuery, by_service, evaluate
from search.model import SearchQuery
from search.planning import MAX_QUERY_LENGTH
from search.service import SearchService

PARITY_MARGIN = 0.05
"""A new build may have this much less cross-language recall than the live one: chance on a few hundred queries."""

LEAST_FOUND = 0.9
"""Share of the probes by title that must be found; near duplicates push each other out of ten places."""


def known_item_check(service: SearchService, sample: Callable[[], Iterable[Product]]) -> BuildCheck:
    """Return a check that products are found by their sku, and by the words of their own title.

    Args:
        service: searches a named build.
        sample: returns the products to probe with.
    """

    def check(build: str, live: str | None) -> list[str]:
        products = list(sample())
        try:
            langs = service.languages(build)
            titled = [one for one in products if one.lang in langs]
            by_code = [one.id for one in products if not _found(service, one.sku, one, langs, build)]
            by_title = [one.id for one in titled if not _found(service, one.title, one, langs, build)]
        except LexicartError as exc:
            return [f"the new build can't be searched: {exc}"]
        reasons = []
        if by_code:
            reasons.append(f"{len(by_code)} of {len(products)} products are not found by their sku: {_some(by_code)}")
        if len(titled) - len(by_title) < LEAST_FOUND * len(titled):
            reasons.append(f"{len(by_title)} of {len(titled)} are not found by their title: {_some(by_title)}")
        return reasons

    return check


def parity_check(
    service: SearchService, queries: Callable[[], Sequence[JudgedQuery]], source_langs: Callable[[], dict[str, str]]
) -> BuildCheck:
    """Return a check that recall, across languages and within, did not fall below the live build's by a margin.

    Args:
        service: searches a named build.
        queries: known-item queries that the catalog yields.
        source_langs: language in which each product was written.
    """

    def check(build: str, live: str | None) -> list[str]:
        if live is None:
            return []
        shared = set(service.languages(live)) & set(service.languages(build))
        langs = source_langs()
        asked = [query for query in queries() if query.lang in shared]
        if not asked:
            return []
        before = evaluate(asked, by_service(service, live), langs)
        now = evaluate(asked, by_service(service, build), langs)
        return [
            f"{what} of the known-item queries fell from {was['recall@10']:.3f} to {is_['recall@10']:.3f}"
            for what, was, is_ in (
                ("recall@10 across languages", before.across, now.across),
                ("recall@10 within a language", before.within, now.within),
            )
            if was and is_["recall@10"] < was["recall@10"] - PARITY_MARGIN
        ]

    return check


def _found(service: SearchService, text: str, product: Product, langs: Sequence[str], build: str) -> bool:
    if not text.strip():
        return True
    lang = product.lang if product.lang in langs else langs[0]
    page = service.search(SearchQuery(text[:MAX_QUERY_LENGTH], lang), build)
    return any(hit.id == product.id for hit in page.hits)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
