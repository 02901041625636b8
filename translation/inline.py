"""Inline marks of a sentence (``<b>``, ``<em>``, ``<u>`` ...) and the words that they stand around."""

import html
import re
from dataclasses import dataclass
from functools import lru_cache

_NAMES = "a|b|big|cite|del|em|font|i|ins|mark|q|s|small|span|strike|strong|u"
_TAG = re.compile(rf"<(/?)({_NAMES})(?=[\s>])([^<>]*)>", re.IGNORECASE)
"""What stands around words. What ``sup``, ``sub`` or ``code`` hold is seldom a word."""

_PAIR = re.compile(rf"<({_NAMES})(?:\s[^<>]*)?>([^<>]*)</\1\s*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of a sentence that tags stand around.

    Attributes:
        start: offset of the first of them in the sentence without marks.
        end: offset after the last.
        opening: the tags before them.
        closing: the tags after them.
    """

    start: int
    end: int
    opening: str
    closing: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence without its marks.

    Attributes:
        text: the sentence.
        marks: from left to right, an outer one before those inside it.
    """

    text: str
    marks: tuple[Mark, ...]

    def words_of(self, mark: Mark) -> str:
        """Return the words that a mark stands around."""
        return self.text[mark.start : mark.end]


def without_marks(text: str) -> str:
    """Return a text without the tags that only mark words: "do <b>not</b>" says "do not"."""
    return _TAG.sub("", text) if "<" in text else text


@lru_cache(maxsize=4_096)  # the same for each of fourteen target languages
def marked(text: str) -> Marked | None:
    """Take the marks out of a sentence.

    ``None`` when it has none around words, or when they are not closed or cross.
    """
    if "<" not in text:
        return None
    plain = ""
    at = 0
    open_: list[tuple[str, str, int]] = []
    found: list[Mark] = []
    for tag in _TAG.finditer(text):
        plain += text[at : tag.start()]
        at = tag.end()
        name = tag[2].casefold()
        if not tag[1]:
            if tag[3].endswith("/"):
                return None
            open_.append((name, tag[0], len(plain)))
            continue
        if not open_ or open_[-1][0] != name:
            return None
        _, opening, start = open_.pop()
        end = len(plain)
        if found and (found[-1].start, found[-1].end) == (start, end):
            inner = found.pop()
            found.append(Mark(start, end, opening + inner.opening, inner.closing + tag[0]))
        else:
            found.append(Mark(start, end, opening, tag[0]))
    plain += text[at:]
    if open_ or not found:
        return None
    around = (_around_words(plain, mark) for mark in found)
    marks_ = tuple(sorted(around, key=lambda mark: (mark.start, -mark.end)))
    inside = [html.unescape(plain[one.start : one.end]) for one in marks_]
    if not any(map(str.isalpha, "".join(inside))) or not all(any(map(str.isalnum, one)) for one in inside):
        return None
    return Marked(plain, marks_)


def _around_words(text: str, mark: Mark) -> Mark:
    """Leave spaces at the ends of a mark outside."""
    inside = text[mark.start : mark.end]
    start = mark.start + len(inside) - len(inside.lstrip())
    return Mark(start, start + len(inside.strip()), mark.opening, mark.closing)


def marks(text: str) -> list[tuple[str, str]]:
    """Return the name and the words of every mark that holds no other, by name and then from left to right."""
    found = [(match[1].casefold(), match[2]) for match in _PAIR.finditer(text)] if "<" in text else []
    return sorted(found, key=lambda one: one[0])
