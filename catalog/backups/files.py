"""What backups do with files: a folder that appears whole or not at all, copies whose digest is known."""

import errno
import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import UnavailableError, UnreadableFileError, UsageError

_PART = 1 << 20
_LOCK = ".lock"
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_RIGHT = (errno.EACCES, errno.EPERM, errno.EROFS)
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What a file held when it was written.

    Attributes:
        bytes: its size.
        sha256: digest as hex digits.
    """

    bytes: int
    sha256: str


def stored(path: Path) -> StoredFile:
    """Return size and digest of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return StoredFile(file.tell(), digest)


def check(path: Path, wanted: StoredFile) -> None:
    """Look whether a file holds what was written.

    Raises:
        UnreadableFileError: it is missing, or holds something else.
    """
    if not path.is_file():
        raise UnreadableFileError(str(path), "it is missing, and the backup with it: take another backup")
    found = stored(path)
    if found != wanted:
        raise UnreadableFileError(
            str(path),
            f"it is damaged: {found.bytes} bytes of SHA-256 {found.sha256[:12]}… where {wanted.bytes} of "
            f"{wanted.sha256[:12]}… were written; take another backup",
        )


def copy(source: Path, target: Path) -> StoredFile:
    """Copy a file durably; return what was copied, read as it was written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as old, target.open("wb") as new:
        while part := old.read(_PART):
            new.write(part)
            digest.update(part)
            size += len(part)
        new.flush()
        os.fsync(new.fileno())
    return StoredFile(size, digest.hexdigest())


def files_below(folder: Path) -> Iterator[Path]:
    """Yield all files of a folder, by name."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path


@contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """Fill a new folder beside where it shall be: it is there when the block succeeded, and nothing is otherwise.

    What a killed process left is removed by the next that makes the same folder.

    Raises:
        UsageError: the folder is there already, and not empty.
    """
    refuse_filled(folder)
    with working_folder(folder.parent, f".{folder.name}.making-") as making:
        yield making
        (making / _LOCK).unlink()
        for path in [*(path for path in making.rglob("*") if path.is_dir()), making]:
            sync(path)
        try:
            making.rename(folder)
        except OSError as exc:
            if exc.errno in _TAKEN:
                raise UsageError(f"{folder}: another process made it meanwhile") from exc
            raise
        sync(folder.parent)


@contextmanager
def working_folder(parent: Path, beginning: str) -> Iterator[Path]:
    """Make a folder that is gone after the block, unless it was renamed there.

    Args:
        parent: where it is; made when missing.
        beginning: of its name; what killed processes left under such names is removed.
    """
    parent.mkdir(parents=True, exist_ok=True)
    _remove_remains(parent, beginning)
    folder = parent / f"{beginning}{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)  # it holds all that suppliers sent
    try:
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def refuse_filled(folder: Path) -> None:
    """Refuse a place for a new folder where something is.

    Raises:
        UsageError: it is no folder, or not empty.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is no folder: name a new one")
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty: name a new folder, a backup is never written over another")


def _remove_remains(parent: Path, beginning: str) -> None:
    for path in [one for one in parent.iterdir() if one.name.startswith(beginning)]:
        # Without a lock file it is not begun yet; with one that is held, another process works in it.
        with suppress(FileNotFoundError, BlockingIOError), (path / _LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)


def sync(path: Path) -> None:
    """Make the names in a folder survive loss of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def telling_what_failed(doing: str) -> Iterator[None]:
    """Turn failures of a disk into an error of ours.

    Args:
        doing: what is being done, for the message.

    Raises:
        UnavailableError: the disk is full, or may not be written.
    """
    try:
        yield
    except OSError as exc:
        why = f"{exc.strerror}"
        if exc.errno in _NO_SPACE:
            why = "the disk is full; free space and try again"
        elif exc.errno in _NO_RIGHT:
            why = f"{exc.strerror}; give the right to it and try again"
        at = f"{exc.filename}: " if exc.filename else ""
        raise UnavailableError(f"{doing}, nothing was changed: {at}{why}") from exc
