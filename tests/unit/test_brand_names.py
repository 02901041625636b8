"""Names are found by how they begin, and facts where one may begin: nothing is missed that trying all would find."""

import re

from hypothesis import given
from hypothesis import strategies as st

from translation.facts import find
from translation.facts.brands import Names, names

BRANDS = names(("3M", "be quiet!", "Bosch", "İpek", "LG", "Müller", ".NET", "Straße", "北京", "*"))

PIECES = (
    *("10 mm", "1.500", "2½", "18V-55", "USB-C 3.1", "Windows 10", "DIN EN 388", "GB/T 1234", "ГОСТ 5", "cat 5e"),
    *(
        "PF-510",
        "iPhone",
        "LaserJet",
        "GeForce®",
        "Typ-12-Stecker",
        "Jacket-XL-Blue",
        "a@b.de",
        "jörg.mø@xü.de",
        "почта@пример.рф",
        "www.x.org",
        "https://x.de/1",
    ),
    *("<b>", "&amp;", "[0]", "#FF00AA", "5\ufe0f\u20e3", "±", "Ø12", "€", "–5 °C", "crêpe", "Jägermeister", "µTech"),
    *("Bosch", "müller", "3M", ".NET", "北京", "be quiet!", "İPEK", "ipek", "lamp", "LED", "你好", "лампа"),
    *("de", "مصباح", " ", " ", " ", "-", "/", ", ", ".", "(", ")", "x", "Ё", "é"),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
LANGS = st.sampled_from(("", "ar", "de", "en", "ja", "ko", "pt", "ru", "tr", "zh"))


@given(TEXTS, LANGS)
def test_no_fact_is_missed_for_where_it_begins(text: str, lang: str) -> None:
    # With characters that engines lack, every place of a text is tried; this one stands in none.
    assert find(text, BRANDS, lang) == find(text, BRANDS, lang, frozenset("\ue000"))


@given(TEXTS)
def test_every_name_that_a_pattern_finds_is_near(text: str) -> None:
    found = {name for name in BRANDS if re.search(re.escape(name), text, re.IGNORECASE)}
    assert found <= set(BRANDS.in_text(text))


def test_names_are_those_whose_letters_stand_in_a_text() -> None:
    assert BRANDS.in_text("Bohrer für BOSCH") == ("Bosch",)
    assert BRANDS.in_text("ipek şal") == ("İpek",)
    assert BRANDS.in_text("３Ｍ Klebeband") == ("3M",)
    assert BRANDS.in_text("Lampe") == ()


def test_an_index_is_made_once() -> None:
    assert names(("A", "B")) is names(["A", "B"])
    assert names(BRANDS) is BRANDS
    assert hash(Names(("A", "B"))) == hash(("A", "B"))
