"""How a text is spelt for the engines of a route, so that no character of it vanishes in their vocabularies.

Each model knows the characters that it learnt from. The students between English and Portuguese have no ``ü``, no
``ñ``, no curly quotes and no ``’``. Quotes and hyphens are written as on a typewriter ("Set of 4 “Luna” glasses" came
back with ``"Luna)``); for what has no such spelling, the word is locked as a fact. A capital that is missing where its
small letter is there stays: the students know an ``Óculos`` by its end (of 57 such names as many are right as written
small).
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from translation.routing import Route, Step

_ALIKE = {
    **dict.fromkeys("‘’‚‛‹›′´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒", "-"),
}


@dataclass(frozen=True, slots=True)
class Spelling:
    """What becomes of the characters that engines lack.

    Attributes:
        locked: those that nothing can stand for; words with them are names, others signs.
        instead: what is written for others, by their code.
    """

    locked: frozenset[str] = frozenset()
    instead: Mapping[int, str] = field(default_factory=dict)

    def applied(self, text: str) -> str:
        """Spell a text whose facts are locked."""
        return text.translate(self.instead) if self.instead else text


_AS_IT_IS = Spelling()


def spelling(route: Route, text: str) -> Spelling:
    """Return how a text has to be spelt for the engines of a route.

    Raises:
        PermanentEngineError: a vocabulary can't be read; names it.
    """
    lacking = {one for number, step in enumerate(route.steps) for one in _lacking(step, text, first=not number)}
    if not lacking:
        return _AS_IT_IS
    first = route.steps[0]
    known = {one: other for one in lacking if not first.engine.lacks(first.pair, other := _alike(one)) and other != one}
    instead = {ord(one): other for one, other in known.items() if not one.isalpha()}
    return Spelling(frozenset(lacking - known.keys()), instead)


def _alike(character: str) -> str:
    return _ALIKE.get(character) or character.lower()


def _lacking(step: Step, text: str, *, first: bool) -> frozenset[str]:
    """Return what an engine lacks of a text; to a later engine words come in another language."""
    lacking = step.engine.lacks(step.pair, text)
    return lacking if first or not lacking else frozenset(filter(must_survive, lacking))


def must_survive(character: str) -> bool:
    """Whether a character is no part of a language, so that its translation must hold it as well."""
    return unicodedata.category(character)[0] in "NS"
