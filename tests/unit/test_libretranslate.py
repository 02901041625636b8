"""The LibreTranslate engine against a real HTTP server that behaves, and one that does not."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from api.bootstrap import Parts
from api.intake import import_file
from api.settings import load
from api.status import status_of
from api.translating import translate_pending
from catalog.errors import PermanentEngineError, TransientEngineError, UnavailableError, UsageError
from catalog.options import ImportOptions
from tests.contract.engine import EngineContract
from tests.servers.stores import open_store
from translation.batch import BatchOptions
from translation.engine import Pair
from translation.engines.libretranslate import TRIES, LibreTranslateEngine
from translation.engines.usage import Metered, Usage
from translation.records.spending import Spending

LANGUAGES = [
    {"code": "en", "name": "English", "targets": ["en", "de", "pt-BR", "zh-Hans"]},
    {"code": "zh-Hans", "name": "Chinese", "targets": ["en"]},
    {"code": "sv", "name": "Swedish", "targets": ["en"]},
]
Answer = tuple[int, Any, dict[str, str]]


class Server:
    """A server on this machine; ``answer`` decides what it says to a translation."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer: Callable[[dict[str, Any]], Answer] = lambda body: (
            200,
            {"translatedText": [f"<{text}>" for text in body["q"]]},
            {},
        )
        self.settings: dict[str, Any] = {"charLimit": 2000, "batchLimit": 50}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._say(200, LANGUAGES if self.path == "/languages" else outer.settings, {})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append(body)
                self._say(*outer.answer(body))

            def _say(self, status: int, body: Any, headers: dict[str, str]) -> None:
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def engine(server: Server, waits: list[float]) -> LibreTranslateEngine:
    return LibreTranslateEngine(server.url, "secret", sleep=waits.append)


EN_DE = Pair("en", "de")


class TestContract(EngineContract):
    pass


def test_pairs_are_those_of_the_server_by_our_codes(engine: LibreTranslateEngine) -> None:
    assert {str(pair) for pair in engine.info().pairs} == {"en-de", "en-pt", "en-zh", "zh-en"}


def test_the_servers_own_codes_and_the_key_are_sent(engine: LibreTranslateEngine, server: Server) -> None:
    assert engine.translate(Pair("en", "zh"), ["lamp"]) == ["<lamp>"]
    assert server.asked == [{"q": ["lamp"], "source": "en", "target": "zh-Hans", "format": "text", "api_key": "secret"}]


def test_requests_keep_the_servers_limits(engine: LibreTranslateEngine, server: Server) -> None:
    texts = [f"lamp {number:03} {'x' * 90}" for number in range(60)]
    assert engine.translate(EN_DE, texts) == [f"<{text}>" for text in texts]
    assert [len(body["q"]) for body in server.asked] == [20, 20, 20]
    assert max(sum(map(len, body["q"])) for body in server.asked) <= 2000
    assert isinstance(engine, Metered)
    sent = sum(map(len, texts))
    assert engine.usage() == Usage(requests=3, characters=sent, spent=sent)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again_after_growing_waits(
    engine: LibreTranslateEngine, server: Server, waits: list[float], status: int
) -> None:
    good = server.answer
    server.answer = lambda body: (status, {"error": "slow down"}, {}) if len(server.asked) < 4 else good(body)
    assert engine.translate(EN_DE, ["lamp"]) == ["<lamp>"]
    assert len(waits) == 3
    assert waits[0] <= 1 < waits[2] <= 4
    assert engine.usage() == Usage(requests=1, characters=4, retries=3, spent=4)


def test_the_wait_that_the_server_asks_for_is_kept(
    engine: LibreTranslateEngine, server: Server, waits: list[float]
) -> None:
    good = server.answer
    server.answer = lambda body: (429, {}, {"Retry-After": "20"}) if len(server.asked) < 2 else good(body)
    engine.translate(EN_DE, ["lamp"])
    assert 10 <= waits[0] <= 20


def test_in_the_end_it_gives_up_and_says_why(engine: LibreTranslateEngine, server: Server) -> None:
    server.answer = lambda _: (503, {"error": "overloaded"}, {})
    with pytest.raises(TransientEngineError, match="overloaded"):
        engine.translate(EN_DE, ["lamp"])
    assert len(server.asked) == TRIES


def test_a_bad_request_is_not_tried_again(engine: LibreTranslateEngine, server: Server) -> None:
    server.answer = lambda _: (400, {"error": "invalid"}, {})
    with pytest.raises(PermanentEngineError, match="invalid"):
        engine.translate(EN_DE, ["lamp"])
    assert len(server.asked) == 1


