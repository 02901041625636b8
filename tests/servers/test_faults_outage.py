"""No node answers for a while: searches say so at once, jobs wait, and all go on by themselves when it is over."""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Parts
from api.cli import main
from api.working import index_steadily
from indexes.elasticsearch.client import Connection, Place
from tests.servers.faults.contents import differences
from tests.servers.faults.proxy import FaultProxy, Spoil
from tests.servers.faults.shop import open_parts, sku, stock
from tests.servers.faults.toxics import Storm, html, refusing, reset, silent

PRODUCTS = 30
LANGS = "de,en"
PATIENCE_SECONDS = 60
EVERYTHING = ""

_THREADS = 40
"""In which starlette answers requests."""


@pytest.fixture
def proxy(elasticsearch_url: str) -> Iterator[FaultProxy]:
    with FaultProxy(elasticsearch_url.split(",")[0]) as made:
        yield made


@pytest.fixture
def parts(proxy: FaultProxy, elasticsearch_url: str, tmp_path: Path) -> Iterator[Parts]:
    """A shop that is imported and translated, and not indexed yet."""
    prefix = f"test{secrets.token_hex(4)}"
    made = open_parts(tmp_path / "home", [proxy.url], prefix, LANGS, timeout=1.0)
    stock(made, PRODUCTS)
    yield made
    made.cluster.close()
    made.close()
    with closing(Connection(Place(tuple(elasticsearch_url.split(","))))) as server:
        if found := list(server.admin.indices.get(index=f"{prefix}-*")):
            server.admin.indices.delete(index=found)


def until_found(parts: Parts) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while parts.index.live() is None:
        assert time.monotonic() < end, "nothing was promoted"
        time.sleep(0.1)


def test_over_http_an_outage_is_503_and_passes(parts: Parts, proxy: FaultProxy) -> None:
    assert parts.builder().update().promoted
    with TestClient(create_app(parts.settings), raise_server_exceptions=False) as client:
        search = {"q": sku(4), "lang": "en"}
        assert client.get("/v1/search", params=search).json()["hits"][0]["sku"] == sku(4)
        for spoil, said in ((reset, "can't be reached"), (html(502), "502"), (silent, "did not answer in time")):
            with proxy.spoiling(spoil, EVERYTHING):
                time.sleep(1.9)  # until nothing that was read before counts
                for path, asked in (("/v1/search", search), ("/v1/suggest", search), ("/readyz", {})):
                    started = time.monotonic()
                    answer = client.get(path, params=asked)
                    assert time.monotonic() - started < 15
                    assert answer.status_code == 503, answer.text
                    assert answer.headers["content-type"] == "application/problem+json"
                    assert int(answer.headers["retry-after"]) > 0
                    assert said in answer.json()["detail"]
                    assert proxy.url in answer.json()["detail"]
                assert client.get("/livez").status_code == 200
            assert client.get("/readyz").status_code == 200
            assert client.get("/v1/search", params=search).json()["hits"][0]["sku"] == sku(4)


def test_the_process_lives_while_every_thread_waits_for_the_cluster(parts: Parts, proxy: FaultProxy) -> None:
    with TestClient(create_app(parts.settings), raise_server_exceptions=False) as client:
        searches = [
            threading.Thread(target=client.get, args=("/v1/search",), kwargs={"params": {"q": "x", "lang": "en"}})
            for _ in range(2 * _THREADS)
        ]
        with proxy.spoiling(silent, EVERYTHING) as toxic:
            for one in searches:
                one.start()
            while toxic.met < _THREADS:
                time.sleep(0.01)
            assert client.get("/livez").status_code == 200
            assert sum(one.is_alive() for one in searches) >= _THREADS
        for one in searches:
            one.join(PATIENCE_SECONDS)


@pytest.mark.parametrize(
    "spoil", [reset, refusing(503, "cluster_block_exception", "[SERVICE_UNAVAILABLE/2/no master]")]
)
def test_a_worker_waits_and_goes_on_by_itself(parts: Parts, proxy: FaultProxy, spoil: Spoil) -> None:
    stop = threading.Event()
    working = threading.Thread(target=index_steadily, args=(parts, stop))
    with proxy.spoiling(spoil, EVERYTHING) as toxic:
        working.start()
        while toxic.met < 3:
            time.sleep(0.05)
        assert working.is_alive()
    until_found(parts)
    stop.set()
    working.join(PATIENCE_SECONDS)
    assert not working.is_alive()
    assert differences(parts) == []


def test_a_build_goes_on_through_an_outage(parts: Parts, proxy: FaultProxy) -> None:
    # A cluster that is not there at the start is told at once; this one goes when the first documents are written.
    outage = Storm(3.0, reset, begins="/_bulk")
    with proxy.spoiling(outage, EVERYTHING):
        report = parts.builder().update()
    assert outage.refused > 2
    assert report.promoted, report.reasons
    assert differences(parts) == []


def test_a_storm_during_a_build_ends_with_the_same_documents(parts: Parts, proxy: FaultProxy) -> None:
    storm = Storm(3.0, refusing(429, "es_rejected_execution_exception"))
    with proxy.spoiling(storm, "/_bulk"):
        report = parts.builder().update()
    assert storm.refused > 2
    assert (report.promoted, report.reasons) == (True, [])
    assert differences(parts) == []


@pytest.mark.parametrize("command", [["index"], ["cluster", "check"], ["search", "lamp", "--lang", "en"]])
def test_a_command_ends_with_status_4_and_a_clear_word(
    command: list[str],
    proxy: FaultProxy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = {
        "HOME": str(tmp_path),
        "INDEX": "elasticsearch",
        "ELASTICSEARCH_URL": f"http://user:secret@{proxy.address}",
        "ELASTICSEARCH_PREFIX": "test-none",
        "ENGINES": "echo",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"LEXICART_{name}", value)
    for spoil in (reset, html(502), html(401), refusing(403, "security_exception")):
        with proxy.spoiling(spoil, EVERYTHING), pytest.raises(SystemExit) as ended:
            main(command)
        said = capsys.readouterr().err
        assert ended.value.code == 4, said
        assert proxy.url in said
        assert "LEXICART_ELASTICSEARCH_" in said
        assert "secret" not in said
        assert said.count("\n") <= 2
