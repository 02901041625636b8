"""One entry of a termbase as it comes from outside, checked before it is believed."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from catalog.model import slug
from translation.terminology.concepts import KINDS, Concept
from translation.words import words

LONGEST_TERM = 200
"""Characters of a term; longer texts are sentences, and those belong into the translation memory."""

_LONGEST_ID = 100
_ID = re.compile(r"[^\W_][\w.:-]*")


class Status(StrEnum):
    """What is said of a term: use it, it will do, never use it."""

    PREFERRED = "preferred"
    ADMITTED = "admitted"
    FORBIDDEN = "forbidden"


Said = Mapping[str, Sequence[tuple[str, Status]]]
"""Terms by language, each with its status."""


@dataclass(frozen=True, slots=True)
class BadEntry:
    """An entry that can't be taken.

    Attributes:
        file: name of the file.
        line: line of the file, from 1; 0 where the reason concerns the whole file.
        concept: the concept's id where it is known.
        reason: what is wrong, for a person.
        code: short stable name of the reason.
    """

    file: str
    line: int
    concept: str | None
    reason: str
    code: str

    def as_json(self) -> dict[str, Any]:
        """The shape of ``errors`` in the report."""
        return {
            "file": self.file,
            "line": self.line,
            "concept": self.concept,
            "reason": self.reason,
            "code": self.code,
        }


class EntryError(Exception):
    """An entry that breaks a rule; the message is for a person."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        super().__init__(reason)


def make_concept(
    name: str,
    said: Said,
    kind: str = "product",
    domain: str = "",
    categories: Iterable[str] = (),
    *,
    kept: bool = False,
) -> Concept:
    """Return the concept of an entry.

    Args:
        name: its id; empty: it is named after its first term.
        said: its terms.
        kind: one of :data:`~translation.terminology.concepts.KINDS`.
        domain: field of trade.
        categories: it holds only in these.
        kept: whether its terms are never translated.

    Raises:
        EntryError: the entry breaks a rule.
    """
    if kind not in KINDS:
        raise EntryError("kind", f"kind {kind!r} is not one of {', '.join(KINDS)}")
    terms: dict[str, tuple[str, ...]] = {}
    forbidden: dict[str, tuple[str, ...]] = {}
    for lang, found in said.items():
        checked = [(_checked(lang, term, kept=kept), status) for term, status in found]
        by_status = {one: [term for term, status in checked if status is one] for one in Status}
        terms[lang] = _once((*by_status[Status.PREFERRED], *by_status[Status.ADMITTED]))
        forbidden[lang] = _once(by_status[Status.FORBIDDEN])
        both = {term.casefold() for term in terms[lang]} & {term.casefold() for term in forbidden[lang]}
        if both:
            raise EntryError("contradiction", f"{lang}: {min(both)!r} is to be used and forbidden at once")
    terms = {lang: found for lang, found in terms.items() if found}
    forbidden = {lang: found for lang, found in forbidden.items() if found}
    if not terms and not forbidden:
        raise EntryError("no_term", "there is no term in any of the fifteen languages")
    if kept and forbidden:
        raise EntryError("contradiction", "a term that is never translated can't be forbidden")
    binding = frozenset(lang for lang in terms if any(status is Status.PREFERRED for _, status in said[lang]))
    places = tuple(dict.fromkeys(" ".join(one.split()) for one in categories if one.strip()))
    return Concept(
        _name(name, terms, forbidden, places, kept=kept),
        kind,
        " ".join(domain.split())[:_LONGEST_ID],
        terms,
        categories=places,
        forbidden=forbidden,
        binding=frozenset() if kept else binding,
        kept=kept,
    )


def _checked(lang: str, term: str, *, kept: bool) -> str:
    tidy = unicodedata.normalize("NFC", " ".join(term.split()))
    if not tidy:
        raise EntryError("empty_term", f"{lang}: a term is empty")
    if len(tidy) > LONGEST_TERM:
        raise EntryError("long_term", f"{lang}: a term has {len(tidy)} characters, at most {LONGEST_TERM} are taken")
    for character in tidy:
        if unicodedata.category(character) in ("Cc", "Cs", "Co"):
            raise EntryError(
                "unreadable", f"{lang}: {tidy!r} holds a character that is no text: U+{ord(character):04X}"
            )
    if kept and not any(character.isalnum() for character in tidy):
        raise EntryError("no_word", f"{lang}: {tidy!r} has no letter or digit")
    if not kept and not words(lang, tidy):
        raise EntryError("no_word", f"{lang}: {tidy!r} has no word")
    return tidy


def _once(terms: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for term in terms:
        kept.setdefault(term.casefold(), term)
    return tuple(kept.values())


def _name(
    name: str,
    terms: Mapping[str, Sequence[str]],
    forbidden: Mapping[str, Sequence[str]],
    categories: Sequence[str],
    *,
    kept: bool,
) -> str:
    """Return the id: the one given, or the first term with its language, which no starter concept is called."""
    tidy = unicodedata.normalize("NFC", name.strip())
    if not tidy:
        lang, found = next(iter((terms or forbidden).items()))
        named = f"keep-{slug(found[0])}" if kept else f"{'' if terms else 'not-'}{slug(found[0])}-{lang}"
        return f"{named}-in-{slug(categories[0])}"[:_LONGEST_ID] if categories else named
    if len(tidy) > _LONGEST_ID or not _ID.fullmatch(tidy):
        raise EntryError(
            "concept", f"concept {tidy[:_LONGEST_ID]!r}: an id has at most {_LONGEST_ID} letters, digits, '-', '.', ':'"
        )
    return tidy


def said_with_default(found: Mapping[str, Sequence[tuple[str, Status | None]]]) -> dict[str, list[tuple[str, Status]]]:
    """Give terms without a status one: where a language states none at all, its first term is the preferred one."""
    said: dict[str, list[tuple[str, Status]]] = {}
    for lang, terms in found.items():
        silent = all(status is None for _, status in terms)
        said[lang] = [
            (term, status or (Status.PREFERRED if silent and place == 0 else Status.ADMITTED))
            for place, (term, status) in enumerate(terms)
        ]
    return said


def with_status(concept: Concept, lang: str) -> list[tuple[str, Status]]:
    """Return the terms of a concept in a language, each with its status."""
    terms = [(term, Status.ADMITTED) for term in concept.terms.get(lang, ())]
    if terms and lang in concept.binding:
        terms[0] = (terms[0][0], Status.PREFERRED)
    return terms + [(term, Status.FORBIDDEN) for term in concept.forbidden.get(lang, ())]
