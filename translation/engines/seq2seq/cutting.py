"""Texts longer than a model reads, cut where a reader would pause and put together again: nothing is ever lost."""

import re
from collections.abc import Callable, Sequence

from catalog.languages import LANGUAGES
from translation.segments import sentences

_PAUSE = re.compile(r".+?(?:[,;:،、，；：]\s*|\s+|\Z)", re.DOTALL)


def cut(text: str, lang: str, longest: int, count: Callable[[str], int]) -> list[str]:
    """Cut a text into parts of at most ``longest`` pieces: at sentences, then at pauses, then anywhere.

    Joined, the parts are the text again; only a single character with more pieces stays longer.

    Args:
        text: the text.
        lang: its language.
        longest: pieces that a model reads at once.
        count: how many pieces a text has.
    """
    if count(text) <= longest or len(text) < 2:
        return [text]
    parts = list(sentences(lang, text))
    if len(parts) < 2:
        parts = _PAUSE.findall(text)
    if len(parts) < 2:
        half = len(text) // 2
        parts = [text[:half], text[half:]]
    return [piece for part in _packed(parts, longest, count) for piece in cut(part, lang, longest, count)]


def _packed(parts: Sequence[str], longest: int, count: Callable[[str], int]) -> list[str]:
    """Put neighbours together while they fit, so that a model sees as much at once as it can."""
    packed: list[str] = []
    size = 0
    for part in parts:
        number = count(part)
        if packed and size + number <= longest:
            packed[-1] += part
            size += number
        else:
            packed.append(part)
            size = number
    return packed if len(packed) > 1 else list(parts)


def joined(parts: Sequence[str], lang: str) -> str:
    """Put the translations of parts together, with the blanks that the language has between sentences."""
    glue = "" if LANGUAGES[lang].words == "dictionary" else " "
    return glue.join(part for part in (part.strip() for part in parts) if part)
