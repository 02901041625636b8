"""The nightly run: import what waits, translate, index, verify, promote, measure, digest, clean up, report.

Safe to start twice (the second finds the lock held and says so) and to kill: every step is idempotent, and a file of
the drop folder is moved away only after its import was committed (:mod:`api.dropping`). A step that fails ends no
night: the steps that make sense without it follow, the report is written, and the exit status is that of the gravest
failure.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from api.bootstrap import Parts
from api.evaluating import evaluate_live
from api.nightly_import import NightlyImport
from api.patience import Clock, until_reached
from api.reporting import UNEXPECTED, NightlyReport, ReportFolder, sentence_of, status_of
from api.translating import translate_pending
from catalog.errors import GateRefusedError, LexicartError, UnavailableError
from indexes.build import Builder, IndexReport
from search.zero_results import Missed
from translation.batch import BatchOptions

LOG = logging.getLogger("lexicart.nightly")

STEPS = ("import", "translate", "index", "evaluate", "searches", "clean up")
"""Steps of a night, in order."""

MOST_SEARCHES = 50
"""Searches without a hit that a report lists."""


def run(
    parts: Parts, *, full: bool = False, clock: Clock | None = None, began: Callable[[str], None] = lambda _step: None
) -> NightlyReport:
    """Do a night's work.

    Args:
        parts: the installation.
        full: make a full build in any case.
        clock: to wait by.
        began: called with the name of each step when it begins.

    Raises:
        UnavailableError: another nightly run holds the lock.
    """
    night = _Night(parts, full, clock or Clock(), began)
    if night.reaches_the_store():
        with parts.lock("nightly", wait=0):
            night.work()
    else:
        night.keep()
    return night.report


class _Night:
    """One run of all steps.

    Args: as of :func:`run`.
    """

    def __init__(self, parts: Parts, full: bool, clock: Clock, began: Callable[[str], None]) -> None:
        self._parts = parts
        self._full = full
        self._clock = clock
        self._began = began
        self._started = clock.monotonic()
        self._index_away = False
        self._missed: list[Missed] = []
        self.report = NightlyReport(datetime.fromtimestamp(clock.now(), UTC))

    @property
    def _patience(self) -> float:
        return 60.0 * self._parts.settings.nightly_wait_minutes

    def reaches_the_store(self) -> bool:
        """Open the store; where it is away, wait for it. Without a store there is nothing to do but to report."""
        try:
            until_reached(lambda: self._parts.database, self._patience, self._clock)
        except LexicartError as exc:
            self.report.fail(str(exc), exc.exit_status)
            return False
        return True

    def work(self) -> None:
        """Do all steps and keep the report, also where somebody ends the run."""
        works: dict[str, Callable[[], str]] = {
            "import": NightlyImport(self._parts, self.report, self._clock).work,
            "translate": self._translate,
            "index": self._index,
            "evaluate": self._evaluate,
            "searches": self._digest_searches,
            "clean up": self._clean_up,
        }
        try:
            for name in STEPS:
                self._step(name, works[name])
        except BaseException as exc:
            self.report.fail(f"the run was ended ({type(exc).__name__}); the next one goes on from there", UNEXPECTED)
            self.keep()
            raise
        if self.keep():
            self._told()

    def _step(self, name: str, work: Callable[[], str]) -> None:
        self._began(name)
        started = self._clock.monotonic()
        before = len(self.report.reasons)
        try:
            said = work()
        except Exception as exc:
            self.report.fail(said := sentence_of(exc), status_of(exc))
            if not isinstance(exc, LexicartError | OSError):
                LOG.exception("nightly, step %s", name)
        seconds = round(self._clock.monotonic() - started, 3)
        failed = len(self.report.reasons) > before
        self.report.steps.append({"step": name, "seconds": seconds, "said": said, "problems": failed})

    # -- translate, index, measure ------------------------------------------------------------------------------------

    def _translate(self) -> str:
        done = translate_pending(self._parts, BatchOptions(self._parts.settings.langs))
        self.report.translated = done.as_json()
        if done.failure is not None:
            # What is translated goes into the index all the same; the rest waits for the next night.
            self.report.fail(str(done.failure), done.failure.exit_status)
        return f"{done.segments} segments, {done.translated} by engines, {done.needs_review} need review"

    def _index(self) -> str:
        try:
            done, why = until_reached(self._update_index, self._patience, self._clock)
        except UnavailableError:
            self._index_away = True
            raise
        self.report.indexed = {**done.as_json(), "why": why}
        self.report.promoted = done.promoted
        for reason in done.reasons:
            self.report.fail(reason, GateRefusedError.exit_status)
        return f"{done.mode} build {done.build} ({why}), {'serves' if done.promoted else 'refused'}"

    def _update_index(self) -> tuple[IndexReport, str]:
        builder = self._parts.builder()
        why = self._why_full(builder)
        done = builder.update(full=why is not None)
        if why is None and done.mode == "full":
            return done, "the live build can't be brought up to date"
        if done.mode == "delta" and done.reasons and not any(one.rejected for one in done.langs.values()):
            why = "after a delta the live build did not hold what the store does"
            return builder.update(full=True), why
        return done, why or "what changed"

    def _why_full(self, builder: Builder) -> str | None:
        """Say why the indexes are to be built anew, ``None`` where it is enough to write what changed."""
        if self._full:
            return "--full"
        serving = self._parts.index.live()
        live = next((build for build in self._parts.builds.all() if build.name == serving), None)
        if live is None:
            return "nothing serves yet" if serving is None else "the live build is not recorded"
        if live.settings != builder.settings:
            return "languages, terms, analysis, encoder or the program changed"
        days = self._parts.settings.full_build_days
        if days and datetime.fromtimestamp(self._clock.now(), UTC) - live.created_at >= timedelta(days=days):
            return f"the live build is {days} days old"
        return None

    def _evaluate(self) -> str:
        if self._index_away:
            return "left out: the index can't be reached"
        if self._parts.index.live() is None:
            return "nothing to measure"
        result = evaluate_live(self._parts, None)
        self.report.parity = result.parity
        self.report.evaluation = {"queries": result.queries, **result.overall}
        recall = result.overall.get("recall@10")
        return f"{result.queries} known-item queries, recall@10 {recall}, parity {result.parity}"

    # -- searches, clean-up, report -----------------------------------------------------------------------------------

    def _digest_searches(self) -> str:
        self._missed = list(self._parts.zero_results.untold())
        self.report.zero_searches = len(self._missed)
        self.report.zero_results = [one.as_json() for one in self._missed[:MOST_SEARCHES]]
        times = sum(one.times for one in self._missed)
        return f"{times} searches found nothing since the last night, {len(self._missed)} different ones"

    def _told(self) -> None:
        """Note which searches a report told of; if that fails, the next one tells of them again."""
        try:
            self._parts.zero_results.told(self._missed)
        except UnavailableError as exc:
            LOG.warning("the next report tells of the same searches again: %s", exc)

    def _clean_up(self) -> str:
        """Cut the change log back to what the oldest reader still needs; drop old searches."""
        dropped = self._parts.zero_results.drop_old()
        positions = self._parts.builds.positions()
        cut = self._parts.builds.cut_log([*positions, *self._parts.translations.readers()]) if positions else 0
        return f"{cut} entries of the change log cut, {dropped} searches of more than 90 days dropped"

    def keep(self) -> bool:
        """Write the report, and say whether that could be done."""
        self.report.seconds = self._clock.monotonic() - self._started
        settings = self._parts.settings
        folder = settings.home_folder / "reports"
        try:
            self.report.page = ReportFolder(folder, settings.keep_reports).keep(self.report)
        except OSError as exc:
            said = f"the report could not be written to {folder} ({exc.strerror}): free space or mend its rights"
            LOG.error(said)
            self.report.fail(said, UnavailableError.exit_status)
        return self.report.page is not None
