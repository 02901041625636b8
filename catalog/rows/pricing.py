"""The prices of a row: of one piece, one a currency, and of larger quantities."""

from dataclasses import replace

from catalog.columns.fields import PRICE_FIELDS, Field
from catalog.columns.mapping import Target
from catalog.model import Price, PriceTier
from catalog.rows.tiers import pair_tiers, read_tiers
from catalog.rows.understanding import Row, Understanding
from catalog.values.currencies import find_currency
from catalog.values.numbers import read_prices
from catalog.values.price_wording import of_one, read_price_quantity

_PRICE_REASONS = {
    "price_unreadable": "left out: no single amount can be read in it",
    "price_ambiguous": "left out: thousands or decimals? Write two decimals, or set `decimal` in a mapping file",
    "price_range": "left out: it holds several amounts of one currency; give one",
    "price_negative": "left out: a price is not below zero",
    "price_zero": "left out: a price of zero is taken as none",
    "price_from": "left out: it says from which amount prices begin, not this product's price; give one amount",
    "price_per_quantity": "left out: it is the price of another quantity than one piece; give the price of one",
    "currency_unknown": "taken without currency: several share this sign; write the ISO code (USD), or give --currency",
}


def read_row_prices(row: Row, understood: Understanding) -> tuple[Price, ...]:
    """Every currency once; list prices are asked only where a row has no other."""
    default, pieces = _currency(row, understood), _pieces(row)
    if pieces is None:
        return ()
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
            priced = pieces * target.pieces
            for price in reading.prices:
                if price.currency not in prices:
                    one = price if priced == 1 else replace(price, amount=of_one(price.amount, priced))
                    prices[price.currency] = one
        if prices:
            return tuple(prices.values())
    if row.cells.get(Field.PRICE_TIERS) or row.cells.get(Field.TIER_PRICE):
        tiers, _ = _read_tiers(row, default, pieces, understood)
        return tuple(Price(tier.amount, tier.currency) for tier in tiers if tier.minimum == 1)
    return ()


def read_row_tiers(row: Row, prices: tuple[Price, ...], understood: Understanding) -> tuple[PriceTier, ...]:
    """Prices of larger quantities, from lists in a cell and from columns of quantities and prices."""
    if not (row.cells.get(Field.PRICE_TIERS) or row.cells.get(Field.TIER_PRICE)):
        return ()
    default = prices[0].currency if len(prices) == 1 else _currency(row, understood)
    pieces = _read_pieces(row)
    if pieces is None:
        return ()
    tiers, wrong = _read_tiers(row, default, pieces, understood)
    for value in wrong:
        reason = "left out: not the price of one piece, for every buyer, from a quantity on"
        row.warn("price_tiers", value, "price_tier_unreadable", reason)
    return tiers


def _read_tiers(
    row: Row, default: str | None, pieces: int, understood: Understanding
) -> tuple[tuple[PriceTier, ...], list[str]]:
    """Return the tiers, by currency and rising quantity, and what could not be read."""
    cells, lang = row.cells, understood.lang
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
    tiers = {
        (tier.currency or "", tier.minimum): replace(tier, amount=of_one(tier.amount, pieces))
        for reading in readings
        for tier in reading.tiers
    }
    return tuple(tiers[key] for key in sorted(tiers)), [value for reading in readings for value in reading.wrong]


def _pieces(row: Row) -> int | None:
    """Return for how many pieces the row's prices are; ``None``, and a warning, where that can't be read."""
    pieces = _read_pieces(row)
    if pieces is None:
        reason = "the price is left out: it is for a quantity that is no whole number of pieces; give the price of one"
        row.warn("price", row.values(Field.PRICE_QUANTITY)[0], "price_per_quantity", reason)
    return pieces


def _read_pieces(row: Row) -> int | None:
    """Return for how many pieces the row's prices are, 1 where it does not say; ``None`` where that can't be read."""
    cells = row.cells.get(Field.PRICE_QUANTITY)
    return read_price_quantity(cells[0][2]) if cells else 1


def _currency(row: Row, understood: Understanding) -> str | None:
    for value in row.values(Field.CURRENCY):
        code = find_currency(value, understood.lang) or find_currency(value.upper(), understood.lang)
        if code:
            return code
        row.warn("currency", value, "currency_unknown", "left out: not an ISO 4217 code (EUR) or a known sign")
    return understood.mapping.constants.get("currency") or understood.currency
