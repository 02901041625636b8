"""Texts: what stands in the fields of products, and how it is read in every language.

A *text* is one field of a product. Products of one supplier that carry the same text share one row of ``texts``, and
so its translations and corrections; another supplier's identical text is another row. What holds for one product alone
(a text that the supplier gave in another language, a correction ``--only-here``) stands in ``own_texts`` and wins.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

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


class FieldText(NamedTuple):
    """One field of one product in one language, as buyers see it.

    A tuple, because there are so many: 140 of a product with nine texts in fifteen languages.
    """

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
        own = _own_texts(connection, chunk, langs)
        carried = _carried(connection, chunk)
        translated = _translations(connection, sorted(set(carried.values())), langs)
        for product in live_products(connection, chunk):
            found[product.id] = list(_fields(product, langs, own, carried, translated))
    return found


_Place = tuple[str, str]
"""A product's id and one of its fields."""


def _own_texts(
    connection: Connection, ids: Sequence[str], langs: Sequence[str]
) -> dict[_Place, dict[str, Translation]]:
    """Return by place and language what holds for one product alone."""
    found: dict[_Place, dict[str, Translation]] = {}
    for row in connection.execute(select(own_texts).where(own_texts.c.product.in_(ids), own_texts.c.lang.in_(langs))):
        by = "person" if row.state == State.REVIEWED else "supplier"
        found.setdefault((row.product, row.field), {})[row.lang] = Translation(row.text, State(row.state), by)
    return found


def _carried(connection: Connection, ids: Sequence[str]) -> dict[_Place, str]:
    """Return the name of the text that stands in each place, as far as texts were followed."""
    rows = connection.execute(
        select(occurrences.c.product, occurrences.c.field, occurrences.c.text).where(occurrences.c.product.in_(ids))
    )
    return {(product, field): text for product, field, text in rows}


def _translations(
    connection: Connection, names: Sequence[str], langs: Sequence[str]
) -> dict[str, dict[str, Translation]]:
    """Return by name and language what texts became.

    Each is read once, however many products of a page carry it: 23,828 rows for 200 products of the samples, where a
    join with the places gives 37,268.
    """
    found: dict[str, dict[str, Translation]] = {}
    # As an expression: SQLite took the index of languages and states, and so read every translation there is for each
    # page (1.2 s against 0.007 s at 203,458 of them).
    within = translations.c.lang.concat("").in_(langs)
    for chunk in chunks(names):
        rows = connection.execute(
            select(
                translations.c.text,
                translations.c.lang,
                translations.c.translation,
                translations.c.state,
                translations.c.engine,
                translations.c.reason,
                translations.c.checks,
            ).where(translations.c.text.in_(chunk), within)
        )
        for name, lang, text, state, engine, reason, checks in rows:
            made = Translation(text, _STATES[state], engine, reason, tuple(checks.split()))
            found.setdefault(name, {})[lang] = made
    return found


_STATES = {state.value: state for state in State}

_NOT_YET = Translation(None, State.MISSING, "", "not translated yet")

_NONE: Mapping[str, Translation] = {}


def _fields(
    product: Product,
    langs: Sequence[str],
    own: Mapping[_Place, Mapping[str, Translation]],
    carried: Mapping[_Place, str],
    translated: Mapping[str, Mapping[str, Translation]],
) -> Iterator[FieldText]:
    of = product.id
    for text in product.texts():
        field, kind, source = text.field, text.kind, text.text
        name = name_of(product, text)
        # A product that changed since texts were followed has a new text: the old one's translation isn't its.
        made = translated.get(name, _NONE) if carried.get((of, field)) == name else _NONE
        shown = {product.lang: Translation(source, State.SOURCE, "supplier"), **own.get((of, field), _NONE)}
        for lang in langs:
            found = shown.get(lang) or made.get(lang, _NOT_YET)
            yield FieldText(of, field, kind, product.lang, source, lang, found)


def chunks(items: Iterable[str]) -> Iterator[list[str]]:
    """Yield items in lists that one statement can name."""
    listed = list(items)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]
