"""From what a buyer typed to the legs of a search."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np

from catalog.errors import UnknownValueError, UsageError
from catalog.languages import language
from indexes.documents import brand_id, fold_code, value_id
from indexes.facts import check_filter_name
from indexes.model import ATTRIBUTE, SORTS, CodeLeg, ConceptLeg, Filters, Leg, PriceRange, TextLeg, VectorLeg
from search.model import SearchQuery
from translation.facts import find
from translation.terminology.termbase import Termbase

POOL = 200
"""Candidates that each leg may bring; fused they are at most five times as many."""

MAX_QUERY_LENGTH = 512
MAX_LIMIT = 100
MAX_OFFSET = 1_000

_CODE_LIKE = re.compile(r"[^\W_](?:[\w./-]*[^\W_])?")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a query will be answered.

    Attributes:
        legs: what is asked of the index, in this order.
        names: for each leg its name in ``why``.
        langs: for each leg the language that it works in.
        query_lang: language of the query.
        concepts: ids of the terms that the query names.
        filters: what may be found at all.
    """

    legs: tuple[Leg, ...]
    names: tuple[str, ...]
    langs: tuple[str, ...]
    query_lang: str
    concepts: tuple[str, ...]
    filters: Filters


def check_query(query: SearchQuery) -> None:
    """Refuse what can't be searched.

    Raises:
        UsageError: too long, out of range, or a sort without what it needs.
        UnknownValueError: an unknown language, filter or sort.
    """
    language(query.lang)
    if query.query_lang is not None:
        language(query.query_lang)
    if query.sort not in SORTS:
        raise UnknownValueError("sort", query.sort, SORTS)
    if len(query.text) > MAX_QUERY_LENGTH:
        raise UsageError(f"the query has {len(query.text)} characters: at most {MAX_QUERY_LENGTH} are searched")
    if not 1 <= query.limit <= MAX_LIMIT:
        raise UsageError(f"limit {query.limit}: it is 1 to {MAX_LIMIT}")
    if not 0 <= query.offset <= MAX_OFFSET:
        raise UsageError(f"offset {query.offset}: it is 0 to {MAX_OFFSET}; narrow the search by a filter instead")
    currencies = {value.upper() for name, value in query.filters if name == "currency"}
    if query.sort.endswith("price") and len(currencies) != 1:
        raise UsageError("sorting by price needs one currency: add the filter currency=EUR (or another)")


def read_filters(given: Sequence[tuple[str, str]]) -> Filters:
    """Read filters as given: values of one name are alternatives.

    Raises:
        UnknownValueError: a name that can't be filtered by.
        UsageError: a price range that is none.
    """
    values: dict[str, list[str]] = {}
    prices: list[PriceRange] = []
    for name, value in given:
        if name == "price":
            prices.append(_price_range(value))
            continue
        check_filter_name(name)
        # A value may be given as it is written, too: "Dark blue" for dark-blue.
        as_stored = value_id if name.startswith(ATTRIBUTE) else _AS_STORED.get(name, str)
        stored = as_stored(value)
        if stored not in values.setdefault(name, []):
            values[name].append(stored)
    return Filters({name: tuple(accepted) for name, accepted in values.items()}, tuple(prices))


_AS_STORED: dict[str, Callable[[str], str]] = {
    "brand": brand_id,
    "supplier": str.lower,
    "country": str.upper,
    "currency": str.upper,
}
"""How the values of a facet are written in the index; category ids are taken as they are."""


def _price_range(value: str) -> PriceRange:
    low, separator, high = value.partition("..")
    if not separator:
        raise UsageError(f"filter price={value}: a range is MIN..MAX, either may be left out")
    try:
        least, most = (Decimal(part) if part else None for part in (low, high))
    except InvalidOperation:
        raise UsageError(f"filter price={value}: MIN and MAX are numbers such as 12.50") from None
    if any(amount is not None and not amount.is_finite() for amount in (least, most)):
        raise UsageError(f"filter price={value}: MIN and MAX are numbers such as 12.50")
    if least is not None and most is not None and least > most:
        raise UsageError(f"filter price={value}: MIN is above MAX")
    return least, most


