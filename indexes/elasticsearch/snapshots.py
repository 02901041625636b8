"""Copies of builds on a cluster: snapshots in a repository that its operator registered.

A snapshot holds the indexes of one build by their full names, without aliases and without the cluster's own state, so
that neither taking nor restoring one touches what belongs to others. It comes back under a fresh name beside what is
there; aliases are moved by a promotion, as for every build.
"""

import logging
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from elasticsearch import ApiError, TransportError
from elasticsearch import NotFoundError as Missing

from catalog.errors import LexicartError, NotFoundError, UnavailableError, UsageError
from indexes.elasticsearch.client import JOB_PATIENCE_SECONDS, Connection
from indexes.elasticsearch.directory import Directory
from indexes.elasticsearch.naming import Names

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.5

STALLED_SECONDS = 300.0
"""A restore that brought no byte for so long is given up: no node has room for it, or the repository is away."""

_DONE = "SUCCESS"
_RUNNING = ("IN_PROGRESS", "INIT", "STARTED")


class SnapshotCopies:
    """Copies builds of a cluster; see :class:`~indexes.copies.BuildCopies`.

    Args:
        connection: the cluster.
        prefix: of the installation.
        repository: name of a snapshot repository that is registered on the cluster; empty where none is set.
    """

    kind = "elasticsearch"

    def __init__(self, connection: Connection, prefix: str, repository: str) -> None:
        self._connection = connection
        self._names = Names(prefix)
        self._directory = Directory(connection, self._names)
        self._repository = repository

    # -- saving -------------------------------------------------------------------------------------------------------

    def save(self, build: str, folder: Path) -> Mapping[str, Any]:
        """Take a snapshot of a build's indexes; nothing is put into the folder."""
        self._require_repository()
        self._directory.resolve(build, fresh=True)
        parts = sorted(self._directory.contents().builds[build])
        name = f"{self._names.prefix}-{build}-{secrets.token_hex(4)}"
        described = {"prefix": self._names.prefix, "build": build, "parts": parts, "snapshot": name}
        try:
            with self._connection.reporting(f"take the snapshot {name}"):
                self._connection.administer(
                    lambda client: client.snapshot.create(
                        repository=self._repository,
                        snapshot=name,
                        indices=[self._names.index(part, build) for part in parts],
                        include_global_state=False,
                        feature_states=["none"],
                        partial=False,
                        metadata={"made_by": "lexicart", "prefix": self._names.prefix, "build": build},
                    ),
                    lambda: self._is_there(name),
                )
                found = self._wait_for_snapshot(name)
            if found["state"] != _DONE:
                raise UnavailableError(f"the snapshot {name} ended as {found['state']}: {_failures(found)}")
        except BaseException:
            self._discard_quietly(described)
            raise
        return described | {"uuid": found["uuid"], "bytes": self._size(name)}

    def _wait_for_snapshot(self, name: str) -> Mapping[str, Any]:
        while True:
            found = self._snapshot(name)
            if found["state"] not in _RUNNING:
                return found
            time.sleep(_POLL_SECONDS)

    def _snapshot(self, name: str) -> Mapping[str, Any]:
        answer = self._connection.patiently(
            lambda: self._connection.admin.snapshot.get(repository=self._repository, snapshot=name),
            JOB_PATIENCE_SECONDS,
            lambda: True,
        )
        found: Mapping[str, Any] = answer["snapshots"][0]
        return found

    def _is_there(self, name: str) -> bool:
        try:
            self._snapshot(name)
        except Missing:
            return False
        return True

    def _size(self, name: str) -> int:
        with self._connection.reporting(f"look at the snapshot {name}"):
            answer = self._connection.admin.snapshot.status(repository=self._repository, snapshot=name)
        return int(answer["snapshots"][0]["stats"]["total"]["size_in_bytes"])

    def discard(self, described: Mapping[str, Any]) -> None:
        """Delete the snapshot."""
        name = str(described["snapshot"])
        with self._connection.reporting(f"delete the snapshot {name}"), suppress(Missing):
            self._connection.administer(
                lambda client: client.snapshot.delete(repository=self._repository, snapshot=name),
                lambda: not self._is_there(name),
            )

    def _discard_quietly(self, described: Mapping[str, Any]) -> None:
        try:
            self.discard(described)
        except (LexicartError, ApiError, TransportError) as exc:
            logger.warning("the snapshot %s may be left in %s: %s", described["snapshot"], self._repository, exc)

    # -- loading ------------------------------------------------------------------------------------------------------

    def check(self, described: Mapping[str, Any]) -> None:
        """Look whether the snapshot is there, is the one that was taken, and is whole."""
        self._require_repository()
        name = str(described["snapshot"])
        try:
            with self._connection.reporting(f"look for the snapshot {name}"):
                found = self._snapshot(name)
        except Missing as exc:
            raise NotFoundError(f"no snapshot {name} in the repository {self._repository}: it was deleted") from exc
        if found["state"] != _DONE or found["uuid"] != described["uuid"]:
            raise UnavailableError(
                f"the snapshot {name} in the repository {self._repository} is not the one that the backup names "
                f"(state {found['state']}): restore without --indexes"
            )

    def load(self, described: Mapping[str, Any], folder: Path, build: str) -> None:
        """Restore the indexes under this installation's prefix and the name of a new build."""
        old = Names(str(described["prefix"]))
        parts = [str(part) for part in described["parts"]]
        indexes = [self._names.index(part, build) for part in parts]
        try:
            with self._connection.reporting(f"restore the snapshot {described['snapshot']}"):
                self._connection.administer(
                    lambda client: client.snapshot.restore(
                        repository=self._repository,
                        snapshot=str(described["snapshot"]),
                        indices=[old.index(part, str(described["build"])) for part in parts],
                        rename_pattern=f"^{re.escape(old.prefix)}-([a-z]+)-{re.escape(str(described['build']))}$",
                        rename_replacement=f"{self._names.prefix}-$1-{build}",
                        include_aliases=False,
                        include_global_state=False,
                        partial=False,
                    ),
                    lambda: build in self._directory.contents(fresh=True).builds,
                )
                self._wait_for_shards(indexes)
        except BaseException:
            self._remove(indexes)
            raise

    def _wait_for_shards(self, indexes: Sequence[str]) -> None:
        """Wait until the first copy of every shard is there; give up where none gets further."""
        seen, since = "", time.monotonic()
        while True:
            shards = self._connection.through_outages(lambda: self._first_copies(indexes))
            if {shard["index"] for shard in shards} >= set(indexes) and all(
                shard["state"] == "STARTED" for shard in shards
            ):
                return
            now = f"{shards} {self._bytes_brought(indexes)}"
            if now != seen:
                seen, since = now, time.monotonic()
            if time.monotonic() - since > STALLED_SECONDS:
                waiting = sorted({shard["index"] for shard in shards if shard["state"] != "STARTED"})
                why = sorted({str(shard.get("unassigned.reason")) for shard in shards if shard["state"] != "STARTED"})
                raise UnavailableError(
                    f"{len(waiting)} indexes, {waiting[0]} among them, are not restored after {STALLED_SECONDS:.0f} "
                    f"seconds without a byte ({', '.join(why)}): has a node room for them?"
                )
            time.sleep(_POLL_SECONDS)

    def _first_copies(self, indexes: Sequence[str]) -> list[dict[str, str]]:
        columns = ["index", "shard", "prirep", "state", "unassigned.reason"]
        answer = self._connection.admin.cat.shards(index=list(indexes), h=columns, format="json")
        rows: list[dict[str, str]] = list(answer.body)  # type: ignore[arg-type]  # the format is a list of objects
        return [row for row in rows if row["prirep"] == "p"]

    def _bytes_brought(self, indexes: Sequence[str]) -> int:
        found = self._connection.admin.indices.recovery(index=list(indexes), filter_path="**.recovered_in_bytes")
        return sum(_numbers(found.body))

    def _remove(self, indexes: Sequence[str]) -> None:
        try:
            with self._connection.reporting("remove what was restored in part"):
                self._connection.administer(
                    lambda client: client.indices.delete(
                        index=list(indexes), ignore_unavailable=True, expand_wildcards="none"
                    ),
                    lambda: False,  # a second request removes what is left
                )
        except (LexicartError, ApiError, TransportError) as exc:
            logger.warning("indexes restored in part are removed by the next `lexicart index`: %s", exc)

    def _require_repository(self) -> None:
        if not self._repository:
            raise UsageError(
                "LEXICART_ELASTICSEARCH_SNAPSHOTS is empty: give the name of a snapshot repository of the cluster, or "
                "leave out --indexes"
            )
        try:
            with self._connection.reporting("look for its snapshot repositories"):
                self._connection.reads.snapshot.get_repository(name=self._repository)
        except Missing as exc:
            raise UnavailableError(
                f"LEXICART_ELASTICSEARCH_SNAPSHOTS={self._repository}: the cluster at {self._connection.place.shown} "
                f"has no such repository; register it with PUT _snapshot/{self._repository}"
            ) from exc


def _failures(found: Mapping[str, Any]) -> str:
    reasons = [str(one.get("reason")) for one in found.get("failures", ())] or [str(found.get("reason"))]
    return "; ".join(dict.fromkeys(reasons))[:500]


def _numbers(found: Any) -> list[int]:
    if isinstance(found, Mapping):
        return [number for value in found.values() for number in _numbers(value)]
    if isinstance(found, list):
        return [number for value in found for number in _numbers(value)]
    return [found] if isinstance(found, int) else []
