"""Review: the texts that need a person, each with what helps to settle it.

Two sorts. Texts in the state ``needs_review``: the engine's answer did not pass the checks, so that the original stands
in. And corrections whose source text changed: a correction belongs to the text that it was made for, so it is shown
beside the new text and not applied; it leaves the list when the new text is corrected, here or for another product.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, select

from catalog.model import ProductText
from catalog.tables import occurrences, own_texts, texts, translations
from translation.memory.similar import Match, matches
from translation.model import State
from translation.records.corrections import Outdated, outdated
from translation.segments import segments

_MOST_SENTENCES = 20
"""Sentences of a long text for which similar ones are looked for."""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A text that needs a person.

    Attributes:
        product: id of a product that carries the text.
        field: FIELD of the contract, as ``lexicart correct`` takes it.
        kind: as in :class:`catalog.model.ProductText`.
        context: what must be known beside the text.
        source_lang: language in which it is written.
        source: the text.
        lang: language in which it needs a person.
        why: ``needs_review``, or ``outdated_correction``.
        reason: what is wrong, for a person.
        engine: what made the answer that was refused; empty for a correction.
        checks: codes of the checks that refused it.
        products: how many products carry the text and would get a correction of it.
        correction: for an outdated correction, its text.
        old_source: the text that it was made for; ``None`` where the store has it no more.
        matches: past translations of similar texts, the best first.
    """

    product: str
    field: str
    kind: str
    context: str
    source_lang: str
    source: str
    lang: str
    why: str
    reason: str
    engine: str = ""
    checks: tuple[str, ...] = ()
    products: int = 1
    correction: str | None = None
    old_source: str | None = None
    matches: tuple[Match, ...] = ()

    @property
    def supplier(self) -> str:
        """Whose product it is."""
        return self.product.partition("/")[0]

    def as_json(self) -> dict[str, Any]:
        """One of ``texts`` in ``lexicart review --json``."""
        return {
            "id": self.product,
            "field": self.field,
            "source_lang": self.source_lang,
            "source": self.source,
            "lang": self.lang,
            "why": self.why,
            "reason": self.reason,
            "engine": self.engine,
            "checks": list(self.checks),
            "products": self.products,
            "correction": self.correction,
            "old_source": self.old_source,
            "matches": [match.as_json() for match in self.matches],
        }


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Some of the texts that need a person.

    Attributes:
        total: how many there are in all.
        items: those of this page: outdated corrections first, then by language.
    """

    total: int
    items: tuple[ReviewItem, ...]

    def as_json(self) -> dict[str, Any]:
        """The document of ``lexicart review --json``."""
        return {"total": self.total, "texts": [item.as_json() for item in self.items]}


def review(
    connection: Connection, langs: Sequence[str], supplier: str | None = None, limit: int = 50, offset: int = 0
) -> ReviewPage:
    """Return a page of the texts that need a person in some languages; of one supplier, or of all (``None``)."""
    corrected = [_of_outdated(one) for one in outdated(connection, langs, supplier)]
    refused = _refused_query(langs, supplier)
    total = connection.execute(select(func.count()).select_from(refused.subquery())).scalar_one()
    items = corrected[offset : offset + limit]
    if len(items) < limit:
        rest = refused.order_by(translations.c.lang, texts.c.digest)
        rest = rest.limit(limit - len(items)).offset(max(0, offset - len(corrected)))
        items += [_of_refused(row) for row in connection.execute(rest)]
    return ReviewPage(len(corrected) + total, tuple(_with_matches(connection, items)))


def _refused_query(langs: Sequence[str], supplier: str | None) -> Select[Any]:
    """Texts that need review and that readers see: at least one product has no text of its own there."""
    own = exists().where(
        own_texts.c.product == occurrences.c.product,
        own_texts.c.field == occurrences.c.field,
        own_texts.c.lang == translations.c.lang,
    )
    carried = and_(occurrences.c.text == texts.c.digest, ~own)
    query = (
        select(
            texts,
            translations.c.lang.label("target"),
            translations.c.engine,
            translations.c.reason,
            translations.c.checks,
            func.min(occurrences.c.product + "\n" + occurrences.c.field).label("first"),
            func.count(occurrences.c.product.distinct()).label("products"),
        )
        .join(translations, translations.c.text == texts.c.digest)
        .join(occurrences, carried)
        .where(translations.c.state == State.NEEDS_REVIEW.value, translations.c.lang.in_(langs))
        .group_by(*texts.c, translations.c.lang, translations.c.engine, translations.c.reason, translations.c.checks)
    )
    return query if supplier is None else query.where(texts.c.supplier == supplier)


def _of_refused(row: Any) -> ReviewItem:
    product, _, field = row.first.rpartition("\n")
    return ReviewItem(
        product=product,
        field=field,
        kind=row.kind,
        context=row.context,
        source_lang=row.lang,
        source=row.text,
        lang=row.target,
        why="needs_review",
        reason=row.reason,
        engine=row.engine,
        checks=tuple(row.checks.split()),
        products=row.products,
    )


def _of_outdated(one: Outdated) -> ReviewItem:
    return ReviewItem(
        product=one.product,
        field=one.text.field,
        kind=one.text.kind,
        context=one.text.context,
        source_lang=one.source_lang,
        source=one.text.text,
        lang=one.lang,
        why="outdated_correction",
        reason="the text changed since it was corrected: correct the new text, or confirm how it reads now",
        correction=one.correction,
        old_source=one.old_source,
    )


def _with_matches(connection: Connection, items: Sequence[ReviewItem]) -> list[ReviewItem]:
    """Look for similar texts, once for all items of a supplier and pair of languages."""
    groups: dict[tuple[str, str, str], dict[str, list[str]]] = defaultdict(dict)
    for number, item in enumerate(items):
        groups[item.supplier, item.source_lang, item.lang][str(number)] = _parts(item)
    found: dict[str, list[Match]] = {}
    for (supplier, source_lang, lang), wanted in groups.items():
        found |= matches(connection, supplier, source_lang, lang, wanted)
    return [replace(item, matches=tuple(found[str(number)])) for number, item in enumerate(items)]


def _parts(item: ReviewItem) -> list[str]:
    """Return the whole text and, where it has several, its sentences."""
    text = ProductText(item.field, item.kind, item.context, item.source)
    sentences = [segment.text for segment in segments(text, item.source_lang)][:_MOST_SENTENCES]
    return list(dict.fromkeys((item.source, *sentences)))
