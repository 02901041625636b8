"""The record of builds: which there are, in what state, and how far each has read the change log."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select, update

from catalog.changelog import last_position, reading_log, visible
from catalog.database import reading, utc_now, writing
from catalog.tables import builds, changes

STATES = ("building", "verified", "live", "kept", "refused")
"""A build is made, verified, serves, is kept for rollback, or was refused; deleted ones leave the record."""


@dataclass(frozen=True, slots=True)
class Build:
    """One build of all language indexes.

    Attributes:
        name: its name in the backend, sortable by time.
        state: one of :data:`STATES`.
        position: up to where it has read the change log.
        settings: digest of analysis, encoder, languages and code that made it; a delta needs the same.
        counts: documents by language.
        evaluation: what the gate measured on it.
    """

    name: str
    state: str
    position: int
    settings: str
    counts: Mapping[str, int]
    evaluation: Mapping[str, Any]
    created_at: datetime
    promoted_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """One entry of ``lexicart builds --json``."""
        return {
            "build": self.name,
            "state": self.state,
            "position": self.position,
            "documents": sum(count for lang, count in self.counts.items() if lang),
            "created_at": self.created_at.isoformat(),
            "promoted_at": self.promoted_at.isoformat() if self.promoted_at else None,
        }


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed between two positions.

    Attributes:
        until: the position up to which this is everything.
        products: ids of products that themselves changed (or vanished): all their documents are concerned.
        texts: for other products, the languages in which a text changed.
    """

    until: int
    products: frozenset[str]
    texts: Mapping[str, frozenset[str]]

    @property
    def empty(self) -> bool:
        """Whether nothing changed."""
        return not self.products and not self.texts


class IndexStore:
    """Builds of one backend and prefix.

    Args:
        engine: from :func:`catalog.database.connect`.
        backend: :attr:`indexes.backend.SearchIndex.name`; builds of others are never touched.
    """

    def __init__(self, engine: Engine, backend: str) -> None:
        self._engine = engine
        self._backend = backend

    def add(self, name: str, settings: str) -> Build:
        """Record a new build that starts at the present position of the change log."""
        with writing(self._engine) as connection:
            connection.execute(
                insert(builds).values(
                    name=name,
                    backend=self._backend,
                    state="building",
                    position=last_position(connection),
                    settings=settings,
                    counts="{}",
                    parity="{}",
                    created_at=utc_now(),
                )
            )
        return self.get(name)

    def get(self, name: str) -> Build:
        """Return a recorded build.

        Raises:
            KeyError: it is not recorded for this backend.
        """
        for build in self.all():
            if build.name == name:
                return build
        raise KeyError(name)

    def all(self) -> list[Build]:
        """Return the builds of this backend, the newest first."""
        query = (
            select(builds).where(builds.c.backend == self._backend).order_by(builds.c.created_at.desc(), builds.c.name)
        )
        with reading(self._engine) as connection:
            return [
                Build(
                    row.name,
                    row.state,
                    row.position,
                    row.settings,
                    json.loads(row.counts),
                    json.loads(row.parity or "{}"),
                    row.created_at,
                    row.promoted_at,
                )
                for row in connection.execute(query)
            ]

    def move(self, name: str, position: int) -> None:
        """Record that a build has read the change log up to a position; always the last act of a delta."""
        self._update(name, position=position)

    def verified(self, name: str, counts: Mapping[str, int], evaluation: Mapping[str, Any]) -> None:
        """Record that a build passed its checks."""
        self._update(name, state="verified", counts=json.dumps(counts), parity=json.dumps(evaluation))

    def counted(self, name: str, counts: Mapping[str, int]) -> None:
        """Record how many documents a build holds."""
        self._update(name, counts=json.dumps(counts))

    def refused(self, name: str) -> None:
        """Record that the gate refused a build."""
        self._update(name, state="refused")

    def live(self, name: str) -> None:
        """Record which build serves; the one before is kept."""
        with writing(self._engine) as connection:
            mine = builds.c.backend == self._backend
            connection.execute(update(builds).where(mine, builds.c.state == "live").values(state="kept"))
            connection.execute(
                update(builds).where(mine, builds.c.name == name).values(state="live", promoted_at=utc_now())
            )

    def forget(self, name: str) -> None:
        """Take a deleted build from the record."""
        with writing(self._engine) as connection:
            connection.execute(delete(builds).where(builds.c.backend == self._backend, builds.c.name == name))

    def _update(self, name: str, **values: Any) -> None:
        with writing(self._engine) as connection:
            connection.execute(
                update(builds).where(builds.c.backend == self._backend, builds.c.name == name).values(**values)
            )

    # -- the change log -----------------------------------------------------------------------------------------------

    def changes(self, since: int, limit: int) -> Changes:
        """Return what changed after a position, at most ``limit`` entries of the log, each product once."""
        with reading_log(self._engine) as connection:
            behind = select(changes).where(changes.c.position > since, visible(connection))
            rows = connection.execute(behind.order_by(changes.c.position).limit(limit)).all()
        whole = {row.product for row in rows if row.lang == ""}
        texts: dict[str, set[str]] = {}
        for row in rows:
            if row.product not in whole:
                texts.setdefault(row.product, set()).add(row.lang)
        until = rows[-1].position if rows else since
        return Changes(until, frozenset(whole), {name: frozenset(langs) for name, langs in texts.items()})

    def behind(self, since: int) -> int:
        """Return how many entries of the change log come after a position."""
        with reading_log(self._engine) as connection:
            behind = (changes.c.position > since, visible(connection))
            return connection.execute(select(func.count()).select_from(changes).where(*behind)).scalar_one()

    def cut_log(self, readers: Sequence[int]) -> int:
        """Delete the entries that every reader has passed; return how many went."""
        if not readers:
            return 0
        with writing(self._engine) as connection:
            return connection.execute(delete(changes).where(changes.c.position <= min(readers))).rowcount
