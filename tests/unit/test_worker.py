"""`lexicart worker`: what is new is translated and found by itself, whatever dies meanwhile."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from api.bootstrap import Parts
from api.intake import import_file
from api.settings import load
from api.supervising import Supervisor
from api.working import index_steadily, translate_steadily
from catalog.database import reading
from catalog.errors import GateRefusedError, UnavailableError
from catalog.options import ImportOptions
from catalog.tables import leases, workers
from indexes.build import IndexReport
from tests.conftest import ROOT, SAMPLES
from translation.model import State

LANGS = "en,pt"
PATIENCE_SECONDS = 120


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    made = Parts(load(home=tmp_path / "home", langs=LANGS))
    yield made
    made.database.dispose()


def catalog(parts: Parts, sku: str, title: str) -> None:
    path = parts.home / f"{sku}.csv"
    path.write_text(f"sku,title\n{sku},{title}\n", encoding="utf-8")
    import_file(parts, path, ImportOptions("acme", lang="en"))


def is_found(parts: Parts, sku: str) -> bool:
    """Whether the live index holds the product's Portuguese title."""
    name = f"acme/{sku}"
    titles = [one for one in parts.translations.field_texts([name], ["pt"]).get(name, ()) if one.field == "title"]
    if parts.index.live() is None or not titles or titles[0].translation.state is not State.MACHINE:
        return False
    found = parts.index.documents("pt", [name]).get(name)
    return found is not None and found.title == titles[0].shown


def held(parts: Parts) -> list[str]:
    with reading(parts.database) as connection:
        rows = connection.execute(select(leases.c.worker)).scalars()
        return [*rows, *connection.execute(select(workers.c.id)).scalars()]


def children(of: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(of)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def test_a_worker_goes_on_through_kills(parts: Parts) -> None:
    environment = {**os.environ, "LEXICART_HOME": str(parts.home), "LEXICART_LANGS": LANGS}
    command = [sys.executable, "-m", "api", "worker", "--processes", "1"]
    catalog(parts, "A-1", "Cordless drill with two batteries")
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            until(lambda: is_found(parts, "A-1"))
            for child in children(process.pid):
                os.kill(child, signal.SIGKILL)
            catalog(parts, "A-2", "Green garden hose of rubber")
            until(lambda: is_found(parts, "A-2"))
            assert len(children(process.pid)) == 2
        finally:
            process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0
    assert held(parts) == []


def test_the_processes_end_with_their_supervisor(parts: Parts) -> None:
    environment = {**os.environ, "LEXICART_HOME": str(parts.home), "LEXICART_LANGS": LANGS}
    command = [sys.executable, "-m", "api", "worker", "--processes", "1"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        until(lambda: len(children(process.pid)) == 2)
        left = children(process.pid)
        process.kill()
    until(lambda: not any(is_there(child) for child in left))


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_engine_that_is_not_there_ends_the_worker(parts: Parts) -> None:
    environment = {**os.environ, "LEXICART_HOME": str(parts.home), "LEXICART_ENGINES": "nosuch"}
    command = [sys.executable, "-m", "api", "worker", "--processes", "1"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert (done.returncode, "nosuch" in done.stderr) == (4, True)


def test_a_process_that_a_library_ended_is_started_again(parts: Parts, tmp_path: Path) -> None:
    """With status 2, as a wrong setting ends a command: at first, and with 0, as success does, at the second start."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, pathlib, sys\n"
        "if '--supervised' in sys.argv:\n"
        "    for status in (2, 0):\n"
        "        mark = pathlib.Path(__file__).with_name(f'ended-{status}')\n"
        "        if not mark.exists():\n"
        "            mark.touch()\n"
        "            os._exit(status)\n"
    )
    found = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "LEXICART_HOME": str(parts.home), "LEXICART_LANGS": LANGS, "PYTHONPATH": found}
    command = [sys.executable, "-m", "api", "worker", "--once", "--processes", "1"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("is started again") == 2


def test_once_ends_when_all_is_done(parts: Parts) -> None:
    import_file(parts, SAMPLES / "porto-casa.xlsx", ImportOptions("porto-casa"))
    environment = {**os.environ, "LEXICART_HOME": str(parts.home), "LEXICART_LANGS": LANGS}
    command = [sys.executable, "-m", "api", "worker", "--once", "--processes", "2"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=PATIENCE_SECONDS)
    assert parts.index.live() is not None
    assert parts.builds.behind(max(build.position for build in parts.builds.all())) == 0
    states = parts.translations.coverage(["en"])["en"]
    assert states["machine"] > 50
    assert held(parts) == []


class Away(Parts):
    """An installation whose store can't be reached for a while."""

    fails = 2

    @property
    def translations(self):  # type: ignore[no-untyped-def,override]
        if self.fails:
            self.fails -= 1
            raise UnavailableError("database: gone")
        return super().translations


def test_a_loop_waits_while_the_store_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.working.POLL_SECONDS", 0.01)
    stop = threading.Event()
    parts = Away(load(home=tmp_path / "home", langs=LANGS))
    loop = threading.Thread(target=translate_steadily, args=(parts, stop))
    loop.start()
    until(lambda: parts.fails == 0)
    stop.set()
    loop.join(PATIENCE_SECONDS)
    assert not loop.is_alive()
    away = Away(load(home=tmp_path / "home", langs=LANGS))
    with pytest.raises(UnavailableError):
        index_steadily(away, stop=threading.Event(), once=True)


def test_a_refused_build_is_no_success(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog(parts, "A-1", "Cordless drill")

    class Refusing:
        def update(self) -> IndexReport:
            return IndexReport("b1", "full", {}, reasons=["worse than before"])

    monkeypatch.setattr(parts, "builder", Refusing)
    with pytest.raises(GateRefusedError, match="worse than before"):
        index_steadily(parts, threading.Event(), once=True)


@pytest.mark.parametrize(("setting", "value", "status"), [("WORKERS", "many", 2), ("ENGINES", "nosuch", 4)])
def test_what_would_repeat_is_not_started_again(
    parts: Parts, setting: str, value: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEXICART_HOME", str(parts.home))
    monkeypatch.setenv(f"LEXICART_{setting}", value)
    assert Supervisor([["worker", "--only", "translate", "--supervised"]]).run() == status
