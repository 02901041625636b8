"""Texts and their translations: what they are called and how good they are."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a text came to stand in a language; the order of the members runs from the worst to the best.

    A text of several segments has the state of its worst segment (:func:`worst`).
    """

    NEEDS_REVIEW = "needs_review"
    MISSING = "missing"
    GLOSS = "gloss"
    MACHINE = "machine"
    TERM = "term"
    MEMORY = "memory"
    REVIEWED = "reviewed"
    SOURCE = "source"

    @property
    def is_stand_in(self) -> bool:
        """Whether the original stands in for the text: shown, but never analysed as the target language."""
        return self in (State.NEEDS_REVIEW, State.MISSING)


QUALITY: dict[State, int] = {state: rank for rank, state in enumerate(State)}
"""Rank of each state, 0 the worst."""


def worst(states: Iterable[State]) -> State:
    """Return the worst of at least one state."""
    return min(states, key=QUALITY.__getitem__)


@dataclass(frozen=True, slots=True)
class Segment:
    """The unit that is translated: a title, a sentence of a description, an attribute's value.

    Attributes:
        lang: language in which it is written.
        kind: as in :class:`catalog.model.ProductText`.
        context: what must be known beside it; part of its key.
        text: plain text, or text with inline tags; never block tags.
    """

    lang: str
    kind: str
    context: str
    text: str

    @property
    def under(self) -> str:
        """The name of the attribute whose value this is; empty for other texts."""
        return self.context if self.kind == "attribute_value" else ""


@dataclass(frozen=True, slots=True)
class Translation:
    """A segment or a whole text in another language.

    Attributes:
        text: the translation; ``None`` when ``state`` is a stand-in.
        state: how it came to be.
        engine: what made it: ``copy``, ``person``, ``memory``, ``term``, ``gloss``, an engine's name; or empty.
        reason: for ``needs_review`` and ``missing``, what a person should know.
        checks: codes of the checks that had something to say, the worst first.
    """

    text: str | None
    state: State
    engine: str
    reason: str = ""
    checks: tuple[str, ...] = ()

    @property
    def made_by(self) -> str:
        """Name of what made it, for reports: ``none`` where nothing did."""
        return self.engine or "none"


def digest(*parts: str) -> str:
    """Return a hex digest of parts, unambiguous in where one ends; 128 bits keep 10^9 texts apart (p < 1e-20)."""
    raw = [part.encode("utf-8", "surrogatepass") for part in parts]
    # In one piece: a call for each part took twice as long.
    whole = b"".join([piece for one in raw for piece in (len(one).to_bytes(8, "big"), one)])
    return hashlib.blake2b(whole, digest_size=16).hexdigest()
