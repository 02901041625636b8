"""Texts as files and engines can hold them."""

import re

_HALF_PAIR = re.compile("[\ud800-\udfff]")


def is_readable(text: str) -> bool:
    """Say whether a text has no half of a surrogate pair; broken JSON escapes leave some, and UTF-8 can't hold them."""
    return _HALF_PAIR.search(text) is None


def readable(text: str) -> str:
    """Return a text with each half of a surrogate pair replaced by U+FFFD."""
    return text if is_readable(text) else _HALF_PAIR.sub("\ufffd", text)
