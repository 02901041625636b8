"""A writing session on one build: everything between the first write and the commit.

The session holds SQLite's write lock, so there is one writer a build, in whatever process. Documents go into fresh
folders that nobody knows of; the commit names them and stores the rest in one transaction. A process that is killed
before leaves the build as it was, and folders that the next session removes.
"""

import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from catalog.errors import UnavailableError
from indexes.acceptable import Rejected, acceptable_document, acceptable_product
from indexes.embedded import neutral, neutralwriter, schema
from indexes.embedded.files import sync
from indexes.embedded.neutral import LanguageFolder
from indexes.embedded.textwriter import TextWriter
from indexes.facts import facts_to_json
from indexes.model import Facts, IndexDocument, ProductDocument, WriteReport
from indexes.readable import is_readable


class WritingSession:
    """Writes to a build until it is committed or abandoned.

    Args:
        folder: the build's folder.

    Raises:
        UnavailableError: another session is writing to the build.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._connection = neutral.connect(folder)
        try:
            self._begin()
        except BaseException:
            self._connection.close()
            raise
        self._writers: dict[str, TextWriter] = {}
        self._facts_written: dict[int, int] = {}
        self._last_facts: tuple[Facts, str] | None = None

    def _begin(self) -> None:
        # Only another writer holds this lock, and it holds it for a whole session: not worth waiting for.
        self._connection.execute("PRAGMA busy_timeout = 200")
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as exc:
            raise UnavailableError(f"{self._folder} is being written by another process: try again later") from exc
        self._languages = neutral.languages(self._connection)
        self._currencies = neutral.currency_numbers(self._connection)
        self._dimensions = neutral.dimensions(self._connection)
        self._generation = neutral.generation(self._connection) + 1
        self._remove_remains()

    def _remove_remains(self) -> None:
        """Remove folders of sessions that were killed: those that bear this generation's number."""
        for path in self._folder.glob(f"*.{self._generation}"):
            shutil.rmtree(path)

    # -- documents ----------------------------------------------------------------------------------------------------

    def write(self, documents: Iterable[IndexDocument], products: Iterable[ProductDocument]) -> WriteReport:
        """Write documents; a rejected one takes what was stored under its id with it."""
        accepted = 0
        rejected: dict[str, list[str]] = {}
        for document in documents:
            try:
                self._put_document(acceptable_document(document, self._languages))
                accepted += 1
            except Rejected as exc:
                rejected.setdefault(document.id, []).append(f"{document.lang}: {exc}")
                self._remove_document(document.id, document.lang)
        for product in products:
            try:
                self._put_product(acceptable_product(product, self._dimensions))
                accepted += 1
            except Rejected as exc:
                rejected.setdefault(product.id, []).append(str(exc))
                self._remove_product(product.id)
        return WriteReport(accepted, {name: "; ".join(dict.fromkeys(why)) for name, why in rejected.items()})

    def _put_document(self, document: IndexDocument) -> None:
        self._number_currencies(document.facts)
        number, langs = neutralwriter.number_of(self._connection, document.id, self._generation)
        bit = 1 << self._languages[document.lang].bit
        self._writer(document.lang).put(number, document, self._currencies, replaces=bool(langs & bit))
        neutralwriter.set_langs(self._connection, number, langs | bit, self._generation)
        self._put_facts(number, document.facts)

    def _put_product(self, product: ProductDocument) -> None:
        self._dimensions = len(product.vector)
        self._number_currencies(product.facts)
        number, _ = neutralwriter.number_of(self._connection, product.id, self._generation)
        neutralwriter.put_product(self._connection, number, product, self._generation)
        self._put_facts(number, product.facts)

    def _number_currencies(self, facts: Facts) -> None:
        fresh = [currency for currency in facts.prices if currency not in self._currencies]
        most = schema.MOST_CURRENCIES - len(self._currencies)
        # Before any of them has its number: a rejected document must leave no trace.
        if len(fresh) > most:
            raise Rejected(f"{len(fresh)} currencies that no other product has, {most} more can be kept")
        for number, currency in enumerate(fresh, len(self._currencies) + 1):
            neutralwriter.add_currency(self._connection, currency, number)
            self._currencies[currency] = number

    def _put_facts(self, number: int, facts: Facts) -> None:
        # A product's sixteen documents carry the same facts: they are written once.
        if self._last_facts is None or self._last_facts[0] is not facts:
            self._last_facts = (facts, facts_to_json(facts))
        text = self._last_facts[1]
        if self._facts_written.get(number) != hash(text):
            neutralwriter.put_facts(self._connection, number, text)
            self._facts_written[number] = hash(text)

    def _writer(self, lang: str) -> TextWriter:
        if lang not in self._writers:
            before = self._languages[lang]
            fresh = self._folder / f"{lang}.{self._generation}"
            base = self._folder / before.folder if before.folder else None
            self._writers[lang] = TextWriter(fresh, base, before.files)
        return self._writers[lang]

    # -- removing -----------------------------------------------------------------------------------------------------

    def delete(self, ids: Sequence[str]) -> int:
        """Remove products from every index; return how many were there."""
        there = 0
        for name in dict.fromkeys(ids):
            if (number := self._known(name)) is None:
                continue
            _, langs = neutralwriter.number_of(self._connection, name, self._generation)
            had = langs or neutralwriter.has_product(self._connection, number)
            for lang, where in self._languages.items():
                if langs >> where.bit & 1:
                    self._writer(lang).remove([number])
            neutralwriter.set_langs(self._connection, number, 0, self._generation)
            neutralwriter.remove_product(self._connection, number, self._generation)
            self._facts_written.pop(number, None)
            there += bool(had)
        return there

    def _remove_document(self, name: str, lang: str) -> None:
        if lang not in self._languages or (number := self._known(name)) is None:
            return
        _, langs = neutralwriter.number_of(self._connection, name, self._generation)
        bit = 1 << self._languages[lang].bit
        if langs & bit:
            self._writer(lang).remove([number])
            neutralwriter.set_langs(self._connection, number, langs & ~bit, self._generation)

    def _remove_product(self, name: str) -> None:
        if (number := self._known(name)) is not None:
            neutralwriter.remove_product(self._connection, number, self._generation)

    def _known(self, name: str) -> int | None:
        return neutralwriter.known_number(self._connection, name) if is_readable(name) else None

    # -- the end ------------------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Make everything written durable and visible, at once."""
        with ThreadPoolExecutor() as pool:
            written = dict(zip(self._writers, pool.map(TextWriter.finish, self._writers.values()), strict=True))
        folders = {
            lang: LanguageFolder(self._languages[lang].bit, self._writers[lang].folder.name, files)
            for lang, files in written.items()
        }
        sync(self._folder)
        neutralwriter.finish(self._connection, folders, self._generation, self._dimensions)
        # From here on the folders belong to the build, or are remains for the next session: whatever fails now, they
        # are not ours to delete.
        self._writers = {}
        self._connection.execute("COMMIT")
        self._tidy({**self._languages, **folders})
        self._connection.close()

    def _tidy(self, now: dict[str, LanguageFolder]) -> None:
        """Remove language folders older than the last commit's; searches that began before may still open those."""
        used = {where.folder for where in [*now.values(), *self._languages.values()]}
        for path in self._folder.iterdir():
            if path.is_dir() and path.name not in used:
                shutil.rmtree(path)
        # Readers in the middle of a search keep the journal from being emptied: not worth waiting, the next commit
        # tries again.
        self._connection.execute("PRAGMA busy_timeout = 0")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def abandon(self) -> None:
        """Forget everything that was written."""
        try:
            for writer in self._writers.values():
                writer.abandon()
        finally:
            self.release()

    def release(self) -> None:
        """Give up the lock; what was written is forgotten, its folders remain for the next session to remove."""
        self._connection.close()
