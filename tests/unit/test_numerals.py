"""Numbers read with one language's separators and written with another's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.languages import CODES
from translation.numerals import ascii_digits, localised, plain_digits, read, separators


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
