"""Pending: which texts wait to be translated. *It is a query, not a flag.*

A text is pending when there is a language in which it has no translation that was looked at under the present policy
(engines, terms, memory, languages).

A *walk* goes through them in the order of work: suppliers take turns, so that forty new rows don't wait behind ten
million, and the titles of each come before its descriptions. Where little changed since everything was up to date, the
walk begins with the change log and costs in proportion to the change; else it goes through all texts, in memory that
does not grow with them.
"""

import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, or_, select

from catalog.tables import changes, leases, occurrences, products, texts, translations
from translation.records.marks import STALE
from translation.records.texts import chunks

WINDOW = 256
"""Suppliers that take turns at a time."""

_LEAST_SHARE = 32
"""Texts that a supplier gives at least when its turn comes: a query each."""

LOG_PRODUCTS, LOG_STALE = 20_000, 100_000
"""Above so many changed products, or translations to be looked at again, the walk goes through all texts: what the
log names is held in memory, about 100 bytes a text."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be translated.

    Attributes:
        langs: target languages.
        policy: digest of all that translations depend on beside the text.
        supplier: only this supplier's texts.
        everything: also texts whose translation was looked at under the policy.
    """

    langs: tuple[str, ...]
    policy: str
    supplier: str | None = None
    everything: bool = False


def is_pending(wanted: Wanted) -> Any:
    """Return the condition for texts that wait, or with ``everything`` for all that products carry."""
    carried = exists().where(occurrences.c.text == texts.c.digest)
    other = and_(translations.c.lang.in_(wanted.langs), translations.c.lang != texts.c.lang)
    looked_at = select(func.count()).where(
        translations.c.text == texts.c.digest, other, translations.c.policy == wanted.policy
    )
    targets = case((texts.c.lang.in_(wanted.langs), len(wanted.langs) - 1), else_=len(wanted.langs))
    if wanted.everything:
        return and_(carried, targets > 0)
    return and_(carried, looked_at.scalar_subquery() < targets)


Left = Literal["none", "held", "free"]
"""What is pending still: nothing; only what workers have in hand; something that nobody has."""


class Walk(Protocol):
    """Goes through pending texts once."""

    def read(self, connection: Connection, number: int) -> list[str]:
        """Return the names of at most so many further texts that may be pending; none at the end."""
        ...

    def left(self, connection: Connection) -> "Left":
        """Say what of the walk is pending still."""
        ...


def walk(connection: Connection, wanted: Wanted, since: int | None) -> Walk:
    """Return a walk through what is pending.

    Args:
        connection: of a transaction that reads.
        wanted: what is to be translated.
        since: position up to which everything was up to date under the policy; ``None``: nothing is known.
    """
    if since is None or wanted.everything:
        return WalkThroughAll(wanted)
    named = _named_by_log(connection, wanted, since)
    return WalkThroughAll(wanted) if named is None else WalkByLog(wanted, named)


@dataclass(slots=True)
class _Turn:
    """Whose turn it is, and how far its texts were walked."""

    supplier: str
    rank: int = -1
    name: str = ""


