"""Attributes of a product, from wherever a row holds them: columns of their own, pairs of columns, lists in a cell."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from catalog.columns.fields import Field, header_names, squash
from catalog.columns.headers import split_words
from catalog.columns.mapping import Target
from catalog.model import Attribute, slug
from catalog.rows.splitting import read_choices, read_pairs, unescape_commas
from catalog.rows.understanding import Cells
from catalog.values.markup import clean_text
from catalog.values.numbers import is_placeholder, with_unit
from catalog.values.units import written_unit

_NO_OPTION = "Default Title"
"""What Shopify writes where a product has no options."""

_ZERO = re.compile(r"\s*[0０]+(?:[.,]0+)?(?:\s*[^\W\d_]{1,3})?\s*")

_IDENTITY = frozenset({Field.BRAND, Field.MANUFACTURER, Field.GTIN, Field.MPN})
"""Fields that some shops send as attributes among others."""


@dataclass(frozen=True, slots=True)
class _Found:
    """One attribute: ``place`` tells which pair of columns it is from, where other languages have the same pair."""

    name: str
    value: str
    lang: str | None
    option: bool = False
    place: tuple[int | None, int] | None = None


@dataclass(slots=True)
class CollectedAttributes:
    """The attributes of a row, identifying ones set apart."""

    found: list[_Found] = field(default_factory=list)
    identity: dict[Field, list[str]] = field(default_factory=dict)
    names: list[tuple[str, str, str]] = field(default_factory=list)
    """Names that an attribute has in other languages: the attribute, the language, the name."""

    def values(self, kind: Field) -> list[str]:
        """Return the values of an identifying field that came as an attribute."""
        return self.identity.get(kind, [])

    def value_of(self, name: str) -> str | None:
        """Return the first value of an attribute by its name, in any language."""
        return next((found.value for found in self.found if found.name.casefold() == name.casefold()), None)

    def option_names(self) -> frozenset[str]:
        """Return the names of the attributes that tell variants apart."""
        return frozenset(found.name.casefold() for found in self.found if found.option)

    def add_options(self, options: Iterable[tuple[str, str]]) -> None:
        """Add options that another row gives; what the row says itself stays."""
        for name, value in options:
            words = _understand(name)[0]
            before = self.value_of(words)
            self.found = [
                replace(found, option=True) if found.name.casefold() == words.casefold() else found
                for found in self.found
            ]
            if before is None:
                self.found.append(_Found(words, value, None, True))

    def finish(self, lang: str, *, exclude: str) -> tuple[tuple[Attribute, ...], list[tuple[str, str, str]]]:
        """Return the attributes in a language, and the values given in others as ``(field, lang, text)``.

        Args:
            lang: the product's language; attributes without one are in it.
            exclude: a value that says nothing new (the title).
        """
        own: dict[str, Attribute] = {}
        own_langs: dict[str, str | None] = {}
        for found in self.found:
            if found.lang not in (None, lang) or found.value == exclude:
                continue
            key = _key(found.name, own)
            before = own.get(key)
            if before is None or (found.lang == lang and own_langs[key] is None):
                own[key] = Attribute(key, found.name, found.value)
            elif found.value not in before.value.split(", "):
                own[key] = Attribute(key, before.name, f"{before.value}, {found.value}")
            own_langs[key] = found.lang
        given: dict[tuple[str, str], str] = {}
        counterparts = self._counterparts(lang, own)
        for found in self.found:
            if found.lang in (None, lang):
                continue
            key, code = _slug(found.name), str(found.lang)
            if key not in own and found.place in counterparts:
                key = counterparts[found.place]
                given.setdefault((f"attributes.{key}.name", code), found.name)
            if key in own:
                given.setdefault((f"attributes.{key}.value", code), found.value)
        for name, code, text in self.names:
            key = _slug(name)
            if key in own and code != lang and text != own[key].name:
                given.setdefault((f"attributes.{key}.name", code), text)
        return tuple(own.values()), [(name, code, text) for (name, code), text in given.items()]

    def _counterparts(self, lang: str, own: dict[str, Attribute]) -> dict[tuple[int | None, int] | None, str]:
        """Return, by the place of a pair of columns, the key of what stands there in the product's own language."""
        placed = [found for found in self.found if found.place is not None and found.lang in (None, lang)]
        # Where pairs name the product's language, those without one are a list of their own.
        spoken = [found for found in placed if found.lang == lang] or placed
        return {found.place: key for found in spoken if (key := _slug(found.name)) in own}


def collect_attributes(cells: Cells) -> CollectedAttributes:
    """Gather the attributes of a row from all its cells."""
    collected = CollectedAttributes()
    units = {target.folder: written_unit(value) for target, _, value in cells.get(Field.ATTRIBUTE_UNIT, ())}
    for target, _, value in cells.get(Field.ATTRIBUTE, ()):
        if target.measure and _ZERO.fullmatch(value):  # what shops send for a size that nobody has set
            continue
        text = with_unit(clean_text(value), target.unit or (units.get(target.folder) if target.folder else None))
        _add(collected, target.name, text, target.lang, target.option)
    for name, value, target, place in _pairs_of_columns(cells):
        _add(collected, name, unescape_commas(clean_text(value)), target.lang, target.option, place)
    for target, _, value in cells.get(Field.ATTRIBUTE_NAME, ()):
        if target.folder and target.lang:
            collected.names.append((target.folder, target.lang, clean_text(value)))
    for target, _, value in cells.get(Field.ATTRIBUTES, ()):
        for name, text in read_choices(value) or read_pairs(value):
            _add(collected, name, text, target.lang)
    return collected


def _add(
    collected: CollectedAttributes,
    name: str,
    value: str,
    lang: str | None,
    option: bool = False,
    place: tuple[int | None, int] | None = None,
) -> None:
    if not value or is_placeholder(value) or value == _NO_OPTION:
        return
    words, kind = _understand(name)
    if kind in _IDENTITY:
        collected.identity.setdefault(kind, []).append(value)
    elif kind is not Field.IGNORED:
        collected.found.append(_Found(words, value, lang, option, place))


@lru_cache(maxsize=4096)
def _understand(name: str) -> tuple[str, Field]:
    """Return a name as words, and the field that it names; a catalog has few names and many values."""
    named = header_names().find(squash(name))
    return split_words(clean_text(name)), named.field if named else Field.ATTRIBUTE


def _pairs_of_columns(cells: Cells) -> Iterator[tuple[str, str, Target, tuple[int | None, int]]]:
    """Numbered pairs by their number and language; repeated ones in their order. The last is the place of the pair."""
    names: dict[tuple[int | None, str | None], list[str]] = {}
    for target, _, value in cells.get(Field.ATTRIBUTE_NAME, ()):
        if not target.folder:
            names.setdefault(_place(target), []).append(value)
    taken: dict[tuple[int | None, str | None], int] = {}
    for target, _, value in cells.get(Field.ATTRIBUTE_VALUE, ()):
        place = _place(target)
        listed = names.get(place) or names.get((target.number, None)) or []
        index = taken.get(place, 0)
        taken[place] = index + 1
        if index < len(listed):
            yield listed[index], value, target, (target.number, index)


def _place(target: Target) -> tuple[int | None, str | None]:
    return target.number, target.lang


_slug = lru_cache(maxsize=4096)(slug)


def _key(name: str, own: dict[str, Attribute]) -> str:
    """Return the slug of a name; another name with the same slug gets a number."""
    base = _slug(name)
    key, number = base, 1
    while key in own and own[key].name.casefold() != name.casefold():
        number += 1
        key = f"{base}-{number}"
    return key
