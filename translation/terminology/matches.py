"""Which of the things that found words may mean is meant."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from translation.model import digest
from translation.terminology.concepts import Concept, Layer
from translation.terminology.lexicons import Find, Meaning

KINDS_UNDER = {
    "colour": frozenset({"colour"}),
    "material": frozenset({"material"}),
    "pattern": frozenset({"property", "feature"}),
    "size": frozenset({"property", "feature"}),
}
"""What an attribute of this name has for its value."""

_NO_PRODUCTS_UNDER = frozenset({"colour", "pattern", "size"})
"""Names under which nothing stands that is sold: 茶 under 色 is brown, not tea. A material may be paper or glue."""


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A term found in a text.

    Attributes:
        concept: what it means.
        start: offset of its first character.
        end: offset after its last character.
        whole: whether the match is a whole word or phrase, not a part of a compound.
        exact: whether the text has the term itself, not another form of it.
        regular: whether the text has the term itself or its other number or gender, not a looser form.
        rivals: other concepts that the same words may mean.
    """

    concept: Concept
    start: int
    end: int
    whole: bool = True
    exact: bool = True
    regular: bool = True
    rivals: tuple[Concept, ...] = ()

    def is_sure(self, target: str) -> bool:
        """Whether there is one translation into ``target``: every meaning that the words may have has the same."""
        said = self.concept.preferred(target)
        return self.regular and all(rival.preferred(target) == said for rival in self.rivals)

    def digest(self, target: str) -> str:
        """Return the digest of all that a translation into ``target`` depends on in this match."""
        place = f"{self.start} {self.end} {self.whole} {self.exact} {self.regular}"
        return digest(place, *(one.digest_in(target) for one in (self.concept, *self.rivals)))


def decided(finds: Sequence[Find], attribute: str) -> list[TermMatch]:
    """Choose what every find means: by the kind wanted, the layer, the form, the preferred term, the other terms.

    Args:
        finds: from a lexicon, left to right.
        attribute: of a value of an attribute, the one of :data:`KINDS_UNDER` that its name means; else empty.
    """
    sure = [find.meanings[0].concept.domain for find in finds if len(find.meanings) == 1]
    fields = Counter(sure)
    matches = []
    for find in finds:
        meanings = _highest(_under(attribute, find.meanings))
        if not meanings:
            continue
        best = min(meanings, key=lambda one: (not one.exact, not one.preferred, -fields[one.concept.domain]))
        rivals = tuple(one.concept for one in meanings if one is not best)
        matches.append(TermMatch(best.concept, find.start, find.end, find.whole, best.exact, best.regular, rivals))
    return matches


def _under(attribute: str, meanings: Sequence[Meaning]) -> Sequence[Meaning]:
    wanted = [one for one in meanings if one.concept.kind in KINDS_UNDER.get(attribute, ())]
    if wanted or attribute not in _NO_PRODUCTS_UNDER:
        return wanted or meanings
    # What someone set by hand needs no kind.
    return [one for one in meanings if one.concept.kind != "product" or one.concept.layer is not Layer.STARTER]


def _highest(meanings: Sequence[Meaning]) -> Sequence[Meaning]:
    """Keep the meanings of the highest layer that has any: a supplier's word is not a rival of the starter's."""
    layer = min((one.concept.layer for one in meanings), default=None)
    return [one for one in meanings if one.concept.layer is layer]
