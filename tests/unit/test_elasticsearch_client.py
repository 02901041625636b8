"""What is asked of a cluster again, what is told at once, and what messages say; no server needed."""

import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig, TlsError, TransportError
from elastic_transport import ConnectionError as TransportConnectionError
from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    BadRequestError,
    UnsupportedProductError,
)
from urllib3.exceptions import NewConnectionError

from catalog.errors import BackendRefusesError, UnavailableError
from indexes.elasticsearch.client import Connection, PassingError, Place, blocked, may_pass, reason
from indexes.elasticsearch.nodes import ClusterNode, ClusterNodes, plain

NODE = "http://user:secret@127.0.0.1:9"


def refused(status: int, body: Any = None, kind: type[ApiError] = ApiError) -> ApiError:
    meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.0, NodeConfig("http", "127.0.0.1", 9))
    return kind("refused", meta, body or {"error": {"type": "too_much"}})


def lost() -> TransportError:
    return TransportConnectionError("http://127.0.0.1:9: Connection aborted")


def unsent() -> TransportError:
    error = TransportConnectionError("http://127.0.0.1:9: Connection refused")
    error.__cause__ = NewConnectionError(None, "refused")  # type: ignore[arg-type]
    return error


class Server:
    """Does what it is asked by the next of its deeds, the last one for ever."""

    def __init__(self, *deeds: Exception | str) -> None:
        self._deeds = list(deeds)
        self.waits: list[float] = []
        self.asked = 0
        self.connection = Connection(Place((NODE,)), self.waits.append)

    def work(self, *_given: object) -> str:
        self.asked += 1
        deed = self._deeds.pop(0) if len(self._deeds) > 1 else self._deeds[0]
        if isinstance(deed, Exception):
            raise deed
        return deed


@pytest.mark.parametrize("failure", [refused(429), refused(503), PassingError("a copy is on its way")])
def test_a_search_waits_for_what_passes_and_not_for_ever(failure: Exception) -> None:
    server = Server(failure, failure, "found")
    assert server.connection.patiently(server.work) == "found"
    server = Server(failure)
    with pytest.raises(type(failure)):
        server.connection.patiently(server.work)
    assert 5 < sum(server.waits) <= 10


@pytest.mark.parametrize("failure", [lost(), unsent(), refused(500), refused(400), UnavailableError("broken")])
def test_a_search_does_not_wait_for_what_stays(failure: Exception) -> None:
    server = Server(failure, "found")
    with pytest.raises(type(failure)):
        server.connection.patiently(server.work)
    assert server.waits == []


@pytest.mark.parametrize("failure", [lost(), unsent(), refused(503)])
def test_a_job_waits_through_an_outage_for_minutes(failure: Exception) -> None:
    server = Server(*[failure] * 20, "done")
    assert server.connection.through_outages(server.work) == "done"
    server = Server(failure)
    with pytest.raises(type(failure)):
        server.connection.through_outages(server.work)
    assert 120 <= sum(server.waits) <= 150


def test_nobody_waits_for_a_certificate_that_is_not_trusted() -> None:
    assert not may_pass(TlsError("certificate verify failed"))


@pytest.mark.parametrize(
    ("deeds", "is_done", "expected", "asked"),
    [
        ((lost(), "made"), False, "made", 2),
        ((lost(),), True, None, 1),
        ((unsent(), "made"), True, "made", 2),  # nothing was sent: whatever is there, is another's
        ((refused(503), "made"), False, "made", 2),
        ((lost(), refused(400, kind=BadRequestError)), True, None, 1),
    ],
)
def test_a_change_is_made_once(
    deeds: tuple[Exception | str, ...], is_done: bool, expected: str | None, asked: int
) -> None:
    server = Server(*deeds)
    assert server.connection.administer(server.work, lambda: is_done) == expected
    assert server.asked == asked


