"""A draft made of terms: what a text says where no engine serves its pair.

Term by term, the longest first, with the head noun where the target language puts it. A gloss is a draft and is
marked as one everywhere; where under half of the words are known there is none, because a bad draft misleads more
than the original does.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from translation.facts import Masked
from translation.model import Segment
from translation.stopwords import STOP_WORDS
from translation.terminology.termbase import Concept, Termbase, TermMatch
from translation.words import fold, words

LEAST_COVERAGE = 0.5
"""Share of content words that must be known; below it the text is ``missing``."""

_HEAD_FIRST = frozenset({"ar", "es", "fr", "id", "it", "pt"})
"""Languages that put the noun before what describes it."""

_NO_SPACES = frozenset({"ja", "zh"})
_NUMBER_ENDS = frozenset("0123456789]")
_NUMBER_STARTS = frozenset("0123456789[")
_PLACEHOLDER = re.compile(r"\[\s?\d{1,4}\s?\]")
_BREAK = re.compile(r"[,;:()/|、，；：（）【】·]|\s[-–—]\s")
_HALF_WIDTH = {"、": ",", "，": ",", "；": ";", "：": ":", "（": "(", "）": ")", "【": "(", "】": ")"}
_HEADS = frozenset({"product", "part"})

# What stands between two pieces of one name: "S/M", "NYM-J", "[0]-[1]".
_GLUE = re.compile(r"[^\s\w\[\](),;:、，；：（）【】·|]{0,3}")

# "without": before what it denies, after it where the language says so. A draft that drops it says the opposite.
_WITHOUT_BEFORE = {
    "ar": ("بدون",),
    "de": ("ohne",),
    "en": ("without",),
    "es": ("sin",),
    "fr": ("sans",),
    "id": ("tanpa",),
    "it": ("senza",),
    "nl": ("zonder",),
    "pl": ("bez",),
    "pt": ("sem",),
    "ru": ("без",),
    "zh": ("不含", "不带", "无"),
}
_WITHOUT_AFTER = {"ja": "なし", "ko": "없음", "tr": "hariç"}
_NEGATIONS = {
    "ar": frozenset({"لا", "غير", "ليس"}),
    "de": frozenset({"nicht", "kein", "keine"}),
    "en": frozenset({"not", "no", "excluding"}),
    "es": frozenset({"no"}),
    "fr": frozenset({"pas", "non", "ne"}),
    "id": frozenset({"tidak", "bukan"}),
    "it": frozenset({"non"}),
    "nl": frozenset({"niet", "geen"}),
    "pl": frozenset({"nie"}),
    "pt": frozenset({"não"}),
    "ru": frozenset({"не"}),
    "tr": frozenset({"değil"}),
}
"""Other denials; they stay in the draft as they are and count as unknown words."""


@dataclass(frozen=True, slots=True)
class Gloss:
    """A draft.

    Attributes:
        text: the terms in the target language, placeholders kept.
        coverage: share of the content words of the source that a term covers, 0 to 1.
        concepts: the concepts that it is made of.
    """

    text: str
    coverage: float
    concepts: tuple[Concept, ...]


@dataclass(frozen=True, slots=True)
class _Bit:
    """One part of a source text: a term, a placeholder, a word without a term, or a mark between phrases."""

    start: int
    end: int
    text: str
    match: TermMatch | None = None
    breaks: bool = False
    denied: bool = False


def gloss(segment: Segment, masked: Masked, target: str, termbase: Termbase) -> Gloss | None:
    """Draft a segment in ``target``; ``None`` when under half of its content words have a term.

    Args:
        segment: what is drafted.
        masked: its text with facts locked; placeholders come back in the draft.
        target: language of the draft.
        termbase: the terms that hold for the segment.
    """
    matches = _no_compounds(segment.lang, masked.text, termbase.match(segment.lang, masked.text, segment.under))
    denials = _denials(segment.lang, masked.text, matches)
    unknown = list(_unknown_words(segment.lang, masked.text, matches, denials.values()))
    # Terms of one text count by their length, so that a known "of" never outweighs an unknown name.
    known_length = sum(match.end - match.start for match in matches)
    unknown_length = sum(end - start for start, end in unknown)
    if not matches or known_length < LEAST_COVERAGE * (known_length + unknown_length):
        return None
    text = "".join(_written(_bits(masked.text, matches, unknown, denials), target))
    coverage = known_length / (known_length + unknown_length)
    return Gloss(_tidy(text), coverage, tuple(match.concept for match in matches))


def _no_compounds(lang: str, text: str, matches: Sequence[TermMatch]) -> list[TermMatch]:
    """Take an English product for unknown where it is only another form of its term and another follows at once.

    "Sweet potato" is no potato with "sweets"; "phone case" is a case for phones. Leaving out every first product
    would leave out "phone" too.
    """
    kept = []
    for match, following in zip_longest(matches, matches[1:]):
        compound = (
            lang == "en"
            and following is not None
            and not match.exact
            and match.concept.kind == following.concept.kind == "product"
            and not text[match.end : following.start].strip()
        )
        if not compound:
            kept.append(match)
    return kept


def _unknown_words(
    lang: str, text: str, matches: Sequence[TermMatch], denials: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    covered = [(match.start, match.end) for match in matches]
    covered += [found.span() for found in _PLACEHOLDER.finditer(text)]
    covered += denials
    for word in words(lang, text):
        inside = any(start <= word.start < end for start, end in covered)
        if not inside and (word.folded not in STOP_WORDS[lang] or _denies(lang, word.folded)):
            yield word.start, word.end


def _denies(lang: str, folded: str) -> bool:
    return folded in _NEGATIONS.get(lang, ()) or folded in _WITHOUT_BEFORE.get(lang, ())


def _bits(
    text: str,
    matches: Sequence[TermMatch],
    unknown: Sequence[tuple[int, int]],
    denials: Mapping[int, tuple[int, int]],
) -> list[_Bit]:
    bits = [_Bit(match.start, match.end, "", match, denied=match.start in denials) for match in matches]
    bits += [_Bit(*found.span(), found[0]) for found in _PLACEHOLDER.finditer(text)]
    bits += [_Bit(start, end, text[start:end]) for start, end in unknown]
    joined = _joined(text, sorted(bits, key=lambda bit: bit.start))
    bits = joined + [
        _Bit(start, end, mark, breaks=True)
        for start, end, mark in _breaks(text)
        if not any(bit.start <= start < bit.end for bit in joined)
    ]
    return sorted(bits, key=lambda bit: bit.start)


def _denials(lang: str, text: str, matches: Sequence[TermMatch]) -> dict[int, tuple[int, int]]:
    """Return for the terms that the text says the product is without, by their start, where it says so."""
    found: dict[int, tuple[int, int]] = {}
    for match in matches:
        before = text[: match.start].rstrip()
        for word in _WITHOUT_BEFORE.get(lang, ()):
            at = len(before) - len(word)
            apart = lang in _NO_SPACES or not before[: max(at, 0)][-1:].isalnum()
            if at >= 0 and apart and fold(lang, before[at:]) == word:
                found[match.start] = (at, len(before))
        after = _WITHOUT_AFTER.get(lang)
        rest = text[match.end :].lstrip()
        if after is not None and fold(lang, rest).startswith(after):
            at = len(text) - len(rest)
            found[match.start] = (at, at + len(after))
    return found


def _joined(text: str, bits: Sequence[_Bit]) -> list[_Bit]:
    """Join pieces that only a sign keeps apart: "S/M" and "[0]-[1]" are one thing each."""
    joined: list[_Bit] = []
    for bit in bits:
        last = joined[-1] if joined else None
        if last and not last.match and not bit.match and _GLUE.fullmatch(text, last.end, bit.start):
            joined[-1] = _Bit(last.start, bit.end, text[last.start : bit.end])
        else:
            joined.append(bit)
    return joined


def _breaks(text: str) -> Iterator[tuple[int, int, str]]:
    for found in _BREAK.finditer(text):
        yield found.start(), found.end(), found[0].strip()


def _written(bits: Sequence[_Bit], target: str) -> Iterator[str]:
    """Write phrase after phrase; a phrase ends at a mark between phrases."""
    phrase: list[_Bit] = []
    for bit in bits:
        if bit.breaks:
            yield _phrase(phrase, target)
            mark = bit.text if target in _NO_SPACES else _HALF_WIDTH.get(bit.text, bit.text)
            yield f"{mark} " if mark in ",;:" else f" {mark} "
            phrase = []
        else:
            phrase.append(bit)
    yield _phrase(phrase, target)


def _phrase(bits: Sequence[_Bit], target: str) -> str:
    """Order the terms of a phrase; placeholders and unknown words keep their place after them.

    The head is the last thing sold that a head-final source names, or the first of a head-initial one; both come out
    right by moving heads to the side where the target has them and keeping the order within each group. What the
    product is without comes last.
    """
    known = [bit.match.concept for bit in bits if bit.match is not None and not bit.denied]
    heads = [concept for concept in known if concept.kind in _HEADS]
    others = [concept for concept in known if concept.kind not in _HEADS]
    ordered = (*heads, *others) if target in _HEAD_FIRST else (*others, *heads)
    # A compound and the word beside it may name one thing twice ("Schraube Sechskantschraube").
    terms = list(dict.fromkeys(concept.preferred(target) for concept in ordered))
    rest = _apart([bit for bit in bits if bit.match is None])
    denied = [_without(bit.match.concept.preferred(target), target) for bit in bits if bit.match and bit.denied]
    joined = ("" if target in _NO_SPACES else " ").join(terms)
    return " ".join(part for part in (joined, *rest, *denied) if part)


def _apart(rest: Sequence[_Bit]) -> Iterator[str]:
    """Keep numbers apart that words kept apart: "80 à 175" must not become the number 80 175."""
    for bit, following in zip_longest(rest, rest[1:]):
        counts = following is not None and bit.text[-1:] in _NUMBER_ENDS and following.text[:1] in _NUMBER_STARTS
        yield bit.text + ("," if counts and following.start > bit.end + 1 else "")


def _without(term: str, target: str) -> str:
    if target in _WITHOUT_AFTER:
        return f"{term}{'' if target in _NO_SPACES else ' '}{_WITHOUT_AFTER[target]}"
    return f"{_WITHOUT_BEFORE[target][0]}{'' if target in _NO_SPACES else ' '}{term}"


def _tidy(text: str) -> str:
    tidy = re.sub(r"\s+", " ", text).strip(" ,;:/|·")
    tidy = re.sub(r"\s+([,;:)])", r"\1", tidy)
    return re.sub(r"([(（])\s+", r"\1", tidy)
