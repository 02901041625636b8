"""Brands in a text: whole words, whatever script is written beside them."""

import re
from collections.abc import Sequence
from functools import lru_cache

from translation.facts.brands import names

_LATIN = r"A-Za-z0-9À-ɏ"


def brands_in(text: str, brands: Sequence[str]) -> list[str]:
    """Return the brands of a text as they are written there."""
    pattern = _pattern_for(text, brands)
    return pattern.findall(text) if pattern else []


def without_brands(text: str, brands: Sequence[str], mark: str) -> str:
    """Return a text with a mark, spaces around it, in the place of each brand."""
    pattern = _pattern_for(text, brands)
    return pattern.sub(f" {mark} ", text) if pattern else text


def _pattern_for(text: str, brands: Sequence[str]) -> re.Pattern[str] | None:
    """Return the pattern of the brands that stand in a text."""
    if not brands:
        return None
    near = [one for one in names(brands).in_text(text) if any(map(str.isalnum, one))]
    there = [one for one in near if _pattern(one).search(text)]
    return _pattern(*sorted(there, key=lambda brand: (-len(brand), brand))) if there else None


@lru_cache(maxsize=10_000)
def _pattern(*longest_first: str) -> re.Pattern[str]:
    return re.compile("|".join(map(_whole, longest_first)))


def _whole(brand: str) -> str:
    """Chinese, Japanese and Korean stand beside a Latin brand without a space; other letters make another word."""
    before = rf"(?<![{_LATIN}])" if brand[0] <= "ɏ" else r"(?<![^\W\d_])"
    after = rf"(?![{_LATIN}])" if brand[-1] <= "ɏ" else r"(?![^\W\d_])"
    return f"{before}(?i:{re.escape(brand)}){after}"  # ignoring case in the ranges, too, compiles ten times as long
