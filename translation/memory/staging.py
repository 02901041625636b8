"""What a TMX file has given so far, on disk, until all of it is compared with the memory."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from translation.memory.entries import MemoryEntry

_CHUNK = 500
_PAGE = 2_000
"""Entries that one transaction takes: it is over in a tenth of a second, so that other writers need not wait."""


class Staging:
    """Entries of one file in a private database, which vanishes on close.

    Args:
        supplier: whose they are; empty: the installation's.
        origin: name of the file.
    """

    def __init__(self, supplier: str, origin: str) -> None:
        self._supplier, self._origin = supplier, origin
        self._database = sqlite3.connect("")  # private, on disk beyond its cache
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute(
            "CREATE TABLE entries (lang TEXT, source TEXT, context TEXT, target_lang TEXT, source_text TEXT, "
            "target_text TEXT, changed_at TEXT, PRIMARY KEY (lang, source, context, target_lang)) WITHOUT ROWID"
        )
        self._database.execute(
            "CREATE TABLE news (lang TEXT, source TEXT, context TEXT, target_lang TEXT, "
            "PRIMARY KEY (lang, source, context, target_lang)) WITHOUT ROWID"
        )

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def add(self, entries: Iterable[tuple[MemoryEntry, str]]) -> None:
        """Add entries with the time of their last change; of several for one place the newest stays, else the last."""
        self._database.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "target_text = excluded.target_text, changed_at = excluded.changed_at "
            "WHERE excluded.changed_at >= entries.changed_at",
            [
                (one.source_lang, one.source, one.context, one.target_lang, one.source_text, one.target_text, changed)
                for one, changed in entries
            ],
        )

    def __len__(self) -> int:
        found: int = self._database.execute("SELECT count(*) FROM entries").fetchone()[0]
        return found

    def pages(self) -> Iterator[list[MemoryEntry]]:
        """Yield all entries in the order of their keys, some at a time."""
        cursor = self._database.execute(
            "SELECT lang, source_text, context, target_lang, target_text FROM entries "
            "ORDER BY lang, source, context, target_lang"
        )
        while rows := cursor.fetchmany(_PAGE):
            yield [
                MemoryEntry(self._supplier, lang, source, context, target_lang, target, self._origin)
                for lang, source, context, target_lang, target in rows
            ]

    def note_news(self, entries: Iterable[MemoryEntry]) -> None:
        """Note entries that said something new to the memory."""
        self._database.executemany(
            "INSERT OR IGNORE INTO news VALUES (?, ?, ?, ?)",
            [(one.source_lang, one.source, one.context, one.target_lang) for one in entries],
        )

    def news_langs(self) -> list[str]:
        """Return the source languages of what was new."""
        return [lang for (lang,) in self._database.execute("SELECT DISTINCT lang FROM news ORDER BY lang")]

    def news_of(self, lang: str, sources: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """Return ``(context, target language)`` of what was new, by the digest of its source."""
        found: dict[str, list[tuple[str, str]]] = {}
        for start in range(0, len(sources), _CHUNK):
            chunk = sources[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            query = f"SELECT source, context, target_lang FROM news WHERE lang = ? AND source IN ({marks})"  # noqa: S608 - question marks only
            for source, context, target in self._database.execute(query, [lang, *chunk]):
                found.setdefault(source, []).append((context, target))
        return found
