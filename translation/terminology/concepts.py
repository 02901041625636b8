"""Concepts: things of trade and what they are called in each language, with the rules for those names.

The starter terms are read-only package data (``translation/terms/*.csv``, one file a field of trade). What the
operator and the suppliers add lies in layers over them, and a higher layer wins language by language.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cache, cached_property, lru_cache
from pathlib import Path

from catalog.errors import UsageError
from catalog.languages import CODES
from catalog.model import CATEGORY_SEPARATOR
from translation.collector import kept_for_good
from translation.model import digest

KINDS = (
    "product",
    "part",
    "material",
    "colour",
    "property",
    "feature",
    "packaging",
    "certificate",
    "process",
    "use",
)

THINGS = frozenset({"feature", "packaging", "part", "product", "use"})
"""Kinds of concepts that an attribute's value seldom is: "tight" is no pair of tights, "spring" a season."""

_TERMS_FOLDER = Path(__file__).parent.parent / "terms"
_HEADER = ["concept", "kind", *CODES]


class Layer(IntEnum):
    """Whose term it is; the smaller wins."""

    SUPPLIER = 0
    INSTALLATION = 1
    STARTER = 2


@dataclass(frozen=True)
class Concept:
    """One thing of trade and what it is called.

    Attributes:
        id: stable slug, unique in its layer. The same id in a higher layer says of the same thing what is different.
        kind: one of :data:`KINDS`; a ``product`` is the head noun of a title.
        domain: field of trade; for starter terms the name of their file.
        terms: for each language that the concept has, the term that a translation uses first, then other terms that
            mean the same.
        layer: whose concept it is.
        categories: it holds only for products whose category path contains one of these; empty: for all.
        forbidden: for a language the terms that no translation may use for it.
        binding: languages whose first term is *preferred*: a translation has to use an accepted term there. Elsewhere
            terms are an offer.
        kept: whether its terms are names that stay as they are written in every language.
    """

    id: str
    kind: str
    domain: str
    terms: Mapping[str, tuple[str, ...]]
    layer: Layer = Layer.STARTER
    categories: tuple[str, ...] = ()
    forbidden: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    binding: frozenset[str] = frozenset()
    kept: bool = False

    def preferred(self, lang: str) -> str:
        """Return the term that a translation into ``lang`` uses.

        Raises:
            KeyError: the concept has no term in ``lang``; the termbase within a target gives no such concept.
        """
        return self.terms[lang][0]

    @cached_property
    def digest(self) -> str:
        """Digest of everything in the concept."""
        return digest(
            *(self.id, self.kind, self.domain, str(int(self.layer)), "|".join(self.categories), str(self.kept)),
            *(f"{code} {'|'.join(self.terms.get(code, ()))}" for code in CODES),
            *(f"{code} {'|'.join(self.forbidden.get(code, ()))}" for code in CODES),
            *sorted(self.binding),
        )

    def digest_in(self, target: str) -> str:
        """Return the digest of all that a translation into ``target`` made with this concept depends on."""
        return digest(self.id, self.kind, self.domain, *self.terms.get(target, ()))

    def over(self, lower: "Concept") -> "Concept":
        """Return what this concept and the same one of a lower layer say together.

        In a language where this one has terms, the lower one's are no longer accepted; what either forbids, neither
        offers.
        """
        forbidden = _joined(self.forbidden, lower.forbidden)
        left = {
            code: tuple(term for term in found if term.casefold() not in _casefolded(forbidden.get(code, ())))
            for code, found in {**lower.terms, **self.terms}.items()
        }
        terms = {code: found for code, found in left.items() if found}
        binding = self.binding | {code for code in lower.binding if code not in self.terms and code in terms}
        return replace(self, terms=terms, forbidden=forbidden, binding=frozenset(binding))

    @property
    def is_ban(self) -> bool:
        """Whether it only forbids words."""
        return not self.terms and bool(self.forbidden)


def _casefolded(terms: Iterable[str]) -> set[str]:
    return {term.casefold() for term in terms}


def _joined(one: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {code: tuple(dict.fromkeys((*one.get(code, ()), *other.get(code, ())))) for code in {**one, **other}}


def together(stack: Iterable[Concept]) -> Concept:
    """Return what the concepts of one id say together, the highest layer first."""
    highest, *lower = stack
    for one in lower:
        highest = highest.over(one)
    return highest


def is_in(path: str, category: str) -> bool:
    """Whether a category path has a category, or several levels "A > B" one after the other, among its levels."""
    levels, wanted = _levels(path), _levels(category)
    return any(levels[at : at + len(wanted)] == wanted for at in range(len(levels) - len(wanted) + 1))


@lru_cache(maxsize=10_000)
def _levels(path: str) -> list[str]:
    return [" ".join(level.casefold().split()) for level in path.split(CATEGORY_SEPARATOR.strip())]


@cache
def starter_concepts() -> tuple[Concept, ...]:
    """Read the starter terms of the package, once a process.

    Raises:
        UsageError: a file is damaged; names file, line and what is wrong.
    """
    with kept_for_good():
        return tuple(concept for path in sorted(_TERMS_FOLDER.glob("*.csv")) for concept in read_terms(path))


def read_terms(path: Path) -> Iterator[Concept]:
    """Read one file of starter terms.

    Raises:
        UsageError: the file is damaged; names file, line and what is wrong.
    """
    with path.open(encoding="utf-8", newline="") as file:
        lines = [(number, line) for number, line in enumerate(file, 1) if not line.startswith("#")]
    rows = csv.reader(line for _, line in lines)
    if next(rows, None) != _HEADER:
        raise UsageError(f"{path.name}: the header row must be {','.join(_HEADER)}")
    for row in rows:
        number = lines[rows.line_num - 1][0]
        if len(row) != len(_HEADER) or not all(row):
            raise UsageError(f"{path.name}, line {number}: {len(_HEADER)} filled cells are needed, found {row}")
        concept, kind, *cells = row
        if kind not in KINDS:
            raise UsageError(f"{path.name}, line {number}: kind {kind!r} is not one of {', '.join(KINDS)}")
        terms = {code: tuple(cell.split("|")) for code, cell in zip(CODES, cells, strict=True)}
        yield Concept(concept, kind, path.stem, terms)
