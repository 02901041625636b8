"""The LibreTranslate engine against a real HTTP server that behaves, and one that does not."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from catalog.errors import PermanentEngineError, TransientEngineError, UnavailableError
from tests.contract.engine import EngineContract
from translation.engine import Pair
from translation.engines.libretranslate import TRIES, LibreTranslateEngine

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
    assert (engine.usage.requests, engine.usage.characters) == (3, sum(map(len, texts)))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again_after_growing_waits(
    engine: LibreTranslateEngine, server: Server, waits: list[float], status: int
) -> None:
    good = server.answer
    server.answer = lambda body: (status, {"error": "slow down"}, {}) if len(server.asked) < 4 else good(body)
    assert engine.translate(EN_DE, ["lamp"]) == ["<lamp>"]
    assert len(waits) == 3
    assert waits[0] <= 1 < waits[2] <= 4
    assert engine.usage.retries == 3


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
    with pytest.raises(UnavailableError, match="budget of 10 characters"):
        engine.translate(EN_DE, ["123456"])
    assert sum(len(text) for body in server.asked for text in body["q"]) == 5


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(UnavailableError, match="LEXICART_LIBRETRANSLATE_URL"):
        LibreTranslateEngine("http://127.0.0.1:9").info()
