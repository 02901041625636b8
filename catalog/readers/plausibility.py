"""Does a decoded text look written by people, in one of the fifteen languages?

What a wrong encoding makes of text gives itself away by shape: "cafй" mixes alphabets, "MÃ¼ller" has a sign within a
word, "wiÍksze" a capital, "baño" read as "bańo" a letter that its language does not have.
"""

import re

_WORD = re.compile(r"[^\W\d_]+")
CONTROLS = re.compile("[\x80-\x84\x86-\x9f¤˝˘˙˛ˇ]")
# With the controls go signs that nobody types: ¤ stands where ISO-8859-15 has its €, the bare accents of
# windows-1250 where windows-1252 has ½ and its like.
_SYMBOL_IN_WORD = re.compile(
    r"[^\W\d_][\u00a2-\u00a9\u00ab\u00ac\u00af-\u00b1\u00b6\u00b8\u00bb-\u00bf\u00d7\u00f7][^\W\d_]|[0-9][ŒœŸŽž]"
)
_ALPHABETS = (
    re.compile("[A-Za-z\u00c0-\u024f]"),
    re.compile("[\u0370-\u03ff]"),
    re.compile("[\u0400-\u04ff]"),
    re.compile("[\u0590-\u05ff]"),
    re.compile("[\u0600-\u06ff]"),
    re.compile("[\u0e00-\u0e7f]"),
)
_OTHER_ALPHABET = re.compile("[\u0370-\u0eff]")
_OTHER_SCRIPTS = re.compile("[\u0410-\u044fЁё\u0600-\u06ff\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef]")
_LONE_IDEOGRAPH = re.compile(r"[a-z][\u1100-\uffef][a-z]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fc]")
_LOWER = "äöüßàâæçéèêëîïôœùûüÿáéíóúüñºªàèéìíîòóùúáâãàçéêíóôõúüáéëïíóöüèêąćęłńóśźżçğıöşüâîû"
# German, French, Spanish, Italian, Portuguese, Dutch, Polish and Turkish, in this order.
_OUR_LETTERS = frozenset(_LOWER + _LOWER.upper() + "İ")


def plausibility(text: str) -> float:
    """Return how much of a decoded text looks written by people in one of the fifteen languages, from 0 to 1.

    Counted against it: words of two alphabets, a symbol or a capital inside a word, control characters, letters
    that none of the fifteen languages uses, single letters of another alphabet strewn into ASCII text.
    """
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    if not words:
        return 0.5 if CONTROLS.search(text) else 1.0
    odd = sum(map(_is_odd, words)) + len(CONTROLS.findall(text)) + len(_SYMBOL_IN_WORD.findall(text))
    letters = [letter for word in words for letter in word if not letter.isascii()]
    known = sum(letter in _OUR_LETTERS or _OTHER_SCRIPTS.match(letter) is not None for letter in letters)
    score = max(0.0, 1 - odd / len(words)) ** 2 * (0.6 + 0.4 * known / len(letters))
    foreign = [word for word in words if _OTHER_ALPHABET.search(word)]
    if foreign and sum(map(len, foreign)) < 2 * len(foreign):
        score *= 0.3
    return score + 0.001


def _is_odd(word: str) -> bool:
    if sum(1 for alphabet in _ALPHABETS if alphabet.search(word)) > 1 or _LONE_IDEOGRAPH.search(word):
        return True
    return not word.isupper() and any(letter.isupper() and not letter.isascii() for letter in word[1:])


def kana_share(text: str) -> float:
    """Return the share of full-width kana among the characters beyond ASCII (Chinese and Korean have none)."""
    beyond = [letter for letter in text if not letter.isascii()]
    return len(_KANA.findall(text)) / len(beyond) if beyond else 0.0
