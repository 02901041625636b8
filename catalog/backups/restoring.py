"""A backup back into a store: looked through first, then taken in one transaction."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, text

from catalog.backups.files import StoredFile, check, copy, stored, sync, telling_what_failed, working_folder
from catalog.backups.manifest import STORE, UPLOADS, Manifest, read_manifest
from catalog.database import SCHEMA_VERSION, connect, migrate, reading, revisions, writing
from catalog.errors import SchemaOutdatedError, UnreadableFileError, UsageError
from catalog.moving import Progress, copy_store, first_filled, forget_workers, no_progress
from catalog.tables import builds, metadata, uploads

_OTHER = "-"
"""Digest of settings of a build that holds another store's products: no delta may work on it."""


@dataclass(frozen=True, slots=True)
class CarriedBuild:
    """The build that came with a backup, and what it will be called here.

    Attributes:
        backend: under which it was recorded.
        name: as it was recorded.
        to_backend: of this installation.
        to_name: a name that no build has here.
    """

    backend: str
    name: str
    to_backend: str
    to_name: str


@dataclass(frozen=True, slots=True)
class BuildsThere:
    """Which builds there are in this installation's backend, whatever a backup says.

    Attributes:
        backend: its name in the record.
        names: builds that are there.
        live: the one that serves.
        carried: one that will be put there from the backup.
    """

    backend: str
    names: frozenset[str] = frozenset()
    live: str | None = None
    carried: CarriedBuild | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """What was taken from a backup.

    Attributes:
        manifest: of the backup.
        tables: rows of the store now, by table.
        uploads: how many uploads were not there yet.
        replaced: whether a store was there before.
    """

    manifest: Manifest
    tables: Mapping[str, int]
    uploads: int
    replaced: bool


def check_backup(folder: Path, progress: Progress = no_progress) -> Manifest:
    """Read every byte of a backup and return what it holds.

    Raises:
        NotFoundError: the folder holds no backup.
        UnreadableFileError: a file is missing or damaged.
        SchemaOutdatedError: a newer version made it.
    """
    manifest = read_manifest(folder)
    if manifest.schema not in revisions():
        raise SchemaOutdatedError(
            f"{folder} was made by Lexicart {manifest.lexicart} with schema {manifest.schema}, and this version works "
            f"with {SCHEMA_VERSION}: restore it by that version or a later one"
        )
    with telling_what_failed(f"{folder} can't be read"):
        for place, wanted in manifest.files.items():
            check(folder / place, wanted)
            progress("checked", 1)
    for place in manifest.uploads:
        name = place.rpartition("/")[2]
        if not name.startswith(place.split("/")[1]) or (len(name) == 64 and name != manifest.files[place].sha256):
            raise UnreadableFileError(str(folder / place), "it is not the upload of this name: take another backup")
    return manifest


def restore_backup(
    manifest: Manifest,
    folder: Path,
    engine: Engine,
    kept: Path,
    there: BuildsThere,
    progress: Progress = no_progress,
    *,
    replace: bool = False,
) -> Restored:
    """Take store and uploads from a backup; a process that is killed leaves the store that was there before.

    The record of builds says afterwards what is there: builds that the backend of this installation has, none of which
    a delta may go on with, since they hold what another store held. So the next run of the builder makes a full build.

    Args:
        manifest: from :func:`check_backup`.
        folder: of the backup.
        engine: of a store with this version's schema, made ready.
        kept: the folder of uploads; a working copy of the store lies beside it for a while.
        there: which builds there are.
        progress: hears what was copied.
        replace: take it also where the store is not empty; all that is in it goes.

    Raises:
        UsageError: the store is not empty.
        UnreadableFileError: a file of the backup changed since it was checked.
        UnavailableError: the database can't be reached, or a disk is full.
    """
    _refuse_filled(engine, replace=replace)
    with telling_what_failed(f"{folder} is not restored"), _staged(manifest, folder, kept.parent) as staged:
        with writing(staged) as connection:
            forget_workers(connection)
            _rewrite_builds(connection, there)
        fresh = _bring_uploads(manifest, folder, kept, progress)
        try:
            with reading(staged) as old, writing(engine) as new:
                _hold_all(new)
                replaced = first_filled(new) is not None
                if replaced and not replace:
                    raise _filled(engine, new)
                before, own = _uploads_of(new), _own_builds(new)
                _empty(new)
                tables = copy_store(old, new, progress)
                tables["builds"] = _keep_builds(new, own)
        except BaseException:
            _take_back(fresh)
            raise
    with reading(engine) as connection:
        now = _uploads_of(connection)
    _remove_uploads(kept, before - now)
    whole = sum(len(path.name) == 64 for path in fresh)
    return Restored(manifest, tables, whole, replaced)


