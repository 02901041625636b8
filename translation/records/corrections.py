"""Corrections: what a person said a text should be, and how far that reaches.

A correction belongs to the source text for which it was made. It spreads to the same supplier's identical texts,
unless it was made for one product only, and never to another supplier's, whose texts are other rows. When the source
changes it is no longer applied but shown to the reviewer (:func:`outdated`).

A text that the supplier gave for one product is corrected twice over: for that product the correction holds as long as
the given text does, and for the others that carry the same original, without a text of their own, as long as that does.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, exists, func, insert, select

from catalog.database import upsert, utc_now
from catalog.errors import UsageError
from catalog.languages import CODES
from catalog.locks import TEXTS, hold
from catalog.model import GivenText, Product, ProductText
from catalog.tables import corrections, occurrences, own_texts, texts, translations
from catalog.values.markup import clean_description
from translation.model import State, digest
from translation.records.texts import chunks, live_products, name_of, own_row


def checked(kind: str, text: str, where: str) -> str:
    """Return a correction as it is kept: blanks around it taken off, a description's HTML as imports keep it.

    Args:
        kind: of the text that is corrected, as in :class:`catalog.model.ProductText`.
        text: what a person wrote.
        where: product and field, for the message.

    Raises:
        UsageError: it is empty, or holds a character that no text of this kind holds; only descriptions have lines.
    """
    allowed = "\n\r\t" if kind == "description" else ""
    kept = text.strip()
    for place, character in enumerate(kept, 1):
        category = unicodedata.category(character)
        if category in ("Cc", "Cs") and character not in allowed:
            what = "half a character, from bytes that are no UTF-8" if category == "Cs" else "a control character"
            if character in "\n\r":
                what = "a line break, which only a description may hold"
            raise UsageError(
                f"{where}: character {place} of the correction (U+{ord(character):04X}) is {what}: take it out"
            )
    kept = clean_description(kept) if kind == "description" else kept
    if not kept:
        raise UsageError(f"{where}: a correction can't be empty")
    return kept


def spreading(connection: Connection, names: Sequence[str], lang: str) -> dict[str, str]:
    """Return the newest spreading correction of each text in a language, by the text's name."""
    found: dict[str, str] = {}
    for chunk in chunks(names):
        query = (
            select(corrections.c.basis, corrections.c.text)
            .where(corrections.c.basis.in_(chunk), corrections.c.lang == lang, corrections.c.only_here == 0)
            .order_by(corrections.c.id)
        )
        found.update({row.basis: row.text for row in connection.execute(query)})
    return found


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a correction holds for.

    Attributes:
        name: the text to which it spreads; empty when it holds for its product alone.
        is_own: whether it is its product's own text now: made only there, or in the place of one that was given.
    """

    name: str
    is_own: bool


def record(connection: Connection, product: Product, field: str, lang: str, text: str, *, only_here: bool) -> Recorded:
    """Record a correction."""
    hold(connection, TEXTS)
    basis, is_given = _bases(product)[field, lang]
    name = "" if only_here else next((name_of(product, one) for one in product.texts() if one.field == field), "")
    # The newest one says whether a correction is outdated: that of the text which was corrected.
    for made_for in dict.fromkeys((name or basis, basis)):
        connection.execute(
            insert(corrections).values(
                supplier=product.supplier,
                product=product.id,
                field=field,
                lang=lang,
                basis=made_for,
                only_here=int(only_here),
                text=text,
                made_at=utc_now(),
            )
        )
    if not only_here and not is_given:
        return Recorded(name, is_own=False)
    statement = upsert(connection, own_texts).values(own_row(product.id, field, lang, text, State.REVIEWED))
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["product", "field", "lang"], set_={"text": text, "state": State.REVIEWED.value}
        )
    )
    return Recorded(name, is_own=True)


def rejected(connection: Connection, live: Sequence[Product]) -> set[tuple[str, str, str]]:
    """Return of the texts that suppliers gave, as (product, field, language), those that a spreading correction
    replaces: for the product itself, or for the others that carry the same original.
    """
    places: dict[tuple[str, str], list[tuple[str, str, str]]] = defaultdict(list)
    for product in live:
        names = {text.field: name_of(product, text) for text in product.texts()}
        for given in product.given:
            place = (product.id, given.field, given.lang)
            places[_given_basis(given), product.id].append(place)
            if given.field in names:
                places[names[given.field], ""].append(place)
    found: set[tuple[str, str, str]] = set()
    for chunk in chunks(sorted({basis for basis, _ in places})):
        query = select(corrections.c.basis, corrections.c.lang, corrections.c.product)
        for row in connection.execute(query.where(corrections.c.basis.in_(chunk), corrections.c.only_here == 0)):
            for place in (*places.get((row.basis, row.product), ()), *places.get((row.basis, ""), ())):
                if place[2] == row.lang:
                    found.add(place)
    return found


def take_back(connection: Connection, product: Product, field: str, lang: str) -> bool:
    """Take away what was corrected for this product alone, because a newer correction spreads; say whether any was."""
    own = (own_texts.c.product == product.id, own_texts.c.field == field, own_texts.c.lang == lang)
    return connection.execute(delete(own_texts).where(*own)).rowcount > 0


def restore_own_texts(connection: Connection, ids: Sequence[str], live: Sequence[Product]) -> None:
    """Write anew what holds for each of these products alone: texts given by the supplier, corrections only there."""
    connection.execute(delete(own_texts).where(own_texts.c.product.in_(ids)))
    own: dict[tuple[str, str, str], dict[str, str]] = {}
    bases: dict[tuple[str, str, str], tuple[str, bool]] = {}
    for product in live:
        for (field, lang), basis in _bases(product).items():
            bases[product.id, field, lang] = basis
        for given in product.given:
            if given.lang != product.lang:
                place = (product.id, given.field, given.lang)
                own[place] = own_row(*place, given.text, State.SOURCE)
    made = select(corrections).where(corrections.c.product.in_([product.id for product in live]))
    for row in connection.execute(made.order_by(corrections.c.id)):
        place = (row.product, row.field, row.lang)
        made_for, is_given = bases.get(place, ("", False))
        if row.basis != made_for:
            continue
        if row.only_here or is_given:
            own[place] = own_row(*place, row.text, State.REVIEWED)
        else:
            own.pop(place, None)
    if own:
        connection.execute(insert(own_texts), list(own.values()))


@dataclass(frozen=True, slots=True)
class Outdated:
    """A correction that is not applied any more, because what it corrected is another text now.

    Attributes:
        product: id of the product where it was made.
        text: what stands in the field now.
        source_lang: language of that.
        lang: language of the correction.
        correction: what the person wrote.
        old_source: the text that was corrected; ``None`` for one that the supplier had given in ``lang``.
    """

    product: str
    text: ProductText
    source_lang: str
    lang: str
    correction: str
    old_source: str | None


def outdated(connection: Connection, langs: Sequence[str], supplier: str | None = None) -> Iterator[Outdated]:
    """Yield the newest correction of each field and language that is outdated, the oldest first.

    One is left out where a person has corrected or confirmed the new text, here or for another product.
    """
    rows = connection.execute(_outdated_query(langs, supplier)).all()
    live = {
        product.id: product
        for chunk in chunks(sorted({row.product for row in rows}))
        for product in live_products(connection, chunk)
    }
    for row in rows:
        product = live.get(row.product)
        if product is None or row.lang == product.lang:
            continue
        text = next((one for one in product.texts() if one.field == row.field), None)
        if text is None:
            continue
        # A correction of a text that the supplier gave is not a text's name, so that only its product tells.
        basis, is_given = _bases(product)[row.field, row.lang]
        # What others read, a person has settled; of this product's own text nobody has said anything.
        if basis != row.basis and (is_given or not row.settled):
            yield Outdated(product.id, text, product.lang, row.lang, row.text, row.old_source)


def _outdated_query(langs: Sequence[str], supplier: str | None) -> Select[Any]:
    newest = select(func.max(corrections.c.id)).where(corrections.c.lang.in_(langs))
    if supplier is not None:
        newest = newest.where(corrections.c.supplier == supplier)
    newest = newest.group_by(corrections.c.product, corrections.c.field, corrections.c.lang)
    now = and_(occurrences.c.product == corrections.c.product, occurrences.c.field == corrections.c.field)
    settled = exists().where(
        translations.c.text == occurrences.c.text,
        translations.c.lang == corrections.c.lang,
        translations.c.state == State.REVIEWED.value,
    )
    return (
        select(corrections, texts.c.text.label("old_source"), settled.label("settled"))
        .join(occurrences, now)
        .outerjoin(texts, texts.c.digest == corrections.c.basis)
        .where(corrections.c.id.in_(newest), occurrences.c.text != corrections.c.basis)
        .order_by(corrections.c.id)
    )


def _bases(product: Product) -> dict[tuple[str, str], tuple[str, bool]]:
    """Return for every (field, lang) the digest of what a correction corrects, and whether that was given."""
    found: dict[tuple[str, str], tuple[str, bool]] = {}
    for text in product.texts():
        name = name_of(product, text)
        for lang in CODES:
            found[text.field, lang] = (name, False)
    for given in product.given:
        if given.lang != product.lang:
            found[given.field, given.lang] = (_given_basis(given), True)
    return found


def _given_basis(given: GivenText) -> str:
    return digest("given", given.lang, given.text)
