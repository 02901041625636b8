"""The batch: everything that is pending, translated and stored.

``translate_pending`` walks what is pending and leases it page by page, so that any number of workers may do the same at
once. A page is translated into one language after another, English first, because the others may pivot over it, and
saved by language, each in one transaction. Engines' answers are kept as soon as they are there. A kill at any instant
costs what is at the engines, and the next run finds the rest pending.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from translation.chain import VERSION
from translation.collector import seldom_looking
from translation.driving import Drive
from translation.engines.usage import Metered, Usage
from translation.guarding import LanguageGuard
from translation.model import State, Translation, digest
from translation.pages import Page, Place, Sources, Work
from translation.quarantine import MakeEngine, Quarantine
from translation.records.pending import Wanted
from translation.records.texts import StoredText
from translation.report import BatchReport, Distinct, NoProgress, Progress
from translation.retries import ENGINE_FAILED
from translation.routing import PIVOT, Router
from translation.run import Run
from translation.store import Settled, TranslationStore
from translation.terminology.source import SameTerms, Terms
from translation.terminology.termbase import Termbase
from translation.worker import Worker

__all__ = ["Batch", "BatchOptions", "BatchReport"]

PAGE = 1_024
"""Texts that are leased at a time: enough for full batches in each language, some seconds of work in one."""

WAITS_SECONDS = (0.5, 1.0)
"""Waits before the second and the third try of a call that failed for the moment."""

_FOLLOW_SECONDS = 5.0
"""How often a long run looks for what was imported since it began."""

_LOOK_AGAIN_SECONDS = 0.2
"""Wait before looking whether another worker has answered the last requests that texts of this one wait for."""


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


class Batch:
    """Translates what is pending in one store.

    Args:
        store: texts and translations.
        router: engines by pair.
        terms: the terms of each supplier's texts, or one termbase for all.
        brands: returns the names that a supplier's texts must keep.
        workers: batches that are at engines side by side; as many as there are cores by default.
        waits: seconds to wait before each further try of a call that failed for the moment.
        remake: makes an engine anew in another process, for texts during which a worker died.
    """

    def __init__(
        self,
        store: TranslationStore,
        router: Router,
        terms: Terms | Termbase,
        brands: Callable[[str], Sequence[str]] = lambda _supplier: (),
        workers: int | None = None,
        waits: Sequence[float] = WAITS_SECONDS,
        remake: MakeEngine | None = None,
    ) -> None:
        self._store = store
        self._sources = Sources(store, router, SameTerms(terms) if isinstance(terms, Termbase) else terms, brands)
        self._waits = tuple(waits)
        self._width = workers or os.cpu_count() or 1
        self._quarantine = Quarantine(remake) if remake is not None else None
        self._guard = LanguageGuard()
        self._threads = ThreadPoolExecutor(self._width, thread_name_prefix="translate")

    def policy(self, langs: Sequence[str]) -> str:
        """Return the digest of all that translations depend on beside the texts and their own terms."""
        terms, router = self._sources.terms, self._sources.router
        return digest(VERSION, router.version, terms.version, self._store.memory_version(), *langs)

    def translate_pending(self, options: BatchOptions, progress: Progress | None = None) -> BatchReport:
        """Translate everything that is pending; idempotent and resumable.

        It ends when nothing is pending but what other workers have in hand, and what waits for an engine that failed:
        the report says which and why.
        """
        started = time.monotonic()
        wanted = self._wanted(options)
        run = self._store.begin(wanted)
        report, distinct = BatchReport(), Distinct()
        bar = progress or NoProgress()
        self._guard = LanguageGuard()
        bar.begin(run.expected() if progress else 0)
        limit = _Limit(options.limit)
        try:
            with seldom_looking(), Worker(self._store.database) as worker:
                for texts in self._pages(run, worker, limit, report):
                    self._translate_page(texts, wanted, worker, limit, report, distinct, bar)
        finally:
            if self._quarantine is not None:
                self._quarantine.close()
        if options.whole:
            run.mark_done()
        report.distinct = distinct.count
        report.usage = used(self._sources.router)
        report.seconds = time.monotonic() - started
        return report

    def expected(self, options: BatchOptions) -> int:
        """Return how many texts there are to settle at most, each counted once a language."""
        return self._store.begin(self._wanted(options)).expected()

    def _wanted(self, options: BatchOptions) -> Wanted:
        """Bring texts and terms in line with what was imported, and say what is to be translated."""
        self._store.follow()
        self._sources.terms.follow()
        return Wanted(options.langs, self.policy(options.langs), options.supplier, options.everything)

    def _pages(self, run: Run, worker: Worker, limit: "_Limit", report: BatchReport) -> Iterator[list[StoredText]]:
        """Lease page by page; texts that wait for another worker's answer are looked at again at the end."""
        looked = time.monotonic()
        while not limit.reached:
            took = False
            while not limit.reached and (names := run.read(PAGE)):
                if time.monotonic() - looked > _FOLLOW_SECONDS:
                    run.follow()
                    looked = time.monotonic()
                texts = worker.take(names)
                took = took or bool(texts)
                if texts:
                    yield texts
                    worker.release([one.digest for one in texts])
            if limit.reached or report.failures or not run.may_go_on(worker):
                return
            if not took:
                time.sleep(_LOOK_AGAIN_SECONDS)

    def _translate_page(
        self,
        texts: Sequence[StoredText],
        wanted: Wanted,
        worker: Worker,
        limit: "_Limit",
        report: BatchReport,
        distinct: Distinct,
        bar: Progress,
    ) -> None:
        page = Page(texts, self._sources)
        for lang in sorted(wanted.langs, key=lambda code: (code != PIVOT, code)):
            names = limit.cut(self._store.waiting(wanted, lang, [one.digest for one in texts if one.lang != lang]))
            while names:
                counted = BatchReport(failures=report.failures)
                inputs = self._store.inputs()  # before anything of them is read
                segments = self._translate(page.into(lang, names), wanted, worker, inputs, counted)
                if segments is not None:
                    report.add(counted)
                    distinct.add(segments)
                    break
                # A correction came in between: engines' answers are kept, so that making it again is cheap.
            limit.spend(len(names))
            bar.advance(lang, len(names), report.words)

    def _translate(
        self, work: Work, wanted: Wanted, worker: Worker, inputs: int, counted: BatchReport
    ) -> set[str] | None:
        """Translate and save; return the segments settled, ``None`` when corrections or memory changed meanwhile."""
        target = work.target
        before = self._store.keys(target, [one.digest for one in work.texts])
        settled: list[Settled] = []
        unchanged: list[tuple[str, str]] = []
        todo: list[tuple[StoredText, str]] = []
        for text in work.texts:
            key = work.key(text)
            if before.get(text.digest) == key:
                unchanged.append((text.digest, target))
                counted.reused += 1
            elif text.digest in work.corrected:
                person = Translation(work.corrected[text.digest], State.REVIEWED, "person")
                settled.append(Settled(text.digest, target, person, key))
                counted.by_engine["person"] += 1
            else:
                todo.append((text, key))
        done = self._drive(work, [text for text, _ in todo], worker, counted)
        finished = []
        for text, key in todo:
            if (made := work.whole(text, done)) is None:
                continue  # another worker has one of its sentences in hand
            translation, segments = made
            counted.segments += segments
            counted.by_engine[translation.made_by] += 1
            counted.needs_review += translation.state is State.NEEDS_REVIEW
            # What an engine failed at has no key: `--all` asks again.
            failed = ENGINE_FAILED in translation.checks
            settled.append(Settled(text.digest, target, translation, "" if failed else key))
            finished.append(text)
        saved = self._store.save(settled, unchanged, wanted.policy, inputs)
        return work.distinct(finished) if saved else None

    def _drive(
        self, work: Work, texts: Sequence[StoredText], worker: Worker, counted: BatchReport
    ) -> dict[Place, Translation]:
        drive = Drive(
            work.chains(texts), worker, self._threads, self._width, self._waits, self._quarantine, self._guard, counted
        )
        drive.run()
        return drive.done


def used(router: Router) -> dict[str, Usage]:
    """Return what was asked of each engine that bills it."""
    named = zip(router.every, router.infos, strict=True)
    return {info.name: engine.usage() for engine, info in named if isinstance(engine, Metered)}


class _Limit:
    """How many texts a run may still settle."""

    def __init__(self, texts: int | None) -> None:
        self._left = texts

    @property
    def reached(self) -> bool:
        """Whether there is nothing left."""
        return self._left is not None and self._left <= 0

    def cut(self, names: list[str]) -> list[str]:
        """Return as many of the names as are left."""
        return names if self._left is None else names[: max(self._left, 0)]

    def spend(self, texts: int) -> None:
        """Count texts that were settled."""
        if self._left is not None:
            self._left -= texts
