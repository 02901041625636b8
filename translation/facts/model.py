"""What a fact is."""

import re
from typing import Literal, NamedTuple

FactKind = Literal[
    "tag", "link", "bracket", "brand", "date", "measure", "code", "number", "name", "variant", "sign", "designation"
]


class Fact(NamedTuple):
    """One fact of a text. A tuple, because there are so many: it is made in a third of the time of a dataclass.

    Attributes:
        kind: what sort of fact it is. A ``name`` is a word that no model of the language can spell (another script,
            foreign letters) or a trade mark (``GeForce®``). A ``variant`` is a size between hyphens, as shops write it
            behind a title: ``-XL-`` in "Yoga Jacket-XL-Blue". A ``designation`` is a class or size of letters: ``A++``,
            the S of "size S".
        start: offset of its first character.
        end: offset after its last character.
        surface: the text between them.
    """

    kind: FactKind
    start: int
    end: int
    surface: str


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

_ANY_FULL_WIDTH = re.compile("[\uff01-\uff5e\u3000]")


def half_width(text: str) -> str:
    """Write full-width letters, digits and signs as half-width ones, character for character."""
    return text.translate(_FULL_WIDTH) if _ANY_FULL_WIDTH.search(text) else text
