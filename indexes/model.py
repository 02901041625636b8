"""What an index holds and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np

FACETS = ("category", "brand", "supplier", "country", "currency")
"""Names by which hits can be counted and filtered; ``price`` can be filtered and sorted only.

Beside them stand the attributes, each as ``attributes.KEY`` (:data:`ATTRIBUTE`).
"""

ATTRIBUTES = "attributes"
"""Counts, as a facet, how many products have an attribute: its values are KEYs. Nothing is filtered by it."""

ATTRIBUTE = "attributes."
"""What the name of the facet of one attribute begins with; the rest is its KEY."""

SORTS = ("relevance", "price", "-price", "newest")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a product is in every language; filters, facets and sorting read it.

    Attributes:
        category: stable ids of the category and of each that holds it, the widest first.
        brand: the brand's stable id (its folded name), empty if none.
        prices: amount by currency; the empty currency stands for a price without one.
        created: seconds since 1970, for ``newest``.
        attributes: id of the value by KEY of the attribute.
    """

    supplier: str
    category: tuple[str, ...] = ()
    brand: str = ""
    country: str = ""
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    created: int = 0
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """One product in one language: what is shown and what is analysed.

    Attributes:
        id: ``supplier/sku``, the same in every language.
        lang: language of the index that holds it.
        title: title to show; the original where it stands in.
        title_lang: language in which ``title`` is written.
        title_state: state of the title in ``lang``.
        analysed: texts by weight class (``title``, ``category``, ``body``) that are analysed as ``lang``: never a
            stand-in, which would be German words under French analysis.
        category_path: names of the category path to show.
        brand: brand to show.
        facts: the product's facts; the same in all languages.
        attributes: name and value to show of each attribute of the facts, by KEY.
    """

    id: str
    lang: str
    title: str
    title_lang: str
    title_state: str
    analysed: Mapping[str, tuple[str, ...]]
    category_path: tuple[str, ...]
    brand: str
    facts: Facts
    attributes: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProductDocument:
    """One product without language: stored once, however many languages there are.

    Attributes:
        source_title: title as the supplier wrote it.
        source_lang: its language.
        codes: folded identifiers (sku, GTIN, MPN, model numbers); see :func:`indexes.documents.fold_code`.
        concepts: ids of the termbase concepts that the original names.
        vector: the encoder's embedding of the original's title and category, unit length, float32.
        shown: what a hit shows beside its texts: price, image, url, country ... as JSON.
    """

    id: str
    source_title: str
    source_lang: str
    codes: tuple[str, ...]
    concepts: tuple[str, ...]
    vector: "np.ndarray"
    facts: Facts
    shown: str


PriceRange = tuple[Decimal | None, Decimal | None]
"""Lowest and highest amount; ``None`` where it is open."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which products may be found: values of one name are alternatives, names are all required.

    Attributes:
        values: facet name to accepted value ids.
        prices: accepted ranges of the price, lowest and highest amount (either may be ``None``), compared in the
            currency filter's currencies, or in any when there is none.
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prices: tuple[PriceRange, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether everything may be found."""
        return not self.values and not self.prices


@dataclass(frozen=True, slots=True)
class Token:
    """One analysed token of a query.

    Attributes:
        text: as the index holds it.
        documents: in how many documents of the language's index it stands.
    """

    text: str
    documents: int


@dataclass(frozen=True, slots=True)
class TextLeg:
    """Find ``tokens`` in the texts of one language, best first by BM25 with title over category over body."""

    lang: str
    tokens: tuple[str, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class CodeLeg:
    """Find products by an exact identifier; ``codes`` are folded."""

    codes: tuple[str, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class ConceptLeg:
    """Find products whose originals name termbase concepts, the rarer concept the better."""

    concepts: tuple[str, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class VectorLeg:
    """Find the nearest products by the cosine of ``vector``, shifted by ``means`` where given.

    Attributes:
        vector: unit length, float32, the query's embedding.
        means: language code to the mean that is taken from each product of that language before comparing; the
            query's own mean has been taken from ``vector`` already.
    """

    vector: "np.ndarray"
    limit: int
    means: Mapping[str, "np.ndarray"] | None = None


@dataclass(frozen=True, slots=True)
class BrowseLeg:
    """All products of a language that pass the filters, in the order of ``sort``, which is one of :data:`SORTS`.

    ``relevance`` knows no query here: by id. By price, a product counts with its lowest price in the currencies of the
    currency filter; without that filter prices don't compare (``UsageError``).
    """

    lang: str
    sort: str
    limit: int


Leg = TextLeg | CodeLeg | ConceptLeg | VectorLeg | BrowseLeg


@dataclass(frozen=True, slots=True)
class Match:
    """One product found by one leg.

    Attributes:
        score: the leg's own score, comparable within this leg's answer only.
        matched: the tokens, codes or concepts of the leg that this product has.
        in_title: those of ``matched`` that stand in the title (text legs only).
    """

    id: str
    score: float
    matched: tuple[str, ...] = ()
    in_title: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LegAnswer:
    """What a leg found, best first.

    Attributes:
        total: number of all matches, also beyond the leg's limit.
        frequencies: for text and concept legs, in how many documents of the leg's index each token or concept that
            was asked for stands, filters left aside; fusion weighs by it.
        documents: how many documents that index has.
    """

    matches: tuple[Match, ...]
    total: int
    frequencies: Mapping[str, int] = field(default_factory=dict)
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion of what a buyer began to type."""

    text: str
    kind: Literal["product", "category", "brand", "query"]


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What a backend accepted and what it rejected, with the reason."""

    accepted: int
    rejected: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says of a build.

    Attributes:
        reasons: one sentence for each thing that is wrong; none when it may be promoted.
        measured: what was measured, by name, for the record.
        undecided: so much changed while the build was looked at that nothing can be said of it yet.
    """

    reasons: Sequence[str] = ()
    measured: Mapping[str, float] = field(default_factory=dict)
    undecided: bool = False


class BuildCheck(Protocol):
    """A check that a new build has to pass before it is promoted (``search/gate.py`` has those that search)."""

    def __call__(self, build: str, live: str | None) -> Verdict:
        """Look at ``build``, beside the live one where there is one that can be read."""
        ...
