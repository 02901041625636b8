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
        *("approx", "art", "cap", "cat", "cf", "co", "dim", "dr", "e.g", "excl", "fig", "i.e", "inc", "incl", "jr"),
        *("ltd", "max", "min", "mod", "mr", "mrs", "ms", "no", "op", "prof", "st", "tel", "vol"),  # en, and others
        *("abb", "bzw", "ca", "d.h", "evtl", "exkl", "fa", "ggf", "inkl", "mind", "nr", "stk", "str", "z.b"),  # de
        *("aprox", "cod", "cód", "ee", "ej", "env", "ex", "m", "máx", "mme", "mín", "núm", "p.ej", "p.ex", "pág"),
        *("ref", "réf", "sr", "sra", "tél", "uds"),  # es, fr, pt
        *("bijv", "circa", "d.w.z", "dott", "es", "evt", "ing", "m.in", "np", "obl", "ok", "poz", "prod", "sig"),
        *("szt", "tj", "tzw", "ul", "wg", "wym"),  # it, nl, pl
        *("арт", "г", "гр", "др", "макс", "мин", "напр", "обл", "разм", "рис", "руб", "см", "т.е", "шт"),  # ru
        *("maks", "örn", "yakl", "yg"),  # id, tr
    }
)
# These end a list, and often the sentence with it: they go on only before a small letter.
_ENDS_A_LIST = frozenset({"etc", "usw", "enz", "ecc", "itd", "itp", "т.д", "т.п", "vb", "dll", "dsb"})
_LAST_WORD = re.compile(r"([^\s(]+)[.]\s*$")
_MEASURED = re.compile(r"\d\s?[^\W\d_]+[.]\s*$")
_GERMAN_ORDINAL = re.compile(
    r"\b(?:d(?:as|ie|e[mnrs])|i[mn]|am|zu[mr]|vom|jede[nr]?|seit|ab)\s\d{1,2}[.]\s*$", re.IGNORECASE
)
_LONGEST = 400
"""Characters of a sentence that a model reads whole: the students know about 500 tokens, and a Chinese one is a
character. A description without a full stop came back cut, or took minutes."""

# Where a sentence may be cut that is too long: best at a clause, else between two words, so that no "5 000 mAh" breaks.
_SEAMS = (re.compile(r"[;；,，、:：]\s+|[；，、：]"), re.compile(r"(?<=[^\W\d_])\s+(?=[^\W\d_])"), re.compile(r"\s+"))
_OPENING, _CLOSING = "「『（【", "」』）】"


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
        if merged and _goes_on(lang, merged[-1], part):
            merged[-1] += part
        else:
            merged.append(part)
    return tuple(piece for sentence in merged for piece in _bearable(sentence))


def _bearable(sentence: str) -> Iterator[str]:
    """Cut what no model reads whole: behind a comma or the like, else between words, never inside a tag."""
    while len(sentence) > _LONGEST:
        at = next((cut for seam in _SEAMS if (cut := _last_seam(seam, sentence))), _LONGEST)
        yield sentence[:at]
        sentence = sentence[at:]
    yield sentence


def _last_seam(seam: re.Pattern[str], sentence: str) -> int:
    """Return where the last seam within the longest piece ends, 0 where there is none."""
    ends = [match.end() for match in seam.finditer(sentence, 0, _LONGEST)]
    outside = (end for end in reversed(ends) if sentence.count("<", 0, end) == sentence.count(">", 0, end))
    return next(outside, 0)


def _goes_on(lang: str, before: str, after: str) -> bool:
    """Whether a cut was made inside a sentence.

    That is after an abbreviation, before a small letter, after a German ordinal ("die 5. Generation") and inside
    Japanese and Chinese quotes.
    """
    if lang in ("ja", "zh"):
        return _is_quoting(before, after)
    match = _LAST_WORD.search(before)
    if match is None:
        return False
    if after[:1].islower() or (lang == "de" and _GERMAN_ORDINAL.search(before)):
        return True
    word = match[1].casefold().lstrip("(\"'„“«")
    if word in _ENDS_A_LIST or _MEASURED.search(before):  # "5 см." is a measure, "см." means "see"
        return False
    return word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha())


def _is_quoting(before: str, after: str) -> bool:
    open_ = sum(map(before.count, _OPENING)) - sum(map(before.count, _CLOSING))
    return open_ > 0 or (before[-1:] in "」』" and after[:1] in "とっ")
