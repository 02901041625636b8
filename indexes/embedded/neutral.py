"""The language-neutral half of a build: one SQLite file, whose transactions are those of the whole build.

A commit of this file is what makes a build's new content visible: it names, for each language, the folder that holds
its index. So fifteen indexes and this file change together or not at all, whenever the process is killed.

Every product has a number, given once and never to another product of the build; the language indexes and the columns
in memory use it. A deleted product keeps its row, empty, until the next full build.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catalog.errors import BrokenIndexError
from indexes.embedded.damage import broken
from indexes.facts import facts_from_json
from indexes.model import Facts, ProductDocument
from indexes.readable import is_readable

FILE = "neutral.db"

_FORMAT = "1"
"""Changes with the tables or with the fields of the language indexes."""

_TABLES = """
CREATE TABLE facts_of_build (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE languages (lang TEXT PRIMARY KEY, bit INTEGER NOT NULL, folder TEXT NOT NULL, files TEXT NOT NULL);
CREATE TABLE currencies (currency TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE products (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    generation INTEGER NOT NULL,  -- in which the row last changed; what readers have yet to read
    langs INTEGER NOT NULL DEFAULT 0,  -- one bit a language that has a document
    source_lang TEXT  -- NULL without a language-neutral document
);
CREATE INDEX products_by_generation ON products (generation);
CREATE TABLE facts (number INTEGER PRIMARY KEY, facts TEXT NOT NULL);
CREATE TABLE vectors (number INTEGER PRIMARY KEY, vector BLOB NOT NULL);  -- float16
CREATE TABLE details (
    number INTEGER PRIMARY KEY,
    source_title TEXT NOT NULL,
    codes TEXT NOT NULL,
    concepts TEXT NOT NULL,
    shown TEXT NOT NULL
);
CREATE TABLE codes (name TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (name, number)) WITHOUT ROWID;
CREATE TABLE concepts (name TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (name, number)) WITHOUT ROWID;
"""

_POSTINGS = {
    "codes": "SELECT number FROM codes WHERE name = ?",
    "concepts": "SELECT number FROM concepts WHERE name = ?",
}

_PRODUCTS = (
    "SELECT number, id, source_lang, source_title, codes, concepts, shown, facts, vector"
    " FROM products JOIN details USING (number) JOIN facts USING (number) JOIN vectors USING (number)"
    " WHERE number IN (SELECT value FROM json_each(?))"
)


@dataclass(frozen=True, slots=True)
class LanguageFolder:
    """Where a language's index is.

    Attributes:
        bit: which bit of a product's ``langs`` stands for the language.
        folder: name under the build's folder, empty before anything was written.
        files: size and CRC-32 of each file, to tell a damaged one.
    """

    bit: int
    folder: str
    files: Mapping[str, tuple[int, int]]


def make(folder: Path, langs: Sequence[str]) -> None:
    """Make the file of an empty build."""
    connection = _connect(folder, "rwc")
    try:
        connection.executescript(_TABLES)
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO facts_of_build VALUES (?, ?)", [("format", _FORMAT), ("generation", "0"), ("dimensions", "0")]
        )
        connection.executemany(
            "INSERT INTO languages VALUES (?, ?, '', '{}')", [(lang, bit) for bit, lang in enumerate(langs)]
        )
        connection.execute("COMMIT")
    finally:
        connection.close()


def connect(folder: Path) -> sqlite3.Connection:
    """Open the file of a build.

    Raises:
        BrokenIndexError: it is missing, damaged, or was made by another version.
    """
    if not (folder / FILE).is_file():
        raise broken(folder, f"{FILE} is missing")
    connection = _connect(folder, "rw")
    try:
        if (found := _value(connection, "format")) != _FORMAT:
            raise broken(folder, f"it has format {found}, this version of Lexicart reads {_FORMAT}")
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(folder: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{(folder / FILE).absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=5,
    )
    try:
        # FULL: what `commit` acknowledged survives loss of power.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-16000"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


# -- reading ----------------------------------------------------------------------------------------------------------


def generation(connection: sqlite3.Connection) -> int:
    """Return how often the build was committed."""
    return int(_value(connection, "generation"))


def dimensions(connection: sqlite3.Connection) -> int:
    """Return the length of the build's vectors, 0 before the first."""
    return int(_value(connection, "dimensions"))


def _value(connection: sqlite3.Connection, name: str) -> str:
    row = connection.execute("SELECT value FROM facts_of_build WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise BrokenIndexError(f"the search index has no {name}: run `lexicart index --full`")
    return str(row[0])


def languages(connection: sqlite3.Connection) -> dict[str, LanguageFolder]:
    """Return the languages of the build."""
    rows = connection.execute("SELECT lang, bit, folder, files FROM languages ORDER BY bit")
    return {
        lang: LanguageFolder(bit, folder, {name: (size, crc) for name, (size, crc) in json.loads(files).items()})
        for lang, bit, folder, files in rows
    }


def currency_numbers(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the number that stands for each currency in the language indexes."""
    return dict(connection.execute("SELECT currency, number FROM currencies"))


def product_count(connection: sqlite3.Connection) -> int:
    """Return how many products have a language-neutral document."""
    return int(connection.execute("SELECT count(*) FROM products WHERE source_lang IS NOT NULL").fetchone()[0])


def postings(connection: sqlite3.Connection, table: str, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Return for each code or concept the numbers of the products that have it."""
    query = _POSTINGS[table]
    return {
        name: np.fromiter((number for (number,) in connection.execute(query, (name,))), dtype=np.int64)
        for name in names
        if is_readable(name)
    }


def products(connection: sqlite3.Connection, numbers: Sequence[int]) -> Iterator[tuple[int, ProductDocument]]:
    """Yield the language-neutral documents of product numbers, in any order."""
    for row in connection.execute(_PRODUCTS, (json.dumps(list(numbers)),)):
        number, name, source_lang, source_title, codes, concepts, shown, facts, vector = row
        yield (
            number,
            ProductDocument(
                id=name,
                source_title=source_title,
                source_lang=source_lang,
                codes=tuple(json.loads(codes)),
                concepts=tuple(json.loads(concepts)),
                vector=unit_vector(vector),
                facts=facts_from_json(facts),
                shown=shown,
            ),
        )


def facts(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, Facts]:
    """Return the facts of product numbers."""
    query = "SELECT number, facts FROM facts WHERE number IN (SELECT value FROM json_each(?))"
    return {number: facts_from_json(text) for number, text in connection.execute(query, (json.dumps(list(numbers)),))}


def unit_vector(blob: bytes) -> np.ndarray:
    """Return a stored vector as float32 of unit length."""
    vector = np.frombuffer(blob, dtype=np.float16).astype(np.float32)
    vector /= max(float(np.linalg.norm(vector)), 1e-9)
    vector.flags.writeable = False
    return vector
