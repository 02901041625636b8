"""One build as it was after one commit: everything that a search reads, opened when it is first needed."""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from catalog.errors import UnavailableError, UnknownValueError
from indexes.embedded import columns, neutral, vectors
from indexes.embedded.columns import Catalogue, FactTable
from indexes.embedded.files import Files
from indexes.embedded.textreader import TextReader
from indexes.embedded.vectors import VectorTable
from indexes.model import ProductDocument

_PRODUCTS_IN_MEMORY = 20_000
"""Language-neutral documents that are kept as objects: a search reads a few hundred, at 15 µs each; 100 MB."""


class Overtaken(Exception):  # noqa: N818 (not an error: the reader looks again)
    """Two commits happened while a search ran, and the second removed a folder that the search was about to open."""


class Snapshot:
    """What one generation of a build holds.

    Every method that takes a connection needs it in a transaction that sees the snapshot's generation.

    Args:
        folder: the build's folder.
        connection: in a transaction; decides the generation.
        before: an earlier generation of the same build, whose parts are reused where nothing changed.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection, before: "Snapshot | None" = None) -> None:
        self.folder = folder
        self.generation = neutral.generation(connection)
        self.dimensions = neutral.dimensions(connection)
        self.languages = neutral.languages(connection)
        self.currencies = neutral.currency_numbers(connection)
        self.product_count = neutral.product_count(connection)
        self._lock = threading.RLock()
        self._readers: dict[str, TextReader] = {}
        self._verified: dict[str, Files] = {}
        self._products: OrderedDict[int, ProductDocument] = OrderedDict()
        self._facts: FactTable | None = None
        self._vectors: VectorTable | None = None
        since, known = (-1, columns.EMPTY_CATALOGUE) if before is None else (before.generation, before.catalogue)
        self.catalogue: Catalogue
        self.catalogue, changed = columns.read_catalogue(connection, known, since)
        if before is not None:
            self._reuse(before, connection, changed)

    def _reuse(self, before: "Snapshot", connection: sqlite3.Connection, changed: np.ndarray) -> None:
        """Take over what is in memory, brought up to date, so that a small delta costs searches little."""
        with before._lock:
            readers, facts, table = dict(before._readers), before._facts, before._vectors
            products = before._products.copy()
        for lang, reader in readers.items():
            if before.languages[lang].folder == self.languages[lang].folder:
                self._readers[lang] = reader
            else:
                self._verified[lang] = reader.files
        for number in changed.tolist():
            products.pop(number, None)
        self._products = products
        if facts is not None:
            self._facts = columns.read_facts(connection, facts, changed, len(self.catalogue.ids))
        if table is not None and before.dimensions == self.dimensions:
            self._vectors = table.updated(connection, changed, self.catalogue.sources, self.catalogue.source_langs)

    def texts(self, lang: str) -> TextReader | None:
        """Return the index of a language, ``None`` where nothing was ever written to it.

        Raises:
            UnknownValueError: the build does not have the language.
            BrokenIndexError: its files are missing or damaged.
            Overtaken: its folder was removed after newer commits.
        """
        if lang not in self.languages:
            raise UnknownValueError("language of this index", lang, self.languages)
        where = self.languages[lang]
        if not where.folder:
            return None
        with self._lock:
            if lang not in self._readers:
                folder = self.folder / where.folder
                if not folder.is_dir() and self._is_outdated():
                    raise Overtaken
                self._readers[lang] = TextReader(lang, folder, where.files, self._verified.get(lang))
            return self._readers[lang]

    def _is_outdated(self) -> bool:
        connection = neutral.connect(self.folder)
        try:
            return neutral.generation(connection) > self.generation
        finally:
            connection.close()

    def facts(self, connection: sqlite3.Connection) -> FactTable:
        """Return the facts of all products."""
        with self._lock:
            if self._facts is None:
                size = len(self.catalogue.ids)
                everybody = np.arange(1, size, dtype=np.int64)
                self._facts = columns.read_facts(connection, columns.EMPTY_FACTS, everybody, size)
            return self._facts

    def vectors(self, connection: sqlite3.Connection) -> VectorTable:
        """Return the vectors of all products."""
        with self._lock:
            if self._vectors is None:
                self._vectors = vectors.read_vectors(
                    connection, self.dimensions, self.catalogue.sources, self.catalogue.source_langs
                )
            return self._vectors

    def in_language(self, lang: str) -> np.ndarray:
        """Return for each product number whether it has a document in a language.

        Raises:
            UnknownValueError: the build does not have the language.
        """
        if lang not in self.languages:
            raise UnknownValueError("language of this index", lang, self.languages)
        has: np.ndarray = (self.catalogue.langs >> self.languages[lang].bit) & 1 == 1
        return has

    def numbers(self, ids: Sequence[str]) -> dict[int, str]:
        """Return number and id of the products that are there."""
        known = self.catalogue.numbers
        return {known[name]: name for name in ids if name in known}

    def products(self, connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, ProductDocument]:
        """Return the language-neutral documents of ids."""
        numbers = [number for number in self.numbers(ids) if self.catalogue.sources[number] >= 0]
        with self._lock:
            missing = [number for number in numbers if number not in self._products]
            self._products.update(neutral.products(connection, missing))
            found = {self.catalogue.ids[number]: self._products[number] for number in numbers}
            for number in numbers:
                self._products.move_to_end(number)
            while len(self._products) > _PRODUCTS_IN_MEMORY:
                self._products.popitem(last=False)
        return found

    def check_dimensions(self, query: np.ndarray) -> None:
        """Refuse a query vector that can't be compared.

        Raises:
            UnavailableError: it is of another length than the build's vectors.
        """
        if self.dimensions and query.shape != (self.dimensions,):
            raise UnavailableError(
                f"the index in {self.folder} has vectors of {self.dimensions} dimensions and the encoder makes "
                f"{query.shape}: run `lexicart index --full`, or set ENCODER to what it was"
            )
