"""The connection to a cluster, and what its failures mean.

Reads and writes go to any node, and to the next one when a node does not answer: with these numbers a cluster of three
lost neither a document nor a search when a node was killed (docs/reliability.md). What a cluster can't do for a moment
(a copy is on its way, a queue is full) is asked again, a search for seconds, a job for minutes. Before a request that
changes indexes is sent again it is looked whether the first one was done: the second answer to a slow creation
would be that the index exists already.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, TypeVar

from elastic_transport import ConnectionError as TransportConnectionError
from elastic_transport import ConnectionTimeout, SerializationError, TlsError, TransportError
from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    Elasticsearch,
    NotFoundError,
    UnsupportedProductError,
)

from catalog.errors import BackendRefusesError, LexicartError, UnavailableError
from indexes.elasticsearch.nodes import ClusterNode, ClusterNodes, ForeignAnswerError, is_unsent, plain

_Answer = TypeVar("_Answer")

_BULK_SECONDS = 60
_ADMIN_SECONDS = 60
PASSING = (429, 502, 503, 504)
"""Statuses of what may succeed a little later: too much to do, a copy that is on its way, a master that is chosen."""

JOB_PATIENCE_SECONDS = 150.0
"""How long a job waits, for a cluster that is not there too: a node starts in half a minute."""

_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.05, 5.0

_TOO_BUSY = 429
_FAULT_OF_A_NODE = 500

_CONNECTIONS = 20

_CREDENTIALS = re.compile(r"//[^/@]*@")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cluster is and who we are there.

    Attributes:
        urls: addresses of its nodes; more than one, so that a node may fail.
        api_key: encoded API key, empty for none.
        certificates: file of certificates that the cluster's must descend from; empty for the system's.
        seconds: how long a search waits for a node; for what passes it waits twice as long. A cluster that is not
            there at all is told at once.
    """

    urls: tuple[str, ...] = field(repr=False)
    api_key: str = field(default="", repr=False)
    certificates: str = ""
    seconds: float = 5.0

    @property
    def shown(self) -> str:
        """The addresses as messages name them, without name and password."""
        return ", ".join(_CREDENTIALS.sub("//", url) for url in self.urls)


