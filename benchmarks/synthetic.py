"""Products made of the starter terms: every title differs, and reads as a supplier writes it."""

import csv
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from catalog.languages import CODES
from catalog.model import Attribute, Price, Product
from translation.terminology.termbase import Concept, starter_concepts

COLUMNS = ("sku", "title", "category", "material", "price", "currency", "description")

Row = tuple[str, ...]


class Vocabulary:
    """Words by what they are, in one language."""

    def __init__(self, lang: str = "en") -> None:
        by_kind: dict[str, list[str]] = {}
        for one in starter_concepts():
            by_kind.setdefault(one.kind, []).append(one.terms[lang][0])
        self.nouns = by_kind["product"]
        self.colours = by_kind["colour"]
        self.materials = by_kind["material"]


def rows(number: int, *, seed: int = 1, changed: float = 0.0, descriptions: bool = False) -> Iterator[Row]:
    """Yield the rows of a catalog.

    Args:
        number: how many.
        seed: another one gives other products.
        changed: share of the rows that differ from those without it: half of them have another title and price, a
            quarter is gone, and a quarter is new beside the rest.
        descriptions: whether each has a description of two sentences.
    """
    words = Vocabulary()
    other = random.Random(seed + 1_000_003)
    for place in range(number):
        chance = other.random()
        is_gone, is_new = chance < changed / 4, changed / 4 <= chance < changed / 2
        if not is_gone:
            yield _row(words, seed, place, is_changed=changed / 2 <= chance < changed, descriptions=descriptions)
        if is_new:
            yield _row(words, seed, number + place, is_changed=False, descriptions=descriptions)


def _row(words: Vocabulary, seed: int, place: int, *, is_changed: bool, descriptions: bool) -> Row:
    chance = random.Random(f"{seed} {place}")
    noun, colour, material = (
        chance.choice(words.nouns),
        chance.choice(words.colours),
        chance.choice(words.materials),
    )
    size = 2 * place + 11 + is_changed
    title = f"{colour} {noun} of {material} {size} mm".capitalize()
    price = chance.randrange(100, 99_999) + is_changed
    said = f"A {noun} for every day, {size} mm long. It is made of {material}." if descriptions else ""
    return f"S-{place:07}", title, noun, material, f"{price / 100:.2f}", "EUR", said


def write(path: Path, catalog: Iterable[Row]) -> None:
    """Write a catalog as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(catalog)


# -- a market in all languages ----------------------------------------------------------------------------------------

_UNITS = ("mm", "cm", "kg", "V", "W")
_SYLLABLES = ("bo", "ka", "lin", "mar", "nex", "or", "ri", "sol", "ta", "ver", "zen", "dur")
_TOLD = 10
"""Terms that a description has beside the product's own."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a product is made of; it can be written in any language."""

    place: int
    version: int
    lang: str
    brand: str
    code: str
    noun: Concept
    colour: Concept
    material: Concept
    told: tuple[Concept, ...]
    size: int
    unit: str
    cents: int


class Market:
    """Products of fifteen suppliers, each of whom writes another language, and their texts in all of them.

    A text is terms one after the other, without grammar: words that each language's analyzer knows, with brands,
    numbers and codes between them.

    Args:
        seed: another one gives other products.
    """

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        concepts = starter_concepts()
        self._kinds: dict[str, list[Concept]] = {}
        for one in concepts:
            self._kinds.setdefault(one.kind, []).append(one)
        self._named = {one.id: one for one in concepts}
        self._wide = {one.domain: one for one in reversed(self._kinds["product"])}
        self._said = [one for kind in ("property", "part", "feature", "packaging") for one in self._kinds[kind]]

    def choose(self, place: int, version: int = 0) -> Choice:
        """Return the product of a place; another version has another title and price."""
        chance = random.Random(f"{self._seed} {place}")
        return Choice(
            place,
            version,
            CODES[place % len(CODES)],
            "".join(chance.choices(_SYLLABLES, k=3)).capitalize(),
            f"{chance.choice('ABCDEFGHKLMNPRSTUVWXYZ')}{chance.choice('BDKMRTX')}-{place:06}",
            chance.choice(self._kinds["product"]),
            chance.choice(self._kinds["colour"]),
            chance.choice(self._kinds["material"]),
            tuple(chance.choices(self._said, k=_TOLD)),
            chance.randrange(2, 400) + version,
            chance.choice(_UNITS),
            chance.randrange(100, 99_999) + version,
        )

    def write(self, chosen: Choice, lang: str | None = None) -> Product:
        """Return a product as its supplier would write it in a language, by default in its own."""
        code = lang or chosen.lang

        def name(concept: Concept) -> str:
            return concept.preferred(code)

        size = f"{chosen.size} {chosen.unit}"
        noun, colour, material = name(chosen.noun), name(chosen.colour), name(chosen.material)
        first, second = (" ".join(map(name, part)) for part in (chosen.told[:5], chosen.told[5:]))
        values = (("colour", colour), ("material", material), ("size", size))
        return Product(
            supplier=f"market-{chosen.lang}",
            sku=chosen.code,
            lang=chosen.lang,
            title=f"{chosen.brand} {noun} {colour} {material} {size} {chosen.code}",
            description=f"<p>{noun}: {first}, {size}.</p><p>{material}, {second}.</p>",
            brand=chosen.brand,
            category=(name(self._wide[chosen.noun.domain]), noun),
            attributes=tuple(Attribute(key, name(self._named[key]), value) for key, value in values),
            prices=(Price(Decimal(chosen.cents) / 100, "EUR"),),
            mpn=chosen.code,
            images=(f"https://images.example/{chosen.code}.jpg",),
            url=f"https://shop.example/{chosen.code}",
            country="DE",
        )
