"""Copies of embedded builds: their folder, as its last commit left it."""

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from catalog.errors import BrokenIndexError
from indexes.embedded import neutral
from indexes.embedded.damage import broken, reporting_damage
from indexes.embedded.files import checksum, sync
from indexes.embedded.shelf import Shelf

_UNFINISHED = ".restoring"


class EmbeddedCopies:
    """Copies builds of the embedded backend; see :class:`~indexes.copies.BuildCopies`.

    Args:
        folder: where the builds are.
    """

    kind = "embedded"

    def __init__(self, folder: Path) -> None:
        self._shelf = Shelf(folder)

    def save(self, build: str, folder: Path) -> Mapping[str, Any]:
        """Copy a build's folder; every file is looked at."""
        source, target = self._shelf.path(build), folder / build
        with reporting_damage(source), closing(neutral.connect(source)) as connection:
            languages = neutral.languages(connection)
            for where in languages.values():
                for name, wanted in where.files.items():
                    _copy(source / where.folder / name, target / where.folder / name, wanted)
            target.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(target / neutral.FILE)) as copy:
                connection.backup(copy)
        return {"folder": build}

    def discard(self, described: Mapping[str, Any]) -> None:
        """Nothing is outside of the backup's folder."""

    def check(self, described: Mapping[str, Any]) -> None:
        """Nothing is outside of the backup's folder."""

    def load(self, described: Mapping[str, Any], folder: Path, build: str) -> None:
        """Put a copy among the builds, in one step."""
        self._shelf.folder.mkdir(parents=True, exist_ok=True)
        fresh = self._shelf.folder / _UNFINISHED
        shutil.rmtree(fresh, ignore_errors=True)  # of a process that was killed
        try:
            shutil.copytree(folder / str(described["folder"]), fresh)
            for path in [*fresh.rglob("*"), fresh]:
                sync(path)
            fresh.rename(self._shelf.folder / build)
            sync(self._shelf.folder)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise


def _copy(source: Path, target: Path, wanted: tuple[int, int]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError as exc:
        raise broken(source.parent.parent, f"{source.parent.name}/{source.name} is missing") from exc
    if (target.stat().st_size, checksum(target)) != wanted:
        raise BrokenIndexError(
            f"{source} is damaged: make a full build (`lexicart index --full`) before a backup of the indexes"
        )
