"""Prices of larger quantities, from a list in one cell or from columns of quantities and prices."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.model import PriceTier
from catalog.values.numbers import DecimalMark, ascii_digits, read_count, read_prices

_ENTRIES = re.compile(r"\s*[|\n；]\s*|\s*;\s*|\s+/\s+")
_KEYED = re.compile(r"(?P<key>[a-z_]+)\s*=\s*(?P<value>[^,|;]*)", re.IGNORECASE)
_ENTRY = re.compile(
    r"^\D{0,12}?(?P<from>\d[\d.,]*)\s*(?:[-–—]\s*\d[\d.,]*\s*|\+\s*|≥\s*)?(?P<word>[^\W\d_]{0,8}\.?)\s*(?:[:：=@]|\s-\s|→|\bà\b)"
    r"\s*(?P<price>.*\d.*)$"
)
_FROM = re.compile(r"\D{0,12}?(?P<from>\d[\d.,]*)\s*(?:[-–—~]\s*\d[\d.,]*|\+)?\s*[^\W\d_]{0,8}\.?\s*\+?")
_QUANTITY_KEYS = frozenset({"qty", "quantity", "min", "minimum", "min_qty", "from"})
_EVERYBODY = frozenset({"all", "", "0", "general", "not logged in", "guest"})


@dataclass(frozen=True, slots=True)
class TierReading:
    """What cells gave: tiers by currency and rising quantity, and the texts that could not be read."""

    tiers: tuple[PriceTier, ...]
    wrong: tuple[str, ...] = ()


def read_tiers(text: str, *, currency: str | None, mark: DecimalMark | None, lang: str) -> TierReading:
    """Read a list of tiers: ``10:9.50|50:8.90``, ``ab 10: 9,50 €; ab 50: 8,90 €``, ``group=all,qty=2,price=12``.

    Prices for one customer group and discounts in percent are not a price for everybody: they count as wrong.
    """
    pairs, wrong = [], []
    for entry in _ENTRIES.split(text.strip()):
        if not entry:
            continue
        pair = _keyed(entry) if "=" in entry and _KEYED.search(entry) else _plain(entry)
        if pair is None:
            wrong.append(entry)
        else:
            pairs.append((*pair, entry))
    return _read(pairs, wrong, currency, mark, lang)


def pair_tiers(
    quantities: Sequence[str], prices: Sequence[str], *, currency: str | None, mark: DecimalMark | None, lang: str
) -> TierReading:
    """Read quantities and prices that stand in cells of their own, in the same order."""
    pairs = [(quantity, price, price) for quantity, price in zip(quantities, prices, strict=False)]
    return _read(pairs, list(prices[len(quantities) :]), currency, mark, lang)


def _least(quantity: str) -> int | None:
    """``ab 10 Stk``, ``10-49``, ``≥ 10``."""
    match = _FROM.fullmatch(ascii_digits(quantity).strip())
    return read_count(match["from"]) if match else None


def _plain(entry: str) -> tuple[str, str] | None:
    match = _ENTRY.match(ascii_digits(entry))
    return (match["from"], match["price"]) if match else None


def _keyed(entry: str) -> tuple[str, str] | None:
    fields = {match["key"].lower(): match["value"].strip() for match in _KEYED.finditer(entry)}
    quantity = next((value for key, value in fields.items() if key in _QUANTITY_KEYS), None)
    price = fields.get("price") or fields.get("value")
    general = fields.get("group", "all").lower() in _EVERYBODY and fields.get("type", "fixed").lower() == "fixed"
    return (quantity, price) if quantity and price and general else None


def _read(
    pairs: Sequence[tuple[str, str, str]], wrong: list[str], currency: str | None, mark: DecimalMark | None, lang: str
) -> TierReading:
    found: dict[tuple[str, int], PriceTier] = {}
    for quantity, price, shown in pairs:
        minimum = read_count(quantity) or _least(quantity)
        reading = read_prices(price, currency=currency, mark=mark, lang=lang)
        if not minimum or not reading.prices:
            wrong.append(shown)
            continue
        for one in reading.prices:
            found.setdefault((one.currency or "", minimum), PriceTier(minimum, one.amount, one.currency))
    return TierReading(tuple(found[key] for key in sorted(found)), tuple(wrong))
