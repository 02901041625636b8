"""The batch: everything that is pending, translated and stored.

``translate_pending`` walks the languages, English first because the others may pivot over it, and page by page asks
the store what is pending, runs the chains of the page side by side and saves the page in one transaction. Engines'
answers are kept as soon as they are there. A kill at any instant costs at most the page in work, and the next run
finds the rest pending.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from catalog.errors import EngineError, PermanentEngineError, TransientEngineError
from catalog.model import ProductText
from translation.chain import (
    VERSION,
    Answer,
    Chain,
    Failure,
    Means,
    Remembered,
    Request,
    ingredients,
    translate_segment,
)
from translation.memory.entries import Sought, context_digest
from translation.model import Segment, State, Translation, digest, worst
from translation.records.texts import StoredText
from translation.routing import PIVOT, Router
from translation.segments import Piece, assemble, pieces
from translation.store import Settled, TranslationStore
from translation.terminology.source import SameTerms, Terms
from translation.terminology.termbase import Termbase
from translation.words import words

ENGINE_BATCH = 64
"""Texts that an engine gets at a time; larger batches are no faster on a CPU."""

WAITS_SECONDS = (0.5, 1.0)
"""Waits before the second and the third try of a call that failed for the moment."""


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """What to translate.

    Attributes:
        langs: target languages.
        supplier: only this supplier's texts.
        limit: at most so many texts (a text in two languages counts twice).
        everything: look at all texts again, also those that are up to date.
        partial: languages or engines were chosen by hand, so the run can't stand for a complete one.
    """

    langs: tuple[str, ...]
    supplier: str | None = None
    limit: int | None = None
    everything: bool = False
    partial: bool = False

    @property
    def whole(self) -> bool:
        """Whether nothing was left out, so that the run may be remembered as complete."""
        return self.supplier is None and self.limit is None and not self.partial


@dataclass(slots=True)
class BatchReport:
    """What a run did; mutable while it runs.

    Attributes:
        segments: segments settled, over all languages.
        distinct: different segments among them, by text, context and language.
        translated: answers that engines gave in this run.
        reused: answers that were known from before, and texts looked at and found unchanged.
        by_engine: texts by what made them.
        needs_review: texts that a person must look at.
        seconds: how long it took.
        words: source words that engines translated.
    """

    segments: int = 0
    distinct: int = 0
    translated: int = 0
    reused: int = 0
    by_engine: Counter[str] = field(default_factory=Counter)
    needs_review: int = 0
    seconds: float = 0.0
    words: int = 0
    langs: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def add(self, page: "BatchReport") -> None:
        """Add the counts of a page."""
        for name in ("segments", "translated", "reused", "needs_review", "words"):
            setattr(self, name, getattr(self, name) + getattr(page, name))
        self.by_engine.update(page.by_engine)

    def as_json(self) -> dict[str, Any]:
        """The shape of the contract's ``lexicart translate --json``."""
        return {
            "segments": self.segments,
            "distinct": self.distinct,
            "translated": self.translated,
            "reused": self.reused,
            "by_engine": dict(sorted(self.by_engine.items())),
            "needs_review": self.needs_review,
            "seconds": round(self.seconds, 3),
            "words_per_second": round(self.words / self.seconds, 1) if self.seconds else 0.0,
            "langs": self.langs,
        }


_Place = tuple[str, Segment, Remembered, Termbase]
"""What one chain is made for: a supplier's segment, what the memory knows of it, and the terms that hold for it."""

Progress = Callable[[str, int], None]
"""Called with a language and the number of texts settled."""


def no_progress(_lang: str, _texts: int) -> None:
    """Say nothing."""


