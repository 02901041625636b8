"""Whether a translation is in the language that was asked for."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from catalog.detect import doubt, most_likely
from catalog.languages import language
from translation.abbreviations import left_in
from translation.checks.model import BREAK, PUNCTUATION, Subject
from translation.facts import is_all_capitals
from translation.facts.names import is_own_letter
from translation.inline import marks
from translation.stopwords import STOP_WORDS
from translation.terminology.concepts import starter_concepts
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
_LEAST_NEW = 8
"""Letters of the new words of a translation below which they tell nothing of its language."""

_TOLD, _GUESSED = 0.85, 0.97
"""How sure of another language a guess has to be: where a letter or function word tells of one, and where none does."""

_JOINTS = re.compile("['’-]")
_FAMILIES = (frozenset({"es", "fr", "it", "pt"}), frozenset({"de", "nl"}))


def untranslated(subject: Subject) -> str:
    """Find a copy of the original that has words to translate."""
    if not subject.is_copy:
        return ""
    copied = "the translation is the original"
    said = [word for word in _worth(subject) if word is not None]
    if language(subject.lang).script != _LATIN:
        # Chinese and Japanese share words, but not whole titles.
        needed = _LEAST_RUN if _share_script(subject.lang, subject.target) else 1
        return copied if len(said) >= needed else ""
    # Names stay (Yoga & Pilates, Air Max): a word tells something when it is a function word of the original's language
    # alone, when its term is another in the target language, or when it is written small. So does a word of any term,
    # small or beside another; one capital alone took real titles in need of a person from 2.5 to 3.1 %. One unknown
    # small word beside names and codes is as often the same in both languages (webcam, modem, pixels: four of six).
    if any(word.only_here or word.differs or (word.ordinary and word.common) for word in said):
        return copied
    if sum(word.ordinary for word in said) >= 2:
        return copied
    small = sum(word.common for word in said)
    alone = not subject.before.facts and subject.before.without_brands == subject.segment.text
    return copied if small >= 2 or (small and alone) or len(said) >= _NAMES_AT_MOST + 1 else ""


def left_over(subject: Subject) -> str:
    """Find a part of the original that was not translated."""
    if subject.is_copy:
        return ""  # a copy of the whole is another check's
    if short := left_in(subject.lang, subject.target, subject.segment.text, subject.text):
        return f"{short!r} was not translated"
    if language(subject.lang).script == language(subject.target).script == _LATIN:
        there = {word.folded for word in subject.before.words}
        after = _with_breaks(subject.after.prose, subject.after.words)
        if there.isdisjoint(after):
            return ""
        # Of two texts in three no two words stand side by side that the original has, too.
        side_by_side = any(one in there and other in there for one, other in pairwise(after))
        if not side_by_side and "<" not in subject.text:
            return ""
        related = any({subject.lang, subject.target} <= family for family in _FAMILIES)
        run = _longest_run(_worth(subject), after, related) if side_by_side else ""
        run = run or _left_in_a_mark(subject, related)
        return f"{run!r} was not translated" if run else ""
    left = _foreign_part(subject)
    return f"{left!r} was not translated" if left else ""


def _left_in_a_mark(subject: Subject, related: bool) -> str:
    """Return a word that stands in an inline mark as it does in the same mark of the original, and is no chance.

    Engines that see a mark as two signs leave the word between them as it is: of 205 marks 52 (en-pt). So one small
    word is enough here, where the termbase does not say that both languages have it and they are not related.
    """
    before, after = marks(subject.segment.text), marks(subject.text)
    if not before or not after:
        return ""
    worth = {word.folded: word for word in _worth(subject) if word is not None}
    for (name, said), (other, left) in zip(before, after, strict=False):
        if name != other:
            continue
        there = {word.folded for word in words(subject.target, left)}
        for word in words(subject.lang, said):
            known = worth.get(word.folded)
            if known is None or word.folded not in there:
                continue
            small = said[word.start : word.end].islower() and word.folded.isalpha() and not related
            telling = small and len(word.folded) > 2 and word.folded not in STOP_WORDS[subject.target]
            if known.only_here or known.differs or telling:
                return word.folded
    return ""


class _Said(NamedTuple):
    """A word of the original.

    Attributes:
        folded: as it is compared.
        only_here: whether it is a function word, and only of the original's language.
        differs: whether its term is another in the target language.
        common: whether it is no name: written small, or in a text that is all in capitals.
        ordinary: whether it stands in a starter term of the original's language and in none of the target's.
    """

    folded: str
    only_here: bool
    differs: bool
    common: bool
    ordinary: bool


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
    ordinary = _ordinary_only_in(subject.lang, subject.target)
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
        said.append(
            _Said(word.folded, word.folded in only_here, word.folded in differs, common, word.folded in ordinary)
        )
    return said


@cache
def _only_in(lang: str, other: str) -> frozenset[str]:
    """Return the function words of one language that are none of another."""
    return STOP_WORDS[lang] - STOP_WORDS[other]


@cache
def _ordinary_only_in(lang: str, other: str) -> frozenset[str]:
    """Return the words of the starter terms of one language that are in none of another's."""
    return _ordinary(lang) - _ordinary(other)


