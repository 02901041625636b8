"""Numbers read with one language's separators and written with another's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.languages import CODES
from translation.numerals import (
    Manner,
    ascii_digits,
    is_uncertain,
    localised,
    manner_of,
    plain_digits,
    read,
    readings,
    said_in_words,
    separators,
)


@pytest.mark.parametrize(
    ("surface", "lang", "reading"),
    [
        ("25", "en", ("25", "")),
        ("1,000", "en", ("1000", "")),
        ("1.000", "de", ("1000", "")),
        ("1.000", "en", None),  # one, or a thousand by a supplier from elsewhere
        ("1,500", "de", None),
        ("0,500", "de", ("0", "500")),
        ("4,7", "de", ("4", "7")),
        ("4.7", "de", ("4", "7")),
        ("12.345.678,9", "pt", ("12345678", "9")),
        ("1,234.5", "en", ("1234", "5")),
        ("5 000", "ru", ("5000", "")),
        ("5\u00a0000,25", "fr", ("5000", "25")),
        ("٢٫٥", "ar", ("2", "5")),
        ("1'000'000", "de", ("1000000", "")),
        ("2½", "en", None),
        ("1.2.3", "en", None),
    ],
)
def test_read(surface: str, lang: str, reading: tuple[str, str] | None) -> None:
    assert read(surface, lang) == reading


@pytest.mark.parametrize(
    ("surface", "source", "target", "written"),
    [
        ("1,000", "en", "de", "1.000"),
        ("1,000", "en", "fr", "1\u202f000"),
        ("4.7", "en", "pt", "4,7"),
        ("4,7", "de", "ja", "4.7"),
        ("1.500", "en", "de", "1.500"),
        ("٢٢٠", "ar", "en", "220"),
        ("2½", "en", "de", "2½"),
        ("5000", "en", "de", "5000"),
        ("１，０００", "ja", "id", "1.000"),
        ("2,50", "it", "it", "2,50"),
    ],
)
def test_localised(surface: str, source: str, target: str, written: str) -> None:
    surface = surface.replace("，", ",")  # full-width signs are made half-width before
    assert localised(surface, source, target) == written


@given(st.integers(0, 10**9), st.integers(0, 99), st.sampled_from(CODES), st.sampled_from(CODES))
def test_digits_never_change(whole: int, cents: int, source: str, target: str) -> None:
    decimal, group = separators(source)
    for surface in (f"{whole}{decimal}{cents:02}", f"{whole:,}".replace(",", group)):
        assert plain_digits(localised(surface, source, target)) == plain_digits(surface)


@given(st.integers(1000, 10**9), st.sampled_from(CODES), st.sampled_from(CODES))
def test_what_is_written_is_read_again(number: int, source: str, target: str) -> None:
    surface = f"{number:,}".replace(",", separators(source)[1])
    assert read(localised(surface, source, target), target) == (str(number), "")


def test_every_script_has_its_digits_read() -> None:
    assert ascii_digits("٢٫٥ २ ５") == "2.5 2 5"
    assert plain_digits("1.234,5") == plain_digits("1 234.5") == "12345"


@pytest.mark.parametrize(
    ("lang", "text", "decimal"),
    [
        ("en", "22.875 m, 3.5mm", "."),
        ("en", "22.875 m", ""),
        ("en", "3,5 mm, 4.5 mm", ""),
        ("de", "1.234,5", ","),
        ("ar", "٢٫٥ لتر", "."),
        ("en", "v1.2.3", ""),
    ],
)
def test_a_text_shows_its_decimal_sign(lang: str, text: str, decimal: str) -> None:
    assert manner_of(lang, text) == Manner(lang, decimal)


@pytest.mark.parametrize(
    ("surface", "manner", "values"),
    [
        ("1,000", Manner("en"), ("1000",)),
        ("1,000", Manner("en", ","), ("1000", "1.000")),
        ("1.525", Manner("en", "."), ("1.525",)),
        ("1.525", Manner("en"), ("1525", "1.525")),
        ("1.525", Manner("de", ","), ("1525",)),
        ("5 000", Manner("en"), ("5000",)),
        ("11 750", Manner("ru"), ("11750",)),
        ("2½", Manner("en"), ("21/2",)),
        ("٢٫٥", Manner("ar"), ("2.5",)),
    ],
)
def test_readings(surface: str, manner: Manner, values: tuple[str, ...]) -> None:
    assert readings(surface, manner) == values
    assert is_uncertain(surface, manner) == (len(values) > 1)


@pytest.mark.parametrize(
    ("value", "lang", "text", "times"),
    [
        ("3", "en", "three lamps and a third", 2),
        ("3", "de", "Dreieck drei", 1),
        ("2", "zh", "两件套", 1),
        ("12", "ru", "дюжина", 1),
        ("13", "en", "thirteen", 0),
        ("2", "pt", "Duas lâmpadas", 1),
    ],
)
def test_said_in_words(value: str, lang: str, text: str, times: int) -> None:
    assert said_in_words(value, lang, text) == times
