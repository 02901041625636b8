"""A store and its uploads to a folder, in one picture, while others go on writing."""

import os
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, select

from catalog.backups.files import StoredFile, appearing, copy, files_below, stored, telling_what_failed
from catalog.backups.manifest import INDEXES, STORE, UPLOAD, UPLOADS, Manifest
from catalog.database import SCHEMA_VERSION, connect, prepare, reading, utc_now, writing
from catalog.errors import UnavailableError
from catalog.moving import Progress, copy_store, no_progress
from catalog.tables import uploads

_PATIENCE_SECONDS = 2.0
"""An upload's row is there a moment before its file is."""

Carry = Callable[[Path], Mapping[str, Any]]
"""Copies the build that serves into a folder, and returns how its backend finds it there."""


def make_backup(
    engine: Engine, kept: Path, folder: Path, progress: Progress = no_progress, carry: Carry | None = None
) -> Manifest:
    """Write a backup of a store into a new folder: it is there whole, or not at all.

    All rows are read in one picture of the store; nobody waits for that. Uploads never change, and one that the store
    names is not deleted unless its supplier is forgotten.

    Args:
        engine: of a store with this version's schema.
        kept: the folder of uploads.
        folder: which must not be there, or be empty.
        progress: hears a table's name or ``uploads``, and how many rows or files were copied.
        carry: copies the live build as well; nothing may write to it or promote another until this returns.

    Raises:
        UsageError: the folder is not empty.
        UnavailableError: the database can't be reached, the disk is full, or a supplier was forgotten meanwhile.
    """
    with telling_what_failed(f"no backup in {folder}"), appearing(folder) as making:
        # Before the picture: what is in this build was in the store before it.
        indexes = carry(making / INDEXES) if carry else None
        with reading(engine) as old:
            named = _uploads_named(old)
            made_at = utc_now()
            tables = _copy_rows(old, making / STORE, progress)
        _make_one_file(making / STORE)
        _await_uploads(kept, set(named.values()))
        files, missing = _copy_uploads(kept, making / UPLOADS, set(named.values()), progress)
        _refuse_forgotten(engine, set(named))
        below = {path.relative_to(making).as_posix(): stored(path) for path in files_below(making / INDEXES)}
        files |= {STORE: stored(making / STORE), **below}
        manifest = Manifest(
            version("lexicart"), SCHEMA_VERSION, made_at, engine.dialect.name, tables, files, missing, indexes
        )
        manifest.write(making)
        for path in (making / STORE, making / "manifest.json", *files_below(making / INDEXES)):
            _sync_file(path)
    return manifest


def _copy_rows(old: Connection, file: Path, progress: Progress) -> dict[str, int]:
    target = connect(f"sqlite:///{file}", "the folder and its disk")
    try:
        prepare(target)
        target.dispose()
        event.listen(target, "connect", _without_journal)
        with writing(target) as new:
            tables = copy_store(old, new, progress)
    finally:
        target.dispose()
    return tables


def _without_journal(connection: sqlite3.Connection, _record: Any) -> None:
    # What fails is thrown away as a whole; a journal would take the store's size once more.
    for pragma in ("journal_mode=OFF", "synchronous=OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _make_one_file(file: Path) -> None:
    """Bring what the journal holds into the file, and let no reader of it need another beside it."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.Error as exc:
        raise UnavailableError(f"no backup was made, {file} can't be written: {exc}") from exc


def _sync_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


# -- uploads ----------------------------------------------------------------------------------------------------------


def _uploads_named(connection: Connection) -> dict[str, str]:
    return {row.id: row.digest for row in connection.execute(select(uploads.c.id, uploads.c.digest))}


def _copy_uploads(
    kept: Path, to: Path, digests: set[str], progress: Progress
) -> tuple[dict[str, StoredFile], dict[str, str]]:
    files: dict[str, StoredFile] = {}
    missing: dict[str, str] = {}
    for digest in sorted(digests):
        place = kept / digest[:2]
        for source in sorted(place.glob(f"{digest}*")):
            if not UPLOAD.fullmatch(source.name):
                continue  # it is being written
            target = to / digest[:2] / source.name
            copied = copy(source, target)
            if source.name == digest and copied.sha256 != digest:
                missing[digest] = "its bytes are not those that came"
                target.unlink()
                continue
            files[target.relative_to(to.parent).as_posix()] = copied
            progress(UPLOADS, 1)
        if not (place / digest).is_file():
            missing[digest] = f"it is not in {kept}"
    return files, missing


def _await_uploads(kept: Path, digests: set[str]) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end and not all((kept / digest[:2] / digest).is_file() for digest in digests):
        time.sleep(_PATIENCE_SECONDS / 20)


def _refuse_forgotten(engine: Engine, named: set[str]) -> None:
    with reading(engine) as connection:
        gone = named - set(_uploads_named(connection))
    if gone:
        raise UnavailableError(
            "a supplier was forgotten while the backup was made, and would have been in it: nothing was kept of it, "
            "run it again"
        )
