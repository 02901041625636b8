"""How a segment is locked for each attempt, and put together again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translation.attempts import as_it_is, carefully, clauses, fitted
from translation.model import Segment


def segment(text: str, lang: str = "en", kind: str = "title") -> Segment:
    return Segment(lang, kind, "", text)


def test_facts_that_stand_side_by_side_travel_as_one() -> None:
    locked = as_it_is(segment('Laptop 8 GB DDR4, 15.6" screen'), ())
    assert locked.text == "Laptop [0] screen"
    assert locked.restore("Ecrã [0] portátil", "pt") == 'Ecrã 8 GB DDR4, 15,6" portátil'


@pytest.mark.parametrize("answer", ["Lamp", "Lamp [0] [0]", "Lamp [0] [1]", "Lamp [7]"])
def test_a_placeholder_that_is_lost_doubled_or_invented_is_seen(answer: str) -> None:
    assert as_it_is(segment("Lamp 10 W"), ()).restore(answer, "de") is None


def test_counts_are_locked_with_care_only() -> None:
    assert as_it_is(segment("100 sheets"), ()).text == "100 sheets"
    assert carefully(segment("100 sheets"), (), {}).text == "[0] sheets"


def test_a_letter_that_clings_to_a_number_is_locked_with_it() -> None:
    locked = carefully(segment("Patch cable category 5e grey 9pin"), (), {})
    assert locked.text == "Patch cable category [0] grey [1]pin"
    assert locked.restore("Cabo categoria [0] cinza [1]pino", "pt") == "Cabo categoria 5e cinza 9pino"


def test_required_terms_come_back_as_the_term_wanted() -> None:
    locked = carefully(segment("Drill with Battery"), ("Bosch",), {"Battery": "Akku"})
    assert locked.text == "Drill with [0]"
    assert locked.restore("Bohrer mit [0]", "de") == "Bohrer mit Akku"


def test_a_brand_that_is_also_a_term_stays_a_brand() -> None:
    locked = carefully(segment("Apple charger"), ("Apple",), {"Apple": "maçã"})
    assert locked.restore("carregador [0]", "pt") == "carregador Apple"


def test_known_terms_are_written_small_but_for_names() -> None:
    common = ("rack", "black", "case", "usb hub")
    assert carefully(segment("Case Black Fury USB HUB Rack 3500"), (), {}, common).text == (
        "Case black Fury USB HUB Rack [0]"
    )


def test_capitals_of_the_whole_hold_for_its_clauses() -> None:
    locked = carefully(segment("IŞIK", "tr"), (), {}, shouts=True)
    assert locked.text == "Işık"
    assert locked.restore("light", "en") == "LIGHT"


@pytest.mark.parametrize(
    ("kind", "text", "cut"),
    [
        ("title", "Garden hose, green - with wall mount", ["Garden hose", ", ", "green", " - ", "with wall mount"]),
        ("title", "Labels 70x67 mm white paper", ["Labels 70x67 mm", " ", "white paper"]),
        ("title", "Lamp (red, green)", ["Lamp (red, green)"]),
        ("title", "Hose, 5 m", ["Hose, 5 m"]),
        ("title", "防水背包，大容量", ["防水背包", "，", "大容量"]),
        ("description", "Strong, light and cheap", ["Strong, light and cheap"]),
        ("description", "The lid is light; it closes well", ["The lid is light", "; ", "it closes well"]),
    ],
)
def test_clauses(kind: str, text: str, cut: list[str]) -> None:
    assert clauses(segment(text, kind=kind), ()) == cut


@pytest.mark.parametrize(
    ("clause", "translated", "target", "written"),
    [
        ("wall mount", "Soporte de pared.", "es", "soporte de pared"),
        ("wall mount", "Wandhalterung", "de", "Wandhalterung"),
        ("usb hub", "USB-хаб", "ru", "USB-хаб"),
        ("Wall mount.", "Soporte.", "es", "Soporte."),
        ("light", "Işık", "tr", "ışık"),
        ("wall mount", "", "es", ""),
    ],
)
def test_a_clause_is_no_sentence(clause: str, translated: str, target: str, written: str) -> None:
    assert fitted(clause, translated, target) == written


@given(st.text(max_size=80), st.sampled_from(["title", "description"]), st.sampled_from(["en", "zh", "ar", "de"]))
def test_clauses_joined_are_the_text(text: str, kind: str, lang: str) -> None:
    cut = clauses(segment(text, lang, kind), ("Bosch",))
    assert "".join(cut) == text
    assert len(cut) % 2 == 1


@given(st.text(max_size=60) | st.text(alphabet="[]0123456789 ,.a½kgmWx", max_size=40))
def test_locked_and_restored_a_text_is_itself(text: str) -> None:
    for locked in (as_it_is(segment(text), ("Bosch",)), carefully(segment(text), ("Bosch",), {}, ("lamp",), False)):
        if not locked.shouts:
            assert locked.restore(locked.text, "en") == text
