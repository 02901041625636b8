"""The only chooser of concrete parts: from settings to the stores, engines, index and services that work together."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from api.packages import refuse_foreign_packages
from api.settings import Settings
from api.stores import connect_store, home_of, installation_lock
from catalog.errors import NotFoundError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from api.engines import Engines
    from catalog.store import ProductStore
    from indexes.backend import SearchIndex
    from indexes.build import Builder
    from indexes.copies import BuildCopies
    from indexes.elasticsearch.client import Connection
    from indexes.embedding import SentenceEncoder
    from indexes.store import IndexStore
    from indexes.wordvectors import WordVectors
    from search.sampling import Sampler
    from search.service import SearchService
    from search.zero_results import ZeroResults
    from translation.batch import Batch
    from translation.engine import TranslationEngine
    from translation.routing import Router
    from translation.store import TranslationStore
    from translation.terminology.store import TermStore
    from translation.terminology.termbase import Termbase

_LOCK_WAIT_SECONDS = 10


class Parts:
    """Every part of one installation, made when it is first asked for.

    Args:
        settings: what to choose.
    """

    def __init__(self, settings: Settings) -> None:
        refuse_foreign_packages()
        self.settings = settings

    # -- stores -------------------------------------------------------------------------------------------------------

    @cached_property
    def database(self) -> "Engine":
        """The store's database, made ready when it is fresh."""
        from catalog.database import prepare

        engine = connect_store(self.settings)
        prepare(engine)
        return engine

    def close(self) -> None:
        """Close the connections to the database."""
        if "database" in self.__dict__:
            self.database.dispose()

    @cached_property
    def home(self) -> Path:
        """The folder HOME, made when it is missing; UsageError says why it can't be."""
        return home_of(self.settings)

    @cached_property
    def products(self) -> "ProductStore":
        """The record of products."""
        from catalog.store import ProductStore

        return ProductStore(self.database, self.home / "uploads")

    def supplier(self, name: str) -> str:
        """Return a supplier's name after looking that it has products here.

        Raises:
            UsageError: it is no name of a supplier.
            NotFoundError: no product in the market is this supplier's.
        """
        from catalog.model import check_supplier

        known = self.products.counts()
        if check_supplier(name) not in known:
            raise NotFoundError(f"no supplier {name!r} has products here; there are {', '.join(known) or 'none yet'}")
        return name

    @cached_property
    def translations(self) -> "TranslationStore":
        """The record of texts and translations."""
        from translation.store import TranslationStore

        return TranslationStore(self.database)

    @cached_property
    def builds(self) -> "IndexStore":
        """The record of builds."""
        from indexes.store import IndexStore

        return IndexStore(self.database, self.index.name)

    # -- translation --------------------------------------------------------------------------------------------------

    @cached_property
    def termbase(self) -> "Termbase":
        """The starter terms, by which products are indexed and queries understood."""
        from translation.terminology.termbase import starter_termbase

        return starter_termbase()

    @cached_property
    def terms(self) -> "TermStore":
        """The operator's and the suppliers' terms over the starter terms, by which texts are translated."""
        from translation.terminology.store import TermStore

        return TermStore(self.database, self.termbase)

    @cached_property
    def engines(self) -> "Engines":
        """The translation engines by name."""
        from api.engines import Engines

        return Engines(self.settings, lambda: self.database)

    def check_engine_names(self) -> None:
        """Look whether there are engines of the names that the settings have, without making one.

        Raises:
            UnavailableError: there is none of that name.
        """
        for name in self.settings.engines:
            self.engines.maker(name)

    def router(self, engines: Sequence[str] = ()) -> "Router":
        """Return a router over the engines and rules of the settings.

        Args:
            engines: by hand, instead of those of the settings; rules of the settings are set aside then.

        Raises:
            UnavailableError: an engine is absent, or does not serve what a rule gives it.
            UsageError: a rule, or somebody by hand, asks for an engine whose licences forbid the use.
        """
        from translation.overrides import NO_RULES, Rules
        from translation.routing import Router

        rules = NO_RULES if engines else Rules.parse(self.settings.routes)
        order = engines or self.settings.engines
        further = [name for name in rules.engines if name not in order]
        router = Router(
            [self.engines.get(name) for name in order],
            rules,
            self.settings.licences,
            [self.engines.get(name) for name in further],
        )
        if engines:
            router.require_allowed()
        return router

    def batch(self, engines: Sequence[str] = (), workers: int | None = None) -> "Batch":
        """Return the batch translator."""
        from functools import lru_cache, partial

        from translation.batch import Batch

        brands = lru_cache(self.products.brands)
        remake = partial(make_engine, self.settings)
        width = workers or self.settings.workers
        return Batch(self.translations, self.router(engines), self.terms, brands, width, remake=remake)

    # -- indexes ------------------------------------------------------------------------------------------------------

    @cached_property
    def cluster(self) -> "Connection":
        """The connection to the Elasticsearch cluster of the settings."""
        from api.cluster import connect

        return connect(self.settings)

    @cached_property
    def index(self) -> "SearchIndex":
        """The search backend."""
        if self.settings.index == "elasticsearch":
            from api.cluster import make_index

            return make_index(self.settings, self.cluster, self.encoder)
        from indexes.embedded import EmbeddedIndex

        return EmbeddedIndex(self.home / "indexes")

    @cached_property
    def copies(self) -> "BuildCopies":
        """What copies builds of the search backend for backups."""
        if self.settings.index == "elasticsearch":
            from indexes.elasticsearch.snapshots import SnapshotCopies

            settings = self.settings
            return SnapshotCopies(self.cluster, settings.elasticsearch_prefix, settings.elasticsearch_snapshots)
        from indexes.embedded.copies import EmbeddedCopies

        return EmbeddedCopies(self.home / "indexes")

    def analysis(self) -> str:
        """Return a digest of all that decides which tokens the backend's indexes hold; each backend has its own."""
        if self.settings.index == "elasticsearch":
            from api.cluster import analysis_digest as cluster_digest

            return cluster_digest(self.settings, self.cluster)
        from indexes.analysis import analysis_digest

        return analysis_digest()

    @cached_property
    def encoder(self) -> "SentenceEncoder":
        """The sentence encoder."""
        from indexes.embedding import SentenceEncoder

        return SentenceEncoder()

    @cached_property
    def word_vectors(self) -> "WordVectors":
        """Vectors of single words, kept in HOME."""
        from indexes.embedding import language_means
        from indexes.wordvectors import WordVectors

        return WordVectors(self.encoder, language_means(self.encoder).overall, self.home / "words.db")

    def builder(self, progress: Callable[[int], None] = lambda _products: None) -> "Builder":
        """Return the builder of indexes, with the gate's checks."""
        from indexes.build import Builder
        from indexes.parts import BuildParts
        from search.gate import known_item_check, parity_check

        return Builder(
            BuildParts(
                products=self.products,
                translations=self.translations,
                builds=self.builds,
                index=self.index,
                encoder=self.encoder,
                words=self.word_vectors,
                termbase=self.termbase,
                langs=self.settings.langs,
                analysis=self.analysis(),
                checks=(
                    known_item_check(self.search, self.index, self.sampler.probes, self.builds.changed_since),
                    parity_check(
                        *(self.search, self.index, lambda: self.sampler.known_items(10)),
                        *(self.sampler.source_langs, self.builds.changed_since),
                    ),
                ),
                keep=self.settings.keep_builds,
                lock=lambda: self.lock("build"),
                moving=lambda: self.lock("promotion"),
                progress=progress,
            )
        )

    # -- search -------------------------------------------------------------------------------------------------------

    @cached_property
    def search(self) -> "SearchService":
        """The search over the live build."""
        from threadpoolctl import threadpool_limits

        from indexes.embedding import language_means
        from search.service import SearchParts, SearchService

        # Searches run side by side; each one's small matrices on one thread (on busy cores 12 ms against 48 ms).
        threadpool_limits(limits=1, user_api="blas")
        means = language_means(self.encoder).by_language
        return SearchService(SearchParts(self.index, self.encoder, self.word_vectors, self.termbase, means))

    @cached_property
    def zero_results(self) -> "ZeroResults":
        """The record of searches that found nothing."""
        from search.zero_results import ZeroResults

        return ZeroResults(self.database)

    @cached_property
    def sampler(self) -> "Sampler":
        """What chooses products and queries by which a build is judged."""
        from search.sampling import Sampler

        return Sampler(self.products, self.translations, self.settings.langs)

    # -- common -------------------------------------------------------------------------------------------------------

    @contextmanager
    def lock(self, name: str, wait: float = _LOCK_WAIT_SECONDS) -> Iterator[None]:
        """Hold a lock of this installation; it is released when the process ends, however it ends.

        Args:
            name: what is locked.
            wait: seconds after which to give up.

        Raises:
            UnavailableError: another process holds it.
        """
        with installation_lock(self.database, self.home, name, wait):
            yield


def make_engine(settings: Settings, name: str) -> "TranslationEngine":
    """Make an engine in a process of its own."""
    return Parts(settings).engines.get(name)


def start_logging(settings: Settings) -> None:
    """Send messages to standard error; standard output belongs to answers."""
    from api import logs

    logs.start(settings.log_level, settings.log_format)
    if settings.log_level != "DEBUG":
        # It tells a traceback for every node that does not answer; what comes of it is told by an error of ours.
        logging.getLogger("elastic_transport").setLevel(logging.ERROR)
