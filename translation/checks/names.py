"""Brands in a text: whole words, whatever script is written beside them."""

import re
from collections.abc import Sequence
from functools import lru_cache

_LATIN = r"A-Za-z0-9À-ɏ"


def brands_in(text: str, brands: Sequence[str]) -> list[str]:
    """Return the brands of a text as they are written there."""
    pattern = _pattern(tuple(brands))
    return pattern.findall(text) if pattern else []


def without_brands(text: str, brands: Sequence[str], mark: str) -> str:
    """Return a text with a mark, spaces around it, in the place of each brand."""
    pattern = _pattern(tuple(brands))
    return pattern.sub(f" {mark} ", text) if pattern else text


@lru_cache(maxsize=1000)  # one a supplier
def _pattern(brands: tuple[str, ...]) -> re.Pattern[str] | None:
    named = {brand for brand in brands if any(map(str.isalnum, brand))}
    longest_first = sorted(named, key=lambda brand: (-len(brand), brand))
    if not longest_first:
        return None
    return re.compile("|".join(_whole(brand) for brand in longest_first), re.IGNORECASE)


def _whole(brand: str) -> str:
    """Chinese, Japanese and Korean stand beside a Latin brand without a space; other letters make another word."""
    before = rf"(?<![{_LATIN}])" if brand[0] <= "ɏ" else r"(?<![^\W\d_])"
    after = rf"(?![{_LATIN}])" if brand[-1] <= "ɏ" else r"(?![^\W\d_])"
    return f"{before}{re.escape(brand)}{after}"
