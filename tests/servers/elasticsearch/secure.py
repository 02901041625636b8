"""A node of its own with security and TLS, as clusters outside of tests have it: certificates, one user, API keys.

Its certificate is for ``localhost``, and is put in the place of another one while the node runs, as it is when a real
one is renewed.
"""

import base64
import contextlib
import hashlib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from filelock import FileLock

from tests.servers.elasticsearch.distribution import VERSION, installed
from tests.servers.elasticsearch.jdk import LEAST_VERSION, find_jdk

_START_SECONDS = 240
_STOP_SECONDS = 20
_RELOAD_SECONDS = 30
_HEAP = "-Xms256m -Xmx256m -XX:-UseG1GC -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
_ROUNDS = 10_000

_SETTINGS = {
    "cluster.name": "lexicart-secure",
    "discovery.type": "single-node",
    "network.host": "127.0.0.1",
    "action.auto_create_index": "false",
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    "xpack.security.enabled": "true",
    "xpack.security.autoconfiguration.enabled": "false",
    "xpack.security.http.ssl.enabled": "true",
    "xpack.security.http.ssl.key": "node.key",
    "xpack.security.http.ssl.certificate": "node.pem",
    # So that a renewed certificate serves at once, and not within five seconds.
    "resource.reload.interval.high": "200ms",
}


_SOURCE = Path(__file__).parent / "plugin" / "SecurityAnalysis.java"
_PLUGIN = "lexicart-security-analysis"
_COMPONENTS = {
    "TokenizerFactory": {"uax_url_email": "UrlEmail"},
    "TokenFilterFactory": {"pattern_capture": "PatternCapture", "unique": "Unique"},
}


def secure_home() -> Path:
    """Return the folder of a server that can keep API keys, after making it unless it is there.

    The distribution lacks the module whose analysis the index of API keys asks for; a plugin stands in for it.
    """
    plain = installed()
    source = hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:12]
    home = plain.with_name(f"{plain.name}-secure-{source}")
    with FileLock(f"{home}.lock"):
        if not home.is_dir():
            with tempfile.TemporaryDirectory(dir=plain.parent) as scratch:
                made = Path(scratch) / "home"
                shutil.copytree(plain, made, copy_function=os.link)
                _add_plugin(made)
                made.chmod(0o755)
                made.replace(home)
    return home


def _add_plugin(home: Path) -> None:
    folder = home / "plugins" / _PLUGIN
    classes = folder / "classes"
    classes.mkdir(parents=True)
    compiler, packer = (str((find_jdk() or Path()) / "bin" / name) for name in ("javac", "jar"))
    libraries = ":".join(str(jar) for jar in (home / "lib").glob("*.jar"))
    release = ["--release", str(LEAST_VERSION), "-proc:none"]
    _run(compiler, *release, "-cp", libraries, "-d", str(classes), str(_SOURCE))
    _run(packer, "--create", "--file", str(folder / f"{_PLUGIN}.jar"), "-C", str(classes), ".")
    shutil.rmtree(classes)
    properties = {
        "name": _PLUGIN,
        "version": VERSION,
        "description": "analysis of the index of API keys, for tests",
        "elasticsearch.version": VERSION,
        "java.version": str(LEAST_VERSION),
    }
    lines = "".join(f"{key}={value}\n" for key, value in properties.items())
    (folder / "stable-plugin-descriptor.properties").write_text(lines, encoding="utf-8")
    components = {
        f"org.elasticsearch.plugin.analysis.{kind}": {
            name: f"lexicart.SecurityAnalysis${inner}" for name, inner in found.items()
        }
        for kind, found in _COMPONENTS.items()
    }
    (folder / "named_components.json").write_text(json.dumps(components), encoding="utf-8")
    for inside in (folder, *folder.iterdir()):
        inside.chmod(0o755 if inside.is_dir() else 0o644)


