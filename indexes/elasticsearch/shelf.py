"""Makes, promotes and removes builds."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from elasticsearch import BadRequestError
from elasticsearch import NotFoundError as IndexMissing

from catalog.errors import BackendRefusesError, BrokenIndexError, UnavailableError, UsageError
from indexes.elasticsearch.analyzers import Analyzers
from indexes.elasticsearch.client import Connection, PassingError, reason
from indexes.elasticsearch.directory import Contents, Directory
from indexes.elasticsearch.mappings import language_index, neutral_index
from indexes.elasticsearch.naming import NEUTRAL, Names, check_build

logger = logging.getLogger(__name__)

_COPIES_SECONDS = 60

_PLACEHOLDER = "placeholder"
"""In the mapping of an index that stands for an alias until the first promotion; by it we know that it is ours."""


def _is_placeholder(found: Mapping[str, Any]) -> bool:
    return bool(found.get("mappings", {}).get("_meta", {}).get(_PLACEHOLDER))


class Shelf:
    """Builds by name, one index a language and one without.

    Args:
        connection: the cluster.
        names: of the installation.
        directory: what is there.
        analyzers: of the languages.
        dimensions: length of the vectors, ``None`` for that of the first one written.
        shards: into how many parts each index is cut.
        replicas: copies of each part beside the first, as far as there are nodes for them.
    """

    def __init__(
        self,
        connection: Connection,
        names: Names,
        directory: Directory,
        analyzers: Analyzers,
        dimensions: int | None,
        shards: int,
        replicas: int,
    ) -> None:
        self._connection = connection
        self._names = names
        self._directory = directory
        self._analyzers = analyzers
        self._dimensions = dimensions
        self._shards = shards
        self._replicas = replicas
        self._checked: set[str] = set()

    def create(self, build: str, langs: Sequence[str]) -> None:
        """Make an empty build, in place of the remains of one.

        Raises:
            UsageError: the build serves.
            UnavailableError: the cluster lacks analyzers, or an index of somebody else stands where an alias will be.
        """
        check_build(build)
        self._refuse_foreign(langs)
        if unchecked := [lang for lang in langs if lang not in self._checked]:
            self._analyzers.require(self._connection, unchecked)
            self._checked.update(unchecked)
        self._remove(build)
        with self._connection.reporting(f"make the build {build}"):
            for lang in langs:
                self._make(lang, build, language_index(lang, self._analyzers, self._shards, self._replicas))
            self._make(NEUTRAL, build, neutral_index(self._dimensions, self._shards, self._replicas, langs=langs))
        self._directory.forget()

    def _refuse_foreign(self, langs: Sequence[str]) -> None:
        """Look whether an index has the name of an alias of ours: before the work, and it is never deleted."""
        names = [self._names.alias(part) for part in (*langs, NEUTRAL)]
        with self._connection.reporting("list indexes"):
            found = self._connection.patiently(
                lambda: self._connection.reads.indices.get(
                    index=names, features=["mappings"], ignore_unavailable=True, filter_path=["*.mappings._meta"]
                )
            )
            there = self._connection.patiently(
                lambda: self._connection.reads.indices.get(index=names, features=["aliases"], ignore_unavailable=True)
            )
        foreign = [name for name in names if name in there and not _is_placeholder(found.get(name, {}))]
        if foreign:
            raise BackendRefusesError(
                f"the cluster has an index {', '.join(foreign)} that is not Lexicart's, where an alias of it belongs: "
                "set another LEXICART_ELASTICSEARCH_PREFIX, or move that index away"
            )

    def _make(self, part: str, build: str, body: dict[str, Any]) -> None:
        name = self._names.index(part, build)
        self._connection.administer(
            lambda client: client.indices.create(index=name, timeout="30s", **body), lambda: self._is_made(part, build)
        )

    def _is_made(self, part: str, build: str) -> bool:
        return part in self._directory.contents(fresh=True).builds.get(build, ())

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
                    ),
                    lambda: False,  # a second request removes what is left
                )

    # -- promotion ----------------------------------------------------------------------------------------------------

    def promote(self, build: str, expected: str | None) -> None:
        """Let all aliases point at a build, in one step.

        Of several that promote at once one succeeds: all name in their step what they found, an alias that they remove
        or, where there is none, an index in its place, and of a step of which a part is not there nothing is done.

        Raises:
            UnavailableError: what serves is not ``expected``; nothing changed.
        """
        self._connection.through_outages(lambda: self._directory.resolve(build, fresh=True))
        before = self._directory.contents()
        self._expect(before, build, expected)
        self._wait_for_copies(build, before.builds[build])
        actions = [*self._removals(before), *self._additions(before.builds[build], build)]
        with self._connection.reporting(f"promote the build {build}"):
            try:
                if not before.pointed_at:
                    actions.insert(0, self._removal_of_placeholder())
                answer = self._connection.administer(
                    lambda client: client.indices.update_aliases(actions=actions),
                    lambda: self._directory.contents(fresh=True).pointed_at == {build},
                )
            except (IndexMissing, BadRequestError) as exc:
                now = self._directory.contents(fresh=True)
                if isinstance(exc, BadRequestError) and now.pointed_at == before.pointed_at:
                    raise
                # The aliases were somewhere else already, or the build is gone: nothing was changed.
                raise self._overtaken(now, build, expected) from exc
        self._directory.forget()
        # Not acknowledged is what a node did not say in time that died meanwhile; what came about is looked at below.
        if answer is not None and answer.get("errors"):
            raise BrokenIndexError(f"the aliases of build {build} were moved in part: {answer.body}; promote again")
        self._look_again(build, before.builds[build])

    def _removal_of_placeholder(self) -> dict[str, Any]:
        """Make an index where the first alias will be, and return the action that puts the alias in its place.

        An alias can't be asked to be absent, but an index to be there. One that a killed process left does as well.
        """
        name = self._names.alias(NEUTRAL)
        try:
            self._connection.administer(
                lambda client: client.indices.create(
                    index=name,
                    settings={"number_of_shards": 1, "number_of_replicas": 0},
                    mappings={"dynamic": "strict", "_meta": {_PLACEHOLDER: True}},
                    wait_for_active_shards=0,
                ),
                lambda: bool(self._connection.reads.indices.exists(index=name)),
            )
        except BadRequestError as exc:
            if "resource_already_exists" not in reason(exc.body):
                raise
            self._refuse_foreign(())
        return {"remove_index": {"index": name}}

    def _wait_for_copies(self, build: str, parts: Iterable[str]) -> None:
        """Give the cluster time to copy a build, so that a node may die as soon as it serves."""
        indexes = [self._names.index(part, build) for part in sorted(parts)]

        def look() -> None:
            now = self._connection.reads.cluster.health(index=indexes)
            # A copy whose node is away for a moment is not made anew: it waits for that node.
            if now["initializing_shards"] or now["unassigned_shards"] > now["delayed_unassigned_shards"]:
                raise PassingError(f"build {build} serves before all its copies are there: is a node away?")

        try:
            with self._connection.reporting(f"promote the build {build}"):
                self._connection.patiently(look, _COPIES_SECONDS, outages=lambda: True)
        except PassingError as exc:
            logger.warning("%s", exc)

    def _expect(self, before: Contents, build: str, expected: str | None) -> None:
        serving = before.pointed_at
        # Aliases that point at several builds are damage, and any promotion repairs it.
        if len(serving) <= 1 and next(iter(serving), None) != expected:
            raise self._overtaken(before, build, expected)

    def _overtaken(self, there: Contents, build: str, expected: str | None) -> UnavailableError:
        return UnavailableError(
            f"build {build} is not promoted: {self._named(there)} serves, not {expected or 'nothing'}; somebody else "
            "promoted"
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

    def _look_again(self, build: str, parts: Iterable[str]) -> None:
        """Check that each alias points at this build, and at no other."""
        after = self._directory.contents(fresh=True)
        if after.serving != {part: frozenset({build}) for part in parts}:
            raise UnavailableError(
                f"build {build} was promoted, and {self._named(after)} serves: somebody else promoted right after"
            )

    @staticmethod
    def _named(contents: Contents) -> str:
        return ", ".join(sorted(contents.pointed_at)) or "nothing"
