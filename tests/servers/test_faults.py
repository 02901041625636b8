"""What lies between us and a real server goes wrong: each fault passes, or is a clear error that names the node."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from catalog.errors import LexicartError, UnavailableError
from indexes.elasticsearch.client import Connection, Place
from indexes.elasticsearch.index import ElasticsearchIndex
from indexes.model import CodeLeg, Facts, Filters, IndexDocument, TextLeg, WriteReport
from tests.contract.search_index import SHOP_DOCUMENTS, SHOP_PRODUCTS, document, ids
from tests.servers.faults.proxy import Exchange, FaultProxy, Spoil
from tests.servers.faults.toxics import (
    Storm,
    close,
    cut,
    garbled,
    half_refused,
    html,
    late,
    lose_answer,
    refusing,
    reset,
    silent,
    slow_close,
    trickle,
)

ALL = Filters()
SECONDS = 0.5
"""For which a search waits for a node here."""

DOCUMENTS = [one for one in SHOP_DOCUMENTS if one.lang == "en"]
BULK = "PUT /_bulk"
NUMBER = 60


@dataclass(slots=True)
class Shop:
    """An index whose node is behind a proxy, and how long its jobs were made to wait."""

    proxy: FaultProxy
    index: ElasticsearchIndex
    waits: list[float]
    prefix: str
    lamps: list[IndexDocument] = field(default_factory=list)

    def write(self) -> WriteReport:
        """Write documents that are not there yet."""
        tag = secrets.token_hex(3)
        self.lamps = [document(f"{tag}/{at}", "en", f"Lamp {tag} of kind {at}") for at in range(NUMBER)]
        return self.index.write("b1", self.lamps, [])

    def lacking(self) -> list[str]:
        """Return which of the documents that were last written are not there as they were written."""
        self.index.commit("b1")
        found = self.index.documents("en", [one.id for one in self.lamps], "b1")
        return [one.id for one in self.lamps if one.id not in found or found[one.id].title != one.title]

    def found(self) -> list[str]:
        [answer] = self.index.legs([TextLeg("en", ("drill",), 10)], ALL, "b1")
        return ids(answer)


@pytest.fixture(scope="module")
def server(elasticsearch_url: str) -> Iterator[Connection]:
    made = Connection(Place(tuple(elasticsearch_url.split(","))))
    yield made
    made.close()


@pytest.fixture(scope="module")
def opened(server: Connection) -> Iterator[Shop]:
    prefix = f"test{secrets.token_hex(4)}"
    waits: list[float] = []
    with FaultProxy(server.place.urls[0]) as proxy:
        place = Place((f"http://user:secret@{proxy.address}",), seconds=SECONDS)
        with ElasticsearchIndex(Connection(place, waits.append), prefix, dimensions=512) as index:
            patient = ElasticsearchIndex(server, prefix, dimensions=512)
            patient.create("b1", ["en"])
            assert not patient.write("b1", DOCUMENTS, SHOP_PRODUCTS).rejected
            patient.commit("b1")
            yield Shop(proxy, index, waits, prefix)
    server.admin.indices.delete(index=list(server.admin.indices.get(index=f"{prefix}-*")))


@pytest.fixture
def shop(opened: Shop) -> Shop:
    opened.waits.clear()
    opened.lamps.clear()
    return opened


def failure(shop: Shop, work: Callable[[], object]) -> str:
    """Do what must fail, and return what is said of it."""
    with pytest.raises(LexicartError) as failed:
        work()
    said = str(failed.value)
    assert failed.value.exit_status == 4
    assert isinstance(failed.value, UnavailableError)
    assert shop.proxy.url in said
    assert "secret" not in said
    assert "\n" not in said
    assert len(said) < 700
    return said


# -- what a search meets ----------------------------------------------------------------------------------------------

LASTING: dict[str, tuple[Spoil, str]] = {
    "silent": (silent, "no answer within 0 seconds"),
    "slow": (late(3 * SECONDS), "did not answer in time"),
    "reset": (reset, "Connection"),
    "closed": (close, "Remote end closed"),
    "answer cut": (cut(), "IncompleteRead"),
    "answer garbled": (garbled, "no JSON"),
    "a proxy's 502": (html(502, "Bad Gateway"), "502 from something that is no Elasticsearch"),
    "a proxy's 404": (html(404), "404 from something that is no Elasticsearch"),
    "another's page": (html(200, "Welcome"), "200 from something that is no Elasticsearch"),
    "a proxy's 401": (html(401), "LEXICART_ELASTICSEARCH_API_KEY"),
    "401": (refusing(401, "security_exception"), "LEXICART_ELASTICSEARCH_API_KEY"),
    "403": (refusing(403, "security_exception"), "LEXICART_ELASTICSEARCH_API_KEY"),
    "429": (refusing(429, "es_rejected_execution_exception"), "too much to do"),
    "circuit breaker": (refusing(429, "circuit_breaking_exception"), "circuit_breaking_exception"),
    "503": (refusing(503, "cluster_block_exception", "no master"), "no master"),
    "500": (refusing(500, "illegal_state_exception"), "illegal_state_exception"),
}


@pytest.mark.parametrize("fault", LASTING)
def test_a_search_that_can_not_be_answered_is_an_error_and_no_empty_page(shop: Shop, fault: str) -> None:
    spoil, said = LASTING[fault]
    with shop.proxy.spoiling(spoil):
        assert said in failure(shop, shop.found)
        assert said in failure(shop, lambda: shop.index.documents("en", ["north/1"], "b1"))
        assert said in failure(shop, lambda: shop.index.analyze("en", "drill", "b1"))
        assert sum(shop.waits) <= 3 * 2 * SECONDS
    assert sorted(shop.found()) == ["north/1", "west/4"]


@pytest.mark.parametrize("fault", ["reset", "closed", "answer cut", "a proxy's 502", "429", "circuit breaker"])
def test_a_search_goes_on_when_a_fault_passes(shop: Shop, fault: str) -> None:
    spoil, _ = LASTING[fault]
    with shop.proxy.spoiling(spoil, times=1) as toxic:
        assert sorted(shop.found()) == ["north/1", "west/4"]
    assert toxic.met == 1


@pytest.mark.parametrize("spoil", [slow_close(0.05), trickle(200, 0.001), late(0.2 * SECONDS)])
def test_a_slow_node_is_waited_for(shop: Shop, spoil: Spoil) -> None:
    with shop.proxy.spoiling(spoil) as toxic:
        for _ in range(3):
            assert sorted(shop.found()) == ["north/1", "west/4"]
    assert toxic.met >= 3


def test_a_silent_node_is_passed_over_for_one_that_answers(shop: Shop, server: Connection) -> None:
    place = Place((shop.proxy.url, *server.place.urls), seconds=SECONDS)
    with (
        ElasticsearchIndex(Connection(place), shop.prefix) as index,
        shop.proxy.spoiling(silent) as toxic,
    ):
        for _ in range(4):
            [answer] = index.legs([CodeLeg(("4006381333931",), 1)], ALL, "b1")
            assert answer.total is not None
    assert toxic.met >= 1


# -- what writing meets -----------------------------------------------------------------------------------------------

PASSING: dict[str, Spoil] = {
    "429 for all": refusing(429, "es_rejected_execution_exception"),
    "429 for half": half_refused,
    "circuit breaker": refusing(429, "circuit_breaking_exception"),
    "503": refusing(503, "unavailable_shards_exception"),
    "a proxy's 502": html(502),
    "reset": reset,
    "answer lost": lose_answer,
    "answer cut": cut(),
    "answer garbled": garbled,
}


@pytest.mark.parametrize("fault", PASSING)
def test_no_document_is_lost_by_a_fault_that_passes(shop: Shop, fault: str) -> None:
    with shop.proxy.spoiling(PASSING[fault], BULK, times=4) as toxic:
        report = shop.write()
    assert (report.accepted, dict(report.rejected)) == (NUMBER, {})
    assert toxic.met == 4
    assert shop.waits
    assert not shop.lacking()


@pytest.mark.parametrize("fault", sorted(PASSING.keys() - {"429 for half"}))
def test_a_fault_that_stays_ends_the_job_and_the_next_one_goes_on(shop: Shop, fault: str) -> None:
    with shop.proxy.spoiling(PASSING[fault], BULK):
        failure(shop, shop.write)
        assert 100 < sum(shop.waits) < 300
    assert not shop.index.write("b1", shop.lamps, []).rejected
    assert not shop.lacking()


def test_a_busy_cluster_gets_smaller_requests(shop: Shop) -> None:
    sizes: list[int] = []

    def refuse(exchange: Exchange) -> None:
        sizes.append(len(exchange.body))
        refusing(429, "circuit_breaking_exception")(exchange)

    with shop.proxy.spoiling(refuse, BULK, times=5):
        assert shop.write().accepted == NUMBER
    assert not shop.lacking()
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < sizes[0] / 8


def test_a_storm_ends_with_the_same_documents(server: Connection, shop: Shop) -> None:
    place = Place((shop.proxy.url,), seconds=10 * SECONDS)
    storm = Storm(2.0, half_refused)
    with ElasticsearchIndex(Connection(place), shop.prefix) as index, shop.proxy.spoiling(storm, BULK):
        assert Shop.write(waiting := Shop(shop.proxy, index, [], shop.prefix)).accepted == NUMBER
        assert not waiting.lacking()
    assert storm.refused > 2


@pytest.mark.parametrize("fault", ["a proxy's 401", "401", "403", "500"])
def test_a_refusal_that_will_not_pass_ends_a_job_at_once(shop: Shop, fault: str) -> None:
    spoil, said = LASTING[fault]
    with shop.proxy.spoiling(spoil, BULK) as toxic:
        assert said in failure(shop, shop.write)
    assert (toxic.met, shop.waits) == (1, [])


# -- what changes of indexes meet -------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoil", [lose_answer, refusing(503, "process_cluster_event_timeout")])
def test_a_build_is_made_and_promoted_and_removed_whatever_answer_is_lost(shop: Shop, spoil: Spoil) -> None:
    index, before = shop.index, shop.index.live()
    with shop.proxy.spoiling(spoil, "PUT /test", times=2) as made:
        index.create("b2", ["en"])
    index.write("b2", DOCUMENTS, SHOP_PRODUCTS)
    with shop.proxy.spoiling(spoil, "POST /.*_refresh|PUT /.*_mapping", times=2) as committed:
        index.commit("b2")
    with shop.proxy.spoiling(spoil, "POST /_aliases", times=1) as promoted:
        index.promote("b2", before)
        index.promote("b1", "b2")
    with shop.proxy.spoiling(spoil, "DELETE", times=1) as removed:
        index.drop("b2")
    assert (index.live(), list(index.builds())) == ("b1", ["b1"])
    assert [one.met for one in (made, committed, promoted, removed)] == [2, 2, 1, 1]


def test_of_a_promotion_that_never_arrives_nothing_is_taken_for_done(shop: Shop) -> None:
    before = shop.index.live()
    shop.index.create("b3", ["en"])
    with shop.proxy.spoiling(reset, "POST /_aliases"):
        failure(shop, lambda: shop.index.promote("b3", before))
    assert shop.index.live() == before
    shop.index.drop("b3")


# -- what the cluster itself refuses ----------------------------------------------------------------------------------


@pytest.mark.parametrize("block", ["read_only_allow_delete", "read_only", "write"])
def test_a_blocked_index_ends_a_job_at_once_and_the_next_one_goes_on(
    shop: Shop, server: Connection, block: str
) -> None:
    index = f"{shop.prefix}-en-b1"
    server.admin.indices.put_settings(index=index, settings={f"index.blocks.{block}": True})
    try:
        said = failure(shop, shop.write)
        assert "block" in said
        assert ("full disk" in said) == (block == "read_only_allow_delete")
        assert not shop.waits
        assert sorted(shop.found()) == ["north/1", "west/4"]
    finally:
        server.admin.indices.put_settings(index=index, settings={f"index.blocks.{block}": None})
    assert shop.write().accepted == NUMBER
    assert not shop.lacking()


def test_each_rejected_document_is_named_with_its_reason_and_the_others_are_taken(shop: Shop) -> None:
    wrong = document("odd/late", "en", "Lamp", facts=Facts("odd", created=2**70))
    report = shop.index.write("b1", [*DOCUMENTS, wrong], [])
    assert list(report.rejected) == ["odd/late"]
    assert "created" in report.rejected["odd/late"]
    assert report.accepted == len(DOCUMENTS)


def test_a_document_that_is_too_large_alone_is_named(shop: Shop) -> None:
    def too_large(exchange: Exchange) -> None:
        if len(exchange.body) > 80_000:
            html(413)(exchange)
        else:
            exchange.answer(exchange.ask())

    huge = document("odd/huge", "en", "Lamp", body=("word " * 300_000,))
    with shop.proxy.spoiling(too_large, BULK):
        report = shop.index.write("b1", [*DOCUMENTS, huge], [])
    assert list(report.rejected) == ["odd/huge"]
    assert "413" in report.rejected["odd/huge"]
    assert report.accepted == len(DOCUMENTS)
