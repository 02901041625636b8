"""Writes documents in bulk: what is rejected is named, and a cluster that has too much to do is given time."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError

from catalog.errors import BackendRefusesError, UnavailableError
from indexes.acceptable import Rejected, acceptable_document, acceptable_product
from indexes.elasticsearch.client import JOB_PATIENCE_SECONDS, PASSING, Connection, blocked, may_pass, reason
from indexes.elasticsearch.documents import Means, document_source, internal_id, product_source
from indexes.elasticsearch.naming import NEUTRAL, Names
from indexes.model import IndexDocument, ProductDocument, WriteReport

_CHUNK_BYTES = 4_000_000
_CHUNK_OPERATIONS = 1_000

_TOO_LARGE = 413
_TOO_BUSY = 429
_FAILED = 500
_MISSING = 404
_OVERTAKEN = 409

_WAITS = (0.25, 0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30)
"""Seconds between attempts when the cluster has too much to do, or is not there; two and a half minutes in all."""

_FAILED_ATTEMPTS = 3
"""So often is a document sent that the cluster fails at without saying why; then it is the document's fault."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One document to write, or to remove (``source=None``).

    Attributes:
        part: language, or :data:`~indexes.elasticsearch.naming.NEUTRAL`.
        position: of the change log before it was read; 0 says nothing.
    """

    part: str
    name: str
    source: str | None
    position: int = 0

    @property
    def size(self) -> int:
        """About how many bytes it is in a request."""
        return 200 + len(self.source or "") * 2


@dataclass(slots=True)
class _Outcome:
    """What became of operations.

    Attributes:
        rejected: reasons by part and id.
        removed: products that were there and are not any more.
        failure: why the last request was not taken as a whole.
    """

    rejected: dict[tuple[str, str], str] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    failure: Exception | None = None


class Writer:
    """Writes to builds.

    Args:
        connection: the cluster.
        names: of the installation.
        means: language code to the mean by which products of that language are compared.
        pause: waits a number of seconds; by default as the connection does.
    """

    def __init__(
        self, connection: Connection, names: Names, means: Means, pause: Callable[[float], None] | None = None
    ) -> None:
        self._connection = connection
        self._names = names
        self._means = means
        self._pause = pause or connection.pause

    def write(
        self,
        build: str,
        langs: Sequence[str],
        documents: Iterable[IndexDocument],
        products: Iterable[ProductDocument],
        position: int,
    ) -> WriteReport:
        """Write documents; a rejected one takes what was stored under its id with it."""
        wanted: dict[tuple[str, str], Operation] = {}
        rejected: dict[tuple[str, str], str] = {}
        accepted = 0
        for operation, why in _operations(langs, documents, products, self._means, position):
            key = (operation.part, operation.name)
            wanted[key] = operation
            rejected.pop(key, None)
            accepted += not why
            if why:
                rejected[key] = why
        outcome = self._send(build, [one for one in wanted.values() if one.part in (*langs, NEUTRAL)])
        # What the cluster rejected must not leave the document that stood there before.
        self._send(build, [Operation(part, name, None, position) for part, name in outcome.rejected])
        reasons: dict[str, list[str]] = {}
        for (part, name), why in {**rejected, **outcome.rejected}.items():
            reasons.setdefault(name, []).append(why if part == NEUTRAL else f"{part}: {why}")
        return WriteReport(
            accepted - len(outcome.rejected),
            {name: "; ".join(dict.fromkeys(said)) for name, said in reasons.items()},
        )

    def delete(self, build: str, langs: Sequence[str], ids: Sequence[str], position: int) -> int:
        """Remove products from all indexes of a build; return how many were there."""
        parts = (*langs, NEUTRAL)
        operations = [Operation(part, name, None, position) for name in dict.fromkeys(ids) for part in parts]
        return len(self._send(build, operations).removed)

    def _send(self, build: str, operations: Iterable[Operation]) -> _Outcome:
        outcome = _Outcome()
        with self._connection.reporting(f"write to the build {build}"):
            for chunk in _chunks(operations):
                self._send_chunk(build, chunk, outcome)
        return outcome

    def _send_chunk(self, build: str, chunk: Sequence[Operation], outcome: _Outcome) -> None:
        """Send operations until each was taken or rejected; what there was no room for is sent again, later.

        After each request that a busy cluster refused as a whole, requests are half as large.
        """
        size, waited = len(chunk), 0.0
        for attempt, wait in enumerate((*_WAITS, None), 1):
            started = time.monotonic()
            chunk = self._attempt(build, chunk, size, attempt, outcome)
            if not chunk:
                return
            waited += time.monotonic() - started + (wait or 0.0)
            if wait is None or waited > JOB_PATIENCE_SECONDS:
                break
            size = max(size // 2, 1) if outcome.failure else size
            self._pause(wait)
        if outcome.failure is not None and getattr(outcome.failure, "status_code", None) != _TOO_BUSY:
            raise outcome.failure
        raise UnavailableError(
            f"Elasticsearch at {self._connection.place.shown} has had too much to do for {waited:.0f} seconds to "
            f"take {len(chunk)} documents: try again later"
        )

    def _attempt(
        self, build: str, chunk: Sequence[Operation], size: int, attempt: int, outcome: _Outcome
    ) -> list[Operation]:
        """Send operations once, in requests of a size; return those to send again."""
        left: list[Operation] = []
        for at in range(0, len(chunk), size):
            left += self._request(build, chunk[at : at + size], attempt, outcome)
            if outcome.failure is not None:
                return [*left, *chunk[at + size :]]
        return left

    def _request(self, build: str, chunk: Sequence[Operation], attempt: int, outcome: _Outcome) -> list[Operation]:
        outcome.failure = None
        try:
            answer = self._connection.bulk.bulk(operations=list(self._lines(build, chunk)))
        except (ApiError, TransportError) as exc:
            if may_pass(exc):
                outcome.failure = exc
                return list(chunk)
            if not isinstance(exc, ApiError) or exc.status_code != _TOO_LARGE:
                raise
            if len(chunk) == 1:
                outcome.rejected[chunk[0].part, chunk[0].name] = reason(exc.body)
                return []
            return self._attempt(build, chunk, (len(chunk) + 1) // 2, attempt, outcome)
        try:
            return list(_unsettled(chunk, answer["items"], attempt, outcome))
        except _RefusedError as exc:
            kind = BackendRefusesError if isinstance(exc, _BlockedError) else UnavailableError
            raise kind(
                f"Elasticsearch at {self._connection.place.shown} could not write to the build {build}: {exc}"
            ) from exc

    def _lines(self, build: str, chunk: Iterable[Operation]) -> Iterator[Any]:
        for one in chunk:
            place: dict[str, Any] = {"_index": self._names.index(one.part, build), "_id": internal_id(one.name)}
            if one.position:
                # A request that a dead node or proxy held back may arrive after what was written later.
                place |= {"version": one.position, "version_type": "external_gte"}
            if one.source is None:
                yield {"delete": place}
            else:
                yield {"index": place}
                yield one.source


class _RefusedError(Exception):
    """One operation shows that the others can't succeed either; the message says why."""


