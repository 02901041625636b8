"""An HTTP proxy before one node that spoils chosen requests: what lies between us and a cluster, and what it does.

Its toxics (the word is toxiproxy's) are functions of one :class:`Exchange`. A request that no toxic wants goes to the
node and back untouched.
"""

import re
import socket
import struct
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import ClassVar, Self

_NODE_SECONDS = 120

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a node, or something in its place, answered."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Exchange:
    """One request that came, and what may be done with it.

    Attributes:
        request: method and path.
        body: as it came.
        closing: set when the proxy ends; who makes a request wait, waits for this.
    """

    def __init__(self, handler: "_Handler", body: bytes, closing: threading.Event) -> None:
        self._handler = handler
        self.request = f"{handler.command} {handler.path}"
        self.body = body
        self.closing = closing

    def ask(self, body: bytes | None = None) -> Answer:
        """Give the request to the node, with its own body or another, and return what the node answered."""
        node = HTTPConnection(*self._handler.node, timeout=_NODE_SECONDS)
        try:
            headers = {key: value for key, value in self._handler.headers.items() if key.lower() not in _HOP_BY_HOP}
            node.request(self._handler.command, self._handler.path, self.body if body is None else body, headers)
            answer = node.getresponse()
            kept = tuple((key, value) for key, value in answer.getheaders() if key.lower() not in _HOP_BY_HOP)
            return Answer(answer.status, answer.read(), kept)
        finally:
            node.close()

    def answer(self, answer: Answer, *, length: int | None = None, bytes_at_once: int = 0, pause: float = 0.0) -> None:
        """Send an answer.

        Args:
            length: how much of the body is sent, of that which is announced.
            bytes_at_once: sent between two pauses; 0 sends all.
            pause: seconds.
        """
        handler = self._handler
        handler.send_response_only(answer.status)
        for key, value in answer.headers:
            handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        body = answer.body if length is None else answer.body[:length]
        step = bytes_at_once or max(len(body), 1)
        for at in range(0, len(body), step):
            handler.wfile.write(body[at : at + step])
            handler.wfile.flush()
            if pause and self.closing.wait(pause):
                break

    def hang_up(self, *, reset: bool) -> None:
        """Close the connection, with a reset (RST) or in good order (FIN)."""
        self._handler.close_connection = True
        connection = self._handler.connection
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        connection.close()


Spoil = Callable[[Exchange], None]


@dataclass(slots=True)
class Toxic:
    """What is done to which requests.

    Attributes:
        requests: matched against the method and path, such as ``POST /_bulk``.
        times: how many requests it spoils, ``None`` for all.
        met: how many it has spoiled.
    """

    spoil: Spoil
    requests: re.Pattern[str]
    times: int | None = None
    met: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def takes(self, request: str) -> bool:
        """Say whether this request is to be spoiled, and count it then."""
        with self._lock:
            if (self.times is not None and self.met >= self.times) or not self.requests.search(request):
                return False
            self.met += 1
            return True


class FaultProxy:
    """A proxy on a free port of this machine.

    Args:
        node: address of the node behind it.
    """

    def __init__(self, node: str) -> None:
        place = urllib.parse.urlsplit(node)
        assert place.hostname is not None
        assert place.port is not None
        self.toxics: list[Toxic] = []
        self._closing = threading.Event()
        handler = type("Handler", (_Handler,), {"proxy": self, "node": (place.hostname, place.port)})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """Where it listens, without credentials."""
        return f"http://{self.address}"

    @property
    def closing(self) -> threading.Event:
        """Set when it ends."""
        return self._closing

    @contextmanager
    def spoiling(self, spoil: Spoil, requests: str = "", times: int | None = None) -> Iterator[Toxic]:
        """Spoil requests for as long as the block runs."""
        toxic = Toxic(spoil, re.compile(requests), times)
        self.toxics.append(toxic)
        try:
            yield toxic
        finally:
            self.toxics.remove(toxic)

    def spoil_of(self, request: str) -> Spoil | None:
        """Return what is done to a request, ``None`` for nothing."""
        return next((toxic.spoil for toxic in list(self.toxics) if toxic.takes(request)), None)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    proxy: ClassVar[FaultProxy]
    node: ClassVar[tuple[str, int]]

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        exchange = Exchange(self, body, self.proxy.closing)
        spoil = self.proxy.spoil_of(exchange.request)
        if spoil is None:
            exchange.answer(exchange.ask())
        else:
            spoil(exchange)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _any  # noqa: N815 (names that the library asks for)

    def log_message(self, format: str, *args: object) -> None:
        """Write no log."""
