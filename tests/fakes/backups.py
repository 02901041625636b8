"""What tests of backups compare, and where they take them from."""

import hashlib
from pathlib import Path

from sqlalchemy import Engine

from catalog.backups import BuildsThere, Restored, check_backup, restore_backup
from catalog.database import reading
from catalog.tables import metadata
from tests.servers.filling import Rows, rows_of

NO_BUILDS = BuildsThere("embedded")

AT_WORK = frozenset({"builds", "workers", "leases", "calls"})
"""Tables of what was going on; a restore does not bring it back as it was."""


def contents(engine: Engine, *, but: frozenset[str] = AT_WORK) -> Rows:
    """Return the rows of a store, by table."""
    with reading(engine) as connection:
        return {name: rows for name, rows in rows_of(connection, metadata).items() if name not in but}


def files(folder: Path) -> dict[str, str]:
    """Return the digests of all files of a folder, by their places."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def take(folder: Path, engine: Engine, uploads: Path, *, replace: bool = False) -> Restored:
    """Restore a backup into a store."""
    return restore_backup(check_backup(folder), folder, engine, uploads, NO_BUILDS, replace=replace)
