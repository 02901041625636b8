"""The chain: how one segment gets its translation.

    correction -> translation memory -> termbase -> engine (direct, or over English) -> gloss -> missing

Each link is asked only when the one before had nothing. A chain that needs an engine *yields* the request and goes on
when the answer is sent back: the batch runs thousands of chains side by side, gathers their requests and gives each
engine full batches, while the chain itself reads as the straight line that it is.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from translation import checks
from translation.abbreviations import written_out
from translation.checks import Expected
from translation.engine import Pair
from translation.facts import Masked, difference, mask
from translation.framing import frame_of
from translation.gloss import gloss
from translation.model import Segment, State, Translation
from translation.retries import Answer, Failure, Request, by_route, reads_frames
from translation.routing import PIVOT, Route, Router
from translation.terminology.support import Support
from translation.terminology.termbase import Termbase, TermMatch
from translation.words import capitalised

__all__ = [
    "VERSION",
    "Answer",
    "Chain",
    "Failure",
    "Means",
    "Remembered",
    "Request",
    "ingredients",
    "translate_segment",
]

VERSION = "7"
"""Changes whenever the same text, engines, terms and memory may give another translation."""

_SHORTEST_WORD = 4

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
    if (text := written_out(segment.lang, segment.text)) != segment.text:
        segment = replace(segment, text=text)
    masked = mask(segment.lang, segment.text, brands)
    known = _known(segment, target, means.termbase, brands)
    if not masked.has_words:
        return _copy(masked, target)
    if remembered.target is not None and (found := _from_memory(segment, remembered.target, target, known)):
        return found
    framed = _is_framed(segment, target, means.router)
    term = _from_terms(segment, target, means.termbase, known)
    if term and term.state is State.TERM:
        return term
    short = _too_short(masked)
    made = None
    if not short or (framed and not segment.text.isupper()):
        made = yield from _from_engines(segment, target, means, remembered.english, known, short)
    if short and (made is None or made.state.is_stand_in or _is_copy(segment, made)):
        # The word of "7UP can 330 ml" is a term, and no abbreviation.
        draft = _from_gloss(segment, masked, target, means.termbase, known) if masked.facts and not term else None
        why = "too short to be translated without a known term"
        made = draft or Translation(None, State.MISSING, "", why)
    if term and (made is None or made.state.is_stand_in):
        return term
    if made:
        return made
    if _may_mean_another(segment, means.termbase) is Support.DOUBTFUL:
        reason = f"{segment.text!r} has several meanings, and {segment.under!r} does not say which"
        return Translation(None, State.MISSING, "", reason)
    if found := _from_gloss(segment, masked, target, means.termbase, known):
        return found
    why = means.router.why(Pair(segment.lang, target))
    return Translation(None, State.MISSING, "", f"{why}; too few terms are known")


def _known(segment: Segment, target: str, termbase: Termbase, brands: Sequence[str]) -> Expected:
    """Gather what the checks have to know of a segment."""
    offered = [
        (segment.text[match.start : match.end].casefold(), match.concept.terms.get(target, ()))
        for match in termbase.match(segment.lang, segment.text, segment.under)
    ]
    alike = [(surface, surface in (term.casefold() for term in terms)) for surface, terms in offered]
    required = termbase.required(segment.lang, segment.text, target, segment.under)
    return Expected(brands, tuple(alike), tuple(required), termbase.bans(target), tuple(offered))


def _verified(segment: Segment, found: Translation, target: str, known: Expected) -> Translation | None:
    """Return a translation with what the checks warn of; ``None`` for one that a check refuses."""
    ignored = _OF_DRAFTS if found.state is State.GLOSS else frozenset()
    findings = [one for one in checks.check(segment, found.text or "", target, known) if one.code not in ignored]
    if checks.blocking(findings):
        return None
    reason = "; ".join(filter(None, (found.reason, *(finding.message for finding in findings))))
    return replace(found, reason=reason, checks=checks.codes(findings))


_OF_DRAFTS = frozenset({"left_over", "script", "untranslated", "wrong_language"})
"""What a draft made of terms has by its nature: words without a term stay as they are. Its coverage says how many."""


def _is_framed(segment: Segment, target: str, router: Router) -> bool:
    """Whether engines see a short text behind its attribute's name, or the like."""
    route = router.route(Pair(segment.lang, target))
    return route is not None and reads_frames(route) and frame_of(segment) is not None


