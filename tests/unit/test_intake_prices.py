"""Prices as suppliers write them: in words and signs, for a hundred pieces, from a quantity on; units of numbers."""

from decimal import Decimal
from pathlib import Path

import pytest

from catalog.columns.headers import parse_headers
from catalog.importing import import_catalog
from catalog.model import Price, PriceTier, Product
from catalog.options import ImportOptions
from catalog.report import CatalogReport
from catalog.rows.splitting import read_addresses
from catalog.rows.tiers import pair_tiers, read_tiers
from catalog.values.numbers import is_money, read_prices
from catalog.values.price_wording import read_price_quantity
from catalog.values.units import find_unit
from tests.fakes.product_store import MemoryProductStore

TITLES = ("Gummihammer für Fliesenleger", "Stuhl mit hoher Lehne", "Tisch aus Eiche für die Küche")


def taken(folder: Path, header: str, *rows: str, lang: str = "de") -> tuple[list[Product], CatalogReport]:
    """Import rows behind an article number and a title."""
    path = folder / "list.csv"
    lines = [f"A{number};{TITLES[number % 3]};{row}" for number, row in enumerate(rows, 1)]
    path.write_text("\n".join([f"SKU;Name;{header}", *lines]) + "\n", encoding="utf-8")
    store = MemoryProductStore()
    report = import_catalog(store, path, ImportOptions("keller", lang=lang))
    return list(store.products.values()), report


def amounts(products: list[Product]) -> list[tuple[str, str | None]]:
    return [(format(price.amount, "f"), price.currency) for product in products for price in product.prices]


def codes(report: CatalogReport) -> set[str]:
    return {warning.code for warning in report.warnings}


@pytest.mark.parametrize(
    ("lang", "values", "expected"),
    [
        ("ko", ("12,000원", "450원"), [("12000", "KRW"), ("450", "KRW")]),
        ("ja", ("1,299円", "880円"), [("1299", "JPY"), ("880", "JPY")]),
        ("ja", ("\\1,299", "\\880"), [("1299", "JPY"), ("880", "JPY")]),
        ("zh", ("39元", "1,299元"), [("39", "CNY"), ("1299", "CNY")]),
        ("ru", ("1 299 руб.", "99 руб."), [("1299", "RUB"), ("99", "RUB")]),
        ("pl", ("1 299 zł", "39 zł"), [("1299", "PLN"), ("39", "PLN")]),
        ("tr", ("1.299 TL", "349 TL"), [("1299", "TRY"), ("349", "TRY")]),
        ("id", ("Rp 15.000", "Rp15.500"), [("15000", "IDR"), ("15500", "IDR")]),
        ("ar", ("120 ريال", "99 ريال"), [("120", "SAR"), ("99", "SAR")]),
        ("pt", ("12 reais", "9 reais"), [("12", "BRL"), ("9", "BRL")]),
        ("de", ("12 Euro", "9 Euro"), [("12", "EUR"), ("9", "EUR")]),
        ("de", ("12,-", "199.-"), [("12", None), ("199", None)]),
        ("de", ("499 kr", "2 499 kr"), [("499", None), ("2499", None)]),
    ],
)
def test_a_column_named_price_holds_prices_in_any_writing(
    tmp_path: Path, lang: str, values: tuple[str, ...], expected: list[tuple[str, str | None]]
) -> None:
    products, _ = taken(tmp_path, "price", *values, lang=lang)
    assert amounts(products) == expected
    assert not any(product.attributes for product in products)


def test_a_column_named_price_without_any_is_an_attribute_and_said(tmp_path: Path) -> None:
    products, report = taken(tmp_path, "Preis", "auf Anfrage", "wie besprochen")
    assert [product.attributes[0].value for product in products] == ["auf Anfrage", "wie besprochen"]
    assert "no_price" in codes(report)


def test_feet_and_sizes_are_no_money_by_themselves() -> None:
    assert [text for text in ("6 ft.", "42 р", "12 m", "250 ml", "12 Euro", "9 zł") if is_money(text)] == [
        "12 Euro",
        "9 zł",
    ]


@pytest.mark.parametrize("value", ["499,00", "499"])
def test_a_price_found_by_its_values_has_the_currency_of_its_header(tmp_path: Path, value: str) -> None:
    products, report = taken(tmp_path, "Pris SEK", value, value)
    assert [price.currency for product in products for price in product.prices] == ["SEK", "SEK"]
    assert "unsure_column" in codes(report)


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("99¢", "en", ("0.99", None)),
        ("99 ct", "de", ("0.99", None)),
        ("99p", "en", ("0.99", "GBP")),
        ("50 коп.", "ru", ("0.5", "RUB")),
        ("12 руб. 50 коп.", "ru", ("12.5", "RUB")),
        ("1 € 50 ct", "de", ("1.5", "EUR")),
        ("99 р", "ru", ("99", "RUB")),
    ],
)
def test_cents_are_hundredths(text: str, lang: str, expected: tuple[str, str | None]) -> None:
    assert read_prices(text, lang=lang).prices == (Price(Decimal(expected[0]), expected[1]),)


