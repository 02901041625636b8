"""Pending: which texts wait to be translated. *It is a query, not a flag.*

A text is pending in a language when it has no translation there that was looked at under the present policy (engines,
terms, memory, languages).
"""

from typing import Any

from sqlalchemy import Select, exists, or_, select

from catalog.tables import changes, occurrences, texts, translations
from translation.records.marks import STALE


def pending_query(target: str, policy: str, since: int | None, everything: bool) -> Select[Any]:
    """Return the query for texts that are pending in a language; arguments as in ``TranslationStore.pending``."""
    looked_at = exists().where(
        translations.c.text == texts.c.digest, translations.c.lang == target, translations.c.policy == policy
    )
    carried = exists().where(occurrences.c.text == texts.c.digest)
    query = select(texts).where(texts.c.lang != target, carried)
    if not everything:
        query = query.where(~looked_at)
    if since is not None:
        changed = select(changes.c.product).where(changes.c.position > since, changes.c.lang == "")
        of_changed = exists().where(occurrences.c.text == texts.c.digest, occurrences.c.product.in_(changed))
        stale = exists().where(
            translations.c.text == texts.c.digest, translations.c.lang == target, translations.c.policy == STALE
        )
        query = query.where(or_(of_changed, stale))
    return query
