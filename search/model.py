"""What a buyer asks and what a buyer gets."""

from dataclasses import dataclass, field
from typing import Any

LEGS = ("text", "original", "code", "meaning", "term")
"""Ways of finding: words in the buyer's language, words in the query's own, identifiers, vectors, known terms."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A buyer's question.

    Attributes:
        text: what was typed; empty to browse.
        lang: the buyer's language, in which hits are shown.
        query_lang: language of ``text`` where it differs from ``lang``; ``None``: told from its script, else ``lang``.
        filters: ``(name, value)`` as given; one name twice is OR, different names AND.
        sort: one of :data:`indexes.model.SORTS`.
        facets: whether to count facets.
    """

    text: str
    lang: str
    query_lang: str | None = None
    limit: int = 10
    offset: int = 0
    filters: tuple[tuple[str, str], ...] = ()
    sort: str = "relevance"
    facets: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a hit was found: by which leg, in which language, by which words, and how much that counted."""

    leg: str
    lang: str
    terms: tuple[str, ...]
    score: float

    def as_json(self) -> dict[str, Any]:
        """One entry of ``why``."""
        return {"leg": self.leg, "lang": self.lang, "terms": list(self.terms), "score": round(self.score, 4)}


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One product found, as the buyer's language shows it."""

    rank: int
    id: str
    supplier: str
    sku: str
    title: str
    title_lang: str
    title_state: str
    source_title: str
    source_lang: str
    score: float
    why: tuple[Reason, ...]
    brand: str
    category_id: str | None
    category_path: tuple[str, ...]
    price: str | None
    currency: str | None
    country: str | None
    image: str | None
    url: str | None

    def as_json(self) -> dict[str, Any]:
        """One entry of ``hits``."""
        return {
            "rank": self.rank,
            "id": self.id,
            "supplier": self.supplier,
            "sku": self.sku,
            "title": self.title,
            "title_lang": self.title_lang,
            "title_state": self.title_state,
            "source_title": self.source_title,
            "source_lang": self.source_lang,
            "score": round(self.score, 4),
            "why": [reason.as_json() for reason in self.why],
            "brand": self.brand or None,
            "category": {"id": self.category_id, "path": list(self.category_path)},
            "price": self.price,
            "currency": self.currency,
            "country": self.country,
            "image": self.image,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value by which hits can be narrowed: its id for filters, its label for the buyer, how many hits have it."""

    id: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one property among the hits, the most frequent first."""

    name: str
    label: str
    values: tuple[FacetValue, ...]

    def as_json(self) -> dict[str, Any]:
        """One entry of ``facets``."""
        values = [{"id": value.id, "label": value.label, "count": value.count} for value in self.values]
        return {"name": self.name, "label": self.label, "values": values}


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The answer to a search.

    Attributes:
        total: how many products were found.
        exact: whether ``total`` is all of them; else there are at least so many.
        took_ms: time that the search took inside the service.
    """

    query: str
    lang: str
    query_lang: str
    total: int
    exact: bool
    took_ms: float
    hits: tuple[SearchHit, ...]
    facets: tuple[Facet, ...] = ()
    suggestions: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The contract's JSON of ``lexicart search`` and ``/v1/search``."""
        return {
            "query": self.query,
            "lang": self.lang,
            "query_lang": self.query_lang,
            "total": self.total,
            "total_is": "exact" if self.exact else "at_least",
            "took_ms": round(self.took_ms, 2),
            "hits": [hit.as_json() for hit in self.hits],
            "facets": [facet.as_json() for facet in self.facets],
            "suggestions": list(self.suggestions),
        }


@dataclass(slots=True)
class Evidence:
    """Everything known of one candidate before the legs are weighed; each part lies between 0 and 1.

    It is filled leg by leg (and not frozen: copying it six times for each of 200 candidates took a fifth of a search).

    Attributes:
        cosine: similarity of the query's and the product's vectors, as measured for this pair of languages.
        words: how well the query's words are met by the words of the product's title, by vectors (MaxSim).
        text: share of the query's information that the buyer's language index met (bounded lexical coverage).
        original: the same in the index of the query's own language.
        term: share of the information of the query's known terms that the product names.
        code: whether an identifier of the query is the product's.
        met: for each leg, what of the query was met.
    """

    cosine: float = 0.0
    words: float = 0.0
    text: float = 0.0
    original: float = 0.0
    term: float = 0.0
    code: float = 0.0
    met: dict[str, tuple[str, ...]] = field(default_factory=dict)