def _may_mean_another(segment: Segment, termbase: Termbase) -> Support:
    """Say what an attribute's name says of the term that its value is: "Season: spring" is no coil.

    What the name does not speak for is left to an engine, and without one it is a draft, or nothing where the word is
    known to have several meanings. The terms of a person are meant.
    """
    match = termbase.exact(segment.lang, segment.text, segment.under) if segment.under else None
    return termbase.supports(match, segment.lang, segment.text, segment.under) if match else Support.GIVEN


def _too_short(masked: Masked) -> bool:
    """Whether a text is an abbreviation or a word so short that engines guess at it ("un" came back as "a s").

    In a frame they know such words ("dishwasher safe = yes"), and what they don't know comes back as it is.
    """
    wanted = _SHORTEST_WORD if masked.text.isascii() or masked.lang not in ("ja", "ko", "zh") else 1
    return len(list(islice(filter(str.isalpha, masked.text), wanted))) < wanted


def _is_copy(segment: Segment, made: Translation) -> bool:
    return made.text is not None and made.text.casefold() == segment.text.casefold()


def _copy(masked: Masked, target: str) -> Translation:
    """Numbers, codes and sizes are the same in every language; only their separators and units are written its way."""
    text = masked.restore(masked.text, target)
    return Translation(text, State.SOURCE, "copy")


def _from_memory(segment: Segment, text: str, target: str, known: Expected) -> Translation | None:
    # A memory unit whose numbers are not this text's numbers is somebody else's sentence.
    return _verified(segment, Translation(text, State.MEMORY, "memory"), target, known)


def _from_terms(segment: Segment, target: str, termbase: Termbase, known: Expected) -> Translation | None:
    """Return the term that a whole text is; a draft where nothing says that it is meant."""
    match = termbase.exact(segment.lang, segment.text, segment.under)
    support = _may_mean_another(segment, termbase)
    if match is None or not match.is_sure(target) or support is Support.DOUBTFUL:
        return None
    text = _with_case_of(segment.text, match.concept.preferred(target), target)
    if support is Support.NONE:
        reason = f"a known term, but {segment.under!r} does not say that it is meant"
        return _verified(segment, Translation(text, State.GLOSS, "gloss", reason), target, known)
    return _verified(segment, Translation(text, State.TERM, "term"), target, known)


def _from_gloss(
    segment: Segment, masked: Masked, target: str, termbase: Termbase, known: Expected
) -> Translation | None:
    draft = gloss(segment, masked, target, termbase)
    text = masked.restore(draft.text, target) if draft else None
    if draft is None or text is None:
        return None
    reason = f"{draft.coverage:.0%} of the words are known terms"
    made = Translation(_with_case_of(segment.text, text, target), State.GLOSS, "gloss", reason)
    return _verified(segment, made, target, known)


def _from_engines(
    segment: Segment, target: str, means: Means, english: str | None, known: Expected, short: bool
) -> Generator[Request, Answer, Translation | None]:
    router = means.router
    second = router.onward(Pair(segment.lang, target))
    if (
        english is not None
        and second is not None
        and not difference(segment.text, english, langs=(segment.lang, PIVOT))
    ):
        # They may name a brand in another script, so the result is checked against the English.
        start = Segment(PIVOT, segment.kind, "", english)  # the context is in the language of the original
        expected = _known(start, target, means.termbase, known.brands)
        return (yield from by_route(start, target, Route((second,)), means.termbase, expected, short=short))
    route = router.route(Pair(segment.lang, target))
    if route is None:
        return None
    return (yield from by_route(segment, target, route, means.termbase, known, short=short))


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
        onward = router.onward(Pair(segment.lang, target)) if known.english is not None else None
        parts += [
            route.version if route else "",
            onward.version if onward else "",
            known.target or "",
            known.english or "",
            *(match.digest(target) for match in found),
        ]
    return parts
