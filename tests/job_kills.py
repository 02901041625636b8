"""Builder, worker and nightly run killed at random instants while files come in and buyers search.

``python -m tests.job_kills --kills 50`` by hand: a fresh SQLite store and the embedded index by default; ``--database``
names a fresh PostgreSQL database, ``--elasticsearch`` a cluster. Prints what happened and exits with status 1 when a
search failed, a half index served, a file or a translation was lost or doubled, or the end is not what an undisturbed
history gives.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from api.working import POLL_SECONDS
from catalog.database import utc_now
from catalog.languages import CODES
from tests.fakes.echo_server import EchoServer
from tests.fakes.installation import Installation
from tests.fakes.searcher import searching
from tests.job_checks import Watch, engine_faults, faults_in_the_end, files_faults

LANGS = ("de", "en", "fr", "ja", "pt")
SUPPLIERS = ("acme", "borealis")
COMMANDS = (
    *(("nightly",),) * 4,
    *(("nightly", "--full"),) * 2,
    *(("index", "--full"),) * 2,
    ("index",),
    ("worker", "--once", "--processes", "2"),
    ("worker", "--processes", "2"),
)
AT_ONCE = 2
ADDED = 5
CHANGING = 3
_STARTED = 0.5
"""Seconds of processor time after which a command has begun: before, there is nothing to disturb."""

_PATIENCE = 150.0
"""Seconds after which it is killed all the same."""

_SECONDS_A_REQUEST = 0.03
_BUSY = 4
"""Exit status of a command that found another one at work; of nothing else here."""


def word(number: int) -> str:
    """Return a number in letters: digits are facts, which engines never see."""
    return "".join(chr(97 + int(digit)) for digit in f"{number:03}")


def rows(turn: int) -> Iterator[tuple[str, ...]]:
    """Yield a file's rows: products of their own, and some that every file changes."""
    yield "sku", "title", "description", "category", "price"
    for number in range(ADDED + CHANGING):
        new = number < ADDED
        name = f"new-{turn}-{number}" if new else f"changing-{number}"
        title = f"garden hose {'new' if new else 'changing'} {word(number)} in its state {word(turn)}"
        text = f"A hose of kind {word(turn)}{word(number)}. Made for gardens of sort {chr(97 + turn % 20)}. It bends."
        yield name, title, text, "Garden > Hoses", f"{turn + 1},{number}0 EUR"


@dataclass(slots=True)
class Running:
    """A command at work."""

    command: tuple[str, ...]
    process: "subprocess.Popen[bytes]"
    errors: Path
    since: datetime
    used: float = 0.0


@dataclass(slots=True)
class Storm:
    """Commands on one installation, and their killer.

    Attributes:
        killed: how many were killed at work, by what they were doing.
        turns: how many files each supplier sent.
        faults: what was found wrong.
        in_hand: requests to an engine that those who were killed had in hand.
        longest: seconds of processor time that a command took which ended by itself.
    """

    shop: Installation
    chance: random.Random
    killed: Counter[str] = field(default_factory=Counter)
    commands: Counter[str] = field(default_factory=Counter)
    turns: int = 0
    finished: int = 0
    faults: list[str] = field(default_factory=list)
    in_hand: int = 0
    started: int = 0
    longest: dict[tuple[str, ...], float] = field(default_factory=lambda: dict.fromkeys(COMMANDS, 3.0))

    def rage(self, kills: int) -> None:
        """Kill so many commands, and look after each kill."""
        watch = Watch(self.shop, word)
        alive: list[Running] = []
        while self.killed.total() < kills:
            if self.chance.random() < 0.6:
                self.drop()
            while len(alive) < self.chance.randint(1, AT_ONCE):
                alive.append(self.start(self.chance.choice(COMMANDS)))
                time.sleep(self.chance.uniform(0, 0.7))
            victim = self.chance.choice(alive)
            self._wait(victim)
            alive = [one for one in alive if not self._ended(one)]
            if victim not in alive:
                continue
            if self._kill(victim):
                alive.remove(victim)
            self.faults += [f"after kill {self.killed.total()}: {one}" for one in watch.look()]
            self.faults += [f"after kill {self.killed.total()}: {one}" for one in files_faults(self.shop, self.turns)]
        for one in alive:
            self._kill_tree(one)
        watch.close()

    def drop(self) -> None:
        """Let each supplier send a file: it appears whole, as an upload by rename does."""
        for supplier in SUPPLIERS:
            folder = self.shop.drop_folder / supplier
            folder.mkdir(parents=True, exist_ok=True)
            hidden = folder / f".turn-{self.turns:03}"
            hidden.write_text("\n".join(";".join(row) for row in rows(self.turns)) + "\n", encoding="utf-8")
            shutil.copy(hidden, self.shop.kept_folder / f"{supplier}-turn-{self.turns:03}.csv")
            hidden.rename(folder / f"turn-{self.turns:03}.csv")
        self.turns += 1

    def start(self, command: tuple[str, ...]) -> Running:
        """Start a command as a person would."""
        self.started += 1
        errors = self.shop.home.parent / f"{self.started:04}-{command[0]}.err"
        return Running(command, self.shop.start(command, errors), errors, utc_now())

    def _wait(self, victim: Running) -> None:
        """Wait until a command has worked for a random time: of the processor, which others' load does not stretch."""
        until = self.chance.uniform(_STARTED, max(self.longest[victim.command], 1.5))
        deadline = time.monotonic() + _PATIENCE
        while victim.process.poll() is None and time.monotonic() < deadline:
            used = sum(map(processor_seconds, family(victim.process.pid)))
            if used >= until:
                return
            victim.used = used
            time.sleep(0.03)

    def _ended(self, one: Running) -> bool:
        """Note what became of a command that ended by itself."""
        status = one.process.poll()
        if status is None:
            return False
        self.finished += 1
        self.longest[one.command] = max(self.longest[one.command], one.used)
        said = one.errors.read_text(encoding="utf-8")
        if status not in (0, _BUSY) or "Traceback" in said:
            self.faults.append(f"{' '.join(one.command)} ended with status {status}: {said[-1500:]}")
        return True

    def _kill(self, victim: Running) -> bool:
        """Kill a command, or one process of a worker; say whether the command is gone."""
        tree = family(victim.process.pid)
        one = self.chance.choice(tree)
        at = self.shop.doing(victim.since, tree)
        try:
            os.kill(one, signal.SIGKILL)
        except ProcessLookupError:
            return False
        self.in_hand += self.shop.in_hand([one])
        self.killed[at] += 1
        self.commands[" ".join(victim.command)] += 1
        if one != victim.process.pid:
            return False
        victim.process.wait()
        for other in tree[1:]:
            _wait_for_end(other)
        return True

    def _kill_tree(self, one: Running) -> None:
        tree = family(one.process.pid)
        for process in tree:
            os.kill(process, signal.SIGKILL)
        one.process.wait()
        self.in_hand += self.shop.in_hand(tree)
        for process in tree[1:]:
            _wait_for_end(process)

    def finish(self) -> None:
        """Work undisturbed until nothing is left to do."""
        self.drop()
        for command in (("nightly",), ("worker", "--once", "--processes", "1"), ("nightly", "--full")):
            one = self.start(command)
            one.process.wait()
            if one.process.returncode:
                said = one.errors.read_text(encoding="utf-8")
                self.faults.append(f"undisturbed, {command} ended with {one.process.returncode}: {said[-1500:]}")