_SCRIPTS = (
    ("HANGUL", "ko"),
    ("HIRAGANA", "ja"),
    ("KATAKANA", "ja"),
    ("ARABIC", "ar"),
    ("CYRILLIC", "ru"),
    ("CJK", "zh"),
)


def query_language(query: SearchQuery) -> str:
    """Return the language in which a query is written: as given, else by its script, else the buyer's own."""
    if query.query_lang is not None:
        return query.query_lang
    names = [unicodedata.name(character, "") for character in query.text if character.isalpha()]
    written = {script: sum(name.startswith(script) for name in names) for script, _ in _SCRIPTS}
    script, lang = max(_SCRIPTS, key=lambda row: written[row[0]])
    # Latin letters may be a brand or a code, and one letter of another script a slip of the keyboard ("М8" for "M8").
    # A character of East Asia says as much as three letters.
    weight = 1 if script in ("ARABIC", "CYRILLIC") else _LETTERS_A_CHARACTER
    if weight * written[script] <= len(names) - written[script] or (script == "CJK" and query.lang == "ja"):
        return query.lang
    if script == "CJK" and (written["HIRAGANA"] or written["KATAKANA"]):
        return "ja"
    return lang


_LETTERS_A_CHARACTER = 3


def codes_in(text: str) -> tuple[str, ...]:
    """Return what in a query may be an identifier, folded: codes, long numbers, and the whole of a short query."""
    found = [fact.surface for fact in find(text) if fact.kind == "code"]
    found += [match[0] for match in _CODE_LIKE.finditer(text) if _may_be_code(match[0])]
    parts = text.split()
    if len(parts) == 1 or (len(parts) <= 4 and any(character.isdecimal() for character in text)):
        found.append(text)
    return tuple(dict.fromkeys(folded for one in found if (folded := fold_code(one))))


def _may_be_code(token: str) -> bool:
    digits = sum(character.isdecimal() for character in token)
    return digits >= 6 or (digits >= 1 and any(character.isalpha() for character in token))


def plan(
    query: SearchQuery,
    termbase: Termbase,
    tokens: Mapping[str, Sequence[str]],
    vector: "np.ndarray | None",
    means: Mapping[str, "np.ndarray"] | None,
) -> Plan:
    """Lay out the legs of a search.

    Args:
        query: checked by :func:`check_query`.
        termbase: where the query's terms are looked up.
        tokens: the query's analysed tokens in the buyer's language and in its own.
        vector: the query's embedding.
        means: language means for products of other languages; see measured ranking in :mod:`search.fusion`.
    """
    query_lang = query_language(query)
    concepts = tuple(dict.fromkeys(match.concept.id for match in termbase.match(query_lang, query.text)))
    legs: list[tuple[str, str, Leg]] = []
    if tokens.get(query.lang):
        legs.append(("text", query.lang, TextLeg(query.lang, tuple(tokens[query.lang]), POOL)))
    if query_lang != query.lang and tokens.get(query_lang):
        legs.append(("original", query_lang, TextLeg(query_lang, tuple(tokens[query_lang]), POOL)))
    if codes := codes_in(query.text):
        legs.append(("code", "", CodeLeg(codes, POOL)))
    if concepts:
        legs.append(("term", query_lang, ConceptLeg(concepts, POOL)))
    if vector is not None:
        legs.append(("meaning", query_lang, VectorLeg(vector, POOL, means)))
    return Plan(
        legs=tuple(leg for _, _, leg in legs),
        names=tuple(name for name, _, _ in legs),
        langs=tuple(lang for _, lang, _ in legs),
        query_lang=query_lang,
        concepts=concepts,
        filters=read_filters(query.filters),
    )
