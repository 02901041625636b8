"""Terminology: whether a translation uses the terms that were set for it, and none that was forbidden."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from catalog.languages import language
from translation.terminology.characterlexicon import CharacterLexicon
from translation.terminology.concepts import Concept
from translation.terminology.lexicons import Lexicon
from translation.terminology.wordlexicon import COMPOUNDING, SHORTEST_PART, WordLexicon
from translation.words import fold


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one term of a source demands of its translation.

    Attributes:
        source: the term as the source has it.
        accepted: terms of which the translation needs one, the preferred first; empty: any words will do.
        forbidden: terms that the translation must not use for it.
    """

    source: str
    accepted: tuple[str, ...]
    forbidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Breach:
    """A demand that a translation does not meet.

    Attributes:
        source: the term of the source; empty where a word is forbidden whatever the source says.
        wanted: the preferred term that is missing, or empty.
        used: the forbidden term that is used, or empty.
    """

    source: str
    wanted: str = ""
    used: str = ""

    def __str__(self) -> str:
        if self.used:
            return f"{self.used!r} is forbidden" + (f" for {self.source!r}" if self.source else "")
        return f"{self.source!r} is to be called {self.wanted!r}"


def breaches(lang: str, translated: str, required: Sequence[Requirement], bans: Iterable[str] = ()) -> list[Breach]:
    """Return what a translation into ``lang`` does against the terminology.

    Args:
        lang: language of the translation.
        translated: the translation.
        required: from :meth:`translation.terminology.termbase.Termbase.required` for its source.
        bans: from :meth:`translation.terminology.termbase.Termbase.bans`.
    """
    found = []
    for one in required:
        used = next((term for term in one.forbidden if says(lang, translated, term)), "")
        if used:
            found.append(Breach(one.source, used=used))
        elif one.accepted and not _meets(lang, translated, one):
            found.append(Breach(one.source, wanted=one.accepted[0]))
    return found + [Breach("", used=term) for term in bans if says(lang, translated, term)]


def _meets(lang: str, translated: str, one: Requirement) -> bool:
    """Whether a translation uses an accepted term, and not only the word of the source, which may look like a form."""
    source = "" if fold(lang, one.source) in (fold(lang, term) for term in one.accepted) else one.source
    return any(says_in_any_form(lang, translated, term, source) for term in one.accepted)


def says(lang: str, text: str, term: str, kept: str = "") -> bool:
    """Whether a text has a term as words of their own, in any form but ``kept``."""
    finds = _lexicon(lang, term).find(text, lambda concept: concept)
    folded = fold(lang, kept)
    return any(found.whole and fold(lang, text[found.start : found.end]) != folded for found in finds)


def says_in_any_form(lang: str, text: str, term: str, kept: str = "") -> bool:
    """Whether a text has a term in any form, or as a part of a compound where the language writes them.

    An abbreviation may lack its full stop. ``kept`` is a word of the source, which is no form of the term.
    """
    term = term.rstrip(".") or term
    if says(lang, text, term, kept):
        return True
    if lang not in COMPOUNDING and language(lang).words == "spaces":
        return False
    folded = fold(lang, term)
    shortest = SHORTEST_PART if lang in COMPOUNDING else 1
    return len(folded) >= shortest and folded in fold(lang, text)


@lru_cache(maxsize=10_000)
def _lexicon(lang: str, term: str) -> Lexicon:
    kind = WordLexicon if language(lang).words == "spaces" else CharacterLexicon
    return kind(lang, [Concept(term, "product", "", {lang: (term,)})])
