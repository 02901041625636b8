"""A web server of this machine that gives files, in pieces too, and can be told to misbehave."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Behaviour:
    """What a server does.

    Attributes:
        files: content by path.
        headers: sent along with a path.
        redirects: where a path leads.
        breaks: for a path, after how many bytes each of the next answers is cut off.
        busy: paths that answer 503 so many times.
        pieces: whether a request for the rest of a file is understood.
        asked: path and ``Range`` of every request.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    breaks: dict[str, list[int]] = field(default_factory=dict)
    busy: dict[str, int] = field(default_factory=dict)
    pieces: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)


class ModelServer:
    """Serves on a free port of 127.0.0.1 while its ``with`` block runs."""

    def __init__(self) -> None:
        self.does = Behaviour()
        does = self.does

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                _answer(self, does)

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "ModelServer":
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _answer(request: BaseHTTPRequestHandler, does: Behaviour) -> None:
    path, wanted = request.path, request.headers.get("Range", "")
    does.asked.append((path, wanted))
    if does.busy.get(path, 0) > 0:
        does.busy[path] -= 1
        request.send_error(503)
        return
    if path in does.redirects:
        request.send_response(302)
        request.send_header("Location", does.redirects[path])
        request.send_header("Content-Length", "0")
        request.end_headers()
        return
    if path not in does.files:
        request.send_error(404)
        return
    content, headers = does.files[path], does.headers.get(path, {})
    same = request.headers.get("If-Range", headers.get("ETag", "")) == headers.get("ETag", "")
    start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and does.pieces and same else 0
    if start and start >= len(content):
        request.send_error(416)
        return
    request.send_response(206 if start else 200)
    if start:
        request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(content) - start))
    request.end_headers()
    left = does.breaks.get(path, [])
    end = start + left.pop(0) if left else len(content)
    request.wfile.write(content[start:end])
