"""What a lexicon is: the terms of one language, found again in a text.

A lexicon lies over that of the layer beneath and asks it too, so that a supplier's few terms cost nothing but
themselves. It tells all that the words may mean, in every layer; which meaning is heard is decided by the termbase.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from translation.terminology.concepts import Concept, Layer

Says = Callable[[Concept], Concept | None]
"""What a concept says where a text stands; ``None`` when it does not hold there."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One concept that found words may mean, and how well the words fit it.

    Attributes:
        exact: the text has the term itself, not another form of it.
        regular: the text has the term itself or its other number or gender.
        preferred: the term is the first of its concept in this language.
    """

    concept: Concept
    exact: bool = True
    regular: bool = True
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class Find:
    """A place in a text where terms stand, with all that it may mean; ``whole``: not a part of a compound."""

    meanings: tuple[Meaning, ...]
    start: int
    end: int
    whole: bool = True


class Lexicon(Protocol):
    """Finds the terms of one language in a text."""

    def find(self, text: str, says: Says) -> list[Find]:
        """Return what is found from left to right, the longest first where terms overlap, none overlapping."""
        ...

    def touches(self, text: str) -> bool:
        """Say whether a term may stand in a text: true where :meth:`find` finds one, and in some texts more."""
        ...


def said_of(meanings: Iterable[Meaning], says: Says) -> list[Meaning]:
    """Keep what holds, in the words that hold."""
    kept = []
    for one in meanings:
        said = says(one.concept)
        if said is not None:
            kept.append(one if said is one.concept else replace(one, concept=said))
    return kept


def all_of_starter(meanings: Iterable[Meaning]) -> bool:
    """Whether nobody but the starter terms says what words mean."""
    return all(one.concept.layer is Layer.STARTER for one in meanings)


def is_bound(lang: str, meanings: Iterable[Meaning]) -> bool:
    """Whether a person set how words in ``lang`` have to be called in another language."""
    return any(
        one.regular and one.concept.layer is not Layer.STARTER and one.concept.binding - {lang} for one in meanings
    )


def each_once(meanings: Iterable[Meaning]) -> tuple[Meaning, ...]:
    """Keep the first, which fits best, of several forms of one concept."""
    kept: dict[str, Meaning] = {}
    for one in meanings:
        kept.setdefault(one.concept.id, one)
    return tuple(kept.values())
