"""Metrics in Prometheus' text format: what this process answered, and what the installation holds.

Requests and searches are counted by each process for itself; what is read from the store is the same whichever process
answers. Labels come from short lists (routes, methods, statuses, languages, states): never a query or a supplier.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from api.bootstrap import Parts
from api.kept import Kept, Reading
from api.recording import ZeroResultRecorder
from catalog.database import utc_now
from search.model import SearchPage, SearchQuery
from search.zero_results import ZeroResults, missed_by

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

KEPT_SECONDS = 15.0
"""For so long what was read from store and index is new."""

TEXTS_KEPT_SECONDS = 60.0
"""The same for the texts by state: counting walks through all of them, in every language."""

PATIENCE_SECONDS = 3.0
"""So long a scrape waits for store and index; Prometheus itself waits ten seconds."""


class Metrics:
    """The metrics of one application, in a registry of its own.

    Args:
        parts: the installation; read when somebody asks for the metrics.
        kept: seconds for which what was read is new.
        patience: seconds that a scrape waits for store and index.
    """

    def __init__(self, parts: Parts, kept: float = KEPT_SECONDS, patience: float = PATIENCE_SECONDS) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "lexicart_http_requests",
            "Requests that this process answered.",
            ("route", "method", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "lexicart_http_request_seconds",
            "Time from a request to the end of its answer.",
            ("route",),
            registry=registry,
        )
        self._searches = Counter(
            "lexicart_searches", "Searches that this process answered.", ("lang",), registry=registry
        )
        self._zero_results = Counter(
            "lexicart_searches_without_hits",
            "Searches with words and without filters that found nothing.",
            ("lang",),
            registry=registry,
        )
        registry.register(_Installation(parts, kept, patience))

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request that was answered; ``route`` is the template of its path."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def search(self, query: SearchQuery, page: SearchPage) -> None:
        """Count a search that was answered."""
        self._searches.labels(query.lang).inc()
        if missed_by(query, page) is not None:
            self._zero_results.labels(query.lang).inc()

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format; waits a few seconds at the longest, and does not fail."""
        return generate_latest(self._registry)


class CountedSearches(ZeroResultRecorder):
    """Counts every search in the metrics, and records those that found nothing.

    Args:
        store: as of the recorder.
        metrics: to count in.
    """

    def __init__(self, store: Callable[[], ZeroResults], metrics: Metrics) -> None:
        super().__init__(store)
        self._metrics = metrics

    def note(self, query: SearchQuery, page: SearchPage) -> None:
        """Count a search; see :class:`api.recording.ZeroResultRecorder`."""
        self._metrics.search(query, page)
        super().note(query, page)


@dataclass(frozen=True, slots=True)
class _Figures:
    """What the store holds, but for texts; ``built_at`` and ``documents`` are of the build that serves."""

    suppliers: int
    products: int
    builds: int
    built_at: datetime | None
    documents: Mapping[str, int]
    untranslated: int
    unindexed: int
    workers: int
    in_hand: int
    poisoned: int


def _figures(parts: Parts) -> _Figures:
    products = parts.products.counts()
    builds = parts.builds.existing()
    live = next((build for build in builds if build.state == "live"), None)
    workers = parts.translations.workers()
    return _Figures(
        suppliers=len(products),
        products=sum(products.values()),
        builds=len(builds),
        built_at=live.created_at if live else None,
        documents={lang: count for lang, count in live.counts.items() if lang} if live else {},
        untranslated=parts.builds.behind(parts.translations.readers()[1]),
        unindexed=parts.builds.behind(live.position if live else 0),
        workers=len(workers),
        in_hand=sum(one.texts for one in workers),
        poisoned=parts.translations.poisoned(),
    )


class _Installation(Collector):
    """Reads what the installation holds when the metrics are asked for."""

    def __init__(self, parts: Parts, kept: float, patience: float) -> None:
        self._patience = patience
        # The first two are quick, so that what does not answer in time is away; the others may just have much to count.
        self._store = Kept("the store", lambda: parts.products.position(), min(kept, KEPT_SECONDS))
        self._index = Kept("the index", lambda: parts.index.live(), min(kept, KEPT_SECONDS))
        self._counted = Kept("the store's figures", lambda: _figures(parts), kept, old_too=True)
        self._texts = Kept(
            "the store's texts",
            lambda: parts.translations.coverage(parts.settings.langs),
            kept * TEXTS_KEPT_SECONDS / KEPT_SECONDS,
            old_too=True,
        )

    def collect(self) -> Iterator[Metric]:
        """Read what is old, and yield what is there in time."""
        until = time.monotonic() + self._patience
        self._store.begin()
        self._index.begin()
        store = self._store.get(until)
        if store is not None:
            self._counted.begin()
            self._texts.begin()
        index = self._index.get(until)
        up = GaugeMetricFamily("lexicart_up", "1 when the part answers, else 0.", labels=["part"])
        up.add_metric(["store"], float(store is not None))
        up.add_metric(["index"], float(index is not None))
        yield up
        if index is not None:
            yield GaugeMetricFamily("lexicart_index_live", "1 when a build serves, else 0.", index.value is not None)
        if store is None:
            return
        counted, texts = self._counted.get(until), self._texts.get(until)
        yield _ages({"figures": counted, "texts": texts})
        if counted is not None:
            yield from _of_figures(counted.value)
        if texts is not None:
            yield _of_texts(texts.value)


def _ages(readings: Mapping[str, "Reading[_Figures] | Reading[dict[str, dict[str, int]]] | None"]) -> Metric:
    family = GaugeMetricFamily(
        "lexicart_reading_age_seconds", "How long ago what stands here was read from the store.", labels=["what"]
    )
    for what, reading in readings.items():
        if reading is not None:
            family.add_metric([what], time.monotonic() - reading.at)
    return family


def _of_figures(found: _Figures) -> Iterator[Metric]:
    yield GaugeMetricFamily("lexicart_suppliers", "Suppliers with products in the market.", found.suppliers)
    yield GaugeMetricFamily("lexicart_products", "Products in the market.", found.products)
    yield GaugeMetricFamily("lexicart_workers", "Processes that translate now.", found.workers)
    yield GaugeMetricFamily("lexicart_texts_in_hand", "Texts that these have in hand.", found.in_hand)
    yield GaugeMetricFamily(
        "lexicart_poisoned_requests", "Requests that no engine gets any more: its process died of them.", found.poisoned
    )
    waiting = GaugeMetricFamily(
        "lexicart_changes_waiting",
        "Entries of the change log that the last finished translation, or the build that serves, has not read.",
        labels=["step"],
    )
    waiting.add_metric(["translate"], found.untranslated)
    waiting.add_metric(["index"], found.unindexed)
    yield waiting
    yield GaugeMetricFamily("lexicart_builds", "Builds that are there.", found.builds)
    if found.built_at is not None:
        age = (utc_now() - found.built_at).total_seconds()
        yield GaugeMetricFamily("lexicart_build_age_seconds", "Age of the build that serves.", age)
    documents = GaugeMetricFamily("lexicart_build_documents", "Documents of the build that serves.", labels=["lang"])
    for lang, number in found.documents.items():
        documents.add_metric([lang], number)
    yield documents


def _of_texts(found: Mapping[str, Mapping[str, int]]) -> Metric:
    family = GaugeMetricFamily("lexicart_texts", "Texts of the products in the market.", labels=["lang", "state"])
    for lang, states in found.items():
        for state, number in states.items():
            family.add_metric([lang, state], number)
    return family
