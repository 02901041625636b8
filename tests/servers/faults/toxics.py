"""What a proxy does to a request: ready-made faults, each as it was met in the wild."""

import json
import threading
import time

from tests.servers.faults.proxy import Answer, Exchange, Spoil

_OF_ELASTICSEARCH = (("Content-Type", "application/json"), ("X-elastic-product", "Elasticsearch"))


def late(seconds: float) -> Spoil:
    """Give the request to the node late."""

    def spoil(exchange: Exchange) -> None:
        exchange.closing.wait(seconds)
        exchange.answer(exchange.ask())

    return spoil


def silent(exchange: Exchange) -> None:
    """Take the request and never answer."""
    exchange.closing.wait()
    exchange.hang_up(reset=True)


def reset(exchange: Exchange) -> None:
    """Reset the connection before the node gets the request."""
    exchange.hang_up(reset=True)


def lose_answer(exchange: Exchange) -> None:
    """Let the node do what is asked, and reset the connection instead of telling what it answered."""
    exchange.ask()
    exchange.hang_up(reset=True)


def close(exchange: Exchange) -> None:
    """Close the connection in good order without an answer."""
    exchange.hang_up(reset=False)


def cut(share: float = 0.5) -> Spoil:
    """Send a part of the node's answer and close."""

    def spoil(exchange: Exchange) -> None:
        answer = exchange.ask()
        exchange.answer(answer, length=int(share * len(answer.body)))
        exchange.hang_up(reset=False)

    return spoil


def garbled(exchange: Exchange) -> None:
    """Send the first half of the node's answer as if it were the whole."""
    answer = exchange.ask()
    exchange.answer(Answer(answer.status, answer.body[: len(answer.body) // 2], answer.headers))


def slow_close(seconds: float) -> Spoil:
    """Answer, and keep the connection half a while before it is closed unasked."""

    def spoil(exchange: Exchange) -> None:
        exchange.answer(exchange.ask())
        exchange.closing.wait(seconds)
        exchange.hang_up(reset=False)

    return spoil


def trickle(bytes_at_once: int, pause: float) -> Spoil:
    """Send the node's answer slowly."""
    return lambda exchange: exchange.answer(exchange.ask(), bytes_at_once=bytes_at_once, pause=pause)


def html(status: int, text: str = "nginx") -> Spoil:
    """Answer with a page of a proxy instead of the node."""
    body = f"<html>\n<head><title>{status}</title></head>\n<body><h1>{status}</h1><hr>{text}</body>\n</html>\n"
    return lambda exchange: exchange.answer(Answer(status, body.encode(), (("Content-Type", "text/html"),)))


def refusing(status: int, kind: str, why: str = "as told") -> Spoil:
    """Answer as Elasticsearch does when it refuses a request as a whole."""
    error = {"type": kind, "reason": why}
    body = json.dumps({"error": {"root_cause": [error], **error}, "status": status}).encode()
    return lambda exchange: exchange.answer(Answer(status, body, _OF_ELASTICSEARCH))


def half_refused(exchange: Exchange) -> None:
    """Let the node do a bulk request of which every second document is refused for want of room (429)."""
    lines = exchange.body.splitlines()
    kept: list[bytes] = []
    places: list[tuple[str, dict[str, str], bool]] = []
    at = 0
    while at < len(lines):
        [(kind, place)] = json.loads(lines[at]).items()
        size = 1 if kind == "delete" else 2
        is_taken = len(places) % 2 == 0
        places.append((kind, place, is_taken))
        kept += lines[at : at + size] if is_taken else []
        at += size
    taken = iter(json.loads(exchange.ask(b"\n".join(kept) + b"\n").body)["items"] if kept else ())
    error = {"type": "es_rejected_execution_exception", "reason": "as told"}
    items = [next(taken) if ok else {kind: {**place, "status": 429, "error": error}} for kind, place, ok in places]
    body = json.dumps({"took": 1, "errors": True, "items": items}).encode()
    exchange.answer(Answer(200, body, _OF_ELASTICSEARCH))


class Storm:
    """Spoils requests for so many seconds from the first one on; then they pass.

    Args:
        seconds: how long.
        spoil: what is done to them.
        begins: it begins with the first request whose method and path have this in them.
    """

    def __init__(self, seconds: float, spoil: Spoil, begins: str = "") -> None:
        self._seconds = seconds
        self._spoil = spoil
        self._begins = begins
        self._until: float | None = None
        self._lock = threading.Lock()
        self.refused = 0

    def __call__(self, exchange: Exchange) -> None:
        """Refuse a request, or let it pass where the storm is over."""
        with self._lock:
            if self._until is None and self._begins in exchange.request:
                self._until = time.monotonic() + self._seconds
            rages = self._until is not None and time.monotonic() < self._until
            self.refused += rages
        if rages:
            self._spoil(exchange)
        else:
            exchange.answer(exchange.ask())
