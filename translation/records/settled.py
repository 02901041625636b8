"""Settled translations: what became of a text in a language, and for which products readers see that it changed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from catalog.database import upsert, utc_now
from catalog.tables import texts, translations
from translation.model import State, Translation
from translation.records.marks import STALE
from translation.records.texts import carriers, chunks
from translation.routing import PIVOT


@dataclass(frozen=True, slots=True)
class Settled:
    """A translation to be saved: of which text, in which language, and what it depended on."""

    text: str
    lang: str
    translation: Translation
    key: str


def write_translations(connection: Connection, settled: Sequence[Settled], policy: str) -> set[tuple[str, str]]:
    """Write translations and return for which products, in which language, readers see a change.

    Texts that were forgotten meanwhile, with their supplier, are passed over.
    """
    now = utc_now()
    settled = _of_present_texts(connection, settled)
    if not settled:
        return set()
    before = _present(connection, settled)
    changed: dict[str, set[str]] = defaultdict(set)
    for one in settled:
        if before.get((one.text, one.lang), _UNSEEN) != (one.translation.text, one.translation.state.value):
            changed[one.lang].add(one.text)
    statement = upsert(connection, translations)
    kept = ("translation", "state", "engine", "reason", "checks", "key", "policy", "updated_at")
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["text", "lang"], set_={name: statement.excluded[name] for name in kept}
        ),
        [
            {
                "text": one.text,
                "lang": one.lang,
                "translation": one.translation.text,
                "state": one.translation.state.value,
                "engine": one.translation.engine,
                "reason": one.translation.reason,
                "checks": " ".join(one.translation.checks),
                "key": one.key,
                "policy": policy,
                "updated_at": now,
            }
            for one in sorted(settled, key=lambda one: (one.text, one.lang))
        ],
    )
    return {(product, lang) for lang, names in changed.items() for product in carriers(connection, sorted(names), lang)}


def _of_present_texts(connection: Connection, settled: Sequence[Settled]) -> Sequence[Settled]:
    there: set[str] = set()
    for chunk in chunks(sorted({one.text for one in settled})):
        there.update(connection.execute(select(texts.c.digest).where(texts.c.digest.in_(chunk))).scalars())
    return [one for one in settled if one.text in there]


_UNSEEN = (None, State.MISSING.value)
"""What readers see of a text that was never translated."""


def _present(connection: Connection, settled: Sequence[Settled]) -> dict[tuple[str, str], tuple[str | None, str]]:
    found: dict[tuple[str, str], tuple[str | None, str]] = {}
    names: dict[str, list[str]] = defaultdict(list)
    for one in settled:
        names[one.lang].append(one.text)
    shown = select(translations.c.text, translations.c.translation, translations.c.state)
    for lang, of_lang in names.items():
        for chunk in chunks(of_lang):
            rows = connection.execute(shown.where(translations.c.lang == lang, translations.c.text.in_(chunk)))
            found.update({(row.text, lang): (row.translation, row.state) for row in rows})
    return found


def forget_derived(connection: Connection, name: str, lang: str) -> None:
    """Let what was translated over a text's English be looked at again when the English changed."""
    if lang == PIVOT:
        connection.execute(
            update(translations).where(translations.c.text == name, translations.c.lang != lang).values(policy=STALE)
        )


def look_again(connection: Connection, names: Sequence[str], lang: str | None = None) -> None:
    """Let translations of these texts be looked at again, in one language or in all."""
    for chunk in chunks(names):
        chosen = update(translations).where(translations.c.text.in_(chunk))
        if lang is not None:
            chosen = chosen.where(translations.c.lang == lang)
        connection.execute(chosen.values(policy=STALE))


def mark_looked_at(connection: Connection, names: Sequence[tuple[str, str]], policy: str) -> None:
    """Mark ``(text, language)`` as looked at under a policy and found up to date."""
    by_lang: dict[str, list[str]] = defaultdict(list)
    for text, lang in names:
        by_lang[lang].append(text)
    for lang, of_lang in by_lang.items():
        for chunk in chunks(of_lang):
            same = (translations.c.lang == lang, translations.c.text.in_(chunk))
            connection.execute(update(translations).where(*same).values(policy=policy))
