"""Makes, promotes and removes builds."""

from collections.abc import Iterable, Sequence
from typing import Any

from elasticsearch import NotFoundError as IndexMissing

from catalog.errors import BrokenIndexError, UnavailableError, UsageError
from indexes.elasticsearch.analyzers import Analyzers
from indexes.elasticsearch.client import Connection
from indexes.elasticsearch.directory import Contents, Directory
from indexes.elasticsearch.mappings import language_index, neutral_index
from indexes.elasticsearch.naming import NEUTRAL, Names, check_build


class Shelf:
    """Builds by name, one index a language and one without.

    Args:
        connection: the cluster.
        names: of the installation.
        directory: what is there.
        analyzers: of the languages.
        dimensions: length of the vectors, ``None`` for that of the first one written.
        shards: into how many parts each index is cut.
    """

    def __init__(
        self,
        connection: Connection,
        names: Names,
        directory: Directory,
        analyzers: Analyzers,
        dimensions: int | None,
        shards: int,
    ) -> None:
        self._connection = connection
        self._names = names
        self._directory = directory
        self._analyzers = analyzers
        self._dimensions = dimensions
        self._shards = shards
        self._checked: set[str] = set()

    def create(self, build: str, langs: Sequence[str]) -> None:
        """Make an empty build, in place of the remains of one.

        Raises:
            UsageError: the build serves.
            UnavailableError: the cluster lacks analyzers.
        """
        check_build(build)
        if unchecked := [lang for lang in langs if lang not in self._checked]:
            self._analyzers.require(self._connection, unchecked)
            self._checked.update(unchecked)
        self._remove(build)
        with self._connection.reporting(f"make the build {build}"):
            for lang in langs:
                self._make(lang, build, language_index(lang, self._analyzers, self._shards))
            self._make(NEUTRAL, build, neutral_index(self._dimensions, self._shards))
        self._directory.forget()

    def _make(self, part: str, build: str, body: dict[str, Any]) -> None:
        name = self._names.index(part, build)
        self._connection.administer(lambda client: client.indices.create(index=name, timeout="30s", **body))

    def drop(self, build: str) -> None:
        """Remove a build that does not serve; a missing one is no error.

        Raises:
            UsageError: the build serves.
        """
        check_build(build)
        self._remove(build)

    def _remove(self, build: str) -> None:
        there = self._directory.contents(fresh=True)
        if build in there.pointed_at:
            raise UsageError(f"build {build} serves: promote another before it is removed or made again")
        parts = there.builds.get(build, frozenset())
        # The neutral index first: without it a build is none.
        for group in ([NEUTRAL] if NEUTRAL in parts else [], sorted(parts - {NEUTRAL})):
            self._delete([self._names.index(part, build) for part in group])
        self._directory.forget()

    def _delete(self, indexes: Sequence[str]) -> None:
        if indexes:
            # By full names: a pattern would reach into builds of others.
            with self._connection.reporting("remove indexes"):
                self._connection.administer(
                    lambda client: client.indices.delete(
                        index=list(indexes), ignore_unavailable=True, expand_wildcards="none"
                    )
                )

    # -- promotion ----------------------------------------------------------------------------------------------------

    def promote(self, build: str, expected: str | None) -> None:
        """Let all aliases point at a build, in one step.

        Raises:
            UnavailableError: what serves is not ``expected``; nothing changed.
        """
        self._directory.resolve(build, fresh=True)
        before = self._directory.contents()
        self._expect(before, build, expected)
        actions = [*self._removals(before), *self._additions(before.builds[build], build)]
        with self._connection.reporting(f"promote the build {build}"):
            try:
                answer = self._connection.administer(lambda client: client.indices.update_aliases(actions=actions))
            except IndexMissing as exc:
                # The aliases were somewhere else already, or the build is gone: nothing was changed.
                serving = self._named(self._directory.contents(fresh=True))
                raise UnavailableError(f"build {build} is not promoted: {serving} serves, not {expected}") from exc
        if answer.get("errors") or not answer.get("acknowledged"):
            raise BrokenIndexError(f"the aliases of build {build} were moved in part: {answer.body}; promote again")
        self._look_again(build, before)

    def _expect(self, before: Contents, build: str, expected: str | None) -> None:
        serving = before.pointed_at
        # Aliases that point at several builds are damage, and any promotion repairs it.
        if len(serving) <= 1 and next(iter(serving), None) != expected:
            raise UnavailableError(
                f"build {build} is not promoted: {self._named(before)} serves, not {expected or 'nothing'}; somebody "
                "else promoted"
            )

    def _removals(self, before: Contents) -> Iterable[dict[str, Any]]:
        for part, builds in sorted(before.serving.items()):
            for old in sorted(builds):
                # Without `must_exist` a stale removal is passed over, and the rest of the swap is done.
                yield {
                    "remove": {
                        "index": self._names.index(part, old),
                        "alias": self._names.alias(part),
                        "must_exist": True,
                    }
                }

    def _additions(self, parts: Iterable[str], build: str) -> Iterable[dict[str, Any]]:
        for part in sorted(parts):
            yield {"add": {"index": self._names.index(part, build), "alias": self._names.alias(part)}}

    def _look_again(self, build: str, before: Contents) -> None:
        """Check that exactly this build serves; where two promoted the first build at once, take ours back."""
        after = self._directory.contents(fresh=True)
        if after.pointed_at == {build}:
            return
        if build in after.pointed_at and not before.pointed_at:
            removals = [
                {"remove": {"index": self._names.index(part, build), "alias": self._names.alias(part)}}
                for part, builds in sorted(after.serving.items())
                if build in builds
            ]
            with self._connection.reporting("take back a promotion"):
                self._connection.administer(lambda client: client.indices.update_aliases(actions=removals))
            self._directory.forget()
        raise UnavailableError(f"build {build} is not promoted: {self._named(after)} was promoted at the same moment")

    @staticmethod
    def _named(contents: Contents) -> str:
        return ", ".join(sorted(contents.pointed_at)) or "nothing"
