"""Writes the language-neutral half of a build, within the transaction of a writing session."""

import json
import sqlite3
from collections.abc import Iterable, Mapping

import numpy as np

from indexes.embedded.neutral import LanguageFolder
from indexes.model import ProductDocument


def known_number(connection: sqlite3.Connection, name: str) -> int | None:
    """Return the number of an id that was ever written to the build."""
    row = connection.execute("SELECT number FROM products WHERE id = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def has_product(connection: sqlite3.Connection, number: int) -> bool:
    """Say whether a product has a language-neutral document."""
    row = connection.execute("SELECT source_lang FROM products WHERE number = ?", (number,)).fetchone()
    return row is not None and row[0] is not None


def number_of(connection: sqlite3.Connection, name: str, at: int) -> tuple[int, int]:
    """Return a product's number and the bits of its languages, giving it a number if it is new.

    Args:
        name: the product's id.
        at: the generation that is being written.
    """
    row = connection.execute("SELECT number, langs FROM products WHERE id = ?", (name,)).fetchone()
    if row is not None:
        return int(row[0]), int(row[1])
    made = connection.execute("INSERT INTO products (id, generation) VALUES (?, ?)", (name, at))
    return int(made.lastrowid or 0), 0


def set_langs(connection: sqlite3.Connection, number: int, langs: int, at: int) -> None:
    """Note in which languages a product has a document."""
    connection.execute("UPDATE products SET langs = ?, generation = ? WHERE number = ?", (langs, at, number))


def add_currency(connection: sqlite3.Connection, currency: str, number: int) -> None:
    """Give a currency its number."""
    connection.execute("INSERT INTO currencies VALUES (?, ?)", (currency, number))


def put_facts(connection: sqlite3.Connection, number: int, facts: str) -> None:
    """Store a product's facts."""
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (number, facts))


def put_product(connection: sqlite3.Connection, number: int, document: ProductDocument, at: int) -> None:
    """Store a product's language-neutral document, its facts apart."""
    _remove_postings(connection, number)
    connection.execute(
        "UPDATE products SET source_lang = ?, generation = ? WHERE number = ?", (document.source_lang, at, number)
    )
    connection.execute(
        "INSERT OR REPLACE INTO details VALUES (?, ?, ?, ?, ?)",
        (number, document.source_title, json.dumps(document.codes), json.dumps(document.concepts), document.shown),
    )
    blob = np.asarray(document.vector, dtype=np.float16).tobytes()
    connection.execute("INSERT OR REPLACE INTO vectors VALUES (?, ?)", (number, blob))
    connection.executemany("INSERT OR IGNORE INTO codes VALUES (?, ?)", [(name, number) for name in document.codes])
    connection.executemany(
        "INSERT OR IGNORE INTO concepts VALUES (?, ?)", [(name, number) for name in document.concepts]
    )


def remove_product(connection: sqlite3.Connection, number: int, at: int) -> None:
    """Remove a product's language-neutral document; its facts stay while a language has the product."""
    _remove_postings(connection, number)
    connection.execute("UPDATE products SET source_lang = NULL, generation = ? WHERE number = ?", (at, number))
    connection.execute("DELETE FROM details WHERE number = ?", (number,))
    connection.execute("DELETE FROM vectors WHERE number = ?", (number,))
    connection.execute(
        "DELETE FROM facts WHERE number = ? AND number IN (SELECT number FROM products WHERE langs = 0)", (number,)
    )


def _remove_postings(connection: sqlite3.Connection, number: int) -> None:
    row = connection.execute("SELECT codes, concepts FROM details WHERE number = ?", (number,)).fetchone()
    if row is None:
        return
    connection.executemany("DELETE FROM codes WHERE name = ? AND number = ?", _pairs(row[0], number))
    connection.executemany("DELETE FROM concepts WHERE name = ? AND number = ?", _pairs(row[1], number))


def _pairs(names: str, number: int) -> Iterable[tuple[str, int]]:
    return [(name, number) for name in json.loads(names)]


def finish(connection: sqlite3.Connection, folders: Mapping[str, LanguageFolder], at: int, dimensions: int) -> None:
    """Note where the languages are now, as the last statements of a transaction."""
    connection.executemany(
        "UPDATE languages SET folder = ?, files = ? WHERE lang = ?",
        [(one.folder, json.dumps(dict(one.files)), lang) for lang, one in folders.items()],
    )
    connection.executemany(
        "UPDATE facts_of_build SET value = ? WHERE name = ?",
        [(str(at), "generation"), (str(dimensions), "dimensions")],
    )