class _BlockedError(_RefusedError):
    """Nothing can be written until somebody does something."""


def _unsettled(
    chunk: Sequence[Operation], items: Sequence[Mapping[str, Any]], attempt: int, outcome: _Outcome
) -> Iterator[Operation]:
    """Note what became of each operation; yield those that may be taken later."""
    for operation, item in zip(chunk, items, strict=True):
        [answer] = item.values()
        status = answer["status"]
        if status >= 400 and (why := blocked(answer)):
            raise _BlockedError(why)
        if status == _OVERTAKEN:
            # Not of a request that was held up: nobody waits for the answer to it.
            raise _BlockedError(
                f"{operation.name} is there as it was after position {operation.position} of the change log, which is "
                "where this store is: it was set back, or another installation writes to this build. `lexicart index "
                f"--full` makes another ({reason(answer)})"
            )
        if status in PASSING or (status == _FAILED and attempt < _FAILED_ATTEMPTS):
            yield operation
        elif operation.source is None:
            if answer.get("result") == "deleted":
                outcome.removed.add(operation.name)
            elif status >= 400 and not (status == _MISSING and answer.get("result") == "not_found"):
                raise _RefusedError(f"{operation.name} can't be removed: {reason(answer)}")
        elif status == _MISSING:
            raise _RefusedError(f"it vanished meanwhile: {reason(answer)}")
        elif status >= 400:
            outcome.rejected[operation.part, operation.name] = reason(answer)


def _operations(
    langs: Sequence[str],
    documents: Iterable[IndexDocument],
    products: Iterable[ProductDocument],
    means: Means,
    position: int,
) -> Iterator[tuple[Operation, str]]:
    """Yield what to do for each document, and why it is rejected where it is."""
    for document in documents:
        try:
            taken = acceptable_document(document, langs)
            yield Operation(document.lang, taken.id, _as_json(document_source(taken)), position), ""
        except Rejected as exc:
            yield Operation(document.lang, document.id, None, position), str(exc)
    for product in products:
        try:
            # The cluster compares the length of vectors with that of the build's others.
            checked = acceptable_product(product, None)
            source = _as_json(product_source(checked, means))
            yield Operation(NEUTRAL, checked.id, source, position), ""
        except Rejected as exc:
            yield Operation(NEUTRAL, product.id, None, position), str(exc)


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