def family(process: int) -> list[int]:
    """Return a process and the commands that it started, itself first."""
    found = [process]
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == process and b"--supervised" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def processor_seconds(process: int) -> float:
    """Return how long a process has worked."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait_for_end(process: int) -> None:
    """Wait for a process that is not our child; those of a worker end with it."""
    deadline = time.monotonic() + 60 * POLL_SECONDS
    while Path(f"/proc/{process}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def storm(shop: Installation, calm: Installation, server: EchoServer, kills: int, seed: int) -> list[str]:
    """Let a storm pass over one installation, and return what is not as on the calm one."""
    raging = Storm(shop, random.Random(seed))
    raging.drop()
    raging.finish()
    with searching(shop.environment, shop.langs) as searcher:
        raging.rage(kills)
        raging.finish()
    raging.faults += searcher.faults
    raging.faults += files_faults(shop, raging.turns, finished=True)
    print(f"seed {seed}: {raging.killed.total()} killed: {dict(raging.killed)}")
    print(f"  by command: {dict(raging.commands)}; {raging.finished} ended by themselves; {raging.turns} files each")
    print(f"  {searcher.said}; { ({' '.join(one): round(took, 1) for one, took in raging.longest.items()}) }")
    asked = list(server.asked)
    raging.faults += engine_faults(asked, raging.in_hand)
    calm_history(calm, raging.turns, shop.kept_folder)
    raging.faults += faults_in_the_end(shop, calm)
    return raging.faults


def calm_history(calm: Installation, turns: int, files: Path) -> None:
    """Give another installation the same files, and nobody disturbs it."""
    for turn in range(turns):
        for supplier in SUPPLIERS:
            calm.take(supplier, files / f"{supplier}-turn-{turn:03}.csv", f"turn-{turn:03}.csv")
    calm.finish()


def main(arguments: Sequence[str] | None = None) -> int:
    """Let a storm pass and tell what it left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--database", default="", help="a fresh PostgreSQL database; SQLite by default")
    parser.add_argument("--elasticsearch", default="", help="addresses of a cluster; the embedded index by default")
    parser.add_argument("--langs", default=",".join(LANGS), help="languages, or: all")
    parser.add_argument("--keep", type=Path, help="folder in which everything is left for a look")
    chosen = parser.parse_args(arguments)
    langs = CODES if chosen.langs == "all" else tuple(chosen.langs.split(","))
    folder = chosen.keep or Path(tempfile.mkdtemp())
    with EchoServer(langs, _SECONDS_A_REQUEST) as server, EchoServer(langs) as quick:
        shop = Installation(folder / "storm", langs, server.url, chosen.database, chosen.elasticsearch)
        calm = Installation(folder / "calm", langs, quick.url, "", chosen.elasticsearch)
        try:
            found = storm(shop, calm, server, chosen.kills, chosen.seed)
        finally:
            shop.clear()
            calm.clear()
            if chosen.keep is None:
                shutil.rmtree(folder)
    for fault in found:
        print(f"FAULT: {fault}")
    print("nothing lost, nothing doubled, nothing half" if not found else f"{len(found)} faults")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
