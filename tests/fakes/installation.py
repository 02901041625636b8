"""An installation that commands work on, each in a process of its own, and a look at it from this one."""

import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import select

from api.bootstrap import Parts
from api.intake import import_file
from api.settings import load
from api.translating import translate_pending
from catalog.database import reading
from catalog.options import ImportOptions
from catalog.tables import builds, calls, leases, workers
from tests.conftest import ROOT
from translation.batch import BatchOptions


class Installation:
    """A HOME, a database and an index.

    Args:
        home: made when it is missing.
        langs: into which it translates.
        engine: address of its translation server.
        database: URL of a fresh database; empty for SQLite in HOME.
        elasticsearch: addresses of a cluster; empty for the embedded index.
    """

    def __init__(
        self, home: Path, langs: Sequence[str], engine: str, database: str = "", elasticsearch: str = ""
    ) -> None:
        self.home = home
        self.langs = tuple(langs)
        self.prefix = f"kills{secrets.token_hex(4)}"
        self.drop_folder = home / "drop"
        self.kept_folder = home / "sent"
        self.kept_folder.mkdir(parents=True)
        self._settings = {
            "home": str(home),
            "langs": ",".join(langs),
            "engines": "libretranslate",
            "libretranslate_url": engine,
            "database_url": database,
            # Files appear whole here.
            "drop_settled_seconds": "0",
        }
        if elasticsearch:
            self._settings |= {
                "index": "elasticsearch",
                "elasticsearch_url": elasticsearch,
                "elasticsearch_prefix": self.prefix,
            }
        mine = {f"LEXICART_{name.upper()}": value for name, value in self._settings.items() if value}
        others = {name: value for name, value in os.environ.items() if not name.startswith("LEXICART_")}
        self.environment = others | mine

    def start(self, command: Sequence[str], errors: Path) -> "subprocess.Popen[bytes]":
        """Start a command; what it says goes to a file."""
        with errors.open("wb") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "api", *command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    @cached_property
    def parts(self) -> Parts:
        """Its parts, in this process."""
        return Parts(load(**self._settings))

    def doing(self, since: datetime, processes: Sequence[int]) -> str:
        """Say what a command is doing.

        Args:
            since: when it was started.
            processes: its own and those that it started.
        """
        with reading(self.parts.database) as connection:
            made = (builds.c.backend == self.parts.index.name, builds.c.created_at >= since)
            unfinished = builds.c.state.in_(("building", "verified"))
            state = connection.execute(select(builds.c.state).where(*made, unfinished)).scalar()
            query = select(workers.c.place).join(leases, leases.c.worker == workers.c.id).distinct()
            places = connection.execute(query).scalars().all()
        if any(place.endswith(f":{process}") for place in places for process in processes):
            return "translating"
        return "in a full build" if state else "in another step"

    def in_hand(self, processes: Sequence[int]) -> int:
        """Return how many requests processes gave to an engine whose answers are not kept."""
        with reading(self.parts.database) as connection:
            query = select(workers.c.place).join(calls, calls.c.worker == workers.c.id)
            places = connection.execute(query).scalars().all()
        return sum(place.endswith(f":{process}") for place in places for process in processes)

    def take(self, supplier: str, path: Path, name: str) -> None:
        """Import a file in this process."""
        for one in import_file(self.parts, path, ImportOptions(supplier=supplier, filename=name)):
            assert one.taken, one.refused_as_a_whole

    def finish(self) -> None:
        """Translate and index in this process."""
        done = translate_pending(self.parts, BatchOptions(self.langs))
        assert done.failure is None, done.failure
        report = self.parts.builder().update(full=True)
        assert report.promoted, report.reasons

    def clear(self) -> None:
        """Remove what is on the cluster, and close all connections."""
        if self.parts.settings.index == "elasticsearch":
            client = self.parts.cluster.admin
            if found := client.indices.get(index=f"{self.prefix}-*"):
                client.indices.delete(index=list(found))
            self.parts.cluster.close()
        self.parts.close()
