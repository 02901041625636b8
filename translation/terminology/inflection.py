"""Whether two words with one stem are forms of one word: number, gender and case, and nothing else.

A stemmer brings together what an index should find together, and that is too much for a term: Portuguese "canelada"
(ribbed) and "canela" (cinnamon), Russian "зуба" (tooth) and "зубило" (chisel), Indonesian "bantalan" (bearing) and
"bantal" (pillow) share their stems. Two forms are one word when what follows their common beginning is an ending of
nouns or adjectives in both.
"""

import re
from functools import cache, lru_cache

from translation.words import Word, without_accents

_ENDINGS = {
    "de": "e en em er es ern ens n ne nen s se sen",
    "en": "s es y ies f fe ves",
    "es": "s es a as o os e z ces n nes",
    "fr": "s x e es l le les ux ne nes te tes f ve ves se ses c che ches he hes que ques r re res er ere eres",
    "id": "nya",
    "it": "a e i o he hi io ia ie",
    "nl": "e en s n es",
    "pl": (
        "a e i o u y om ow ami ach em ie owi ego emu ej ych ym ymi ich im imi ia ie io iu iom iow iami iach ek ka ki "
        "ke ko kiem kow ec ca ce cu cem cow cami cach nie dzie cie sie zie rze le mi el la li lu lem low lom lami lach "
        "er ra ry ru rem row rom rami rach"
    ),
    "pt": "s es a as o os e m ns l is eis ao aos oes aes r res z zes",
    "ru": (
        "а я о е ё ы и у ю й ь ой ей ою ею ом ем ам ям ами ями ах ях ов ев ый ий ая яя ое ее ые ие ого его ому ему ым "
        "им ых их ыми ими ую юю ья ье ьи ью ьев ьям ка ок ек ец ца цы цев ия ии ию иям ий ен ень ня ни"
    ),
}
"""What may follow the common beginning of two forms, accents left out; beside these always nothing at all."""

_SHORT = 3
_SHORT_ENDINGS = {
    "de": ("e", "em", "en", "er", "es", "s"),
    "en": ("s", "es"),
    "es": ("s", "es"),
    "fr": ("s", "e", "es"),
    "nl": ("e", "en", "s"),
    "pt": ("s", "es"),
}
"""Of words up to three letters only these are believed: "pan" and "pane", "can" and "cane" differ."""

_LONGEST_SHARED_ENDING = 2
"""Letters at the end of the common beginning that may belong to both endings: the "а" of "перчатка", "перчатками"."""

_ARABIC_PREFIXES = ("وال", "بال", "كال", "فال", "ال", "لل")
_ARABIC_ENDINGS = frozenset(("", "ة", "ه", "ات", "ان", "ين", "ون", "ي", "يه", "ا"))


def term_key(word: Word, lang: str) -> str:
    """Return what a word of a term is looked up by: its stem, where a stemmer suffices.

    Dutch writes ``rood, rode``, English ``shelf, shelves``, French ``blanc, blanche``, Polish ``kabel, kable``,
    Portuguese ``papel, papéis``, Arabic ``ثلاجة, ثلاجات``: Snowball leaves them apart.
    Snowball's Turkish takes ``kabin`` (cabin) to the stem of ``kapı`` (door) and leaves ``havlusu`` apart from
    ``havlu``; only plural and possessive are taken off instead, which are what titles are made of.
    """
    if lang == "nl":
        return _one_dutch_spelling(word.stem).removesuffix("e")
    if lang == "tr":
        return _turkish_base(word.folded)
    if lang in _RESPELLED:
        stem = word.stem
        for pattern, spelled in _RESPELLED[lang]:
            stem = pattern.sub(spelled, stem)
        return stem
    return word.stem


def _turkish_base(folded: str) -> str:
    base = _TURKISH_VOWEL.sub("", _TURKISH_SUFFIX.sub("", folded))
    return base[:-1] + base[-1:].translate(_TURKISH_HARD)


