"""Search and suggestions."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.deps import LangDep, PartsDep, RecorderDep
from api.schemas import SearchAnswer, Suggestions
from catalog.errors import UsageError
from search.model import SearchQuery

router = APIRouter(prefix="/v1", tags=["search"])


@router.get("/search", response_model=SearchAnswer)
def search(
    parts: PartsDep,
    recorder: RecorderDep,
    lang: LangDep,
    q: Annotated[str, Query(description="What the buyer typed; empty to browse.")] = "",
    query_lang: Annotated[str | None, Query(description="Language of the query where it is another.")] = None,
    limit: Annotated[int, Query(description="Hits a page, 1 to 100.")] = 10,
    offset: Annotated[int, Query(description="Hits to leave out, 0 to 1000.")] = 0,
    sort: Annotated[str, Query(description="relevance, price, -price or newest.")] = "relevance",
    facets: Annotated[bool, Query(description="Count categories, brands and so on.")] = False,
    filter: Annotated[list[str] | None, Query(description="NAME:VALUE; may be repeated.")] = None,
) -> dict[str, Any]:
    """Find products written in any language and show them in the buyer's."""
    filters = tuple(_filter(one) for one in filter or ())
    query = SearchQuery(q, lang, query_lang, limit, offset, filters, sort, facets)
    page = parts.search.search(query)
    recorder.note(query, page)
    return page.as_json()


@router.get("/suggest", response_model=Suggestions)
def suggest(
    parts: PartsDep,
    lang: LangDep,
    q: Annotated[str, Query(description="What the buyer began to type.")],
    limit: Annotated[int, Query(description="Suggestions, 1 to 100.")] = 10,
) -> dict[str, Any]:
    """Complete what a buyer began to type."""
    found = parts.search.suggest(q, lang, limit)
    return {"suggestions": [{"text": one.text, "kind": one.kind} for one in found]}


def _filter(text: str) -> tuple[str, str]:
    name, separator, value = text.partition(":")
    if not separator:
        raise UsageError(f"filter {text!r}: it is NAME:VALUE, such as brand:bosch")
    return name, value
