"""Numbers, prices and quantities."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model import Price
from catalog.values.currencies import find_currency
from catalog.values.numbers import (
    decimal_mark,
    is_bare_number,
    is_placeholder,
    read_count,
    read_number,
    read_prices,
    with_unit,
)


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1.299,00 €", "1299.00", "EUR"),
        ("1.299,00€", "1299.00", "EUR"),
        ("1 299,00", "1299.00", None),
        ("1\u202f299,00 €", "1299.00", "EUR"),
        ("24.99 GBP", "24.99", "GBP"),
        ("EUR 24,90", "24.90", "EUR"),
        ("CHF 1'299.00", "1299.00", "CHF"),
        ("R$ 1.299,90", "1299.90", "BRL"),
        ("1,00,000 INR", "100000", "INR"),
        ("5,490원", "5490", "KRW"),
        ("１，２９９円", "1299", "JPY"),
        ("89.00元/件", "89.00", "CNY"),
        ("10 000 руб.", "10000", "RUB"),
        ("12,50 zł", "12.50", "PLN"),
        ("899,90 TL", "899.90", "TRY"),
        ("Rp 1.250.000", "1250000", "IDR"),
        ("١٬٢٩٩٫٥٠ ج.م", "1299.50", "EGP"),
        ("US$ 3.20", "3.20", "USD"),
        ("12,-", "12", None),
        ("0,035 €", "0.035", "EUR"),
    ],
)
def test_a_price_reads_as_it_is_written(text: str, amount: str, currency: str | None) -> None:
    assert read_prices(text).prices == (Price(Decimal(amount), currency),)


def test_several_currencies_in_a_cell_are_several_prices() -> None:
    assert read_prices("29.56 EUR,662 USD").prices == (Price(Decimal("29.56"), "EUR"), Price(Decimal(662), "USD"))


@pytest.mark.parametrize("text", ["1,299", "1.299", "12,345"])
def test_thousands_or_decimals_is_not_guessed(text: str) -> None:
    reading = read_prices(text)
    assert (reading.prices, reading.problem) == ((), "price_ambiguous")


def test_the_column_decides_first() -> None:
    assert read_prices("1,299", mark=",", lang="en").prices[0].amount == Decimal("1.299")
    assert read_prices("1,299", mark=".", lang="de").prices[0].amount == Decimal(1299)


def test_a_language_decides_only_where_it_groups_so() -> None:
    assert read_prices("1,299", lang="en").prices[0].amount == Decimal(1299)
    assert read_prices("1.299", lang="de").prices[0].amount == Decimal(1299)
    assert read_prices("1,299", lang="de").problem == "price_ambiguous"  # a price of three decimals
    assert read_prices("1.299", lang="en").problem == "price_ambiguous"


def test_a_currency_without_cents_has_only_thousands() -> None:
    assert read_prices("¥1,299", lang="ja").prices == (Price(Decimal(1299), "JPY"),)
    assert read_prices("1.299", currency="KRW").prices == (Price(Decimal(1299), "KRW"),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("kostenlos", "price_unreadable"),
        ("1.5.3", "price_unreadable"),
        ("3 for 10", "price_unreadable"),
        ("12.50-15.00", "price_range"),
        ("€12.50-€15.00", "price_range"),
        ("-5,00", "price_negative"),
        ("0.00", "price_zero"),
    ],
)
def test_what_is_no_price_says_why(text: str, problem: str) -> None:
    assert read_prices(text).prices == ()
    assert read_prices(text).problem == problem


def test_a_sign_of_several_currencies_gives_none() -> None:
    reading = read_prices("$12.50")
    assert (reading.prices, reading.problem) == ((Price(Decimal("12.50"), None),), "currency_unknown")
    assert read_prices("$12.50", currency="CAD").prices == (Price(Decimal("12.50"), "CAD"),)


def test_the_language_settles_the_yen_sign() -> None:
    assert find_currency("¥", "ja") == "JPY"
    assert find_currency("¥", "zh") == "CNY"
    assert find_currency("¥", "en") is None


@given(st.integers(1, 10**9), st.integers(0, 99), st.sampled_from([",", "."]))
def test_any_amount_with_cents_reads_the_same_in_both_conventions(units: int, cents: int, mark: str) -> None:
    group = "." if mark == "," else ","
    text = f"{units:,}".replace(",", group) + f"{mark}{cents:02d}"
    number = read_number(text)
    assert number is not None
    assert number.value == Decimal(f"{units}.{cents:02d}")
    assert number.mark == mark


@given(st.decimals(0, 10**6, places=2))
def test_digits_of_other_scripts_read_like_ours(value: Decimal) -> None:
    arabic = str(value).translate(str.maketrans("0123456789.", "٠١٢٣٤٥٦٧٨٩٫"))
    number = read_number(arabic)
    assert number is not None
    assert number.value == value


def test_every_language_has_a_decimal_mark() -> None:
    assert {lang: decimal_mark(lang) for lang in ("de", "fr", "ru", "tr", "id", "en", "ja", "zh", "ko")} == {
        "de": ",", "fr": ",", "ru": ",", "tr": ",", "id": ",", "en": ".", "ja": ".", "zh": ".", "ko": ".",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("46", 46), ("1 260 шт.", 1260), ("1,260", 1260), ("1.260", 1260), ("100.0", 100), ("> 50", 50), ("10+", 10),
        ("default=100", 100), ("default=100,north=20", 120), ("٦٤٠", 640), ("０", 0),
        ("in stock", None), ("-3", None), ("12.5", None), ("", None),
    ],
)  # fmt: skip
def test_a_quantity_is_a_whole_number_of_things(text: str, count: int | None) -> None:
    assert read_count(text) == count


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        ("2,050", "kg", "2,050 kg"),
        ("300/500", "V", "300/500 V"),
        ("160–210 x 90 x 76", "cm", "160–210 x 90 x 76 cm"),
        ("370х95х215", "мм", "370х95х215 мм"),
        ("Ø 8,4", "mm", "Ø 8,4 mm"),
        ("22", "%", "22%"),
        ("220 В", "В", "220 В"),
        ("nach Wahl", "cm", "nach Wahl"),
        ("S", "cm", "S"),
        ("12", None, "12"),
    ],
)
def test_a_unit_joins_bare_numbers_only(value: str, unit: str | None, shown: str) -> None:
    assert with_unit(value, unit) == shown


def test_bare_numbers_and_placeholders() -> None:
    assert is_bare_number("5-10,5")
    assert not is_bare_number("5 Stück")
    assert is_placeholder("N/A")
    assert is_placeholder("-")
    assert not is_placeholder("0")
