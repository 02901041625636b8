"""The record of builds: which there are and were, in what state, and how far each has read the change log."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Update, case, delete, func, insert, select, update

from catalog.changelog import last_position, reading_log, visible
from catalog.database import reading, utc_now, writing
from catalog.tables import builds, changes
from translation.records.marks import mark, set_mark

STATES = ("building", "verified", "live", "kept", "refused", "deleted")
"""A build is made, verified, serves, is kept for rollback and deleted; or it is refused by the gate."""

REMEMBERED = 50
"""So many builds that are gone stay in the record, the newest, for people who ask what happened."""

_CUT = "changes.cut"

_LOST = "it was found missing from the backend"


@dataclass(frozen=True, slots=True)
class Build:
    """One build of all language indexes.

    Attributes:
        name: its name in the backend, sortable by time.
        state: one of :data:`STATES`.
        position: up to where it has read the change log.
        settings: digest of analysis, encoder, languages and documents' version; a delta needs the same.
        counts: documents by language.
        evaluation: what the gate measured on it.
        code: version of Lexicart that made it, and of the documents in it.
        reasons: why it was refused, which build it was left for by a rollback, or that somebody else deleted it.
        removed_at: when it left the backend; ``None`` while it is there.
    """

    name: str
    state: str
    position: int
    settings: str
    counts: Mapping[str, int]
    evaluation: Mapping[str, Any]
    created_at: datetime
    promoted_at: datetime | None
    code: str = ""
    reasons: tuple[str, ...] = ()
    verified_at: datetime | None = None
    removed_at: datetime | None = None

    @property
    def is_lost(self) -> bool:
        """Whether it was found missing."""
        return self.removed_at is not None and _LOST in self.reasons

    @property
    def documents(self) -> int:
        """How many documents it holds, over all languages."""
        return sum(count for lang, count in self.counts.items() if lang)

    def as_json(self) -> dict[str, Any]:
        """One entry of ``lexicart builds --json``."""
        return {
            "build": self.name,
            "state": self.state,
            "position": self.position,
            "documents": self.documents,
            "langs": {lang: count for lang, count in self.counts.items() if lang},
            "settings": self.settings,
            "code": self.code,
            "reasons": list(self.reasons),
            "evaluation": dict(self.evaluation),
            "created_at": self.created_at.isoformat(),
            "verified_at": _shown(self.verified_at),
            "promoted_at": _shown(self.promoted_at),
            "removed_at": _shown(self.removed_at),
        }


def _shown(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


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

    def add(self, name: str, settings: str, code: str = "") -> Build:
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
                    code=code,
                    reasons="[]",
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
        """Return the builds of this backend, the newest first; also those that are gone, :data:`REMEMBERED` of them."""
        query = select(builds).where(self._mine()).order_by(builds.c.created_at.desc(), builds.c.name)
        with reading(self._engine) as connection:
            return [_build(row) for row in connection.execute(query)]

    def existing(self) -> list[Build]:
        """Return the builds that the backend holds, or may hold, the newest first."""
        return [build for build in self.all() if build.removed_at is None]

    def positions(self) -> list[int]:
        """Return how far each build has read the change log that may still have to catch up."""
        return [build.position for build in self.existing() if build.state not in ("refused", "deleted")]

    def move(self, name: str, position: int) -> None:
        """Record that a build has read the change log up to a position; always the last act of a delta."""
        self._update(name, position=position)

    def verified(self, name: str, counts: Mapping[str, int], evaluation: Mapping[str, Any]) -> None:
        """Record that a build passed its checks."""
        self._update(
            name,
            state="verified",
            counts=json.dumps(counts),
            parity=json.dumps(evaluation),
            verified_at=utc_now(),
        )

    def counted(self, name: str, counts: Mapping[str, int]) -> None:
        """Record how many documents a build holds."""
        self._update(name, counts=json.dumps(counts))

    def refused(
        self, name: str, reasons: Sequence[str], counts: Mapping[str, int], evaluation: Mapping[str, Any]
    ) -> None:
        """Record that the gate refused a build, and why."""
        self._update(
            name,
            state="refused",
            reasons=_as_json(*reasons),
            counts=json.dumps(counts),
            parity=json.dumps(evaluation),
        )

    def live(self, name: str) -> None:
        """Record which build serves; the one before is kept."""
        with writing(self._engine) as connection:
            was = (self._mine(), builds.c.state == "live", builds.c.name != name)
            connection.execute(update(builds).where(*was).values(state="kept"))
            serves = {"state": "live", "promoted_at": utc_now(), "removed_at": None, "reasons": "[]"}
            connection.execute(self._change(name).values(serves))

    def rolled_back(self, name: str, to: str) -> None:
        """Record that a build was left for an older one: it is no build to go back to by itself."""
        self._update(name, reasons=_as_json(f"rolled back to {to}"))

    def removing(self, name: str) -> None:
        """Record that a build is about to be deleted: from now on it is none to roll back to."""
        self._update(name, state=case((builds.c.state == "refused", "refused"), else_="deleted"))

    def removed(self, name: str) -> None:
        """Record that a build is no longer in the backend; of those that are gone the oldest are forgotten."""
        with writing(self._engine) as connection:
            connection.execute(self._change(name).values(removed_at=utc_now()))
            gone = select(builds.c.name).where(self._mine(), builds.c.removed_at.is_not(None))
            oldest = connection.execute(gone.order_by(builds.c.created_at.desc()).offset(REMEMBERED)).scalars().all()
            connection.execute(delete(builds).where(self._mine(), builds.c.name.in_(oldest)))

    def lost(self, build: Build) -> None:
        """Record that a build was deleted, but not by us."""
        self._update(build.name, state="deleted", reasons=_as_json(*build.reasons, _LOST), removed_at=utc_now())

    def found(self, build: Build) -> None:
        """Record that a build that was told as lost is there again; one that was left by a rollback stays so."""
        reasons = (reason for reason in build.reasons if reason != _LOST)
        self._update(build.name, state="kept", reasons=_as_json(*reasons), removed_at=None)

    def clear_reasons(self) -> None:
        """Forget why builds were refused: reasons name products, and some of those must be forgotten."""
        with writing(self._engine) as connection:
            connection.execute(update(builds).where(self._mine(), builds.c.reasons != "[]").values(reasons="[]"))

    def _update(self, name: str, **values: Any) -> None:
        with writing(self._engine) as connection:
            connection.execute(self._change(name).values(**values))

    def _change(self, name: str) -> Update:
        return update(builds).where(self._mine(), builds.c.name == name)

    def _mine(self) -> ColumnElement[bool]:
        return builds.c.backend == self._backend

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

    def changed_after(self, since: int) -> int:
        """Return how many products themselves changed after a position, whether or not that may be read already."""
        query = select(func.count(changes.c.product.distinct())).where(changes.c.position > since, changes.c.lang == "")
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def changed_since(self, name: str, products: Sequence[str]) -> set[tuple[str, str]]:
        """Return what changed of some products since a build read the log: ids with languages, as the log has them.

        The language is empty where the product itself changed. What may not be read yet counts as well.
        """
        query = select(changes.c.product, changes.c.lang).where(changes.c.position > self.get(name).position)
        with reading(self._engine) as connection:
            rows = connection.execute(query.where(changes.c.product.in_(products)).distinct())
            return {(row.product, row.lang) for row in rows}

    def cut_log(self, readers: Sequence[int]) -> int:
        """Delete the entries that every reader has passed, but for the newest; return how many went.

        By the newest one a new build knows where the log ends.
        """
        if not readers:
            return 0
        with writing(self._engine) as connection:
            until = min(*readers, last_position(connection) - 1)
            cut = connection.execute(delete(changes).where(changes.c.position <= until)).rowcount
            if cut:
                set_mark(connection, _CUT, str(max(until, int(mark(connection, _CUT) or 0))))
        return cut

    def is_whole_after(self, position: int) -> bool:
        """Say whether the log still has every change after a position; one of another backend's builds may be older."""
        with reading(self._engine) as connection:
            return position >= int(mark(connection, _CUT) or 0)


def _as_json(*reasons: str) -> str:
    return json.dumps(reasons, ensure_ascii=False)


def _build(row: Row[Any]) -> Build:
    return Build(
        name=row.name,
        state=row.state,
        position=row.position,
        settings=row.settings,
        counts=json.loads(row.counts),
        evaluation=json.loads(row.parity or "{}"),
        created_at=row.created_at,
        promoted_at=row.promoted_at,
        code=row.code,
        reasons=tuple(json.loads(row.reasons)),
        verified_at=row.verified_at,
        removed_at=row.removed_at,
    )