@cache
def _ordinary(lang: str) -> frozenset[str]:
    terms = (term for concept in starter_concepts() for term in concept.terms.get(lang, ()))
    return frozenset(word.folded for term in terms for word in words(lang, term) if len(word.folded) >= _SHORTEST_WORD)


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
    shared = _shared_runs(before, after)
    for size in range(max(shared, default=0), 1, -1):
        for at, length in enumerate(shared):
            if length < size:
                continue
            window = [word for word in before[at : at + size] if word is not None]
            said = [word.folded for word in window]
            if sum(map(len, said)) < _LEAST_LETTERS:
                continue
            common = sum(word.common for word in window)
            telling = (common and any(word.only_here for word in window)) or common >= (3 if related else 2)
            if sum(word.differs for word in window) >= 2 or (size >= _LEAST_RUN and telling):
                return " ".join(said)
    return ""


def _shared_runs(before: Sequence[_Said | None], after: Sequence[str]) -> list[int]:
    """Return for each word of the original how many words from it on stand somewhere in the translation in a row."""
    places: dict[str, list[int]] = {}
    for at, folded in enumerate(after):
        places.setdefault(folded, []).append(at)
    longest: list[int] = []
    behind: dict[int, int] = {}  # by place in the translation, how long the run is that begins there
    for word in reversed(before):
        here = places.get(word.folded, ()) if word is not None else ()
        behind = {at: 1 + behind.get(at + 1, 0) for at in here}
        longest.append(max(behind.values(), default=0))
    return longest[::-1]


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
    return _in_other_sentences(subject) or _in_other_words(subject)


def _in_other_sentences(subject: Subject) -> str:
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


def _in_other_words(subject: Subject) -> str:
    """Find a translation of which no word that is new looks like its language, however short it is.

    What the original has too may be a name. The limits let 48,690 names and terms of people pass but 7,
    and find 29 % of those that stand under another language.
    """
    target = subject.target
    if language(target).script != _LATIN:
        return ""
    new = _new_words(subject)
    folded = {word.casefold() for word in new}
    if sum(map(len, new)) < _LEAST_NEW or not folded.isdisjoint(_in_no_other(target)):
        return ""
    strange = [word for word in new if not all(is_own_letter(letter, target) for letter in word)]
    telling = bool(strange) or any(len(word) > 1 for word in folded & _only_in_others(target))
    if not telling and not all(map(str.isascii, new)):
        return ""  # it is written with letters of its own
    guess = most_likely(" ".join(new))
    if guess.code == target:
        name = language(target).english_name
        own = not folded.isdisjoint(STOP_WORDS[target])
        return f"{strange[0]} and {strange[1]} are no words of {name}" if len(strange) > 1 and not own else ""
    if not folded.isdisjoint(_only_in(target, guess.code)):
        return ""
    sure = len(strange) > 1 or guess.confidence > (_TOLD if telling else _GUESSED)
    return f"the translation is in {language(guess.code).english_name}" if sure else ""


@cache
def _in_no_other(lang: str) -> frozenset[str]:
    """Return the function words of one language that no other has."""
    return STOP_WORDS[lang].difference(*(said for other, said in STOP_WORDS.items() if other != lang))


def _new_words(subject: Subject) -> list[str]:
    """Return the words of a translation that its original does not have."""
    prose, there = subject.after.prose, set(subject.before.folded)
    surfaces = ((prose[word.start : word.end], word.folded) for word in subject.after.words)
    return [surface for surface, folded in surfaces if folded not in there and surface.isalpha()]


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
    parts = (part.strip(PUNCTUATION) for part in subject.after.prose.split())
    return " ".join(part for part in parts if _JOINTS.sub("", part).isalpha())
