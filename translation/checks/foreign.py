"""Whether a translation is in the language that was asked for."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from catalog.detect import doubt
from catalog.languages import language
from translation.checks.model import BREAK, Subject
from translation.facts import is_all_capitals
from translation.stopwords import STOP_WORDS
from translation.words import Word, words

_SCRIPTS = {
    "Arab": ("ARABIC",),
    "Cyrl": ("CYRILLIC",),
    "Jpan": ("CJK", "HIRAGANA", "KATAKANA"),
    "Kore": ("HANGUL",),
    "Hans": ("CJK",),
    "Latn": ("LATIN",),
}
_NAME = re.compile(r"[A-Z][A-Za-z]*")
_ACRONYM = 5
_NAMES_AT_MOST = 4
_LEAST_RUN = 3
_LEAST_LETTERS = 10
_SHORTEST_WORD = 4
_LATIN = "Latn"
_BEYOND_LATIN = re.compile("[ªµº\u0250-\U0010ffff]")
"""Letters, among others, that are not Latin."""
_PUNCTUATION = ".,;:!?()[]\"'«»„“”…"
_JOINTS = re.compile("['’-]")
_FAMILIES = (frozenset({"es", "fr", "it", "pt"}), frozenset({"de", "nl"}))


def untranslated(subject: Subject) -> str:
    """Find a copy of the original that has words to translate."""
    if subject.after.spelled != subject.before.spelled:
        return ""
    copied = "the translation is the original"
    said = [word for word in _worth(subject) if word is not None]
    if language(subject.lang).script != _LATIN:
        # Chinese and Japanese share words, but not whole titles.
        needed = _LEAST_RUN if _share_script(subject.lang, subject.target) else 1
        return copied if len(said) >= needed else ""
    # Names stay (Yoga & Pilates, Air Max): a word tells something when it is a function word of the original's language
    # alone, when its term is another in the target language, or when it is written small. One unknown small word beside
    # names and codes is as often the same in both languages (webcam, modem, pixels: four of six in real titles).
    if any(word.only_here or word.differs for word in said):
        return copied
    small = sum(word.common for word in said)
    alone = not subject.before.facts and subject.before.without_brands == subject.segment.text
    return copied if small >= 2 or (small and alone) or len(said) >= _NAMES_AT_MOST + 1 else ""


def left_over(subject: Subject) -> str:
    """Find a part of the original that was not translated."""
    if subject.after.spelled == subject.before.spelled:
        return ""  # a copy of the whole is another check's
    if language(subject.lang).script == language(subject.target).script == _LATIN:
        if {word.folded for word in subject.before.words}.isdisjoint(word.folded for word in subject.after.words):
            return ""
        related = any({subject.lang, subject.target} <= family for family in _FAMILIES)
        run = _longest_run(_worth(subject), _with_breaks(subject.after.prose, subject.after.words), related)
        return f"{run!r} was not translated" if run else ""
    left = _foreign_part(subject)
    return f"{left!r} was not translated" if left else ""


class _Said(NamedTuple):
    """A word of the original.

    Attributes:
        folded: as it is compared.
        only_here: whether it is a function word, and only of the original's language.
        differs: whether its term is another in the target language.
        common: whether it is no name: written small, or in a text that is all in capitals.
    """

    folded: str
    only_here: bool
    differs: bool
    common: bool


def _worth(subject: Subject) -> list[_Said | None]:
    """Return the words of the original that tell whether it was translated; ``None`` where the text breaks.

    Neither acronyms nor names with capitals inside (LaserJet) nor words with digits tell anything, nor does a term that
    both languages write alike.
    """
    prose = subject.before.prose
    shouts = is_all_capitals(subject.segment.text)
    terms = dict(subject.expected.alike)
    alike = {part for term, same in terms.items() if same for part in term.split()}
    differs = {part for term, same in terms.items() if not same for part in term.split()} - alike
    only_here = _only_in(subject.lang, subject.target)
    said: list[_Said | None] = []
    at = 0
    for word in subject.before.words:
        if BREAK in prose[at : word.start]:
            said.append(None)
        at = word.end
        surface = prose[word.start : word.end]
        if (_is_name(surface) and not shouts) or len(surface) < 2 or word.folded in alike:
            if surface.isupper() and not shouts:
                said.append(None)
            continue
        small = surface.islower() or shouts
        common = small and len(surface) >= _SHORTEST_WORD and word.folded not in STOP_WORDS[subject.lang]
        said.append(_Said(word.folded, word.folded in only_here, word.folded in differs, common))
    return said


@cache
def _only_in(lang: str, other: str) -> frozenset[str]:
    """Return the function words of one language that are none of another."""
    return STOP_WORDS[lang] - STOP_WORDS[other]


@cache
def _only_in_others(lang: str) -> frozenset[str]:
    """Return the function words of all other languages that are none of this one."""
    return frozenset().union(*STOP_WORDS.values()) - STOP_WORDS[lang]


@lru_cache(maxsize=20_000)
def _is_name(surface: str) -> bool:
    mixed = any(map(str.isupper, surface[1:])) and any(map(str.islower, surface))
    return mixed or not surface.isalpha() or (surface.isupper() and surface.isascii() and len(surface) <= _ACRONYM)


def _with_breaks(prose: str, found: Sequence[Word]) -> list[str]:
    said = []
    at = 0
    for word in found:
        if BREAK in prose[at : word.start]:
            said.append(BREAK)
        said.append(word.folded)
        at = word.end
    return said


def _longest_run(before: Sequence[_Said | None], after: Sequence[str], related: bool) -> str:
    """Return a run of words of the original that stands in the translation as it is and is no chance.

    Words of two languages are alike by chance or loan, and names stay. A run tells something when two of its words have
    other terms in the target language, or when it has three words, of which one is a function word that only the
    original's language has or two, three between related languages, are no names.
    """
    pairs = set(pairwise(after))
    folded = [word.folded if word is not None else None for word in before]
    if not any(pair in pairs for pair in pairwise(folded)):
        return ""  # no longer run either; so it is in nine texts of ten
    for size in range(min(len(before), len(after)), 1, -1):
        there = {tuple(after[at : at + size]) for at in range(len(after) - size + 1)}
        for at in range(len(before) - size + 1):
            window = [word for word in before[at : at + size] if word is not None]
            said = tuple(word.folded for word in window)
            if len(window) < size or said not in there or sum(map(len, said)) < _LEAST_LETTERS:
                continue
            common = sum(word.common for word in window)
            telling = (common and any(word.only_here for word in window)) or common >= (3 if related else 2)
            if sum(word.differs for word in window) >= 2 or (size >= _LEAST_RUN and telling):
                return " ".join(said)
    return ""


def _foreign_part(subject: Subject) -> str:
    """Return what stands in the original's script in a translation that is written in another."""
    prose = subject.after.prose
    if language(subject.lang).script == _LATIN:
        kept = {word.folded for word in subject.before.words}
        small = [
            prose[word.start : word.end]
            for word in subject.after.words
            if word.folded in kept and prose[word.start : word.end].islower() and len(word.folded) > 2
        ]
        return " ".join(small) if len(small) > 1 else ""
    own = _SCRIPTS[language(subject.target).script]
    foreign = [
        character
        for character in prose
        if character.isalpha() and character > "ɏ" and not _script_name(character).startswith((*own, "GREEK"))
    ]
    return "".join(foreign) if len(foreign) > 1 and set(foreign) <= set(subject.segment.text) else ""


