"""Short texts behind a name and an equals sign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.languages import CODES
from translation.framing import Frame, frame_of, small
from translation.model import Segment


def put(kind: str, text: str, context: str = "", lang: str = "en") -> str | None:
    frame = frame_of(Segment(lang, kind, context, text))
    return frame.put(text) if frame else None


@pytest.mark.parametrize(
    ("kind", "context", "text", "asked"),
    [
        ("attribute_value", "Colour", "Orange", "colour = orange"),
        ("attribute_value", "Pointing Device:", "mouse", "pointing device = mouse"),
        ("attribute_value", "USB port (rear)", "yes", "USB port = yes"),
        ("attribute_value", "", "orange", "product = orange"),
        ("attribute_value", "a = b", "orange", "product = orange"),
        ("attribute_value", "a name of far too many words", "orange", "product = orange"),
        ("attribute_value", "Compatible brand", "Apple", "compatible brand = Apple"),
        ("attribute_name", "", "Power Supply", "product = power supply"),
        ("category", "", "LED Lamps & T-Shirts", "product = LED lamps & t-shirts"),
        ("category", "", "LaserJet Toner", "product = LaserJet toner"),
        ("keywords", "", "Garden hose", "product = garden hose"),
        ("title", "", "Wing nut", "product = wing nut"),
        ("title", "", "Bulb LED", "product = bulb LED"),
    ],
)
def test_a_short_text_is_put_behind_a_name(kind: str, context: str, text: str, asked: str) -> None:
    assert put(kind, text, context) == asked


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("description", "Red lamp"),
        ("bullet", "Red lamp"),
        ("title", "Juno Jacket"),
        ("title", "Tunic-XL-Blue Maya"),
        ("title", "Garden hose with nozzle"),
        ("category", "what nobody would call a category"),
        ("attribute_value", "a = b"),
        ("attribute_value", ""),
        ("keywords", "  "),
    ],
)
def test_what_reads_well_has_no_frame(kind: str, text: str) -> None:
    assert put(kind, text) is None


def test_every_language_has_a_word_for_what_has_no_name() -> None:
    made = {lang: put("category", "x", lang=lang) for lang in CODES}
    assert len(made) == 15
    assert all(text and text.endswith(" = x") for text in made.values())


def test_german_keeps_its_capitals() -> None:
    assert put("attribute_value", "Buche massiv", "Material", "de") == "Material = Buche massiv"


def test_small_letters_are_those_of_the_language() -> None:
    assert small("tr", "Işıklı ISI") == "ışıklı ISI"


@pytest.mark.parametrize(
    ("answer", "taken"),
    [
        ("cor = laranja", "laranja"),
        ("Cor=laranja", "laranja"),
        ("颜色 ＝ 橙色", "橙色"),
        ("laranja", None),
        ("cor = ", None),
        ("= laranja", None),
        ("cor = laranja = fruta", None),
        ("cor = .", None),
    ],
)
def test_an_answer_comes_apart_surely_or_not_at_all(answer: str, taken: str | None) -> None:
    assert Frame.take(answer) == taken


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(CODES))
def test_an_engine_that_changes_nothing_gives_the_text_back(context: str, text: str, lang: str) -> None:
    frame = frame_of(Segment(lang, "attribute_value", context, text))
    if frame and any(map(str.isalnum, text)):
        taken = Frame.take(frame.put(text))
        assert taken == frame.inside(text).strip()
