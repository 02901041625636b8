"""The prices of a row: of one piece, one a currency, and of larger quantities."""

from catalog.columns.fields import PRICE_FIELDS, Field
from catalog.columns.mapping import Target
from catalog.model import Price, PriceTier
from catalog.rows.tiers import pair_tiers, read_tiers
from catalog.rows.understanding import Row, Understanding
from catalog.values.currencies import find_currency
from catalog.values.numbers import read_prices

_PRICE_REASONS = {
    "price_unreadable": "left out: no single amount can be read in it",
    "price_ambiguous": "left out: thousands or decimals? Write two decimals, or set `decimal` in a mapping file",
    "price_range": "left out: it holds several amounts of one currency; give one",
    "price_negative": "left out: a price is not below zero",
    "price_zero": "left out: a price of zero is taken as none",
    "currency_unknown": "taken without currency: several share this sign; write the ISO code (USD), or give --currency",
}


def read_row_prices(row: Row, understood: Understanding) -> tuple[Price, ...]:
    """Every currency once; list prices are asked only where a row has no other."""
    default = _currency(row, understood)
    for kind in PRICE_FIELDS:
        prices: dict[str | None, Price] = {}
        for target, column, value in row.cells.get(kind, ()):
            reading = read_prices(
                value,
                currency=target.currency or default,
                mark=understood.marks.get(column),
                lang=understood.lang,
            )
            if reading.problem:
                row.warn(kind.value, value, reading.problem, _PRICE_REASONS[reading.problem])
            for price in reading.prices:
                prices.setdefault(price.currency, price)
        if prices:
            return tuple(prices.values())
    return ()


def read_row_tiers(row: Row, prices: tuple[Price, ...], understood: Understanding) -> tuple[PriceTier, ...]:
    """Prices of larger quantities, from lists in a cell and from columns of quantities and prices."""
    cells = row.cells
    if not (cells.get(Field.PRICE_TIERS) or cells.get(Field.TIER_PRICE)):
        return ()
    lang, default = understood.lang, prices[0].currency if len(prices) == 1 else _currency(row, understood)
    readings = [
        read_tiers(value, currency=target.currency or default, mark=understood.marks.get(column), lang=lang)
        for target, column, value in cells.get(Field.PRICE_TIERS, ())
    ]
    quantities: dict[int | None, list[str]] = {}
    for target, _, value in cells.get(Field.TIER_QUANTITY, ()):
        quantities.setdefault(target.number, []).append(value)
    by_number: dict[int | None, list[tuple[Target, str, str]]] = {}
    for cell in cells.get(Field.TIER_PRICE, ()):
        by_number.setdefault(cell[0].number, []).append(cell)
    for number, found in by_number.items():
        target, column, _ = found[0]
        readings.append(
            pair_tiers(
                quantities.get(number) or [str(number)] * (len(found) if number and not quantities else 0),
                [value for _, _, value in found],
                currency=target.currency or default,
                mark=understood.marks.get(column),
                lang=lang,
            )
        )
    for value in (value for reading in readings for value in reading.wrong):
        reason = "left out: not the price of one piece, for every buyer, from a quantity on"
        row.warn("price_tiers", value, "price_tier_unreadable", reason)
    tiers = {(tier.currency or "", tier.minimum): tier for reading in readings for tier in reading.tiers}
    return tuple(tiers[key] for key in sorted(tiers))


def _currency(row: Row, understood: Understanding) -> str | None:
    for value in row.values(Field.CURRENCY):
        code = find_currency(value, understood.lang) or find_currency(value.upper(), understood.lang)
        if code:
            return code
        row.warn("currency", value, "currency_unknown", "left out: not an ISO 4217 code (EUR) or a known sign")
    return understood.mapping.constants.get("currency") or understood.currency
