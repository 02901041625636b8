"""Makes an Elasticsearch ready to start: unpacked, with the analysis plugin compiled and in its place. Done once."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock

from tests.servers.elasticsearch.jdk import LEAST_VERSION, find_jdk
from tests.servers.elasticsearch.maven import Artifact, NotFetchedError, cache_folder

VERSION = "9.5.0"
_LUCENE = "10.5.0"

_SERVER = Artifact(
    "org.elasticsearch.distribution.integ-test-zip",
    "elasticsearch",
    VERSION,
    "zip",
    "db0e275fd790f723eca7bcde96069fd6fed304ad23afdb70c8c09553dd9e8b1b",
)
_ANALYZERS = tuple(
    Artifact("org.apache.lucene", f"lucene-analysis-{name}", _LUCENE, "jar", digest)
    for name, digest in (
        ("kuromoji", "1a6f68328268df5d6854921121327edad2227a6b6b78fc40abe54c29c3a5b28c"),
        ("nori", "01c3052bd62f7bfaece34aef36af527951fa30e3010c79fd6f61a813ed0277b9"),
        ("smartcn", "0660dfaf2d8e9966116ab0fc805c409a78cc67ac5515676b8bd1887a2dfbbcc1"),
        ("stempel", "f46699a4457e1cec1035737c37be1f061eaf32d96b6679968bbda19d1b12ed2b"),
    )
)
"""Those that the server's own ``lib`` folder lacks."""

_SOURCE = Path(__file__).parent / "plugin" / "LexicartAnalysis.java"
_NAME = "lexicart-analysis"
_COMPONENT = re.compile(r'@NamedComponent\("(\w+)"\)\s+public static final class (\w+) implements (\w+)')


def missing() -> str | None:
    """Say what this machine lacks to run a server, ``None`` if nothing."""
    if find_jdk() is None:
        return f"no Java development kit of version {LEAST_VERSION} or later on this machine"
    return None


def installed() -> Path:
    """Return the folder of the unpacked server, after making it unless it is there.

    Raises:
        NotFetchedError: a file can't be fetched, or there is no Java to compile with.
    """
    source = hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:12]
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        cache.chmod(0o755)
    home = cache / f"elasticsearch-{VERSION}-{source}"
    with FileLock(cache / "elasticsearch.lock"):
        if not home.is_dir():
            server = _SERVER.fetch(cache / "downloads")
            jars = [one.fetch(cache / "downloads") for one in _ANALYZERS]
            with tempfile.TemporaryDirectory(dir=cache) as scratch:
                made = _unpacked(server, Path(scratch))
                _add_plugin(made, jars)
                made.replace(home)
    return home


def _unpacked(server: Path, folder: Path) -> Path:
    with zipfile.ZipFile(server) as archive:
        archive.extractall(folder)
    home = folder / f"elasticsearch-{VERSION}"
    for program in [*(home / "bin").iterdir(), *(home / "lib").rglob("*controller")]:
        program.chmod(0o755)
    for inside in home.rglob("*"):
        inside.chmod(inside.stat().st_mode | (0o755 if inside.is_dir() else 0o644))
    home.chmod(0o755)
    return home


def _add_plugin(home: Path, jars: list[Path]) -> None:
    """Compile the plugin into the folder from which the server loads it."""
    jdk = find_jdk()
    if jdk is None:
        raise NotFetchedError(missing() or "")
    folder = home / "plugins" / _NAME
    classes = folder / "classes"
    classes.mkdir(parents=True)
    libraries = [*sorted((home / "lib").glob("*.jar")), *jars]
    compiler, packer = str(jdk / "bin" / "javac"), str(jdk / "bin" / "jar")
    options = ["--release", str(LEAST_VERSION), "-proc:none", "-cp", ":".join(map(str, libraries))]
    _run([compiler, *options, "-d", str(classes), str(_SOURCE)])
    _run([packer, "--create", "--file", str(folder / f"{_NAME}.jar"), "-C", str(classes), "."])
    shutil.rmtree(classes)
    for jar in jars:
        shutil.copy(jar, folder)
    for name, text in _descriptors():
        (folder / name).write_text(text, encoding="utf-8")
    for inside in folder.iterdir():
        inside.chmod(0o644)


def _descriptors() -> Iterator[tuple[str, str]]:
    properties = {
        "name": _NAME,
        "version": VERSION,
        "description": "analyzers of Lucene for tests",
        "elasticsearch.version": VERSION,
        "java.version": str(LEAST_VERSION),
    }
    yield "stable-plugin-descriptor.properties", "".join(f"{key}={value}\n" for key, value in properties.items())
    components: dict[str, dict[str, str]] = {}
    for name, inner, interface in _COMPONENT.findall(_SOURCE.read_text(encoding="utf-8")):
        kind = f"org.elasticsearch.plugin.analysis.{interface}"
        components.setdefault(kind, {})[name] = f"lexicart.LexicartAnalysis${inner}"
    yield "named_components.json", json.dumps(components)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise NotFetchedError(f"{command[0]}: {done.stderr.strip()[-2000:]}")
