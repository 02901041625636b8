"""Metrics: what is counted under which labels, what is read how often, what stands there when a part is away."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from api.bootstrap import Parts
from api.intake import import_file
from api.kept import Kept
from api.metrics import Metrics
from api.settings import Settings, load
from api.translating import translate_pending
from catalog.errors import UnavailableError
from catalog.options import ImportOptions
from translation.batch import BatchOptions

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def parsed(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scraped(client: TestClient) -> Samples:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return parsed(answer.text)


def value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((name, frozenset(labels.items())))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("metrics")
    settings = load(home=folder / "home", engines="echo", langs="de,en", database_url="")
    parts = Parts(settings)
    (folder / "catalog.csv").write_text("sku;name\nS-1;Hammer mit Holzstiel\nA/B;Roter Eimer\n", encoding="utf-8")
    import_file(parts, folder / "catalog.csv", ImportOptions(supplier="keller", lang="de"))
    translate_pending(parts, BatchOptions(settings.langs))
    assert parts.builder().update().promoted
    return settings


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_requests_and_searches_are_counted_by_route_and_never_by_what_was_asked(client: TestClient) -> None:
    for query in ("Hammer", "zzyzxq quantenflux"):
        client.get("/v1/search", params={"q": query, "lang": "de"})
    client.get("/v1/search", params={"q": "Hammer"})
    client.get("/v1/products/keller/A%2FB", params={"lang": "de"})
    client.get("/made/up")
    client.request("BREW", "/livez")
    found = scraped(client)
    requests = "lexicart_http_requests_total"
    assert value(found, requests, route="/v1/search", method="GET", status="200") == 2
    assert value(found, requests, route="/v1/search", method="GET", status="422") == 1
    assert value(found, requests, route="/v1/products/{supplier}/{sku}", method="GET", status="200") == 1
    assert value(found, requests, route="(none)", method="GET", status="404") == 1
    assert value(found, requests, route="/livez", method="other", status="405") == 1
    assert value(found, "lexicart_http_request_seconds_count", route="/v1/search") == 3
    assert value(found, "lexicart_searches_total", lang="de") == 2
    assert value(found, "lexicart_searches_without_hits_total", lang="de") == 1
    labels = {text for _, pairs in found for _, text in pairs}
    assert not any(word in text for text in labels for word in ("zzyzxq", "keller", "made"))


def test_what_the_installation_holds(client: TestClient) -> None:
    found = scraped(client)
    assert value(found, "lexicart_up", part="store") == value(found, "lexicart_up", part="index") == 1
    assert (value(found, "lexicart_products"), value(found, "lexicart_suppliers")) == (2, 1)
    assert value(found, "lexicart_texts", lang="de", state="source") == 2
    assert value(found, "lexicart_texts", lang="en", state="machine") == 2
    assert value(found, "lexicart_build_documents", lang="en") == 2
    assert value(found, "lexicart_changes_waiting", step="index") == 0
    age = value(found, "lexicart_build_age_seconds")
    assert age is not None
    assert 0 <= age < 3600


def test_each_application_counts_for_itself(client: TestClient, settings: Settings) -> None:
    client.get("/livez")
    with TestClient(create_app(settings)) as other:
        assert value(scraped(other), "lexicart_http_requests_total", route="/livez", method="GET", status="200") is None


def test_products_that_wait_show_as_changes(settings: Settings, tmp_path: Path) -> None:
    fresh = load(home=tmp_path / "home", engines="echo", langs="de,en", database_url="")
    (tmp_path / "catalog.csv").write_text("sku;name\nS-1;Hammer\n", encoding="utf-8")
    import_file(Parts(fresh), tmp_path / "catalog.csv", ImportOptions(supplier="keller", lang="de"))
    found = parsed(Metrics(Parts(fresh)).text().decode())
    assert value(found, "lexicart_changes_waiting", step="translate") == 1
    assert value(found, "lexicart_changes_waiting", step="index") == 1
    assert value(found, "lexicart_index_live") == 0
    assert value(found, "lexicart_build_age_seconds") is None


def test_a_store_that_is_away_is_told_and_costs_no_answer(tmp_path: Path) -> None:
    (tmp_path / "lexicart.db").write_bytes(b"this is no database, whatever its name says" * 100)
    with TestClient(create_app(load(home=tmp_path, database_url="")), raise_server_exceptions=False) as client:
        found = scraped(client)
    assert value(found, "lexicart_up", part="store") == 0
    assert value(found, "lexicart_up", part="index") == 1
    assert value(found, "lexicart_products") is None


def test_a_store_that_goes_away_takes_its_numbers_with_it(settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(settings.home_folder, tmp_path / "home")
    parts = Parts(load(home=tmp_path / "home", engines="echo", langs="de,en", database_url=""))
    metrics = Metrics(parts, kept=0.0)
    assert value(parsed(metrics.text().decode()), "lexicart_products") == 2
    parts.close()
    for path in (tmp_path / "home").glob("lexicart.db*"):
        path.write_bytes(b"this is no database, whatever its name says" * 100)
    found = parsed(metrics.text().decode())
    assert value(found, "lexicart_up", part="store") == 0
    assert value(found, "lexicart_up", part="index") == 1
    assert not any(name in ("lexicart_products", "lexicart_texts") for name, _ in found)


def test_a_broken_index_is_told(tmp_path: Path) -> None:
    (tmp_path / "indexes").mkdir()
    (tmp_path / "indexes" / "LIVE").write_text("../nowhere", encoding="utf-8")
    found = parsed(Metrics(Parts(load(home=tmp_path, database_url=""))).text().decode())
    assert value(found, "lexicart_up", part="index") == 0
    assert value(found, "lexicart_up", part="store") == 1
    assert value(found, "lexicart_products") == 0


def test_a_value_is_kept_for_a_while_and_a_failure_is_not() -> None:
    asked = []

    def read() -> int:
        asked.append(1)
        if len(asked) == 1:
            raise UnavailableError("away")
        return len(asked)

    kept = Kept("a part", read, 1_000)
    found = []
    for _ in range(3):
        kept.begin()
        reading = kept.get(time.monotonic() + 30)
        found.append(reading and reading.value)
    assert found == [None, 2, 2]


def test_what_takes_long_to_count_is_counted_rarely() -> None:
    asked = []

    def read() -> int:
        asked.append(1)
        time.sleep(0.05)
        return len(asked)

    for old_too, times in ((True, 1), (False, 4)):
        asked.clear()
        kept = Kept("a part", read, 0.0, old_too=old_too)
        for _ in range(4):
            kept.begin()
            assert kept.get(time.monotonic() + 30) is not None
        assert len(asked) == times


@pytest.mark.parametrize("old_too", [True, False])
def test_what_hangs_is_not_waited_for_and_not_asked_again(old_too: bool) -> None:
    hangs, asked = threading.Event(), []
    goes_on = threading.Event()

    def read() -> int:
        asked.append(1)
        if hangs.is_set():
            goes_on.wait(30)
        return 7

    kept = Kept("a part", read, 0.0, old_too=old_too)
    kept.begin()
    assert kept.get(time.monotonic() + 30) is not None
    hangs.set()
    end = time.monotonic() + 30
    while len(asked) < 2 and time.monotonic() < end:
        kept.begin()
        time.sleep(0.001)
    for _ in range(3):
        kept.begin()
        reading = kept.get(time.monotonic())
        assert (reading is not None) == old_too
    goes_on.set()
    assert len(asked) == 2