class Connection:
    """One client of a cluster; any number of threads may use it.

    Args:
        place: the cluster.
        pause: waits a number of seconds.
    """

    def __init__(self, place: Place, pause: Callable[[float], None] = time.sleep) -> None:
        self.place = place
        self.pause = pause
        options: dict[str, Any] = {"api_key": place.api_key} if place.api_key else {}
        if place.certificates:
            options["ca_certs"] = place.certificates
        try:
            self._client = Elasticsearch(
                list(place.urls),
                request_timeout=place.seconds,
                retry_on_timeout=True,
                # Each node once, a single one twice: of one that hangs a search learns in ten seconds.
                max_retries=max(len(place.urls) - 1, 1),
                retry_on_status=(),
                node_class=ClusterNode,
                node_pool_class=ClusterNodes,
                connections_per_node=_CONNECTIONS,
                headers={"user-agent": f"lexicart/{version('lexicart')}"},
                **options,
            )
        except (ValueError, OSError) as exc:
            raise BackendRefusesError(f"LEXICART_ELASTICSEARCH_URL={place.shown}: {exc}") from exc

    @property
    def reads(self) -> Elasticsearch:
        """The client for reading."""
        return self._client

    @property
    def bulk(self) -> Elasticsearch:
        """The client for writing documents."""
        return self._client.options(request_timeout=_BULK_SECONDS)

    @property
    def admin(self) -> Elasticsearch:
        """The client for indexes and aliases: patient, and never sends twice."""
        return self._client.options(request_timeout=_ADMIN_SECONDS, max_retries=0)

    def administer(self, work: Callable[[Elasticsearch], _Answer], is_done: Callable[[], bool]) -> _Answer | None:
        """Change indexes or aliases by :attr:`admin`, again where the change did not come about.

        Args:
            work: sends one request.
            is_done: looks whether what ``work`` asks for has come about.

        Returns:
            The answer; ``None`` where it was lost, and the change came about all the same.
        """
        tried = 0

        def once() -> _Answer | None:
            nonlocal tried
            tried += 1
            try:
                return work(self.admin)
            except (TransportError, ApiError) as exc:
                # Of a first request that was never sent, or was refused, nothing has come about.
                is_unsure = tried > 1 or (may_pass(exc) and not is_unsent(exc))
                if is_unsure and _is_surely(is_done):
                    return None
                raise

        return self.through_outages(once)

    def patiently(
        self,
        work: Callable[[], _Answer],
        seconds: float | None = None,
        outages: Callable[[], bool] = lambda: False,
    ) -> _Answer:
        """Do something again while it fails by what may pass.

        Args:
            work: may be done any number of times.
            seconds: how long, all attempts together; by default what a search waits.
            outages: whether a cluster that no node answers for is waited for as well.
        """
        patience = 2 * self.place.seconds if seconds is None else seconds
        wait, waited = _FIRST_WAIT_SECONDS, 0.0
        while True:
            started = time.monotonic()
            try:
                return work()
            except (TransportError, ApiError, PassingError, AwayError) as exc:
                waited_for = outages() if isinstance(exc, TransportError | AwayError) else True
                waited += time.monotonic() - started + wait
                if not (may_pass(exc) and waited_for) or waited > patience:
                    raise
            self.pause(wait)
            wait = min(2 * wait, _LONGEST_WAIT_SECONDS)

    def through_outages(self, work: Callable[[], _Answer]) -> _Answer:
        """Do a part of a job that may be done twice, as soon as the cluster can; it is given minutes."""
        return self.patiently(work, JOB_PATIENCE_SECONDS, outages=lambda: True)

    def search(self, searches: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Run searches in one round trip, each whole or not at all.

        Args:
            searches: header and body, in turn.

        Raises:
            NotFoundError: an index is gone.
            UnavailableError: one of them could not be answered by all of its shards.
        """
        if not searches:
            return []
        answers: list[Mapping[str, Any]] = self.reads.msearch(searches=searches)["responses"]
        for answer in answers:
            self._check(answer)
        return answers

    def _check(self, answer: Mapping[str, Any]) -> None:
        if "error" in answer:
            if answer["error"].get("type") == "index_not_found_exception":
                raise Vanished(str(answer["error"].get("index", "")))
            said = f"Elasticsearch at {self.place.shown} could not search: {reason(answer)}"
            raise PassingError(said) if answer.get("status") in PASSING else UnavailableError(said)
        if answer.get("timed_out") or answer["_shards"]["failed"]:
            raise PassingError(f"Elasticsearch at {self.place.shown} answered from a part of its shards only")

    @contextmanager
    def reporting(self, doing: str) -> Iterator[None]:
        """Turn every failure of the cluster into one of ours.

        Args:
            doing: what failed then, for the message: ``search``, ``write``.

        Raises:
            BackendRefusesError: the cluster refuses, and will do so until somebody does something.
            UnavailableError: it can't be reached, or can't do it.
        """
        try:
            yield
        except (LexicartError, Vanished, NotFoundError):
            raise
        except UnsupportedProductError as exc:
            raise BackendRefusesError(f"{self.place.shown} answers, and is no Elasticsearch: {exc}") from exc
        except (AuthenticationException, AuthorizationException) as exc:
            raise BackendRefusesError(self._refused(doing, exc)) from exc
        except ApiError as exc:
            why = blocked(exc.body) or f"{exc.status_code} {reason(exc.body)}"
            todo = "; it has too much to do: try again later" if exc.status_code == _TOO_BUSY else ""
            raise _kind_of(exc)(f"Elasticsearch at {self.place.shown} could not {doing}: {why}{todo}") from exc
        except TransportError as exc:
            raise (AwayError if may_pass(exc) else BackendRefusesError)(self._unreachable(doing, exc)) from exc

    def _refused(self, doing: str, exc: ApiError) -> str:
        if why := blocked(exc.body):
            return f"Elasticsearch at {self.place.shown} could not {doing}: {why}"
        return (
            f"Elasticsearch at {self.place.shown} refused to {doing} ({exc.status_code}): {reason(exc.body)}. See "
            "LEXICART_ELASTICSEARCH_API_KEY"
        )

    def _unreachable(self, doing: str, exc: TransportError) -> str:
        what = "can't be reached"
        if isinstance(exc, TlsError):
            what = "has a certificate that is not trusted, or has expired"
        elif isinstance(exc, ConnectionTimeout):
            what = f"did not answer in time when asked to {doing}"
        elif isinstance(exc, SerializationError):
            what = f"answered with something that is no JSON when asked to {doing}"
        elif isinstance(exc, ForeignAnswerError):
            what = "is not what answers"
        elif not isinstance(exc, TransportConnectionError):
            what = f"could not {doing}"
        return (
            f"Elasticsearch at {self.place.shown} {what}: {_plain(exc)}. Is it running, and LEXICART_ELASTICSEARCH_URL "
            "right?"
        )

    def version(self) -> str:
        """Return the cluster's version, the lowest of its nodes'."""
        with self.reporting("tell its version"):
            found = self.patiently(lambda: self.reads.nodes.info(filter_path="nodes.*.version"))
            nodes = found["nodes"].values()
        return min(
            (str(node["version"]) for node in nodes), key=lambda text: [int(part) for part in text.split(".")[:2]]
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


class Vanished(Exception):  # noqa: N818 (caught within this package)
    """An index that was there is gone; the message is its name."""


class PassingError(UnavailableError):
    """What the cluster can't do at this moment, and will do in another."""


class AwayError(UnavailableError):
    """No node answers, or what answers is none."""


def may_pass(exc: Exception) -> bool:
    """Whether the same request may succeed a little later."""
    if isinstance(exc, ApiError):
        return exc.status_code in PASSING and not blocked(exc.body)
    if isinstance(exc, TransportError):
        return not isinstance(exc, TlsError)
    return isinstance(exc, PassingError | AwayError)


def _kind_of(exc: ApiError) -> type[UnavailableError]:
    if may_pass(exc):
        return PassingError
    # A node that closes down says 500 to what it had in hand: nobody has refused that.
    return BackendRefusesError if blocked(exc.body) or exc.status_code < _FAULT_OF_A_NODE else UnavailableError


def reason(body: Any) -> str:
    """Return why a request, or one document of it, was refused."""
    error = body.get("error", body) if isinstance(body, Mapping) else body
    said = []
    while isinstance(error, Mapping):
        causes = error.get("root_cause") or ()
        said += [str(part) for part in (error.get("type"), error.get("reason")) if part]
        error = error.get("caused_by") or next((one for one in causes if one.get("reason") not in said), None)
    return ": ".join(dict.fromkeys(said)) or plain(str(body))


_DISK_IS_FULL = "TOO_MANY_REQUESTS/12/"
"""Elasticsearch's number for the block that it sets itself at the flood stage of a disk."""


def blocked(body: Any) -> str:
    """Return why a cluster takes no changes until somebody does something, empty where it does take them."""
    said = reason(body)
    # A cluster that starts, or chooses its master, is blocked as well, and goes on by itself.
    if "cluster_block_exception" not in said or "SERVICE_UNAVAILABLE" in said:
        return ""
    if _DISK_IS_FULL in said:
        return f"{said} A full disk makes indexes read-only: free space, and the block goes by itself"
    return f"{said} Somebody made it read-only: set index.blocks.read_only and index.blocks.write to null"


def _is_surely(is_done: Callable[[], bool]) -> bool:
    try:
        return is_done()
    except (LexicartError, TransportError, ApiError):
        return False


def _plain(exc: TransportError) -> str:
    """Return what every node that was asked failed by, the last one first."""
    said = [" ".join(str(one.message).split()) for one in (exc, *exc.errors) if isinstance(one, TransportError)]
    return "; ".join(dict.fromkeys(said))
