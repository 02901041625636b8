"""What is noted of every request: a count, its time, and a line in the log; of its path only the template."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics

LOG = logging.getLogger("lexicart.access")

NO_ROUTE = "(none)"
"""Stands for every path that no route has: paths that people make up must not become labels."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_GONE = 499
"""For a request whose answer nobody waited for."""


class Observed:
    """Notes every request of an application.

    Args:
        app: what answers.
        metrics: to count in.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, then note what it answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = _GONE
        started = time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception:
            # Whoever stands outside makes an answer of it.
            status = 500
            raise
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route, method = _template(scope), _method(scope)
        self._metrics.request(route, method, status, seconds)
        fields = {"method": method, "path": route, "status": status, "milliseconds": round(1000 * seconds, 1)}
        LOG.info("%s %s %d %.1f ms", *fields.values(), extra=fields)


def _template(scope: Scope) -> str:
    route = scope.get("route")
    found = getattr(route, "path_format", None) or getattr(route, "path", None)
    return found if isinstance(found, str) else NO_ROUTE


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in _METHODS else "other"
