"""Which of the things that found words may mean is meant."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from translation.model import digest
from translation.terminology.concepts import Concept, Layer
from translation.terminology.lexicons import Find, Meaning
from translation.terminology.support import Attribute


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


def decided(finds: Sequence[Find], attribute: Attribute) -> list[TermMatch]:
    """Choose what every find means: by the kind wanted, the layer, the form, the preferred term, the other terms.

    Args:
        finds: from a lexicon, left to right.
        attribute: what the name says under which the text stands.
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


def _under(attribute: Attribute, meanings: Sequence[Meaning]) -> Sequence[Meaning]:
    wanted = [one for one in meanings if attribute.wants(one.concept)]
    # What someone set by hand needs no field, and under a colour no kind.
    if wanted and not attribute.named:
        return [one for one in meanings if one in wanted or one.concept.layer is not Layer.STARTER]
    if wanted or not attribute.excludes_products:
        return wanted or meanings
    return [one for one in meanings if one.concept.kind != "product" or one.concept.layer is not Layer.STARTER]


def _highest(meanings: Sequence[Meaning]) -> Sequence[Meaning]:
    """Keep the meanings of the highest layer that has any: a supplier's word is not a rival of the starter's."""
    layer = min((one.concept.layer for one in meanings), default=None)
    return [one for one in meanings if one.concept.layer is layer]
