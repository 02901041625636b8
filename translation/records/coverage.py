"""Coverage: how many texts stand in which state in a language, counted as readers see them.

All languages are counted together: what each text is in all of them lies side by side in the store, so that it is read
once and in order, whatever the number of languages.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, Subquery, and_, func, select

from catalog.tables import occurrences, own_texts, texts, translations
from translation.model import State


def count_states(connection: Connection, langs: Sequence[str], supplier: str | None) -> dict[str, dict[str, int]]:
    """Count the texts of live products by language and state, every state named; ``None`` counts all suppliers'."""
    carried = _carried(supplier)
    written = _written(connection, carried)
    counted = {lang: dict.fromkeys((state.value for state in State), 0) for lang in langs}
    for lang, states in counted.items():
        states[State.SOURCE] += written.get(lang, 0)
        states[State.MISSING] += sum(written.values()) - written.get(lang, 0)
    for lang, state, number in _translated(connection, carried):
        if lang in counted:
            counted[lang][state] += number
            counted[lang][State.MISSING] -= number
    for lang, state, instead_of, number in _of_one_product(connection, supplier):
        if lang in counted:
            counted[lang][state] += number
            counted[lang][instead_of or State.MISSING] -= number
    return counted


def _carried(supplier: str | None) -> Subquery:
    """Texts of live products, and how often each stands there."""
    query = select(occurrences.c.text, func.count().label("times")).group_by(occurrences.c.text)
    if supplier is not None:
        query = query.join(texts, texts.c.digest == occurrences.c.text).where(texts.c.supplier == supplier)
    return query.subquery()


def _written(connection: Connection, carried: Subquery) -> dict[str, int]:
    """Return how many texts were written in each language."""
    query = select(texts.c.lang, func.sum(carried.c.times)).select_from(
        carried.join(texts, texts.c.digest == carried.c.text)
    )
    return {lang: int(number) for lang, number in connection.execute(query.group_by(texts.c.lang))}


def _translated(connection: Connection, carried: Subquery) -> list[tuple[str, str, int]]:
    """Return how many texts stand in each language and state: with no language named, which SQLite would look up by."""
    joined = carried.join(texts, texts.c.digest == carried.c.text).join(
        translations, and_(translations.c.text == carried.c.text, translations.c.lang != texts.c.lang)
    )
    state = (translations.c.lang, translations.c.state)
    query = select(*state, func.sum(carried.c.times)).select_from(joined).group_by(*state)
    return [(lang, name, int(number)) for lang, name, number in connection.execute(query)]


def _of_one_product(connection: Connection, supplier: str | None) -> list[tuple[str, str, str | None, int]]:
    """Return what one product alone has in the place of its text's translation: language, state, that one's state."""
    there = and_(occurrences.c.product == own_texts.c.product, occurrences.c.field == own_texts.c.field)
    joined = (
        own_texts.join(occurrences, there)
        .join(texts, and_(texts.c.digest == occurrences.c.text, texts.c.lang != own_texts.c.lang))
        .outerjoin(translations, and_(translations.c.text == texts.c.digest, translations.c.lang == own_texts.c.lang))
    )
    state = (own_texts.c.lang, own_texts.c.state, translations.c.state)
    query = select(*state, func.count()).select_from(joined).group_by(*state)
    if supplier is not None:
        query = query.where(texts.c.supplier == supplier)
    return [(lang, name, instead_of, number) for lang, name, instead_of, number in connection.execute(query)]