@pytest.mark.parametrize(
    "text",
    [
        "ab 9,90 €", "Ab 9,90", "from $9.90", "starting at 9.90 USD", "à partir de 9,90 €", "dès 9,90 €",
        "desde 9,90 €", "a partir de R$ 9,90", "a partire da 9,90 €", "da € 9,90", "vanaf € 9,90", "od 9,90 zł",
        "от 99 руб.", "mulai dari Rp15.000", "9,90 TL'den başlayan", "ابتداءً من 99 ريال", "9,900円から", "9,900円～",
        "9,900원부터", "99元起", "12,50 € ab 10 Stück",
    ],
)  # fmt: skip
def test_where_prices_begin_is_no_price(text: str) -> None:
    reading = read_prices(text)
    assert (reading.prices, reading.problem) == ((), "price_from")


@pytest.mark.parametrize("text", ["12,50 € (ab Werk)", "ab Werk 12,50 €", "Modell 12,50 €", "12,50 € inkl. 19% MwSt"])
def test_other_words_beside_a_price_do_no_harm(text: str) -> None:
    assert read_prices(text).prices == (Price(Decimal("12.50"), "EUR"),)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12,50 EUR / 100 Stk", "0.125"),
        ("4,20 €/100", "0.042"),
        ("4,20 € pro 1.000 Stück", "0.0042"),
        ("4,20 €/kg", "4.2"),
    ],
)
def test_a_price_of_many_gives_that_of_one(text: str, amount: str) -> None:
    assert read_prices(text).prices == (Price(Decimal(amount), "EUR"),)


@pytest.mark.parametrize("text", ["4,20 €/100 ml", "3 for $10", "12,50 € / 120"])
def test_a_price_of_another_quantity_is_left_out(text: str) -> None:
    reading = read_prices(text)
    assert (reading.prices, reading.problem) == ((), "price_per_quantity")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [("100", 100), ("per 100 pcs", 100), ("100.0", 100), ("kg", 1), ("1 kg", 1), ("0", 1), ("C62", 1),
     ("100 g", None), ("1,000", None), ("0.5", None)],
)  # fmt: skip
def test_for_how_many_pieces_a_price_is(text: str, pieces: int | None) -> None:
    assert read_price_quantity(text) == pieces


@pytest.mark.parametrize("header", ["Preiseinheit", "PE", "price unit", "Цена за", "价格单位", "prijseenheid"])
def test_a_column_says_for_how_many_pieces_prices_are(tmp_path: Path, header: str) -> None:
    products, _ = taken(tmp_path, f"price;currency;{header};price tiers", "4,20;EUR;100;1000: 4,00", "3,50;EUR;1;")
    assert amounts(products) == [("0.042", "EUR"), ("3.50", "EUR")]
    assert products[0].price_tiers == (PriceTier(1000, Decimal("0.04"), "EUR"),)


def test_a_price_of_a_measure_is_left_out_and_said(tmp_path: Path) -> None:
    products, report = taken(tmp_path, "price;price per", "4,20;100 g", "3,50;1")
    assert amounts(products) == [("3.50", None)]
    assert "price_per_quantity" in codes(report)


def test_pe_is_also_a_plastic_and_a_pack(tmp_path: Path) -> None:
    for values in (("PE", "HDPE"), ("12", "6")):
        products, _ = taken(tmp_path, "price;PE", *(f"4,20;{value}" for value in values))
        assert amounts(products) == [("4.20", None), ("4.20", None)]
        assert [product.attributes[0].value for product in products] == list(values)


def test_a_header_says_for_how_many_pieces_prices_are(tmp_path: Path) -> None:
    products, _ = taken(tmp_path, "Preis pro 100 Stk (EUR)", "4,20", "8,40")
    assert amounts(products) == [("0.042", "EUR"), ("0.084", "EUR")]
    [grams] = parse_headers(["Preis je 100 g"]).values()
    assert grams.named is not None
    assert grams.named.field == "ignored"


