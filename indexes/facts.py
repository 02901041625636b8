"""What filters, facets and sorting read of a product, the same for every backend."""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from catalog.errors import UnknownValueError
from indexes.model import ATTRIBUTE, ATTRIBUTES, FACETS, Facts, Filters, PriceRange
from indexes.readable import readable

PRICE_UNIT = Decimal("0.000001")
"""Step in which prices are compared; screws cost 0.0035 apiece."""

AMOUNT_BITS = 56

HIGHEST_AMOUNT = (1 << AMOUNT_BITS) - 1
"""In price units: 72 billion. What costs more is compared as if it cost this."""


_KEY = re.compile(r"[^\W_]+(-[^\W_]+)*")
"""What :func:`catalog.model.slug` makes of an attribute's name."""


def attribute_key(name: str) -> str | None:
    """Return the KEY of a facet named ``attributes.KEY``, ``None`` for any other name."""
    key = name.removeprefix(ATTRIBUTE)
    return key if key != name and _KEY.fullmatch(key) else None


def attribute_pair(key: str, value: str) -> str:
    """Return an attribute as it is kept where pairs are kept: a KEY has no ``=``."""
    return f"{key}={value}"


def facet_values(name: str, facts: Facts) -> Iterable[str]:
    """Return a product's values of one of :data:`~indexes.model.FACETS`; empty ones are none."""
    values: Mapping[str, Iterable[str]] = {
        "category": facts.category,
        "brand": (facts.brand,),
        "supplier": (facts.supplier,),
        "country": (facts.country,),
        "currency": facts.prices,
    }
    return dict.fromkeys(value for value in values[name] if value)


def units(amount: Decimal, rounding: str = ROUND_HALF_EVEN) -> int:
    """Return an amount of money in price units, between 0 and :data:`HIGHEST_AMOUNT`."""
    if amount.adjusted() > 12:
        return HIGHEST_AMOUNT if amount > 0 else 0
    whole = int((amount / PRICE_UNIT).to_integral_value(rounding))
    return min(max(whole, 0), HIGHEST_AMOUNT)


def bounds(price: PriceRange) -> tuple[int, int]:
    """Return a price filter's lowest and highest amount in price units, both included."""
    low, high = price
    return (
        0 if low is None else units(low, ROUND_CEILING),
        HIGHEST_AMOUNT if high is None else units(high, ROUND_FLOOR),
    )


def check_filters(filters: Filters) -> None:
    """Refuse filters by names that there are not.

    Raises:
        UnknownValueError: a name is no facet.
    """
    for name in filters.values:
        check_filter_name(name)


def check_filter_name(name: str) -> None:
    """Refuse a name by which nothing is filtered.

    Raises:
        UnknownValueError: it is no facet and no attribute's.
    """
    if name not in FACETS and attribute_key(name) is None:
        raise UnknownValueError("filter", name, (*FACETS, "price", f"{ATTRIBUTE}KEY"))


def check_facet_names(names: Iterable[str]) -> None:
    """Refuse facets that there are not.

    Raises:
        UnknownValueError: a name is no facet.
    """
    for name in names:
        if name not in FACETS and name != ATTRIBUTES and attribute_key(name) is None:
            raise UnknownValueError("facet", name, (*FACETS, ATTRIBUTES, f"{ATTRIBUTE}KEY"))


def readable_filters(filters: Filters) -> Filters:
    """Return filters with their values as they are stored."""
    values = {name: tuple(map(readable, accepted)) for name, accepted in filters.values.items()}
    return Filters(values, filters.prices)


# -- facts as JSON ----------------------------------------------------------------------------------------------------


def facts_to_json(facts: Facts) -> str:
    """Serialise facts; :func:`facts_from_json` is the inverse."""
    return json.dumps(
        {
            "supplier": facts.supplier,
            "category": list(facts.category),
            "brand": facts.brand,
            "country": facts.country,
            "prices": {currency: str(amount) for currency, amount in facts.prices.items()},
            "created": facts.created,
            "attributes": dict(facts.attributes),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def facts_from_json(text: str) -> Facts:
    """Read facts written by :func:`facts_to_json`."""
    body = json.loads(text)
    return Facts(
        supplier=body["supplier"],
        category=tuple(body["category"]),
        brand=body["brand"],
        country=body["country"],
        prices={currency: Decimal(amount) for currency, amount in body["prices"].items()},
        created=body["created"],
        # Products share them: interned, 20,000 products with ten attributes take 6 MB instead of 28. A build of an
        # earlier version has none.
        attributes={sys.intern(key): sys.intern(value) for key, value in body.get("attributes", {}).items()},
    )
