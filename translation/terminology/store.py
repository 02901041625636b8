"""The record of the operator's and the suppliers' terms, and the termbase that each supplier's texts see.

A change of terms and the marking of the texts that it concerns are one transaction: a translation that was made with
the old terms is either marked for another look or refused when it is saved.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select

from catalog.changelog import settle
from catalog.database import reading, writing
from catalog.errors import NotFoundError
from catalog.languages import CODES
from catalog.locks import TEXTS, hold
from catalog.tables import term_concepts, terms
from translation.records import marks
from translation.records.texts import CHUNK, chunks
from translation.terminology.affected import begin_following_categories, categories_of, follow_categories, mark_affected
from translation.terminology.concepts import Concept, Layer
from translation.terminology.termbase import Termbase

EVERYBODY = ""
"""Whose terms hold for all suppliers: the operator's."""

_VERSION = "terms.version"
_TERMBASES_KEPT = 64


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of concepts that were saved: how many of each, and how many distinct texts are looked at again."""

    created: int
    updated: int
    unchanged: int
    texts: int


class TermStore:
    """Terms of all layers.

    Args:
        engine: from :func:`catalog.database.connect`.
        starter: the termbase beneath all others.
    """

    def __init__(self, engine: Engine, starter: Termbase) -> None:
        self._engine = engine
        self._starter = starter
        self._made: dict[str, tuple[str, Termbase]] = {}

    # -- termbases ----------------------------------------------------------------------------------------------------

    @property
    def version(self) -> str:
        """What every translation depends on; the terms of the store are not in it, they mark what they concern."""
        return self._starter.version

    def of(self, supplier: str) -> Termbase:
        """Return the termbase of a supplier's texts; it is made again only when its terms changed."""
        with reading(self._engine) as connection:
            versions = _versions(connection, supplier)
            base = self._termbase(connection, EVERYBODY, versions.get(EVERYBODY), self._starter)
            return base if supplier == EVERYBODY else self._termbase(connection, supplier, versions.get(supplier), base)

    def _termbase(self, connection: Connection, supplier: str, version: str | None, beneath: Termbase) -> Termbase:
        if version is None:
            return beneath
        known = self._made.get(supplier)
        if known is not None and known[0] == version and known[1].lies_over(beneath):
            return known[1]
        made = Termbase(_read(connection, supplier), beneath)
        if len(self._made) >= _TERMBASES_KEPT:
            self._made.pop(next(name for name in self._made if name != EVERYBODY))
        self._made[supplier] = (version, made)
        return made

    def follow(self) -> None:
        """Let texts be looked at again whose products moved to another category, where terms depend on it."""
        with reading(self._engine) as connection:
            scoped = select(term_concepts.c.supplier).where(term_concepts.c.categories != "[]").distinct()
            suppliers = set(connection.execute(scoped).scalars())
        if suppliers:
            settle(self._engine)
            with writing(self._engine) as connection:
                hold(connection, TEXTS)
                follow_categories(connection, None if EVERYBODY in suppliers else suppliers)

    def categories(self, names: Sequence[str]) -> dict[str, list[str]]:
        """Return the category paths of the products that carry each text, ``""`` for those without one."""
        with reading(self._engine) as connection:
            return categories_of(connection, names)

    # -- terms --------------------------------------------------------------------------------------------------------

    def concepts(self, supplier: str = EVERYBODY) -> list[Concept]:
        """Return the concepts of one supplier, or the operator's, by id."""
        with reading(self._engine) as connection:
            return _read(connection, supplier)

    def save(self, supplier: str, concepts: Iterable[Concept], langs: Collection[str] = CODES) -> Saved:
        """Save concepts of a supplier, or the operator's; each replaces the one of its id.

        Args:
            supplier: whose they are.
            concepts: what is saved; of two with one id the last.
            langs: languages that they speak of; what the one before says in others is left as it is.
        """
        layer = Layer.SUPPLIER if supplier else Layer.INSTALLATION
        new = {concept.id: replace(concept, layer=layer) for concept in concepts}
        with writing(self._engine) as connection:
            hold(connection, TEXTS)
            before = {one.id: one for one in _read(connection, supplier, sorted(new))}
            new = {name: _with_rest(one, before.get(name), langs) for name, one in new.items()}
            changed = {name: one for name, one in new.items() if before.get(name) != one}
            if not changed:
                return Saved(0, 0, len(new), 0)
            _delete(connection, supplier, [name for name in changed if name in before])
            _write(connection, supplier, list(changed.values()), _next_version(connection))
            replaced = [before[name] for name in changed if name in before]
            texts = self._changed(connection, supplier, [*replaced, *changed.values()])
        return Saved(len(changed) - len(replaced), len(replaced), len(new) - len(changed), texts)

    def remove(self, supplier: str, ids: Iterable[str]) -> int:
        """Remove concepts of a supplier, or the operator's; return how many distinct texts are looked at again.

        Raises:
            NotFoundError: one of them is not there; nothing is removed then.
        """
        wanted = sorted(set(ids))
        with writing(self._engine) as connection:
            hold(connection, TEXTS)
            found = _read(connection, supplier, wanted)
            missing = sorted(set(wanted) - {one.id for one in found})
            if missing:
                whose = f"supplier {supplier}" if supplier else "the installation"
                raise NotFoundError(f"{whose} has no concept {missing[0]!r}: `lexicart terms list` names what is there")
            _delete(connection, supplier, wanted)
            return self._changed(connection, supplier, found)

    def _changed(self, connection: Connection, supplier: str, changed: Sequence[Concept]) -> int:
        marks.inputs_changed(connection)
        if any(one.categories for one in changed):
            begin_following_categories(connection)
        return mark_affected(connection, supplier, self._concerned(connection, supplier, changed))

    def _concerned(self, connection: Connection, supplier: str, changed: Sequence[Concept]) -> list[Concept]:
        """Return every concept by whose terms a text is concerned: those that changed, and those they say something of.

        A supplier's "screw" that only has a French term is found by the German term of the starter's.
        """
        names = {one.id for one in changed}
        bans = {
            (lang, term) for one in changed if one.is_ban for lang, found in one.forbidden.items() for term in found
        }
        base = Termbase(_read(connection, EVERYBODY), self._starter)
        base = Termbase(_read(connection, supplier), base) if supplier else base
        banned = [named for lang, term in bans for named in base.naming(lang, term)]
        names |= {one.id for one in banned}
        stored = [one for chunk in chunks(sorted(names)) for one in _read(connection, None, chunk)]
        starter = [one for one in self._starter.concepts if one.id in names]
        return [*changed, *banned, *stored, *starter]