@pytest.mark.parametrize(
    "names",
    [
        ("Menge", "Preis"), ("Qty", "Price"), ("Quantité", "Prix"), ("Cantidad", "Precio"), ("Quantità", "Prezzo"),
        ("Aantal", "Prijs"), ("Ilość", "Cena"), ("Quantidade", "Preço"), ("Количество", "Цена"), ("Adet", "Fiyat"),
        ("Jumlah", "Harga"), ("数量", "価格"), ("数量", "价格"), ("수량", "가격"), ("الكمية", "السعر"),
        ("MOQ", "Price"),
    ],
)  # fmt: skip
def test_numbered_quantities_and_prices_are_tiers(tmp_path: Path, names: tuple[str, str]) -> None:
    quantity, price = names
    header = f"{price};{quantity} 1;{price} 1;{quantity} 2;{price} 2"
    products, _ = taken(tmp_path, header, "10,00;10;9,00;50;8,00", "20,00;ab 5;19,00;;")
    assert amounts(products) == [("10.00", None), ("20.00", None)]
    assert [product.stock for product in products] == [None, None]
    assert [[(tier.minimum, tier.amount) for tier in product.price_tiers] for product in products] == [
        [(10, Decimal(9)), (50, Decimal(8))],
        [(5, Decimal(19))],
    ]


def test_the_price_from_one_piece_is_the_price(tmp_path: Path) -> None:
    products, _ = taken(tmp_path, "Menge 1;Preis 1;Menge 2;Preis 2", "1;10,00;50;8,00")
    assert amounts(products) == [("10.00", None)]


def test_numbered_stocks_are_no_tiers(tmp_path: Path) -> None:
    products, _ = taken(tmp_path, "Preis 1;Lagerbestand 1", "10,00;7")
    assert (amounts(products), products[0].stock) == ([("10.00", None)], 7)


@pytest.mark.parametrize("header", ["价格区间", "价格", "Preis"])
def test_tiers_in_a_cell_are_known_by_their_shape(tmp_path: Path, header: str) -> None:
    products, _ = taken(tmp_path, header, '"2-49:39.90;50-199:35.00;≥200:32.00"')
    assert [(tier.minimum, tier.amount) for tier in products[0].price_tiers] == [
        (2, Decimal("39.90")),
        (50, Decimal("35.00")),
        (200, Decimal("32.00")),
    ]


def test_tiers_behind_slashes_and_quantities_as_ranges() -> None:
    listed = read_tiers("ab 10: 9,50 € / ab 50: 8,90 €", currency=None, mark=None, lang="de")
    paired = pair_tiers(["10-49", "≥ 50"], ["9,50 €", "8,90 €"], currency=None, mark=None, lang="de")
    assert listed == paired
    assert [tier.minimum for tier in listed.tiers] == [10, 50]


@pytest.mark.parametrize(
    "header",
    [
        "Gewicht;Gewichtseinheit", "Gewicht;Einheit Gewicht", "weight;weight-unit", "weight;weight_class",
        "Poids;Unité de poids", "Peso;Unidad de peso", "Peso;Unità di misura peso", "Gewicht;Gewichtseenheid",
        "Waga;Jednostka wagi", "Вес;Единица веса", "Ağırlık;Ağırlık birimi", "Berat;Satuan berat", "重量;重量単位",
        "重量;重量单位", "무게;무게 단위", "الوزن;وحدة الوزن",
    ],
)  # fmt: skip
def test_a_column_of_units_speaks_of_its_numbers(tmp_path: Path, header: str) -> None:
    products, _ = taken(tmp_path, header, "12,5;kg", "250;GRAM", "3 kg;kg")
    assert [[attribute.value for attribute in product.attributes] for product in products] == [
        ["12,5 kg"],
        ["250 g"],
        ["3 kg"],
    ]


def test_lengths_share_a_unit_and_none_of_zero_is_kept(tmp_path: Path) -> None:
    products, _ = taken(tmp_path, "length;width;height;length_unit;zoom", "1.00;2.00;3.00;cm;0", "0.00;0;0,00;cm;4")
    assert [[(one.name, one.value) for one in product.attributes] for product in products] == [
        [("length", "1.00 cm"), ("width", "2.00 cm"), ("height", "3.00 cm"), ("zoom", "0")],
        [("zoom", "4")],
    ]


def test_a_unit_without_its_numbers_is_an_attribute(tmp_path: Path) -> None:
    products, _ = taken(tmp_path, "Gewichtseinheit;Farbe", "kg;rot")
    assert [attribute.value for attribute in products[0].attributes] == ["kg", "rot"]
    assert (find_unit("KILOGRAM"), find_unit("1"), find_unit("rot")) == ("kg", None, None)


def test_an_address_is_not_cut_at_a_blank() -> None:
    assert read_addresses(["https://e.com/a b.jpg"]) == (("https://e.com/a%20b.jpg",), ())
    several = "https://e.com/a b.jpg | https://e.com/c.jpg"
    assert read_addresses([several]) == (("https://e.com/c.jpg",), (several,))
    assert read_addresses(["https://e.com/p see there"]) == ((), ("https://e.com/p see there",))
    assert read_addresses(["https://e.com/a.jpg front https://e.com/b.jpg"])[0] == (
        "https://e.com/a.jpg",
        "https://e.com/b.jpg",
    )
