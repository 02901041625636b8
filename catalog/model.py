"""What a supplier sends, once it is understood: products, their texts, and what was wrong with a row.

All classes are frozen: a product that changed is a new product with another digest.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from catalog.errors import UsageError

SUPPLIER_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
SKU_LENGTH = 128


@dataclass(frozen=True, slots=True)
class Attribute:
    """A named property of a product, as the supplier wrote it.

    Attributes:
        key: stable slug of the name, unique in its product (see :func:`slug`).
        name: the property's name in the product's language ("Farbe").
        value: its value as written, unit included ("230 V").
    """

    key: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Price:
    """An amount of money; ``currency`` is an ISO 4217 code, or ``None`` where the supplier named none."""

    amount: Decimal
    currency: str | None


@dataclass(frozen=True, slots=True)
class PriceTier:
    """The price of one piece from a quantity on; ``currency`` as in :class:`Price`."""

    minimum: int
    amount: Decimal
    currency: str | None


@dataclass(frozen=True, slots=True)
class GivenText:
    """A text that the supplier gave in another language than the product's own."""

    field: str
    lang: str
    text: str


@dataclass(frozen=True, slots=True)
class ProductText:
    """One translatable field of a product in its own language.

    Attributes:
        field: FIELD of the contract: ``title``, ``description``, ``bullets.0``, ``attributes.farbe.value`` ...
        kind: what sort of text it is: ``title``, ``description``, ``bullet``, ``category``, ``keywords``,
            ``attribute_name`` or ``attribute_value``.
        context: what a translator has to know beside the text: the attribute's name for its value, else empty.
            It is part of a translation's key, so that "orange" the colour is not "orange" the fruit.
        text: the whole text, HTML as kept.
    """

    field: str
    kind: str
    context: str
    text: str


@dataclass(frozen=True, slots=True)
class Product:
    """One product of one supplier, in the language in which it was written.

    Attributes:
        supplier: the supplier's name, ``[a-z0-9][a-z0-9-]{0,62}``.
        sku: the supplier's own number; with ``supplier`` it makes :attr:`id`.
        lang: language code of the texts.
        category: path from the widest to the narrowest category.
        prices: at most one for each currency.
        price_tiers: prices of larger quantities, by currency and rising quantity.
        options: the attributes by which a variant differs from its siblings (size, colour); each stands among
            ``attributes`` too, where its texts are translated.
        gtin: checked GTIN-8/12/13/14, ISBN included; ``None`` where missing or wrong.
        parent: sku of the product of which this one is a variant.
        given: texts that the supplier gave in other languages.
    """

    supplier: str
    sku: str
    lang: str
    title: str
    description: str = ""
    bullets: tuple[str, ...] = ()
    brand: str = ""
    category: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    prices: tuple[Price, ...] = ()
    stock: int | None = None
    minimum_order: int | None = None
    gtin: str | None = None
    mpn: str | None = None
    images: tuple[str, ...] = ()
    url: str | None = None
    country: str | None = None
    parent: str | None = None
    given: tuple[GivenText, ...] = field(default=())
    price_tiers: tuple[PriceTier, ...] = ()
    options: tuple[Attribute, ...] = ()

    @property
    def id(self) -> str:
        """``supplier/sku``, the stable name of the product everywhere."""
        return f"{self.supplier}/{self.sku}"

    @property
    def category_text(self) -> str:
        """The category path as one text, from wide to narrow."""
        return CATEGORY_SEPARATOR.join(self.category)

    def texts(self) -> Iterator[ProductText]:
        """Yield every text of the product that a buyer reads, empty ones left out, in display order."""
        if self.title:
            yield ProductText("title", "title", "", self.title)
        if self.category:
            yield ProductText("category", "category", "", self.category_text)
        for number, bullet in enumerate(self.bullets):
            yield ProductText(f"bullets.{number}", "bullet", "", bullet)
        if self.description:
            yield ProductText("description", "description", "", self.description)
        for attribute in self.attributes:
            yield ProductText(f"attributes.{attribute.key}.name", "attribute_name", "", attribute.name)
            yield ProductText(f"attributes.{attribute.key}.value", "attribute_value", attribute.name, attribute.value)
        if self.keywords:
            yield ProductText("keywords", "keywords", "", KEYWORD_SEPARATOR.join(self.keywords))

    def digest(self) -> str:
        """Return a hex digest of everything in the product: equal digests mean that nothing changed."""
        return digest_of_json(to_json(self))


