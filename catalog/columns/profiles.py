"""Which known shop or marketplace a file comes from, told by the names of its columns.

What a source calls its columns, and how its rows go on with a product, stands in ``profiles.toml``; nothing here knows
any source by name.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from catalog.columns.fields import squash

Continuation = Literal["", "blank", "same id"]

_BY_SIGNATURE = 0.6
"""Confidence of a file that has all columns of a signature and none that is typical beside them."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A known source of catalogs.

    Attributes:
        key: short stable name, ``shopify``.
        name: the source's name as people know it.
        signature: columns that all must be there; each a set of alternatives, squashed.
        typical: columns that make it surer.
        columns: squashed column, digits as ``#``, to the name of its field.
        options: columns that tell variants apart.
        continues: how a row goes on with the product before it, beside the general rule.
        folders: beginnings of columns, case folded, to the name of their field (``price / *``).
        listing: columns whose cells list values with commas between them, and escape a comma inside one.
    """

    key: str
    name: str
    signature: tuple[frozenset[str], ...]
    typical: tuple[frozenset[str], ...]
    columns: MappingType[str, str]
    options: frozenset[str]
    continues: Continuation = ""
    folders: tuple[tuple[str, str], ...] = ()
    listing: frozenset[str] = frozenset()

    def field_of(self, column: str) -> str | None:
        """Return the name of the field that a column has in this source, ``None`` where the general rules hold."""
        key = squash(column)
        found = self.columns.get(key) or self.columns.get(_without_number(key))
        if found is None and self.folders:
            folded = _folded(column)
            found = next((name for beginning, name in self.folders if folded.startswith(beginning)), None)
        return found

    def tells_variants_apart(self, column: str) -> bool:
        """Say whether a column holds what differs between the variants of a product."""
        return _without_number(squash(column)) in self.options

    def lists(self, column: str) -> bool:
        """Say whether a comma in a column's cells always separates values."""
        return squash(column) in self.listing


@dataclass(frozen=True, slots=True)
class RecognisedProfile:
    """A profile and how sure it is that the file is from there (0 to 1)."""

    profile: Profile
    confidence: float

    def as_json(self) -> dict[str, Any]:
        """``profile`` of the import report."""
        return {"key": self.profile.key, "name": self.profile.name, "confidence": self.confidence}


def recognise(columns: Iterable[str]) -> RecognisedProfile | None:
    """Return the source whose signature a header row has, the surest of several; ``None`` where it has none."""
    present = {squash(column) for column in columns}
    found = [
        RecognisedProfile(profile, _confidence(profile, present))
        for profile in profiles()
        if all(names & present for names in profile.signature)
    ]
    return max(found, key=lambda one: (one.confidence, len(one.profile.signature)), default=None)


def _confidence(profile: Profile, present: set[str]) -> float:
    seen = sum(bool(names & present) for names in profile.typical)
    return round(_BY_SIGNATURE + (0.99 - _BY_SIGNATURE) * seen / len(profile.typical), 2)


@cache
def profiles() -> tuple[Profile, ...]:
    """Read ``profiles.toml``, once a process."""
    text = resources.files("catalog.columns").joinpath("profiles.toml").read_text(encoding="utf-8")
    return tuple(_profile(key, body) for key, body in tomllib.loads(text).items())


def _profile(key: str, body: dict[str, Any]) -> Profile:
    columns = body.get("columns", {})
    return Profile(
        key=key,
        name=body["name"],
        signature=tuple(_alternatives(names) for names in body["signature"]),
        typical=tuple(_alternatives(names) for names in body["typical"]),
        columns={_squash_pattern(column): field for column, field in columns.items() if not column.endswith("*")},
        options=frozenset(_squash_pattern(column) for column in body.get("options", ())),
        continues=body.get("continues", ""),
        folders=tuple((_folded(column[:-1]), field) for column, field in columns.items() if column.endswith("*")),
        listing=frozenset(squash(column) for column in body.get("lists", ())),
    )


def _folded(column: str) -> str:
    return unicodedata.normalize("NFKC", column).casefold()


def _alternatives(names: str) -> frozenset[str]:
    return frozenset(squash(name) for name in names.split("|"))


def _squash_pattern(column: str) -> str:
    """Squash a column's name and keep its ``#``, which stands for a number."""
    return "#".join(squash(part) for part in column.split("#"))


def _without_number(squashed: str) -> str:
    return re.sub(r"\d+", "#", squashed)
