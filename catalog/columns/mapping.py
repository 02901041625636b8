"""Which column of a file is which field of a product.

:func:`catalog.columns.matching.map_columns` finds a mapping; a person may write one in TOML, which wins column by
column::

    decimal = ","              # the decimal mark of the file's numbers, where the file proves none

    [columns]
    "Bezeichnung 2" = "title"
    "Info FR" = "description_fr"   # a text in another language
    "Maß" = "attribute"            # or "attributes.Breite" for a better name
    "intern" = "ignored"

    [constants]                # for every product that has none of its own
    brand = "Fixorit"
    currency = "EUR"
    country = "DE"
"""

import hashlib
import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from catalog.columns.fields import TEXT_FIELDS, Field, squash
from catalog.columns.profiles import RecognisedProfile
from catalog.errors import UnknownValueError, UsageError
from catalog.languages import CODES
from catalog.model import slug
from catalog.options import check_currency
from catalog.values.numbers import DecimalMark

CONSTANTS = ("brand", "currency", "country")
_TRANSLATABLE = TEXT_FIELDS | {Field.ATTRIBUTE}


@dataclass(frozen=True, slots=True)
class Target:
    """What one column means.

    Attributes:
        field: the field.
        rank: 0 is the clearest name for the field; decides between columns of one field.
        lang: language of the column's texts where its header says one.
        name: an attribute's name.
        unit: unit that joins values which are bare numbers.
        currency: ISO code for amounts that name none.
        number: the column's number among its kind.
        folder: the object that holds a nested attribute.
        confidence: 0 to 1.
        by: what decided.
        option: the column tells variants apart (size, colour).
        variant: the column belongs to the variants that a record holds (``variants.sku``).
        pieces: the prices are for so many pieces (``Preis pro 100``).
        measure: the attribute is a length or weight, of which zero says nothing.
    """

    field: Field
    rank: int = 0
    lang: str | None = None
    name: str = ""
    unit: str | None = None
    currency: str | None = None
    number: int | None = None
    folder: str = ""
    confidence: float = 1.0
    by: Literal["hand", "profile", "header", "values"] = "header"
    option: bool = False
    variant: bool = False
    pieces: int = 1
    measure: bool = False

    def __str__(self) -> str:
        """The name in reports and in mappings by hand: ``title``, ``title_de``, ``attributes.gewicht``."""
        name = f"attributes.{slug(self.name)}" if self.field is Field.ATTRIBUTE else self.field.value
        return f"{name}_{self.lang}" if self.lang else name


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the supplier should know about a whole column."""

    column: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """All columns of a file.

    Attributes:
        targets: what each column means that is used.
        ignored: columns that are not used, in the order of the file.
        notices: what is unsure, or left out column by column.
        constants: values for products that have none of their own.
        decimal: decimal mark given by hand.
        profile: the known source that the header row is signed by, or ``None``.
    """

    targets: MappingType[str, Target]
    ignored: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    constants: MappingType[str, str] = field(default_factory=dict)
    decimal: DecimalMark | None = None
    profile: RecognisedProfile | None = None

    def columns(self, *fields: Field, lang: str | None = None) -> list[str]:
        """Return the columns of some fields, the clearest first; with ``lang`` those of that language only."""
        found = [
            (target.rank, place, column)
            for place, (column, target) in enumerate(self.targets.items())
            if target.field in fields and (lang is None or target.lang == lang)
        ]
        return [column for _, _, column in sorted(found)]

    @property
    def confidences(self) -> dict[str, float]:
        """How sure each column's meaning is, 0 to 1."""
        return {column: target.confidence for column, target in self.targets.items()}

    def as_report(self) -> dict[str, str]:
        """``mapping`` of the import report."""
        return {column: str(target) for column, target in self.targets.items()}


@dataclass(frozen=True, slots=True)
class HandMapping:
    """A mapping that a person wrote.

    Attributes:
        columns: column to target.
        constants: values for products that have none of their own.
        decimal: decimal mark of the file's numbers.
        body: the TOML text, as it is saved.
    """

    columns: MappingType[str, Target]
    constants: MappingType[str, str]
    decimal: DecimalMark | None
    body: str


def header_fingerprint(columns: Iterable[str]) -> str:
    """Return what two files with the same header row have in common (64 hex digits)."""
    return hashlib.sha256("\x1f".join(squash(column) or column for column in columns).encode()).hexdigest()


def read_mapping(path: Path) -> HandMapping:
    """Read a mapping by hand.

    Raises:
        UsageError: the file can't be read, is no TOML, or names a field or key that does not exist.
    """
    try:
        body = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"mapping file {path}: can't be read as UTF-8 text ({exc})") from exc
    return parse_mapping(body, str(path))


def parse_mapping(body: str, where: str) -> HandMapping:
    """Parse the TOML of a mapping by hand; ``where`` names it in errors.

    Raises:
        UsageError: as :func:`read_mapping`.
    """
    try:
        data = tomllib.loads(body)
    except tomllib.TOMLDecodeError as exc:
        raise UsageError(f"mapping file {where}: not valid TOML ({exc})") from exc
    _only_known(data, ("columns", "constants", "decimal"), "key of a mapping file")
    columns, constants = _table(data, "columns", where), _table(data, "constants", where)
    _only_known(constants, CONSTANTS, "constant")
    if "currency" in constants:
        check_currency(constants["currency"])
    decimal = data.get("decimal")
    if decimal not in (None, ".", ","):
        raise UnknownValueError("decimal mark", str(decimal), (".", ","))
    targets = {column: _parse_target(column, name) for column, name in columns.items()}
    return HandMapping(targets, constants, decimal, body)


def _only_known(found: Iterable[str], known: tuple[str, ...], what: str) -> None:
    for name in found:
        if name not in known:
            raise UnknownValueError(what, name, known)


def _table(data: dict[str, Any], name: str, where: str) -> dict[str, str]:
    table = data.get(name, {})
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise UsageError(f'mapping file {where}: [{name}] must be a table of texts, such as "Spalte" = "title"')
    return table


def _parse_target(column: str, name: str) -> Target:
    stem, _, tail = name.rpartition("_")
    lang = tail if stem and tail in CODES else None
    plain = stem if lang else name
    if plain.startswith("attributes.") and len(plain) > len("attributes."):
        return Target(Field.ATTRIBUTE, lang=lang, name=plain.removeprefix("attributes."), by="hand")
    if plain not in set(Field) or (lang and Field(plain) not in _TRANSLATABLE):
        raise UnknownValueError(
            f"field for column {column!r}", name, [*Field, "attributes.NAME", "title_de (any text field)"]
        )
    target = Field(plain)
    return Target(target, lang=lang, name=column if target is Field.ATTRIBUTE else "", by="hand")
