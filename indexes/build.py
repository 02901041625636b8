"""Builds: make a fresh one beside the live one, verify it, promote it, roll back; or bring the live one up to date.

A full build never touches what serves. Every build has its own position in the change log, so that a full build catches
up with what changed while it ran, and a build that was rolled back to catches up at the next delta. The position moves
last: what a killed delta did is simply done again.
"""

import logging
import secrets
import time
from collections.abc import Sequence
from importlib.metadata import version

from catalog.database import utc_now
from catalog.errors import BackendRefusesError, BrokenIndexError, NotFoundError, UsageError
from indexes.filling import Filler
from indexes.parts import BuildParts
from indexes.report import IndexReport, LangCount
from indexes.store import Build
from indexes.verifying import Verifier
from translation.model import digest

__all__ = ["DOCUMENTS_VERSION", "BuildParts", "Builder", "IndexReport"]

logger = logging.getLogger(__name__)

DOCUMENTS_VERSION = "2"
"""Changes whenever the same product and translations may give other documents; forces a full build."""

_SMALL_REST = 1_000
"""Entries of the change log that a full build may leave to be taken after it was verified: seconds of work."""

_ATTEMPTS = 3
"""Times that the checks look at a build, each with what changed during the one before."""


class Builder:
    """Makes builds of the fifteen language indexes and keeps them up to date.

    Args:
        parts: stores, backend and checks.
    """

    def __init__(self, parts: BuildParts) -> None:
        self._ = parts

    @property
    def settings(self) -> str:
        """Digest of everything that decides what documents look like; a delta needs the build to have the same."""
        parts = self._
        encoder = f"{parts.encoder.name} {parts.encoder.version}"
        return digest(DOCUMENTS_VERSION, parts.analysis, encoder, parts.termbase.version, *parts.langs)

    # -- runs ---------------------------------------------------------------------------------------------------------

    def update(self, *, full: bool = False, force: bool = False, langs: Sequence[str] = ()) -> IndexReport:
        """Bring the indexes up to date: by a delta where the live build allows it, else by a full build.

        Args:
            full: make a full build in any case.
            force: promote even when there are far fewer documents than before, and in place of a build that this
                store does not know.
            langs: write only these languages; the others follow at the next run without it.

        Raises:
            UsageError: ``langs`` with a full build, which always has every language.
            UnavailableError: another builder is at work, or what serves is another store's.
        """
        with self._.lock():
            serving = self._serving(force=force)
            self._remove_remains(serving)
            known = self._known_live(serving)
            if known is not None and not full and self._allows_delta(known):
                return self._delta(known, frozenset(langs))
            if langs:
                raise UsageError("a full build has every language: run `lexicart index` without --lang first")
            return self._full(serving, known, force)

    def rollback(self, name: str | None = None) -> Build:
        """Let a kept build serve again; it catches up with what changed since at the next delta.

        It does not wait for a builder: one that is at work on a full build finds at its end that another build serves
        than at its beginning, and leaves that as it is.

        Raises:
            NotFoundError: there is no such kept build.
            UnavailableError: what serves is another store's.
        """
        with self._.moving():
            serving = self._serving()
            recorded = self._.builds.existing()
            kept = [build for build in recorded if build.state == "kept"]
            live = next((build for build in recorded if build.state == "live"), None)
            # One that was rolled back from serves again only by its name.
            older = [build for build in kept if not build.reasons]
            older = [build for build in older if live is None or build.created_at < live.created_at]
            among = older if name is None else [build for build in kept if build.name == name]
            chosen = next(iter(among), None)
            if chosen is None:
                there = ", ".join(build.name for build in kept) or "none"
                raise NotFoundError(f"no kept build {name or 'to roll back to'}: there are {there}")
            self._.index.promote(chosen.name, serving)
            self._.builds.live(chosen.name)
            if live is not None:
                self._.builds.rolled_back(live.name, chosen.name)
            return self._.builds.get(chosen.name)

    def remove_kept(self) -> int:
        """Delete all builds that are kept for a rollback, because they hold what must be forgotten."""
        with self._.lock():
            number = sum(build.state == "kept" for build in self._.builds.existing())
            self._remove_old(0)
            self._.builds.clear_reasons()
        return number

    # -- what serves --------------------------------------------------------------------------------------------------

    def _serving(self, *, force: bool = False) -> str | None:
        """Return what the backend says serves, and note it; ``None`` where even that is damaged and may be replaced.

        Raises:
            BackendRefusesError: this store has no record of it, and it is not forced.
        """
        try:
            # Asked first, because it is always asked anew: what serves is else remembered for up to two seconds.
            self._.index.builds()
            serving = self._.index.live()
        except BrokenIndexError as exc:
            logger.warning("%s", exc)
            return None
        recorded = {build.name: build for build in self._.builds.all()}
        if serving is None:
            return None
        if serving not in recorded and not force:
            # Two stores with one prefix would take turns at replacing each other's builds, each night.
            raise BackendRefusesError(
                f"build {serving} serves under {self._.index.name}, and this store has no record of it. If another "
                "installation made it, give this one a LEXICART_ELASTICSEARCH_PREFIX (or LEXICART_HOME) of its own; if "
                "this store is new or restored, `lexicart index --full --force` puts a build of its own in place"
            )
        if serving in recorded and recorded[serving].state != "live":
            # A kill between the backend's promotion and our note of it: the backend tells the truth.
            self._.builds.live(serving)
        return serving

    def _known_live(self, serving: str | None) -> Build | None:
        """Return the build that serves where it is ours and can be read: a damaged one is no yardstick."""
        known = {build.name: build for build in self._.builds.existing()}
        if serving is None or serving not in known:
            return None
        try:
            self._.index.counts(serving)
        except BrokenIndexError as exc:
            logger.warning("%s", exc)
            return None
        return known[serving]

    def _allows_delta(self, live: Build) -> bool:
        """Say whether a delta may work on a build: made with the present settings, and no change is lost to it."""
        return live.settings == self.settings and self._.builds.is_whole_after(live.position)

    # -- full build ---------------------------------------------------------------------------------------------------

    def _full(self, serving: str | None, live: Build | None, force: bool) -> IndexReport:
        started = time.monotonic()
        self._.translations.follow()
        build = self._.builds.add(_new_name(), self.settings, _code())
        report = self._report(build.name, "full")
        self._.index.create(build.name, self._.langs)
        filler, verifier = Filler(self._, report), Verifier(self._, report)
        filler.everything()
        self._.index.commit(build.name)
        position = self._catch_up(filler, build)
        verifier.count()
        report.reasons += verifier.against_store(position)
        if live is not None and not force:
            report.reasons += verifier.against_live(live.name)
        if not report.reasons:  # a build that is not whole fails the checks in ways that say less
            position = self._judge(filler, verifier, report, position, live)
        if not report.reasons:
            # The checks took their time; and whatever the rest holds is checked as the build was.
            position = self._take_rest(filler, build.name, position)
            verifier.count()
            report.reasons += verifier.against_store(position)
        if report.reasons:
            self._refuse(report)
        else:
            self._promote(report, serving)
        report.seconds = time.monotonic() - started
        return report

    def _report(self, build: str, mode: str) -> IndexReport:
        return IndexReport(build, mode, {lang: LangCount() for lang in self._.langs})

    def _catch_up(self, filler: Filler, build: Build) -> int:
        """Apply what changed while the build ran until little is left; return the position that was reached."""
        position, before = build.position, None
        while True:
            position = self._take_rest(filler, build.name, position)
            left = self._.builds.behind(position)
            if left <= _SMALL_REST:
                return position
            if before is not None and left >= before:
                logger.warning(
                    "build %s: more changes come than can be written; %d are left to the next run", build.name, left
                )
                return position
            before = left

    def _take_rest(self, filler: Filler, name: str, position: int) -> int:
        """Apply what changed until now, make it visible and note it; return the position that was reached."""
        self._.translations.follow()
        reached = filler.since(position)
        if reached != position:
            self._.index.commit(name)
            self._.builds.move(name, reached)
        return reached

    def _judge(self, filler: Filler, verifier: Verifier, report: IndexReport, position: int, live: Build | None) -> int:
        """Let the checks judge a build, again with what changed meanwhile where they can't; return its position."""
        for _attempt in range(_ATTEMPTS):
            reasons = verifier.by_checks(live.name if live else None)
            if reasons is not None:
                report.reasons += reasons
                return position
            position = self._take_rest(filler, report.build, position)
        report.reasons.append(
            f"{_ATTEMPTS} times most of what the build is judged by changed while it was looked at: run it again when "
            "less comes in"
        )
        return position

    def _promote(self, report: IndexReport, serving: str | None) -> None:
        report.verified = True
        self._.builds.verified(report.build, report.counts, report.evaluation)
        # What served when we began: where somebody else promoted meanwhile, theirs stays.
        with self._.moving():
            self._.index.promote(report.build, serving)
            self._.builds.live(report.build)
        report.promoted = True
        self._remove_old()

    def _refuse(self, report: IndexReport) -> None:
        self._.builds.refused(report.build, report.reasons, report.counts, report.evaluation)
        self._remove(report.build)

    # -- delta --------------------------------------------------------------------------------------------------------

    def _delta(self, build: Build, only: frozenset[str]) -> IndexReport:
        started = time.monotonic()
        self._.translations.follow()
        report = self._report(build.name, "delta")
        verifier = Verifier(self._, report)
        position = Filler(self._, report).since(build.position, only)
        if position != build.position:
            self._.index.commit(build.name)
        verifier.count()
        self._.builds.counted(build.name, report.counts)
        if not only:
            report.reasons += verifier.against_store(position)
        # What was rejected is tried again at the next run; so are the languages that were left out of this one.
        if not report.reasons and not only:
            self._.builds.move(build.name, position)
        report.verified = not report.reasons
        report.promoted = True
        report.seconds = time.monotonic() - started
        return report

    # -- cleaning up --------------------------------------------------------------------------------------------------

    def _remove_remains(self, serving: str | None) -> None:
        """Delete what killed and refused builders left; only names that we recorded are ever deleted.

        What should be in the backend and is not is told as lost: nobody can roll back to it.
        """
        there = frozenset(self._.index.builds())
        for build in self._.builds.all():
            if build.name == serving:
                continue
            if build.removed_at is None and build.state in ("live", "kept") and build.name not in there:
                logger.warning("build %s is not in %s any more", build.name, self._.index.name)
                self._.builds.lost(build)
                continue
            if build.is_lost and build.name in there:
                self._.builds.found(build)  # a folder that was not mounted, an index that was closed
                continue
            # A request of a killed builder may reach a cluster after its build was deleted, and make an index anew.
            is_back = build.removed_at is not None and build.name in there
            if is_back or (build.removed_at is None and build.state not in ("live", "kept")):
                self._remove(build.name)
        self._remove_old()

    def _remove_old(self, keep: int | None = None) -> None:
        with self._.moving():  # else one of them might be rolled back to between the two lines
            kept = [build for build in self._.builds.existing() if build.state == "kept"]
            kept.sort(key=lambda build: bool(build.reasons))  # those that were rolled back from go first
            old = kept[self._.keep if keep is None else keep :]
            for build in old:
                self._.builds.removing(build.name)
        for build in old:
            self._remove(build.name)

    def _remove(self, name: str) -> None:
        # Noted before and after: what is half deleted after a kill is no build, and the next run deletes the rest.
        self._.builds.removing(name)
        self._.index.drop(name)
        self._.builds.removed(name)


def _code() -> str:
    return f"lexicart {version('lexicart')}, documents {DOCUMENTS_VERSION}"


def _new_name() -> str:
    return f"{utc_now():%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
