"""Names that no model can spell, and names that nobody may translate.

A student model knows the letters of its two languages; what it does not know vanishes: "Jägermeister" came back as
"Jogermeister", "jalapeño" as "jalapeo", "Müller" as "Maller". Foreign letters are names whatever an engine says; what
else its vocabulary lacks, it says itself (:mod:`translation.spelling`).
"""

import re
import unicodedata
from collections.abc import Iterable, Set
from functools import cache
from typing import NamedTuple

from catalog.languages import language
from translation.facts.quantities import quantity_at
from translation.terminology.concepts import starter_concepts
from translation.words import words

# Letters that a language's own words are written with, beside a to z.
_LETTERS = {
    "de": "äöüß",
    "en": "éç",
    "es": "áéíóúüñ",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "id": "é",
    "it": "àèéìíîòóùú",
    "nl": "áèéêëíïóöúü",
    "pl": "ąćęłńóśźż",
    "pt": "áâãàçéêíóôõúü",
    "tr": "çğıi\u0307öşüâîû",
}
_SCRIPTS = {
    "Arab": ("ARABIC",),
    "Cyrl": ("CYRILLIC",),
    "Jpan": ("CJK", "HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "IDEOGRAPHIC"),
    "Kore": ("HANGUL",),
    "Hans": ("CJK", "IDEOGRAPHIC"),
}
_ORDINAL_SIGNS = "ªº"
_DIAMETERS = frozenset("ØøΦφ")
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f]|['’-](?=[^\W\d_]))*")
_PART = re.compile("[^-]+")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_RUN = re.compile(r"[^\W\d_]+")
_CAMEL_CASE = re.compile(r"(?<![A-Za-zÀ-ɏ0-9_.@-])(?:[A-Z][a-z]+[A-Z][A-Za-z]*|[ei][A-Z][a-z]{2,})(?![^\W_]|[-_@.]\w)")
_TRADE_MARK = re.compile(r"(?<![A-Za-zÀ-ɏ0-9-])[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9.-]*[®™℠]\d*")
_MODEL_LINE = re.compile(
    r" ([A-Z][a-z]{2,}) (?:\d{2,}|[A-Za-z-]*\d(?!\d*-?[A-Za-z][a-z]{2})[A-Za-z0-9/.-]*)(?![^\s,;:)])"
)
_COUNTED = frozenset({"art", "class", "generation", "part", "section", "series", "version", "volume"})
"""What a number is said of, beside the starter terms."""

MAY_BE_TRADE_NAME = "[A-Za-zÀ-ɏ0-9.-]*+[®™℠]|[A-Z][a-z]++[A-Z]|[ei][A-Z][a-z]"
"""How trade names begin, and some other words."""


def trade_name_at(text: str, at: int) -> int:
    """Return where the trade name ends that begins here, or ``at`` where none does.

    ``GeForce®`` says that it is one; ``LaserJet`` and ``iPhone`` show it by a capital within ("ValueRAM" came back as
    "ValorRAM").
    """
    match = _TRADE_MARK.match(text, at) or _CAMEL_CASE.match(text, at)
    return match.end() if match else at


def model_lines(text: str, brands: Iterable[str], lang: str) -> tuple[str, ...]:
    """Return the model lines, with their numbers, that stand directly behind brands: "Pavilion w17e" behind HP.

    That is a capitalised word with a model's number behind it that no starter term has; it came back as "Pavilhão". Of
    971 such words in 19,406 English titles of Icecat about 40 name no line ("Economy"). Without the number half of them
    are ordinary words ("HERMA Labels"), and in other languages products begin so ("Bosch Meuleuse").

    Args:
        text: a text.
        brands: names that stand in it, perhaps among others.
        lang: its language.
    """
    if lang != "en":
        return ()
    folded = text.lower()
    ends = (at + len(brand) for brand in brands if (at := folded.find(brand.lower())) >= 0)
    found = filter(None, (_MODEL_LINE.match(text, end) for end in ends))
    return tuple(match[0].strip() for match in found if _is_line(match))


def _is_line(match: re.Match[str]) -> bool:
    word = match[1]
    if word.lower() in _COUNTED or _stem(word) in _ordinary_stems():
        return False
    number = quantity_at(match.string, match.end(1) + 1, "en")
    return number is None or number.kind == "number"


def _stem(word: str) -> str:
    return words("en", word)[0].stem


@cache
def _ordinary_stems() -> frozenset[str]:
    terms = (term for concept in starter_concepts() for term in concept.terms.get("en", ()))
    return frozenset(word.stem for term in terms for word in words("en", term))


def foreign_words(text: str, lang: str, lacking: Set[str] = frozenset()) -> dict[int, int]:
    """Return where words with letters of another language, or with characters that engines lack, begin and end.

    Where letters of another script are no small minority, or words with foreign letters are more than others, the text
    is not in this language, and to keep them would pass for a translation. Then there are none but those that engines
    lack: they would vanish ("コーヒー beans" came back as "- - - Feijões"). Without any word of the language there are
    none.
    """
    if not lang or (text.isascii() and not lacking):
        return {}
    if not lacking and all(is_own_letter(one, lang) for one in _BEYOND_ASCII.findall(text) if one.isalpha()):
        return {}
    counted = _count(_words(text, lang, lacking), lang, lacking)
    if not counted.own_words and "-" in text:
        # Beside other words "β-carotene" is kept whole, of which engines make a better sentence; alone, in its parts.
        counted = _count(_parts(text, lang, lacking), lang, lacking)
    if counted.is_small:
        return counted.foreign
    vanishing = {at: end for at, end in counted.foreign.items() if not lacking.isdisjoint(text[at:end])}
    return vanishing if counted.own_words else {}


class _Counted(NamedTuple):
    """The words of a text.

    Attributes:
        foreign: where those with foreign letters begin and end.
        own_words: how many others there are.
        is_small: whether foreign letters and words are a small part of it.
    """

    foreign: dict[int, int]
    own_words: int
    is_small: bool


def _count(found: Iterable[tuple[int, str]], lang: str, lacking: Set[str]) -> _Counted:
    places: dict[int, int] = {}
    own_letters = foreign_letters = own_words = 0
    for at, word in found:
        letters = [character for character in word if character.isalpha() or character in lacking]
        foreign = [character for character in letters if character in lacking or not is_own_letter(character, lang)]
        if not foreign:
            own_words += 1
        elif word not in _DIAMETERS:
            places[at] = at + len(word)
        foreign_letters += len(foreign)
        own_letters += len(letters) - len(foreign)
    return _Counted(places, own_words, foreign_letters * 2 <= own_letters and len(places) <= own_words)


def _words(text: str, lang: str, lacking: Set[str]) -> list[tuple[int, str]]:
    if language(lang).words != "dictionary":
        return [(match.start(), match[0]) for match in _WORD.finditer(text)]

    def is_own(character: str) -> bool:
        return character not in lacking and is_own_letter(character, lang)

    # Without spaces a word of another script is a run of its letters.
    runs: list[tuple[int, str]] = []
    for match in _RUN.finditer(text):
        at = match.start()
        for end in range(match.start() + 1, match.end() + 1):
            if end == match.end() or is_own(text[end]) != is_own(text[at]):
                runs.append((at, text[at:end]))
                at = end
    return runs


def _parts(text: str, lang: str, lacking: Set[str]) -> list[tuple[int, str]]:
    """Return words in their parts where one of them is foreign from end to end: "β" and "carotene"."""
    found: list[tuple[int, str]] = []
    for at, word in _words(text, lang, lacking):
        parts = [(at + part.start(), part[0]) for part in _PART.finditer(word)]
        foreign = (all(one in lacking or not is_own_letter(one, lang) for one in part) for _, part in parts)
        found += parts if any(foreign) else [(at, word)]
    return found


@cache
def is_own_letter(character: str, lang: str) -> bool:
    """Whether a language's own words are written with a letter; plain Latin ones stand in texts of all."""
    if character.isascii() or character in _ORDINAL_SIGNS:
        return True
    scripts = _SCRIPTS.get(language(lang).script)
    if scripts is None:
        return character.lower() in _LETTERS[lang]
    return unicodedata.name(character, "").startswith(scripts)
