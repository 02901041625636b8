"""Driving: thousands of chains side by side, and engines kept busy with what they ask.

A chain that needs an engine yields a request. Equal requests are one. What was answered before is answered at once; the
rest queues by engine and pair, and goes out in batches, the longest texts first, as soon as a thread is free. An answer
is kept durably before the chains that wait for it go on, and what they ask next (the second half of a pivot, a more
careful attempt) queues at once: nobody waits for the slowest of a round.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from catalog.errors import EngineError, LexicartError, TransientEngineError, UnavailableError
from translation.calling import Translate, ask, directly
from translation.chain import Answer, Chain, Failure, Request
from translation.guarding import LanguageGuard
from translation.model import Translation, digest
from translation.quarantine import Quarantine, QuarantineDiedError
from translation.records.leases import POISONED
from translation.report import BatchReport
from translation.routing import Step
from translation.words import words
from translation.worker import Worker

Place = TypeVar("Place", bound=Hashable)
"""What a chain is made for."""

ENGINE_BATCH = 512
"""Texts that an engine gets at a time, and that are lost to a kill."""

_LEAST = 32
"""Below so many texts a batch is not split for a further thread."""

_ISOLATED = {0: ENGINE_BATCH, 1: 16}
"""Texts a batch by the crashes during them, else one: which is to blame is found by ever smaller batches."""

_POISON = Failure(f"the engine's process ended {POISONED} times while it translated this text")


@dataclass(slots=True)
class _Flight:
    """A batch at an engine."""

    requests: dict[str, Request]
    crashes: int
    answers: "Future[list[Answer]]"


@dataclass(slots=True)
class _Queue:
    """Requests to one engine and pair, by key; those with crashes apart."""

    waiting: dict[str, Request] = field(default_factory=dict)
    suspect: dict[str, int] = field(default_factory=dict)


class Drive(Generic[Place]):
    """One run of chains to their ends.

    Args:
        chains: by what they are made for.
        worker: claims requests and keeps answers.
        threads: ask the engines; ``width`` at a time.
        width: batches in flight.
        waits: seconds to wait before each further try of a call that failed for the moment.
        quarantine: asks the engines for requests during which a worker died.
        guard: looks at answers before they are kept.
        report: counts what engines did, and which failed: those are not asked again.

    Attributes:
        done: what became of each chain.
        deferred: chains that wait for a request which another worker has in hand, or for an engine that failed.
    """

    def __init__(
        self,
        chains: Mapping[Place, Chain],
        worker: Worker,
        threads: Executor,
        width: int,
        waits: Sequence[float],
        quarantine: Quarantine | None,
        guard: LanguageGuard,
        report: BatchReport,
    ) -> None:
        self.done: dict[Place, Translation] = {}
        self.deferred: set[Place] = set()
        self._chains = chains
        self._worker = worker
        self._threads = threads
        self._width = width
        self._waits = waits
        self._quarantine = quarantine
        self._guard = guard
        self._report = report
        self._asked: dict[str, list[Place]] = {}
        self._fresh: dict[str, Request] = {}
        self._queues: dict[str, _Queue] = {}
        self._flights: list[_Flight] = []

    def run(self) -> None:
        """Run every chain until it is done or deferred.

        An engine that fails, for the moment and through all tries or for good, is put into the report; what waits for
        it stays pending, and the others go on.
        """
        for place in self._chains:
            self._advance(place, None)
        try:
            while True:
                self._look_up()
                while len(self._flights) < self._width and self._take_off():
                    pass
                if not self._flights and not self._fresh:
                    return
                if self._flights:
                    self._land()
        except BaseException:
            self._salvage()
            raise

    def _advance(self, place: Place, answer: Answer | None) -> None:
        chain = self._chains[place]
        try:
            request = next(chain) if answer is None else chain.send(answer)
        except StopIteration as finished:
            self.done[place] = finished.value
            return
        key = digest(request.step.version, request.text)
        if key not in self._asked:
            self._asked[key] = []
            self._fresh[key] = request
        self._asked[key].append(place)

    def _answer(self, key: str, answer: Answer) -> None:
        for place in self._asked.pop(key):
            self._advance(place, answer)

    def _look_up(self) -> None:
        """Answer what was answered before and queue the rest, until nothing new is asked."""
        while self._fresh:
            fresh, self._fresh = self._fresh, {}
            known = self._worker.results(sorted(fresh))
            for key, request in fresh.items():
                if key in known:
                    continue
                if self._is_down(request.step):
                    self.deferred.update(self._asked.pop(key))
                else:
                    self._queues.setdefault(request.step.version, _Queue()).waiting[key] = request
            for key, answer in known.items():
                self._report.reused += 1
                self._answer(key, answer)

    def _take_off(self) -> bool:
        """Give a batch of the longest queue to an engine; say whether there was one, or a claim changed the queues."""
        name = max(self._queues, key=lambda one: len(self._queues[one].waiting), default=None)
        if name is None:
            return False
        queue = self._queues[name]
        free = self._width - len(self._flights)
        share = max(_LEAST, -(-len(queue.waiting) // free))
        crashes = min((queue.suspect.get(key, 0) for key in queue.waiting), default=0)
        size = min(share, _ISOLATED.get(crashes, 1))
        level = [key for key in queue.waiting if queue.suspect.get(key, 0) == crashes]
        level.sort(key=lambda key: (-len(queue.waiting[key].text), queue.waiting[key].text))
        texts = [queue.waiting[key].text for key in level[:size]]
        size = max(1, queue.waiting[level[0]].step.engine.at_once(texts))
        batch = {key: queue.waiting.pop(key) for key in level[:size]}
        if not queue.waiting:
            del self._queues[name]
        self._send(batch, crashes)
        return True

    def _send(self, batch: dict[str, Request], crashes: int) -> None:
        claimed = self._worker.claim(list(batch))
        for key, answer in claimed.known.items():
            self._report.reused += 1
            self._answer(key, answer)
        for key in claimed.poisoned:
            self._answer(key, _POISON)
        mine = {}
        for key in [one for one in batch if one in claimed.crashes]:  # longest first, as they were chosen
            if (count := claimed.crashes[key]) > crashes:
                # More than was known of it: it goes out later, with fewer others.
                self._queue(key, batch[key], count)
            else:
                mine[key] = batch[key]
        self._worker.put_back([key for key in claimed.crashes if key not in mine])
        elsewhere = set(batch) - set(claimed.known) - set(claimed.crashes) - claimed.poisoned
        for key in elsewhere:
            self.deferred.update(self._asked.pop(key))
        if mine:
            answers = self._threads.submit(ask, list(mine.values()), self._translate(crashes), self._waits)
            self._flights.append(_Flight(mine, crashes, answers))

    def _queue(self, key: str, request: Request, crashes: int) -> None:
        queue = self._queues.setdefault(request.step.version, _Queue())
        queue.waiting[key], queue.suspect[key] = request, crashes

    def _translate(self, crashes: int) -> Translate:
        return self._quarantine.translate if crashes and self._quarantine is not None else directly

    def _land(self) -> None:
        """Wait for a batch, keep its answers, and let its chains go on."""
        landed, _ = wait([flight.answers for flight in self._flights], return_when=FIRST_COMPLETED)
        for flight in [one for one in self._flights if one.answers in landed]:
            try:
                made = self._kept(flight)
            except QuarantineDiedError:
                self._flights.remove(flight)
                self._crashed(flight)
                continue
            except (EngineError, UnavailableError) as exc:
                self._flights.remove(flight)
                self._failed(flight, exc)
                continue
            self._flights.remove(flight)
            for key, answer in made.items():
                self._answer(key, answer)

    def _crashed(self, flight: _Flight) -> None:
        """Ask again with fewer others, or give up, what the quarantine died of."""
        self._worker.crashed(list(flight.requests))
        known = flight.crashes + 1
        for key, request in flight.requests.items():
            if known >= POISONED:
                self._answer(key, _POISON)
            else:
                self._queue(key, request, known)
        if known < POISONED:
            self._worker.put_back(list(flight.requests))

    def _failed(self, flight: _Flight, failure: EngineError | UnavailableError) -> None:
        """Leave pending what waits for an engine that failed."""
        step = next(iter(flight.requests.values())).step
        # A server that is away is away for every pair, and finding that out takes half a minute of waits a pair.
        down = step.name if isinstance(failure, TransientEngineError) else step.version
        self._report.failures.setdefault(down, failure)
        self._worker.put_back(list(flight.requests))
        waiting = list(flight.requests)
        for version, queue in list(self._queues.items()):
            if self._is_down(next(iter(queue.waiting.values())).step):
                waiting += self._queues.pop(version).waiting
        for key in waiting:
            self.deferred.update(self._asked.pop(key))

    def _is_down(self, step: Step) -> bool:
        return step.version in self._report.failures or step.name in self._report.failures

    def _kept(self, flight: _Flight) -> dict[str, Answer]:
        made = dict(zip(flight.requests, flight.answers.result(), strict=True))
        step = next(iter(flight.requests.values())).step
        given = {key: (text, step.name) for key, text in made.items() if isinstance(text, str)}
        self._guard.look(step, {flight.requests[key].text: text for key, (text, _) in given.items()})
        self._worker.answered(given, list(flight.requests))
        self._report.translated += len(made)
        self._report.words += _words(flight.requests.values())
        return made

    def _salvage(self) -> None:
        """Keep what is at the engines still, because the run ends on an error of another batch."""
        wait([flight.answers for flight in self._flights])
        for flight in self._flights:
            try:
                self._kept(flight)
            except (QuarantineDiedError, LexicartError):
                self._worker.put_back(list(flight.requests))


def _words(requests: Iterable[Request]) -> int:
    """Count source words; in the languages that write no spaces, by the library that knows their words."""
    return sum(
        len(words(one.step.pair.source, one.text)) if one.step.pair.source in _UNSPACED else len(one.text.split())
        for one in requests
    )


_UNSPACED = ("ja", "zh")
