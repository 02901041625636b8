"""What a night costs after a change of one per cent, against the first run: import, translate, delta index.

``python -m benchmarks.nightly --products 100000 --langs en,pt,de``. The first run translates and indexes everything.
Then a hundredth of the products changes: half of those have another title and price, a quarter is withdrawn, a quarter
is new. The catalog is imported again, and translate and index follow. Each step is a command in a process of its own,
so that its time holds what it loads; the goal is 3 % for translate and index together.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import synthetic

ROOT = Path(__file__).resolve().parent.parent

_IMPORT = ("import", "catalog.csv", "--supplier", "synthetic", "--lang", "en", "--replace")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: seconds by the clock, of the processor, and its most memory in MiB."""

    clock: float
    processor: float
    memory: float


def main(arguments: Sequence[str] = ()) -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=2_000)
    parser.add_argument("--langs", default="en,de,fr,pt")
    parser.add_argument("--changed", type=float, default=0.01)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = _night(folder, chosen.langs, synthetic.rows(chosen.products))
        second = _night(folder, chosen.langs, synthetic.rows(chosen.products, changed=chosen.changed))
    print(
        f"| {chosen.products:,} products, {chosen.langs} | first run, s | after a change of {chosen.changed:.0%}, s "
        "| share | of processor time | most memory, MiB |"
    )
    print("|---|---|---|---|---|---|")
    for step in first:
        _print(step, first[step], second[step])
    _print("translate and index", *(_sum(night["translate"], night["index"]) for night in (first, second)))


def _print(step: str, first: Cost, second: Cost) -> None:
    shares = f"**{second.clock / first.clock:.2%}** | {second.processor / first.processor:.2%}"
    memory = f"{first.memory:,.0f}, then {second.memory:,.0f}"
    print(f"| {step} | {first.clock:,.1f} | {second.clock:,.2f} | {shares} | {memory} |", flush=True)


def _sum(one: Cost, other: Cost) -> Cost:
    return Cost(one.clock + other.clock, one.processor + other.processor, max(one.memory, other.memory))


def _night(folder: Path, langs: str, catalog: Iterable[synthetic.Row]) -> dict[str, Cost]:
    synthetic.write(folder / "catalog.csv", catalog)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LEXICART_HOME": str(folder / "home"),
        "LEXICART_LANGS": langs,
        "LEXICART_DATABASE_URL": "",
        "LEXICART_INDEX": "embedded",
    }
    costs = {}
    for step, arguments in {"import": _IMPORT, "translate": ("translate",), "index": ("index",)}.items():
        costs[step] = _command(arguments, folder, environment)
        # A first run may take an hour: what is measured of it should not wait for the rest.
        print(f"{step}: {costs[step].clock:,.1f} s, {costs[step].processor:,.1f} of the processor", file=sys.stderr)
    return costs


def _command(arguments: Sequence[str], folder: Path, environment: dict[str, str]) -> Cost:
    """Run a command of Lexicart.

    Raises:
        CalledProcessError: it ended with another status than 0.
    """
    command = [sys.executable, "-m", "api", *arguments]
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        clock = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.stderr.write(said.read().decode(errors="replace")[-4_000:])
            raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(clock, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


if __name__ == "__main__":
    main(sys.argv[1:])
