"""What a file gave -> the tables of the store, inside the one transaction that takes it.

On SQLite the store's write lock is held meanwhile, and everybody else who wants to write gives up after 30 s; so the
spool is attached to the store, and SQLite moves the products by itself: a million take a fifth of the CPU time that
they take through Python. To a server they are copied first, and then moved by the same statements.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    Connection,
    Integer,
    Join,
    and_,
    case,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.schema import CreateTable, DropTable

from catalog.changelog import log_selected
from catalog.copying import copy_rows
from catalog.database import upsert, utc_now
from catalog.errors import UnavailableError
from catalog.spool import Spool, SpooledRow, changed, rows
from catalog.tables import products

CHUNK = 500
"""Ids a query: SQLite allows 32,766 variables a statement, and short statements keep the lock short."""

_PAGE = 5_000
"""Ids that are compared with the spool at a time."""

_COPIED = 2_000
"""Products that are in memory at a time on their way to a server, some megabytes."""

_KEPT = ("feed", "lang", "brand", "digest", "body", "withdrawn", "upload", "updated_at")
"""Columns of a product that a new version of it changes."""

Outcome = Literal["created", "updated", "unchanged"]
Stored = tuple[str, int, str]
"""Digest, whether it is withdrawn, and the feed of a product in the store."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Whose products they are and with which upload they came."""

    supplier: str
    feed: str
    upload: str

    def id_of(self, sku: str) -> str:
        """Return a product's id."""
        return f"{self.supplier}/{sku}"

    def outcome(self, before: Stored | None, digest: str) -> Outcome:
        """Say what becomes of a product by what the store has."""
        if before is None:
            return "created"
        return "unchanged" if before == (digest, 0, self.feed) else "updated"

    def stored(self, connection: Connection, ids: Sequence[str]) -> dict[str, Stored]:
        """Return what the store has of some products."""
        query = select(products.c.id, products.c.digest, products.c.withdrawn, products.c.feed)
        return {
            name: (digest, withdrawn, feed)
            for chunk in chunks(ids)
            for name, digest, withdrawn, feed in connection.execute(query.where(products.c.id.in_(chunk)))
        }

    def columns(self, now: datetime) -> dict[str, Any]:
        """Return the columns that are the same for all products of the file."""
        same = {"supplier": self.supplier, "feed": self.feed, "withdrawn": 0, "upload": self.upload}
        return same | {"created_at": now, "updated_at": now}

    @property
    def live(self) -> Any:
        """The live products of the feed, as a condition."""
        return and_(products.c.supplier == self.supplier, products.c.feed == self.feed, products.c.withdrawn == 0)


