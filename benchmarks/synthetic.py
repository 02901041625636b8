"""Products made of the starter terms: every title differs, and reads as a supplier writes it."""

import csv
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from translation.terminology.termbase import starter_concepts

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
        changed: share of the rows whose title and price are other than without it; the same seed names the rest alike.
        descriptions: whether each has a description of two sentences.
    """
    words = Vocabulary()
    other = random.Random(seed + 1_000_003)
    for place in range(number):
        chance = random.Random(f"{seed} {place}")
        is_changed = other.random() < changed
        noun, colour, material = (
            chance.choice(words.nouns),
            chance.choice(words.colours),
            chance.choice(words.materials),
        )
        size = 2 * place + 11 + is_changed
        title = f"{colour} {noun} of {material} {size} mm".capitalize()
        price = chance.randrange(100, 99_999) + is_changed
        said = f"A {noun} for every day, {size} mm long. It is made of {material}." if descriptions else ""
        yield f"S-{place:07}", title, noun, material, f"{price / 100:.2f}", "EUR", said


def write(path: Path, catalog: Iterator[Row] | Sequence[Row]) -> None:
    """Write a catalog as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(catalog)
