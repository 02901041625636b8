"""The contract of what copies a build for a backup, whatever backend it is in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol


class BuildCopies(Protocol):
    """Copies builds out of a backend and into one.

    Whoever calls holds the lock of the builder, so that nothing writes to a build meanwhile.
    """

    kind: str
    """Backend whose builds these are, ``embedded`` or ``elasticsearch``; a copy of one is none of the other."""

    def save(self, build: str, folder: Path) -> Mapping[str, Any]:
        """Copy a build; return what :meth:`load` needs to find it again, as JSON holds it.

        Args:
            build: one that is there.
            folder: of the backup, for files; not there yet.

        Raises:
            BrokenIndexError: the build is damaged.
            UnavailableError: it can't be copied; nothing of the copy is left.
        """
        ...

    def discard(self, described: Mapping[str, Any]) -> None:
        """Delete what :meth:`save` put outside of the folder."""
        ...

    def check(self, described: Mapping[str, Any]) -> None:
        """Look whether what was put outside of the folder is still there, before anything is changed.

        Raises:
            UnavailableError: it is not.
        """
        ...

    def load(self, described: Mapping[str, Any], folder: Path, build: str) -> None:
        """Put a copy into the backend as a build that does not serve.

        Args:
            described: from :meth:`save`.
            folder: of the backup.
            build: a name that no build has.

        Raises:
            UnavailableError: it can't be put there; nothing of it is left that the next build would see.
        """
        ...
