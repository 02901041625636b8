"""A run of the batch over a store: where it begins, what it reads next, and whether it left anything."""

from collections import deque
from dataclasses import replace

from sqlalchemy import Engine

from catalog.database import reading, writing
from catalog.locks import TEXTS, hold
from translation.records import following, leases, marks, pending
from translation.records.pending import Walk, Wanted
from translation.worker import Worker


class Run:
    """Goes through what is pending until nothing is but what other workers have in hand.

    Args:
        engine: from :func:`catalog.database.connect`; texts are in line with the products already.
        wanted: what is to be translated.
    """

    def __init__(self, engine: Engine, wanted: Wanted) -> None:
        self._engine = engine
        self._wanted = wanted
        with writing(engine) as connection:
            self._turn = marks.take_turn(connection, wanted.policy)
            if wanted.everything:
                leases.pardon(connection)
        with reading(engine) as connection:
            # Not the newest position: what another process imports from here on is not followed yet.
            self._position = following.followed(connection)
            done = marks.done(connection)
            self._since = done[1] if done and done[0] == wanted.policy else None
            self._walk: Walk = pending.walk(connection, wanted, self._since)
        self._complete = False
        self._seen = self._position
        self._late: deque[Walk] = deque()
        self._is_lates_turn = False

    def expected(self) -> int:
        """Return how many texts the run will settle at most, each counted once a language."""
        with reading(self._engine) as connection:
            return pending.count(connection, self._wanted, self._since)

    def read(self, number: int) -> list[str]:
        """Return the names of at most so many further texts; none at the end of the walk."""
        with reading(self._engine) as connection:
            self._is_lates_turn = not self._is_lates_turn
            while self._late and self._is_lates_turn:
                if names := self._late[0].read(connection, number):
                    return names
                self._late.popleft()
            return self._walk.read(connection, number)

    def follow(self) -> None:
        """Let what was imported since the run began take turns with the rest, so that it need not wait for it all."""
        following.follow(self._engine)
        with reading(self._engine) as connection:
            until = following.followed(connection)
            if until > self._seen and not self._wanted.everything:
                self._late.append(pending.walk(connection, self._wanted, self._seen))
                self._seen = until

    def may_go_on(self, worker: Worker) -> bool:
        """Say whether texts are left that nobody has in hand; then the walk begins anew."""
        worker.bury()
        # Looked at in this run is looked at: after the first walk only what is pending still is walked.
        self._wanted = replace(self._wanted, everything=False)
        with reading(self._engine) as connection:
            self._walk = pending.walk(connection, self._wanted, self._since)
            left = self._walk.left(connection)
            self._complete = left == "none"
            return left == "free"

    def mark_done(self) -> None:
        """Remember that everything up to the run's position was translated under its policy, if nothing was left.

        It is not remembered when another process saved under another policy since the run began: some texts may be
        that policy's now.
        """
        if not self._complete:
            return
        with writing(self._engine) as connection:
            hold(connection, TEXTS)
            if marks.turn(connection) == (self._wanted.policy, self._turn):
                position = following.no_product_until(connection, self._position)
                marks.set_done(connection, self._wanted.policy, position)
                leases.forget_suspects(connection)
                following.pass_translations(connection)
