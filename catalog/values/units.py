"""Units in cells of their own, beside the number that they measure."""

from functools import lru_cache

from catalog.columns.fields import header_names, squash

_SIGNS = {
    "kilogram": "kg", "gram": "g", "milligram": "mg", "ton": "t", "tonne": "t", "pound": "lb", "ounce": "oz",
    "kilometer": "km", "meter": "m", "decimeter": "dm", "centimeter": "cm", "millimeter": "mm", "inch": "in",
    "foot": "ft", "yard": "yd", "liter": "l", "litre": "l", "centiliter": "cl", "milliliter": "ml", "squaremeter": "m²",
    "cubicmeter": "m³", "volt": "V", "watt": "W", "kilowatt": "kW", "ampere": "A", "hertz": "Hz", "celsius": "°C",
}  # fmt: skip
"""What shops and information systems write as words (Akeneo: ``KILOGRAM``)."""


def find_unit(text: str) -> str | None:
    """Return how a unit is written behind a number, ``None`` where a text is none: ``KILOGRAM`` -> ``kg``."""
    word = text.strip().rstrip(".")
    name = squash(word)
    units = header_names().units
    return _SIGNS.get(name) or _SIGNS.get(name.removesuffix("s")) or units.get(word) or units.get(word.lower())


@lru_cache(maxsize=1024)
def written_unit(text: str) -> str:
    """Return a unit's cell as it is put behind a number; nothing for a shop's own code (``1``)."""
    return find_unit(text) or ("" if text.strip().isdigit() else text)