@dataclass(slots=True)
class WalkThroughAll:
    """A walk through all texts, by the index of supplier, rank and name."""

    wanted: Wanted
    _turns: deque[_Turn] = field(default_factory=deque)
    _last: str | None = ""

    def read(self, connection: Connection, number: int) -> list[str]:
        """Return the names of further pending texts."""
        found: list[str] = []
        while len(found) < number:
            self._admit(connection)
            if not self._turns:
                break
            turn = self._turns.popleft()
            share = min(max(_LEAST_SHARE, number // (len(self._turns) + 1)), number - len(found))
            rows = connection.execute(self._of(turn).limit(share)).all()
            found += [row.digest for row in rows]
            if len(rows) == share:
                turn.rank, turn.name = rows[-1].rank, rows[-1].digest
                self._turns.append(turn)
        return found

    def left(self, connection: Connection) -> Left:
        """Say what is pending still."""
        query = _narrowed(select(texts.c.digest), self.wanted).where(is_pending(self.wanted)).limit(1)
        if connection.execute(query).first() is None:
            return "none"
        return "held" if connection.execute(query.where(~_is_held())).first() is None else "free"

    def _of(self, turn: _Turn) -> Select[Any]:
        beyond = or_(texts.c.rank > turn.rank, and_(texts.c.rank == turn.rank, texts.c.digest > turn.name))
        query = select(texts.c.digest, texts.c.rank).where(texts.c.supplier == turn.supplier, beyond)
        return query.where(is_pending(self.wanted)).order_by(texts.c.rank, texts.c.digest)

    def _admit(self, connection: Connection) -> None:
        """Let further suppliers take turns."""
        while self._last is not None and len(self._turns) < WINDOW:
            # One step in the index each; DISTINCT would read every text of a large supplier.
            query = _narrowed(select(func.min(texts.c.supplier)), self.wanted).where(texts.c.supplier > self._last)
            self._last = connection.execute(query).scalar()
            if self._last is not None:
                self._turns.append(_Turn(self._last))


@dataclass(slots=True)
class WalkByLog:
    """A walk through the texts that the change log and outdated translations name."""

    wanted: Wanted
    named: dict[str, list[str]]
    _turns: deque[tuple[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        self._turns = deque((supplier, 0) for supplier in self.named)

    def read(self, connection: Connection, number: int) -> list[str]:
        """Return the names of further pending texts."""
        while self._turns:
            named = self._named(number)
            query = select(texts.c.digest).where(is_pending(self.wanted))
            waiting = set(in_chunks(connection, query, texts.c.digest, named))
            if found := [name for name in named if name in waiting]:
                return found
        return []

    def _named(self, number: int) -> list[str]:
        found: list[str] = []
        while self._turns and len(found) < number:
            supplier, start = self._turns.popleft()
            share = min(max(_LEAST_SHARE, number // (len(self._turns) + 1)), number - len(found))
            found += self.named[supplier][start : start + share]
            if start + share < len(self.named[supplier]):
                self._turns.append((supplier, start + share))
        return found

    def left(self, connection: Connection) -> Left:
        """Say what is pending still."""
        query = select(_is_held()).where(is_pending(self.wanted))
        left: Left = "none"
        for is_held in in_chunks(connection, query, texts.c.digest, itertools.chain(*self.named.values())):
            if not is_held:
                return "free"
            left = "held"
        return left


def in_chunks(connection: Connection, query: Select[Any], column: Any, names: Iterable[str]) -> Iterator[Any]:
    """Yield the first column of a query over any number of names."""
    for chunk in chunks(names):
        yield from connection.execute(query.where(column.in_(chunk))).scalars()


def _is_held() -> ColumnElement[bool]:
    return exists().where(leases.c.text == texts.c.digest)


def waiting(connection: Connection, wanted: Wanted, lang: str, names: Sequence[str]) -> list[str]:
    """Return those of the texts that wait in one language, in the order given."""
    if wanted.everything:
        return list(names)
    done: set[str] = set()
    for chunk in chunks(names):
        query = select(translations.c.text).where(translations.c.text.in_(chunk), translations.c.lang == lang)
        done.update(connection.execute(query.where(translations.c.policy == wanted.policy)).scalars())
    return [name for name in names if name not in done]


def count(connection: Connection, wanted: Wanted, since: int | None) -> int:
    """Return about how many translations a walk will settle: never too few."""
    targets = len(wanted.langs)
    if since is not None and not wanted.everything:
        named = _named_by_log(connection, wanted, since)
        if named is not None:
            return targets * sum(map(len, named.values()))
    total: int = connection.execute(_narrowed(select(func.count()).select_from(texts), wanted)).scalar_one()
    return targets * total


def _narrowed(query: Select[Any], wanted: Wanted) -> Select[Any]:
    return query if wanted.supplier is None else query.where(texts.c.supplier == wanted.supplier)


def _named_by_log(connection: Connection, wanted: Wanted, since: int) -> dict[str, list[str]] | None:
    """Return by supplier the texts of products that changed, and those with an outdated translation, in their order.

    ``None``: more than is kept in memory.
    """
    changed = select(changes.c.product).where(changes.c.position > since, changes.c.lang == "").distinct()
    if wanted.supplier is not None:
        changed = changed.join(products, products.c.id == changes.c.product)
        changed = changed.where(products.c.supplier == wanted.supplier)
    ids = list(connection.execute(changed.limit(LOG_PRODUCTS + 1)).scalars())
    stale = select(translations.c.text).where(translations.c.policy == STALE).distinct().limit(LOG_STALE + 1)
    names = set(connection.execute(stale).scalars())
    if len(ids) > LOG_PRODUCTS or len(names) > LOG_STALE:
        return None
    for chunk in chunks(ids):
        names.update(connection.execute(select(occurrences.c.text).where(occurrences.c.product.in_(chunk))).scalars())
    rows: list[Any] = []
    for chunk in chunks(names):
        query = _narrowed(select(texts.c.supplier, texts.c.rank, texts.c.digest), wanted)
        rows += connection.execute(query.where(texts.c.digest.in_(chunk))).all()
    found: dict[str, list[str]] = {}
    for supplier, _, name in sorted(tuple(row) for row in rows):
        found.setdefault(supplier, []).append(name)
    return found
