"""What is looked at after every engine, memory and term before a translation is believed.

Every check has a code and a sentence for people. A check that finds something makes the text ``needs_review``; the
original stands in for it until a person has looked.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from catalog.languages import language
from translation import facts
from translation.model import Segment
from translation.words import words


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check had to say: its stable code and a sentence for the reviewer."""

    code: str
    message: str


_PLACEHOLDER = re.compile(r"\[\s?\d{1,4}\s?\]")

# Letters of the source and the target of a pair differ in number: Chinese says in 4 characters what German says in 20.
_DENSITY = {"zh": 3.2, "ja": 2.4, "ko": 2.2}
_LENGTH_FACTOR = 3.5
_SHORT = 12
"""Below this many (Latin) letters the ratio of lengths says nothing."""

_REPEATS = 3
_NAME = re.compile(r"[A-Z][A-Za-z]*")
_SCRIPTS = {
    "Arab": ("ARABIC",),
    "Cyrl": ("CYRILLIC",),
    "Jpan": ("CJK", "HIRAGANA", "KATAKANA"),
    "Kore": ("HANGUL",),
    "Hans": ("CJK",),
    "Latn": ("LATIN",),
}


@dataclass(frozen=True, slots=True)
class _Names:
    """What is known of the words of the original: brands, and terms with whether both languages write them alike."""

    brands: Sequence[str]
    terms: Mapping[str, bool]


def check(
    segment: Segment,
    translated: str,
    target: str,
    brands: Sequence[str] = (),
    terms: Mapping[str, bool] = MappingProxyType({}),
) -> list[Finding]:
    """Run every check on one segment; an empty list means that nothing was found.

    Args:
        segment: what was translated.
        translated: its translation.
        target: language of the translation.
        brands: names that must be kept.
        terms: terms of the text, case folded, and whether the target language writes them as the source does.
    """
    names = _Names(brands, terms)
    found = []
    for one in _CHECKS:
        message = one(segment, translated, target, names)
        if message:
            found.append(Finding(one.__name__.removeprefix("_check_"), message))
    return found


Check = Callable[[Segment, str, str, _Names], str]
"""A check returns what is wrong, or an empty string."""


def _check_empty(segment: Segment, translated: str, target: str, names: _Names) -> str:
    return "the translation is empty" if segment.text.strip() and not translated.strip() else ""


def _check_placeholder(segment: Segment, translated: str, target: str, names: _Names) -> str:
    left = _PLACEHOLDER.search(translated)
    if left and left[0] not in segment.text:
        return f"a placeholder was left: {left[0]}"
    return ""


def _check_facts(segment: Segment, translated: str, target: str, names: _Names) -> str:
    return facts.difference(segment.text, translated, names.brands)


def _check_untranslated(segment: Segment, translated: str, target: str, names: _Names) -> str:
    if translated.strip().casefold() != segment.text.strip().casefold():
        return ""
    masked = facts.mask(segment.lang, segment.text, names.brands)
    text = _PLACEHOLDER.sub(" ", masked.text)
    for term in (term for term, alike in names.terms.items() if alike):
        text = re.sub(rf"(?<!\w){re.escape(term)}(?!\w)", " ", text, flags=re.IGNORECASE)
    visible = [text[word.start : word.end] for word in words(segment.lang, text) if len(word.folded) > 1]
    # One or two words with capitals may be names (Hotel, Yoga & Pilates) unless a term says otherwise; three never
    # all are.
    known = any(not alike for alike in names.terms.values())
    copied = len(visible) >= 3 or any(word.islower() for word in visible) or (len(visible) == 2 and known)
    return "the translation is the original" if copied else ""


def _check_length(segment: Segment, translated: str, target: str, names: _Names) -> str:
    before = _letters(segment.text) * _DENSITY.get(segment.lang, 1.0)
    after = _letters(translated) * _DENSITY.get(target, 1.0)
    if max(before, after) < _SHORT or not after:
        return ""
    if after > _LENGTH_FACTOR * max(before, _SHORT / 2):
        return f"the translation is {after / max(before, 1):.1f} times as long as the original"
    if before > _LENGTH_FACTOR * max(after, _SHORT / 2):
        return f"the translation is only {after / before:.0%} as long as the original"
    return ""


def _check_repetition(segment: Segment, translated: str, target: str, names: _Names) -> str:
    repeated = _repeated(target, translated)
    if not repeated or _repeated(segment.lang, segment.text):
        return ""
    return f"{repeated!r} is repeated"


def _repeated(lang: str, text: str) -> str:
    """Return the first one to three words that stand three times in a row; empty when none do."""
    said = [word.folded for word in words(lang, text)]
    for length in (1, 2, 3):
        for at in range(len(said) - length * _REPEATS + 1):
            window = said[at : at + length]
            if said[at : at + length * _REPEATS] == window * _REPEATS:
                return " ".join(window)
    return ""


def _check_script(segment: Segment, translated: str, target: str, names: _Names) -> str:
    wanted = _SCRIPTS[language(target).script]
    masked = facts.mask(target, translated, names.brands)
    text = _PLACEHOLDER.sub("", masked.text)
    # Names keep their script: what begins with a capital and stands in the source as it is.
    text = _NAME.sub(lambda name: "" if name[0] in segment.text else name[0], text)
    written = [unicodedata.name(character, "") for character in text if character.isalpha()]
    right = sum(name.startswith(wanted) for name in written)
    # A third: abbreviations stand in titles of every script.
    if len(written) >= 4 and right * 3 < len(written):
        return f"only {right} of {len(written)} letters are written in the script of {language(target).english_name}"
    return ""


def _letters(text: str) -> int:
    return sum(character.isalnum() for character in text)


_CHECKS: tuple[Check, ...] = (
    _check_empty,
    _check_placeholder,
    _check_facts,
    _check_untranslated,
    _check_length,
    _check_repetition,
    _check_script,
)

CODES: tuple[str, ...] = tuple(one.__name__.removeprefix("_check_") for one in _CHECKS)
"""The codes of all checks, in the order in which they run."""


def codes(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the codes of findings."""
    return (finding.code for finding in findings)
