"""Which sentences run together, and on which threads."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from translation.engines.batched.student import Student

SENTENCES = 32
"""Most sentences of a batch. With more, the union of their shortlists outgrows the caches: 64 are a tenth slower."""

_POSITIONS = 8_192
"""Most positions of a batch, with those that fill up short sentences; each takes 4 KB for the decoder's attentions."""


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Return which of the sentences run together, those of one length side by side, the longest first.

    Longest first, so that the last batch, for which other threads wait, is a short one.
    """
    made: list[list[int]] = []
    longest = 0
    for number in sorted(range(len(lengths)), key=lambda number: (-lengths[number], number)):
        full = made and (len(made[-1]) == SENTENCES or (len(made[-1]) + 1) * longest > _POSITIONS)
        if full or not made:
            made.append([])
            longest = lengths[number]
        made[-1].append(number)
    return made


class Crew:
    """Threads that run batches; however many callers there are, no more run at once.

    Args:
        threads: how many; ``None`` for one on each core that this process may use.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or _cores()
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="students")

    def translate(self, student: Student, sentences: Sequence[Sequence[int]]) -> list[list[int]]:
        """Translate sentences, each of which ends in the end of sentence, in their order."""
        planned = batches([len(sentence) for sentence in sentences])
        made = self._pool.map(student.translate, [[sentences[number] for number in batch] for batch in planned])
        translated: list[list[int]] = [[] for _ in sentences]
        for batch, answers in zip(planned, made, strict=True):
            for number, answer in zip(batch, answers, strict=True):
                translated[number] = answer
        return translated


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
