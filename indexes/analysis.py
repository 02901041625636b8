"""From a text to the tokens that the embedded engine keeps, for documents and queries alike.

Built on the words and stems of :mod:`translation.words`, and on four decisions of its own, each measured:

* Function words are left out (``stopwords.txt``), compared as they are written and not by stem: by stem, Spanish
  "láser", Portuguese "pele" and Turkish "deniz" would vanish with "las", "pela" and "de". Ranking gains and loses as
  much (recall@1 of categories -.012 in Turkish to +.022 in Portuguese, of foods -.018 in Italian to +.002 in Dutch,
  judged queries .670 and .669); what goes is hits by "for" and "the" alone.
* Latin accents are folded after stemming, because buyers leave them out: French foods .692 -> .697, no loss elsewhere.
* A number and its unit are two tokens, so that "230V" meets "230 V": of 500 titles asked for with the other spacing,
  .73 are found in place of .57; judged queries stay as they are (.661, .660).
* A text of function words only keeps them: a product that is called "On" can be found. So does a letter after a number:
  in "12 A" and "230 В" it is a unit.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from catalog.languages import LANGUAGES, language
from indexes.readable import readable
from translation import words as words_module
from translation.model import digest
from translation.words import Word, fold, index_tokens, stem, without_accents, words

LONGEST_TOKEN = 64
"""Characters of a token that are kept; longer ones are links and damage, which nobody types."""

_REPEATED_LENGTH = 40
"""Characters up to which a word is likely to come again."""

_STOP_WORDS_FILE = Path(__file__).parent / "stopwords.txt"
_NUMBER_WITH_UNIT = re.compile(r"(\d+)(?!x)([^\W\d_]{1,3}[23]?)")  # "3x2" is a size
_LATIN_WITH_ACCENT = re.compile("[ß-ɏḀ-ỿ]")


@dataclass(frozen=True, slots=True)
class _Read:
    """One word of a text as the index reads it."""

    tokens: tuple[str, ...]
    function_word: bool
    letter: bool
    number: bool


def analyze(lang: str, text: str) -> list[str]:
    """Return the tokens of a text in order, repeated ones included.

    A text of any length and any Unicode has tokens or none; there is no white space in a token.

    Raises:
        UnknownValueError: ``lang`` is not one of the fifteen.
    """
    language(lang)
    found = [word for part in readable(text).split() for word in _part(lang, part)]
    kept = _without_function_words(found) or found
    return [token for word in kept for token in word.tokens]


def _without_function_words(found: Sequence[_Read]) -> list[_Read]:
    kept, after_number = [], False
    for word in found:
        if not word.function_word or (after_number and word.letter):
            kept.append(word)
        after_number = word.number
    return kept


def _part(lang: str, part: str) -> tuple[_Read, ...]:
    """Return the words of what stands between two spaces; no word reaches over a space."""
    return _known_part(lang, part) if len(part) <= _REPEATED_LENGTH else _read_part(lang, part)


@lru_cache(maxsize=200_000)
def _known_part(lang: str, part: str) -> tuple[_Read, ...]:
    # A catalog has few different words: 60 tokens take 30 µs when they are known, 220 when not; 100 MB when full.
    return _read_part(lang, part)


def _read_part(lang: str, part: str) -> tuple[_Read, ...]:
    return tuple(_read(lang, word) for word in words(lang, part))


def _read(lang: str, word: Word) -> _Read:
    # Korean words stand alone whatever surrounds them, so the pairs of one word are those that it has in the text.
    stems = index_tokens(lang, word.folded) if language(lang).words == "bigrams" else [word.stem]
    return _Read(
        tokens=tuple(token for one in stems for token in _tokens(lang, one)),
        function_word=word.folded in stop_words()[lang],
        letter=len(word.folded) == 1,
        number=word.folded.isdecimal(),
    )


def _tokens(lang: str, word: str) -> tuple[str, ...]:
    """Return what the index keeps of a stem: accents folded, a unit apart from its number, never too long."""
    if (measure := _NUMBER_WITH_UNIT.fullmatch(word)) is not None:
        return (measure[1][:LONGEST_TOKEN], *_tokens(lang, stem(lang, measure[2])))
    folded = without_accents(word) if _LATIN_WITH_ACCENT.search(word) else word
    # The compatibility form of a few letters is nothing, or has spaces in it (U+FDFA is four words).
    return tuple(part[:LONGEST_TOKEN] for part in folded.split())


@lru_cache(maxsize=1)
def stop_words() -> Mapping[str, frozenset[str]]:
    """Return the function words of every language, folded."""
    return read_stop_words(_STOP_WORDS_FILE.read_text(encoding="utf-8"))


def read_stop_words(text: str) -> Mapping[str, frozenset[str]]:
    """Read lines of the form ``en: the of``; lines that begin with ``#`` are for people."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            lang, _, listed = line.partition(":")
            found[lang] = frozenset(fold(lang, word) for word in listed.split())
    return found


def analysis_digest() -> str:
    """Return a digest of all that decides the tokens of any language.

    A build made with another digest holds tokens that a query would no longer meet, so it takes no delta. The digest
    is of the code itself and of the libraries' versions: it changes too often rather than once too seldom.
    """
    return digest(*analysis_parts())


def analysis_parts() -> tuple[str, ...]:
    """Return what :func:`analysis_digest` is made of."""
    return (
        Path(__file__).read_text(encoding="utf-8"),
        Path(words_module.__file__).read_text(encoding="utf-8"),
        _STOP_WORDS_FILE.read_text(encoding="utf-8"),
        *(str(astuple(row)) for row in LANGUAGES.values()),
        f"pystemmer {version('pystemmer')}",
        f"icu4py {version('icu4py')}",
        f"unicode {unicodedata.unidata_version}",
    )
