"""Serving the HTTP API: the socket is bound before uvicorn starts, so that a taken port is an error of ours.

uvicorn gets no logging of its own: what it says goes the way of all messages (:mod:`api.logs`), and the line for each
request is written by :mod:`api.observing`, without the query.
"""

import logging
import socket

import click
import uvicorn
from uvicorn.supervisors import Multiprocess

from api.settings import load
from catalog.errors import UnavailableError

LOG = logging.getLogger("lexicart.serve")

_APP = "api.app:create_app"


def serve(host: str, port: int, workers: int) -> None:
    """Serve until a signal ends it; the URL is printed on standard error when requests are answered.

    Args:
        host: name or address to listen on.
        port: 0 takes a free one.
        workers: processes that answer.

    Raises:
        UnavailableError: the address can't be listened on, or a worker could not start.
    """
    listening = _listen(host, port)
    url = _url(host, listening)
    config = uvicorn.Config(_APP, factory=True, workers=workers, log_config=None, log_level=None, access_log=False)
    try:
        if workers == 1:
            _Server(config, url).run(sockets=[listening])
        else:
            _announce(url)
            supervisor = Multiprocess(config, sockets=[listening])
            supervisor.run()
            if any((process.exitcode or 0) > 0 for process in supervisor.processes):
                raise UnavailableError("a worker process could not start: the lines above say why")
    except KeyboardInterrupt:
        return
    finally:
        listening.close()


class _Server(uvicorn.Server):
    """Says where it listens as soon as it does."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        _announce(self._url)


def _announce(url: str) -> None:
    sentence = f"Lexicart answers on {url} (documentation: {url}/docs); Ctrl+C ends it"
    if load().log_format == "json":
        LOG.setLevel(logging.INFO)  # it is said whatever the level is, as in text
        LOG.info(sentence, extra={"url": url})
    else:
        click.echo(sentence, err=True)


def _listen(host: str, port: int) -> socket.socket:
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise UnavailableError(f"can't listen on host {host!r}: {exc}. Give another one with --host.") from exc
    refused: OSError | None = None
    for family, kind, protocol, _, address in places:
        place = socket.socket(family, kind, protocol)
        try:
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            place.bind(address)
            place.listen()  # at once: only a listening socket keeps others off its port
        except OSError as exc:
            place.close()
            refused = exc
        else:
            place.set_inheritable(True)
            return place
    reason = refused.strerror if refused else "it has no address"
    raise UnavailableError(
        f"can't listen on {host}, port {port}: {reason}. Give another --port or --host, or end what listens there."
    ) from refused


def _url(host: str, listening: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listening.getsockname()[1]}"
