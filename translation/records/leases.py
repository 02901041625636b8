"""Leases: what each of several workers has in hand, so that none does another's work.

Two things are held. A *lease* is a text that a worker translates into all languages. A *call* is a request that it gave
to an engine, under the key of the answer: the same sentence may stand in two leases, and is still translated once.

A worker that died holds nothing: its leases are free again, and each of its calls counts a crash. What has a crash is
asked in quarantine (:mod:`translation.quarantine`), in ever smaller batches. The third crash, of a request alone there,
makes it *poisoned*: no engine gets it any more. A worker's own death never counts as the third, since anybody may kill
a worker at any time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, case, delete, func, select, update

from catalog.database import upsert, utc_now
from catalog.tables import calls, engine_results, leases, texts, workers
from translation.records.texts import StoredText, chunks, stored_texts

DEAD_AFTER = timedelta(seconds=60)
"""Without a heartbeat for so long a worker is dead; it beats every ten seconds."""

POISONED = 3
"""Crashes after which a request is given to no engine."""

_NOBODY = ""


# -- workers ----------------------------------------------------------------------------------------------------------


def moment(connection: Connection) -> datetime:
    """Return the present moment by the clock that all workers of the store share."""
    if connection.dialect.name == "postgresql":
        now: datetime = connection.execute(select(func.now())).scalar_one()
        return now
    return utc_now()


def enrol(connection: Connection, worker: str, place: str) -> None:
    """Let a worker begin, or go on after it was taken for dead."""
    values = {"id": worker, "place": place, "heartbeat_at": moment(connection)}
    statement = upsert(connection, workers).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


def leave(connection: Connection, worker: str) -> None:
    """Let a worker end in good order: what it holds is free, and none of its calls was a crash."""
    connection.execute(delete(leases).where(leases.c.worker == worker))
    _put_back(connection, calls.c.worker == worker)
    connection.execute(delete(workers).where(workers.c.id == worker))


def dead(connection: Connection, is_gone: Callable[[str], bool]) -> list[str]:
    """Return the workers that died.

    Args:
        connection: of any transaction.
        is_gone: says of a worker's place that its process surely is not there any more.
    """
    last = moment(connection) - DEAD_AFTER
    rows = connection.execute(select(workers)).all()
    return sorted(row.id for row in rows if row.heartbeat_at < last or is_gone(row.place))


def bury(connection: Connection, names: Sequence[str]) -> None:
    """Free what dead workers held, and count a crash for each of their calls."""
    connection.execute(delete(leases).where(leases.c.worker.in_(names)))
    known = case((calls.c.crashes >= POISONED - 1, calls.c.crashes), else_=calls.c.crashes + 1)
    crashed = update(calls).where(calls.c.worker.in_(names))
    connection.execute(crashed.values(worker=_NOBODY, crashes=known))
    connection.execute(delete(workers).where(workers.c.id.in_(names)))


@dataclass(frozen=True, slots=True)
class AtWork:
    """A worker, for people.

    Attributes:
        place: machine and process.
        texts: how many it has in hand.
        beat_at: when it last said that it lives.
    """

    place: str
    texts: int
    beat_at: datetime


def at_work(connection: Connection, is_gone: Callable[[str], bool]) -> list[AtWork]:
    """Return the workers that live, by their places."""
    gone = dead(connection, is_gone)
    texts_of = select(func.count()).where(leases.c.worker == workers.c.id).scalar_subquery()
    query = select(workers.c.place, texts_of.label("texts"), workers.c.heartbeat_at)
    rows = connection.execute(query.where(workers.c.id.not_in(gone)).order_by(workers.c.place))
    return [AtWork(*row) for row in rows]


def poisoned(connection: Connection) -> int:
    """Return how many requests no engine gets any more."""
    query = select(func.count()).select_from(calls).where(calls.c.crashes >= POISONED, calls.c.worker == _NOBODY)
    found: int = connection.execute(query).scalar_one()
    return found


# -- leases -----------------------------------------------------------------------------------------------------------


def take(connection: Connection, worker: str, names: Sequence[str]) -> list[StoredText]:
    """Lease those of the texts that nobody holds, and return them in the order asked for.

    On PostgreSQL rows that another worker leases at this moment are passed over instead of waited for.
    """
    free = []
    for chunk in chunks(names):
        held = select(leases.c.text).where(leases.c.text == texts.c.digest).exists()
        query = stored_texts().where(texts.c.digest.in_(chunk), ~held).order_by(texts.c.digest)
        free += [StoredText(*row) for row in connection.execute(query.with_for_update(of=texts, skip_locked=True))]
    mine: list[str] = []
    for part in chunks(one.digest for one in free):
        rows = [{"text": name, "worker": worker} for name in part]
        # The rows beside the statement and not in it, which SQLAlchemy would compile anew for each number of them.
        statement = upsert(connection, leases).on_conflict_do_nothing().returning(leases.c.text)
        mine += connection.execute(statement, rows).scalars()
    found = {one.digest: one for one in free}
    got = set(mine)
    return [found[name] for name in names if name in got]


def release(connection: Connection, worker: str, names: Iterable[str]) -> None:
    """Give texts back, done or not."""
    for chunk in chunks(names):
        connection.execute(delete(leases).where(leases.c.worker == worker, leases.c.text.in_(chunk)))


# -- calls ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claimed:
    """What became of requests that a worker wants to give to an engine; those left out are in another's hands.

    Attributes:
        crashes: the requests that are the worker's now, with the number of workers that died during each.
        known: those that were answered meanwhile.
        poisoned: those that no engine gets any more.
    """

    crashes: dict[str, int]
    known: dict[str, str]
    poisoned: frozenset[str]


def claim(connection: Connection, worker: str, keys: Sequence[str]) -> Claimed:
    """Claim requests by the keys of their answers."""
    mine: dict[str, int] = {}
    for chunk in chunks(sorted(keys)):
        statement = upsert(connection, calls)
        free = (calls.c.worker == _NOBODY) & (calls.c.crashes < POISONED)
        statement = statement.on_conflict_do_update(index_elements=["key"], set_={"worker": worker}, where=free)
        claimed = [{"key": key, "worker": worker, "crashes": 0} for key in chunk]
        rows = connection.execute(statement.returning(calls.c.key, calls.c.crashes), claimed)
        mine.update({row.key: row.crashes for row in rows})
    # Asked after the claim: whoever answered one of them before let go of it in the same transaction.
    known = results(connection, list(mine))
    _let_go(connection, worker, known)
    lost = [key for key in keys if key not in mine]
    return Claimed({key: count for key, count in mine.items() if key not in known}, known, _poisoned(connection, lost))


def _poisoned(connection: Connection, keys: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for chunk in chunks(keys):
        query = select(calls.c.key).where(calls.c.key.in_(chunk), calls.c.crashes >= POISONED)
        found.update(connection.execute(query.where(calls.c.worker == _NOBODY)).scalars())
    return frozenset(found)


def answered(connection: Connection, worker: str, given: Mapping[str, tuple[str, str]], keys: Sequence[str]) -> None:
    """Keep engines' answers and let go of the calls, in one transaction: a kill loses neither.

    Args:
        connection: of a transaction that writes.
        worker: who asked.
        given: ``key -> (translation, engine)``.
        keys: all requests of the call, also those that failed.
    """
    if given:
        rows = [{"key": key, "translation": text, "engine": engine} for key, (text, engine) in sorted(given.items())]
        connection.execute(upsert(connection, engine_results).on_conflict_do_nothing(), rows)
    _let_go(connection, worker, keys)


def crashed(connection: Connection, worker: str, keys: Sequence[str]) -> None:
    """Count a crash for each of the requests that a worker has in hand; those poisoned by it are nobody's."""
    for chunk in chunks(keys):
        mine = (calls.c.worker == worker) & calls.c.key.in_(chunk)
        connection.execute(update(calls).where(mine).values(crashes=calls.c.crashes + 1))
        connection.execute(update(calls).where(mine, calls.c.crashes >= POISONED).values(worker=_NOBODY))


