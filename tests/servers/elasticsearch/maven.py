"""Files of Maven Central by their coordinates, checked by their digests and kept."""

import hashlib
import os
import shutil
import subprocess
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

_CENTRAL = "https://repo1.maven.org/maven2"


class NotFetchedError(Exception):
    """A file that can't be had; the message says why."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file of a Maven repository.

    Attributes:
        sha256: digest that it must have.
    """

    group: str
    name: str
    version: str
    kind: str
    sha256: str

    @property
    def file(self) -> str:
        """Its file name."""
        return f"{self.name}-{self.version}.{self.kind}"

    def fetch(self, folder: Path) -> Path:
        """Return where it lies under ``folder``, after fetching it unless it is there.

        Raises:
            NotFetchedError: it can't be fetched, or is not what was expected.
        """
        path = folder / self.file
        if path.is_file() and _digest(path) == self.sha256:
            return path
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            # Maven itself knows this machine's mirrors and proxies.
            maven = shutil.which("mvn")
            fetched = self._by_maven(maven, Path(scratch)) if maven else self._by_http(Path(scratch))
            if (found := _digest(fetched)) != self.sha256:
                raise NotFetchedError(f"{self.file}: its SHA-256 is {found}, expected {self.sha256}")
            fetched.replace(path)
        return path

    def _by_maven(self, maven: str, folder: Path) -> Path:
        coordinate = f"{self.group}:{self.name}:{self.version}:{self.kind}"
        options = [f"-Dartifact={coordinate}", f"-DoutputDirectory={folder}", "-Dmdep.useBaseVersion=true"]
        done = subprocess.run(
            [maven, "-q", "-B", "dependency:copy", *options],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise NotFetchedError(f"{coordinate}: {done.stdout.strip()[-500:] or done.stderr.strip()[-500:]}")
        return folder / self.file

    def _by_http(self, folder: Path) -> Path:
        base = os.environ.get("LEXICART_TEST_MAVEN_URL", _CENTRAL).rstrip("/")
        url = f"{base}/{self.group.replace('.', '/')}/{self.name}/{self.version}/{self.file}"
        path = folder / self.file
        try:
            with urllib.request.urlopen(url, timeout=60) as answer, path.open("wb") as file:
                shutil.copyfileobj(answer, file)
        except OSError as exc:
            raise NotFetchedError(f"{url}: {exc}") from exc
        return path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cache_folder() -> Path:
    """Return the folder in which fetched and built things are kept; everybody can read it."""
    given = os.environ.get("LEXICART_TEST_CACHE")
    if given:
        return Path(given).expanduser().absolute()
    # The server never runs as root, and whom it runs as can't read root's home.
    return Path("/var/cache/lexicart") if os.geteuid() == 0 else Path("~/.cache/lexicart").expanduser()