class AttachedTakeover:
    """Moves the products inside SQLite; the connections are those of the spool."""

    def __init__(self, arrival: Arrival) -> None:
        self._arrival = arrival
        self._id = literal(f"{arrival.supplier}/") + rows.c.sku
        self._beside = rows.outerjoin(products, products.c.id == self._id)

    def still_there(self, connection: Connection) -> bool:
        """Say whether the store holds each product of which the spool has no body, with the same content."""
        return not self._lost(connection, self._beside)

    def _lost(self, connection: Connection, among: Join) -> bool:
        lost = or_(products.c.id.is_(None), products.c.digest != rows.c.digest)
        query = select(rows.c.place).select_from(among).where(rows.c.body == "", lost).limit(1)
        return connection.execute(query).first() is not None

    def write(self, connection: Connection) -> dict[str, int]:
        """Write what differs from the store and log it; return how many were created, updated and unchanged.

        Raises:
            UnavailableError: a product whose body is only in the store was changed there meanwhile.
        """
        counts = self._compare(connection)
        if self._lost(connection, self._beside.join(changed, changed.c.place == rows.c.place)):
            raise changed_meanwhile(self._arrival)
        now = utc_now()
        self._restore(connection, now)
        self._upsert(connection, now)
        named = select(self._id, literal("")).select_from(rows.join(changed, changed.c.place == rows.c.place))
        log_selected(connection, named.order_by(rows.c.place))
        return counts

    def _compare(self, connection: Connection) -> dict[str, int]:
        same = and_(
            products.c.digest == rows.c.digest, products.c.withdrawn == 0, products.c.feed == self._arrival.feed
        )
        created = products.c.id.is_(None)
        differing = select(rows.c.place, case((created, 1), else_=0)).select_from(self._beside)
        connection.execute(insert(changed).from_select(["place", "created"], differing.where(or_(created, not_(same)))))
        total = connection.execute(select(func.count()).select_from(rows)).scalar_one()
        new = func.coalesce(func.sum(changed.c.created), 0)
        differ, fresh = connection.execute(select(func.count(), new).select_from(changed)).one()
        return {"created": fresh, "updated": differ - fresh, "unchanged": total - differ}

    def _restore(self, connection: Connection, now: datetime) -> None:
        known = select(self._id).select_from(rows.join(changed, changed.c.place == rows.c.place))
        values = {name: self._arrival.columns(now)[name] for name in ("withdrawn", "feed", "upload", "updated_at")}
        connection.execute(update(products).where(products.c.id.in_(known.where(rows.c.body == ""))).values(values))

    def _upsert(self, connection: Connection, now: datetime) -> None:
        own = {"id": self._id, **{name: rows.c[name] for name in ("lang", "brand", "digest", "body")}}
        same = {name: literal(value, products.c[name].type) for name, value in self._arrival.columns(now).items()}
        whole = rows.join(changed, changed.c.place == rows.c.place)
        # In the order of the file, which mostly is that of the ids.
        source = select(*own.values(), *same.values()).select_from(whole).where(rows.c.body != "")
        statement = upsert(connection, products).from_select([*own, *same], source.order_by(rows.c.place))
        kept = {name: statement.excluded[name] for name in _KEPT}
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=kept))

    def missing(self, connection: Connection) -> set[str]:
        """Return the live products of the feed that the file does not name."""
        sku = func.substr(products.c.id, len(self._arrival.supplier) + 2, type_=rows.c.sku.type)
        named = select(literal(1, Integer)).select_from(rows).where(rows.c.sku == sku).exists()
        return set(connection.execute(select(products.c.id).where(self._arrival.live, ~named)).scalars())


class StagedTakeover(AttachedTakeover):
    """Moves the products inside a server, from temporary tables to which the spool is copied first.

    While the file is read the spool is asked, page by page: those tables are there only while the file is taken.
    """

    def __init__(self, arrival: Arrival, spool: Spool) -> None:
        super().__init__(arrival)
        self._spool = spool

    def still_there(self, connection: Connection) -> bool:
        """Say whether the store holds each product of which the spool has no body, with the same content."""
        for batch in self._spool.batches():
            bare = {self._arrival.id_of(row.sku): row.digest for row in batch if not row.body}
            stored = self._arrival.stored(connection, list(bare))
            if any(name not in stored or stored[name][0] != digest for name, digest in bare.items()):
                return False
        return True

    def write(self, connection: Connection) -> dict[str, int]:
        """Write what differs from the store and log it; return how many were created, updated and unchanged.

        Raises:
            UnavailableError: a product whose body is only in the store was changed there meanwhile.
        """
        # A third of the time that 100,000 changed products take when they are written page by page from here.
        staged = connection.execution_options(schema_translate_map={"spool": "pg_temp"})
        for table in (rows, changed):
            staged.execute(CreateTable(table))
        for batch in self._spool.placed(_COPIED):
            copy_rows(staged, 'pg_temp."rows"', ("place", *SpooledRow.__dataclass_fields__), batch)
        staged.execute(text("ANALYZE pg_temp.rows"))
        counts = super().write(staged)
        for table in (changed, rows):
            staged.execute(DropTable(table))
        return counts

    def missing(self, connection: Connection) -> set[str]:
        """Return the live products of the feed that the file does not name."""
        missing: set[str] = set()
        after = ""
        page = select(products.c.id).where(self._arrival.live).order_by(products.c.id).limit(_PAGE)
        while ids := list(connection.execute(page.where(products.c.id > after)).scalars()):
            skus = {name: name[len(self._arrival.supplier) + 1 :] for name in ids}
            named = self._spool.find(list(skus.values()))
            missing.update(name for name, sku in skus.items() if sku not in named)
            after = ids[-1]
        return missing


def changed_meanwhile(arrival: Arrival) -> UnavailableError:
    """Return the error for a file whose products another import changed at the same time."""
    return UnavailableError(
        f"another import changed products of supplier {arrival.supplier} at the same time: import the file again"
    )


def chunks(items: Sequence[str]) -> Iterator[list[str]]:
    """Cut ids into pieces that fit a statement."""
    for start in range(0, len(items), CHUNK):
        yield list(items[start : start + CHUNK])
