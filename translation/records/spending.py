"""Characters that were sent to engines which bill them, by month, shared by all processes of a store."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Engine, Text, cast, update

from catalog.database import reading, upsert, writing
from catalog.tables import marks
from translation.records.marks import mark


def _now() -> datetime:
    return datetime.now(UTC)


class Spending:
    """The ledger of a store; see :class:`translation.engines.usage.Ledger`.

    Characters are counted before they are sent, in one statement, so that workers together never pass a budget. What a
    server did not answer stays counted: it may have billed it.

    Args:
        database: from :func:`catalog.database.connect`.
        now: tells the time; months are those of UTC.
    """

    def __init__(self, database: Engine, now: Callable[[], datetime] = _now) -> None:
        self._database = database
        self._now = now

    def spend(self, engine: str, characters: int, budget: int) -> bool:
        """Count characters that are about to be sent; ``False``, and nothing counted, where they pass the budget."""
        name = self._mark(engine)
        with writing(self._database) as connection:
            first = upsert(connection, marks).values(name=name, value="0")
            connection.execute(first.on_conflict_do_nothing())
            total = cast(marks.c.value, BigInteger) + characters
            raised = update(marks).where(marks.c.name == name).values(value=cast(total, Text))
            return bool(connection.execute(raised.where(total <= budget) if budget else raised).rowcount)

    def spent(self, engine: str) -> int:
        """Return the characters of this month."""
        with reading(self._database) as connection:
            return int(mark(connection, self._mark(engine)) or 0)

    def _mark(self, engine: str) -> str:
        return f"spent.{engine}.{self._now():%Y-%m}"