def test_a_refused_key_is_named(engine: LibreTranslateEngine, server: Server) -> None:
    server.answer = lambda _: (403, {"error": "Invalid API key"}, {})
    with pytest.raises(UnavailableError, match="LEXICART_LIBRETRANSLATE_API_KEY"):
        engine.translate(EN_DE, ["lamp"])


@pytest.mark.parametrize(
    "body",
    [b"<html>", {"translatedText": "one"}, {"translatedText": ["a", "b"]}, {"other": 1}, {"translatedText": [1]}],
)
def test_an_answer_that_is_none_is_no_translation(engine: LibreTranslateEngine, server: Server, body: Any) -> None:
    server.answer = lambda _: (200, body, {})
    with pytest.raises(TransientEngineError):
        engine.translate(EN_DE, ["lamp"])


def test_the_budget_stops_before_it_is_passed(server: Server) -> None:
    engine = LibreTranslateEngine(server.url, budget=10)
    assert engine.translate(EN_DE, ["12345"]) == ["<12345>"]
    with pytest.raises(UnavailableError, match="budget of 10 a month"):
        engine.translate(EN_DE, ["123456"])
    assert sum(len(text) for body in server.asked for text in body["q"]) == 5
    assert engine.usage() == Usage(requests=1, characters=5, spent=5, budget=10)
    assert engine.translate(EN_DE, ["54321"]) == ["<54321>"]


def consume(items: Iterable[object]) -> None:
    for _ in items:
        pass


@pytest.fixture
def store(database: str, tmp_path: Path) -> Engine:
    return open_store(tmp_path)


def test_workers_share_a_budget(server: Server, store: Engine) -> None:
    workers = [LibreTranslateEngine(server.url, budget=100, ledger=Spending(store)) for _ in range(4)]

    def work(engine: LibreTranslateEngine) -> None:
        with pytest.raises(UnavailableError, match="budget of 100 a month"):
            consume(engine.translate(EN_DE, ["1234567"]) for _ in range(30))

    with ThreadPoolExecutor(4) as threads:
        consume(threads.map(work, workers))
    assert sum(len(text) for body in server.asked for text in body["q"]) == 98
    assert workers[0].usage().spent == 98


def test_a_new_month_has_its_own_budget(store: Engine) -> None:
    days = iter([datetime(2026, 11, 30, tzinfo=UTC)] * 4 + [datetime(2026, 12, 1, tzinfo=UTC)] * 3)
    ledger = Spending(store, lambda: next(days))
    assert ledger.spend("libretranslate", 90, 100)
    assert not ledger.spend("libretranslate", 11, 100)
    assert ledger.spend("another", 11, 100)
    assert ledger.spent("libretranslate") == 90
    assert ledger.spent("libretranslate") == 0
    assert ledger.spend("libretranslate", 5_000_000_000, 0)
    assert ledger.spent("libretranslate") == 5_000_000_000


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(UnavailableError, match="LEXICART_LIBRETRANSLATE_URL"):
        LibreTranslateEngine("http://127.0.0.1:9").info()


def test_a_run_stops_before_the_months_budget_and_says_what_was_sent(server: Server, tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.csv"
    catalog.write_text("sku,title\n1,green garden hose\n2,a very long hose for large gardens\n", encoding="utf-8")
    home = tmp_path / "home"
    settings = {"home": home, "langs": "en,de", "engines": "libretranslate", "libretranslate_url": server.url}
    small = Parts(load(**settings, libretranslate_budget=20))
    import_file(small, catalog, ImportOptions("acme", lang="en"))
    failure = translate_pending(small, BatchOptions(("de",))).failure
    assert isinstance(failure, UnavailableError)
    assert "LEXICART_LIBRETRANSLATE_BUDGET" in str(failure)
    assert status_of(small)["engines"][0]["usage"]["spent"] <= 20
    states = small.translations.coverage(["de"])["de"]
    assert states["needs_review"] == 0  # nothing is wrong with the texts: they wait
    large = Parts(load(**settings, libretranslate_budget=1_000))
    report = translate_pending(large, BatchOptions(("de",)))
    assert report.usage["libretranslate"].budget == 1_000
    assert 0 < report.usage["libretranslate"].spent < 1_000
    assert (report.translated, report.by_engine["libretranslate"]) == (2, 2)
    for parts in (small, large):
        parts.close()


def test_an_address_without_a_scheme_is_named() -> None:
    with pytest.raises(UsageError, match="begin with http"):
        LibreTranslateEngine("localhost:5000")
