"""What an Elasticsearch cluster says of itself: processor time, heap, and what its indexes take on the disk."""

import threading
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.exceptions import GeneralAvailabilityWarning

from benchmarks.million_texts import resident

_GAUGE_SECONDS = 1.0
_MERGE_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Most:
    """The most that was seen in a stretch of time, in MiB; ``least_heap`` is what stays after a collection."""

    resident: float
    heap: float
    least_heap: float
    heap_limit: float


class Nodes:
    """The nodes of a cluster.

    Args:
        client: may ask for statistics.
    """

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client

    def processor(self) -> float:
        """Return the seconds of processor time that all nodes have taken since they started."""
        return sum(float(node["process"]["cpu"]["total_in_millis"]) / 1000 for node in self._stats("process"))

    def collecting(self) -> float:
        """Return the seconds that all nodes have spent collecting garbage."""
        return sum(
            float(one["collection_time_in_millis"]) / 1000
            for node in self._stats("jvm")
            for one in node["jvm"]["gc"]["collectors"].values()
        )

    def heap(self) -> tuple[float, float]:
        """Return the heap of the node that has most in use, and its limit, in MiB."""
        used = [node["jvm"]["mem"] for node in self._stats("jvm")]
        most = max(used, key=lambda one: float(one["heap_used_in_bytes"]))
        return float(most["heap_used_in_bytes"]) / 2**20, float(most["heap_max_in_bytes"]) / 2**20

    def _stats(self, metric: str) -> list[Mapping[str, Any]]:
        return list(self._client.nodes.stats(metric=metric)["nodes"].values())

    def settle(self, indexes: Sequence[str]) -> float:
        """Wait until no index merges segments; return the seconds waited."""
        started = time.perf_counter()
        while time.perf_counter() - started < _MERGE_SECONDS:
            stats = self._client.indices.stats(index=list(indexes), metric="merge")
            if not stats["_all"]["total"]["merges"]["current"]:
                break
            time.sleep(1)
        return time.perf_counter() - started

    def size(self, index: str) -> tuple[int, int]:
        """Return bytes on the disk and segments of an index's primary shards."""
        found = self._client.indices.stats(index=index, metric=["store", "segments"])["_all"]["primaries"]
        return int(found["store"]["size_in_bytes"]), int(found["segments"]["count"])

    def fields(self, index: str) -> dict[str, dict[str, int]]:
        """Return for each field of an index the bytes of its structures, as Elasticsearch analyses its files."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GeneralAvailabilityWarning)
            usage = self._client.indices.disk_usage(index=index, run_expensive_tasks=True, flush=True)[index]
        found = {name: {"total": int(one["total_in_bytes"]), **_parts(one)} for name, one in usage["fields"].items()}
        return {"": {"total": int(usage["store_size_in_bytes"]), **_parts(usage["all_fields"])}, **found}

    def searched(self, index: str) -> int:
        """Return the bytes of an index's vectors that a search reads at random: of one byte a dimension, and graphs.

        The exact vectors are not among them: of these only the best candidates' are read.
        """
        found = self._client.indices.stats(index=index, metric="dense_vector")["_all"]["primaries"]
        off_heap = found.get("dense_vector", {}).get("off_heap", {})
        return int(off_heap.get("total_veq_size_bytes", 0)) + int(off_heap.get("total_vex_size_bytes", 0))

    @contextmanager
    def gauge(self) -> Iterator[list[Most]]:
        """Look once a second at our memory and the nodes' heap; the list holds the most at the end."""
        found: list[Most] = []
        seen: list[tuple[float, float, float]] = []
        done = threading.Event()

        def look() -> None:
            while not done.wait(_GAUGE_SECONDS):
                seen.append((resident(), *self.heap()))

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            done.set()
            thread.join()
            seen.append((resident(), *self.heap()))
            ours, heap, limit = zip(*seen, strict=True)
            found.append(Most(max(ours), max(heap), min(heap[len(heap) // 2 :]), max(limit)))


def _parts(usage: Mapping[str, Any]) -> dict[str, int]:
    told = {"inverted_index": 0, **dict.fromkeys(("stored_fields", "doc_values", "points", "norms"), 0)}
    told |= {"term_vectors": 0, "knn_vectors": 0}
    for name in told:
        if name == "inverted_index":
            told[name] = int(usage.get(name, {}).get("total_in_bytes", 0))
        else:
            told[name] = int(usage.get(f"{name}_in_bytes", 0))
    return told
