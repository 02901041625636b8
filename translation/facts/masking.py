"""Facts locked before an engine sees a text, and put back into its answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from translation import units
from translation.facts.brands import Names, names
from translation.facts.finding import find
from translation.facts.model import Fact, half_width
from translation.facts.rendering import render
from translation.numerals import manner_of


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with its facts locked.

    Attributes:
        text: the text with placeholders.
        facts: what each placeholder stands for, by its number.
        lang: language of the text.
        source: the text itself; it says how its numbers are written and what stood beside a fact.
        cased: ``text`` with the capitals of the source, where the chain writes words of ``text`` small.
    """

    text: str
    facts: tuple[Fact, ...]
    lang: str
    source: str
    cased: str

    def restore(self, translated: str, target: str) -> str | None:
        """Put the facts back, written as ``target`` writes them; ``None`` when one is lost, doubled or invented.

        Engines drop the space between placeholders that stand side by side ("8 GBDDR4"); it is put back. What comes
        back as it went is the source.
        """
        found = [int(number) for number in _PLACEHOLDER.findall(translated)]
        if sorted(found) != list(range(len(self.facts))):
            return None
        if translated == self.text:
            translated = self.cased
        manner = manner_of(self.lang, half_width(self.source))
        made = ""
        at = 0
        for match in _PLACEHOLDER.finditer(translated):
            fact = self.facts[int(match[1])]
            made += translated[at : match.start()]
            at = match.end()
            if fact.kind == "variant":
                made, at = _attached(made, fact, translated, at)
                continue
            if fact.kind == "tag" and fact.surface[0] == "<":
                made, at = _as_close(made, at, translated, fact, self.source)
            before, after = self.source[fact.start - 1 : fact.start], self.source[fact.end : fact.end + 1]
            surface = render(fact, manner, target)
            made += " " * _space_is_missing(made[-2:], surface[:1], before) + surface
            first = translated[at : at + 1]
            closes = surface.startswith("</") and after == " "
            made += " " * (_spaced(first) if closes else _run_together(surface[-1:], first, after))
        return made + translated[at:]

    @property
    def has_words(self) -> bool:
        """Whether anything is left that a translator could translate."""
        rest = _SIZE.sub("", _PLACEHOLDER.sub(" ", self.text))
        return any(character.isalpha() for character in rest) and not _is_unit(rest.strip())


_PLACEHOLDER = re.compile(r"\[\s?(\d{1,4})\s?\]")
_PAUSES = frozenset({",", ";", ":"})
_DASHES = frozenset({" -", " –"})

# Clothing sizes and kinds of current are written alike everywhere: "S/M, L/XL", "DC 5V", "2x".
_SIZE = re.compile(r"(?<![^\W_])(?:X{0,4}[SL]|\d?XL|M|AC|DC|ac|dc)(?![^\W_])|(?<![^\W\d_])[x×](?![^\W_])")


def _attached(made: str, fact: Fact, translated: str, at: int) -> tuple[str, int]:
    """Put a size between hyphens where its placeholder stood, without the spaces that set it apart."""
    made = made.removesuffix(" ")
    if translated[at : at + 1] == " ":
        at += 1
    if made and at < len(translated):
        return made + fact.surface, at
    size = fact.surface.strip(" -")
    return (f"{made} {size}" if made else f"{size} "), at


def _as_close(made: str, at: int, translated: str, tag: Fact, source: str) -> tuple[str, int]:
    """Take a space away that an engine wrote between a tag and its words; it stands outside, as in the source."""
    if tag.surface[1] == "/":
        if made.endswith(" ") and not source[tag.start - 1 : tag.start].isspace():
            made = made.removesuffix(" ")
    elif translated[at : at + 1] == " " and source[tag.end : tag.end + 1].strip():
        made += " " * _spaced(made[-1:])
        at += 1
    elif source[tag.start - 1 : tag.start] == " ":
        made += " " * _spaced(made[-1:])
    return made, at


def _space_is_missing(last: str, first: str, before: str) -> bool:
    """Whether a fact would stand against what is before it, and did not in the source.

    Args:
        last: the two characters before it.
        first: its first character.
        before: what stood before it in the source.
    """
    if before == " " and (last[-1:] in _PAUSES or last in _DASHES):
        return first.isalnum()
    return _run_together(last[-1:], first, before)


def _run_together(one: str, other: str, beside: str) -> bool:
    """Whether the characters on both sides of a seam make one word, and those of the source did not."""
    return _spaced(one) and _spaced(other) and not _spaced(beside)


def _spaced(character: str) -> bool:
    """Whether a character belongs to words that are divided by spaces."""
    return (
        bool(character)
        and character.isalnum()
        and not "\u3040" <= character <= "\u9fff"
        and not "가" <= character <= "힣"
    )


def _is_unit(text: str) -> bool:
    """Whether a text is only the symbol of a unit: "mm", "kg", "°C"; "min" and "bar" may be words."""
    plain = len(text) == 2 or not text.isalpha() or not text.islower()
    return plain and bool(text) and units.is_universal(text)


def mask(
    lang: str,
    text: str,
    brands: Sequence[str] = (),
    *,
    every_number: bool = False,
    lacking: frozenset[str] = frozenset(),
) -> Masked:
    """Lock the facts of a text.

    Args:
        lang: its language.
        text: any text.
        brands: names that must not be translated.
        every_number: lock whole numbers too; the second try, when an engine changed one.
        lacking: characters that the engines can't write; what holds one is locked.
    """
    return _mask(lang, text, names(brands), every_number, lacking)


@lru_cache(maxsize=4_096)  # asked for by the chain and, if nothing is lacking, by its first attempt again
def _mask(lang: str, text: str, brands: Names, every_number: bool, lacking: frozenset[str]) -> Masked:
    found = find(text, brands, lang, lacking)
    locked = [
        fact for fact in found if every_number or not _stays_visible(fact) or not lacking.isdisjoint(fact.surface)
    ]
    pieces: list[str] = []
    at = 0
    for number, fact in enumerate(locked):
        pieces += (text[at : fact.start], f" [{number}] " if fact.kind == "variant" else f"[{number}]")
        at = fact.end
    pieces.append(text[at:])
    cased = "".join(pieces)
    return Masked(cased, tuple(locked), lang, text, cased)


def _stays_visible(fact: Fact) -> bool:
    # Digits of another script are locked, so that they come back in those of the target.
    return fact.kind == "number" and fact.surface.isdecimal() and fact.surface.isascii() and len(fact.surface) <= 4