class Authority:
    """Certificates made by openssl, and the authority that they descend from.

    Args:
        folder: where they are; must be there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.certificates = folder / "ca.pem"
        _openssl(
            *("req", "-x509", *_NEW_KEY, "-keyout", str(folder / "ca.key"), "-out", str(self.certificates)),
            *("-subj", "/CN=Lexicart tests", "-days", "30"),
            *("-addext", "keyUsage=critical,keyCertSign", "-addext", "basicConstraints=critical,CA:TRUE"),
        )

    def issue(self, name: str, host: str = "localhost", days: int = 30) -> tuple[bytes, bytes]:
        """Return a key and a certificate for a host, as PEM; it has expired where ``days`` is negative."""
        key, asked, extensions, made = (self._folder / f"{name}.{kind}" for kind in ("key", "csr", "ext", "pem"))
        extensions.write_text(f"subjectAltName=DNS:{host}\n", encoding="utf-8")
        _openssl("req", *_NEW_KEY, "-keyout", str(key), "-out", str(asked), "-subj", f"/CN={host}")
        _openssl(
            *("x509", "-req", "-in", str(asked), "-CA", str(self.certificates), "-CAkey", str(self._folder / "ca.key")),
            *("-CAcreateserial", "-days", str(days), "-extfile", str(extensions), "-out", str(made)),
        )
        return key.read_bytes(), made.read_bytes()


_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _openssl(*arguments: str) -> None:
    _run("openssl", *arguments)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr.strip()[-2000:]}")


class SecureNode:
    """One node behind TLS and passwords.

    Args:
        folder: what it keeps; made when it starts, and removed when it stops.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.password = secrets.token_urlsafe(12)
        self.port = 0

    @property
    def url(self) -> str:
        """Its address; 127.0.0.1 is not in its certificate."""
        return f"https://localhost:{self.port}"

    def start(self) -> None:
        """Start it with a certificate of its own authority, and wait until it answers."""
        self._folder.mkdir(parents=True)
        self._folder.chmod(0o755)
        made = self._folder / "authority"
        made.mkdir()
        self.authority = Authority(made)
        shutil.copytree(secure_home() / "config", self._folder / "config")
        for name in ("data", "logs", "tmp"):
            (self._folder / name).mkdir()
        config = self._folder / "config"
        (config / "users").write_text(f"admin:{_hashed(self.password)}\n", encoding="utf-8")
        (config / "users_roles").write_text("superuser:admin\n", encoding="utf-8")
        self._place(*self.authority.issue("node"))
        self._give_away()
        self.port, transport = _free_ports(2)
        self._launch({**_SETTINGS, "http.port": str(self.port), "transport.port": str(transport)})
        end = time.monotonic() + _START_SECONDS
        while not self._answers():
            if time.monotonic() > end or self._ended():
                raise RuntimeError(f"the node did not start:\n{self.log()[-3000:]}")
            time.sleep(0.2)

    def _launch(self, settings: dict[str, str]) -> None:
        paths = {"path.data": self._folder / "data", "path.logs": self._folder / "logs"}
        owner = _owner()
        with (self._folder / "logs" / "out.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(secure_home() / "bin" / "elasticsearch")]
                + [f"-E{key}={value}" for key, value in (*settings.items(), *paths.items())],
                cwd=self._folder,
                env={
                    "PATH": os.environ.get("PATH", ""),
                    "ES_JAVA_HOME": str(find_jdk()),
                    "ES_JAVA_OPTS": _HEAP,
                    "ES_PATH_CONF": str(self._folder / "config"),
                    "ES_TMPDIR": str(self._folder / "tmp"),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=owner.pw_uid if owner else None,
                group=owner.pw_gid if owner else None,
                extra_groups=[] if owner else None,
            )

    def stop(self) -> None:
        """End it and forget what it held."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    # -- what it is asked ---------------------------------------------------------------------------------------------

    def key(self, role: dict[str, Any] | None) -> str:
        """Return an encoded API key that may do what a role says; ``None`` for everything."""
        asked = {"name": secrets.token_hex(4), "role_descriptors": {"lexicart": role} if role is not None else {}}
        return str(self.ask("POST", "/_security/api_key", asked)["encoded"])

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask as the administrator, whatever certificate the node shows."""
        return json.loads(self._open(method, path, body, ssl._create_unverified_context()))

    def _open(self, method: str, path: str, body: Any, context: ssl.SSLContext) -> bytes:
        name = base64.b64encode(f"admin:{self.password}".encode()).decode("ascii")
        headers = {"Authorization": f"Basic {name}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60, context=context) as answer:
            read: bytes = answer.read()
            return read

    def _answers(self) -> bool:
        try:
            return bool(self.ask("GET", "/_cluster/health?wait_for_status=yellow&timeout=5s")["status"])
        except (OSError, urllib.error.URLError, ValueError):
            return False

    def _ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def log(self) -> str:
        """Return what it said."""
        return "".join(path.read_text(errors="replace") for path in sorted((self._folder / "logs").glob("*.log")))

    # -- certificates -------------------------------------------------------------------------------------------------

    def show(self, key: bytes, certificate: bytes) -> None:
        """Let it show another certificate, and wait until it does."""
        self._place(key, certificate)
        self._give_away()
        wanted = ssl.PEM_cert_to_DER_cert(certificate.decode("ascii"))
        end = time.monotonic() + _RELOAD_SECONDS
        while self._shown() != wanted:
            if time.monotonic() > end:
                raise RuntimeError(f"the node goes on with its old certificate:\n{self.log()[-2000:]}")
            time.sleep(0.1)

    def _shown(self) -> bytes:
        with (
            socket.create_connection(("127.0.0.1", self.port), 10) as plain,
            ssl._create_unverified_context().wrap_socket(plain, server_hostname="localhost") as wrapped,
        ):
            return wrapped.getpeercert(binary_form=True) or b""

    def _place(self, key: bytes, certificate: bytes) -> None:
        for name, content in (("node.key", key), ("node.pem", certificate)):
            fresh = self._folder / "config" / f"{name}.new"
            fresh.write_bytes(content)
            fresh.replace(self._folder / "config" / name)

    def _give_away(self) -> None:
        """Let the user own the files as whom the server runs."""
        if owner := _owner():
            for path in self._folder.rglob("*"):
                os.chown(path, owner.pw_uid, owner.pw_gid)


def _owner() -> pwd.struct_passwd | None:
    """Return whom the server runs as where we are root, which it refuses."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _hashed(password: str) -> str:
    """Return a password as the file of users has it."""
    salt = secrets.token_bytes(32)
    made = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS, 32)
    return f"{{PBKDF2}}{_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(made).decode()}"


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
