"""Whether a translation is whole and well formed: not empty, not a torso, not a loop, closed and clean."""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from translation.checks.model import Subject
from translation.words import words

# Letters of a language for one of English, medians over 7,635 category names in fourteen languages (Shopify) and the
# starter terms (Arabic); Chinese, Japanese and Korean by character, since Latin letters stand among theirs.
_DENSITY = {
    "ar": 1.15, "de": 0.95, "es": 0.8, "fr": 0.8, "it": 0.83, "nl": 0.9, "pl": 0.84, "pt": 0.8, "ru": 0.75, "tr": 0.85,
}  # fmt: skip
_HAN, _KANA, _HANGUL = 3.0, 1.5, 2.6

_LENGTH_CLASSES = ((12, 0.0), (24, 6.0), (48, 3.8), (96, 3.2), (10**9, 2.6))
"""Up to so many (English) letters on the longer side, the shorter may be so many times shorter; 0 for any."""

_LONGEST_ABBREVIATION = 4
_REPEATS = 3
_CLAUSE = 3
_NO_SPACES = frozenset({"ja", "zh"})


def empty(subject: Subject) -> str:
    """Find a translation without a letter or digit."""
    if not any(map(str.isalnum, subject.segment.text)) or any(map(str.isalnum, subject.text)):
        return ""
    return "the translation is empty"


_UNREADABLE = re.compile(
    "\ufffd|⁇|▁|<unk>|<pad>|</?s>|&lt;/?s&gt;"
    # UTF-8 that was read as Windows-1252 or, in Russian, as Windows-1251.
    "|√[±©®§∫°¥Ø≠∂]|[ÃÂ][\u0080-\u00a9\u00ab-\u00b9\u00bb-\u00bf‚ƒ„…†‡ˆ‰‹•–—˜™š›]|â€|(?:[РС][\u00a0-\u00bf\u0402-\u040f\u0452-\u045f…†‡‰‹•™€№]){2}"
)
_KEPT_CONTROLS = frozenset("\t\n\r")
_NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})


def garbage(subject: Subject) -> str:
    """Find signs of a broken decoder or encoding: unknown pieces, end marks, control characters, mojibake."""
    there = set(_UNREADABLE.findall(subject.segment.text))
    for found in _UNREADABLE.findall(subject.text):
        if found not in there:
            return f"{found!r} is not text"
    for character in set(subject.text) - set(subject.segment.text) - _KEPT_CONTROLS:
        if unicodedata.category(character) in _NO_TEXT:
            return f"the character U+{ord(character):04X} is not text"
    return ""


def length(subject: Subject) -> str:
    """Find a translation that is too long or too short for its original, by language and length."""
    before, after = _letters(subject.lang, subject.source_prose), _letters(subject.target, subject.target_prose)
    longer = max(before, after)
    factor = next(factor for limit, factor in _LENGTH_CLASSES if longer <= limit)
    if not factor or not any(map(str.isalnum, subject.text)):
        return ""
    shortest = longer / factor
    if before < shortest:
        return f"the translation is {after / max(before, 1):.1f} times as long as expected"
    return f"the translation is only {after / before:.0%} as long as expected" if after < shortest else ""


def _letters(lang: str, text: str) -> float:
    """Return how many English letters a text is worth."""
    by_alphabet = _DENSITY.get(lang, 1.0)
    total = 0.0
    for character in text:
        if not character.isalnum():
            continue
        if character < "\u1100":
            total += by_alphabet
        elif "가" <= character <= "힣":
            total += _HANGUL
        else:
            total += _KANA if "\u3040" <= character <= "\u30ff" else _HAN
    return total


_LOOP = re.compile(r"([^\W\d_]{2,6}?)\1{3,}|([^\W\d_])\2{5,}")


def repetition(subject: Subject) -> str:
    """Find words or clauses that a decoder said again and again."""
    said, original = _folded(subject.target, subject.text), _folded(subject.lang, subject.segment.text)
    repeated = _in_a_row(said)
    if repeated and not _in_a_row(original):
        return f"{repeated!r} is repeated"
    loop = _LOOP.search(subject.target_prose)
    if loop and not _LOOP.search(subject.source_prose):
        return f"{loop[0][:20]!r} is repeated"
    clause = _said_twice(said)
    if clause and not _said_twice(original):
        return f"{clause!r} is said twice"
    return ""


def _folded(lang: str, text: str) -> list[str]:
    return [word.folded for word in words(lang, text)]


def _in_a_row(said: Sequence[str]) -> str:
    """Return the first one to three words that stand three times in a row; empty when none do."""
    for size in (1, 2, 3):
        for at in range(len(said) - size * _REPEATS + 1):
            window = said[at : at + size]
            if said[at : at + size * _REPEATS] == [*window, *window, *window]:
                return "".join(window) if all(len(word) == 1 for word in window) else " ".join(window)
    return ""


