"""What a check sees and what it says."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from translation import facts
from translation.checks.names import without_brands
from translation.facts import Fact
from translation.model import Segment
from translation.terminology.requirements import Requirement
from translation.words import Word, words

_BRACKET = re.compile(r"[\[［]\s?\d{1,4}\s?[\]］]")
_PERCENT_FIRST = re.compile(r"[%٪]\s?(\d+(?:[.,]\d+)*)")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+);")
"""Tags, and entities, which may become words (``&amp;``: "and")."""

_TRADE_MARK = re.compile("[®™©]")

BREAK = "·"
"""Stands in prose where a fact or a brand stood: what is on both sides of it does not stand side by side."""


class Severity(StrEnum):
    """What a finding does to a translation.

    ``BLOCKS``: the text is ``needs_review`` and the original stands in for it. ``WARNS``: the translation is used, the
    finding is kept beside it and shown to people.
    """

    BLOCKS = "blocks"
    WARNS = "warns"


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a segment before its translation is looked at.

    Attributes:
        brands: names that must be kept.
        alike: terms of the original, case folded, and whether the target language writes them as the source does.
        required: what the terms of the original demand.
        bans: words that must not be used, whatever the original says.
        offered: terms of the original, case folded, and the terms that the target language has for them.
    """

    brands: Sequence[str] = ()
    alike: Sequence[tuple[str, bool]] = ()
    required: Sequence[Requirement] = ()
    bans: Sequence[str] = ()
    offered: Sequence[tuple[str, Sequence[str]]] = ()


NOTHING_EXPECTED = Expected()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check had to say.

    Attributes:
        code: stable name of the check.
        message: what is wrong with this translation, and what to do about it.
        severity: what it does to the translation.
    """

    code: str
    message: str
    severity: Severity


@dataclass(frozen=True)
class Subject:
    """A segment beside its translation, with what more than one check reads of them.

    Attributes:
        segment: what was translated.
        text: its translation.
        target: language of the translation.
        expected: what is known of the segment.
    """

    segment: Segment
    text: str
    target: str
    expected: Expected

    @property
    def lang(self) -> str:
        """Language of the original."""
        return self.segment.lang

    @cached_property
    def source_without_brands(self) -> str:
        """The original, a break in the place of each brand."""
        return without_brands(self.segment.text, self.expected.brands, BREAK)

    @cached_property
    def target_without_brands(self) -> str:
        """The translation, a break in the place of each brand."""
        return without_brands(self.text, self.expected.brands, BREAK)

    @cached_property
    def source_facts(self) -> tuple[Fact, ...]:
        """Facts of the original beside its brands and other names."""
        return _facts(self.source_without_brands, self.lang)

    @cached_property
    def target_facts(self) -> tuple[Fact, ...]:
        """Facts of the translation beside its brands and other names."""
        return _facts(self.target_without_brands, self.target)

    @cached_property
    def source_prose(self) -> str:
        """The original without brands and facts: what there is to translate."""
        return _without(self.source_without_brands, self.source_facts)

    @cached_property
    def target_prose(self) -> str:
        """The translation without brands and facts."""
        return _without(self.target_without_brands, self.target_facts)

    @cached_property
    def source_compared(self) -> str:
        """The original without what has checks of its own or may be translated: brands, tags, borrowed words.

        The lock keeps words with foreign letters ("crêpe", "piñata"), because engines spell them wrongly; a person
        translates them.
        """
        text = _comparable(self.source_without_brands, self.lang)
        names = (fact for fact in facts.find(text, (), self.lang) if fact.kind == "name")
        for name in {name.surface for name in names if not _TRADE_MARK.search(name.surface)}:
            text = text.replace(name, " ")
        return text

    @cached_property
    def target_compared(self) -> str:
        """The translation without brands, tags and placeholders that the original does not have."""
        text = _comparable(self.target_without_brands, self.target)
        for bracket in {*_BRACKET.findall(text)} - {*_BRACKET.findall(self.source_compared)}:
            text = text.replace(bracket, " ")
        return text

    @cached_property
    def source_values(self) -> Counter[str]:
        """Facts of :attr:`source_compared` by value."""
        return facts.values(self.source_compared, lang=self.lang)

    @cached_property
    def target_values(self) -> Counter[str]:
        """Facts of :attr:`target_compared` by value."""
        return facts.values(self.target_compared, lang=self.target)

    @cached_property
    def source_words(self) -> list[Word]:
        """Words of :attr:`source_prose`."""
        return words(self.lang, self.source_prose)

    @cached_property
    def target_words(self) -> list[Word]:
        """Words of :attr:`target_prose`."""
        return words(self.target, self.target_prose)


def _facts(text: str, lang: str) -> tuple[Fact, ...]:
    # A word in another script is a name to the lock and a question to the checks.
    return tuple(fact for fact in facts.find(text, (), lang) if fact.kind != "name")


def _comparable(text: str, lang: str) -> str:
    """Return a text without markup; Turkish writes its percent sign before the number."""
    text = _MARKUP.sub(" ", text)
    return _PERCENT_FIRST.sub(r"\1%", text) if lang == "tr" else text


def _without(text: str, found: Sequence[Fact]) -> str:
    parts = []
    at = 0
    for fact in found:
        parts.append(text[at : fact.start])
        at = fact.end
    parts.append(text[at:])
    return f" {BREAK} ".join(parts)


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        code: its stable name.
        severity: what a finding does.
        finds: what it finds, for the documentation.
        advice: what a reviewer should do.
        look: returns what is wrong with a translation, or an empty string.
    """

    code: str
    severity: Severity
    finds: str
    advice: str
    look: Callable[[Subject], str]

    def run(self, subject: Subject) -> Finding | None:
        """Look at a translation."""
        wrong = self.look(subject)
        return Finding(self.code, f"{wrong}: {self.advice}", self.severity) if wrong else None
