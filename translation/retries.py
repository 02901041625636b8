"""An engine asked with growing care, until no check has anything to say.

It is asked by *yielding* the request: the batch gathers the requests of thousands of segments and gives each engine
full batches.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from catalog.errors import PermanentEngineError
from translation import checks
from translation.aligning import gap, place, place_of_denial, put_back
from translation.attempts import Locked, as_it_is, carefully, clauses, fitted, in_frame
from translation.checks import Expected, Finding
from translation.facts import is_all_capitals
from translation.framing import Frame
from translation.inline import Mark, Marked, marked
from translation.model import Segment, State, Translation
from translation.routing import Route, Step
from translation.spelling import Spelling, spelling
from translation.terminology.termbase import Termbase

ENGINE_FAILED = "engine"
"""Code, among those of the checks, of a text that an engine gave up."""


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
    start: Segment, target: str, route: Route, termbase: Termbase, known: Expected, *, short: bool = False
) -> Generator[Request, Answer, Translation]:
    """Translate with growing care; what still fails is for a person.

    A sentence with inline marks is translated without them first, and they are set around the same words again; where
    those are not found, its marks travel with it as facts.

    Args:
        start: the original, or the English that the supplier or a person gave for it.
        target: language of the translation.
        route: the engines.
        termbase: the terms that hold for it.
        known: what the checks have to know of ``start``.
        short: it is a word at which engines guess when they see it alone.
    """
    if source := marked(start.text):
        made = yield from _without_marks(start, source, target, route, termbase, known)
        if made is not None:
            return made
    return (yield from _with_care(start, target, route, termbase, known, short=short))


def _with_care(
    start: Segment, target: str, route: Route, termbase: Termbase, known: Expected, *, short: bool = False
) -> Generator[Request, Answer, Translation]:
    """Ask as the text stands, attempt by attempt."""
    engine = route.steps[-1].name
    best: _Candidate | None = None
    try:
        task = _Task(start, target, route, known, spelling(route, start.text))
    except PermanentEngineError as exc:
        return Translation(None, State.NEEDS_REVIEW, engine, str(exc), (ENGINE_FAILED,))
    for attempt in (_framed,) if short else (_framed, _plain, _careful, _in_pieces):
        answer = yield from attempt(task)
        if isinstance(answer, Failure):
            if best is None:
                return Translation(None, State.NEEDS_REVIEW, engine, answer.reason, (ENGINE_FAILED,))
            break
        if isinstance(answer, _NotTried):
            continue
        made = _Candidate.of(answer, () if answer is None else _looked_at(start, answer, target, termbase, known))
        if best is None or made.faults < best.faults:
            best = made
        if best.faults == _NO_FAULTS:
            break
    if best is None:
        return Translation(None, State.NEEDS_REVIEW, engine, "too short to be translated alone", (ENGINE_FAILED,))
    reason = "; ".join(finding.message for finding in best.findings)
    state = State.MACHINE if best.text is not None else State.NEEDS_REVIEW
    return Translation(best.text, state, engine, reason, checks.codes(best.findings))


def _without_marks(
    start: Segment, source: Marked, target: str, route: Route, termbase: Termbase, known: Expected
) -> Generator[Request, Answer, Translation | None]:
    """Translate a sentence without its marks and set them again; ``None`` when they have no certain place."""
    plain = replace(start, text=source.text)
    made = yield from _with_care(plain, target, route, termbase, known)
    if made.text is None or made.state.is_stand_in:
        return None
    places = []
    for mark in source.marks:
        found = yield from _place(start, source, mark, made.text, target, route, known)
        if found is None:
            return None
        places.append(found)
    text = put_back(made.text, source, places)
    findings = _looked_at(start, text, target, termbase, known) if text is not None else []
    if text is None or checks.blocking(findings):
        return None
    reason = "; ".join(finding.message for finding in findings)
    return replace(made, text=text, reason=reason, checks=checks.codes(findings))


def _place(
    start: Segment, source: Marked, mark: Mark, translated: str, target: str, route: Route, known: Expected
) -> Generator[Request, Answer, tuple[int, int] | None]:
    """Find the words of a mark by what denies, by their terms, and by what engines say of them."""
    if found := place_of_denial(source, mark, start.lang, translated, target):
        return found
    inside = source.words_of(mark)
    for term in (one for said, terms in known.offered if said == inside.casefold() for one in terms):
        if found := place(source, mark, start.lang, translated, target, term):
            return found
    try:
        alone = _Task(replace(start, text=inside), target, route, known, spelling(route, inside))
        named = replace(alone, start=Segment(start.lang, "attribute_value", "", inside))
        whole = replace(alone, start=start, spelling=spelling(route, start.text))
    except PermanentEngineError:
        return None
    quoted = replace(whole, start=replace(start, text=_quoted(source, mark)))
    for attempt, task in ((_alone, alone), (_framed, named), (_plain, whole), (_plain, quoted)):
        answer = yield from attempt(task)
        if not isinstance(answer, str):
            continue
        said = {id(whole): _inside(answer, source, mark), id(quoted): _between_quotes(answer)}.get(id(task), answer)
        if said and (found := place(source, mark, start.lang, translated, target, said)):
            return found
    as_a_name = replace(whole, start=replace(start, text=source.text), known=replace(known, brands=(inside,)))
    answer = yield from _plain(as_a_name)
    return gap(source, mark, translated, target, answer) if isinstance(answer, str) else None


def _quoted(source: Marked, mark: Mark) -> str:
    """Return the sentence with its mark as quotes, which engines keep around their words; other quotes are left out."""
    before, after = (part.replace('"', "") for part in (source.text[: mark.start], source.text[mark.end :]))
    return f'{before}"{source.words_of(mark)}"{after}'


def _between_quotes(answer: str) -> str:
    parts = answer.split('"')
    return parts[1] if len(parts) == 3 else ""


def _alone(task: "_Task") -> "_Tried":
    locked = as_it_is(task.start, task.known.brands, task.spelling)
    if not locked.masked.has_words:
        return locked.restore(locked.text, task.target)
    return (yield from _through(locked, task))


def _inside(answer: str, source: Marked, mark: Mark) -> str:
    """Return what stands in a mark of a sentence that was translated with its marks."""
    made = marked(answer)
    at = source.marks.index(mark)
    if made is None or len(made.marks) != len(source.marks) or made.marks[at].opening != mark.opening:
        return ""
    return made.words_of(made.marks[at])


def reads_frames(route: Route) -> bool:
    """Whether all engines of a route read a short text better in a frame."""
    try:
        return all(step.engine.reads_frames(step.pair) for step in route.steps)
    except PermanentEngineError:
        return False  # a vocabulary that can't be read: by_route says so of the text


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


@dataclass(frozen=True, slots=True)
class _Task:
    """What every attempt is made of: see :func:`by_route`; ``spelling`` is that for the route."""

    start: Segment
    target: str
    route: Route
    known: Expected
    spelling: Spelling


_Tried = Generator[Request, Answer, str | Failure | _NotTried | None]
_Given = Generator[Request, Answer, str | Failure | None]


def _framed(task: _Task) -> _Tried:
    if not reads_frames(task.route):
        return _NotTried()
    locked = in_frame(task.start, task.known.brands, task.spelling, {term for term, _ in task.known.alike})
    if locked is None:
        return _NotTried()
    answer = yield from _asked(locked.text, task.route)
    if isinstance(answer, Failure):
        return _NotTried()  # the text may do without its frame
    taken = Frame.take(answer)
    return _NotTried() if taken is None else locked.restore(fitted(task.start.text, taken, task.target), task.target)


def _plain(task: _Task) -> _Tried:
    return (yield from _through(as_it_is(task.start, task.known.brands, task.spelling), task))


def _careful(task: _Task) -> _Tried:
    locked = _carefully(task, task.start)
    if locked.text == as_it_is(task.start, task.known.brands, task.spelling).text:
        return _NotTried()
    return (yield from _through(locked, task))


def _in_pieces(task: _Task) -> _Tried:
    cut = clauses(task.start, task.known.brands)
    if len(cut) == 1:
        return _NotTried()
    shouts = is_all_capitals(task.start.text)
    made = cut.copy()
    for at in range(0, len(cut), 2):
        locked = _carefully(task, replace(task.start, text=cut[at]), shouts)
        if not locked.masked.has_words:
            answer: str | Failure | None = locked.restore(locked.text, task.target)
        else:
            answer = yield from _through(locked, task)
        if not isinstance(answer, str):
            return answer
        made[at] = fitted(cut[at], answer, task.target)
    return "".join(made)


def _carefully(task: _Task, segment: Segment, shouts: bool | None = None) -> Locked:
    known = task.known
    return carefully(segment, known.brands, task.spelling, _terms_to_lock(known), _common(segment, known), shouts)


def _through(locked: Locked, task: _Task) -> _Given:
    """Let a locked text go through the engines of a route; ``None`` when a placeholder did not come back."""
    answer = yield from _asked(locked.text, task.route)
    return answer if isinstance(answer, Failure) else locked.restore(answer, task.target)


def _asked(text: str, route: Route) -> Generator[Request, Answer, Answer]:
    """Ask the engines of a route one after the other."""
    for step in route.steps:
        answer = yield Request(step, text)
        if isinstance(answer, Failure):
            return answer
        text = answer
    return text


def _common(start: Segment, known: Expected) -> list[str]:
    """Return the terms of a text that are no names; German writes every noun with a capital."""
    return [] if start.lang == "de" else [term for term, alike in known.alike if not alike]


def _terms_to_lock(known: Expected) -> dict[str, str]:
    return {demand.source: demand.accepted[0] for demand in known.required if demand.accepted}
