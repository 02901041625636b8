"""Verifies a build: against the store, against the build that serves, and by the checks that need a search."""

from collections.abc import Iterator

from indexes.parts import BuildParts
from indexes.report import IndexReport

SHRINKING_SHARE = 0.2
"""A build with fewer documents than the live one by more than this is refused unless forced."""


class Verifier:
    """Says what is wrong with one build, a sentence each.

    Args:
        parts: stores, backend and checks.
        report: of the run; names the build, and learns what was counted and measured.
    """

    def __init__(self, parts: BuildParts, report: IndexReport) -> None:
        self._ = parts
        self._report = report
        self._neutral = 0

    def count(self) -> None:
        """Take into the report how many documents each language holds."""
        counts = self._.index.counts(self._report.build)
        self._neutral = counts.get("", 0)
        for lang, count in self._report.langs.items():
            count.documents = counts.get(lang, 0)

    def against_store(self, position: int) -> Iterator[str]:
        """Yield which documents were rejected, and where there are others than products in the store.

        Products that changed after ``position`` may be in the build or not: writers need not pause for a build.

        Args:
            position: up to where the build has read the change log, before it was counted.
        """
        yield from (f"{name}: {reason}" for name, reason in self._report.rejected.items())
        # In this order: what changes between these two is allowed for, too.
        expected = sum(self._.products.counts().values())
        moving = self._.builds.changed_after(position)
        for lang, count in self._report.langs.items():
            if count.rejected:
                yield f"{lang}: {count.rejected} documents were rejected"
        for lang, documents in {**self._report.counts, "without language": self._neutral}.items():
            if abs(documents - expected) > moving:
                yield f"{lang}: {documents} documents, {expected} products in the store; make a full build"

    def against_live(self, live: str) -> Iterator[str]:
        """Yield which languages have far fewer documents than in the build that serves; those taken out have none."""
        for lang, number in self._.index.counts(live).items():
            now = self._report.counts.get(lang, 0)
            if lang in self._report.langs and now < (1 - SHRINKING_SHARE) * number:
                yield f"{lang}: {now} documents, the live build has {number}; --force promotes it all the same"

    def by_checks(self, live: str | None) -> list[str] | None:
        """Return what the checks find, and take into the report what they measured; ``None`` where one can't decide."""
        reasons: list[str] = []
        for check in self._.checks:
            verdict = check(self._report.build, live)
            if verdict.undecided:
                return None
            self._report.evaluation.update(verdict.measured)
            reasons += verdict.reasons
        return reasons
