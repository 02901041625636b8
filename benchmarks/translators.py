"""The ways to translate that ``benchmarks.translation`` compares, each made inside a process of its own."""

import csv
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from translation.engine import Pair

PAIR = Pair("en", "pt")

Work = Callable[[Sequence[str]], tuple[float, float]]
"""Translates texts; returns the seconds that took, on the clock and of processor time."""


@dataclass(frozen=True)
class Variant:
    """One way to translate.

    Attributes:
        name: for the table.
        engine: ``students``, ``fxtranslate``, ``bergamot``, ``numpy`` (a sentence at a time, for reference) or
            ``whole`` (the batch with masking, checks and store, over the students).
        precision: of the students.
        threads: of the students.
        batch: sentences that run together; 0 for what is usual.
        call: texts that the engine gets at a time, those of like length together as the batch gives them; 0 for all.
        processes: that share the texts.
        interpreter: in which bergamot runs; empty where it does not.
        share: one of so many texts is translated, so that slow variants take as long as fast ones.
    """

    name: str
    engine: str = "students"
    precision: str = "int8"
    threads: int = 1
    batch: int = 0
    call: int = 0
    processes: int = 1
    share: int = 1
    interpreter: str = ""


def work_of(variant: Variant) -> Work:
    """Load what a variant needs, and return what translates texts."""
    if variant.engine == "whole":
        installation = _Installation(variant)
        installation.translate(["Red desk lamp"])
        return installation.translate
    if variant.engine == "bergamot":
        return _bergamot(variant.interpreter)
    translate = _translator(variant)
    translate(["Red desk lamp"])

    def work(texts: Sequence[str]) -> tuple[float, float]:
        size = variant.call or len(texts)
        ordered = sorted(texts, key=lambda text: (len(text), text)) if variant.call else list(texts)
        started, before = time.perf_counter(), time.process_time()
        for start in range(0, len(ordered), size):
            translate(ordered[start : start + size])
        return time.perf_counter() - started, time.process_time() - before

    return work


def _translator(variant: Variant) -> Callable[[Sequence[str]], list[str]]:
    from translation.engines.models import find_models

    if variant.engine == "numpy":
        return _numpy()
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


def _bergamot(interpreter: str) -> Work:
    from translation.engines.models import find_models

    files = find_models(None)[PAIR]
    script = Path(__file__).with_name("bergamot_process.py")
    process = subprocess.Popen(
        [interpreter, str(script), str(files.model), str(files.shortlist), str(files.source_vocabulary)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    asked, said = process.stdin, process.stdout
    said.readline()

    def work(texts: Sequence[str]) -> tuple[float, float]:
        asked.write(json.dumps(list(texts)) + "\n")
        asked.flush()
        clock, processor = json.loads(said.readline())
        return clock, processor

    return work


def _numpy() -> Callable[[Sequence[str]], list[str]]:
    from threadpoolctl import threadpool_limits

    from tests.fakes.student import PlainStudent
    from translation.engines.batched.vocabulary import Vocabulary
    from translation.engines.models import find_models

    threadpool_limits(1)
    files = find_models(None)[PAIR]
    words = Vocabulary(files.source_vocabulary)
    student = PlainStudent(files.model, files.shortlist, never=[words.unknown])
    return lambda texts: words.decode([student.translate([*ids, words.end]) for ids in words.encode(texts)])


class _Installation:
    """A supplier's catalogs, one after the other, through the whole batch of one installation.

    Args:
        variant: how the students run.
    """

    def __init__(self, variant: Variant) -> None:
        from api.bootstrap import Parts
        from api.settings import load

        self._threads = variant.threads
        self._folder = tempfile.TemporaryDirectory()
        home = Path(self._folder.name) / "home"
        precision, threads = variant.precision, variant.threads
        settings = {"langs": PAIR.target, "students_precision": precision, "students_threads": threads}
        self._parts = Parts(load(home=home, **settings))
        self._catalogs = 0

    def translate(self, texts: Sequence[str]) -> tuple[float, float]:
        """Import texts as the titles of a further catalog, and translate what is pending."""
        from api.intake import import_file
        from api.translating import translate_pending
        from catalog.options import ImportOptions
        from translation.batch import BatchOptions

        self._catalogs += 1
        path = Path(self._folder.name) / f"catalog-{self._catalogs}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["sku", "title"])
            rows.writerows([f"{self._catalogs}-{number}", text] for number, text in enumerate(texts))
        import_file(self._parts, path, ImportOptions("bench", lang=PAIR.source))
        started, before = time.perf_counter(), time.process_time()
        translate_pending(self._parts, BatchOptions(self._parts.settings.langs), workers=self._threads, alone=True)
        return time.perf_counter() - started, time.process_time() - before
