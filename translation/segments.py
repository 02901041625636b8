"""From a product's text to the segments that are translated, and back.

A title, a bullet, an attribute is one segment; a category is one a level; keywords are one each; a description is cut
at its HTML blocks and then into sentences. Cutting is pure: the same text always gives the same pieces, so nothing but
the text itself has to be stored.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from catalog.model import CATEGORY_SEPARATOR, ProductText
from translation.model import Segment

Piece = str | Segment
"""Text that stays as it is (tags, separators, white space), or a segment to translate."""

_BLOCK = re.compile(
    r"(\s*(?:</?(?:p|div|ul|ol|li|h[1-6]|table|thead|tbody|tr|td|th|dl|dt|dd|section|article|blockquote|br|hr)\b[^<>]*>"
    r"\s*)+|\s*\n\s*)",
    re.IGNORECASE,
)
_KEYWORD = re.compile(r"(\s*[,;、，；|]\s*)")

# A sentence does not end after these: ICU's rules know no abbreviations (F1 0.93 with such a list, 0.84 without).
_ABBREVIATIONS = frozenset(
    {
        *("approx", "art", "cat", "dim", "dr", "etc", "excl", "fig", "inc", "incl", "ltd", "max", "min", "mod", "mr"),
        *("mrs", "no", "st", "tel", "vol"),  # en, and what others borrow
        *("bzw", "ca", "d.h", "evtl", "exkl", "ggf", "inkl", "nr", "str", "usw", "z.b"),  # de
        *("aprox", "cod", "cód", "ej", "env", "máx", "mín", "núm", "p.ej", "pág", "ref", "réf"),  # es, fr, pt
        *("bijv", "ecc", "es", "np", "obl", "ok", "poz", "prod", "tj", "tzw", "ul", "wg"),  # it, nl, pl
        *("г", "гр", "др", "макс", "мин", "обл", "рис", "руб", "см", "т.д", "т.е", "т.п", "шт"),  # ru
        *("dll", "dsb", "örn", "vb", "yg"),  # id, tr
    }
)
_LAST_WORD = re.compile(r"([^\s(]+)[.]\s*$")


def pieces(text: ProductText, lang: str) -> tuple[Piece, ...]:
    """Cut a text into segments and what stands between them; joined again they are the text."""
    if text.kind == "category":
        return tuple(_split_keeping(text, lang, re.compile(f"({re.escape(CATEGORY_SEPARATOR)})")))
    if text.kind == "keywords":
        return tuple(_split_keeping(text, lang, _KEYWORD))
    if text.kind in ("description", "bullet"):
        return tuple(_sentences_of_blocks(text, lang))
    return (Segment(lang, text.kind, text.context, text.text),)


def segments(text: ProductText, lang: str) -> list[Segment]:
    """Return the segments of a text in order."""
    return [piece for piece in pieces(text, lang) if isinstance(piece, Segment)]


def assemble(cut: Sequence[Piece], translated: Sequence[str]) -> str:
    """Put translations in the place of the segments.

    Raises:
        ValueError: there are more or fewer translations than segments.
    """
    wanted = sum(isinstance(piece, Segment) for piece in cut)
    if wanted != len(translated):
        raise ValueError(f"{wanted} segments need as many translations, not {len(translated)}")
    rest = iter(translated)
    return "".join(next(rest) if isinstance(piece, Segment) else piece for piece in cut)


def _split_keeping(text: ProductText, lang: str, separator: re.Pattern[str]) -> Iterator[Piece]:
    for number, part in enumerate(separator.split(text.text)):
        if number % 2:
            yield part
        elif part:
            yield Segment(lang, text.kind, text.context, part)


def _sentences_of_blocks(text: ProductText, lang: str) -> Iterator[Piece]:
    for number, block in enumerate(_split_blocks(text.text)):
        if number % 2:
            yield block
            continue
        for sentence in sentences(lang, block):
            words = sentence.strip()
            if not words:
                yield sentence
                continue
            start = sentence.index(words)
            if start:
                yield sentence[:start]
            yield Segment(lang, text.kind, text.context, words)
            if start + len(words) < len(sentence):
                yield sentence[start + len(words) :]


def _split_blocks(html: str) -> list[str]:
    """Split HTML at its block tags and line ends; odd items are what separates."""
    found: list[str] = []
    at = 0
    for match in _BLOCK.finditer(html):
        found += (html[at : match.start()], match[0])
        at = match.end()
    found.append(html[at:])
    return found


@lru_cache(maxsize=20_000)
def sentences(lang: str, text: str) -> tuple[str, ...]:
    """Split running text into sentences, white space kept, so that joined they are the text again."""
    from icu4py.breakers import SentenceBreaker

    merged: list[str] = []
    for part in (str(part) for part in SentenceBreaker(text, lang)):
        if merged and _goes_on(merged[-1], part):
            merged[-1] += part
        else:
            merged.append(part)
    return tuple(merged)


def _goes_on(before: str, after: str) -> bool:
    """Whether a cut was made inside a sentence: after an abbreviation, or before a small letter or digit."""
    match = _LAST_WORD.search(before)
    if match is None:
        return False
    word = match[1].casefold().lstrip("(\"'„“«")
    return word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()) or after[:1].islower()
