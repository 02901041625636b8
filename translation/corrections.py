"""Corrections: what a person said a text should be, and how far that reaches.

A correction belongs to the source text for which it was made. It spreads to the same supplier's identical texts,
unless it was made for one product only, and never to another supplier's, whose texts are other rows. When the source
changes it is no longer applied.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from catalog.database import corrections, own_texts, upsert, utc_now
from catalog.languages import CODES
from catalog.model import Product
from translation.model import State, digest
from translation.texts import chunks, name_of, own_row


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


def record(connection: Connection, product: Product, field: str, lang: str, text: str, *, only_here: bool) -> str:
    """Record a correction.

    Returns:
        The name of the text to which it spreads; empty when it holds for this product alone.
    """
    basis, is_given = _bases(product)[field, lang]
    connection.execute(
        insert(corrections).values(
            supplier=product.supplier,
            product=product.id,
            field=field,
            lang=lang,
            basis=basis,
            only_here=int(only_here),
            text=text,
            made_at=utc_now(),
        )
    )
    if not only_here and not is_given:
        return basis
    statement = upsert(connection, own_texts).values(own_row(product.id, field, lang, text, State.REVIEWED))
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["product", "field", "lang"], set_={"text": text, "state": State.REVIEWED.value}
        )
    )
    return ""


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


def _bases(product: Product) -> dict[tuple[str, str], tuple[str, bool]]:
    """Return for every (field, lang) the digest of what a correction corrects, and whether that was given."""
    found: dict[tuple[str, str], tuple[str, bool]] = {}
    for text in product.texts():
        name = name_of(product, text)
        for lang in CODES:
            found[text.field, lang] = (name, False)
    for given in product.given:
        if given.lang != product.lang:
            found[given.field, given.lang] = (digest("given", given.lang, given.text), True)
    return found
