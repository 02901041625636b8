"""A cluster of one or three nodes on this machine, started in the background and found again by its folder."""

import contextlib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from tests.servers.elasticsearch.distribution import installed
from tests.servers.elasticsearch.jdk import find_jdk

_STATE = "cluster.json"
_START_SECONDS = 240
_STOP_SECONDS = 20
_SMALL_HEAP = "-Xms256m -Xmx256m -XX:-UseG1GC -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
_HEAP = "-Xms512m -Xmx1g -XX:-UseG1GC -XX:+UseSerialGC"

_SETTINGS = {
    "xpack.security.enabled": "false",
    "network.host": "127.0.0.1",
    "action.auto_create_index": "false",
    "cluster.max_shards_per_node": "3000",
    # The disk of a test machine is as full as it is; tests of full disks set the watermarks themselves.
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    "indices.recovery.max_bytes_per_sec": "0",
    "node.store.allow_mmap": "true",
    # Of a small heap, garbage that is not collected yet counts as used: requests were refused that had room.
    "indices.breaker.total.use_real_memory": "false",
}


class StartError(Exception):
    """The cluster did not start; the message holds the end of its log."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node that runs, or ran.

    Attributes:
        pid: process, and its group.
        port: where it answers HTTP.
    """

    name: str
    pid: int
    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def runs(self) -> bool:
        """Whether its process is there, and is the node."""
        try:
            arguments = Path(f"/proc/{self.pid}/cmdline").read_bytes()
        except OSError:
            return False
        return f"http.port={self.port}".encode() in arguments


class Cluster:
    """A cluster in a folder.

    Args:
        folder: where its nodes keep everything; made when it starts.
        nodes: one, or three.
    """

    def __init__(self, folder: Path, nodes: int = 1) -> None:
        self._folder = folder
        self._count = nodes

    @property
    def nodes(self) -> list[Node]:
        """The nodes that were started."""
        try:
            return [Node(**row) for row in json.loads((self._folder / _STATE).read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return []

    @property
    def urls(self) -> list[str]:
        """Addresses of the nodes that run."""
        return [node.url for node in self.nodes if node.runs]

    def start(self) -> list[str]:
        """Start it unless it runs already; return its addresses.

        Raises:
            StartError: it did not come up; nothing is left running.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self._folder}.lock"):
            if len(self.urls) != self._count:
                self._end()
                try:
                    self._begin()
                except BaseException:
                    self._end(keep_logs=True)
                    raise
        return self.urls

    def stop(self) -> None:
        """End all nodes and forget what they held."""
        if self._folder.exists():
            with FileLock(f"{self._folder}.lock"):
                self._end()
                shutil.rmtree(self._folder, ignore_errors=True)
            Path(f"{self._folder}.lock").unlink(missing_ok=True)

    def kill(self, name: str) -> None:
        """Kill one node as a fault would."""
        [node] = [one for one in self.nodes if one.name == name]
        _signal(node, signal.SIGKILL)

    def revive(self, name: str) -> None:
        """Start a killed node again with what it had on its disk."""
        settings = json.loads((self._folder / name / "settings.json").read_text(encoding="utf-8"))
        rows = [
            Node(name, self._launch(name, settings), node.port) if node.name == name else node for node in self.nodes
        ]
        self._remember(rows)

    # -- starting -----------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._folder.chmod(0o755)
        names = [f"node-{number}" for number in range(1, self._count + 1)]
        ports = _free_ports(2 * self._count)
        http, transport = ports[: self._count], ports[self._count :]
        common = {**_SETTINGS, "cluster.name": f"lexicart-test-{secrets.token_hex(4)}"}
        if self._count == 1:
            common["discovery.type"] = "single-node"
        else:
            common["discovery.seed_hosts"] = ",".join(f"127.0.0.1:{port}" for port in transport)
            common["cluster.initial_master_nodes"] = ",".join(names)
        nodes = []
        for name, http_port, transport_port in zip(names, http, transport, strict=True):
            own = {"node.name": name, "http.port": str(http_port), "transport.port": str(transport_port)}
            self._make(name)
            settings = {**common, **own}
            (self._folder / name / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
            nodes.append(Node(name, self._launch(name, settings), http_port))
            self._remember(nodes)
        self._wait(nodes)

    def _make(self, name: str) -> None:
        folder = self._folder / name
        shutil.copytree(installed() / "config", folder / "config")
        for inner in (self._folder / "repo", folder / "data", folder / "logs", folder / "tmp"):
            inner.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            owner = _user()
            for path in (self._folder / "repo", folder, *folder.rglob("*")):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def _launch(self, name: str, settings: dict[str, str]) -> int:
        home, folder = installed(), self._folder / name
        places = {
            "path.data": folder / "data",
            "path.logs": folder / "logs",
            "path.repo": self._folder / "repo",
        }
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "ES_JAVA_HOME": str(find_jdk()),
            "ES_JAVA_OPTS": _HEAP if self._count == 1 else _SMALL_HEAP,
            "ES_PATH_CONF": str(folder / "config"),
            "ES_TMPDIR": str(folder / "tmp"),
        }
        owner = _user() if os.geteuid() == 0 else None
        with (folder / "logs" / "out.log").open("ab") as log:
            process = subprocess.Popen(
                [str(home / "bin" / "elasticsearch")]
                + [f"-E{key}={value}" for key, value in (*settings.items(), *places.items())],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                close_fds=True,
                **({"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}),
            )
        # Its parent leaves before it does: nobody waits for it.
        process.returncode = 0
        return process.pid

    def _remember(self, nodes: Sequence[Node]) -> None:
        fresh = self._folder / f"{_STATE}.new"
        fresh.write_text(json.dumps([asdict(node) for node in nodes]), encoding="utf-8")
        fresh.replace(self._folder / _STATE)

    def _wait(self, nodes: Sequence[Node]) -> None:
        query = f"_cluster/health?wait_for_nodes={len(nodes)}&wait_for_status=green&timeout=5s"
        end = time.monotonic() + _START_SECONDS
        for node in nodes:
            while not _answers(f"{node.url}/{query}"):
                if time.monotonic() > end or not _alive(node.pid):
                    raise StartError(f"{node.name} did not start:\n{self._said(node.name)}")
                time.sleep(0.2)

    def _said(self, name: str) -> str:
        return (self._folder / name / "logs" / "out.log").read_text(errors="replace")[-3000:]

    # -- ending -------------------------------------------------------------------------------------------------------

    def _end(self, *, keep_logs: bool = False) -> None:
        running = [node for node in self.nodes if _alive(node.pid) and node.runs]
        for node in running:
            _signal(node, signal.SIGTERM)
        end = time.monotonic() + _STOP_SECONDS
        while any(_alive(node.pid) for node in running):
            if time.monotonic() > end:
                for node in running:
                    _signal(node, signal.SIGKILL)
            time.sleep(0.1)
        (self._folder / _STATE).unlink(missing_ok=True)
        for path in [*self._folder.glob("node-*"), self._folder / "repo"]:
            if not keep_logs:
                shutil.rmtree(path, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    if state != "Z":
        return True
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return False


def _signal(node: Node, number: signal.Signals) -> None:
    """Send a signal to a node and the process that it was started by."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(node.pid, number)


def _user() -> pwd.struct_passwd:
    """Return whom the server runs as where we are root, which it refuses."""
    return pwd.getpwnam("nobody")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return not json.load(answer)["timed_out"]
    except (OSError, urllib.error.URLError, ValueError):
        return False


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
