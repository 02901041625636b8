"""The translation memory: segments whose translation was given by a supplier or imported by the operator."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from catalog.database import memory, translations, upsert
from catalog.model import Product
from translation.marks import STALE, inputs_changed
from translation.model import digest
from translation.texts import chunks, name_of

_WHOLE = frozenset({"title", "attribute_name", "attribute_value"})
"""Kinds that are one segment: descriptions are cut into sentences that two languages need not share."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A segment as the memory knows it.

    Attributes:
        supplier: whose memory is asked before everybody's.
        lang: language of the text.
        text: the segment.
        context: digest of where it stands, from :func:`context_digest`.
    """

    supplier: str
    lang: str
    text: str
    context: str


def context_digest(kind: str, context: str) -> str:
    """Return the digest under which memory keeps where a text stood."""
    return digest(kind, context)


def recall(connection: Connection, target: str, sought: Iterable[Sought]) -> dict[Sought, str]:
    """Look segments up.

    Returns:
        For each that is known its translation into ``target``: the supplier's own before the installation's, one
        with the same context before one that fits any.
    """
    by_source: dict[str, list[Sought]] = defaultdict(list)
    for one in sought:
        by_source[digest(one.text)].append(one)
    found: dict[Sought, tuple[int, str]] = {}
    for chunk in chunks(sorted(by_source)):
        rows = connection.execute(select(memory).where(memory.c.target_lang == target, memory.c.source.in_(chunk)))
        for row in rows:
            rank = 2 * (row.supplier != "") + (row.context != "")
            for one in by_source[row.source]:
                fits = (
                    row.source_lang == one.lang
                    and row.supplier in ("", one.supplier)
                    and row.context in ("", one.context)
                )
                if fits and rank > found.get(one, (-1, ""))[0]:
                    found[one] = (rank, row.target_text)
    return {one: text for one, (_, text) in found.items()}


def learn_given(connection: Connection, live: Sequence[Product]) -> None:
    """Feed a supplier's memory with the texts that the supplier gave in two languages.

    What was translated before from a text that is learned anew is looked at again.
    """
    learned: dict[tuple[str, ...], dict[str, str]] = {}
    names: dict[tuple[str, ...], str] = {}
    for product in live:
        sources = {text.field: text for text in product.texts() if text.kind in _WHOLE}
        for given in product.given:
            text = sources.get(given.field)
            if text is None or given.lang == product.lang:
                continue
            row = {
                "supplier": product.supplier,
                "source_lang": product.lang,
                "source": digest(text.text),
                "context": context_digest(text.kind, text.context),
                "target_lang": given.lang,
                "source_text": text.text,
                "target_text": given.text,
                "origin": product.id,
            }
            key = tuple(row[name] for name in _KEY)
            learned[key], names[key] = row, name_of(product, text)
    known = _known(connection, {row["source"] for row in learned.values()})
    fresh = [key for key, row in learned.items() if known.get(key) != row["target_text"]]
    if not fresh:
        return
    statement = upsert(connection, memory)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(_KEY),
            set_={name: statement.excluded[name] for name in ("target_text", "origin")},
        ),
        [learned[key] for key in fresh],
    )
    for chunk in chunks(sorted({names[key] for key in fresh})):
        connection.execute(update(translations).where(translations.c.text.in_(chunk)).values(policy=STALE))
    inputs_changed(connection)


_KEY = ("supplier", "source_lang", "source", "context", "target_lang")


def _known(connection: Connection, sources: Iterable[str]) -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for chunk in chunks(sorted(sources)):
        for row in connection.execute(select(memory).where(memory.c.source.in_(chunk))):
            found[tuple(getattr(row, name) for name in _KEY)] = row.target_text
    return found
