"""What the name of an attribute says of its value: colours stand under "Colour", tools under "Tool type".

A word alone means little: "spring" is a coil under "Part" and no coil under "Season". A starter term is believed for a
value only where the name supports it: by the kind that :data:`NAMED_KINDS` gives, by a family of ``families.csv``, or
because the name itself names a thing of the same field ("Screw head"). Colours, materials and properties are what
values mostly are, so they need support only where their word is a homonym (``homonyms.csv``).
"""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from catalog.languages import CODES, language
from translation.stopwords import STOP_WORDS
from translation.terminology.characterlexicon import CharacterLexicon
from translation.terminology.concepts import THINGS, Concept, Layer
from translation.terminology.lexicons import Find, Lexicon
from translation.terminology.wordlexicon import WordLexicon
from translation.words import words

_FOLDER = Path(__file__).parent

NAMED_KINDS = {
    "colour": frozenset({"colour"}),
    "material": frozenset({"material"}),
    "pattern": frozenset({"property", "feature"}),
    "shape": frozenset({"property", "feature"}),
    "size": frozenset({"property", "feature"}),
}
"""What an attribute named by this starter concept has for its value."""

_NO_PRODUCTS_UNDER = frozenset({"colour", "pattern", "size"})
"""Names under which nothing stands that is sold: 茶 under 色 is brown, not tea. A material may be paper or glue."""

_OF_A_FIELD = "product"
"""Kind of the concepts that, named by an attribute, say of which field its values are. Of a part, a sleeve or a heel,
values say how it is; "piece" is packaging to the terms and a part to people."""

_SPREAD_DOMAINS = frozenset({"commerce", "properties", "colours", "materials"})
"""Files of terms that are no field of trade."""


class Support(Enum):
    """What an attribute's name says of a starter term for its value."""

    GIVEN = "the name supports it"
    NONE = "nothing speaks for it or against"
    DOUBTFUL = "the word has several meanings, and the name does not say which"


@dataclass(frozen=True, slots=True)
class Attribute:
    """What the name of an attribute says of its values.

    Attributes:
        kinds: kinds of concepts that it supports.
        domains: fields whose concepts it supports.
        named: the one of :data:`NAMED_KINDS`, or empty.
        open: whether it speaks of things without saying which ("Type").
    """

    kinds: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    named: str = ""
    open: bool = False

    def wants(self, concept: Concept) -> bool:
        """Whether values under it are such things."""
        return not self.open and (concept.kind in self.kinds or concept.domain in self.domains)

    @property
    def excludes_products(self) -> bool:
        """Whether nothing that is sold stands under it."""
        return self.named in _NO_PRODUCTS_UNDER

    def supports(self, concept: Concept, lang: str, surface: str) -> Support:
        """Say whether a term is believed for a value under this name; that of a person always is."""
        if concept.layer is not Layer.STARTER or self.wants(concept):
            return Support.GIVEN
        if is_homonym(lang, surface):
            return Support.DOUBTFUL
        return Support.GIVEN if concept.kind not in THINGS or concept.kind in self.kinds else Support.NONE


NO_NAME = Attribute()
"""Of a text that stands under no name, or under one that says nothing."""


def attribute(lang: str, name: str, named: Iterable[Concept]) -> Attribute:
    """Return what a name says.

    Args:
        lang: its language.
        name: the name of an attribute.
        named: starter concepts that it names.
    """
    concepts = list(named)
    by_kind = next((one.id for one in concepts if one.id in NAMED_KINDS), "")
    if by_kind:
        return Attribute(NAMED_KINDS[by_kind], named=by_kind)
    finds = _lexicon(lang).find(name, _says)
    found = [_families()[find.meanings[0].concept.id] for find in finds]
    own = [one for one in found if not one.whole]
    domains = {one.domain for one in concepts if one.kind == _OF_A_FIELD and one.domain not in _SPREAD_DOMAINS}
    domains = domains.union(*(one.domains for one in own))
    if domains:
        return Attribute(frozenset().union(*(one.kinds for one in own)), frozenset(domains))
    if not found or not _is_all(lang, name, finds):
        return NO_NAME
    precise = [one for one in found if one.domains]
    return Attribute(
        frozenset().union(*(one.kinds for one in precise or found)),
        frozenset().union(*(one.domains for one in precise)),
        open=not precise,
    )


def is_homonym(lang: str, surface: str) -> bool:
    """Whether a word is one of ``homonyms.csv``, in any form."""
    text = surface.strip()
    return any(find.whole and text == surface[find.start : find.end] for find in _homonyms(lang).find(surface, _says))


def _says(concept: Concept) -> Concept:
    return concept


def _is_all(lang: str, name: str, finds: Collection[Find]) -> bool:
    """Whether nothing else stands in a name: "Type of part", not "Body part"."""
    if language(lang).words != "spaces":
        covered = sum(sum(map(str.isalnum, name[find.start : find.end])) for find in finds)
        return covered == sum(map(str.isalnum, name))
    left = (word for word in words(lang, name) if not any(find.start <= word.start < find.end for find in finds))
    return all(word.folded in STOP_WORDS[lang] for word in left)


@dataclass(frozen=True, slots=True)
class _Family:
    """A row of ``families.csv``."""

    kinds: frozenset[str]
    domains: frozenset[str]
    whole: bool
    terms: Mapping[str, tuple[str, ...]]


@cache
def _families() -> dict[str, _Family]:
    return {
        row["family"]: _Family(
            frozenset(row["kinds"].split()),
            frozenset(row["domains"].split()),
            row["whole"] == "yes",
            {code: tuple(row[code].split("|")) for code in CODES},
        )
        for row in _rows("families.csv")
    }


@cache
def _lexicon(lang: str) -> Lexicon:
    named = {name: family.terms[lang] for name, family in _families().items()}
    return _lexicon_of(lang, named)


@cache
def _homonyms(lang: str) -> Lexicon:
    listed = {row["language"]: tuple(row["words"].split()) for row in _rows("homonyms.csv")}
    return _lexicon_of(lang, {"homonym": listed[lang]})


def _lexicon_of(lang: str, terms: Mapping[str, tuple[str, ...]]) -> Lexicon:
    kind = WordLexicon if language(lang).words == "spaces" else CharacterLexicon
    return kind(lang, [Concept(name, "feature", "", {lang: said}) for name, said in terms.items()])


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(line for line in file if not line.startswith("#"))
