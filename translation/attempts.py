"""How a segment is given to engines: each attempt with more care than the one before.

1. A short text stands in a frame, for engines that read it better so (:mod:`translation.framing`).
2. As it stands. Facts are locked, those that stand side by side as one; counts stay visible, because languages inflect
   by them. So they are in a frame.
3. Every number and the names of model lines are locked; required terms are locked and come back as the term wanted;
   known terms lose their capitals.
4. In smaller pieces: clause by clause, each as in 3. What a long title confuses, its clauses seldom do.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from translation.casing import sentence_case
from translation.facts import Masked, find, is_all_capitals, mask
from translation.facts.brands import names
from translation.facts.names import model_lines
from translation.framing import frame_of
from translation.model import Segment
from translation.spelling import Spelling
from translation.words import capitalised, lower, upper

_PLACEHOLDER = re.compile(r"\[\s?(\d{1,4})\s?\]")
_NUMBER_WITH_LETTER = re.compile(r"\[(\d{1,4})\]([A-Za-z])(?![^\W_])")
_RUN = re.compile(r"\[\d{1,4}\](?:[ ]?[,/+·|]?[ ]?\[\d{1,4}\]){0,5}")
"""Placeholders with nothing but space and a sign between them; long runs are cut, that an order can be kept."""

# Between these a title is a list of things said of one product; a sentence goes on behind a comma.
_IN_LISTS = re.compile(r"(\s*[,;|，；、。]\s*|\s+[-–—•·/]\s+|\s*[:：]\s+)")
_IN_SENTENCES = re.compile(r"(\s*[;；，]\s*|\s+[–—]\s+|\s*[:：]\s+|\s*,\s+)")
_RUNNING_TEXT = frozenset({"description", "bullet"})

_LEAST_LETTERS = {"list": 4, "sentence": 12}
"""Letters below which a clause is no text for an engine and stays with its neighbour; of Chinese characters half."""

_ENDS = ".。"

_SHORTEST_NAME = 3
"""Letters of the shortest word that is looked for as a name: "a" and "de" are words of other languages."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A text as an engine gets it.

    Attributes:
        text: what the engine gets.
        masked: its facts.
        runs: for each placeholder of ``text`` the run of placeholders of ``masked`` that it stands for.
        shouts: whether the original is in capitals, which the translation gets back.
        starts_small: whether the first letter was written small that is none in the original.
        names: words that were written small and may be names.
    """

    text: str
    masked: Masked
    runs: tuple[str, ...]
    shouts: bool
    starts_small: bool = False
    names: tuple[str, ...] = ()

    def restore(self, answer: str, target: str) -> str | None:
        """Put facts and capitals back; ``None`` when a placeholder was lost, doubled or invented."""
        answer = self._with_names(answer)
        found = [int(number) for number in _PLACEHOLDER.findall(answer)]
        if sorted(found) != list(range(len(self.runs))):
            return None
        whole = _PLACEHOLDER.sub(lambda match: self.runs[int(match[1])], answer)
        masked = self._with_shouted_terms(target) if self.shouts else self.masked
        restored = masked.restore(upper(target, whole) if self.shouts else whole, target)
        return capitalised(target, restored) if restored and self.starts_small else restored

    def _with_shouted_terms(self, target: str) -> Masked:
        """Write required terms in capitals: they are the facts that the original has in other words."""
        masked = self.masked
        facts = tuple(
            fact
            if masked.source[fact.start : fact.end] == fact.surface
            else fact._replace(surface=upper(target, fact.surface))
            for fact in masked.facts
        )
        return replace(masked, facts=facts)

    def _with_names(self, answer: str) -> str:
        """Give capitals back to words that were written small and came back as they went: names."""
        for word in self.names:
            answer = re.sub(rf"(?<![^\W_]){re.escape(lower(self.masked.lang, word))}(?![^\W_])", word, answer)
        return answer


def as_it_is(segment: Segment, brands: Sequence[str], spelling: Spelling) -> Locked:
    """Lock facts; counts stay visible."""
    masked = mask(segment.lang, segment.text, brands, lacking=spelling.locked)
    return _locked(segment, masked, is_all_capitals(segment.text), spelling)


def in_frame(
    segment: Segment, brands: Sequence[str], spelling: Spelling, common: Collection[str] = ()
) -> Locked | None:
    """Lock facts and put a short text into its frame; ``None`` for a text that has none.

    Args:
        segment: what is translated.
        brands: names that are kept.
        spelling: what becomes of characters that the engines lack.
        common: words, case folded, that are surely no names.
    """
    frame = frame_of(segment)
    if frame is None:
        return None
    plain = as_it_is(segment, brands, spelling)
    starts_small = plain.text[:1].isupper() and frame.inside(plain.text)[:1].islower()
    smaller = frame.smaller(plain.text)
    names = tuple(word for word in smaller if len(word) >= _SHORTEST_NAME and word.casefold() not in common)
    return replace(plain, text=frame.put(plain.text), starts_small=starts_small, names=names)


def carefully(
    segment: Segment,
    brands: Sequence[str],
    spelling: Spelling,
    terms: Mapping[str, str],
    common: Sequence[str] = (),
    shouts: bool | None = None,
) -> Locked:
    """Lock facts, every number and required terms.

    Args:
        segment: what is translated.
        brands: names that are kept.
        spelling: what becomes of characters that the engines lack.
        terms: words of the text by the terms that have to stand for them.
        common: words, case folded, that are surely no names: written small, since capitals come back untranslated.
        shouts: whether it is part of a text in capitals; asked of itself by default.
    """
    brands = names(brands).in_text(segment.text)
    brands = (*brands, *model_lines(segment.text, brands, segment.lang))
    masked = _with_letters(
        mask(segment.lang, segment.text, (*brands, *terms), every_number=True, lacking=spelling.locked)
    )
    named = {brand.casefold() for brand in brands}
    wanted = {source.casefold(): term for source, term in terms.items() if source.casefold() not in named}
    facts = tuple(
        fact._replace(surface=wanted.get(fact.surface.casefold(), fact.surface)) if fact.kind == "brand" else fact
        for fact in masked.facts
    )
    locked = replace(masked, text=_small(masked, common), facts=facts)
    return _locked(segment, locked, is_all_capitals(segment.text) if shouts is None else shouts, spelling)


def _with_letters(masked: Masked) -> Masked:
    """Lock the letter that clings to a number with it: of "Category [0]e" an engine made "Category 5 and"."""
    clinging = {int(match[1]): match[2] for match in _NUMBER_WITH_LETTER.finditer(masked.cased)}
    facts = tuple(
        fact._replace(kind="code", end=fact.end + 1, surface=fact.surface + clinging[number])
        if number in clinging
        else fact
        for number, fact in enumerate(masked.facts)
    )
    text, cased = (_NUMBER_WITH_LETTER.sub(r"[\1]", one) for one in (masked.text, masked.cased))
    return replace(masked, text=text, cased=cased, facts=facts)


def _small(masked: Masked, common: Sequence[str]) -> str:
    """Write terms small, but for the first letter of the text, acronyms, and names of versions ("Rack 3500").

    Only what is known to be no name: written small, "Lenovo Legion" comes back as a legion.
    """
    text = masked.cased
    if not common:
        return text
    pieces: list[str] = []
    at = 0
    found = [match.span(1) for term in common for match in _whole(term).finditer(text)]
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        if start < at:
            continue  # within a longer one
        said = text[start:end]
        version = _PLACEHOLDER.match(text, end + 1)
        named = version is not None and masked.facts[int(version[1])].kind == "number"
        small = start > 0 and not named and not said.isupper()
        pieces += (text[at:start], lower(masked.lang, said) if small else said)
        at = end
    return "".join((*pieces, text[at:]))


@lru_cache(maxsize=10_000)  # the terms of one text are those of another
def _whole(term: str) -> re.Pattern[str]:
    # Looked ahead for, so that one that overlaps another is found as well.
    return re.compile(rf"(?<![^\W_])(?=({re.escape(term)})(?![^\W_]))", re.IGNORECASE)


def _locked(segment: Segment, masked: Masked, shouts: bool, spelling: Spelling) -> Locked:
    text, runs = _joined(masked.text)
    text = spelling.applied(text)
    # Facts are locked before the case is changed: "M10" is a thread and "m10" is none. Capitals come back untranslated
    # from the student models; sentence case does not.
    text = sentence_case(segment.lang, text) if shouts else text
    return Locked(text, masked, runs, shouts)


def _joined(text: str) -> tuple[str, tuple[str, ...]]:
    """Let one placeholder stand for each run of them, numbered anew: one that is not there can't be lost."""
    runs: list[str] = []

    def one(match: re.Match[str]) -> str:
        runs.append(match[0])
        return f"[{len(runs) - 1}]"

    return _RUN.sub(one, text), tuple(runs)


