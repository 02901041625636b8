"""Coverage: how many texts stand in which state in a language, counted as readers see them."""

from typing import Any

from sqlalchemy import Connection, Select, and_, func, literal, select, union_all

from catalog.tables import occurrences, own_texts, texts, translations
from translation.model import State


def count_states(connection: Connection, lang: str, supplier: str | None) -> dict[str, int]:
    """Count the texts of live products in a language, every state named; ``None`` counts all suppliers'."""
    counted = dict.fromkeys((state.value for state in State), 0)
    for state, number in connection.execute(_query(lang, supplier)):
        counted[state] += number
    return counted


def _query(lang: str, supplier: str | None) -> Select[Any]:
    state = func.coalesce(own_texts.c.state, translations.c.state, State.MISSING.value)
    in_lang = occurrences.join(texts, texts.c.digest == occurrences.c.text)
    joined = in_lang.outerjoin(
        own_texts,
        and_(
            own_texts.c.product == occurrences.c.product,
            own_texts.c.field == occurrences.c.field,
            own_texts.c.lang == lang,
        ),
    ).outerjoin(translations, and_(translations.c.text == texts.c.digest, translations.c.lang == lang))
    query = select(state, func.count()).select_from(joined).where(texts.c.lang != lang).group_by(state)
    original = select(func.count()).select_from(in_lang).where(texts.c.lang == lang)
    if supplier is not None:
        query = query.where(texts.c.supplier == supplier)
        original = original.where(texts.c.supplier == supplier)
    return select(*union_all(query, select(literal(State.SOURCE.value), original.scalar_subquery())).subquery().columns)
