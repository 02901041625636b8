"""What a check sees and what it says."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from translation import facts
from translation.abbreviations import written_out
from translation.checks import number_words
from translation.checks.denials import denies_surely, particles
from translation.checks.names import brands_in, without_brands
from translation.facts import Fact
from translation.facts.brands import Names, names
from translation.inline import marks, without_marks
from translation.model import Segment
from translation.terminology.requirements import Requirement
from translation.words import Word, folded_words, words

_BRACKET = re.compile(r"[\[［]\s?\d{1,4}\s?[\]］]")
_PERCENT_FIRST = re.compile(r"[%٪]\s?(\d+(?:[.,]\d+)*)")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+);")
"""Tags, and entities, which may become words (``&amp;``: "and")."""

_TRADE_MARK = re.compile("[®™©]")

BREAK = "·"
"""Stands in prose where a fact or a brand stood: what is on both sides of it does not stand side by side."""


PUNCTUATION = ".,;:!?()[]\"'«»„“”…"
"""What may stand at the ends of a text or a word and differ in a copy."""


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


class Side:
    """One of the two texts, with what checks read of it; each is worked out once, and only when it is asked for.

    Attributes:
        text: the text.
        lang: its language.
        brands: names that must be kept.
    """

    def __init__(self, text: str, lang: str, brands: Names) -> None:
        self.text = text
        self.lang = lang
        self.brands = brands

    @cached_property
    def named(self) -> list[str]:
        """The brands that stand in it, as they are written there."""
        return brands_in(self.text, self.brands)

    @cached_property
    def without_brands(self) -> str:
        """The text with a break in the place of each brand."""
        return without_brands(self.text, self.brands, BREAK) if self.named else self.text

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """Its facts beside brands and other names."""
        # A word in another script is a name to the lock and a question to the checks.
        return tuple(fact for fact in facts.find(self.without_brands, (), self.lang) if fact.kind != "name")

    @cached_property
    def prose(self) -> str:
        """The text without brands and facts: what there is to translate, or was translated."""
        return _without(self.without_brands, self.facts)

    @cached_property
    def spelled_prose(self) -> str:
        """The prose without what may differ in a copy."""
        return " ".join(self.prose.replace(BREAK, " ").casefold().split()).strip(PUNCTUATION)

    @cached_property
    def words(self) -> list[Word]:
        """Words of the prose."""
        return words(self.lang, self.prose)

    @cached_property
    def folded(self) -> list[str]:
        """All words of the text, folded."""
        return folded_words(self.lang, self.text)

    @cached_property
    def spelled(self) -> str:
        """The text without what may differ in a copy: case, spaces, punctuation at the ends. A hyphen is a change."""
        return " ".join(self.text.casefold().split()).strip(".,;:!?。、 ")

    @cached_property
    def without_markup(self) -> str:
        """The text without brands and tags; Turkish writes its percent sign before the number."""
        text = self.without_brands
        if "<" in text or "&" in text:
            text = _MARKUP.sub(" ", text)
        return _PERCENT_FIRST.sub(r"\1%", text) if self.lang == "tr" else text

    @cached_property
    def compared(self) -> str:
        """An original without what has checks of its own or may be translated: brands, tags, borrowed words.

        The lock keeps words with foreign letters ("crêpe", "piñata"), because engines spell them wrongly; a person
        translates them.
        """
        text = self.without_markup
        names = {fact.surface for fact in facts.find(text, (), self.lang) if fact.kind == "name"}
        for name in sorted(names, key=len, reverse=True):  # "한" may stand in another name, too
            if not _TRADE_MARK.search(name):
                text = text.replace(name, " ")
        return text

    @cached_property
    def values(self) -> list[str]:
        """Facts of :attr:`compared` by value, from left to right."""
        return facts.values(self.compared, lang=self.lang)

    @cached_property
    def denial(self) -> str:
        """What in it certainly denies something; empty where nothing does."""
        said = denies_surely(self.lang, written_out(self.lang, without_marks(self.text)))
        alone = (words.strip() for _, words in marks(self.text) if particles(self.lang).fullmatch(words.strip()))
        return said or next(alone, "")

    @cached_property
    def uncertain_numbers(self) -> tuple[str, ...]:
        """Its numbers that may be read in two ways."""
        return facts.uncertain_numbers(self.lang, self.text, self.brands)


@lru_cache(maxsize=4_096)
def original(text: str, lang: str, brands: Names) -> Side:
    """Return the side of an original: of a page's texts the same for each of fourteen target languages."""
    return Side(text, lang, brands)


@dataclass(frozen=True)
class Subject:
    """A segment beside its translation.

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
    def before(self) -> Side:
        """The original."""
        return original(self.segment.text, self.segment.lang, names(self.expected.brands))

    @cached_property
    def after(self) -> Side:
        """The translation."""
        return Side(self.text, self.target, names(self.expected.brands))

    @cached_property
    def is_copy(self) -> bool:
        """Whether the words are those of the original; facts may be written as the target language writes them."""
        before, after = self.before, self.after
        if before.spelled == after.spelled:
            return True
        return bool(before.words) and before.spelled_prose == after.spelled_prose

    @cached_property
    def compared(self) -> str:
        """The translation without brands, tags and placeholders that the original does not have."""
        text = self.after.without_markup
        if "[" in text or "［" in text:
            for bracket in {*_BRACKET.findall(text)} - {*_BRACKET.findall(self.before.compared)}:
                text = text.replace(bracket, " ")
        return text

    @cached_property
    def spelled_numbers(self) -> tuple[list[str], list[str]]:
        """The numbers of the original that its translation has as words, and the other way round."""
        in_order = self.before.values, facts.values(self.compared, lang=self.target)
        if in_order[0] == in_order[1]:
            return [], []
        before, after = map(Counter, in_order)
        in_target = [one for one in before - after if number_words.says(self.target, self.after.prose, one)]
        in_source = [one for one in after - before if number_words.says(self.lang, self.before.prose, one)]
        return in_target, in_source


def _without(text: str, found: Sequence[Fact]) -> str:
    if not found:
        return text
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
