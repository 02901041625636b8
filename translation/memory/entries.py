"""The translation memory: segments whose translation was given by a supplier or imported.

What a supplier gave or had imported holds for that supplier alone; what the operator imported holds for all and yields
to the supplier's own. An entry with a context is found only there, one without fits anywhere. The chain verifies the
facts of what is found: a memory is never trusted with numbers.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from catalog.database import upsert
from catalog.model import Product
from catalog.tables import memory
from translation.model import digest
from translation.records import corrections
from translation.records.marks import inputs_changed
from translation.records.settled import look_again
from translation.records.texts import chunks, name_of

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


@dataclass(frozen=True, slots=True)
class MemoryEntry:
    """An entry of the memory.

    Attributes:
        supplier: whose it is; empty: the installation's, which holds for all.
        source_lang: language of the source text.
        source_text: the segment.
        context: digest of where it stands, from :func:`context_digest`; empty: it fits anywhere.
        target_lang: language of the translation.
        target_text: the translation.
        origin: name of the file, or id of the product, that it is from.
    """

    supplier: str
    source_lang: str
    source_text: str
    context: str
    target_lang: str
    target_text: str
    origin: str

    @property
    def source(self) -> str:
        """Digest of the source text, by which it is found."""
        return digest(self.source_text)

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What there is one translation for."""
        return self.supplier, self.source_lang, self.source, self.context, self.target_lang

    def row(self) -> dict[str, str]:
        """Return it as a row of the table."""
        return {**asdict(self), "source": self.source}


def context_digest(kind: str, context: str) -> str:
    """Return the digest under which memory keeps where a text stood."""
    return digest(kind, context)


def recall(connection: Connection, target: str, sought: Iterable[Sought]) -> dict[Sought, str]:
    """Look segments up.

    Returns:
        For each that is known its translation into ``target``: the supplier's own before the installation's, one
        with the same context before one that fits any.
    """
    by_source: dict[tuple[str, str], dict[str, list[Sought]]] = defaultdict(lambda: defaultdict(list))
    for one in sought:
        by_source[one.supplier, one.lang][digest(one.text)].append(one)
    found: dict[Sought, tuple[int, str]] = {}
    for (supplier, lang), of_digest in by_source.items():
        for row in _rows(connection, {"", supplier}, lang, of_digest, target):
            rank = 2 * (row.supplier != "") + (row.context != "")
            for one in of_digest[row.source]:
                if row.context in ("", one.context) and rank > found.get(one, (-1, ""))[0]:
                    found[one] = (rank, row.target_text)
    return {one: text for one, (_, text) in found.items()}


def _rows(
    connection: Connection, suppliers: Iterable[str], lang: str, sources: Iterable[str], target: str | None = None
) -> Iterator[Row[Any]]:
    """Yield the rows of some sources.

    Supplier and language are always named: without the first columns of its key the whole table would be read.
    """
    query = select(memory).where(memory.c.supplier.in_(sorted(suppliers)), memory.c.source_lang == lang)
    if target is not None:
        query = query.where(memory.c.target_lang == target)
    for chunk in chunks(sorted(sources)):
        yield from connection.execute(query.where(memory.c.source.in_(chunk)))


def learn_given(connection: Connection, live: Sequence[Product]) -> None:
    """Feed a supplier's memory with the texts that the supplier gave in two languages.

    What was translated before from a text that is learned anew is looked at again. Nothing is learned of a text that a
    person replaced: the next import brings it again.
    """
    refused = corrections.rejected(connection, live)
    learned: list[MemoryEntry] = []
    names: dict[MemoryEntry, str] = {}
    for product in live:
        sources = {text.field: text for text in product.texts() if text.kind in _WHOLE}
        for given in product.given:
            text = sources.get(given.field)
            if text is None or given.lang == product.lang or (product.id, given.field, given.lang) in refused:
                continue
            context = context_digest(text.kind, text.context)
            one = MemoryEntry(product.supplier, product.lang, text.text, context, given.lang, given.text, product.id)
            learned.append(one)
            names[one] = name_of(product, text)
    changed = store(connection, learned).changed
    if changed:
        look_again(connection, sorted({names[one] for one in changed}))
        inputs_changed(connection)


def unlearn_given(connection: Connection, product: Product, field: str, lang: str) -> None:
    """Forget what was learned of a text that was given, because a person replaced it."""
    text = next((one for one in product.texts() if one.field == field and one.kind in _WHOLE), None)
    given = next((one for one in product.given if one.field == field and one.lang == lang), None)
    if text is None or given is None:
        return
    context = context_digest(text.kind, text.context)
    entry = MemoryEntry(product.supplier, product.lang, text.text, context, lang, given.text, product.id)
    same = (*(memory.c[name] == value for name, value in zip(_KEY, entry.key, strict=True)),)
    connection.execute(delete(memory).where(*same, memory.c.target_text == given.text))


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of entries that were stored.

    Attributes:
        created: those that are new.
        updated: those that had another translation before.
        unchanged: how many stood there as they are.
    """

    created: tuple[MemoryEntry, ...]
    updated: tuple[MemoryEntry, ...]
    unchanged: int

    @property
    def changed(self) -> tuple[MemoryEntry, ...]:
        """Entries that say something new."""
        return self.created + self.updated


def store(connection: Connection, entries: Iterable[MemoryEntry]) -> Stored:
    """Store entries; of several for one place the last counts. The caller holds :data:`catalog.locks.TEXTS`.

    It is for the caller to let the texts that hold them be looked at again, and then to call ``inputs_changed``: a
    page that is being translated meanwhile may not have seen them.
    """
    by_key = {one.key: one for one in entries}
    known = _known(connection, by_key.values())
    created = [one for key, one in by_key.items() if key not in known]
    updated = [one for key, one in by_key.items() if known.get(key, one.target_text) != one.target_text]
    if created or updated:
        statement = upsert(connection, memory)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=list(_KEY),
                set_={name: statement.excluded[name] for name in ("target_text", "origin")},
            ),
            [one.row() for one in sorted((*created, *updated), key=lambda one: one.key)],
        )
    return Stored(tuple(created), tuple(updated), len(by_key) - len(created) - len(updated))


_KEY = ("supplier", "source_lang", "source", "context", "target_lang")


def _known(connection: Connection, entries: Iterable[MemoryEntry]) -> dict[tuple[str, ...], str]:
    by_lang: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in entries:
        by_lang[one.supplier, one.source_lang].add(one.source)
    return {
        tuple(getattr(row, name) for name in _KEY): row.target_text
        for (supplier, lang), sources in by_lang.items()
        for row in _rows(connection, {supplier}, lang, sources)
    }
