"""Terms in languages that set no spaces between what a term joins: Chinese, Japanese and Korean.

Matches runs of characters; the longest match wins.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from translation.terminology.concepts import Concept
from translation.terminology.lexicons import Find, Meaning, Says, all_of_starter, each_once, is_bound, said_of
from translation.words import fold

# One syllable or character alone is a word only where the text sets it apart.
_KOREAN_PARTICLES = frozenset("을를이가은는의에로과와도용")


class CharacterLexicon:
    """Finds terms by their characters; see :class:`~translation.terminology.lexicons.Lexicon`."""

    def __init__(self, lang: str, concepts: Iterable[Concept], beneath: "CharacterLexicon | None" = None) -> None:
        self._lang = lang
        self._beneath = beneath
        self._terms: dict[str, list[Meaning]] = defaultdict(list)
        for concept in concepts:
            for rank, term in enumerate(concept.terms.get(lang, ())):
                if squeezed := self._squeeze(term)[0]:
                    self._terms[squeezed].append(Meaning(concept, preferred=rank == 0))
        self._lengths: dict[str, list[int]] = {}
        for first, length in sorted({(term[0], -len(term)) for term in self._terms}):
            self._lengths.setdefault(first, []).append(-length)

    def _squeeze(self, text: str) -> tuple[str, list[int]]:
        """Fold a text without its spaces; the second value is the offset of every kept character."""
        kept: list[str] = []
        offsets: list[int] = []
        for at, character in enumerate(text):
            for folded in _fold_character(self._lang, character):
                if not folded.isspace():
                    kept.append(folded)
                    offsets.append(at)
        return "".join(kept), offsets

    def find(self, text: str, says: Says) -> list[Find]:
        """Return what is found; see :class:`~translation.terminology.lexicons.Lexicon`."""
        squeezed, offsets = self._squeeze(text)
        finds: list[Find] = []
        at = 0
        while at < len(squeezed):
            length, meanings = self._longest_at(squeezed, at, text, offsets, says)
            if meanings:
                finds.append(Find(meanings, offsets[at], offsets[at + length - 1] + 1))
            at += max(length, 1)
        return finds

    def touches(self, text: str) -> bool:
        """Say whether a term may stand in a text; see :class:`~translation.terminology.lexicons.Lexicon`."""
        squeezed, _ = self._squeeze(text)
        return any(
            squeezed[at : at + length] in self._terms
            for at, first in enumerate(squeezed)
            for length in self._lengths.get(first, ())
        )

    def _longest_at(
        self, squeezed: str, at: int, text: str, offsets: list[int], says: Says
    ) -> tuple[int, tuple[Meaning, ...]]:
        for length in self._lengths_from(squeezed[at]):
            if at + length > len(squeezed):
                continue
            meanings = self._meant(squeezed, at, at + length, text, offsets, says)
            if meanings and not self._hides_a_bound_term(squeezed, at, at + length, text, offsets, says, meanings):
                return length, each_once(meanings)
        return 0, ()

    def _meant(self, squeezed: str, start: int, end: int, text: str, offsets: list[int], says: Says) -> list[Meaning]:
        """Return what characters mean together, nothing where they are a piece of another word."""
        meanings = self._meanings(squeezed[start:end], says)
        return meanings if meanings and self._stands_alone(text, offsets[start], offsets[end - 1] + 1) else []

    def _hides_a_bound_term(
        self, squeezed: str, at: int, end: int, text: str, offsets: list[int], says: Says, meanings: list[Meaning]
    ) -> bool:
        """Whether a starter term has a term within that a person set as preferred."""
        if self._beneath is None or not all_of_starter(meanings):
            return False
        return any(
            is_bound(self._lang, self._meant(squeezed, start, start + length, text, offsets, says))
            for start in range(at, end)
            for length in self._lengths_from(squeezed[start])
            if start + length <= end and length < end - at
        )

    def _lengths_from(self, first: str) -> list[int]:
        """Return how long the terms that begin with a character are, the longest first."""
        own = self._lengths.get(first, [])
        beneath = self._beneath._lengths_from(first) if self._beneath else []
        return sorted({*own, *beneath}, reverse=True) if own and beneath else own or beneath

    def _meanings(self, squeezed: str, says: Says) -> list[Meaning]:
        found = self._terms.get(squeezed)
        own = said_of(found, says) if found else []
        return own + self._beneath._meanings(squeezed, says) if self._beneath else own

    def _stands_alone(self, text: str, start: int, end: int) -> bool:
        """Refuse what is only a piece of another word.

        Latin letters and digits need word boundaries on both sides. One character of Han or Hangul alone must have no
        other beside it (a particle may follow a Korean syllable): dictionaries cut the unknown word 双头 (two heads)
        into single characters, and 双 is a pair. Longer runs may stand inside compounds.
        """
        term = text[start:end]
        before, after = text[start - 1 : start], text[end : end + 1]
        if _latin(term[0]) and _latin(before):
            return False
        if _latin(term[-1]) and _latin(after):
            return False
        if _katakana(term[0]) and len(term) <= 3 and (_katakana(before) or _katakana(after)):
            return False
        if end - start > 1:
            return True
        if self._lang == "ko":
            return not _hangul(before) and (not _hangul(after) or after in _KOREAN_PARTICLES)
        return not _ideograph(before) and not _ideograph(after) and (self._lang == "ja" or not _kana(before + after))


@lru_cache(maxsize=50_000)
def _fold_character(lang: str, character: str) -> str:
    return fold(lang, character)


def _ideograph(character: str) -> bool:
    return "㐀" <= character <= "鿿"


def _kana(characters: str) -> bool:
    return any("ぁ" <= character <= "ー" for character in characters)


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _hangul(character: str) -> bool:
    return "가" <= character <= "힣"


def _katakana(character: str) -> bool:
    return "ァ" <= character <= "ー"
