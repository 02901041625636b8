"""Names that no model can spell, and names that nobody may translate.

A student model knows the letters of its two languages; what it does not know vanishes: "Jägermeister" came back as
"Jogermeister", "jalapeño" as "jalapeo", "Müller" as "Maller". Foreign letters are names whatever an engine says; what
else its vocabulary lacks, it says itself (:mod:`translation.spelling`).
"""

import re
import unicodedata
from collections.abc import Set
from functools import cache

from catalog.languages import language

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
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_RUN = re.compile(r"[^\W\d_]+")
_CAMEL_CASE = re.compile(r"(?<![A-Za-zÀ-ɏ0-9_.@-])(?:[A-Z][a-z]+[A-Z][A-Za-z]*|[ei][A-Z][a-z]{2,})(?![^\W_]|[-_@.]\w)")
_TRADE_MARK = re.compile(r"(?<![A-Za-zÀ-ɏ0-9-])[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9.-]*[®™℠]\d*")
MAY_BE_TRADE_NAME = "[A-Za-zÀ-ɏ0-9.-]*+[®™℠]|[A-Z][a-z]++[A-Z]|[ei][A-Z][a-z]"
"""How trade names begin, and some other words."""


def trade_name_at(text: str, at: int) -> int:
    """Return where the trade name ends that begins here, or ``at`` where none does.

    ``GeForce®`` says that it is one; ``LaserJet`` and ``iPhone`` show it by a capital within ("ValueRAM" came back as
    "ValorRAM").
    """
    match = _TRADE_MARK.match(text, at) or _CAMEL_CASE.match(text, at)
    return match.end() if match else at


def foreign_words(text: str, lang: str, lacking: Set[str] = frozenset()) -> dict[int, int]:
    """Return where words with letters of another language, or with characters that engines lack, begin and end.

    Where letters of another script are no small minority, or words with foreign letters are more than others, there are
    none: then the text is not in this language, and keeping it would pass for a translation.
    """
    if not lang or (text.isascii() and not lacking):
        return {}
    if not lacking and all(_is_own(one, lang) for one in _BEYOND_ASCII.findall(text) if one.isalpha()):
        return {}
    found: dict[int, int] = {}
    own_letters = foreign_letters = own_words = 0
    for at, word in _words(text, lang, lacking):
        letters = [character for character in word if character.isalpha() or character in lacking]
        foreign = [character for character in letters if character in lacking or not _is_own(character, lang)]
        if not foreign:
            own_words += 1
        elif word not in _DIAMETERS:
            found[at] = at + len(word)
        foreign_letters += len(foreign)
        own_letters += len(letters) - len(foreign)
    return found if foreign_letters * 2 <= own_letters and len(found) <= own_words else {}


def _words(text: str, lang: str, lacking: Set[str]) -> list[tuple[int, str]]:
    if language(lang).words != "dictionary":
        return [(match.start(), match[0]) for match in _WORD.finditer(text)]

    def is_own(character: str) -> bool:
        return character not in lacking and _is_own(character, lang)

    # Without spaces a word of another script is a run of its letters.
    runs: list[tuple[int, str]] = []
    for match in _RUN.finditer(text):
        at = match.start()
        for end in range(match.start() + 1, match.end() + 1):
            if end == match.end() or is_own(text[end]) != is_own(text[at]):
                runs.append((at, text[at:end]))
                at = end
    return runs


@cache
def _is_own(character: str, lang: str) -> bool:
    if character.isascii() or character in _ORDINAL_SIGNS:
        return True
    scripts = _SCRIPTS.get(language(lang).script)
    if scripts is None:
        return character.lower() in _LETTERS[lang]
    return unicodedata.name(character, "").startswith(scripts)
