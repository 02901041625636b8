"""Many short texts through the whole batch: memory stays flat, and the end is as fast as the beginning.

``python -m benchmarks.million_texts --texts 1000000``. Products with ten attributes each, English into Portuguese by
the neural engine, every text different. Prints rate and memory by tenths of the work; the rate also by processor time,
which other work on the machine does not disturb.
"""

import argparse
import csv
import itertools
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from api.bootstrap import Parts
from api.intake import import_file
from api.settings import load
from api.translating import translate_pending
from benchmarks.synthetic import Vocabulary
from catalog.options import ImportOptions
from translation.batch import BatchOptions

ATTRIBUTES = 9
"""With the title ten texts a product."""

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
        if self._done - self._marks[-1][0] >= self._step:
            self._marks.append(_mark(self._done))

    def table(self) -> str:
        """Return the Markdown table."""
        lines = ["| texts done | texts/s | texts/s of processor time | resident MiB |", "|---|---|---|---|"]
        for before, now in itertools.pairwise(self._marks):
            done, seconds, used = (now[place] - before[place] for place in range(3))
            lines.append(f"| {now[0]:,} | {done / seconds:,.0f} | {done / used:,.0f} | {now[3]:,.0f} |")
        return "\n".join(lines)


def _mark(done: int) -> tuple[int, float, float, float]:
    return done, time.perf_counter(), time.process_time(), resident()


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
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalog.csv"
        write(path, chosen.texts // (ATTRIBUTES + 1))
        parts = Parts(load(home=f"{folder}/home", langs="en,pt"))
        import_file(parts, path, ImportOptions("synthetic", lang="en"))
        gauge = Gauge(chosen.texts)
        report = translate_pending(parts, BatchOptions(("pt",)), ("students",), gauge)
        parts.database.dispose()
    print(gauge.table())
    print(
        f"\n{report.segments:,} segments, {report.words:,} words by the engine, {report.seconds:,.0f} s, "
        f"{report.words / report.seconds:,.0f} words/s"
    )


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
