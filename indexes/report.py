"""What a run of the builder did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NAMED = 100
"""Rejected documents that a report names one by one; where a supplier's whole catalog is, the rest is counted."""


@dataclass(slots=True)
class LangCount:
    """What happened to one language's index in a run."""

    documents: int = 0
    written: int = 0
    deleted: int = 0
    rejected: int = 0


@dataclass(slots=True)
class IndexReport:
    """What a run of the builder did; the shape of ``lexicart index --json``.

    Attributes:
        reasons: why the build was refused, or what is wrong with the one that a delta worked on.
        evaluation: what the gate measured.
    """

    build: str
    mode: str
    langs: dict[str, LangCount]
    verified: bool = False
    promoted: bool = False
    seconds: float = 0.0
    reasons: list[str] = field(default_factory=list)
    evaluation: dict[str, float] = field(default_factory=dict)
    rejected: dict[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """Documents by language."""
        return {lang: count.documents for lang, count in self.langs.items()}

    def reject(self, documents: Mapping[str, str]) -> None:
        """Note what the backend rejected: the reason by product."""
        for name, reason in sorted(documents.items()):
            if len(self.rejected) < NAMED:
                self.rejected[name] = reason

    def as_json(self) -> dict[str, Any]:
        """The contract's JSON."""
        return {
            "build": self.build,
            "mode": self.mode,
            "langs": {
                lang: {
                    "documents": count.documents,
                    "written": count.written,
                    "deleted": count.deleted,
                    "rejected": count.rejected,
                }
                for lang, count in self.langs.items()
            },
            "verified": self.verified,
            "promoted": self.promoted,
            "seconds": round(self.seconds, 3),
            "reasons": self.reasons,
        }