def _with_rest(new: Concept, old: Concept | None, langs: Collection[str]) -> Concept:
    """Return the new concept with what the old one says in languages of which the new one does not speak."""
    rest = [code for code in CODES if code not in langs] if old else []
    if old is None or not rest:
        return new
    return replace(
        new,
        terms={**new.terms, **{code: old.terms[code] for code in rest if code in old.terms}},
        forbidden={**new.forbidden, **{code: old.forbidden[code] for code in rest if code in old.forbidden}},
        binding=new.binding | (old.binding & frozenset(rest)),
    )


def _read(connection: Connection, supplier: str | None, ids: Sequence[str] | None = None) -> list[Concept]:
    """Read concepts of one supplier or of all (``None``), those named or all."""
    found: list[Concept] = []
    for chunk in [None] if ids is None else chunks(ids):
        heads, bodies = select(term_concepts), select(terms)
        if supplier is not None:
            heads, bodies = (
                heads.where(term_concepts.c.supplier == supplier),
                bodies.where(terms.c.supplier == supplier),
            )
        if chunk is not None:
            heads, bodies = heads.where(term_concepts.c.concept.in_(chunk)), bodies.where(terms.c.concept.in_(chunk))
        rows: dict[tuple[str, str], list[Any]] = {}
        for row in connection.execute(bodies.order_by(terms.c.supplier, terms.c.concept, terms.c.lang, terms.c.place)):
            rows.setdefault((row.supplier, row.concept), []).append(row)
        for head in connection.execute(heads.order_by(term_concepts.c.supplier, term_concepts.c.concept)):
            found.append(_concept(head, rows.get((head.supplier, head.concept), [])))
    return found


def _concept(head: Any, rows: Sequence[Any]) -> Concept:
    said: dict[str, list[str]] = {}
    forbidden: dict[str, list[str]] = {}
    for row in rows:
        (forbidden if row.status == "forbidden" else said).setdefault(row.lang, []).append(row.term)
    return Concept(
        head.concept,
        head.kind,
        head.domain,
        {lang: tuple(found) for lang, found in said.items()},
        Layer.SUPPLIER if head.supplier else Layer.INSTALLATION,
        tuple(json.loads(head.categories)),
        {lang: tuple(found) for lang, found in forbidden.items()},
        frozenset(row.lang for row in rows if row.status == "preferred"),
        bool(head.kept),
    )


def _versions(connection: Connection, supplier: str) -> dict[str, str]:
    """Return what changes with every change of the operator's and a supplier's terms; nothing for who has none.

    Of rows that carry rising numbers the highest and how many there are never come back together.
    """
    counted = select(
        term_concepts.c.supplier, func.count().label("number"), func.max(term_concepts.c.version).label("last")
    )
    query = counted.where(term_concepts.c.supplier.in_((EVERYBODY, supplier))).group_by(term_concepts.c.supplier)
    return {row.supplier: f"{row.number} {row.last}" for row in connection.execute(query)}


def _next_version(connection: Connection) -> int:
    version = int(marks.mark(connection, _VERSION) or 0) + 1
    marks.set_mark(connection, _VERSION, str(version))
    return version


def _write(connection: Connection, supplier: str, concepts: Sequence[Concept], version: int) -> None:
    heads = [
        {
            "supplier": supplier,
            "concept": one.id,
            "kind": one.kind,
            "domain": one.domain,
            "categories": json.dumps(one.categories, ensure_ascii=False),
            "kept": int(one.kept),
            "version": version,
        }
        for one in concepts
    ]
    connection.execute(insert(term_concepts), heads)
    rows = [row for one in concepts for row in _rows(supplier, one)]
    if rows:
        connection.execute(insert(terms), rows)


def _rows(supplier: str, concept: Concept) -> list[dict[str, Any]]:
    rows = []
    for lang in sorted({*concept.terms, *concept.forbidden}):
        said = [(term, "admitted") for term in concept.terms.get(lang, ())]
        if said and lang in concept.binding:
            said[0] = (said[0][0], "preferred")
        said += [(term, "forbidden") for term in concept.forbidden.get(lang, ())]
        for place, (term, status) in enumerate(said):
            row = {"supplier": supplier, "concept": concept.id, "lang": lang}
            rows.append({**row, "place": place, "term": term, "status": status})
    return rows


def _delete(connection: Connection, supplier: str, ids: Sequence[str]) -> None:
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        for table in (terms, term_concepts):
            connection.execute(delete(table).where(table.c.supplier == supplier, table.c.concept.in_(some)))
