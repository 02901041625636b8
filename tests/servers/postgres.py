"""A PostgreSQL server for the tests: started once for all processes that run them, stopped at the end.

It runs on a socket in a folder of its own and is reached by nobody else. Its databases order text by the rules of a
language, where the server can do that, so that whatever relies on the order of code points has to say so.
"""

import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from filelock import FileLock

_USERS = ("postgres", "nobody")
"""Whom the server runs as where the tests run as root, which it refuses."""

_OPTIONS = (
    "listen_addresses = ''",
    "fsync = off",  # tests kill servers, none takes the power away
    "full_page_writes = off",
    "max_connections = 200",
    "autovacuum_naptime = 10s",
)


def program(name: str) -> str | None:
    """Return where one of the server's programs is, ``None`` where it is not installed."""
    found = shutil.which(name)
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return found or next((str(place) for place in places), None)


class Postgres:
    """A server in a folder.

    Args:
        folder: where all of it lies; only its name has to be there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._user = _user()

    @property
    def url(self) -> str:
        """URL of its first database."""
        return f"postgresql+psycopg://lexicart@/postgres?host={self._folder}"

    def start(self) -> None:
        """Start it if it does not run."""
        with FileLock(f"{self._folder}.lock"):
            if not (self._data / "postmaster.pid").exists():
                self._make()
                self._control("start", "-w")

    def kill(self) -> None:
        """Let it die as by a crash, and start it again."""
        self._control("stop", "-m", "immediate")
        self.start()

    def stop(self) -> None:
        """Stop it if it runs, and forget everything."""
        if (self._data / "postmaster.pid").exists():
            self._control("stop", "-m", "immediate")
        shutil.rmtree(self._folder, ignore_errors=True)
        Path(f"{self._folder}.lock").unlink(missing_ok=True)

    def _make(self) -> None:
        if self._data.exists():
            return
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self._folder, self._user)
        wanted = ["-D", str(self._data), "-U", "lexicart", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        by_language = ["--locale-provider=icu", "--icu-locale=en"]
        try:
            self._run("initdb", *wanted, *by_language)
        except subprocess.CalledProcessError:  # made without ICU, or older than 15
            shutil.rmtree(self._data, ignore_errors=True)
            self._run("initdb", *wanted)
        with (self._data / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{option}\n" for option in (*_OPTIONS, f"unix_socket_directories = '{self._folder}'"))

    def _control(self, command: str, *more: str) -> None:
        self._run("pg_ctl", command, "-D", str(self._data), "-s", "-l", str(self._folder / "server.log"), *more)

    def _run(self, name: str, *arguments: str) -> None:
        path = program(name)
        if path is None:
            raise FileNotFoundError(f"{name} of PostgreSQL is not installed")
        as_root = os.geteuid() == 0
        subprocess.run(
            [path, *arguments],
            check=True,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._user if as_root else None,
            group=pwd.getpwnam(self._user).pw_gid if as_root else None,
            extra_groups=[] if as_root else None,
        )


def _user() -> str:
    if os.geteuid() != 0:
        return getpass.getuser()
    names = {one.pw_name for one in pwd.getpwall()}
    return next(name for name in _USERS if name in names)


def new_folder() -> Path:
    """Return the name of a folder for a server; short, because a socket's path has at most 107 bytes."""
    return Path(tempfile.gettempdir()) / f"lexicart-pg-{os.getpid()}-{time.time_ns() % 1_000_000}"
