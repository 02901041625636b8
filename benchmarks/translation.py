"""How fast texts are translated: the batched students beside fxtranslate, all in one interleaved run.

``python -m benchmarks.translation [FILE] [--texts N] [--rounds N] [--quick]``: FILE has a title a line, or JSON lines
(``.jsonl``, ``.jsonl.gz``) with a ``title`` (or another ``--field``); without it the English sample is taken, which is
too small to fill batches. Every variant lives in a process of its own and waits while another one works, so that what
else the machine does hits all alike: the ratios count. Words a second of processor time say what a core does when
nothing else wants it.

The whole batch is measured with masking, checks and store, a catalog a round, all of one installation, and held against
the bare engine with as many threads. A
second table says how faithful each precision is to float32, and fxtranslate beside them.
"""

import argparse
import gzip
import json
import multiprocessing
import random
import re
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.translators import PAIR, Variant, work_of
from tests.fakes.chrf import chrf

SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "northgate-outdoor.xml"

YARDSTICK = Variant("fxtranslate, 1 process", "fxtranslate", share=8)
BARE = {
    1: Variant("int8, 1 thread"),
    2: Variant("int8, 2 threads", threads=2),
}
WHOLE = {
    1: Variant("int8, 1 thread, masking, checks and store", "whole"),
    2: Variant("int8, 2 threads, masking, checks and store", "whole", threads=2),
}
VARIANTS = (
    YARDSTICK,
    BARE[1],
    WHOLE[1],
    Variant("careful, 1 thread", precision="careful"),
    Variant("float32, 1 thread", precision="float32", share=2),
    Variant("numpy in float32, a sentence at a time", "numpy", share=40),
    Variant("fxtranslate, 2 processes", "fxtranslate", processes=2, share=8),
    BARE[2],
    WHOLE[2],
    Variant("careful, 2 threads", precision="careful", threads=2),
    *(Variant(f"int8, 1 thread, {size} sentences together", batch=size) for size in (8, 16, 64, 128)),
    *(Variant(f"int8, 1 thread, {size} texts a call", call=size) for size in (64, 512)),
    *(Variant(f"int8, 2 threads, {size} texts a call", call=size, threads=2) for size in (64, 512)),
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

    def __init__(self, variant: Variant) -> None:
        self._variant = variant
        context = multiprocessing.get_context("spawn")
        self._ends: list[Connection] = []
        self._children = []
        for _ in range(variant.processes):
            ours, theirs = context.Pipe()
            child = context.Process(target=serve, args=(theirs, variant), daemon=True)
            child.start()
            self._ends.append(ours)
            self._children.append(child)
        self.start = max(end.recv() for end in self._ends)

    def run(self, texts: Sequence[str]) -> tuple[float, float]:
        """Return words a second of one round, and words a second of processor time."""
        chosen = texts[:: self._variant.share]
        for number, end in enumerate(self._ends):
            end.send(chosen[number :: len(self._ends)])
        words = sum(len(text.split()) for text in chosen)
        taken = [end.recv() for end in self._ends]
        return words / max(seconds for seconds, _ in taken), words / sum(used for _, used in taken)

    def stop(self) -> int:
        """End the processes; return what they took at most, in megabytes together."""
        for end in self._ends:
            end.send(None)
        taken: int = sum(end.recv() for end in self._ends)
        for child in self._children:
            child.join()
        return taken


def serve(end: Connection, variant: Variant) -> None:
    """Load what a variant needs, then translate what is sent."""
    started = time.perf_counter()
    work = work_of(variant)
    end.send(time.perf_counter() - started)
    while texts := end.recv():
        end.send(work(texts))
    end.send(_peak_megabytes())


def _peak_megabytes() -> int:
    # The largest since this program began; the resource usage of a child counts what its parent had.
    peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(peak[1]) // 1000 if peak else 0


def read_texts(path: Path | None, count: int, field: str = "title") -> list[str]:
    """Return distinct texts, chosen at random but the same ones each time."""
    if path is None:
        text = SAMPLE.read_text(encoding="utf-8")
        found = re.findall(r"<(?:g:)?(?:title|description)>(?:<!\[CDATA\[)?([^<\]]{8,})", text)
    elif ".jsonl" in path.name:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            found = [json.loads(line).get(field) or "" for line in file]
    else:
        found = path.read_text(encoding="utf-8").splitlines()
    distinct = list(dict.fromkeys(text.strip() for text in found if text.strip()))
    return random.Random(5).sample(distinct, min(count, len(distinct)))


def measure(texts: Sequence[str], rounds: int, variants: Sequence[Variant] = VARIANTS) -> dict[Variant, Measured]:
    """Run every variant once a round, in turn; each round has texts of its own, which no cache knows."""
    measured: dict[Variant, Measured] = {}
    runners: dict[Variant, Runner] = {}
    for variant in variants:
        runners[variant] = Runner(variant)
        measured[variant] = Measured(start=runners[variant].start)
    for number in range(rounds):
        for variant, runner in runners.items():
            rate, processor_rate = runner.run(texts[number::rounds])
            measured[variant].rates.append(rate)
            measured[variant].processor_rates.append(processor_rate)
    for variant, runner in runners.items():
        measured[variant].megabytes = runner.stop()
    return measured


def main(arguments: Sequence[str] = ()) -> None:
    """Print Markdown tables."""
    parser = argparse.ArgumentParser(description="Measure translation engines beside each other.")
    parser.add_argument("file", nargs="?", type=Path, help="titles, one a line, or JSON lines with a title")
    parser.add_argument("--field", default="title", help="of JSON lines (default title)")
    parser.add_argument("--texts", type=int, default=1_000, help="how many a round (default 1000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default 3)")
    parser.add_argument("--quick", action="store_true", help="300 texts, one round: a look in a minute or two")
    parser.add_argument("--bergamot", help="an interpreter that has the package bergamot, to run it as well")
    given = parser.parse_args(arguments)
    variants = VARIANTS
    if given.bergamot:
        variants = (*VARIANTS[:1], Variant("bergamot, 1 thread", "bergamot", interpreter=given.bergamot), *VARIANTS[1:])
    rounds = 1 if given.quick else given.rounds
    texts = read_texts(given.file, rounds * (300 if given.quick else given.texts), given.field)
    words = sum(len(text.split()) for text in texts)
    print(f"{len(texts)} texts, {words} words, {PAIR}, {rounds} rounds\n")
    _print_rates(measure(texts, rounds, variants))
    _print_fidelity(texts[: given.texts])


def _print_rates(measured: dict[Variant, Measured]) -> None:
    yardstick = measured[YARDSTICK]
    print("| engine | words/s | x fxtranslate | words/s of processor time | x fxtranslate | start s | peak MB |")
    print("|---|---|---|---|---|---|---|")
    for variant, one in measured.items():
        cells = [variant.name, *_rate(one.rates, yardstick.rates)]
        start = "" if variant in WHOLE.values() else f"{one.start:.2f}"
        cells += [*_rate(one.processor_rates, yardstick.processor_rates), start, str(one.megabytes)]
        print(f"| {' | '.join(cells)} |")
    for threads, bare in BARE.items():
        clock, processor = (
            statistics.median(getattr(measured[WHOLE[threads]], name))
            / statistics.median(getattr(measured[bare], name))
            for name in ("rates", "processor_rates")
        )
        print(
            f"\nMasking, checks and store leave {clock:.0%} of the bare engine's rate on {threads} threads "
            f"({processor:.0%} by processor time)."
        )


def _print_fidelity(texts: Sequence[str]) -> None:
    """Say how much of what float32 writes the others write as well."""
    from translation.engines.batched.arithmetic import Precision
    from translation.engines.batched.engine import BatchedEngine
    from translation.engines.fxtranslate import FxtranslateEngine
    from translation.engines.models import find_models

    models = find_models(None)
    answers = {str(one): BatchedEngine(models, one).translate(PAIR, texts) for one in reversed(Precision)}
    answers["fxtranslate"] = FxtranslateEngine(models).translate(PAIR, texts)
    print("\n| engine | as float32 % | chrF to float32 | chrF to fxtranslate |")
    print("|---|---|---|---|")
    for name, made in answers.items():
        same = sum(map(str.__eq__, made, answers["float32"])) / len(texts)
        print(
            f"| {name} | {same:.1%} | {chrf(made, answers['float32']):.1f} | {chrf(made, answers['fxtranslate']):.1f} |"
        )


def _rate(rates: Sequence[float], yardstick: Sequence[float]) -> tuple[str, str]:
    """Return the median rate, and how many times the yardstick's that is."""
    middle = statistics.median(rates)
    return f"{middle:,.0f}", f"{middle / statistics.median(yardstick):.1f}"


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
