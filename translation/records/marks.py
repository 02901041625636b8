"""Small durable facts of translating: how far it came, under which policy, and whether its inputs changed."""

import json

from sqlalchemy import Connection, Integer, Text, cast, delete, select

from catalog.database import upsert
from catalog.locks import TEXTS, TURN, hold
from catalog.tables import marks

STALE = ""
"""Policy of a translation that must be looked at again."""

FOLLOWED = "texts.position"
MEMORY_VERSION = "memory.version"
_TRANSLATED = "translate.done"
_INPUTS = "translate.inputs"
_TURN = "translate.turn"


def mark(connection: Connection, name: str) -> str | None:
    """Return a mark's value, ``None`` where there is none."""
    found: str | None = connection.execute(select(marks.c.value).where(marks.c.name == name)).scalar()
    return found


def set_mark(connection: Connection, name: str, value: str) -> None:
    """Set a mark."""
    statement = upsert(connection, marks).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def inputs(connection: Connection, *, hold_still: bool = False) -> int:
    """Return a number that rises whenever a correction is made or memory learns something.

    Args:
        connection: of any transaction.
        hold_still: let it not rise until this transaction, which writes, has ended; others may hold it still too.
    """
    if hold_still:
        hold(connection, TEXTS, shared=True)
    return int(mark(connection, _INPUTS) or 0)


def inputs_changed(connection: Connection) -> None:
    """Let translations in work be made again: what they were made from has changed.

    It waits for those that are being saved. So whoever changes more than this number holds
    :data:`catalog.locks.TEXTS` from the start of the transaction.
    """
    hold(connection, TEXTS)
    statement = upsert(connection, marks).values(name=_INPUTS, value="1")
    raised = cast(cast(marks.c.value, Integer) + 1, Text)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": raised}))


def take_turn(connection: Connection, policy: str) -> int:
    """Say that translations are saved under a policy from now on; return the number of this turn.

    A turn ends when another policy's begins, and none begins before this transaction has ended. What was done under
    the old policy is then no longer complete, because texts of the new one stand among it: its mark is taken away.
    """
    while turn(connection)[0] == policy:
        # Shared, so that those who save under one policy do not wait for each other. Given back before it is asked for
        # alone: two who share it and want that would wait for each other.
        with connection.begin_nested() as attempt:
            last_policy, number = turn(connection, hold_still=True)
            if last_policy == policy:
                return number
            attempt.rollback()
    hold(connection, TURN)
    last_policy, number = turn(connection)
    if last_policy != policy:
        number += 1
        set_mark(connection, _TURN, json.dumps({"policy": policy, "number": number}))
        connection.execute(delete(marks).where(marks.c.name == _TRANSLATED))
    return number


def turn(connection: Connection, *, hold_still: bool = False) -> tuple[str | None, int]:
    """Return the policy under which translations were last saved, and the number of that turn.

    Args:
        connection: of any transaction.
        hold_still: let no other turn begin until this transaction, which writes, has ended.
    """
    if hold_still:
        hold(connection, TURN, shared=True)
    found = mark(connection, _TURN)
    if found is None:
        return None, 0
    read = json.loads(found)
    return str(read["policy"]), int(read["number"])


def done(connection: Connection) -> tuple[str, int] | None:
    """Return the policy under which everything was translated, and up to which position; ``None``: never."""
    found = mark(connection, _TRANSLATED)
    if found is None:
        return None
    read = json.loads(found)
    return str(read["policy"]), int(read["position"])


def set_done(connection: Connection, policy: str, position: int) -> None:
    """Remember that everything up to a position was translated under a policy."""
    set_mark(connection, _TRANSLATED, json.dumps({"policy": policy, "position": position}))