class Batch:
    """Translates what is pending in one store.

    Args:
        store: texts and translations.
        router: engines by pair.
        terms: the terms of each supplier's texts, or one termbase for all.
        brands: returns the names that a supplier's texts must keep.
        workers: threads that ask engines side by side.
        waits: seconds to wait before each further try of a call that failed for the moment.
    """

    def __init__(
        self,
        store: TranslationStore,
        router: Router,
        terms: Terms | Termbase,
        brands: Callable[[str], Sequence[str]] = lambda _supplier: (),
        workers: int = 1,
        waits: Sequence[float] = WAITS_SECONDS,
    ) -> None:
        self._store = store
        self._router = router
        self._terms = SameTerms(terms) if isinstance(terms, Termbase) else terms
        self._brands = brands
        self._waits = tuple(waits)
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="translate")

    def policy(self, langs: Sequence[str]) -> str:
        """Return the digest of all that translations depend on beside the texts and their own terms."""
        return digest(VERSION, self._router.version, self._terms.version, self._store.memory_version(), *langs)

    def translate_pending(self, options: BatchOptions, progress: Progress = no_progress) -> BatchReport:
        """Translate everything that is pending; idempotent and resumable."""
        started = time.monotonic()
        self._store.follow()
        self._terms.follow()
        # Not the newest position: what another process imports from here on is not followed yet.
        position = self._store.followed()
        policy = self.policy(options.langs)
        turn = self._store.take_turn(policy)
        since = None if options.everything else self._store.done_until(policy)
        report = BatchReport()
        seen: set[str] = set()
        rest = options.limit
        for lang in sorted(options.langs, key=lambda code: (code != PIVOT, code)):
            pages = self._store.pending(
                lang, policy, since=since, supplier=options.supplier, everything=options.everything
            )
            for page in pages:
                chosen = page if rest is None else page[:rest]
                while not self._translate_page(chosen, lang, policy, report, seen):
                    pass  # a correction came in between: engines' answers are kept, so that making it again is cheap
                progress(lang, len(chosen))
                if rest is not None:
                    rest -= len(chosen)
                    if rest <= 0:
                        break
            if rest is not None and rest <= 0:
                break
        if options.whole:
            self._store.mark_done(policy, position, turn)
        report.distinct = len(seen)
        report.seconds = time.monotonic() - started
        return report

    def _translate_page(
        self, page: Sequence[StoredText], target: str, policy: str, report: BatchReport, seen: set[str]
    ) -> bool:
        """Translate and save a page; ``False`` when its corrections or memory changed meanwhile."""
        inputs = self._store.inputs()
        counted = BatchReport()
        cut = {text.digest: self._cut(text) for text in page}
        names = [text.digest for text in page]
        views = self._views(page, target)
        remembered = self._remembered(page, cut, target)
        corrected = self._store.corrections_of(names, target)
        before = self._store.keys(target, names)
        settled: list[Settled] = []
        unchanged: list[tuple[str, str]] = []
        work: list[tuple[StoredText, str]] = []
        for text in page:
            name = text.digest
            key = self._key(text, cut[name], target, remembered[name], corrected.get(name), views[name])
            if before.get(text.digest) == key:
                unchanged.append((text.digest, target))
                counted.reused += 1
            elif text.digest in corrected:
                person = Translation(corrected[text.digest], State.REVIEWED, "person")
                settled.append(Settled(text.digest, target, person, key))
                counted.by_engine["person"] += 1
            else:
                work.append((text, key))
        settled += self._run(work, cut, target, remembered, views, counted, seen)
        saved = self._store.save(settled, unchanged, policy, inputs)
        if saved:
            report.add(counted)
        return saved

    def _views(self, page: Sequence[StoredText], target: str) -> dict[str, Termbase]:
        """Return for each text the terms that hold for it.

        Which products carry a text is asked only for texts in which a term with a category may stand.
        """
        bases = {supplier: self._terms.of(supplier) for supplier in {text.supplier for text in page}}
        placed = [one.digest for one in page if bases[one.supplier].asks_category(one.lang, one.text, target)]
        categories = self._terms.categories(placed) if placed else {}
        return {one.digest: bases[one.supplier].within(categories.get(one.digest, ()), target) for one in page}

    def _names(self, text: StoredText, view: Termbase) -> Sequence[str]:
        """Return the names that a text must keep: the brands of its supplier, and terms that are never translated."""
        kept = view.kept()
        brands = self._brands(text.supplier)
        return (*brands, *kept) if kept else brands

    def _cut(self, text: StoredText) -> tuple[Piece, ...]:
        return pieces(ProductText("", text.kind, text.context, text.text), text.lang)

    def _remembered(
        self, page: Sequence[StoredText], cut: Mapping[str, Sequence[Piece]], target: str
    ) -> dict[str, dict[Segment, Remembered]]:
        """Ask the memory for every segment of a page: by text, its translation and its English.

        A person's English for a text that is one segment is used before the memory's.
        """
        sought = {
            (text.digest, segment): Sought(
                text.supplier, text.lang, segment.text, context_digest(segment.kind, segment.context)
            )
            for text in page
            for segment in _segments(cut[text.digest])
        }
        direct = self._store.recall(target, sought.values())
        english: dict[Sought, str] = {}
        reviewed: dict[str, str] = {}
        if target != PIVOT:
            english = self._store.recall(PIVOT, sought.values())
            reviewed = self._store.corrections_of([text.digest for text in page if text.lang != PIVOT], PIVOT)
        found: dict[str, dict[Segment, Remembered]] = {text.digest: {} for text in page}
        for (name, segment), one in sought.items():
            middle = reviewed.get(name) if len(cut[name]) == 1 else None
            middle = middle or english.get(one)
            if one in direct or middle:
                found[name][segment] = Remembered(direct.get(one), middle)
        return found

    def _key(
        self,
        text: StoredText,
        cut: Sequence[Piece],
        target: str,
        remembered: Mapping[Segment, Remembered],
        correction: str | None,
        view: Termbase,
    ) -> str:
        segments = _segments(cut)
        matches = [view.match(segment.lang, segment.text, segment.under) for segment in segments]
        parts = ingredients(segments, matches, target, self._router, remembered)
        parts += view.placed_bans(target)
        for segment in segments:
            parts += map(str, view.required(segment.lang, segment.text, target, segment.under))
            english = remembered.get(segment, Remembered()).english
            if english is not None:
                # What is translated over a given English is held against the terms of that English.
                parts += (match.digest(target) for match in view.match(PIVOT, english))
                parts += map(str, view.required(PIVOT, english, target))
        folded = text.text.casefold()
        names = {name for name in self._names(text, view) if name.casefold() in folded}
        return digest(digest(*parts), digest(*sorted(names)), correction or "")

    def _run(
        self,
        work: Sequence[tuple[StoredText, str]],
        cut: Mapping[str, Sequence[Piece]],
        target: str,
        remembered: Mapping[str, Mapping[Segment, Remembered]],
        views: Mapping[str, Termbase],
        report: BatchReport,
        seen: set[str],
    ) -> list[Settled]:
        chains: dict[_Place, Chain] = {}
        for text, _ in work:
            for segment in _segments(cut[text.digest]):
                place = self._place(text, segment, remembered, views)
                if place not in chains:
                    means = Means(self._router, place[3])
                    chains[place] = translate_segment(segment, target, means, place[2], self._names(text, place[3]))
                seen.add(digest(target, segment.lang, segment.kind, segment.context, segment.text))
        done = self._drive(chains, report)
        settled = []
        for text, key in work:
            made = [done[self._place(text, segment, remembered, views)] for segment in _segments(cut[text.digest])]
            whole = _whole(cut[text.digest], made)
            report.segments += len(made)
            report.by_engine[whole.engine or "none"] += 1
            report.needs_review += whole.state is State.NEEDS_REVIEW
            settled.append(Settled(text.digest, target, whole, key))
        return settled

    @staticmethod
    def _place(
        text: StoredText,
        segment: Segment,
        remembered: Mapping[str, Mapping[Segment, Remembered]],
        views: Mapping[str, Termbase],
    ) -> "_Place":
        return text.supplier, segment, remembered[text.digest].get(segment, Remembered()), views[text.digest]

    def _drive(self, chains: Mapping[_Place, Chain], report: BatchReport) -> dict[_Place, Translation]:
        """Run chains side by side: in rounds, all that ask an engine are answered together."""
        done: dict[_Place, Translation] = {}
        asking: dict[_Place, Request] = {}
        for place, chain in chains.items():
            _advance(place, chain, None, asking, done)
        while asking:
            answers = self._answer(set(asking.values()), report)
            round_, asking = asking, {}
            for place, request in round_.items():
                _advance(place, chains[place], answers[request], asking, done)
        return done

    def _answer(self, requests: set[Request], report: BatchReport) -> dict[Request, Answer]:
        """Answer requests from earlier results where there are any, else by the engines in batches."""
        keys = {request: digest(request.step.version, request.text) for request in requests}
        known = self._store.engine_results(sorted(keys.values()))
        answers: dict[Request, Answer] = {}
        todo: dict[str, list[Request]] = defaultdict(list)
        for request in requests:
            if keys[request] in known:
                answers[request] = known[keys[request]]
                report.reused += 1
            else:
                todo[request.step.version].append(request)
        for group in todo.values():
            # By length, so that a batch of a batching engine holds texts of one size; then by text, to repeat.
            group.sort(key=lambda request: (len(request.text), request.text))
            batches = [group[start : start + ENGINE_BATCH] for start in range(0, len(group), ENGINE_BATCH)]
            for batch, made in zip(batches, self._workers.map(self._ask, batches), strict=True):
                fresh = dict(zip(batch, made, strict=True))
                self._store.keep_engine_results(
                    {keys[one]: (text, one.step.name) for one, text in fresh.items() if isinstance(text, str)}
                )
                answers.update(fresh)
                report.translated += len(batch)
                report.words += sum(len(words(one.step.pair.source, one.text)) for one in batch)
        return answers

    def _ask(self, batch: Sequence[Request]) -> list[Answer]:
        """Ask one engine; a permanent error is pinned to the text that causes it, so that the rest goes on."""
        try:
            return list(self._try(batch))
        except PermanentEngineError as exc:
            if len(batch) == 1:
                return [Failure(str(exc))]
            half = len(batch) // 2
            return [*self._ask(batch[:half]), *self._ask(batch[half:])]

    def _try(self, batch: Sequence[Request]) -> list[str]:
        """Call an engine, again after a wait where it failed for the moment."""
        step = batch[0].step
        for wait in (*self._waits, None):
            try:
                answers = step.engine.translate(step.pair, [request.text for request in batch])
            except TransientEngineError:
                if wait is None:
                    raise
                time.sleep(wait)
                continue
            if len(answers) != len(batch):
                raise EngineError(f"engine {step.name} gave {len(answers)} answers for {len(batch)} texts")
            return answers
        raise AssertionError("unreachable: the last try returns or raises")


def _segments(cut: Iterable[Piece]) -> list[Segment]:
    return [piece for piece in cut if isinstance(piece, Segment)]


def _advance(
    place: _Place,
    chain: Chain,
    answer: Answer | None,
    asking: dict[_Place, Request],
    done: dict[_Place, Translation],
) -> None:
    try:
        asking[place] = next(chain) if answer is None else chain.send(answer)
    except StopIteration as finished:
        done[place] = finished.value


def _whole(cut: Sequence[Piece], made: Sequence[Translation]) -> Translation:
    """Join the segments of a text; state, engine and reason are those of its worst segment, the checks those of all."""
    if not made:
        return Translation(assemble(cut, ()), State.SOURCE, "copy")
    state = worst(one.state for one in made)
    decisive = next(one for one in made if one.state is state)
    checks = tuple(dict.fromkeys(check for one in (decisive, *made) for check in one.checks))
    if state.is_stand_in:
        return Translation(None, state, decisive.engine, decisive.reason, checks)
    text = assemble(cut, [one.text or "" for one in made])
    return Translation(text, state, decisive.engine, decisive.reason, checks)
