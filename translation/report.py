"""What a run of the batch did, for people and for the command line's JSON."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from catalog.errors import LexicartError
from translation.engines.usage import Usage


@dataclass(slots=True)
class BatchReport:
    """What a run did; mutable while it runs.

    Attributes:
        segments: segments settled, over all languages.
        distinct: different segments among them, by text, context and language.
        translated: answers that engines gave in this run.
        reused: answers that were known from before, and texts looked at and found unchanged.
        by_engine: texts by what made them.
        needs_review: texts that a person must look at.
        seconds: how long it took.
        words: source words that engines translated.
        failures: why an engine was not asked any more, by its name or, for one pair alone, the version of its step; its
            texts stay pending.
        usage: what was asked of engines that bill it, by name.
        langs: texts of the whole store after the run, by language and state.
    """

    segments: int = 0
    distinct: int = 0
    translated: int = 0
    reused: int = 0
    by_engine: Counter[str] = field(default_factory=Counter)
    needs_review: int = 0
    seconds: float = 0.0
    words: int = 0
    failures: dict[str, LexicartError] = field(default_factory=dict)
    usage: dict[str, Usage] = field(default_factory=dict)
    langs: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def add(self, page: "BatchReport") -> None:
        """Add the counts of a page."""
        for name in ("segments", "distinct", "translated", "reused", "needs_review", "words"):
            setattr(self, name, getattr(self, name) + getattr(page, name))
        self.by_engine.update(page.by_engine)

    @property
    def failure(self) -> LexicartError | None:
        """Why an engine was not asked any more, where one was not."""
        return next(iter(self.failures.values()), None)

    def as_json(self) -> dict[str, Any]:
        """The shape of the contract's ``lexicart translate --json``."""
        return {
            "segments": self.segments,
            "distinct": self.distinct,
            "translated": self.translated,
            "reused": self.reused,
            "by_engine": dict(sorted(self.by_engine.items())),
            "needs_review": self.needs_review,
            "seconds": round(self.seconds, 3),
            "words_per_second": round(self.words / self.seconds, 1) if self.seconds else 0.0,
            "failures": sorted({str(failure) for failure in self.failures.values()}),
            "usage": {name: asdict(one) for name, one in self.usage.items()},
            "langs": self.langs,
        }


class Progress(Protocol):
    """Sees how far a run is."""

    def begin(self, texts: int) -> None:
        """Hear about how many texts, each counted once a language, there are at most."""
        ...

    def advance(self, lang: str, texts: int, words: int) -> None:
        """Hear that texts were settled in a language, and how many words engines translated in this run so far."""
        ...


class NoProgress:
    """Says nothing."""

    def begin(self, texts: int) -> None:
        """Hear how much there is."""

    def advance(self, lang: str, texts: int, words: int) -> None:
        """Hear what was done."""


class Distinct:
    """Counts different names in bounded memory: exactly up to ``limit``, beyond it never too few."""

    def __init__(self, limit: int = 500_000) -> None:
        self._seen: set[int] = set()
        self._limit = limit
        self.count = 0

    def add(self, names: set[str]) -> None:
        """Count the names (hexadecimal digests) that were not seen before."""
        fresh = {int(name[:16], 16) for name in names} - self._seen
        self.count += len(fresh)
        if len(self._seen) < self._limit:
            self._seen |= fresh
