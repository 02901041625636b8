"""Words of a text in a language: where they stand, how they are folded, what their stem is.

Terms, checks and index analysis all read text through this one module, so that a term found in a title is the word
that the index holds.

Snowball stems twelve of the fifteen (3.1 brought Polish). Chinese and Japanese words come from ICU's dictionary
(85,000 to 108,000 titles a second; a better dictionary costs more memory than the gain shows in recall). Korean is
written with spaces, but its particles cling to the noun: overlapping pairs of syllables find the noun without a
dictionary of 530 MB.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from catalog.languages import language


class Word(NamedTuple):
    """One word of a text. A tuple, because there are so many: it is made in a third of the time of a dataclass.

    Attributes:
        start: offset of its first character in the text.
        end: offset after its last character.
        folded: compatibility form in lower case, without marks that writers leave out.
        stem: what all its forms have in common; equals ``folded`` where the language has no stemmer.
    """

    start: int
    end: int
    folded: str
    stem: str


_NEW = tuple.__new__

_ARABIC_MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u0640"
_WORD = re.compile(rf"[^\W_](?:[\w\u0300-\u036f{_ARABIC_MARKS}]*[^\W_])?", re.UNICODE)
_ARABIC_OPTIONAL = re.compile(f"[{_ARABIC_MARKS}]")
_ARABIC_LETTERS = str.maketrans("أإآٱىةؤئ", "ااااياوي")
_TURKISH_LETTERS = str.maketrans("Iİ", "ıi")
_TURKISH_CAPITALS = str.maketrans("ıi", "Iİ")
_DIGIT = re.compile(r"\d")
_FOLDED_APART = re.compile("[İΣ\u0300-\u036f]")
_LATIN_MARKS = re.compile("[\u0300-\u036f]")

# One run of one kind of character: Han, kana and Hangul beside Latin letters and digits without a space between.
_HAN = r"々〇㐀-䶿一-鿿豈-﫿"
_RUN = re.compile(rf"[{_HAN}]+|[\u3041-\u309f]+|[\u30a0-\u30ffー]+|[가-힣]+|[^\W_{_HAN}\u3041-\u30ff가-힣]+")
_HANGUL = re.compile("[가-힣]")
_HALF_PAIR = re.compile("[\ud800-\udfff]")


def fold(lang: str, text: str) -> str:
    """Return ``text`` as it is compared: full-width as half-width, lower case, optional marks gone.

    Latin accents stay for German, Turkish, Polish and the others: the stemmers need them; the index folds them in a
    field of its own.
    """
    if text.isascii():
        return text.replace("I", "ı").lower() if lang == "tr" else text.lower()
    folded = unicodedata.normalize("NFKC", text)
    if lang == "tr":
        folded = folded.translate(_TURKISH_LETTERS)
    folded = folded.casefold() if lang != "de" else folded.lower()
    if lang == "ar":
        folded = _without_arabic_marks(folded).translate(_ARABIC_LETTERS)
    return unicodedata.normalize("NFC", _DIGIT.sub(_ascii_digit, folded))


def _without_arabic_marks(text: str) -> str:
    return _ARABIC_OPTIONAL.sub("", text)


def _ascii_digit(match: re.Match[str]) -> str:
    return str(unicodedata.decimal(match[0]))


def upper(lang: str, text: str) -> str:
    """Write a text in capitals as the language does: Turkish ``i`` becomes ``İ``."""
    return (text.translate(_TURKISH_CAPITALS) if lang == "tr" else text).upper()


def lower(lang: str, text: str) -> str:
    """Write a text in small letters as the language does: Turkish ``I`` becomes ``ı``."""
    return (text.translate(_TURKISH_LETTERS) if lang == "tr" else text).lower()


def capitalised(lang: str, text: str) -> str:
    """Begin a text with a capital letter: Dutch ``ijzer`` becomes ``IJzer``, other letters stay as they are."""
    first = 2 if lang == "nl" and text[:2] == "ij" else 1
    return upper(lang, text[:first]) + text[first:]


def without_accents(text: str) -> str:
    """Return Latin text without accents: ``"größe"`` becomes ``"grosse"``."""
    spelled = text.replace("ß", "ss").replace("ı", "i").replace("ł", "l").replace("ø", "o").replace("æ", "ae")
    return unicodedata.normalize("NFC", _LATIN_MARKS.sub("", unicodedata.normalize("NFD", spelled)))


def words(lang: str, text: str) -> list[Word]:
    """Return the words of a text in order.

    Raises:
        UnknownValueError: ``lang`` is not one of the fifteen.
    """
    return list(_words(lang, text))


@lru_cache(maxsize=4_096)  # terms, checks and drafts read the same text one after the other
def _words(lang: str, text: str) -> tuple[Word, ...]:
    # Without the constructor of the tuple's class, which is Python: forty words a title are made.
    return tuple([_NEW(Word, (start, end, *_forms(lang, text[start:end]))) for start, end in _spans(lang, text)])


def folded_words(lang: str, text: str) -> list[str]:
    """Return the words of a text in order, folded; where their stems are not asked for, in a third of the time.

    Raises:
        UnknownValueError: ``lang`` is not one of the fifteen.
    """
    # Folded in one piece words stay apart, but where one character becomes several or looks at its neighbours.
    plain = text.isascii() or (unicodedata.is_normalized("NFKC", text) and not _FOLDED_APART.search(text))
    if plain and lang != "ar" and language(lang).words == "spaces":
        return _WORD.findall(fold(lang, text))
    return [word.folded for word in words(lang, text)]


def word_starts(lang: str, text: str) -> Iterator[int]:
    """Yield where each word of a text starts, in order; it is neither folded nor stemmed, which takes the most time.

    Raises:
        UnknownValueError: ``lang`` is not one of the fifteen.
    """
    return (start for start, _ in _spans(lang, text))


def index_tokens(lang: str, text: str) -> list[str]:
    """Return what an index keeps of a text: stems, and for Korean the pairs of syllables of every word."""
    tokens: list[str] = []
    bigrams = language(lang).words == "bigrams"
    for word in words(lang, text):
        if bigrams and len(word.stem) > 2 and _HANGUL.match(word.stem):
            tokens += [word.stem[at : at + 2] for at in range(len(word.stem) - 1)]
        else:
            tokens.append(word.stem)
    return tokens


def stem(lang: str, folded: str) -> str:
    """Return the stem of a folded word."""
    algorithm = language(lang).stemmer
    if algorithm is None or not folded.isalpha():
        return folded
    return _stem(algorithm, folded)


@lru_cache(maxsize=200_000)
def _forms(lang: str, surface: str) -> tuple[str, str]:
    folded = fold(lang, surface)
    if lang == "ar" and not folded.isascii() and folded.isalpha():
        # Snowball knows its endings by ة, ئ and ؤ. Folded before stemming 40 of 104 pairs of related terms meet, folded
        # after it 62.
        written = _without_arabic_marks(unicodedata.normalize("NFKC", surface).casefold())
        return folded, _stem("arabic", written).translate(_ARABIC_LETTERS)
    return folded, stem(lang, folded)


def _spans(lang: str, text: str) -> Iterator[tuple[int, int]]:
    """Return where each word of a text starts and ends."""
    how = language(lang).words
    if how == "dictionary":
        return _dictionary_spans(lang, text)
    return iter([match.span() for match in (_RUN if how == "bigrams" else _WORD).finditer(text)])


def _dictionary_spans(lang: str, text: str) -> Iterator[tuple[int, int]]:
    for match in _RUN.finditer(text):
        if match[0].isascii():
            yield match.span()
            continue
        at = match.start()
        for length in _dictionary_cuts(lang, match[0]):
            yield at, at + length
            at += length


@lru_cache(maxsize=50_000)
def _dictionary_cuts(lang: str, run: str) -> tuple[int, ...]:
    from icu4py.breakers import WordBreaker

    # ICU reads UTF-8, which holds no half of a surrogate pair: the mark in its place is as long.
    return tuple(len(str(part)) for part in WordBreaker(_HALF_PAIR.sub("\ufffd", run), lang))


_local = threading.local()


def _stem(algorithm: str, folded: str) -> str:
    # A Snowball stemmer keeps state and may not cross threads; making one takes 20 µs, so every thread has its own.
    stemmers: dict[str, Any] = _local.__dict__.setdefault("stemmers", {})
    if algorithm not in stemmers:
        import Stemmer

        stemmers[algorithm] = Stemmer.Stemmer(algorithm)
    stemmed: str = stemmers[algorithm].stemWord(folded)
    return stemmed
