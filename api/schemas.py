"""Shapes of the HTTP answers, apart from the domain; OpenAPI is made of them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class ReasonOut(BaseModel):
    """Why a hit was found."""

    leg: Literal["text", "original", "code", "meaning", "term"]
    lang: str
    terms: list[str]
    score: float


class CategoryOut(BaseModel):
    """A category with its path in the buyer's language."""

    id: str | None
    path: list[str]


class HitOut(BaseModel):
    """One product found."""

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
    why: list[ReasonOut]
    brand: str | None
    category: CategoryOut
    price: str | None
    currency: str | None
    country: str | None
    image: str | None
    url: str | None


class FacetValueOut(BaseModel):
    """One value to narrow by."""

    id: str
    label: str
    count: int


class FacetOut(BaseModel):
    """The values of one property among the hits."""

    name: str
    label: str
    values: list[FacetValueOut]


class SearchAnswer(BaseModel):
    """The answer to a search."""

    query: str
    lang: str
    query_lang: str
    total: int
    total_is: Literal["exact", "at_least"]
    took_ms: float
    hits: list[HitOut]
    facets: list[FacetOut]
    suggestions: list[str]


class SuggestionOut(BaseModel):
    """One completion."""

    text: str
    kind: Literal["product", "category", "brand", "query"]


class Suggestions(BaseModel):
    """Completions of what a buyer began to type."""

    suggestions: list[SuggestionOut]


class PriceOut(BaseModel):
    """An amount of money, as a decimal number in text."""

    amount: str
    currency: str | None


class TextOut(BaseModel):
    """One text of a product in a language."""

    field: str
    text: str
    state: str
    engine: str
    source: str


class ProductAnswer(BaseModel):
    """One product in a language."""

    id: str
    supplier: str
    sku: str
    lang: str
    source_lang: str
    brand: str | None
    prices: list[PriceOut]
    stock: int | None
    minimum_order: int | None
    gtin: str | None
    mpn: str | None
    images: list[str]
    url: str | None
    country: str | None
    texts: list[TextOut]


class LanguageOut(BaseModel):
    """One language."""

    code: str
    name: str
    english_name: str
    direction: Literal["ltr", "rtl"]


class Languages(BaseModel):
    """The languages in which buyers can search."""

    languages: list[LanguageOut]


class BuildOut(BaseModel):
    """One build of the indexes."""

    build: str
    state: str
    position: int
    documents: int
    created_at: str
    promoted_at: str | None


class EngineOut(BaseModel):
    """A translation engine, the pairs it serves and its licence."""

    name: str
    version: str
    licence: str = Field(description="Of its models; several hold together.")
    licences: dict[str, int] = Field(description="Pairs by licence of the model that serves them.")
    pairs: list[str]
    runtime: str = Field(description="How it runs on this machine, where there is a choice.")
    usage: dict[str, int] | None = Field(
        description="Of one that bills what it is sent: requests, characters and retries of this process, characters "
        "spent in this month by all, and the budget of a month (0: none)."
    )


class WorkerOut(BaseModel):
    """A process that translates now."""

    place: str = Field(description="Machine and process.")
    texts: int = Field(description="Texts that it has in hand.")
    beat_at: datetime = Field(description="When it last said that it lives.")


class StatusAnswer(BaseModel):
    """What the installation holds."""

    products: dict[str, int] = Field(description="Products in the market by supplier.")
    texts: dict[str, dict[str, int]] = Field(description="Texts by language and state.")
    builds: list[BuildOut]
    live: str | None = Field(description="The build that serves; null before the first, and where index_error is set.")
    index_error: str | None = Field(description="Why the index can't be asked; null where it can.")
    behind: int | None = Field(description="Entries of the change log that the live build has not read.")
    queue: int = Field(description="Products with changes that are not translated or not in the live index yet.")
    workers: list[WorkerOut]
    poisoned: int = Field(description="Requests that no engine gets any more: its process died of them three times.")
    engines: list[EngineOut]
    warnings: list[str] = Field(description="Licences of engines that the operator has to know of.")
    terms: int = Field(description="Concepts of the termbase.")
    langs: list[str]


class LiveAnswer(BaseModel):
    """The process runs."""

    status: Literal["ok"]


class ReadyAnswer(BaseModel):
    """Store and index can be read."""

    status: Literal["ok"]
    live: str | None = Field(description="The build that serves; null before the first.")
