"""GTIN, EAN, UPC, ISBN."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from catalog.values.identifiers import is_gtin, read_gtin


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("4006381333931", "4006381333931"),
        ("4 006381 333931", "4006381333931"),
        ("4006381333931.0", "4006381333931"),
        ("'012345678905", "012345678905"),
        ("96385074", "96385074"),
        ("978-3-16-148410-0", "9783161484100"),
        ("3-16-148410-X", "9783161484100"),
        ("４００６３８１３３３９３１", "4006381333931"),
        ("4006381333932; 4006381333931", "4006381333931"),
    ],
)
def test_a_right_number_is_taken(text: str, gtin: str) -> None:
    assert read_gtin(text).gtin == gtin


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4006381333932", "gtin_check_digit"),
        ("1234567890123", "gtin_check_digit"),
        ("3-16-148410-1", "gtin_check_digit"),
        ("1.23E+12", "gtin_scientific"),
        ("4,05722E+12", "gtin_scientific"),
        ("19562300015", "gtin_length"),
        ("0000000000000", "gtin_placeholder"),
        ("does not apply", "gtin_unreadable"),
        ("", "gtin_unreadable"),
    ],
)
def test_a_wrong_number_says_why(text: str, code: str) -> None:
    reading = read_gtin(text)
    assert (reading.gtin, reading.code) == (None, code)
    assert reading.reason


def test_a_lost_zero_is_named_and_not_guessed() -> None:
    assert "leading zeros" in read_gtin("19562300015").reason


@given(st.from_regex(r"[1-9][0-9]{11}", fullmatch=True), st.integers(1, 9))
def test_any_mistyped_check_digit_is_found(body: str, shift: int) -> None:
    right = ean.calc_check_digit(body)
    wrong = str((int(right) + shift) % 10)
    assert read_gtin(body + right).gtin == body + right
    assert is_gtin(body + right)
    assert read_gtin(body + wrong).code == "gtin_check_digit"
    assert not is_gtin(body + wrong)
