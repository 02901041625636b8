"""A translation server of this machine that marks words, takes its time and remembers what it was asked when."""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from translation.engine import Pair
from translation.engines.echo import EchoEngine

TEXTS_AT_ONCE = 10


@dataclass(slots=True)
class Asked:
    """A request: what, and when it began and was answered, by the monotonic clock; ``None`` while it is open."""

    pair: str
    texts: tuple[str, ...]
    begun: float
    answered: float | None = None


class EchoServer:
    """Speaks LibreTranslate's interface on a free port of 127.0.0.1 while its ``with`` block runs.

    Args:
        langs: languages between which it translates.
        seconds: how long a request takes.
    """

    def __init__(self, langs: Sequence[str], seconds: float = 0.0) -> None:
        self.asked: list[Asked] = []
        self._seconds = seconds
        self._languages = [{"code": lang, "targets": list(langs)} for lang in langs]
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                limits = {"batchLimit": TEXTS_AT_ONCE}
                self._say(outer._languages if self.path == "/languages" else limits)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._say({"translatedText": outer._translate(body)})

            def _say(self, body: Any) -> None:
                content = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _translate(self, body: dict[str, Any]) -> list[str]:
        pair = Pair(body["source"], body["target"])
        asked = Asked(str(pair), tuple(body["q"]), time.monotonic())
        self.asked.append(asked)
        time.sleep(self._seconds)
        answers = EchoEngine([pair]).translate(pair, body["q"])
        asked.answered = time.monotonic()
        return answers

    def __enter__(self) -> "EchoServer":
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that were killed while they waited."""
