"""Prices of larger quantities, and that products which have none keep their digest."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from catalog.importing import import_catalog
from catalog.model import Attribute, PriceTier, from_json, to_json
from catalog.options import ImportOptions
from catalog.rows.tiers import pair_tiers, read_tiers
from tests.fakes.product_store import MemoryProductStore
from tests.fakes.products import product


def tiers(*pairs: tuple[int, str], currency: str | None = "EUR") -> tuple[PriceTier, ...]:
    return tuple(PriceTier(minimum, Decimal(amount), currency) for minimum, amount in pairs)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10:9.50|50:8.90", [(10, "9.50"), (50, "8.90")]),
        ("ab 10: 9,50 €; ab 50: 8,90 €", [(10, "9.50"), (50, "8.90")]),
        ("50+ = 8.90\n10+ = 9.50", [(10, "9.50"), (50, "8.90")]),
        ("1-9: 12,00 €; 10-49: 11,00 €", [(1, "12.00"), (10, "11.00")]),
        ("group=all,qty=2,type=fixed,price=12", [(2, "12")]),
    ],
)
def test_a_cell_lists_tiers(text: str, expected: list[tuple[int, str]]) -> None:
    reading = read_tiers(text, currency="EUR", mark=None, lang="de")
    assert (reading.tiers, reading.wrong) == (tiers(*expected), ())


@pytest.mark.parametrize("text", ["group=all,qty=3,type=discount,price=50", "group=vip,qty=3,price=5", "on request"])
def test_what_is_no_price_for_everybody_is_wrong(text: str) -> None:
    reading = read_tiers(text, currency="EUR", mark=None, lang="en")
    assert (reading.tiers, reading.wrong) == ((), (text,))


def test_a_price_without_its_quantity_is_wrong() -> None:
    reading = pair_tiers(["10"], ["9.50", "8.90"], currency="EUR", mark=None, lang="en")
    assert (reading.tiers, reading.wrong) == (tiers((10, "9.50")), ("8.90",))


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Preis;Preis ab 10 Stück;Preis ab 50 Stück", "12,00;9,50;8,90"),
        ("Preis;Staffelpreis 10;Staffelpreis 50", "12,00;9,50;8,90"),
        ("Preis;Preis 10;Preis 50", "12,00;9,50;8,90"),
        ("Preis;Staffelpreise", '12,00;"10: 9,50|50: 8,90"'),
        ("Preis;Staffelmenge 1;Staffelpreis 1;Staffelmenge 2;Staffelpreis 2", "12,00;10;9,50;50;8,90"),
    ],
)
def test_columns_say_tiers(tmp_path: Path, header: str, cells: str) -> None:
    path = tmp_path / "tiers.csv"
    path.write_text(f"Artikelnummer;Bezeichnung;{header}\nA1;Gummihammer für Fliesenleger;{cells}\n", encoding="utf-8")
    store = MemoryProductStore()
    import_catalog(store, path, ImportOptions("keller", currency="EUR", lang="de"))
    [hammer] = store.products.values()
    assert [price.amount for price in hammer.prices] == [Decimal("12.00")]
    assert hammer.price_tiers == tiers((10, "9.50"), (50, "8.90"))


def test_tiers_and_options_survive_their_json() -> None:
    one = product(price_tiers=tiers((10, "9.50")), options=(Attribute("farbe", "Farbe", "blau"),))
    assert from_json(to_json(one)) == one
    assert from_json(to_json(one)).digest() == one.digest()
    assert one.digest() != replace(one, options=()).digest() != replace(one, options=(), price_tiers=()).digest()


def test_a_product_without_them_is_written_as_before_they_were_known() -> None:
    written = to_json(product())
    assert "price_tiers" not in written
    assert "options" not in written
    assert from_json(written) == product()
