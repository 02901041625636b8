"""How fast is a large CSV taken, and in how much memory? ``python -m benchmarks.intake [--rows 1000000]``.

Writes a German catalog of fifteen columns, about 600 bytes a row, the same one every time, and runs each job in a
process of its own: reading and understanding it without the store, the whole import into SQLite, the same file once
more, and as yardsticks of pure reading csv.reader, pandas and polars, where they are installed. A process beside the
imports asks for the store's write lock all the time and notes its longest wait. Prints Markdown.
"""

import argparse
import csv
import importlib.util
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.catalog_rows import gtin, write_csv

POINTS = 8
"""Moments of a job, evenly spread, at which its memory is told."""

_EVERY = 0.25
_POLL = 0.01


def _understand(path: Path) -> int:
    """Make every product of a file, and its JSON, and keep none."""
    from catalog.columns.header_rows import with_own_names
    from catalog.learning import learn
    from catalog.model import Product, to_json
    from catalog.options import ImportOptions
    from catalog.readers import open_catalog
    from catalog.rows.assembling import Assembler
    from catalog.rows.relations import Relations

    reader = with_own_names(open_catalog(path))
    with Relations() as relations:
        learned = learn(reader, reader.shape(), ImportOptions("acme"), None, relations, path.name)
        built = (row.result for row in Assembler(learned.understanding).rows(reader.records()))
        return sum(bool(to_json(product)) for product in built if isinstance(product, Product))


def _import(path: Path) -> int:
    from catalog.database import connect, prepare
    from catalog.importing import import_catalog
    from catalog.options import ImportOptions
    from catalog.store import ProductStore

    engine = connect(f"sqlite:///{_store(path)}")
    prepare(engine)
    return import_catalog(ProductStore(engine, path.parent / "uploads"), path, ImportOptions("acme")).products


def _with_csv(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file, delimiter=";")) - 1


def _with_pandas(path: Path) -> int:
    import pandas

    return len(pandas.read_csv(path, sep=";", dtype=str))


def _with_polars(path: Path) -> int:
    import polars

    return len(polars.read_csv(path, separator=";", infer_schema=False))


JOBS = {
    "reading and understanding, no store": _understand,
    "import into SQLite": _import,
    "the same file again": _import,
    "csv.reader": _with_csv,
    "pandas.read_csv": _with_pandas,
    "polars.read_csv": _with_polars,
}


def main(arguments: list[str] | None = None) -> None:
    """Write the file, run every job and print the tables."""
    options = _options(arguments)
    if options.job:
        _run_here(options.job, options.file)
    elif options.watch:
        _watch(options.watch)
    else:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            _compare(Path(folder) / "catalog.csv", options.rows)


def _compare(path: Path, number: int) -> None:
    write_csv(path, number)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{number:,} rows, {path.stat().st_size / 1e6:,.0f} MB; {os.cpu_count()} cores, load {load:.1f} before\n")
    print("| job | seconds | of CPU | rows/s | peak MiB | longest wait for the lock, s |\n|---|---|---|---|---|---|")
    memory: dict[str, list[float]] = {}
    for job in JOBS:
        library = job.partition(".")[0]
        if importlib.util.find_spec(library if library in ("pandas", "polars") else "csv") is None:
            print(f"| {job} | not installed | | | | |")
            continue
        done, waited = _measure(job, path)
        assert done["rows"] == number, f"{job}: {done['rows']} of {number} rows"
        memory[job] = done["memory"]
        print(
            f"| {job} | {done['seconds']:,.1f} | {done['cpu']:,.1f} | {number / done['seconds']:,.0f} "
            f"| {done['peak']:,.0f} | {waited} |",
            flush=True,
        )
    print(f"\n| MiB in use at {POINTS} moments of the job |" + " |" * POINTS + "\n|---|" + "---|" * POINTS)
    for job, points in memory.items():
        print(f"| {job} | " + " | ".join(f"{point:,.0f}" for point in points) + " |")


def _measure(job: str, path: Path) -> tuple[dict[str, object], str]:
    command = [sys.executable, "-m", "benchmarks.intake"]
    watcher = None
    if JOBS[job] is _import:
        from catalog.database import connect, prepare

        engine = connect(f"sqlite:///{_store(path)}")
        prepare(engine)
        engine.dispose()
        watcher = subprocess.Popen(
            [*command, "--watch", str(_store(path))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    done = json.loads(
        subprocess.run([*command, "--job", job, "--file", str(path)], capture_output=True, text=True, check=True).stdout
    )
    if watcher is None:
        return done, ""
    waited, _ = watcher.communicate()
    return done, f"{float(waited):.1f}"


def _store(path: Path) -> Path:
    return path.with_suffix(".db")


def _watch(store: Path) -> None:
    """Take the write lock again and again until standard input ends; print the longest wait in seconds."""
    ended = threading.Thread(target=sys.stdin.read, daemon=True)
    ended.start()
    connection = sqlite3.connect(store, timeout=600, isolation_level=None)
    longest = 0.0
    while ended.is_alive():
        begun = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        longest = max(longest, time.perf_counter() - begun)
        connection.execute("ROLLBACK")
        time.sleep(_POLL)
    print(longest)


def _run_here(job: str, path: Path) -> None:
    """Do one job in this process and print what it took as JSON; the memory is with the interpreter's own 15 MiB."""
    memory = _Memory()
    memory.start()
    begun = time.perf_counter()
    number = JOBS[job](path)
    seconds = time.perf_counter() - begun
    cpu = time.process_time()
    found = memory.stop()
    points = [found[min(len(found) - 1, len(found) * place // (POINTS - 1))] for place in range(POINTS)]
    print(json.dumps({"rows": number, "seconds": seconds, "cpu": cpu, "peak": _mebibytes("VmHWM"), "memory": points}))


class _Memory(threading.Thread):
    """Looks at the memory of this process from time to time."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._found: list[float] = []
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(_EVERY):
            self._found.append(_mebibytes("VmRSS"))

    def stop(self) -> list[float]:
        """Return what was seen."""
        self._ended.set()
        self.join()
        return [*self._found, _mebibytes("VmRSS")]


def _mebibytes(name: str) -> float:
    """Return a figure of this process by Linux; elsewhere its peak, the one that every system tells."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in status.read_text("ascii").splitlines() if line.startswith(name)) / 1024


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000, help="of the file")
    parser.add_argument("--folder", type=Path, help="where the file and the store lie meanwhile, five times the file")
    parser.add_argument("--job", choices=list(JOBS), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--watch", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


__all__ = ["gtin", "main"]

if __name__ == "__main__":
    main()
