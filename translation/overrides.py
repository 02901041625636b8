"""What an operator says of single pairs: ``en-de=ctranslate2, de-*=students, ja-zh=pivot, ko-ja=none``."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from catalog.errors import UnknownValueError, UsageError
from catalog.languages import CODES
from translation.engine import Pair

PIVOT = "en"
"""Every one of the fifteen has models from and to English."""

NONE = "none"
"""Choice: no engine; the pair's texts are drafts of terms, or missing."""

OVER_ENGLISH = "pivot"
"""Choice: two steps over English, also where an engine serves the pair itself."""

ANY = "*"

_RULE = re.compile(r"\s*([a-z*]+)\s*-\s*([a-z*]+)\s*=\s*([a-z][a-z0-9_-]*)\s*", re.IGNORECASE)
_EXAMPLES = "write PAIR=ENGINE, such as en-de=ctranslate2, de-*=students, ja-zh=pivot or ko-ja=none"

EVERY_PAIR = tuple(Pair(source, target) for source in CODES for target in CODES if source != target)
"""All directions between two of the fifteen languages."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for a pair, for all pairs of a language, or for all.

    Attributes:
        source: a language, or ``*`` for each.
        target: likewise.
        choice: an engine's name, ``pivot`` or ``none``.
    """

    source: str
    target: str
    choice: str

    def __str__(self) -> str:
        return f"{self.source}-{self.target}={self.choice}"

    @property
    def languages(self) -> int:
        """How many of the two languages it names: the more, the more it weighs."""
        return (self.source != ANY) + (self.target != ANY)

    @property
    def engine(self) -> str | None:
        """The engine that it names, if it names one."""
        return None if self.choice in (NONE, OVER_ENGLISH) else self.choice

    def covers(self, pair: Pair) -> bool:
        """Return whether it speaks of a pair; nothing from or to English can go over English."""
        if self.choice == OVER_ENGLISH and PIVOT in (pair.source, pair.target):
            return False
        return self.source in (ANY, pair.source) and self.target in (ANY, pair.target)

    def pairs(self) -> list[Pair]:
        """Return all pairs of which it speaks."""
        return [pair for pair in EVERY_PAIR if self.covers(pair)]


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, in the order in which they were written."""

    rules: tuple[Rule, ...] = ()

    @classmethod
    def parse(cls, parts: Iterable[str]) -> Self:
        """Read rules as an operator writes them.

        Raises:
            UsageError: what is written is no rule, names a language that is none of the fifteen, or contradicts
                another; names the rule.
        """
        found: dict[tuple[str, str], Rule] = {}
        for part in parts:
            rule = _rule(part)
            other = found.setdefault((rule.source, rule.target), rule)
            if other != rule:
                raise UsageError(f"{other} and {rule} contradict each other: leave one out")
        return cls(tuple(found.values()))

    def of(self, pair: Pair) -> list[Rule]:
        """Return the rules that cover a pair, the one that weighs most first.

        A pair by name goes before a star; of two with one star (``de-*`` and ``*-ar``) the one that was written last.
        """
        return sorted((rule for rule in reversed(self.rules) if rule.covers(pair)), key=lambda rule: -rule.languages)

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines that are named, each once."""
        return tuple(dict.fromkeys(rule.engine for rule in self.rules if rule.engine))


NO_RULES = Rules()
"""Nothing is said of any pair."""


def _rule(said: str) -> Rule:
    found = _RULE.fullmatch(said)
    if found is None:
        raise UsageError(f"{said.strip()!r} is no rule: {_EXAMPLES}")
    rule = Rule(*(part.lower() for part in found.groups()))
    for code in (rule.source, rule.target):
        if code != ANY and code not in CODES:
            raise UsageError(f"{rule}: {UnknownValueError('language', code, (*CODES, ANY))}")
    if not rule.pairs():
        why = "the same language twice" if rule.source == rule.target else "what begins or ends in English can't"
        raise UsageError(f"{rule}: {why}: {_EXAMPLES}")
    return rule