def put_back(connection: Connection, worker: str, keys: Sequence[str]) -> None:
    """Give requests back that were not asked; their crashes stay counted."""
    for chunk in chunks(keys):
        _put_back(connection, (calls.c.worker == worker) & calls.c.key.in_(chunk))


def _put_back(connection: Connection, which: ColumnElement[bool]) -> None:
    connection.execute(delete(calls).where(which, calls.c.crashes == 0))
    connection.execute(update(calls).where(which).values(worker=_NOBODY))


def _let_go(connection: Connection, worker: str, keys: Iterable[str]) -> None:
    for chunk in chunks(keys):
        connection.execute(delete(calls).where(calls.c.worker == worker, calls.c.key.in_(chunk)))


def results(connection: Connection, keys: Sequence[str]) -> dict[str, str]:
    """Return what engines answered before, by key."""
    found: dict[str, str] = {}
    for chunk in chunks(keys):
        query = select(engine_results.c.key, engine_results.c.translation).where(engine_results.c.key.in_(chunk))
        found.update({row.key: row.translation for row in connection.execute(query)})
    return found


def pardon(connection: Connection) -> None:
    """Forget all crashes: poisoned requests are tried once more."""
    connection.execute(delete(calls).where(calls.c.worker == _NOBODY))


def forget_suspects(connection: Connection) -> None:
    """Forget crashes of requests that nobody waits for any more, once nothing is pending; poisoned ones stay known."""
    connection.execute(delete(calls).where(calls.c.worker == _NOBODY, calls.c.crashes < POISONED))
