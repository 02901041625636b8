"""Where the words of an inline mark stand in the translation of their sentence.

To an engine a mark is two placeholders in the middle of a sentence. Of 205 English sentences with one mark, 52 came
back from the students with the marked word in English and three with nothing in the mark; "Do <b>not</b> wash" always
came back as "do <b>not</b> wash" with all but the mark translated. So a sentence is translated without its marks, and
their words are looked for in the result: by what denies, by terms, by what engines say of them alone, marked or quoted,
and by what stands beside the rest. Where no place is certain, the sentence keeps its marks on its way.
"""

import re
from collections.abc import Iterator, Sequence

from translation.checks.denials import particles
from translation.inline import Mark, Marked
from translation.stopwords import STOP_WORDS
from translation.words import Word, words

_CLOSING = frozenset(".,;:!?…。、，：；！？)\"'»”")
_PREFIX = 4
"""Letters that two forms of a word have in common at least, where their stems differ."""

_WIDER = 2
"""Words that may stand between those of a mark: articles, prepositions."""


def place(source: Marked, mark: Mark, lang: str, translated: str, target: str, said: str) -> tuple[int, int] | None:
    """Find the words of a mark in the translation of its sentence.

    Args:
        source: the sentence.
        mark: whose words are looked for.
        lang: language of the sentence.
        translated: its translation.
        target: language of the translation.
        said: what the words of the mark may be in it.

    Returns:
        where they begin and end; ``None`` when they are not there, or not as often as in the sentence.
    """
    if (mark.start, mark.end) == (0, len(source.text)):
        return 0, len(translated)
    there = words(target, translated)
    found = list(_windows(target, there, words(target, said)))
    if not found:
        return None
    again = _same(source, mark, lang)
    if len(found) != len(again):
        return None
    start, end = found[again.index(mark.start)]
    inside = source.words_of(mark)
    while inside[-1] in _CLOSING and end < len(translated) and translated[end] == inside[-1]:
        end += 1
        inside = inside[:-1] or " "
    return start, end


def place_of_denial(source: Marked, mark: Mark, lang: str, translated: str, target: str) -> tuple[int, int] | None:
    """Find the word that denies, for a mark around nothing but the word that denies in its sentence: "do not"."""
    own = list(particles(lang).finditer(source.text))
    found = list(particles(target).finditer(translated))
    if len(own) != 1 or len(found) != 1 or not mark.start <= own[0].start() < own[0].end() <= mark.end:
        return None
    beside = source.text[mark.start : own[0].start()] + source.text[own[0].end() : mark.end]
    if any(word.folded not in STOP_WORDS[lang] | _BESIDE_DENIALS for word in words(lang, beside)):
        return None
    return found[0].span()


_BESIDE_DENIALS = frozenset({"do", "does", "must", "should", "may", "please"})


def gap(source: Marked, mark: Mark, translated: str, target: str, kept: str) -> tuple[int, int] | None:
    """Find the words of a mark as what a sentence says beside what the same sentence says that kept them.

    Args:
        source: the sentence.
        mark: whose words are looked for.
        translated: its translation.
        target: language of the translation.
        kept: its translation by an engine that saw a name in the place of the mark's words, which stand in it.
    """
    parts = kept.split(source.words_of(mark))
    if len(parts) != 2:
        return None
    there = words(target, translated)
    before, after = (words(target, part) for part in parts)
    start, end = len(before), len(there) - len(after)
    if not start < end <= start + 2 * len(source.words_of(mark).split()):
        return None
    # Before a name an article may be another.
    around = zip((*before, *after), (*there[:start], *there[end:]), strict=True)
    if any(a.folded != b.folded and not {a.folded, b.folded} <= STOP_WORDS[target] for a, b in around):
        return None
    return there[start].start, there[end - 1].end


def _same(source: Marked, mark: Mark, lang: str) -> list[int]:
    """Return where the words of a mark stand in its sentence; the mark's own place is one of them."""
    inside = re.escape(source.words_of(mark))
    edges = ("", "") if lang in ("ja", "zh", "ko") else (r"(?<![^\W_])", r"(?![^\W_])")
    found = [one.start() for one in re.finditer(edges[0] + inside + edges[1], source.text, re.IGNORECASE)]
    return found if mark.start in found else [mark.start]


def _windows(target: str, there: Sequence[Word], said: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield where all words of a phrase stand side by side, in any order and form, none overlapping."""
    kept = [word for word in said if word.folded not in STOP_WORDS[target] or particles(target).fullmatch(word.folded)]
    telling = kept or list(said)
    if not telling:
        return
    at = 0
    while at < len(there):
        size = _window(there[at : at + len(said) + _WIDER], telling)
        if size:
            yield there[at].start, there[at + size - 1].end
        at += size or 1


def _window(there: Sequence[Word], telling: Sequence[Word]) -> int:
    """Return how many words from the first on hold all of a phrase; 0 when they don't."""
    left = list(telling)
    for size, word in enumerate(there, 1):
        match = next((one for one in left if _alike(one, word)), None)
        if match is None and size == 1:
            return 0
        if match is not None:
            left.remove(match)
        if not left:
            return size
    return 0


def _alike(one: Word, other: Word) -> bool:
    """Whether two words are forms of one: preto and preta, leve and leves."""
    if one.stem == other.stem or one.folded == other.folded:
        return True
    shorter, longer = sorted((one.folded, other.folded), key=len)
    common = next((at for at, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    return common >= max(_PREFIX, len(shorter) - 1) and len(longer) - common <= 2


def put_back(translated: str, source: Marked, places: Sequence[tuple[int, int]]) -> str | None:
    """Set the marks around their words; ``None`` when two of them would cross, or stand in each other anew."""
    placed = [(start, end, mark) for (start, end), mark in zip(places, source.marks, strict=True)]
    for number, (start, end, mark) in enumerate(placed):
        for other_start, other_end, other in placed[number + 1 :]:
            inside = mark.start <= other.start and other.end <= mark.end
            apart = other_end <= start or end <= other_start
            if not (start <= other_start and other_end <= end if inside else apart):
                return None
    # Of marks that begin or end together the outer one, which comes first in the source, stands outside.
    opening = {at: "".join(mark.opening for start, _, mark in placed if start == at) for at, _, _ in placed}
    closing = {at: "".join(mark.closing for _, end, mark in reversed(placed) if end == at) for _, at, _ in placed}
    made = ""
    at = 0
    for seam in sorted({*opening, *closing}):
        made += translated[at:seam] + closing.get(seam, "") + opening.get(seam, "")
        at = seam
    return made + translated[at:]
