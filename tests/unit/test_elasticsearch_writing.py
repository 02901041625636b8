"""Writing in bulk to a cluster that has too much to do, takes nothing, or takes a part; no server needed."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elastic_transport import ConnectionError as TransportConnectionError
from elasticsearch import ApiError

from catalog.errors import BackendRefusesError, UnavailableError
from indexes.elasticsearch.client import Connection, Place
from indexes.elasticsearch.naming import Names
from indexes.elasticsearch.writing import Writer
from tests.contract.search_index import document

Answer = Callable[[Sequence[Any]], list[dict[str, Any]]]


class FakeClient:
    """Answers each bulk request by the next of its answers, the last one for ever."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._answers = list(answers)
        self.sizes: list[int] = []

    def bulk(self, operations: Sequence[Any]) -> dict[str, Any]:
        places = [one for one in operations if isinstance(one, dict)]
        self.sizes.append(len(places))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return {"items": answer(places)}


class FakeConnection(Connection):
    """A connection that ends in a fake client."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__(Place(("http://127.0.0.1:9",)))
        self.client = FakeClient(answers)

    @property
    def bulk(self) -> Any:
        return self.client


def taken(places: Sequence[Any]) -> list[dict[str, Any]]:
    return [{kind: {"status": 200, "result": "created"}} for place in places for kind in place]


def busy(places: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"index": {"status": 429, "error": {"type": "es_rejected_execution_exception"}}} for _ in places]


def half_busy(places: Sequence[Any]) -> list[dict[str, Any]]:
    half = len(places) // 2
    return [*taken(places[:half]), *busy(places[half:])]


def refusing(status: int, above: int = 0) -> Answer:
    def refuse(places: Sequence[Any]) -> list[dict[str, Any]]:
        if len(places) <= above:
            return taken(places)
        meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.0, NodeConfig("http", "127.0.0.1", 9))
        raise ApiError("refused", meta, {"error": {"type": "too_much"}})

    return refuse


def write(connection: FakeConnection, number: int, waits: list[float]) -> tuple[int, dict[str, str]]:
    writer = Writer(connection, Names("shop"), {}, waits.append)
    report = writer.write("b1", ["en"], [document(f"s/{at}", "en", "Lamp") for at in range(number)], [], 0)
    return report.accepted, dict(report.rejected)


def test_what_there_was_no_room_for_is_sent_again_later_and_alone() -> None:
    connection, waits = FakeConnection(half_busy, half_busy, taken), list[float]()
    assert write(connection, 8, waits) == (8, {})
    assert connection.client.sizes == [8, 4, 2]
    assert waits == sorted(waits)
    assert len(waits) == 2


def test_a_cluster_that_stays_busy_is_an_error_in_the_end() -> None:
    connection, waits = FakeConnection(busy), list[float]()
    with pytest.raises(UnavailableError, match="3 documents"):
        write(connection, 3, waits)
    assert 120 <= sum(waits) <= 300


def test_a_busy_node_is_given_time() -> None:
    connection, waits = FakeConnection(refusing(429), refusing(429), taken), list[float]()
    assert write(connection, 5, waits) == (5, {})
    assert len(waits) == 2


def test_a_request_that_is_too_large_is_cut_in_halves_at_once() -> None:
    connection, waits = FakeConnection(refusing(413, above=2)), list[float]()
    assert write(connection, 8, waits) == (8, {})
    assert connection.client.sizes == [8, 4, 2, 2, 4, 2, 2]
    assert not waits


def test_a_document_that_is_too_large_alone_is_rejected() -> None:
    connection, waits = FakeConnection(refusing(413), refusing(413), refusing(413), taken), list[float]()
    assert write(connection, 2, waits) == (0, {"s/0": "en: too_much", "s/1": "en: too_much"})


@pytest.mark.parametrize(
    ("status", "kind", "why", "is_refused"),
    [
        (403, "cluster_block_exception", "blocked by: [FORBIDDEN/5/index read-only (api)];", True),
        (404, "index_not_found_exception", "no such index", False),
    ],
)
def test_a_block_is_a_refusal_and_an_index_that_vanished_is_none(
    status: int, kind: str, why: str, is_refused: bool
) -> None:
    def fail(places: Sequence[Any]) -> list[dict[str, Any]]:
        return [{"index": {"status": status, "error": {"type": kind, "reason": why}}} for _ in places]

    with pytest.raises(UnavailableError) as failed:
        write(FakeConnection(fail), 2, [])
    assert isinstance(failed.value, BackendRefusesError) == is_refused


def test_another_refusal_is_an_error() -> None:
    connection, waits = FakeConnection(refusing(500)), list[float]()
    with pytest.raises(UnavailableError, match="500 too_much"):
        write(connection, 2, waits)


def test_many_documents_go_in_requests_of_a_size() -> None:
    connection, waits = FakeConnection(taken), list[float]()
    assert write(connection, 2_500, waits) == (2_500, {})
    assert connection.client.sizes == [1_000, 1_000, 500]


def test_the_last_of_several_writes_under_one_id_is_sent() -> None:
    connection = FakeConnection(taken)
    writer = Writer(connection, Names("shop"), {})
    writer.write("b1", ["en"], [document("s/1", "en", "Lamp"), document("s/1", "en", "Saw")], [], 0)
    assert connection.client.sizes == [1]


# -- faults -----------------------------------------------------------------------------------------------------------


def failing(status: int) -> Answer:
    """Answer for each document that the cluster failed at it."""
    error = {"type": "unavailable_shards_exception", "reason": "primary shard is not active"}
    return lambda places: [{"index": {"status": status, "error": error}} for _ in places]


def unreachable(_places: Sequence[Any]) -> list[dict[str, Any]]:
    raise TransportConnectionError("http://127.0.0.1:9: Connection refused")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_document_whose_shard_is_on_its_way_is_sent_again(status: int) -> None:
    connection, waits = FakeConnection(*[failing(status)] * 5, taken), list[float]()
    assert write(connection, 2, waits) == (2, {})
    assert len(waits) == 5


def test_a_document_that_the_cluster_fails_at_is_rejected_in_the_end() -> None:
    connection, waits = FakeConnection(failing(500), failing(500), failing(500), taken), list[float]()
    said = "en: unavailable_shards_exception: primary shard is not active"
    assert write(connection, 2, waits) == (0, {"s/0": said, "s/1": said})


def test_a_cluster_that_is_away_for_a_while_gets_everything() -> None:
    connection, waits = FakeConnection(*[unreachable] * 8, taken), list[float]()
    assert write(connection, 2_500, waits) == (2_500, {})


def test_a_cluster_that_stays_away_is_named_after_minutes() -> None:
    connection, waits = FakeConnection(unreachable), list[float]()
    with pytest.raises(UnavailableError, match=r"can't be reached: http://127\.0\.0\.1:9: Connection refused"):
        write(connection, 3, waits)
    assert 120 <= sum(waits) <= 300


def test_requests_become_smaller_while_the_cluster_is_busy() -> None:
    connection, waits = FakeConnection(*[refusing(429)] * 3, taken), list[float]()
    assert write(connection, 80, waits) == (80, {})
    assert connection.client.sizes[:3] == [80, 40, 20]
    assert set(connection.client.sizes[3:]) == {10}