def wrong_script(subject: Subject) -> str:
    """Find a translation that is not written in the script of its language."""
    script = language(subject.target).script
    if script == _LATIN and not _BEYOND_LATIN.search(subject.after.prose):
        return ""
    wanted = _SCRIPTS[script]
    # Names keep their script: what begins with a capital and stands in the original as it is, and every acronym.
    prose = _NAME.sub(
        lambda name: "" if name[0] in subject.segment.text or _is_name(name[0]) else name[0], subject.after.prose
    )
    written = [_script_name(character) for character in prose if character.isalpha()]
    right = sum(name.startswith(wanted) for name in written)
    # A third: abbreviations stand in titles of every script.
    if len(written) >= 4 and right * 3 < len(written):
        name = language(subject.target).english_name
        return f"only {right} of {len(written)} letters are written in the script of {name}"
    return ""


def _share_script(one: str, other: str) -> bool:
    return bool({*_SCRIPTS[language(one).script]} & {*_SCRIPTS[language(other).script]})


@lru_cache(maxsize=10_000)
def _script_name(character: str) -> str:
    return unicodedata.name(character, "")


def wrong_language(subject: Subject) -> str:
    """Find a translation in another of the fifteen languages, where it is long enough to be sure."""
    if subject.target == "ja" and (chinese := _only_chinese(subject.after.prose)):
        return f"the translation is in Chinese ({chinese})"
    # Without a word that others use and this language does not, nothing is sure; to ask first saves 0.2 ms.
    if _only_in_others(subject.target).isdisjoint(word.folded for word in subject.after.words):
        return ""
    guess = doubt(_running_text(subject), subject.target)
    if guess is None or not _share_script(guess.code, subject.target):
        return ""
    other = _function_words(subject, guess.code, subject.target)
    own = _function_words(subject, subject.target, guess.code)
    sure = (other >= 2 and own == 0) or (guess.clear and other > own)
    return f"the translation is in {language(guess.code).english_name}" if sure else ""


def _only_chinese(text: str) -> str:
    """Return the characters that Japanese does not write, where there are two or more: 锅适 beside 鍋適."""
    found = [
        character for character in dict.fromkeys(text) if "一" <= character <= "鿿" and not _in_shift_jis(character)
    ]
    return "".join(found) if len(found) > 1 else ""


@lru_cache(maxsize=10_000)
def _in_shift_jis(character: str) -> bool:
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _function_words(subject: Subject, lang: str, other: str) -> int:
    """Return how many words of the translation are function words of one language and not of another."""
    only = _only_in(lang, other)
    return sum(word.folded in only for word in words(subject.target, _running_text(subject)))


def _running_text(subject: Subject) -> str:
    """Return the prose of a translation without what is no word of any language: "A/B", "garden·de"."""
    if language(subject.target).script != _LATIN:
        return subject.after.prose
    parts = (part.strip(_PUNCTUATION) for part in subject.after.prose.split())
    return " ".join(part for part in parts if _JOINTS.sub("", part).isalpha())
