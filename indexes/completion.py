"""Completions of what a buyer began to type: under which keys a text is found, and which of those found are shown.

The same for every backend; a backend only stores keys and looks up what begins with a prefix.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal

from indexes.model import Suggestion
from indexes.readable import readable
from translation.words import fold, without_accents, word_starts

KEY_LENGTH = 40
"""Characters of a key that are kept: who has typed as many has named the product."""

_READ_LENGTH = 1_000
"""Characters of a text in which its words are looked for: it may be a megabyte."""

MOST_STARTS = 8
"""Words of a text from which it can be found, beside its beginning."""

_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Completion:
    """Something that begins with a prefix.

    Attributes:
        text: what is shown.
        products: how many products carry it.
        from_start: whether the prefix begins the whole text, not one of its later words.
    """

    kind: Literal["product", "category", "brand"]
    text: str
    products: int
    from_start: bool


@lru_cache(maxsize=20_000)
def keys(lang: str, text: str) -> tuple[str, ...]:
    """Return the keys of a text, the whole text first, then from each later word on; none without a word."""
    folded = _key(lang, text).strip()
    starts = (0, *islice(word_starts(lang, folded), MOST_STARTS))
    cut = (folded[start : start + KEY_LENGTH].rstrip() for start in starts)
    return tuple(dict.fromkeys(key for key in cut if key))


def prefix_key(lang: str, typed: str) -> str:
    """Return what the keys of completions of ``typed`` begin with; empty when nothing was typed that could.

    White space at the end stays: "drill " is completed by "drill bit", no longer by "drills".
    """
    return _key(lang, typed).lstrip()[:KEY_LENGTH]


def _key(lang: str, text: str) -> str:
    folded = _NO_WORD.sub(" ", fold(lang, readable(text[:_READ_LENGTH])))
    return folded if folded.isascii() else without_accents(folded)


def choose(found: Sequence[Completion], limit: int) -> list[Suggestion]:
    """Return the completions to show: categories and brands first, in at most half of the places, then titles.

    Categories and brands with more products come first; titles that begin with the prefix come before those in which
    a later word does. What reads the same is shown once; equal ones are in the order of their text. Places that one
    kind leaves free, the other takes.
    """
    groups = sorted(
        (one for one in found if one.kind != "product"),
        key=lambda one: (-one.products, not one.from_start, one.text, one.kind),
    )
    titles = sorted((one for one in found if one.kind == "product"), key=lambda one: (not one.from_start, one.text))
    distinct: dict[str, Completion] = {}
    for one in [*groups, *titles]:
        distinct.setdefault(one.text.casefold(), one)
    shown_groups = [one for one in distinct.values() if one.kind != "product"]
    shown_titles = [one for one in distinct.values() if one.kind == "product"]
    places = max(limit - len(shown_titles), (limit + 1) // 2)
    chosen = shown_groups[:places]
    chosen += shown_titles[: limit - len(chosen)]
    return [Suggestion(one.text, one.kind) for one in chosen]
