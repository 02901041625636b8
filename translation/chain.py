"""The chain: how one segment gets its translation.

    correction -> translation memory -> termbase -> engine (direct, or over English) -> gloss -> missing

Each link is asked only when the one before had nothing. A chain that needs an engine *yields* the request and goes on
when the answer is sent back: the batch runs thousands of chains side by side, gathers their requests and gives each
engine full batches, while the chain itself reads as the straight line that it is.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from translation import checks
from translation.engine import Pair
from translation.facts import Masked, difference, is_all_capitals, mask
from translation.gloss import gloss
from translation.model import Segment, State, Translation
from translation.routing import PIVOT, Route, Router, Step
from translation.termbase import Termbase, TermMatch
from translation.words import capitalised, lower, upper

VERSION = "3"
"""Changes whenever the same text, engines, terms and memory may give another translation."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a chain asks an engine."""

    step: Step
    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An engine's final word that it can't translate a text."""

    reason: str


_SHORTEST_WORD = 4

Answer = str | Failure
Chain = Generator[Request, Answer, Translation]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the translation memory knows of a segment.

    Attributes:
        target: its translation into the language wanted.
        english: its English, which serves as the middle of a pivot before any engine does.
    """

    target: str | None = None
    english: str | None = None


@dataclass(frozen=True, slots=True)
class Means:
    """What chains draw on.

    Attributes:
        router: engines by pair.
        termbase: the terms that hold for the segment.
    """

    router: Router
    termbase: Termbase


def translate_segment(
    segment: Segment, target: str, means: Means, remembered: Remembered, brands: Sequence[str] = ()
) -> Chain:
    """Walk the chain for one segment."""
    masked = mask(segment.lang, segment.text, brands)
    if not masked.has_words:
        return _copy(masked, target)
    if remembered.target is not None and (known := _from_memory(segment, remembered.target, target, brands)):
        return known
    if term := _from_terms(segment, target, means.termbase, brands):
        return term
    if _too_short(masked):
        return Translation(None, State.MISSING, "", "too short to be translated without a known term")
    if found := (yield from _from_engines(segment, target, means, remembered.english, brands)):
        return found
    if draft := _from_gloss(segment, masked, target, means.termbase, brands):
        return draft
    return Translation(None, State.MISSING, "", f"no engine serves {segment.lang}-{target} and too few terms are known")


def _too_short(masked: Masked) -> bool:
    """Whether a text is an abbreviation or a word so short that engines guess at it ("un" came back as "a s")."""
    letters = sum(character.isalpha() for character in masked.text)
    return letters < (_SHORTEST_WORD if masked.text.isascii() or masked.lang not in ("ja", "ko", "zh") else 1)


def _copy(masked: Masked, target: str) -> Translation:
    """Numbers, codes and sizes are the same in every language; only their separators and units are written its way."""
    text = masked.restore(masked.text, target)
    return Translation(text, State.SOURCE, "copy")


def _from_memory(segment: Segment, text: str, target: str, brands: Sequence[str]) -> Translation | None:
    # A memory unit whose numbers are not this text's numbers is somebody else's sentence.
    return None if difference(segment.text, text, brands) else Translation(text, State.MEMORY, "memory")


def _from_terms(segment: Segment, target: str, termbase: Termbase, brands: Sequence[str]) -> Translation | None:
    match = termbase.exact(segment.lang, segment.text, segment.under)
    if match is None or not match.is_sure(target):
        return None
    text = match.concept.preferred(target)
    if difference(segment.text, text, brands):
        return None
    return Translation(_with_case_of(segment.text, text, target), State.TERM, "term")


def _from_gloss(
    segment: Segment, masked: Masked, target: str, termbase: Termbase, brands: Sequence[str]
) -> Translation | None:
    draft = gloss(segment, masked, target, termbase)
    text = masked.restore(draft.text, target) if draft else None
    if draft is None or text is None or difference(segment.text, text, brands):
        return None
    reason = f"{draft.coverage:.0%} of the words are known terms"
    return Translation(_with_case_of(segment.text, text, target), State.GLOSS, "gloss", reason)


