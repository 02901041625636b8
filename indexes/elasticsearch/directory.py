"""What of ours is on the cluster: builds, their languages, and which of them serves."""

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.errors import BrokenIndexError, NoLiveBuildError, NotFoundError
from indexes.elasticsearch.client import Connection
from indexes.elasticsearch.naming import NEUTRAL, Names, check_build

_FRESH_SECONDS = 1.0
"""How old what was read may be before one thread looks again."""

_STALE_SECONDS = 1.8
"""How old it may be while that thread looks: a promotion elsewhere is followed within two seconds."""

LANGS = "langs"
"""Under this name the neutral index's mapping tells the languages that the build was made with."""

COMMIT = "commit"
"""Under this name the neutral index's mapping tells the mark of the build's last commit."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What was on the cluster at one moment.

    Attributes:
        builds: by name the languages of each; :data:`~indexes.elasticsearch.naming.NEUTRAL` is one of them.
        serving: by language (or ``NEUTRAL``) the builds that its alias points at.
        commits: by build the mark of its last commit: as long as it stays, nothing that can be read has changed.
        made_with: by build the languages that it was made with.
    """

    builds: Mapping[str, frozenset[str]]
    serving: Mapping[str, frozenset[str]]
    commits: Mapping[str, str]
    made_with: Mapping[str, frozenset[str]]

    def lost(self, build: str) -> list[str]:
        """Return the languages of a build whose indexes are gone."""
        return sorted(self.made_with.get(build, frozenset()) - self.builds.get(build, frozenset()))

    @property
    def pointed_at(self) -> frozenset[str]:
        """All builds that an alias points at; one, unless somebody else moved aliases."""
        return frozenset().union(*self.serving.values())


class Directory:
    """Knows builds by one small request a second at most.

    Args:
        connection: the cluster.
        names: of the installation.
    """

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection = connection
        self._names = names
        self._reading = threading.Lock()
        self._contents = Contents({}, {}, {}, {})
        self._read_at = self._forgotten_at = -math.inf

    def contents(self, *, fresh: bool = False) -> Contents:
        """Return what is on the cluster, as it was two seconds ago at most; ``fresh`` for now."""
        age = time.monotonic() - self._read_at
        if fresh or age > _STALE_SECONDS:
            # Nobody waits for another's question: of a cluster that hangs, all would hang one after the other.
            return self._look()
        if age > _FRESH_SECONDS and self._reading.acquire(blocking=False):
            try:
                return self._look()
            finally:
                self._reading.release()
        return self._contents

    def _look(self) -> Contents:
        asked_at = time.monotonic()
        found = self._read()
        # What was asked before a change of ours may be from before it.
        if asked_at > self._forgotten_at:
            self._contents, self._read_at = found, asked_at
        return found

    def forget(self) -> None:
        """Read again at the next question."""
        self._forgotten_at = time.monotonic()
        self._read_at = -math.inf

    def _read(self) -> Contents:
        with self._connection.reporting("list indexes"):
            answer = self._connection.patiently(
                lambda: self._connection.reads.indices.get(
                    index=self._names.pattern,
                    features=["aliases", "mappings"],
                    filter_path=["*.aliases", "*.mappings._meta"],
                    expand_wildcards="open",
                )
            )
        builds: dict[str, set[str]] = {}
        serving: dict[str, set[str]] = {}
        commits: dict[str, str] = {}
        made_with: dict[str, set[str]] = {}
        for index, found in answer.items():
            read = self._names.read(index)
            if read is None:
                continue
            part, build = read
            builds.setdefault(build, set()).add(part)
            if self._names.alias(part) in found.get("aliases", ()):
                serving.setdefault(part, set()).add(build)
            told = found.get("mappings", {}).get("_meta", {})
            if commit := told.get(COMMIT):
                commits[build] = commit
            if langs := told.get(LANGS):
                made_with[build] = set(langs)
        return Contents(_frozen(builds), _frozen(serving), commits, _frozen(made_with))

    def live(self, *, fresh: bool = False) -> str | None:
        """Return the name of the build that serves, ``None`` before the first promotion.

        Raises:
            BrokenIndexError: the aliases point at several builds.
        """
        pointed_at = self.contents(fresh=fresh).pointed_at
        if len(pointed_at) > 1:
            raise BrokenIndexError(
                f"the aliases {self._names.pattern} point at several builds ({', '.join(sorted(pointed_at))}): run "
                "`lexicart index --full`"
            )
        return next(iter(pointed_at), None)

    def resolve(self, build: str | None, *, fresh: bool = False) -> str:
        """Return the name of a build that is there: the named one, or the live one for ``None``.

        Raises:
            UsageError: the name can't be a build's.
            NotFoundError: there is no such build.
            NoLiveBuildError: none serves.
            BrokenIndexError: some of its indexes were deleted.
        """
        if build is None:
            live = self.live(fresh=fresh)
            if live is None:
                raise NoLiveBuildError(f"no search index under {self._names.prefix} yet: run `lexicart index`")
            return self._whole(live)
        check_build(build)
        if not self._is_there(build, fresh=fresh) and not self._is_there(build, fresh=True):
            there = ", ".join(sorted(self.contents().builds)) or "none"
            raise NotFoundError(f"no build {build} under {self._names.prefix}: there are {there}")
        return self._whole(build)

    def _whole(self, build: str) -> str:
        if lost := self.contents().lost(build):
            gone = ", ".join(self._names.index(lang, build) for lang in lost)
            raise BrokenIndexError(f"build {build} is damaged, {gone} is gone: run `lexicart index`")
        return build

    def _is_there(self, build: str, *, fresh: bool) -> bool:
        # Of a build that is being made or removed, this index is there last and goes first.
        return NEUTRAL in self.contents(fresh=fresh).builds.get(build, ())

    def commit(self, build: str) -> str | None:
        """Return the mark of a build's last commit, ``None`` before the first."""
        return self.contents().commits.get(build)

    def made_with(self, build: str) -> list[str]:
        """Return the languages that a build was made with, whether or not all are there."""
        return sorted(self.contents().made_with.get(build) or self.languages(build))

    def languages(self, build: str) -> list[str]:
        """Return the languages of a build that is there."""
        return sorted(self.contents().builds.get(build, frozenset()) - {NEUTRAL})


def _frozen(found: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(values) for name, values in found.items()}
