"""Finds a Java development kit on this machine."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

LEAST_VERSION = 21

_PLACES = ("/usr/lib/jvm", "/opt", "/opt/java", "/Library/Java/JavaVirtualMachines", "~/.sdkman/candidates/java")


@lru_cache(maxsize=1)
def find_jdk() -> Path | None:
    """Return the home of the newest Java 21 or later that can compile, ``None`` without one."""
    found = [(version, home) for home in dict.fromkeys(_homes()) if (version := _version(home)) >= LEAST_VERSION]
    return max(found)[1] if found else None


def _homes() -> Iterator[Path]:
    for name in ("ES_JAVA_HOME", "JAVA_HOME"):
        if os.environ.get(name):
            yield Path(os.environ[name])
    on_path = shutil.which("javac")
    if on_path:
        yield Path(on_path).resolve().parent.parent
    for place in _PLACES:
        for home in sorted(Path(place).expanduser().glob("*")):
            yield home.resolve()
            yield (home / "Contents" / "Home").resolve()


def _version(home: Path) -> int:
    """Return the major version of a kit, 0 where there is none."""
    compiler = home / "bin" / "javac"
    if not compiler.is_file():
        return 0
    said = subprocess.run([compiler, "-version"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    match = re.search(r"javac (\d+)", said.stdout + said.stderr)
    return int(match[1]) if match else 0
