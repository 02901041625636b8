"""Following: texts brought in line with the products that changed, and the mark of how far that came.

Each page of the change log is one transaction together with the mark: a kill in between costs nothing, and of two
processes that follow at once each takes the pages that the other has not. Meanwhile nobody saves translations: who
reads which products carry a text must not miss one that is being followed.
"""

from typing import Any

from sqlalchemy import Connection, Engine, Select, select

from catalog.changelog import last_position, reading_log, settle, visible
from catalog.database import writing
from catalog.locks import TEXTS, hold
from catalog.tables import changes
from translation.memory import entries as memory
from translation.records import corrections, marks
from translation.records.texts import CHUNK, live_products, replace_occurrences
from translation.terminology.affected import mark_left


def follow(engine: Engine) -> int:
    """Follow to the end of the log; return how many products changed."""
    count = 0
    settle(engine)
    while _is_behind(engine):
        with writing(engine) as connection:
            hold(connection, TEXTS)
            page = connection.execute(_unfollowed(connection, followed(connection))).all()
            if not page:
                break
            ids = sorted({row.product for row in page})
            live = live_products(connection, ids)
            mark_left(connection, ids)
            replace_occurrences(connection, ids, live)
            corrections.restore_own_texts(connection, ids, live)
            memory.learn_given(connection, live)
            marks.set_mark(connection, marks.FOLLOWED, str(page[-1].position))
            count += len(ids)
    _close_up(engine)
    return count


def _close_up(engine: Engine) -> None:
    """Move the mark past the translations logged since the last product, so that the log can be cut there."""
    with reading_log(engine) as connection:
        if followed(connection) == last_position(connection):
            return
    with writing(engine) as connection:
        pass_translations(connection)


def _is_behind(engine: Engine) -> bool:
    # Asked by a reader first: who only looks must not wait for another process's write.
    with reading_log(engine) as connection:
        return connection.execute(_unfollowed(connection, followed(connection)).limit(1)).first() is not None


def pass_translations(connection: Connection) -> None:
    """Move the mark to the end of the log when no product changed behind it."""
    hold(connection, TEXTS)
    marks.set_mark(connection, marks.FOLLOWED, str(no_product_until(connection, followed(connection))))


def followed(connection: Connection) -> int:
    """Return the position up to which texts are in line with the products."""
    return int(marks.mark(connection, marks.FOLLOWED) or 0)


def no_product_until(connection: Connection, position: int) -> int:
    """Return the newest position of the log when no product changed after ``position``, else ``position``.

    What follows products need not wait for one to pass the translations logged behind the last: 19,629 of the 19,929
    entries after a first night, which would stay until the next product changes.
    """
    # The end is asked first: on PostgreSQL a product may be logged between the two questions, and would be passed.
    last = last_position(connection)
    until = _unfollowed(connection, position).where(changes.c.position <= last)
    return position if connection.execute(until.limit(1)).first() is not None else max(position, last)


def _unfollowed(connection: Connection, position: int) -> Select[Any]:
    behind = (changes.c.position > position, changes.c.lang == "", visible(connection))
    changed = select(changes.c.position, changes.c.product).where(*behind)
    return changed.order_by(changes.c.position).limit(CHUNK)
