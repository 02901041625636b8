"""What can go wrong in the folder of a build, said in one way."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog.errors import BrokenIndexError, LexicartError, UnavailableError

_PASSING_SQLITE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_NOMEM")
_PASSING_ERRNO = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EMFILE, errno.ENFILE}
)
"""What goes away when somebody makes room or gives the right, and harms no file."""


def broken(folder: Path, reason: object) -> BrokenIndexError:
    """Return the error for a build that lost files or was damaged."""
    return BrokenIndexError(f"the search index in {folder} is damaged ({reason}): run `lexicart index --full`")


@contextmanager
def reporting_damage(folder: Path) -> Iterator[None]:
    """Turn what the engines raise on a damaged folder into :class:`~catalog.errors.BrokenIndexError`.

    tantivy answers what its own checks did not see with a panic, which is no ``Exception`` in Python and would pass
    every handler.
    """
    try:
        yield
    except LexicartError:
        raise
    except sqlite3.DatabaseError as exc:
        if exc.sqlite_errorname.startswith(_PASSING_SQLITE):
            raise UnavailableError(f"{folder} can't be used now: {exc}") from exc
        raise broken(folder, exc) from exc
    except OSError as exc:
        if exc.errno in _PASSING_ERRNO:
            raise UnavailableError(f"{folder} can't be used now: {exc}") from exc
        raise broken(folder, exc) from exc
    except BaseException as exc:
        if type(exc).__name__ == "PanicException":
            raise broken(folder, exc) from exc
        raise
