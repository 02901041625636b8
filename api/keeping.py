"""Backups of one installation: store, uploads and, where wanted, the build that serves."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from api.bootstrap import Parts
from api.stores import require_store
from catalog.backups import (
    BuildsThere,
    CarriedBuild,
    Manifest,
    Restored,
    check_backup,
    make_backup,
    restore_backup,
)
from catalog.backups.files import refuse_filled, telling_what_failed
from catalog.backups.manifest import INDEXES
from catalog.database import SCHEMA_VERSION, utc_now
from catalog.errors import BrokenIndexError, NotFoundError, UnavailableError, UsageError
from indexes.copies import BuildCopies

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What ``lexicart backup`` did."""

    folder: Path
    manifest: Manifest
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The document of ``--json``."""
        kept = self.manifest
        return {
            "backup": str(self.folder),
            "made_at": kept.made_at.isoformat(),
            "lexicart": kept.lexicart,
            "schema": kept.schema,
            "tables": dict(kept.tables),
            "uploads": kept.uploads_whole,
            "bytes": kept.bytes,
            "missing_uploads": [{"digest": digest, "reason": why} for digest, why in sorted(kept.missing.items())],
            "indexes": _shown(kept.indexes),
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What ``lexicart restore`` did.

    Attributes:
        build: the build that was put in place and serves, ``None`` where indexes have to be built.
        documents: of that build, by language.
        warnings: what a person has to know.
    """

    folder: Path
    restored: Restored
    build: str | None
    documents: Mapping[str, int]
    warnings: tuple[str, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The document of ``--json``."""
        kept = self.restored.manifest
        return {
            "backup": str(self.folder),
            "made_at": kept.made_at.isoformat(),
            "schema": {"from": kept.schema, "to": SCHEMA_VERSION},
            "replaced": self.restored.replaced,
            "tables": dict(self.restored.tables),
            "uploads": self.restored.uploads,
            "missing_uploads": [{"digest": digest, "reason": why} for digest, why in sorted(kept.missing.items())],
            "indexes": {"build": self.build, "documents": dict(self.documents)} if self.build else None,
            "warnings": list(self.warnings),
            "seconds": round(self.seconds, 3),
        }


# -- backup -----------------------------------------------------------------------------------------------------------


def backup(parts: Parts, folder: Path, progress: Progress, *, indexes: bool = False) -> BackupReport:
    """Write a backup into a new folder.

    Args:
        parts: of the installation.
        folder: not there yet, or empty.
        progress: hears what was copied.
        indexes: with the build that serves; no other is made or changed until it is copied.

    Raises:
        NotFoundError: there is no store.
        UsageError: the folder is not empty.
    """
    started = time.monotonic()
    require_store(parts.settings)
    refuse_filled(folder)
    uploads = parts.home / "uploads"
    if not indexes:
        manifest = make_backup(parts.database, uploads, folder, progress)
        return BackupReport(folder, manifest, time.monotonic() - started)
    saved: list[Mapping[str, Any]] = []
    with parts.lock("build"):
        try:
            manifest = make_backup(
                parts.database, uploads, folder, progress, lambda to: _save_live(parts, to, saved, progress)
            )
        except BaseException:
            for described in saved:
                parts.copies.discard(described)
            raise
    return BackupReport(folder, manifest, time.monotonic() - started)


def _save_live(parts: Parts, to: Path, saved: list[Mapping[str, Any]], progress: Progress) -> Mapping[str, Any]:
    live = parts.index.live()
    if live is None or live not in {build.name for build in parts.builds.all()}:
        raise NotFoundError("no build serves that is recorded: run `lexicart index`, or leave out --indexes")
    copy = parts.copies.save(live, to)
    saved.append(copy)
    progress(INDEXES, 1)
    return {
        "kind": parts.copies.kind,
        "backend": parts.index.name,
        "build": live,
        "documents": dict(parts.index.counts(live)),
        "copy": dict(copy),
    }


def _shown(indexes: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if indexes is None:
        return None
    return {name: indexes[name] for name in ("backend", "build", "documents")} | {
        "snapshot": indexes["copy"].get("snapshot")
    }


# -- restore ----------------------------------------------------------------------------------------------------------


def restore(
    parts: Parts, folder: Path, progress: Progress, *, replace_all: bool = False, indexes: bool = False
) -> RestoreReport:
    """Take a backup into this installation.

    Args:
        parts: of the installation; nothing else of it should run.
        folder: of the backup.
        progress: hears what was checked and copied.
        replace_all: also where there is a store already; all that is in it goes.
        indexes: put the build of the backup in place, too; without it the indexes are built anew.

    Raises:
        NotFoundError: no backup is there, or none with indexes.
        UsageError: the store is not empty, or the indexes are those of another backend.
        UnreadableFileError: the backup is damaged.
        SchemaOutdatedError: a newer version made it.
    """
    started = time.monotonic()
    manifest = check_backup(folder, progress)
    copies = _copies(parts, manifest) if indexes else None
    with parts.lock("build"):
        there, warnings = _builds_there(parts)
        if copies is not None and manifest.indexes is not None:
            name = f"{utc_now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
            there = replace(
                there,
                carried=CarriedBuild(manifest.indexes["backend"], manifest.indexes["build"], parts.index.name, name),
            )
        if not replace_all:
            _refuse_foreign(parts, manifest, there)
        restored = restore_backup(
            manifest, folder, parts.database, parts.home / "uploads", there, progress, replace=replace_all
        )
        documents: Mapping[str, int] = {}
        if copies is not None and there.carried is not None:
            documents = _serve(parts, copies, manifest, folder, there.carried.to_name)
            progress(INDEXES, 1)
    build = there.carried.to_name if there.carried else None
    recorded = {one.name for one in parts.builds.all()}
    if build is None and there.live is not None and there.live not in recorded:
        warnings += (
            f"build {there.live} serves and is not in the record: `lexicart index --full --force` replaces it",
        )
    return RestoreReport(folder, restored, build, documents, warnings, time.monotonic() - started)


def _copies(parts: Parts, manifest: Manifest) -> BuildCopies:
    """Return what puts the backup's build in place, after looking that it can."""
    described = manifest.indexes
    if described is None:
        raise NotFoundError("the backup was made without --indexes: restore it without, and run `lexicart index`")
    if described["kind"] != parts.copies.kind:
        raise UsageError(
            f"the indexes of the backup are {described['kind']}, and LEXICART_INDEX={parts.copies.kind}: restore it "
            "without --indexes, and run `lexicart index`"
        )
    parts.copies.check(described["copy"])
    return parts.copies


def _builds_there(parts: Parts) -> tuple[BuildsThere, tuple[str, ...]]:
    """Return what this installation's backend holds; where it is away, what is recorded of it says nothing."""
    try:
        return BuildsThere(parts.index.name, frozenset(parts.index.builds()), _live(parts)), ()
    except BrokenIndexError:
        raise
    except UnavailableError as exc:
        said = f"builds are not looked at ({exc}); those that the backup names are taken for gone"
        return BuildsThere(parts.index.name), (said,)


def _refuse_foreign(parts: Parts, manifest: Manifest, there: BuildsThere) -> None:
    """Refuse to begin beside a build that serves and that neither this store nor the backup's copy knows."""
    known = {build.name for build in parts.builds.all()} | {(manifest.indexes or {}).get("build")}
    if there.carried is not None and there.live is not None and there.live not in known:
        raise UsageError(
            f"build {there.live} serves under {there.backend}, and this store has no record of it: it may be another "
            "installation's. `--replace` puts the backup's in its place; without --indexes it is left alone"
        )


def _live(parts: Parts) -> str | None:
    try:
        return parts.index.live()
    except BrokenIndexError:  # the next full build replaces it
        return None


def _serve(parts: Parts, copies: BuildCopies, manifest: Manifest, folder: Path, name: str) -> Mapping[str, int]:
    """Put the backup's build in place and let it serve; return its documents."""
    described = manifest.indexes or {}
    try:
        with telling_what_failed("the indexes can't be restored"):
            copies.load(described["copy"], folder / INDEXES, name)
        found = dict(parts.index.counts(name))
        if found != described["documents"]:
            raise BrokenIndexError(
                f"the restored build holds {found} documents, and {described['documents']} were saved"
            )
        with parts.lock("promotion"):
            parts.index.promote(name, _live(parts))
            parts.builds.live(name)
    except UnavailableError as exc:
        raise UnavailableError(
            f"store and uploads are restored, the indexes are not: {exc}. `lexicart index` builds them"
        ) from exc
    return found
