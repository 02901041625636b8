"""One node of a cluster: it is named in every failure, and only Elasticsearch's own answers are taken for answers."""

import re
import threading
from collections.abc import Sequence
from typing import Any

from elastic_transport import BaseNode, ConnectionTimeout, NodeConfig, NodePool, TransportError, Urllib3HttpNode
from elastic_transport import ConnectionError as TransportConnectionError
from elastic_transport.client_utils import DEFAULT
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

_PRODUCT = "x-elastic-product"
"""Elasticsearch puts this header on whatever it answers, refusals too; proxies before it don't."""

_LONGEST_SAID = 200
"""Characters that a message repeats of what somebody else answered."""

_TAGS = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


class ForeignAnswerError(TransportConnectionError):
    """Something that is not Elasticsearch answered in its place; the next node may be reached."""


class ClusterNodes(NodePool):
    """The nodes of a cluster for any number of threads.

    The library's own pool is read by one thread while another takes a dead node out of it: of 7,000 searches while
    nodes were killed, one failed by that.
    """

    def __init__(self, configs: Sequence[NodeConfig], *given: Any, **options: Any) -> None:
        self._changing = threading.RLock()
        super().__init__(list(configs), *given, **options)

    def get(self) -> BaseNode:
        """Return a node to ask; see :class:`elastic_transport.NodePool`."""
        with self._changing:
            return super().get()

    def mark_dead(self, node: BaseNode, _now: float | None = None) -> None:
        """Leave a node alone for a while."""
        with self._changing:
            super().mark_dead(node, _now)

    def mark_live(self, node: BaseNode) -> None:
        """Ask a node again."""
        with self._changing:
            super().mark_live(node)


class ClusterNode(Urllib3HttpNode):
    """A node over HTTP."""

    def perform_request(self, method: str, target: str, *given: Any, **options: Any) -> Any:
        """Send one request; see :class:`elastic_transport.BaseNode`.

        Raises:
            TransportError: the message begins with the node's address, which holds no credentials.
        """
        try:
            answer = super().perform_request(method, target, *given, **options)
        except TransportError as exc:
            exc.message = f"{self.base_url}: {self._said(exc, options)}"
            raise
        status = answer.meta.status
        # 401, 403, 413 and 429 mean the same whoever says them.
        if _PRODUCT not in answer.meta.headers and (status < 300 or status == 404 or status >= 500):
            said = plain(answer.body.decode("utf-8", "replace"))
            raise ForeignAnswerError(f"{self.base_url}: {status} from something that is no Elasticsearch ({said})")
        return answer

    def _said(self, exc: TransportError, options: dict[str, Any]) -> str:
        if isinstance(exc, ConnectionTimeout):
            seconds = options.get("request_timeout", DEFAULT)
            return f"no answer within {self.config.request_timeout if seconds is DEFAULT else seconds:.0f} seconds"
        if isinstance(exc.__cause__, NewConnectionError):
            # What comes before tells Python's names for the connection.
            return str(exc.message).rpartition("): ")[2]
        return str(exc.message)


def is_unsent(exc: Exception) -> bool:
    """Whether a request failed before anything of it was sent."""
    return isinstance(exc.__cause__, NewConnectionError | ConnectTimeoutError)


def plain(text: str) -> str:
    """Return the beginning of a text without markup and line breaks; a proxy's pages are HTML."""
    said = " ".join(_TAGS.sub(" ", text).split())
    return said if len(said) <= _LONGEST_SAID else f"{said[:_LONGEST_SAID]}..."
