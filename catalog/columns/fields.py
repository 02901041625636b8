"""Which fields a product has, and what the columns of supplier files call them.

The names live in ``headers.toml``, a file that a person can read and extend; this module only looks them up.
"""

import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any


class Field(StrEnum):
    """What a column can mean. The values are the names in reports and in mappings by hand."""

    SKU = "sku"
    PRODUCT_ID = "product_id"
    TITLE = "title"
    SHORT_DESCRIPTION = "short_description"
    DESCRIPTION = "description"
    BULLET = "bullet"
    BRAND = "brand"
    MANUFACTURER = "manufacturer"
    CATEGORY = "category"
    SUBCATEGORY = "subcategory"
    KEYWORDS = "keywords"
    PRICE = "price"
    SALE_PRICE = "sale_price"
    LIST_PRICE = "list_price"
    PRICE_TIERS = "price_tiers"
    TIER_QUANTITY = "tier_quantity"
    TIER_PRICE = "tier_price"
    PRICE_QUANTITY = "price_quantity"
    CURRENCY = "currency"
    STOCK = "stock"
    MINIMUM_ORDER = "minimum_order"
    GTIN = "gtin"
    MPN = "mpn"
    IMAGE = "image"
    URL = "url"
    COUNTRY = "country"
    ORIGIN = "origin"
    PARENT = "parent"
    LANG = "lang"
    STORE_VIEW = "store_view"
    ATTRIBUTE = "attribute"
    ATTRIBUTES = "attributes"
    ATTRIBUTE_NAME = "attribute_name"
    ATTRIBUTE_VALUE = "attribute_value"
    ATTRIBUTE_UNIT = "attribute_unit"
    VARIANTS = "variants"
    IGNORED = "ignored"

    __hash__ = str.__hash__  # Enum's is written in Python, and a row asks for its fields some forty times


TEXT_FIELDS = frozenset(
    {Field.TITLE, Field.SHORT_DESCRIPTION, Field.DESCRIPTION, Field.BULLET, Field.CATEGORY, Field.KEYWORDS}
)
"""Fields whose columns may come once a language."""

PRICE_FIELDS = (Field.PRICE, Field.SALE_PRICE, Field.LIST_PRICE)
"""In the order in which they are asked for a product's price."""

_DATA_TABLES = frozenset({"units", "currencies", "languages"})


@dataclass(frozen=True, slots=True)
class NamedField:
    """A field that a header names.

    Attributes:
        field: what the column means.
        rank: place of the name in its list; 0 is the clearest name, and wins where a file has several.
        langs: languages in which this is the field's name; empty for names that shop software uses.
    """

    field: Field
    rank: int
    langs: frozenset[str]


@dataclass(frozen=True, slots=True)
class HeaderNames:
    """Everything that ``headers.toml`` says, ready to be looked up by squashed names (see :func:`squash`).

    Attributes:
        counts: words for pieces.
        quantities: what a column is called that counts pieces, of the stock or of an order.
        measures: names of lengths, and names of weights; the columns of each share a column with their unit.
    """

    names: dict[str, NamedField]
    ignored_prefixes: tuple[str, ...]
    ignored_suffixes: tuple[str, ...]
    units: dict[str, str]
    counts: frozenset[str]
    quantities: frozenset[str]
    measures: tuple[frozenset[str], ...]
    currencies: dict[str, str]
    languages: dict[str, str]

    def find(self, squashed: str) -> NamedField | None:
        """Return the field of a squashed name, technical beginnings and ends included."""
        found = self.names.get(squashed)
        if found is None and self._technical(squashed):
            return NamedField(Field.IGNORED, 0, frozenset())
        return found

    def _technical(self, squashed: str) -> bool:
        return squashed.startswith(self.ignored_prefixes) or squashed.endswith(self.ignored_suffixes)


def squash(text: str) -> str:
    """Reduce a name to what is compared: letters and digits, without case, accents, spaces or punctuation.

    Voicing marks of kana stay: without them ガ and カ would be one.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ı", "i"))
    kept = (char for char in decomposed if not unicodedata.combining(char) or char in "\u3099\u309a")
    return "".join(char for char in unicodedata.normalize("NFC", "".join(kept)) if char.isalnum())


@cache
def header_names() -> HeaderNames:
    """Read ``headers.toml``, once a process."""
    text = resources.files("catalog.columns").joinpath("headers.toml").read_text(encoding="utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    units, ignored = data["units"], data["ignored"]
    return HeaderNames(
        names=dict(_names(data)),
        ignored_prefixes=tuple(squash(name) for name in ignored["prefixes"]),
        ignored_suffixes=tuple(squash(name) for name in ignored["suffixes"]),
        units=_units(units["names"]),
        counts=frozenset(squash(name) for name in units["counts"]),
        quantities=frozenset(squash(name) for name in units["quantities"]),
        measures=tuple(frozenset(squash(name) for name in units[kind]) for kind in ("lengths", "weights")),
        currencies={word.casefold(): code for code, words in data["currencies"].items() for word in words},
        languages={squash(word): code for code, words in data["languages"].items() for word in words},
    )


def _names(data: dict[str, Any]) -> Iterable[tuple[str, NamedField]]:
    for name, lists in data.items():
        if name in _DATA_TABLES:
            continue
        ranks: dict[str, int] = {}
        langs: dict[str, set[str]] = {}
        for lang, headers in lists.items():
            if lang in ("prefixes", "suffixes"):
                continue
            for rank, header in enumerate(headers):
                key = squash(header)
                ranks[key] = min(rank, ranks.get(key, rank))
                langs.setdefault(key, set()).update([] if lang == "shops" else [lang])
        for key, rank in ranks.items():
            yield key, NamedField(Field(name), rank, frozenset(langs[key]))


def _units(names: Iterable[str]) -> dict[str, str]:
    """Key units as written and in lower case; where two differ by case only, each keeps its own writing."""
    written = {name: name for name in names}
    return {**{name.lower(): name for name in reversed(list(written))}, **written}
