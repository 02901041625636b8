"""Kills nodes of a cluster of three as a fault would, and brings them back."""

import json
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.servers.elasticsearch.cluster import Cluster

_BACK_SECONDS = 180


@dataclass(slots=True)
class Killer:
    """Kills one node at a time.

    Attributes:
        cluster: three nodes that run.
        killed: names of the nodes that were killed, in order, each with its role.
        killed_at: when the last one was (monotonic).
    """

    cluster: Cluster
    killed: list[tuple[str, str]] = field(default_factory=list)
    killed_at: float = 0.0

    def master(self) -> str:
        """Return the name of the node that is the master now."""
        [row] = _ask(self.cluster.urls[0], "_cat/master?format=json")
        return str(row["node"])

    def kill(self, role: str) -> str:
        """Kill the master, or a node that is not (``data``); return its name."""
        master = self.master()
        name = master if role == "master" else next(one.name for one in self.cluster.nodes if one.name != master)
        self.killed_at = time.monotonic()
        self.cluster.kill(name)
        self.killed.append((name, role))
        return name

    def kill_all(self) -> None:
        """Kill every node that runs."""
        self.killed_at = time.monotonic()
        for node in self.cluster.nodes:
            if node.runs:
                self.cluster.kill(node.name)
                self.killed.append((node.name, "all"))

    def revive_all(self) -> float:
        """Start what was killed again and wait until every document has its copy; return the seconds it took."""
        started = time.monotonic()
        for node in self.cluster.nodes:
            if not node.runs:
                self.cluster.revive(node.name)
        query = f"_cluster/health?wait_for_nodes={len(self.cluster.nodes)}&wait_for_status=green&timeout=1s"
        while not self._is_whole(query):
            assert time.monotonic() < started + _BACK_SECONDS, "the cluster does not become whole again"
            time.sleep(0.2)
        return time.monotonic() - started

    def _is_whole(self, query: str) -> bool:
        with suppress(OSError, ValueError, IndexError):
            urls = self.cluster.urls
            if len(urls) == len(self.cluster.nodes):
                return not _ask(urls[0], query)["timed_out"]
        return False


class Halfway:
    """Does something once, when half of the products were written; what builders call with their progress.

    Args:
        products: how many will be written.
        work: what is done then.
    """

    def __init__(self, products: int, work: Callable[[], object]) -> None:
        self._left = products / 2
        self._work = work
        self.done = False

    def __call__(self, products: int) -> None:
        self._left -= products
        if self._left <= 0 and not self.done:
            self.done = True
            self._work()


def _ask(url: str, path: str) -> Any:
    with urllib.request.urlopen(f"{url}/{path}", timeout=30) as answer:
        return json.load(answer)
