"""Texts: what stands in the fields of products, and how it is read in every language.

A *text* is one field of a product. Products of one supplier that carry the same text share one row of ``texts``, and
so its translations and corrections; another supplier's identical text is another row. What holds for one product alone
(a text that the supplier gave in another language, a correction ``--only-here``) stands in ``own_texts`` and wins.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select

from catalog.database import upsert
from catalog.model import Product, ProductText, from_json
from catalog.tables import occurrences, own_texts, products, texts, translations
from translation.model import State, Translation, digest

CHUNK = 400
"""Rows that one statement names; SQLite takes at most 32,766 values, and a page should stay short."""


RANKS = {
    kind: rank
    for rank, kind in enumerate(
        ("title", "category", "attribute_name", "attribute_value", "keywords", "bullet", "description")
    )
}
"""In which order the kinds of a supplier's texts are translated: what buyers find a product by goes first."""


@dataclass(frozen=True, slots=True)
class StoredText:
    """A distinct text of a supplier.

    Attributes:
        digest: its name in the store.
    """

    digest: str
    supplier: str
    lang: str
    kind: str
    context: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldText:
    """One field of one product in one language, as buyers see it."""

    product: str
    field: str
    kind: str
    source_lang: str
    source: str
    lang: str
    translation: Translation

    @property
    def shown(self) -> str:
        """The text to show: the translation, or the original where it stands in."""
        return self.source if self.translation.text is None else self.translation.text

    def as_json(self) -> dict[str, Any]:
        """One line of ``lexicart texts``."""
        return {
            "id": self.product,
            "field": self.field,
            "source_lang": self.source_lang,
            "source": self.source,
            "lang": self.lang,
            "text": self.shown,
            "state": self.translation.state.value,
            "engine": self.translation.made_by,
            "reason": self.translation.reason,
        }


def stored_texts() -> Select[Any]:
    """Return the query whose rows make :class:`StoredText`."""
    return select(*(texts.c[name] for name in StoredText.__dataclass_fields__))


def text_digest(supplier: str, lang: str, kind: str, context: str, text: str) -> str:
    """Return the name of a supplier's text."""
    return digest(supplier, lang, kind, context, text)


def name_of(product: Product, text: ProductText) -> str:
    """Return the name of a product's text."""
    return text_digest(product.supplier, product.lang, text.kind, text.context, text.text)


def live_products(connection: Connection, ids: Sequence[str]) -> list[Product]:
    """Return those of the products that are there and not withdrawn."""
    query = select(products.c.body).where(products.c.id.in_(ids), products.c.withdrawn == 0)
    return [from_json(body) for body in connection.execute(query).scalars()]


def replace_occurrences(connection: Connection, ids: Sequence[str], live: Sequence[Product]) -> None:
    """Record which product carries which text; of the products in ``ids`` that are not live nothing stays."""
    connection.execute(delete(occurrences).where(occurrences.c.product.in_(ids)))
    found: dict[str, dict[str, str | int]] = {}
    carried = []
    for product in live:
        for text in product.texts():
            name = name_of(product, text)
            found[name] = {
                "digest": name,
                "supplier": product.supplier,
                "lang": product.lang,
                "kind": text.kind,
                "context": text.context,
                "text": text.text,
                "rank": RANKS[text.kind],
            }
            carried.append({"product": product.id, "field": text.field, "text": name})
    if found:
        # In the order of their keys, in which all writers take them: two that share texts can't wait for each other.
        connection.execute(upsert(connection, texts).on_conflict_do_nothing(), [found[name] for name in sorted(found)])
        connection.execute(insert(occurrences), carried)


def carriers(connection: Connection, names: Sequence[str], lang: str) -> set[str]:
    """Return the products whose readers see the translation of one of these texts, and no text of their own."""
    own = (
        select(own_texts.c.product)
        .where(
            own_texts.c.product == occurrences.c.product,
            own_texts.c.field == occurrences.c.field,
            own_texts.c.lang == lang,
        )
        .exists()
    )
    found: set[str] = set()
    for chunk in chunks(names):
        found.update(
            connection.execute(select(occurrences.c.product).where(occurrences.c.text.in_(chunk), ~own)).scalars()
        )
    return found


def own_row(product: str, field: str, lang: str, text: str, state: State) -> dict[str, str]:
    """Return a row of ``own_texts``."""
    return {"product": product, "field": field, "lang": lang, "text": text, "state": state.value}


def field_texts(connection: Connection, ids: Sequence[str], langs: Sequence[str]) -> dict[str, list[FieldText]]:
    """Return every text of live products in the languages asked for, fields in display order."""
    found: dict[str, list[FieldText]] = {}
    for chunk in chunks(ids):
        own = _own_rows(connection, chunk, langs)
        translated = _translation_rows(connection, chunk, langs)
        for product in live_products(connection, chunk):
            found[product.id] = list(_fields(product, langs, own, translated))
    return found


def _own_rows(
    connection: Connection, ids: Sequence[str], langs: Sequence[str]
) -> dict[tuple[str, str, str], Translation]:
    rows = connection.execute(select(own_texts).where(own_texts.c.product.in_(ids), own_texts.c.lang.in_(langs)))
    return {
        (row.product, row.field, row.lang): Translation(
            row.text, State(row.state), "person" if row.state == State.REVIEWED else "supplier"
        )
        for row in rows
    }


def _translation_rows(
    connection: Connection, ids: Sequence[str], langs: Sequence[str]
) -> dict[tuple[str, str, str], tuple[str, Translation]]:
    # As an expression: SQLite took the index of languages and states, and so read every translation there is for each
    # page (1.2 s against 0.007 s at 203,458 of them).
    lang = translations.c.lang.concat("")
    rows = connection.execute(
        select(
            occurrences.c.product,
            occurrences.c.field,
            occurrences.c.text,
            translations.c.lang,
            translations.c.translation,
            translations.c.state,
            translations.c.engine,
            translations.c.reason,
            translations.c.checks,
        )
        .join(translations, translations.c.text == occurrences.c.text)
        .where(occurrences.c.product.in_(ids), lang.in_(langs))
    )
    return {
        (row.product, row.field, row.lang): (
            row.text,
            Translation(row.translation, State(row.state), row.engine, row.reason, tuple(row.checks.split())),
        )
        for row in rows
    }


_NOT_YET = Translation(None, State.MISSING, "", "not translated yet")


def _fields(
    product: Product,
    langs: Sequence[str],
    own: Mapping[tuple[str, str, str], Translation],
    translated: Mapping[tuple[str, str, str], tuple[str, Translation]],
) -> Iterator[FieldText]:
    for text in product.texts():
        name = name_of(product, text)
        for lang in langs:
            place = (product.id, text.field, lang)
            if place in own:
                found = own[place]
            elif lang == product.lang:
                found = Translation(text.text, State.SOURCE, "supplier")
            else:
                # A product that changed since texts were followed has a new text: the old one's translation isn't its.
                made_for, found = translated.get(place, (name, _NOT_YET))
                found = found if made_for == name else _NOT_YET
            yield FieldText(product.id, text.field, text.kind, product.lang, text.text, lang, found)


def chunks(items: Iterable[str]) -> Iterator[list[str]]:
    """Yield items in lists that one statement can name."""
    listed = list(items)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]