def test_the_answer_that_it_is_there_already_is_success_after_a_lost_answer_only() -> None:
    there = refused(400, {"error": {"type": "resource_already_exists_exception"}}, BadRequestError)
    looked: list[bool] = []

    def look() -> bool:
        looked.append(True)
        return len(looked) > 1

    server = Server(lost(), there)
    assert server.connection.administer(server.work, look) is None
    server = Server(there)
    with pytest.raises(BadRequestError):
        server.connection.administer(server.work, lambda: True)


def test_a_change_of_which_nobody_knows_is_no_success() -> None:
    def look() -> bool:
        raise UnavailableError("no node answers")

    server = Server(lost())
    with pytest.raises(TransportError):
        server.connection.administer(server.work, look)


BLOCKS = {
    "index [shop-en-b1] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark];": "full disk",
    "index [shop-en-b1] blocked by: [FORBIDDEN/5/index read-only (api)];": "index.blocks.read_only",
    "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];": "",
}


@pytest.mark.parametrize("why", BLOCKS)
def test_a_block_is_told_with_its_remedy_unless_it_passes(why: str) -> None:
    said = blocked({"error": {"type": "cluster_block_exception", "reason": why}})
    assert BLOCKS[why] in said
    assert bool(said) == bool(BLOCKS[why])


def failure_of(raising: Callable[[], Exception]) -> str:
    connection = Connection(Place((NODE,)))
    with pytest.raises(UnavailableError) as failed, connection.reporting("search"):
        raise raising()
    return str(failed.value)


def block(why: str, status: int = 429) -> ApiError:
    return refused(status, {"error": {"type": "cluster_block_exception", "reason": why}})


@pytest.mark.parametrize(
    ("failure", "is_refused"),
    [
        (refused(401, kind=AuthenticationException), True),
        (refused(403, kind=AuthorizationException), True),
        (refused(400, kind=BadRequestError), True),
        (block("blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark]"), True),
        (block("blocked by: [FORBIDDEN/5/index read-only (api)]", 403), True),
        (refused(200, kind=UnsupportedProductError), True),
        (TlsError("certificate verify failed"), True),
        (block("blocked by: [SERVICE_UNAVAILABLE/1/state not recovered]", 503), False),
        (refused(429), False),
        (refused(500), False),
        (refused(503), False),
        (lost(), False),
    ],
)
def test_a_refusal_is_another_error_than_what_is_away(failure: Exception, is_refused: bool) -> None:
    with pytest.raises(UnavailableError) as failed, Connection(Place((NODE,))).reporting("write"):
        raise failure
    assert isinstance(failed.value, BackendRefusesError) == is_refused


def test_every_node_that_was_asked_is_named_and_no_password() -> None:
    last = lost()
    last.errors = (TransportConnectionError("http://127.0.0.2:9: Connection refused"),)
    said = failure_of(lambda: last)
    assert "127.0.0.1:9: Connection aborted; http://127.0.0.2:9: Connection refused" in said
    assert "secret" not in said


def test_a_page_of_a_proxy_is_told_in_one_line() -> None:
    page = "<html>\n<head><style>p { x }</style></head>\n<body><h1>429 Too Many\nRequests</h1></body></html>"
    assert reason(page) == plain(page) == "429 Too Many Requests"
    assert "try again later" in failure_of(lambda: refused(429, page))
    assert len(plain("word " * 1_000)) < 220


def test_nodes_die_and_come_back_while_threads_choose_among_them() -> None:
    nodes = ClusterNodes([NodeConfig("http", f"10.0.0.{at}", 9) for at in range(40)], ClusterNode)
    failed: list[Exception] = []

    def use() -> None:
        try:
            for _ in range(1_500):
                node = nodes.get()
                nodes.mark_dead(node, 0.0)
                nodes.mark_live(node)
        except RuntimeError as exc:
            failed.append(exc)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=use) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    finally:
        sys.setswitchinterval(before)
    assert failed == []
