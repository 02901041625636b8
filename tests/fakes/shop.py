"""One installation in three languages, small enough to be built in a moment."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catalog.languages import CODES
from catalog.model import Product
from catalog.store import ProductStore
from indexes.backend import SearchIndex
from indexes.build import Builder
from indexes.embedded import EmbeddedIndex
from indexes.model import BuildCheck, Filters, TextLeg
from indexes.parts import BuildParts
from indexes.report import IndexReport
from indexes.store import IndexStore
from indexes.wordvectors import WordVectors
from search.service import SearchParts, SearchService
from tests.fakes.encoder import HashEncoder
from tests.servers.stores import open_store
from translation.batch import Batch, BatchOptions
from translation.engines.echo import EchoEngine
from translation.routing import Router
from translation.store import TranslationStore
from translation.terminology.termbase import Termbase

LANGS = ("de", "en", "fr")


@dataclass
class Shop:
    """One installation in three languages, small enough to be built in a moment."""

    folder: Path
    checks: tuple[BuildCheck, ...] = ()
    keep: int = 1
    make_index: Callable[[Path], SearchIndex] = EmbeddedIndex

    def __post_init__(self) -> None:
        self.database = open_store(self.folder)
        self.products = ProductStore(self.database, self.folder / "uploads")
        self.translations = TranslationStore(self.database)
        self.index = self.make_index(self.folder / "indexes")
        self.builds = IndexStore(self.database, self.index.name)
        self.upload = self.folder / "x.csv"
        self.upload.touch()

    def save(self, *rows: Product) -> None:
        with self.products.importing(supplier="acme", feed="main", path=self.upload, filename="x.csv") as session:
            session.save(list(enumerate(rows, 2)))

    def translate(self) -> None:
        Batch(self.translations, Router([EchoEngine()]), Termbase([])).translate_pending(BatchOptions(LANGS))

    def parts(self, index: SearchIndex | None = None, langs: tuple[str, ...] = LANGS) -> BuildParts:
        encoder = HashEncoder()
        return BuildParts(
            products=self.products,
            translations=self.translations,
            builds=self.builds,
            index=index or self.index,
            encoder=encoder,
            words=WordVectors(encoder, np.zeros(encoder.dimensions, dtype=np.float32)),
            termbase=Termbase([]),
            langs=langs,
            analysis="a",
            checks=self.checks,
            keep=self.keep,
        )

    def builder(self, index: SearchIndex | None = None, langs: tuple[str, ...] = LANGS) -> Builder:
        return Builder(self.parts(index, langs))

    def update(self, *, full: bool = False, force: bool = False) -> IndexReport:
        self.translate()
        return self.builder().update(full=full, force=force)

    def ids(self, lang: str, token: str) -> set[str]:
        [answer] = self.index.legs([TextLeg(lang, (token,), 50)], Filters())
        return {match.id for match in answer.matches}

    def search(self) -> SearchService:
        encoder = HashEncoder()
        zero = np.zeros(encoder.dimensions, dtype=np.float32)
        words = WordVectors(encoder, zero)
        return SearchService(SearchParts(self.index, encoder, words, Termbase([]), dict.fromkeys(CODES, zero)))
