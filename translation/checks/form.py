"""Whether a translation is whole and well formed: not empty, not a torso, not a loop, closed and clean."""

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from translation.checks.model import Subject

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
    if any(map(str.isalnum, subject.text)) or not any(map(str.isalnum, subject.segment.text)):
        return ""
    return "the translation is empty"


_UNREADABLE = re.compile(
    "\ufffd|⁇|▁|<unk>|<pad>|</?s>|&lt;/?s&gt;"
    # UTF-8 that was read as Windows-1252 or, in Russian, as Windows-1251.
    "|√[±©®§∫°¥Ø≠∂]|[ÃÂ][\u0080-\u00a9\u00ab-\u00b9\u00bb-\u00bf‚ƒ„…†‡ˆ‰‹•–—˜™š›]|â€|(?:[РС][\u00a0-\u00bf\u0402-\u040f\u0452-\u045f…†‡‰‹•™€№]){2}"
)
_BEGINS_UNREADABLE = frozenset("\ufffd⁇▁<&√ÃÂâРС")
"""What one of them begins with: few texts hold any, and to ask first is ten times as fast."""

_KEPT_CONTROLS = frozenset("\t\n\r")
_NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})


def garbage(subject: Subject) -> str:
    """Find signs of a broken decoder or encoding: unknown pieces, end marks, control characters, mojibake."""
    if not _BEGINS_UNREADABLE.isdisjoint(subject.text):
        there = set(_UNREADABLE.findall(subject.segment.text))
        for found in _UNREADABLE.findall(subject.text):
            if found not in there:
                return f"{found!r} is not text"
    if subject.text.isprintable():
        return ""
    for character in set(subject.text) - set(subject.segment.text) - _KEPT_CONTROLS:
        if unicodedata.category(character) in _NO_TEXT:
            return f"the character U+{ord(character):04X} is not text"
    return ""


def length(subject: Subject) -> str:
    """Find a translation that is too long or too short for its original, by language and length."""
    before, after = _letters(subject.lang, subject.before.prose), _letters(subject.target, subject.after.prose)
    longer = max(before, after)
    factor = next(factor for limit, factor in _LENGTH_CLASSES if longer <= limit)
    if not factor or not any(map(str.isalnum, subject.text)):
        return ""
    shortest = longer / factor
    if before < shortest:
        return f"the translation is {after / max(before, 1):.1f} times as long as expected"
    return f"the translation is only {after / before:.0%} as long as expected" if after < shortest else ""


_NO_ALPHABET = re.compile("[\u1100-\U0010ffff]")


def _letters(lang: str, text: str) -> float:
    """Return how many English letters a text is worth."""
    by_alphabet = _DENSITY.get(lang, 1.0)
    if not _NO_ALPHABET.search(text):
        return by_alphabet * sum(map(str.isalnum, text))
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
_LETTERS = re.compile(r"[^\W\d_]{6,}")
"""Where a loop may stand; the same words come again and again, so that what was found in each is kept."""


def repetition(subject: Subject) -> str:
    """Find words or clauses that a decoder said again and again."""
    said = subject.after.folded
    again = len(said) - len(set(said))  # most texts say no word twice
    repeated = _in_a_row(said) if again >= _REPEATS - 1 else ""
    if repeated and not _in_a_row(subject.before.folded):
        return f"{repeated!r} is repeated"
    loop = next(filter(None, map(_loop, _LETTERS.findall(subject.after.prose))), "")
    if loop and not _LOOP.search(subject.before.prose):
        return f"{loop[:20]!r} is repeated"
    clause = _said_twice(said) if again >= _CLAUSE else ""
    if clause and not _said_twice(subject.before.folded):
        return f"{clause!r} is said twice"
    return ""


@lru_cache(maxsize=50_000)
def _loop(letters: str) -> str:
    found = _LOOP.search(letters)
    return found[0] if found else ""


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
_DOUBLED = re.compile(r"(?<![^\W\d_])([^\W\d_]{2,}+)[ \u00a0]+\1(?![^\W\d_]|-)()", re.IGNORECASE)
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
    found = pattern.search(subject.after.prose)
    if found is None or original.search(subject.before.prose) or repetition(subject):
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
_ALL_BRACKETS = frozenset("".join(map("".join, _PAIRS)))
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
    if _ALL_BRACKETS.isdisjoint(text):
        return ""
    there = [character for character in _ENUMERATED.sub("", text) if character in _ALL_BRACKETS]
    for opening, closing in _PAIRS:
        depth = 0
        for character in there:
            depth += (character in opening) - (character in closing)
            if depth < 0:
                return character
        if depth:
            return next(character for character in reversed(there) if character in opening)
    return ""


_ENUMERATED = re.compile(r"^\s*(?:\d{1,2}|[^\W\d_])[)）]")
"""The half bracket after the number of a list: "1) Cut"."""


def _open_quote(text: str) -> str:
    if '"' in text and len(_STRAIGHT.findall(text)) % 2:
        return '"'
    if text.count("«") != text.count("»"):
        return "«"
    curly = sum(map(text.count, "„“”"))
    if curly == 1:
        return next(character for character in text if character in "„“”")
    return "„" if curly % 2 else ""


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
