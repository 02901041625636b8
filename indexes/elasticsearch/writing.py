"""Writes documents in bulk: what is rejected is named, and a cluster that has too much to do is given time."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import ApiError

from catalog.errors import UnavailableError
from indexes.acceptable import Rejected, acceptable_document, acceptable_product
from indexes.elasticsearch.client import Connection, blocked, reason
from indexes.elasticsearch.documents import Means, document_source, internal_id, product_source
from indexes.elasticsearch.naming import NEUTRAL, Names
from indexes.model import IndexDocument, ProductDocument, WriteReport

_CHUNK_BYTES = 4_000_000
_CHUNK_OPERATIONS = 1_000

_TOO_BUSY = 429
_TOO_LARGE = 413
_MISSING = 404

_WAITS = (0.25, 0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30)
"""Seconds between attempts when the cluster has too much to do; two and a half minutes in all."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One document to write, or to remove (``source=None``).

    Attributes:
        part: language, or :data:`~indexes.elasticsearch.naming.NEUTRAL`.
    """

    part: str
    name: str
    source: str | None

    @property
    def size(self) -> int:
        """About how many bytes it is in a request."""
        return 200 + len(self.source or "") * 2


@dataclass(slots=True)
class _Outcome:
    """What became of operations: rejected ones by part and id, and how many products were removed."""

    rejected: dict[tuple[str, str], str] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)


class Writer:
    """Writes to builds.

    Args:
        connection: the cluster.
        names: of the installation.
        means: language code to the mean by which products of that language are compared.
        pause: waits a number of seconds.
    """

    def __init__(
        self, connection: Connection, names: Names, means: Means, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._connection = connection
        self._names = names
        self._means = means
        self._pause = pause

    def write(
        self,
        build: str,
        langs: Sequence[str],
        documents: Iterable[IndexDocument],
        products: Iterable[ProductDocument],
    ) -> WriteReport:
        """Write documents; a rejected one takes what was stored under its id with it."""
        wanted: dict[tuple[str, str], Operation] = {}
        rejected: dict[tuple[str, str], str] = {}
        accepted = 0
        for operation, why in _operations(langs, documents, products, self._means):
            key = (operation.part, operation.name)
            wanted[key] = operation
            rejected.pop(key, None)
            accepted += not why
            if why:
                rejected[key] = why
        outcome = self._send(build, [one for one in wanted.values() if one.part in (*langs, NEUTRAL)])
        # What the cluster rejected must not leave the document that stood there before.
        self._send(build, [Operation(part, name, None) for part, name in outcome.rejected])
        reasons: dict[str, list[str]] = {}
        for (part, name), why in {**rejected, **outcome.rejected}.items():
            reasons.setdefault(name, []).append(why if part == NEUTRAL else f"{part}: {why}")
        return WriteReport(
            accepted - len(outcome.rejected),
            {name: "; ".join(dict.fromkeys(said)) for name, said in reasons.items()},
        )

    def delete(self, build: str, langs: Sequence[str], ids: Sequence[str]) -> int:
        """Remove products from all indexes of a build; return how many were there."""
        parts = (*langs, NEUTRAL)
        operations = [Operation(part, name, None) for name in dict.fromkeys(ids) for part in parts]
        return len(self._send(build, operations).removed)

    def _send(self, build: str, operations: Iterable[Operation]) -> _Outcome:
        outcome = _Outcome()
        with self._connection.reporting(f"write to the build {build}"):
            for chunk in _chunks(operations):
                self._send_chunk(build, chunk, outcome)
        return outcome

    def _send_chunk(self, build: str, chunk: Sequence[Operation], outcome: _Outcome) -> None:
        """Send operations until each was taken or rejected; what the cluster has no room for is sent again, later."""
        for wait in (*_WAITS, None):
            chunk = self._attempt(build, chunk, outcome)
            if not chunk:
                return
            if wait is None:
                break
            self._pause(wait)
        raise UnavailableError(
            f"Elasticsearch at {self._connection.place.shown} has had too much to do for {sum(_WAITS):.0f} seconds to "
            f"take {len(chunk)} documents: try again later"
        )

    def _attempt(self, build: str, chunk: Sequence[Operation], outcome: _Outcome) -> list[Operation]:
        """Send operations once; return those to send again."""
        try:
            answer = self._connection.bulk.bulk(operations=list(self._lines(build, chunk)))
        except ApiError as exc:
            if exc.status_code not in (_TOO_BUSY, _TOO_LARGE) or blocked(exc.body):
                raise
            if exc.status_code == _TOO_LARGE and len(chunk) == 1:
                outcome.rejected[chunk[0].part, chunk[0].name] = reason(exc.body)
                return []
            if exc.status_code == _TOO_BUSY:
                return list(chunk)
            middle = len(chunk) // 2
            return [*self._attempt(build, chunk[:middle], outcome), *self._attempt(build, chunk[middle:], outcome)]
        return list(_unsettled(chunk, answer["items"], outcome))

    def _lines(self, build: str, chunk: Iterable[Operation]) -> Iterator[Any]:
        for one in chunk:
            place = {"_index": self._names.index(one.part, build), "_id": internal_id(one.name)}
            if one.source is None:
                yield {"delete": place}
            else:
                yield {"index": place}
                yield one.source


def _unsettled(
    chunk: Sequence[Operation], items: Sequence[Mapping[str, Any]], outcome: _Outcome
) -> Iterator[Operation]:
    """Note what became of each operation; yield those that there was no room for."""
    for operation, item in zip(chunk, items, strict=True):
        [answer] = item.values()
        status = answer["status"]
        if status >= 400 and (why := blocked(answer)):
            raise UnavailableError(why)
        if status == _TOO_BUSY:
            yield operation
        elif operation.source is None:
            if answer.get("result") == "deleted":
                outcome.removed.add(operation.name)
            elif status >= 400 and not (status == _MISSING and answer.get("result") == "not_found"):
                raise UnavailableError(f"{operation.name} can't be removed from the index: {reason(answer)}")
        elif status == _MISSING:
            raise UnavailableError(f"the build vanished while it was written: {reason(answer)}")
        elif status >= 400:
            outcome.rejected[operation.part, operation.name] = reason(answer)


def _operations(
    langs: Sequence[str], documents: Iterable[IndexDocument], products: Iterable[ProductDocument], means: Means
) -> Iterator[tuple[Operation, str]]:
    """Yield what to do for each document, and why it is rejected where it is."""
    for document in documents:
        try:
            taken = acceptable_document(document, langs)
            yield Operation(document.lang, taken.id, _as_json(document_source(taken))), ""
        except Rejected as exc:
            yield Operation(document.lang, document.id, None), str(exc)
    for product in products:
        try:
            # The cluster compares the length of vectors with that of the build's others.
            checked = acceptable_product(product, None)
            yield Operation(NEUTRAL, checked.id, _as_json(product_source(checked, means))), ""
        except Rejected as exc:
            yield Operation(NEUTRAL, product.id, None), str(exc)


def _as_json(source: Mapping[str, Any]) -> str:
    return json.dumps(source, ensure_ascii=False, separators=(",", ":"))


def _can_be_there(name: str) -> bool:
    return bool(name) and name == name.encode("utf-8", "replace").decode()


def _chunks(operations: Iterable[Operation]) -> Iterator[list[Operation]]:
    chunk: list[Operation] = []
    size = 0
    for one in operations:
        if not _can_be_there(one.name):
            continue
        if chunk and (len(chunk) == _CHUNK_OPERATIONS or size + one.size > _CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(one)
        size += one.size
    if chunk:
        yield chunk
