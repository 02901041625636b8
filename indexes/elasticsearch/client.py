"""The connection to a cluster, and what its failures mean.

Reads and writes go to any node, and to the next one when a node does not answer: with these numbers a cluster of three
lost neither a document nor a search when a node was killed. Requests that change indexes are never sent twice by
themselves: the second answer to a slow creation would be that the index exists already.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, TypeVar

from elastic_transport import ConnectionError as TransportConnectionError
from elastic_transport import ConnectionTimeout, TlsError, TransportError
from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    Elasticsearch,
    NotFoundError,
    UnsupportedProductError,
)
from urllib3.exceptions import NewConnectionError

from catalog.errors import LexicartError, UnavailableError

_Answer = TypeVar("_Answer")

_SEARCH_SECONDS = 5
_BULK_SECONDS = 60
_ADMIN_SECONDS = 60
_RETRIES = 5
_RETRIED = (502, 503, 504)
"""Statuses after which the next node is asked. 429 is not among them: who is asked too much must be asked later."""

_CONNECTIONS = 20

_CREDENTIALS = re.compile(r"//[^/@]*@")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cluster is and who we are there.

    Attributes:
        urls: addresses of its nodes; more than one, so that a node may fail.
        api_key: encoded API key, empty for none.
        certificates: file of certificates that the cluster's must descend from; empty for the system's.
    """

    urls: tuple[str, ...] = field(repr=False)
    api_key: str = field(default="", repr=False)
    certificates: str = ""

    @property
    def shown(self) -> str:
        """The addresses as messages name them, without name and password."""
        return ", ".join(_CREDENTIALS.sub("//", url) for url in self.urls)


class Connection:
    """One client of a cluster; any number of threads may use it.

    Args:
        place: the cluster.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        options: dict[str, Any] = {"api_key": place.api_key} if place.api_key else {}
        if place.certificates:
            options["ca_certs"] = place.certificates
        try:
            self._client = Elasticsearch(
                list(place.urls),
                request_timeout=_SEARCH_SECONDS,
                retry_on_timeout=True,
                max_retries=_RETRIES,
                retry_on_status=_RETRIED,
                connections_per_node=_CONNECTIONS,
                headers={"user-agent": f"lexicart/{version('lexicart')}"},
                **options,
            )
        except (ValueError, OSError) as exc:
            raise UnavailableError(f"LEXICART_ELASTICSEARCH_URL={place.shown}: {exc}") from exc

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

    def administer(self, work: Callable[[Elasticsearch], _Answer]) -> _Answer:
        """Change indexes or aliases by :attr:`admin`; another node is asked only where nothing was sent yet."""
        for _ in self.place.urls[1:]:
            try:
                return work(self.admin)
            except TransportConnectionError as exc:
                if not isinstance(exc.__cause__, NewConnectionError):
                    raise
        return work(self.admin)

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
            raise UnavailableError(f"Elasticsearch at {self.place.shown} could not search: {reason(answer)}")
        if answer.get("timed_out") or answer["_shards"]["failed"]:
            raise UnavailableError(f"Elasticsearch at {self.place.shown} answered from a part of its shards only")

    @contextmanager
    def reporting(self, doing: str) -> Iterator[None]:
        """Turn every failure of the cluster into one of ours.

        Args:
            doing: what failed then, for the message: ``search``, ``write``.

        Raises:
            UnavailableError: the cluster can't be reached, or refuses.
        """
        try:
            yield
        except (LexicartError, Vanished, NotFoundError):
            raise
        except UnsupportedProductError as exc:
            raise UnavailableError(f"{self.place.shown} answers, and is no Elasticsearch: {exc}") from exc
        except (AuthenticationException, AuthorizationException) as exc:
            raise UnavailableError(self._refused(doing, exc)) from exc
        except ApiError as exc:
            why = blocked(exc.body) or f"{exc.status_code} {reason(exc.body)}"
            raise UnavailableError(f"Elasticsearch at {self.place.shown} could not {doing}: {why}") from exc
        except TransportError as exc:
            raise UnavailableError(self._unreachable(doing, exc)) from exc

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
        elif not isinstance(exc, TransportConnectionError):
            what = f"could not {doing}"
        return (
            f"Elasticsearch at {self.place.shown} {what}: {_plain(exc)}. Is it running, and LEXICART_ELASTICSEARCH_URL "
            "right?"
        )

    def version(self) -> str:
        """Return the cluster's version, the lowest of its nodes'."""
        with self.reporting("tell its version"):
            nodes = self.reads.nodes.info(filter_path="nodes.*.version")["nodes"].values()
        return min(
            (str(node["version"]) for node in nodes), key=lambda text: [int(part) for part in text.split(".")[:2]]
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


class Vanished(Exception):  # noqa: N818 (caught within this package)
    """An index that was there is gone; the message is its name."""


def reason(body: Any) -> str:
    """Return why a request, or one document of it, was refused."""
    error = body.get("error", body) if isinstance(body, Mapping) else body
    said = []
    while isinstance(error, Mapping):
        causes = error.get("root_cause") or ()
        said += [str(part) for part in (error.get("type"), error.get("reason")) if part]
        error = error.get("caused_by") or next((one for one in causes if one.get("reason") not in said), None)
    return ": ".join(dict.fromkeys(said)) or str(body)


def blocked(body: Any) -> str:
    """Return why a cluster takes no changes at all, empty where it does."""
    if "cluster_block_exception" not in reason(body):
        return ""
    return f"{reason(body)}. A full disk makes indexes read-only: free space, and the block goes by itself"


def _plain(exc: TransportError) -> str:
    return " ".join(str(exc.message).split())
