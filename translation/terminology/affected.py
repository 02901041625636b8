"""Which texts a change of terms concerns: they are marked to be looked at again, and no other is.

To be marked costs a text no more than the computing of its key, so that here "may contain the term" is enough; the
key, which holds the terms that matched, decides whether it is translated again.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, exists, select, update

from catalog.changelog import last_position
from catalog.model import from_json
from catalog.tables import changes, occurrences, products, term_concepts, texts, translations
from translation.model import State
from translation.records import marks
from translation.records.marks import STALE
from translation.records.texts import chunks, name_of
from translation.routing import PIVOT
from translation.terminology.concepts import Concept
from translation.terminology.requirements import says
from translation.terminology.termbase import Termbase

_CATEGORIES_FOLLOWED = "terms.categories"
_PAGE = 2_000
_SCOPED = select(term_concepts.c.concept).where(term_concepts.c.categories != "[]")


def mark_affected(connection: Connection, supplier: str, concerned: Sequence[Concept]) -> int:
    """Mark the texts that changed concepts concern; return how many distinct texts.

    Args:
        connection: of the transaction in which the terms change.
        supplier: only this supplier's texts; empty: all.
        concerned: the concepts as they were and as they are, and those that they say something of.
    """
    names = _containing(connection, supplier, concerned)
    for chunk in chunks(sorted(names)):
        connection.execute(update(translations).where(translations.c.text.in_(chunk)).values(policy=STALE))
    return len(names | _using_forbidden(connection, supplier, concerned))


def _containing(connection: Connection, supplier: str, concerned: Sequence[Concept]) -> set[str]:
    base = Termbase([one for one in concerned if not one.kept])
    kept = {term.casefold() for one in concerned if one.kept for found in one.terms.values() for term in found}
    langs = {lang for one in concerned for lang in one.terms}
    found = set()
    query = select(texts.c.digest, texts.c.lang, texts.c.text)
    if not kept:
        query = query.where(texts.c.lang.in_(sorted(langs)))
    if supplier:
        query = query.where(texts.c.supplier == supplier)
    for row in _paged(connection, query, texts.c.digest):
        folded = row.text.casefold() if kept else ""
        if any(name in folded for name in kept) or base.touches(row.lang, row.text):
            found.add(row.digest)
    if PIVOT in langs:
        # A text that is translated over its given English is held against the terms of that English.
        english = _of(supplier, select(translations.c.text, translations.c.translation), PIVOT)
        rows = _paged(connection, english, translations.c.text)
        found.update(row.text for row in rows if row.translation and base.touches(PIVOT, row.translation))
    return found


def _of(supplier: str, query: Select[Any], lang: str) -> Select[Any]:
    """Narrow a query of translations to a language, and to a supplier where one is named."""
    narrowed = query.where(translations.c.lang == lang)
    if not supplier:
        return narrowed
    return narrowed.join(texts, texts.c.digest == translations.c.text).where(texts.c.supplier == supplier)


def _using_forbidden(connection: Connection, supplier: str, concerned: Sequence[Concept]) -> set[str]:
    """Let translations be made again that use a word which is forbidden whatever the source says.

    Their key does not know what a translation will say. What stands in for review may do so because of the word, and
    is made again too: engines' answers are kept, so that this costs little.
    """
    bans: dict[str, set[str]] = {}
    for one in concerned:
        for lang, terms in one.forbidden.items() if one.is_ban else ():
            bans.setdefault(lang, set()).update(terms)
    found = set()
    for lang, words in bans.items():
        query: Select[Any] = select(translations.c.text, translations.c.translation, translations.c.state)
        query = _of(supplier, query.where(translations.c.state != State.REVIEWED.value), lang)
        names = [
            row.text
            for row in _paged(connection, query, translations.c.text)
            if row.state == State.NEEDS_REVIEW.value or any(says(lang, row.translation or "", word) for word in words)
        ]
        for chunk in chunks(names):
            here = (translations.c.lang == lang, translations.c.text.in_(chunk))
            connection.execute(update(translations).where(*here).values(policy=STALE, key=""))
        found.update(names)
    return found


def _paged(connection: Connection, query: Select[Any], key: Any) -> Iterator[Any]:
    """Yield rows in pages, so that the whole store is never in memory."""
    after = ""
    while page := connection.execute(query.where(key > after).order_by(key).limit(_PAGE)).all():
        yield from page
        after = getattr(page[-1], key.name)


def begin_following_categories(connection: Connection) -> None:
    """Let products that changed until now count as followed, unless they are followed already."""
    if marks.mark(connection, _CATEGORIES_FOLLOWED) is None:
        marks.set_mark(connection, _CATEGORIES_FOLLOWED, str(last_position(connection)))


def follow_categories(connection: Connection, suppliers: Collection[str] | None) -> None:
    """Mark the texts of products that changed since the last time: they may stand in another category now.

    Args:
        connection: of a transaction that writes.
        suppliers: whose terms depend on categories; ``None``: the operator's, which reach all.
    """
    done = int(marks.mark(connection, _CATEGORIES_FOLLOWED) or 0)
    last = last_position(connection)
    if done == last:
        return
    changed = exists().where(changes.c.product == products.c.id, changes.c.position > done, changes.c.lang == "")
    query = select(products.c.id, products.c.body).where(changed)
    if suppliers is not None:
        query = query.where(products.c.supplier.in_(sorted(suppliers)))
    for row in _paged(connection, query, products.c.id):
        product = from_json(row.body)
        names = {name_of(product, text) for text in product.texts()}
        for chunk in chunks(sorted(names)):
            connection.execute(update(translations).where(translations.c.text.in_(chunk)).values(policy=STALE))
    marks.set_mark(connection, _CATEGORIES_FOLLOWED, str(last))


def mark_left(connection: Connection, ids: Sequence[str]) -> None:
    """Mark the texts that changed products carried until now: with a carrier less they may stand in fewer categories.

    Args:
        connection: of the transaction that brings the texts in line, before it has replaced their occurrences.
        ids: the products that changed or were withdrawn.
    """
    if connection.execute(_SCOPED.limit(1)).first() is None:
        return
    for chunk in chunks(ids):
        query = select(occurrences.c.text).where(occurrences.c.product.in_(chunk)).distinct()
        for names in chunks(sorted(connection.execute(query).scalars())):
            connection.execute(update(translations).where(translations.c.text.in_(names)).values(policy=STALE))


def categories_of(connection: Connection, names: Sequence[str]) -> dict[str, list[str]]:
    """Return the category paths of the products that carry each text, ``""`` for those without one."""
    category = occurrences.alias()
    found: dict[str, list[str]] = {}
    for chunk in chunks(names):
        query = (
            select(occurrences.c.text, texts.c.text.label("category"))
            .select_from(occurrences)
            .outerjoin(category, (category.c.product == occurrences.c.product) & (category.c.field == "category"))
            .outerjoin(texts, texts.c.digest == category.c.text)
            .where(occurrences.c.text.in_(chunk))
            .distinct()
        )
        for row in connection.execute(query):
            found.setdefault(row.text, []).append(row.category or "")
    return found
