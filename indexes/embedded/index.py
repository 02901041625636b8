"""The embedded backend behind the contract of :class:`~indexes.backend.SearchIndex`."""

import threading
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import numpy as np

from catalog.errors import UnavailableError
from catalog.languages import language
from indexes.analysis import analyze
from indexes.completion import choose
from indexes.embedded import neutral
from indexes.embedded.damage import reporting_damage
from indexes.embedded.legs import LegRunner
from indexes.embedded.reading import BuildReader, View
from indexes.embedded.shelf import Shelf
from indexes.embedded.snapshot import Overtaken
from indexes.embedded.writing import WritingSession
from indexes.facts import check_facet_names, check_filters, readable_filters
from indexes.model import (
    Filters,
    IndexDocument,
    Leg,
    LegAnswer,
    ProductDocument,
    Suggestion,
    Token,
    WriteReport,
)
from indexes.readable import is_readable

_Answer = TypeVar("_Answer")

_ATTEMPTS = 5
"""A search is overtaken only when two commits fall into it; five times in a row means a writer in a loop."""


class EmbeddedIndex:
    """Search without a server: a folder of builds, each with one tantivy index a language and one SQLite file.

    Made for one machine and up to about 200,000 products; see :class:`~indexes.backend.SearchIndex` for the contract.
    Any number of processes may read; one process at a time writes to a build. An exception out of ``write``,
    ``delete`` or ``commit`` gives up everything since the last commit, in all languages.

    Args:
        folder: where the builds are; made when the first one is.
    """

    name = "embedded"

    writes_beside = False
    """Its writing is Python's work as much as making the documents is, and tantivy has threads of its own: there is
    nothing to wait for."""

    def __init__(self, folder: Path) -> None:
        self._shelf = Shelf(folder)
        # Two locks, so that a search never waits for a writer of the same process.
        self._writing = threading.RLock()
        self._sessions: dict[str, WritingSession] = {}
        self._reading = threading.RLock()
        self._readers: dict[Path, BuildReader] = {}
        # SQLite's connections are parts of reference cycles: without this, an index that was forgotten instead of
        # closed would keep its write lock until the garbage collector comes by.
        weakref.finalize(self, _release, self._sessions, self._readers)

    # -- builds -------------------------------------------------------------------------------------------------------

    def create(self, build: str, langs: Sequence[str]) -> None:
        """Make an empty build for ``langs``; remains under the same name are removed first."""
        for lang in langs:
            language(lang)
        with self._writing:
            self._abandon(build)
            with reporting_damage(self._shelf.folder):
                self._shelf.create(build, langs)

    def counts(self, build: str) -> Mapping[str, int]:
        """Return documents by language, and language-neutral ones under ``""``; counted, not remembered."""

        def count(view: View) -> dict[str, int]:
            readers = {lang: view.snapshot.texts(lang) for lang in view.snapshot.languages}
            found = {lang: reader.documents if reader else 0 for lang, reader in readers.items()}
            return {**found, "": view.snapshot.product_count}

        return self._answer(build, count)

    def languages(self, build: str | None = None) -> Sequence[str]:
        """Return the languages that a build has."""
        return self._answer(build, lambda view: sorted(view.snapshot.languages))

    def live(self) -> str | None:
        """Return the name of the build that serves, or ``None`` before the first promotion."""
        return self._shelf.live()

    def builds(self) -> Sequence[str]:
        """Return the names of all builds that are there, finished or not."""
        return self._shelf.names()

    def promote(self, build: str, expected: str | None) -> None:
        """Let a build serve all languages at once, once all of its files have been found whole."""
        self.counts(build)
        self._shelf.promote(build, expected)

    def drop(self, build: str) -> None:
        """Delete a build that is not live; a missing one is no error."""
        with self._writing:
            self._abandon(build)
            with reporting_damage(self._shelf.folder):
                self._shelf.drop(build)
        self._forget_vanished()

    # -- writing ------------------------------------------------------------------------------------------------------

    # Nothing is held up on the way to a file, so that positions decide nothing here.

    def write(
        self,
        build: str,
        documents: Iterable[IndexDocument],
        products: Iterable[ProductDocument],
        position: int = 0,
    ) -> WriteReport:
        """Write documents of any languages and language-neutral documents."""
        return self._in_session(build, lambda session: session.write(documents, products))

    def delete(self, build: str, ids: Sequence[str], position: int = 0) -> int:
        """Remove products from every index of a build; return how many were there."""
        return self._in_session(build, lambda session: session.delete(ids))

    def commit(self, build: str) -> None:
        """Make durable and visible what was written to a build."""
        with self._writing:
            path = self._shelf.path(build)
            if build not in self._sessions:
                return
            self._in_session(build, WritingSession.commit)
            del self._sessions[build]
        # What this process wrote, it has read at once: the next search pays nothing.
        with reporting_damage(path):
            self._warm(path)

    def _in_session(self, build: str, work: Callable[[WritingSession], _Answer]) -> _Answer:
        with self._writing:
            path = self._shelf.path(build)
            try:
                with reporting_damage(path):
                    if build not in self._sessions:
                        self._sessions[build] = WritingSession(path)
                    return work(self._sessions[build])
            except BaseException:
                self._abandon(build)
                raise

    def _abandon(self, build: str) -> None:
        session = self._sessions.pop(build, None)
        if session is not None:
            session.abandon()

    def _warm(self, path: Path) -> None:
        if path in self._readers:
            with self._reader(path).view():
                pass

    # -- reading ------------------------------------------------------------------------------------------------------

    def legs(self, legs: Sequence[Leg], filters: Filters, build: str | None = None) -> Sequence[LegAnswer]:
        """Run the legs of one search."""

        def run(view: View) -> list[LegAnswer]:
            runner = LegRunner(view.snapshot, view.connection, filters)
            return [runner.run(leg) for leg in legs]

        return self._answer(build, run)

    def documents(self, lang: str, ids: Sequence[str], build: str | None = None) -> Mapping[str, IndexDocument]:
        """Return the stored documents of ids in a language, without what was analysed."""

        def read(view: View) -> dict[str, IndexDocument]:
            reader = view.snapshot.texts(lang)
            numbers = view.snapshot.numbers(ids)
            shown = reader.shown(list(numbers)) if reader else {}
            facts = neutral.facts(view.connection, list(shown))
            found = {}
            for number, (title, title_lang, title_state, path, brand, *more) in shown.items():
                name = numbers[number]
                labels = {key: (of_name, of_value) for key, (of_name, of_value) in (more[0] if more else {}).items()}
                found[name] = IndexDocument(
                    name, lang, title, title_lang, title_state, {}, tuple(path), brand, facts[number], labels
                )
            return found

        return self._answer(build, read)

    def products(self, ids: Sequence[str], build: str | None = None) -> Mapping[str, ProductDocument]:
        """Return the stored language-neutral documents of ids."""
        return self._answer(build, lambda view: view.snapshot.products(view.connection, ids))

    def facets(
        self, names: Sequence[str], ids: Sequence[str] | None, filters: Filters, build: str | None = None
    ) -> Mapping[str, Mapping[str, int]]:
        """Count the values of each named facet over ``ids``, or over all products that pass ``filters``."""
        check_filters(filters)
        check_facet_names(names)

        def count(view: View) -> dict[str, dict[str, int]]:
            facts = view.snapshot.facts(view.connection)
            if ids is None:
                mask = facts.mask(readable_filters(filters)) & view.snapshot.catalogue.there
            else:
                mask = np.zeros(facts.size, dtype=bool)
                mask[list(view.snapshot.numbers(ids))] = True
            return {name: facts.count(name, mask) for name in names}

        return self._answer(build, count)

    def examples(
        self, lang: str, pairs: Sequence[tuple[str, str]], build: str | None = None
    ) -> Mapping[tuple[str, str], str]:
        """Return for each facet and value a product that has it and a document in a language."""
        check_facet_names(name for name, _ in pairs)

        def find(view: View) -> dict[tuple[str, str], str]:
            reader, ids = view.snapshot.texts(lang), view.snapshot.catalogue.ids
            if reader is None:
                return {}
            numbers = {(name, value): reader.example(name, value) for name, value in pairs if is_readable(value)}
            return {pair: ids[number] for pair, number in numbers.items() if number is not None}

        return self._answer(build, find)

    def suggest(self, lang: str, prefix: str, limit: int, build: str | None = None) -> Sequence[Suggestion]:
        """Return completions of ``prefix`` from titles, categories and brands of a language."""

        def complete(view: View) -> list[Suggestion]:
            reader = view.snapshot.texts(lang)
            return choose(reader.completions(prefix, limit), limit) if reader else []

        return self._answer(build, complete)

    def analyze(self, lang: str, text: str, build: str | None = None) -> Sequence[Token]:
        """Return the tokens of a text as the index of ``lang`` holds them, with document frequencies."""

        def look_up(view: View) -> list[Token]:
            reader = view.snapshot.texts(lang)
            tokens = analyze(lang, text)
            known = reader.frequencies(tokens) if reader else {}
            return [Token(token, known.get(token, 0)) for token in tokens]

        return self._answer(build, look_up)

    def _answer(self, build: str | None, read: Callable[[View], _Answer]) -> _Answer:
        """Read from a build, all from one commit of it.

        A build that is dropped while it is read, after another was promoted, is looked up again.
        """
        for _ in range(_ATTEMPTS):
            path = self._shelf.live_path() if build is None else self._shelf.path(build)
            with reporting_damage(path):
                try:
                    with self._reader(path).view() as view:
                        return read(view)
                except Overtaken:
                    continue
        raise UnavailableError(f"{path} changes faster than it can be read: try again")

    def _reader(self, path: Path) -> BuildReader:
        with self._reading:
            reader = self._readers.get(path)
            if reader is None or not reader.current:
                self._forget_vanished()
                reader = self._readers[path] = BuildReader(path)
            return reader

    def _forget_vanished(self) -> None:
        """Close readers of builds that are no longer there, here or by another process."""
        with self._reading:
            for path, reader in list(self._readers.items()):
                if not reader.current:
                    reader.close()
                    del self._readers[path]

    # -- the end ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close all files; what was not committed is given up."""
        with self._writing:
            for build in list(self._sessions):
                self._abandon(build)
        with self._reading:
            for reader in self._readers.values():
                reader.close()
            self._readers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _release(sessions: dict[str, WritingSession], readers: dict[Path, BuildReader]) -> None:
    for session in sessions.values():
        session.release()
    for reader in readers.values():
        reader.close()