def _from_engines(
    segment: Segment, target: str, means: Means, english: str | None, brands: Sequence[str]
) -> Generator[Request, Answer, Translation | None]:
    router = means.router
    second = router.direct(Pair(PIVOT, target)) if target != PIVOT else None
    direct = router.direct(Pair(segment.lang, target))
    if direct is None and english is not None and second is not None and not difference(segment.text, english):
        start = Segment(PIVOT, segment.kind, segment.context, english)
        return (yield from _by_route(start, target, Route((second,)), means.termbase, brands))
    route = router.route(Pair(segment.lang, target))
    if route is None:
        return None
    return (yield from _by_route(segment, target, route, means.termbase, brands))


def _by_route(
    start: Segment, target: str, route: Route, termbase: Termbase, brands: Sequence[str]
) -> Generator[Request, Answer, Translation]:
    """Translate with growing care: first as it is, then with every number locked; what still fails is for a person.

    ``start`` is the original, or the English that the supplier or a person gave for it. They may name a brand in
    another script, so the result is checked against what was translated.
    """
    findings: list[checks.Finding] = []
    for every_number in (False, True):
        answer = yield from _once(start, target, route, brands, every_number)
        if isinstance(answer, Failure):
            return Translation(None, State.NEEDS_REVIEW, route.steps[-1].name, answer.reason, ("engine",))
        if answer is None:
            findings = [checks.Finding("placeholder", "a locked fact was lost or doubled")]
            continue
        findings = checks.check(start, answer, target, brands, _terms_alike(start, target, termbase))
        if not findings:
            return Translation(answer, State.MACHINE, route.steps[-1].name)
    reason = "; ".join(finding.message for finding in findings)
    return Translation(None, State.NEEDS_REVIEW, route.steps[-1].name, reason, tuple(checks.codes(findings)))


def _terms_alike(segment: Segment, target: str, termbase: Termbase) -> dict[str, bool]:
    """Return the terms of a text, case folded, and whether the target language writes them as the source does."""
    alike = {}
    for match in termbase.match(segment.lang, segment.text, segment.under):
        surface = segment.text[match.start : match.end].casefold()
        alike[surface] = surface in (term.casefold() for term in match.concept.terms[target])
    return alike


def _once(
    start: Segment, target: str, route: Route, brands: Sequence[str], every_number: bool
) -> Generator[Request, Answer, str | Failure | None]:
    shouts = is_all_capitals(start.text)
    # Facts are locked before the case is changed: "M10" is a thread and "m10" is none.
    masked = mask(start.lang, start.text, brands, every_number=every_number)
    # Capitals come back untranslated from the student models; sentence case does not.
    middle = capitalised(start.lang, lower(start.lang, masked.text)) if shouts else masked.text
    for step in route.steps:
        answer = yield Request(step, middle)
        if isinstance(answer, Failure):
            return answer
        middle = answer
    return masked.restore(upper(target, middle) if shouts else middle, target)


def _with_case_of(source: str, text: str, target: str) -> str:
    """Begin with a capital where the source does, or where its script has none and so says nothing of case."""
    begins = next((character for character in source if character.isalpha()), "")
    if begins.islower() or not text:
        return text
    return capitalised(target, text)


def ingredients(
    segments: Sequence[Segment],
    matches: Sequence[Sequence[TermMatch]],
    target: str,
    router: Router,
    remembered: Mapping[Segment, Remembered],
) -> list[str]:
    """Return all that the translation of a text depends on beside its words; its digest is the translation's key.

    Only the terms that the text contains and the memory that it hits are in it: changing one term re-translates the
    texts that contain it and no other.
    """
    parts = [VERSION, target]
    for segment, found in zip(segments, matches, strict=True):
        route = router.route(Pair(segment.lang, target))
        known = remembered.get(segment, Remembered())
        onward = router.direct(Pair(PIVOT, target)) if known.english is not None and target != PIVOT else None
        parts += [
            route.version if route else "",
            onward.version if onward else "",
            known.target or "",
            known.english or "",
            *(concept.digest for match in found for concept in (match.concept, *match.rivals)),
        ]
    return parts
