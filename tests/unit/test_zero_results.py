"""Searches that found nothing: what counts as one, and that recording never slows or fails a search."""

import logging
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import recording
from api.app import create_app
from api.bootstrap import Parts
from api.intake import import_file
from api.recording import ZeroResultRecorder
from api.settings import Settings, load
from api.translating import translate_pending
from catalog.errors import UnavailableError
from catalog.options import ImportOptions
from search.model import SearchPage, SearchQuery
from search.zero_results import ZeroResults, ZeroSearch, missed_by, normalised
from tests.fakes.commands import Run
from tests.servers.stores import open_store
from translation.batch import BatchOptions

NOTHING = "zzyzxq quantenflux"


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("  Roter   HAMMER\t", "roter hammer"),
        ("ＦＵＬＬ　ｗｉｄｔｈ", "full width"),
        ("ﬁne STRASSE", "fine strasse"),
        ("a\x00b\x1bc\u200bd", "a b c d"),
        ("a\ud800b", "a b"),
        ("é", "é"),
        ("x" * 500, "x" * 200),
        ("x" * 199 + " y", "x" * 199),
        ("قَلَم", "قَلَم"),
        (" \n ", ""),
    ],
)
def test_queries_are_counted_as_one_writing(text: str, counted: str) -> None:
    assert normalised(text) == counted
    assert normalised(counted) == counted


def page(total: int = 0) -> SearchPage:
    return SearchPage("Hammer", "de", "en", total, True, 1.0, ())


@pytest.mark.parametrize(
    ("query", "total", "counts"),
    [
        (SearchQuery("Hammer", "de"), 0, True),
        (SearchQuery("Hammer", "de"), 3, False),
        (SearchQuery("  ", "de"), 0, False),
        (SearchQuery("Hammer", "de", filters=(("brand", "x"),)), 0, False),
        (SearchQuery("Hammer", "de", offset=10), 0, False),
    ],
)
def test_what_counts_as_a_search_that_found_nothing(query: SearchQuery, total: int, counts: bool) -> None:
    assert missed_by(query, page(total)) == (ZeroSearch("hammer", "en", "de") if counts else None)


class Failing(ZeroResults):
    """Can't be written until it is mended."""

    def __init__(self) -> None:
        self.broken = True
        self.written: dict[ZeroSearch, int] = {}

    def add(self, counted: Mapping[ZeroSearch, int], at: datetime | None = None) -> None:
        if self.broken:
            raise UnavailableError("the store is away")
        self.written |= counted


def test_what_cannot_be_written_is_tried_again_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    store = Failing()
    recorder = ZeroResultRecorder(lambda: store, seconds=1_000)
    for _ in range(3):
        recorder.note(SearchQuery("Hammer", "de"), page())
        recorder.flush()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "the store is away" in caplog.text
    store.broken = False
    recorder.close()
    assert store.written == {ZeroSearch("hammer", "en", "de"): 3}


def test_what_waits_is_bounded() -> None:
    store = Failing()
    recorder = ZeroResultRecorder(lambda: store, seconds=1_000)
    for number in range(recording.MOST_PENDING + 50):
        recorder.count(SearchQuery(f"Hammer {number}", "de"), page())
    recorder.flush()
    store.broken = False
    recorder.count(SearchQuery("Hammer 0", "de"), page())
    recorder.flush()
    assert len(store.written) == recording.MOST_PENDING
    assert store.written[ZeroSearch("hammer 0", "en", "de")] == 2


def test_a_search_asks_nothing_of_the_store() -> None:
    asked = []
    recorder = ZeroResultRecorder(lambda: asked.append(1) or Failing(), seconds=1_000)  # type: ignore[func-returns-value]
    recorder.note(SearchQuery("Hammer", "de"), page())
    assert asked == []
    recorder.close()
    assert asked == [1]


def test_the_thread_writes_by_itself(tmp_path: Path) -> None:
    store = ZeroResults(open_store(tmp_path))
    recorder = ZeroResultRecorder(lambda: store, seconds=0.01)
    recorder.note(SearchQuery("Hammer", "de"), page())
    end = time.monotonic() + 30
    while not (found := store.untold()) and time.monotonic() < end:
        time.sleep(0.01)
    recorder.close()
    assert [(one.search.query, one.times) for one in found] == [("hammer", 1)]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("zero")
    settings = load(home=folder / "home", engines="echo", langs="de,en", database_url="")
    parts = Parts(settings)
    (folder / "catalog.csv").write_text("sku;name\nS-1;Hammer mit Holzstiel\n", encoding="utf-8")
    import_file(parts, folder / "catalog.csv", ImportOptions(supplier="keller", lang="de"))
    translate_pending(parts, BatchOptions(settings.langs))
    assert parts.builder().update().promoted
    return settings


def test_serve_records_when_it_ends_at_the_latest(settings: Settings) -> None:
    with TestClient(create_app(settings)) as client:
        for text in (NOTHING, f" {NOTHING.upper()}", "Hammer"):
            assert client.get("/v1/search", params={"q": text, "lang": "de"}).status_code == 200
    found = Parts(settings).zero_results.untold()
    assert [(one.search, one.times) for one in found] == [(ZeroSearch(NOTHING, "de", "de"), 2)]


def test_the_command_line_records_too_and_a_store_that_is_read_only_fails_no_search(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEXICART_HOME", str(settings.home_folder))
    monkeypatch.setenv("LEXICART_LANGS", "de,en")
    before = {one.search: one.times for one in Parts(settings).zero_results.untold()}
    run = Run(capsys)
    assert run.json("search", "nichts dergleichen zzyzxq", "--lang", "en", "--query-lang", "de")["total"] == 0
    found = {one.search: one.times for one in Parts(settings).zero_results.untold()}
    assert found == before | {ZeroSearch("nichts dergleichen zzyzxq", "de", "en"): 1}
