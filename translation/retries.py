"""An engine asked with growing care, until no check has anything to say.

It is asked by *yielding* the request: the batch gathers the requests of thousands of segments and gives each engine
full batches.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from translation import checks
from translation.attempts import Locked, as_it_is, carefully, clauses, fitted
from translation.checks import Expected, Finding
from translation.facts import is_all_capitals
from translation.model import Segment, State, Translation
from translation.routing import Route, Step
from translation.terminology.termbase import Termbase


@dataclass(frozen=True, slots=True)
class Request:
    """What a chain asks an engine."""

    step: Step
    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An engine's final word that it can't translate a text."""

    reason: str


Answer = str | Failure


def by_route(
    start: Segment, target: str, route: Route, termbase: Termbase, known: Expected
) -> Generator[Request, Answer, Translation]:
    """Translate with growing care; what still fails is for a person.

    Args:
        start: the original, or the English that the supplier or a person gave for it.
        target: language of the translation.
        route: the engines.
        termbase: the terms that hold for it.
        known: what the checks have to know of ``start``.
    """
    engine = route.steps[-1].name
    best: _Candidate | None = None
    for attempt in (_plain, _careful, _in_pieces):
        answer = yield from attempt(start, target, route, known)
        if isinstance(answer, Failure):
            if best is None:
                return Translation(None, State.NEEDS_REVIEW, engine, answer.reason, ("engine",))
            break
        if isinstance(answer, _NotTried):
            continue
        made = _Candidate.of(answer, () if answer is None else _looked_at(start, answer, target, termbase, known))
        if best is None or made.faults < best.faults:
            best = made
        if best.faults == _NO_FAULTS:
            break
    assert best is not None, "the first attempt is always tried"
    reason = "; ".join(finding.message for finding in best.findings)
    state = State.MACHINE if best.text is not None else State.NEEDS_REVIEW
    return Translation(best.text, state, engine, reason, checks.codes(best.findings))


_RETRIED = frozenset({"brackets", "doubled_word", "number_as_word"})
"""Warnings of what another attempt often does better: of 21 doubled words in 1,000 titles 10 go. A number that may be
read in two ways stays what it is."""

_NO_FAULTS = (0, 0)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What one attempt made.

    Attributes:
        text: the translation; ``None`` when a check refuses it.
        findings: what refuses it, or else what is warned of.
        faults: how many findings refuse it, and how many warn of what may be done better.
    """

    text: str | None
    findings: tuple[Finding, ...]
    faults: tuple[int, int]

    @classmethod
    def of(cls, answer: str | None, findings: Sequence[Finding]) -> "_Candidate":
        """Judge an answer; ``None`` is one whose placeholders could not be replaced."""
        refused = [checks.LOST_PLACEHOLDER] if answer is None else checks.blocking(findings)
        if refused:
            return cls(None, tuple(refused), (len(refused), 0))
        return cls(answer, tuple(findings), (0, sum(one.code in _RETRIED for one in findings)))


def _looked_at(start: Segment, answer: str, target: str, termbase: Termbase, known: Expected) -> list[Finding]:
    """Check an answer; where words of the original seem left, ask whether the target language has them too.

    That is asked only then: it takes 0.25 ms.
    """
    findings = checks.check(start, answer, target, known)
    if not {"untranslated", "left_over"}.intersection(checks.codes(findings)):
        return findings
    shared = [start.text[match.start : match.end].casefold() for match in termbase.match(target, start.text)]
    return checks.check(start, answer, target, replace(known, alike=(*known.alike, *((one, True) for one in shared))))


class _NotTried:
    """What an attempt returns that would be the same as the one before."""


_Tried = Generator[Request, Answer, str | Failure | _NotTried | None]
_Given = Generator[Request, Answer, str | Failure | None]


def _plain(start: Segment, target: str, route: Route, known: Expected) -> _Tried:
    return (yield from _through(as_it_is(start, known.brands), route, target))


def _careful(start: Segment, target: str, route: Route, known: Expected) -> _Tried:
    locked = carefully(start, known.brands, _terms_to_lock(known), _common(start, known))
    if locked.text == as_it_is(start, known.brands).text:
        return _NotTried()
    return (yield from _through(locked, route, target))


def _in_pieces(start: Segment, target: str, route: Route, known: Expected) -> _Tried:
    cut = clauses(start, known.brands)
    if len(cut) == 1:
        return _NotTried()
    shouts = is_all_capitals(start.text)
    made = cut.copy()
    for at in range(0, len(cut), 2):
        clause = replace(start, text=cut[at])
        locked = carefully(clause, known.brands, _terms_to_lock(known), _common(start, known), shouts)
        if not locked.masked.has_words:
            answer: str | Failure | None = locked.restore(locked.text, target)
        else:
            answer = yield from _through(locked, route, target)
        if not isinstance(answer, str):
            return answer
        made[at] = fitted(cut[at], answer, target)
    return "".join(made)


def _through(locked: Locked, route: Route, target: str) -> _Given:
    """Let a locked text go through the engines of a route; ``None`` when a placeholder did not come back."""
    middle = locked.text
    for step in route.steps:
        answer = yield Request(step, middle)
        if isinstance(answer, Failure):
            return answer
        middle = answer
    return locked.restore(middle, target)


def _common(start: Segment, known: Expected) -> list[str]:
    """Return the terms of a text that are no names; German writes every noun with a capital."""
    return [] if start.lang == "de" else [term for term, alike in known.alike if not alike]


def _terms_to_lock(known: Expected) -> dict[str, str]:
    return {demand.source: demand.accepted[0] for demand in known.required if demand.accepted}
