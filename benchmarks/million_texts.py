"""Many short texts through the whole batch: memory stays flat, and the end is as fast as the beginning.

``python -m benchmarks.million_texts --texts 1000000``. Products with ten attributes each, English into Portuguese by
the neural engine, every text different. Prints rate and memory by tenths of the work. Beside the rate by the clock
stands that by processor time, and beside this one the rate in yardsticks: a fixed piece of work is timed between the
tenths, because a processor that others use as well does less in a second of its time.
"""

import argparse
import csv
import itertools
import re
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from api.bootstrap import Parts
from api.intake import import_file
from api.settings import load
from api.translating import translate_pending
from benchmarks.synthetic import Vocabulary
from catalog.options import ImportOptions
from translation.batch import BatchOptions

ATTRIBUTES = 9
"""With the title ten texts a product."""

_WORD = re.compile(r"\w+")
_NAMES = ("Colour", "Material", "Use", "Contents", "Finish", "Style", "Shape", "Pattern", "Accessory")


def write(path: Path, products: int) -> None:
    """Write a catalog in which no text stands twice."""
    words = Vocabulary()
    nouns, colours, materials = len(words.nouns), len(words.colours), len(words.materials)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("sku", "title", *_NAMES))
        for place in range(products):
            texts = []
            for column in range(ATTRIBUTES + 1):
                number = place * (ATTRIBUTES + 1) + column
                colour, material = words.colours[number % colours], words.materials[number // colours % materials]
                noun = words.nouns[number // (colours * materials) % nouns]
                texts.append(f"{colour} {noun} of {material} no {number // (colours * materials * nouns) + 2}")
            writer.writerow((f"M-{place:07}", *texts))


class Gauge:
    """Notes time and memory whenever a tenth of the texts is done."""

    def __init__(self, expected: int) -> None:
        self._step = expected // 10
        self._done = 0
        self._marks = [_mark(0)]

    def begin(self, texts: int) -> None:
        """Begin to measure when the work begins."""
        self._marks = [_mark(0)]

    def advance(self, _lang: str, texts: int, _words: int) -> None:
        """Count texts."""
        self._done += texts
        if self._done - self._marks[-1].done >= self._step:
            self._marks.append(_mark(self._done))

    def table(self) -> str:
        """Return the Markdown table."""
        lines = [
            "| texts done | texts/s | texts/s of processor time | texts a yardstick | resident MiB |",
            "|---|---|---|---|---|",
        ]
        for before, now in itertools.pairwise(self._marks):
            done, seconds, used = now.done - before.done, now.begun - before.ended, now.used_before - before.used
            yardstick = (before.yardstick + now.yardstick) / 2
            lines.append(
                f"| {now.done:,} | {done / seconds:,.0f} | {done / used:,.0f} | {done / used * yardstick:,.0f} "
                f"| {now.memory:,.0f} |"
            )
        return "\n".join(lines)


class _Mark(NamedTuple):
    """A moment between two tenths, and the yardstick that was laid on then.

    Attributes:
        done: texts.
        begun: on the clock, before the yardstick; ``ended`` after it.
        used_before: processor seconds before the yardstick; ``used`` after it.
        yardstick: processor seconds that it took.
        memory: resident, in MiB.
    """

    done: int
    begun: float
    ended: float
    used_before: float
    used: float
    yardstick: float
    memory: float


def _mark(done: int) -> _Mark:
    begun, used_before = time.perf_counter(), time.process_time()
    yardstick = min(_yardstick() for _ in range(3))
    return _Mark(done, begun, time.perf_counter(), used_before, time.process_time(), yardstick, resident())


def _yardstick() -> float:
    """Return the processor seconds of some work as the batch has it: patterns, dictionaries, matrices."""
    started = time.process_time()
    factor = np.ones((256, 256), np.float32)
    for _ in range(200):
        factor = np.tanh(factor @ factor)
    counted: dict[str, int] = {}
    for number in range(100_000):
        for word in _WORD.findall(f"yellow lamp of steel no {number}"):
            counted[word] = counted.get(word, 0) + 1
    return time.process_time() - started


def resident() -> float:
    """Return the memory that the process has now, in MiB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS in /proc/self/status: this benchmark needs Linux")


def main(arguments: Sequence[str] = ()) -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--processes", type=int, default=1, help="of several the first column alone tells something")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalog.csv"
        write(path, chosen.texts // (ATTRIBUTES + 1))
        threads = 0 if chosen.processes > 1 else 1
        parts = Parts(load(home=f"{folder}/home", langs="en,pt", students_threads=threads))
        import_file(parts, path, ImportOptions("synthetic", lang="en"))
        gauge = Gauge(chosen.texts)
        report = translate_pending(parts, BatchOptions(("pt",)), ("students",), gauge, chosen.processes)
        parts.database.dispose()
    print(gauge.table())
    print(
        f"\n{report.segments:,} segments, {report.words:,} words by the engine, {report.seconds:,.0f} s, "
        f"{report.words / report.seconds:,.0f} words/s"
    )


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