# -- the store that is there ------------------------------------------------------------------------------------------


def _refuse_filled(engine: Engine, *, replace: bool) -> None:
    if replace:
        return
    with reading(engine) as connection:
        if first_filled(connection) is not None:
            raise _filled(engine, connection)


def _filled(engine: Engine, connection: Connection) -> UsageError:
    place = engine.url.render_as_string(hide_password=True)
    return UsageError(
        f"the store {place} is not empty (table {first_filled(connection)}): `--replace` deletes all that is in it and "
        "takes the backup; or set LEXICART_DATABASE_URL or LEXICART_HOME to a new place"
    )


def _hold_all(connection: Connection) -> None:
    """Keep writers away until the transaction ends; readers go on with what they see."""
    if connection.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def _empty(connection: Connection) -> None:
    for table in reversed(metadata.sorted_tables):
        connection.execute(delete(table))


def _own_builds(connection: Connection) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in connection.execute(select(builds))]


def _keep_builds(connection: Connection, own: list[dict[str, Any]]) -> int:
    """Keep the record of the builds that this installation has, so that they are found and one day removed."""
    for row in own:
        mine = (builds.c.backend == row["backend"], builds.c.name == row["name"])
        connection.execute(delete(builds).where(*mine))
    if own:
        connection.execute(insert(builds), [row | {"settings": _OTHER} for row in own])
    return len(_own_builds(connection))


# -- the store that comes ---------------------------------------------------------------------------------------------


@contextmanager
def _staged(manifest: Manifest, folder: Path, beside: Path) -> Iterator[Engine]:
    """Open a working copy of the backup's store, with this version's schema."""
    with working_folder(beside, ".restoring-") as place:
        file = place / STORE
        if copy(folder / STORE, file) != manifest.files[STORE]:
            raise UnreadableFileError(str(folder / STORE), "it changed while it was read: take another backup")
        engine = connect(f"sqlite:///{file}", f"{folder / STORE}")
        try:
            if manifest.schema != SCHEMA_VERSION:
                migrate(engine)
            yield engine
        finally:
            engine.dispose()


def _rewrite_builds(connection: Connection, there: BuildsThere) -> None:
    rows = _own_builds(connection)
    connection.execute(delete(builds))
    kept = [
        row | {"settings": _OTHER, "state": "live" if row["name"] == there.live else "kept", "removed_at": None}
        for row in rows
        if row["backend"] == there.backend and row["name"] in there.names
    ]
    if (carried := there.carried) is not None:
        kept += [
            row | {"backend": carried.to_backend, "name": carried.to_name, "state": "building", "promoted_at": None}
            for row in rows
            if (row["backend"], row["name"]) == (carried.backend, carried.name)
        ]
    if kept:
        connection.execute(insert(builds), kept)


# -- uploads ----------------------------------------------------------------------------------------------------------


def _uploads_of(connection: Connection) -> set[str]:
    return set(connection.execute(select(uploads.c.digest)).scalars())


def _bring_uploads(manifest: Manifest, folder: Path, kept: Path, progress: Progress) -> list[Path]:
    """Copy the uploads that are not there; return them. A store that names an upload finds it, so they come first."""
    fresh: list[Path] = []
    try:
        for place in manifest.uploads:
            target = kept / place.removeprefix(f"{UPLOADS}/")
            is_new = not target.is_file()
            # What was noted of a reading is as good here as there; the bytes of an upload are looked at.
            if is_new or (not target.name.endswith(".gz") and stored(target) != manifest.files[place]):
                _bring(folder / place, target, manifest.files[place])
                fresh += [target] if is_new else []
            progress(UPLOADS, 1)
    except BaseException:
        _take_back(fresh)
        raise
    return fresh


def _take_back(fresh: list[Path]) -> None:
    for path in fresh:
        path.unlink(missing_ok=True)
        with suppress(OSError):  # another upload lies there
            path.parent.rmdir()


def _bring(source: Path, target: Path, wanted: StoredFile) -> None:
    part = target.with_name(f"{target.name}.restoring.part")
    try:
        if copy(source, part) != wanted:
            raise UnreadableFileError(str(source), "it changed while it was read: take another backup")
        part.replace(target)
        sync(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _remove_uploads(kept: Path, digests: set[str]) -> None:
    """Delete what only the store that was replaced knew."""
    for digest in digests:
        for path in (kept / digest[:2]).glob(f"{digest}*"):
            path.unlink(missing_ok=True)
        with suppress(OSError):  # another upload lies there
            (kept / digest[:2]).rmdir()
