"""How fast texts are translated: the batched students beside fxtranslate, all in one interleaved run.

``python -m benchmarks.translation [FILE] [--texts N] [--rounds N]``: FILE has a title a line, or JSON lines
(``.jsonl``, ``.jsonl.gz``) with a ``title``; without it the English sample is taken, which is too small to fill
batches. Every variant lives in a process of its own and waits while another one works, so that what else the machine
does hits all alike: the ratios count. Words a second of processor time say what a core does when nothing else wants it.
"""

import argparse
import gzip
import json
import multiprocessing
import random
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from translation.engine import Pair

SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "northgate-outdoor.xml"
PAIR = Pair("en", "pt")


@dataclass(frozen=True)
class Variant:
    """One way to translate.

    Attributes:
        name: for the table.
        engine: ``students`` or ``fxtranslate``.
        processes: that share the texts.
        share: one of so many texts is translated, so that slow variants take as long as fast ones.
    """

    name: str
    engine: str = "students"
    precision: str = "int8"
    threads: int = 1
    batch: int = 0
    processes: int = 1
    share: int = 1


VARIANTS = (
    Variant("fxtranslate, 1 process", "fxtranslate", share=8),
    Variant("int8, 1 thread", threads=1),
    Variant("careful, 1 thread", precision="careful"),
    Variant("float32, 1 thread", precision="float32", share=2),
    Variant("fxtranslate, 2 processes", "fxtranslate", processes=2, share=8),
    Variant("int8, 2 threads", threads=2),
    Variant("careful, 2 threads", precision="careful", threads=2),
    Variant("int8, 1 thread, batches of 8", batch=8, share=2),
    Variant("int8, 1 thread, batches of 16", batch=16),
    Variant("int8, 1 thread, batches of 64", batch=64),
    Variant("int8, 1 thread, batches of 128", batch=128),
)


@dataclass
class Measured:
    """What came of a variant: words a second, and words a second of processor time, of each round."""

    rates: list[float] = field(default_factory=list)
    processor_rates: list[float] = field(default_factory=list)
    start: float = 0.0
    megabytes: int = 0


class Runner:
    """The processes of one variant."""

    def __init__(self, variant: Variant, texts: Sequence[str]) -> None:
        chosen = texts[:: variant.share]
        self.words = sum(len(text.split()) for text in chosen)
        context = multiprocessing.get_context("spawn")
        self._ends: list[Connection] = []
        self._children = []
        for number in range(variant.processes):
            ours, theirs = context.Pipe()
            child = context.Process(
                target=serve, args=(theirs, variant, chosen[number :: variant.processes]), daemon=True
            )
            child.start()
            self._ends.append(ours)
            self._children.append(child)
        self.start = max(end.recv() for end in self._ends)

    def run(self) -> tuple[float, float]:
        """Return words a second of one round, and words a second of processor time."""
        started = time.perf_counter()
        for end in self._ends:
            end.send("go")
        processor = sum(end.recv() for end in self._ends)
        return self.words / (time.perf_counter() - started), self.words / processor

    def stop(self) -> int:
        """End the processes; return what they took at most, in megabytes together."""
        for end in self._ends:
            end.send("stop")
        taken: int = sum(end.recv() for end in self._ends)
        for child in self._children:
            child.join()
        return taken


def serve(end: Connection, variant: Variant, texts: Sequence[str]) -> None:
    """Load a model, then translate all texts whenever asked."""
    started = time.perf_counter()
    translate = _translator(variant)
    translate(["Red desk lamp"])
    end.send(time.perf_counter() - started)
    while end.recv() == "go":
        before = time.process_time()
        translate(texts)
        end.send(time.process_time() - before)
    end.send(_peak_megabytes())


def _translator(variant: Variant) -> Callable[[Sequence[str]], list[str]]:
    from translation.engines.models import find_models

    if variant.engine == "fxtranslate":
        from translation.engines.fxtranslate import FxtranslateEngine

        other = FxtranslateEngine(find_models(None))
        return lambda texts: other.translate(PAIR, texts)
    from translation.engines.batched import scheduling
    from translation.engines.batched.arithmetic import Precision
    from translation.engines.batched.engine import BatchedEngine

    scheduling.SENTENCES = variant.batch or scheduling.SENTENCES
    engine = BatchedEngine(find_models(None), Precision(variant.precision), threads=variant.threads)
    return lambda texts: engine.translate(PAIR, texts)


def _peak_megabytes() -> int:
    # The largest since this program began; the resource usage of a child counts what its parent had.
    peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(peak[1]) // 1000 if peak else 0


def read_texts(path: Path | None, count: int) -> list[str]:
    """Return distinct texts, chosen at random but the same ones each time."""
    if path is None:
        text = SAMPLE.read_text(encoding="utf-8")
        found = re.findall(r"<(?:g:)?(?:title|description)>(?:<!\[CDATA\[)?([^<\]]{8,})", text)
    elif ".jsonl" in path.name:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            found = [json.loads(line)["title"] for line in file]
    else:
        found = path.read_text(encoding="utf-8").splitlines()
    distinct = list(dict.fromkeys(text.strip() for text in found if text.strip()))
    return random.Random(5).sample(distinct, min(count, len(distinct)))


def measure(texts: Sequence[str], rounds: int, variants: Sequence[Variant] = VARIANTS) -> dict[Variant, Measured]:
    """Run every variant once a round, in turn."""
    measured: dict[Variant, Measured] = {}
    runners: dict[Variant, Runner] = {}
    for variant in variants:
        runners[variant] = Runner(variant, texts)
        measured[variant] = Measured(start=runners[variant].start)
    for _ in range(rounds):
        for variant, runner in runners.items():
            rate, processor_rate = runner.run()
            measured[variant].rates.append(rate)
            measured[variant].processor_rates.append(processor_rate)
    for variant, runner in runners.items():
        measured[variant].megabytes = runner.stop()
    return measured


def main(arguments: Sequence[str] = ()) -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description="Measure translation engines beside each other.")
    parser.add_argument("file", nargs="?", type=Path, help="titles, one a line, or JSON lines with a title")
    parser.add_argument("--texts", type=int, default=1_000, help="how many (default 1000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default 3)")
    given = parser.parse_args(arguments)
    texts = read_texts(given.file, given.texts)
    measured = measure(texts, given.rounds)
    yardstick = next(iter(measured.values()))
    words = sum(len(text.split()) for text in texts)
    print(f"{len(texts)} texts, {words} words, {PAIR}\n")
    print("| engine | words/s | x fxtranslate | words/s of processor time | x fxtranslate | start s | peak MB |")
    print("|---|---|---|---|---|---|---|")
    for variant, one in measured.items():
        cells = [variant.name, *_rate(one.rates, yardstick.rates)]
        cells += [*_rate(one.processor_rates, yardstick.processor_rates), f"{one.start:.2f}", str(one.megabytes)]
        print(f"| {' | '.join(cells)} |")


def _rate(rates: Sequence[float], yardstick: Sequence[float]) -> tuple[str, str]:
    """Return the median rate, and how many times the yardstick's that is."""
    middle = statistics.median(rates)
    return f"{middle:,.0f}", f"{middle / statistics.median(yardstick):.1f}"


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