CATEGORY_SEPARATOR = " > "
KEYWORD_SEPARATOR = ", "


@dataclass(frozen=True, slots=True)
class RowError:
    """Something wrong with a row, or with one value of it.

    Attributes:
        line: line of the file, from 1, as an editor or a sheet shows it.
        sku: the row's sku where it is known.
        field: field of the product that is concerned, or ``None`` for the whole row.
        value: the offending value as it stood in the file, cut at 200 characters.
        reason: what is wrong and what to do, for the supplier.
        code: short stable name of the reason, such as ``no_title`` or ``gtin_check_digit``.
        refused: true when the whole row was refused; false when only the value was left out (a warning).
    """

    line: int
    sku: str | None
    field: str | None
    value: str | None
    reason: str
    code: str
    refused: bool = True

    def as_json(self) -> dict[str, Any]:
        """The shape of ``errors`` and ``warnings`` in the contract."""
        return {
            "line": self.line,
            "sku": self.sku,
            "field": self.field,
            "value": self.value,
            "reason": self.reason,
            "code": self.code,
        }


def check_supplier(name: str) -> str:
    """Return ``name`` when it can be a supplier's.

    Raises:
        UsageError: it can't; the message says what may stand in a name.
    """
    if not SUPPLIER_NAME.fullmatch(name):
        raise UsageError(
            f"supplier {name!r}: a name has 1 to 63 lower-case letters a-z, digits and hyphens, "
            "and begins with a letter or digit"
        )
    return name


def slug(name: str) -> str:
    """Return the stable slug of an attribute's name: letters and digits of any script, joined by hyphens.

    ``"Größe (cm)"`` becomes ``"größe-cm"``. A name without any letter or digit becomes ``"x"``.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    parts = re.findall(r"[^\W_]+", folded)
    return "-".join(parts)[:64].rstrip("-") or "x"


_ADDED_LATER = ("price_tiers", "options")
"""Left out of the JSON where empty, so that the digests of products which have none of them stay what they were."""


def to_json(product: Product) -> str:
    """Serialise a product as canonical JSON; :func:`from_json` is its inverse."""
    body = {name: value for name in _FIELDS[Product] if (value := getattr(product, name)) or name not in _ADDED_LATER}
    return _encode(body)


def _plain(value: object) -> object:
    """Return what JSON has for a part of a product: an object for a dataclass, text for a Decimal."""
    names = _FIELDS.get(type(value))
    return str(value) if names is None else {name: getattr(value, name) for name in names}


_FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple(sorted(kind.__dataclass_fields__)) for kind in (Product, Attribute, Price, PriceTier, GivenText)
}
"""The keys of each object in their order. ``dataclasses.asdict`` would copy every value: half of an import's JSON."""

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), default=_plain).encode


def digest_of_json(text: str) -> str:
    """Return the digest of a product that :func:`to_json` wrote."""
    return hashlib.sha256(text.encode()).hexdigest()


def from_json(text: str) -> Product:
    """Read a product written by :func:`to_json`."""
    body: dict[str, Any] = json.loads(text)
    for name in ("bullets", "category", "keywords", "images"):
        body[name] = tuple(body[name])
    body["attributes"] = tuple(Attribute(**row) for row in body["attributes"])
    body["prices"] = tuple(Price(Decimal(row["amount"]), row["currency"]) for row in body["prices"])
    body["given"] = tuple(GivenText(**row) for row in body["given"])
    body["price_tiers"] = tuple(
        PriceTier(row["minimum"], Decimal(row["amount"]), row["currency"]) for row in body.get("price_tiers", ())
    )
    body["options"] = tuple(Attribute(**row) for row in body.get("options", ()))
    return Product(**body)
