"""Abbreviated prepositions of trade, written out: ``s/ açúcar``, ``w/o lid``, ``o. Deckel``.

Engines leave them as they are or drop them ("Suco s/ açúcar" came back as "Juice s/ sugar"), and "without" is lost. So
a text is translated, and checked, with the word in their place.
"""

import re
from functools import cache

# By language: what is abbreviated. Spanish "s/" is "sin" as Portuguese "sem"; French "s/" may be "sur" or "sans" and
# "c/" "contre", so they stay, and a person decides.
_WORDS = {
    "de": {"m/": "mit", "o/": "ohne"},
    "en": {"w/": "with", "w/o": "without", "w/out": "without", "f/": "for"},
    "es": {"s/": "sin", "c/": "con", "p/": "para"},
    "fr": {"p/": "pour"},
    "id": {"u/": "untuk", "utk": "untuk", "dgn": "dengan", "tnp": "tanpa"},
    "it": {"s/": "senza", "c/": "con", "p/": "per"},
    "nl": {"m/": "met", "z/": "zonder", "v/": "voor"},
    "pt": {"s/": "sem", "c/": "com", "p/": "para"},
    "ru": {"б/": "без", "д/": "для"},
}

# Before small letters or a noun "m." and "o." are "mit" and "ohne"; behind a number "m." is the metre.
_GERMAN = re.compile(r"(?<![^\s(,>])(?<!\d )([mo])\.\s?(?=[^\W\d_][^\W\d_]{2})")
_GERMAN_WORDS = {"m": "mit", "o": "ohne"}


def written_out(lang: str, text: str) -> str:
    """Return a text with its abbreviated prepositions as words.

    Args:
        lang: its language.
        text: any text.
    """
    if "/" in text or lang == "id":
        pattern = _pattern(lang)
        text = pattern.sub(lambda match: _as_word(lang, match, text), text) if pattern else text
    if lang == "de" and "." in text:
        text = _GERMAN.sub(lambda match: f"{_GERMAN_WORDS[match[1]]} ", text)
    return text


def left_in(lang: str, target: str, text: str, translated: str) -> str:
    """Return an abbreviation of a text's language that stands in a translation, whose language has it not.

    Args:
        lang: language of the text.
        target: language of the translation.
        text: the original, abbreviated or written out.
        translated: its translation.
    """
    pattern = _pattern(lang) if "/" in translated or lang == "id" else None
    if pattern is None:
        return ""
    said = written_out(lang, text).casefold().split()
    for match in pattern.finditer(translated):
        short = match[1].casefold()
        if _WORDS[lang][short] in said and short not in _WORDS.get(target, {}):
            return match[1]
    return ""


@cache
def _pattern(lang: str) -> re.Pattern[str] | None:
    """Return what finds the abbreviations of a language: before a word, with or without a space.

    Of a word without a space three letters must be there, behind a space two or a digit: "m/s", "c/u", "S/M", "P/ M"
    and "w/w" are something else, as are a size behind a size, sols ("S/ 20"), stops ("f/ 2.8") and metres ("5 m/").
    """
    if lang not in _WORDS:
        return None
    short = "|".join(map(re.escape, sorted(_WORDS[lang], key=len, reverse=True)))
    before = r"(?<![^\s(,;:+>])(?!(?<=\d )m)"
    behind = r"(?:\s+(?=[^\W\d_]{2}|(?<![sf]/ )\d)|(?<=/)(?=[^\W\d_]{3}))(?!(?:GG|PP|[EX]G|X{1,4}L)\b)"
    return re.compile(rf"{before}({short}){behind}", re.IGNORECASE)


def _as_word(lang: str, match: re.Match[str], text: str) -> str:
    word = _WORDS[lang][match[1].casefold()]
    if match[1][0].isupper():
        # In capitals like the rest, or at the beginning of a text.
        word = word.upper() if text.isupper() else word.capitalize() if match.start() == 0 else word
    return f"{word} "