def _said_twice(said: Sequence[str]) -> str:
    """Return a run of words that stands twice side by side and is a clause: at least three words, not all numbers."""
    for size in range(len(said) // 2, _CLAUSE - 1, -1):
        for at in range(len(said) - 2 * size + 1):
            window = said[at : at + size]
            if window == said[at + size : at + 2 * size] and any(map(str.isalpha, window)):
                return " ".join(window)
    return ""


# Words that grammar doubles, by language: "die Tasche, die die Kundin trägt", "vous vous déplacez".
_GRAMMAR = {
    "de": frozenset({"die", "der", "das", "sie"}),
    "en": frozenset({"that", "had"}),
    "fr": frozenset({"vous", "nous"}),
    "nl": frozenset({"je", "dat", "die"}),
}
_DOUBLED = re.compile(r"(?<![^\W\d_])([^\W\d_]{2,})[ \u00a0]+\1(?![^\W\d_]|-)()", re.IGNORECASE)
_DOUBLED_CHARACTERS = re.compile(r"([\u4e00-\u9fff]{2,})\1|(?<![ァ-ー])([ァ-ー]{3,})\2(?![ァ-ー])")

# Words that are doubled to say "many" or "one by one".
_REDUPLICATED = {
    "ar": frozenset({"خطوة", "جنبا", "شيئا"}),
    "id": frozenset({"anak", "laki", "macam", "rata", "warna"}),
    "tr": frozenset({"ayrı", "bol", "çeşit", "kat", "renk", "sık", "takım", "tür", "yavaş"}),
}


def doubled_word(subject: Subject) -> str:
    """Find a word that stands twice in a row where the original has none such."""
    pattern = _DOUBLED_CHARACTERS if subject.target in _NO_SPACES else _DOUBLED
    original = _DOUBLED_CHARACTERS if subject.lang in _NO_SPACES else _DOUBLED
    found = pattern.search(subject.target_prose)
    if found is None or original.search(subject.source_prose) or repetition(subject):
        return ""
    doubled = found[1] or found[2]
    if found[0].split()[0].isupper() != found[0].split()[-1].isupper():
        return ""  # "com COM": a word and an acronym
    if doubled.casefold() in _GRAMMAR.get(subject.target, ()):
        return ""
    if doubled.casefold() in _REDUPLICATED.get(subject.target, ()):
        return ""
    return f"{doubled!r} stands twice"


_PAIRS = (("([{（［｛", ")]}）］｝"), ("【", "】"), ("「", "」"), ("『", "』"), ("《", "》"))
_QUOTE_PAIRS = (("«", "»"), ("“„", "”“"))
# A straight quote after a digit is an inch sign.
_STRAIGHT = re.compile(r"(?<![\d½¼¾⅛⅜⅝⅞])\"")


def brackets(subject: Subject) -> str:
    """Find brackets or quotes that open and do not close, or close and never opened."""
    if (left := _open_bracket(subject.text)) and not _open_bracket(subject.segment.text):
        return f"{left} has no other half"
    if (left := _open_quote(subject.text)) and not _open_quote(subject.segment.text):
        return f"the quote {left} has no other half"
    return ""


def _open_bracket(text: str) -> str:
    text = _ENUMERATED.sub("", text)
    for opening, closing in _PAIRS:
        depth = 0
        for character in text:
            depth += (character in opening) - (character in closing)
            if depth < 0:
                return character
        if depth:
            return next(character for character in reversed(text) if character in opening)
    return ""


_ENUMERATED = re.compile(r"^\s*(?:\d{1,2}|[^\W\d_])[)）]")
"""The half bracket after the number of a list: "1) Cut"."""


def _open_quote(text: str) -> str:
    if len(_STRAIGHT.findall(text)) % 2:
        return '"'
    counted = Counter(text)
    if counted["«"] != counted["»"]:
        return "«"
    if counted["„"] + counted["“"] + counted["”"] == 1:
        return next(character for character in text if character in "„“”")
    return "„" if (counted["„"] + counted["“"] + counted["”"]) % 2 else ""


_ENDINGS = frozenset(".!?…。！？｡؟:：;；,，،、")
_LEADING = frozenset(".,;:!?-–—•*·。、，،")
_QUOTES = frozenset("\"'«»“”„「」『』")
_LAST_WORD = re.compile(r"([^\W\d_]+)\.$")


def punctuation(subject: Subject) -> str:
    """Find punctuation at the beginning or the end that the original does not have."""
    before, after = html.unescape(subject.segment.text).strip(), html.unescape(subject.text).strip()
    if not before or not any(map(str.isalnum, after)):
        return ""
    if after[0] in _LEADING and before[0] not in _LEADING and not _is_number_start(after):
        return f"{after[0]} was added in front"
    if after[0] in "¿¡" and not set(before) & set("?!？！؟¿¡"):
        return f"{after[0]} was added in front"
    if after[0] in _QUOTES and after[-1] in _QUOTES and not set(before) & _QUOTES:
        return "quotes were added around it"
    if after[-1] in _ENDINGS and before[-1] not in _ENDINGS and not _is_abbreviation(after):
        return f"{after[-1]} was added at the end"
    return ""


def _is_number_start(text: str) -> bool:
    return len(text) > 1 and text[0] in ".,-–" and text[1].isdecimal()


def _is_abbreviation(text: str) -> bool:
    """Whether the dot at the end may belong to a short word: "100 szt."."""
    match = _LAST_WORD.search(text)
    return text.endswith(".") and (match is None or len(match[1]) <= _LONGEST_ABBREVIATION)