_TURKISH_SUFFIX = re.compile(r"(?<=...)(?:l[ae]r[ıi]?|s[ıiuü])$")
_TURKISH_VOWEL = re.compile(r"(?<=...)[ıiuü]$")
_TURKISH_HARD = str.maketrans("ğbdc", "kptç")
_SPANISH_Z = re.compile(r"z$")
_RESPELLED = {
    "ar": ((re.compile(r"(?<=..)ي?ا$"), ""),),
    "en": ((re.compile(r"(?:ve|fe|v)$"), "f"),),
    "es": ((_SPANISH_Z, "c"),),
    "fr": ((re.compile(r"ch$"), "c"), (re.compile(r"v$"), "f"), (re.compile(r"au$"), "al")),
    "pl": ((re.compile(r"(?<=..)e(?=[^aeiouyąęó]$)"), ""),),
    "pt": ((re.compile(r"õ$"), "ã"), (re.compile(r"(?<=..)[aeiouáéíóú]l?$"), "")),
}
_DUTCH_DOUBLE = re.compile(r"([a-z])\1")


def _one_dutch_spelling(word: str) -> str:
    return _DUTCH_DOUBLE.sub(r"\1", word).replace("v", "f").replace("z", "s")


@cache
def _endings(lang: str) -> frozenset[str]:
    return frozenset(["", *_ENDINGS[lang].split()])


@lru_cache(maxsize=100_000)
def same_word(lang: str, one: str, other: str) -> bool:
    """Say whether two folded words, whose stems are equal, are forms of one word.

    Languages without a stemmer have one form of each word, and of Turkish :func:`term_key` takes off no more than
    inflection.
    """
    if one == other:
        return True
    if lang == "ar":
        return _same_in_arabic(one, other)
    if lang not in _ENDINGS:
        return min(len(one), len(other)) > _SHORT
    if lang != "ru":
        one, other = without_accents(one), without_accents(other)
    if lang == "nl":
        one, other = _one_dutch_spelling(one), _one_dutch_spelling(other)
        if one == other:
            return False  # "boom" and "bom" differ by more than an ending
    if lang == "es":
        one, other = _SPANISH_Z.sub("c", one), _SPANISH_Z.sub("c", other)
    if lang == "pt" and one.endswith("l") != other.endswith("l") and not {one[-2:], other[-2:]} & {"is"}:
        return False  # the plural of "varal" is "varais"; "vara" and "varas" are rods
    if min(len(one), len(other)) <= _SHORT:
        short, long = sorted((one, other), key=len)
        return long.startswith(short) and long.removeprefix(short) in _SHORT_ENDINGS.get(lang, ())
    return _end_alike(one, other, _endings(lang))


def _common(one: str, other: str) -> int:
    """Return the length of the common beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))


def _end_alike(one: str, other: str, endings: frozenset[str]) -> bool:
    """Whether both are some common beginning with an ending: "перчатк" with "а" and with "ами"."""
    common = _common(one, other)
    cuts = range(common, max(common - _LONGEST_SHARED_ENDING, _SHORT - 1) - 1, -1)
    return any(one[at:] in endings and other[at:] in endings for at in cuts)


@lru_cache(maxsize=100_000)
def number_or_gender(lang: str, one: str, other: str) -> bool:
    """Say whether two forms of one word differ in number, gender or case and mean the same when they stand alone.

    A Turkish possessive is a piece of a longer name ("banyo havlusu"), and its vowel may belong to another word.
    """
    if lang != "tr" or one == other:
        return same_word(lang, one, other)
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and long.removeprefix(short) in ("ler", "lar")


def _same_in_arabic(one: str, other: str) -> bool:
    bare_one, bare_other = _without_article(one), _without_article(other)
    return bare_one == bare_other or (
        min(len(bare_one), len(bare_other)) > _SHORT  # three letters: "جمل" is a camel, "جملة" wholesale
        and _end_alike_in_arabic(bare_one, bare_other)
    )


def _end_alike_in_arabic(one: str, other: str) -> bool:
    """Three letters before two endings are too few to be one word: "ألوان" are colours, "ألوة" is aloe.

    The last letter of the common beginning may belong to both endings: that of "ثلاجة", which is folded, and "ثلاجات".
    """
    common = _common(one, other)
    return any({one[at:], other[at:]} <= _ARABIC_ENDINGS for at in (common, common - 1) if at > _SHORT)


def _without_article(word: str) -> str:
    """Take the article off, and what is written together with it."""
    for prefix in _ARABIC_PREFIXES:
        if word.startswith(prefix) and len(word) > len(prefix) + 1:
            return word.removeprefix(prefix)
    return word