def clauses(segment: Segment, brands: Sequence[str]) -> list[str]:
    """Cut a segment into clauses; odd items are what stands between them, joined they are the text again.

    A title is cut at commas, dashes and bars and behind its measures, running text at marks between clauses. Nothing is
    cut inside brackets or tags, and no clause is without a word of its own.
    """
    least = _LEAST_LETTERS["sentence" if segment.kind in _RUNNING_TEXT else "list"]
    if segment.kind in _RUNNING_TEXT:
        cut = _IN_SENTENCES.split(segment.text)
    else:
        cut = list(_behind_measures(_IN_LISTS.split(segment.text), brands, segment.lang))
    parts = [cut[0]]
    for between, after in zip(cut[1::2], cut[2::2], strict=True):
        if _is_clause(parts[-1], least) and _is_clause(after, least):
            parts += [between, after]
        else:
            parts[-1] += between + after
    return parts


def _behind_measures(cut: Sequence[str], brands: Sequence[str], lang: str) -> Iterator[str]:
    for number, part in enumerate(cut):
        at = 0
        if number % 2 == 0:
            for fact in find(part, brands, lang):
                if fact.kind == "measure" and part[fact.end : fact.end + 1] == " ":
                    yield part[at : fact.end]
                    yield " "
                    at = fact.end + 1
        yield part[at:]


def _is_clause(text: str, least: int) -> bool:
    closed = all(text.count(opening) == text.count(closing) for opening, closing in ("()", "（）", "<>", "[]"))
    return closed and sum(map(str.isalpha, text)) >= (least if text.isascii() else least // 2)


def fitted(clause: str, translated: str, target: str) -> str:
    """Write a clause's translation as a part of a longer text: no capital or full stop that its original lacks."""
    if translated[-1:] in _ENDS and clause[-1:] not in _ENDS:
        translated = translated[:-1]
    first, second = clause[:1], translated[1:2]
    # German writes its nouns with capitals wherever they stand, and "USB" is no sentence.
    if first.islower() and target != "de" and not second.isupper():
        return lower(target, translated[:1]) + translated[1:]
    return translated
