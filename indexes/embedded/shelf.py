"""The folder that holds all builds, and the pointer to the one that serves."""

import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from catalog.errors import BrokenIndexError, NoLiveBuildError, NotFoundError, UnavailableError, UsageError
from indexes.embedded import neutral
from indexes.embedded.damage import broken
from indexes.embedded.files import locked, replace_text, sync

_BUILD_NAME = re.compile(r"[0-9a-z-]{1,40}")
_POINTER = "LIVE"
_LOCK = ".lock"
_UNFINISHED = ".making-"
_DISCARDED = ".discarded-"


class Shelf:
    """Builds by name, one folder each.

    Args:
        folder: is made when the first build is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, build: str) -> Path:
        """Return the folder of a build.

        Raises:
            UsageError: the name can't be a build's.
            NotFoundError: there is no such build.
            BrokenIndexError: it serves, and is gone.
        """
        path = self._path(build)
        if not path.is_dir():
            if build == self.pointed_at():
                raise broken(path, "the folder is missing")
            raise NotFoundError(f"no build {build} in {self.folder}: there are {', '.join(self.names()) or 'none'}")
        return path

    def _path(self, build: str) -> Path:
        if not _BUILD_NAME.fullmatch(build):
            raise UsageError(f"build {build!r}: a name has 1 to 40 lower-case letters a-z, digits and hyphens")
        return self.folder / build

    def names(self) -> list[str]:
        """Return the names of all builds, sorted."""
        if not self.folder.is_dir():
            return []
        return sorted(path.name for path in self.folder.iterdir() if _BUILD_NAME.fullmatch(path.name))

    def live(self) -> str | None:
        """Return the name of the build that serves, ``None`` before the first promotion.

        Raises:
            BrokenIndexError: the pointer holds no name of a build.
        """
        try:
            name = (self.folder / _POINTER).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as exc:
            raise broken(self.folder, f"{_POINTER}: {exc}") from exc
        if not _BUILD_NAME.fullmatch(name):
            raise broken(self.folder, f"{_POINTER} holds no name of a build")
        return name

    def pointed_at(self) -> str | None:
        """Return what :meth:`live` says, ``None`` where the pointer itself is damaged: a new one may replace it."""
        try:
            return self.live()
        except BrokenIndexError:
            return None

    def live_path(self) -> Path:
        """Return the folder of the build that serves.

        Raises:
            NoLiveBuildError: none has been promoted.
            BrokenIndexError: it is gone.
        """
        name = self.live()
        if name is None:
            raise NoLiveBuildError("nothing has been indexed yet: run `lexicart index`")
        path = self.folder / name
        if not path.is_dir():
            raise broken(path, "the folder is missing")
        return path

    def create(self, build: str, langs: Sequence[str]) -> None:
        """Make an empty build, in place of the remains of one under the same name."""
        path = self._path(build)
        with self._locked():
            if build == self.pointed_at():
                raise UsageError(f"build {build} serves: make one under another name")
            self._discard(path)
            fresh = self.folder / f"{_UNFINISHED}{secrets.token_hex(4)}"
            fresh.mkdir()
            neutral.make(fresh, langs)
            sync(fresh)
            fresh.rename(path)
            sync(self.folder)

    def promote(self, build: str, expected: str | None) -> None:
        """Let a build serve.

        Raises:
            UnavailableError: another build than ``expected`` serves.
        """
        with self._locked():
            live = self.pointed_at()
            if live != expected:
                raise UnavailableError(
                    f"build {live or 'none'} serves and not {expected or 'none'}: somebody else promoted meanwhile"
                )
            self.path(build)
            replace_text(self.folder / _POINTER, f"{build}\n")

    def drop(self, build: str) -> None:
        """Delete a build; a missing one is no error.

        Raises:
            UsageError: it serves.
        """
        path = self._path(build)
        if not self.folder.is_dir():
            return
        with self._locked():
            if build == self.pointed_at():
                raise UsageError(f"build {build} serves and can't be deleted: promote another one first")
            self._discard(path)

    def _discard(self, path: Path) -> None:
        """Take a folder out of sight at once, then delete it and what killed processes left half deleted."""
        if path.exists():
            path.rename(self.folder / f"{_DISCARDED}{secrets.token_hex(4)}")
            sync(self.folder)
        for remains in [*self.folder.glob(f"{_DISCARDED}*"), *self.folder.glob(f"{_UNFINISHED}*")]:
            shutil.rmtree(remains)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder / _LOCK):
            yield
