"""Letters in capitals before an engine reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.languages import CODES
from translation.casing import is_all_capitals, sentence_case


@pytest.mark.parametrize(
    ("lang", "text", "small"),
    [
        ("en", "LED LAMP [0] WITH USB CABLE", "LED lamp [0] with USB cable"),
        ("en", "[0] RED LAMP", "[0] Red lamp"),
        ("tr", "BAHÇE HORTUMU YEŞİL IŞIK", "Bahçe hortumu yeşil ışık"),
        ("nl", "IJZEREN STAAF", "IJzeren staaf"),
        ("ru", "СТАЛЬНОЙ БОЛТ", "Стальной болт"),
        ("zh", "[0] 不锈钢", "[0] 不锈钢"),
        ("en", "[0]", "[0]"),
    ],
)
def test_sentence_case(lang: str, text: str, small: str) -> None:
    assert sentence_case(lang, text) == small


@given(st.text(alphabet="ABCXYZ 12[]-", max_size=60), st.sampled_from([code for code in CODES if code != "tr"]))
def test_only_the_case_changes(text: str, lang: str) -> None:
    assert sentence_case(lang, text).casefold() == text.casefold()


def test_all_capitals() -> None:
    assert is_all_capitals("SCHRAUBE M8")
    assert not is_all_capitals("Schraube M8")
    assert not is_all_capitals("USB")
    assert not is_all_capitals("ステンレス ねじ")
