"""The record of searches that found nothing, on both databases."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from search.zero_results import ZeroResults, ZeroSearch
from tests.servers.stores import open_store

pytestmark = pytest.mark.usefixtures("database")

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(tmp_path)
    yield engine
    engine.dispose()


def search(text: str, query_lang: str = "de", lang: str = "de") -> ZeroSearch:
    return ZeroSearch(text, query_lang, lang)


def told(store: ZeroResults) -> list[tuple[str, int, int]]:
    return [(one.search.query, one.times, one.in_all) for one in store.untold()]


def test_searches_are_counted_by_words_and_languages(engine: Engine) -> None:
    store = ZeroResults(engine)
    store.add({})
    store.add({search("nagel"): 2, search("nagel", lang="fr"): 1, search("nagel", query_lang="nl"): 1}, NOON)
    store.add({search("nagel"): 3, search("قلم"): 1}, NOON + timedelta(hours=1))
    found = store.untold()
    assert [(one.search.query, one.search.query_lang, one.search.lang, one.times) for one in found] == [
        ("nagel", "de", "de", 5), ("nagel", "de", "fr", 1), ("nagel", "nl", "de", 1), ("قلم", "de", "de", 1),
    ]  # fmt: skip
    assert found[0].last_at == NOON + timedelta(hours=1)
    assert found[1].as_json() == {
        "query": "nagel", "query_lang": "de", "lang": "fr", "times": 1, "in_all": 1,
        "last_at": "2026-03-01T12:00:00+00:00",
    }  # fmt: skip


def test_what_comes_between_report_and_note_is_told_of_the_next_time(engine: Engine) -> None:
    store = ZeroResults(engine)
    store.add({search("nagel"): 2, search("niete"): 1})
    reported = store.untold()
    store.add({search("nagel"): 1, search("neu"): 1})
    store.told(reported)
    assert told(store) == [("nagel", 1, 3), ("neu", 1, 1)]
    store.told(store.untold())
    assert told(store) == []
    store.told([])


def test_searches_that_are_not_repeated_for_90_days_are_dropped(engine: Engine) -> None:
    store = ZeroResults(engine)
    store.add({search("old"): 1, search("again"): 1}, NOON - timedelta(days=91))
    store.add({search("again"): 1, search("new"): 1}, NOON - timedelta(days=89))
    assert store.drop_old(NOON) == 1
    assert told(store) == [("again", 2, 2), ("new", 1, 1)]


def test_the_record_is_bounded_and_the_oldest_go(engine: Engine) -> None:
    store = ZeroResults(engine, most=10)
    for number in range(30):
        store.add({search(f"number {number:02}"): 1, search("steady"): 1}, NOON + timedelta(seconds=number))
    names = {one.search.query for one in store.untold()}
    assert len(names) <= 10
    assert {"steady", "number 29", "number 25"} <= names
    store.add({search(f"at once {number}"): 1 for number in range(50)}, NOON + timedelta(hours=1))
    assert len(store.untold()) == 9


def test_many_writers_count_everything(engine: Engine) -> None:
    searches = [search(f"nagel {number}") for number in range(20)]
    failed = []

    def write(turn: int) -> None:
        try:
            for _ in range(5):
                ZeroResults(engine).add(dict.fromkeys(searches[turn:] + searches[:turn], 1))
        except BaseException as exc:
            failed.append(exc)

    threads = [threading.Thread(target=write, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {one.times for one in ZeroResults(engine).untold()} == {20}
