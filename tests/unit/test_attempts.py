"""How a segment is locked for each attempt, and put together again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translation.attempts import Locked, as_it_is, carefully, clauses, fitted, in_frame
from translation.model import Segment
from translation.spelling import Spelling


def segment(text: str, lang: str = "en", kind: str = "title") -> Segment:
    return Segment(lang, kind, "", text)


def test_facts_that_stand_side_by_side_travel_as_one() -> None:
    locked = as_it_is(segment('Laptop 8 GB DDR4, 15.6" screen'), (), Spelling())
    assert locked.text == "Laptop [0] screen"
    assert locked.restore("Ecrã [0] portátil", "pt") == 'Ecrã 8 GB DDR4, 15,6" portátil'


@pytest.mark.parametrize("answer", ["Lamp", "Lamp [0] [0]", "Lamp [0] [1]", "Lamp [7]"])
def test_a_placeholder_that_is_lost_doubled_or_invented_is_seen(answer: str) -> None:
    assert as_it_is(segment("Lamp 10 W"), (), Spelling()).restore(answer, "de") is None


def test_counts_are_locked_with_care_only() -> None:
    assert as_it_is(segment("100 sheets"), (), Spelling()).text == "100 sheets"
    assert carefully(segment("100 sheets"), (), Spelling(), {}).text == "[0] sheets"


def test_a_letter_that_clings_to_a_number_is_locked_with_it() -> None:
    locked = carefully(segment("Patch cable category 5e grey 9pin"), (), Spelling(), {})
    assert locked.text == "Patch cable category [0] grey [1]pin"
    assert locked.restore("Cabo categoria [0] cinza [1]pino", "pt") == "Cabo categoria 5e cinza 9pino"


def test_required_terms_come_back_as_the_term_wanted() -> None:
    locked = carefully(segment("Drill with Battery"), ("Bosch",), Spelling(), {"Battery": "Akku"})
    assert locked.text == "Drill with [0]"
    assert locked.restore("Bohrer mit [0]", "de") == "Bohrer mit Akku"


def test_a_brand_that_is_also_a_term_stays_a_brand() -> None:
    locked = carefully(segment("Apple charger"), ("Apple",), Spelling(), {"Apple": "maçã"})
    assert locked.restore("carregador [0]", "pt") == "carregador Apple"


def test_known_terms_are_written_small_but_for_names() -> None:
    common = ("rack", "black", "case", "usb hub")
    assert carefully(segment("Case Black Fury USB HUB Rack 3500"), (), Spelling(), {}, common).text == (
        "Case black Fury USB HUB Rack [0]"
    )


def test_of_terms_that_overlap_the_first_and_longest_is_taken() -> None:
    common = ("lamp red", "red red", "red")
    assert (
        carefully(segment("Bora Lamp Red Red Red Set"), (), Spelling(), {}, common).text == "Bora lamp red red red Set"
    )


def test_capitals_of_the_whole_hold_for_its_clauses() -> None:
    locked = carefully(segment("IŞIK", "tr"), (), Spelling(), {}, shouts=True)
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


LACKING = st.frozensets(st.characters() | st.sampled_from("aßüЖ日’²½%"), max_size=6)


@given(st.text(max_size=60) | st.text(alphabet="[]0123456789 ,.a½kgmWx", max_size=40), LACKING)
def test_locked_and_restored_a_text_is_itself(text: str, lacking: frozenset[str]) -> None:
    spelling = Spelling(lacking)
    for locked in (
        as_it_is(segment(text), ("Bosch",), spelling),
        carefully(segment(text), ("Bosch",), spelling, {}, ("lamp",), False),
    ):
        if not locked.shouts:
            assert locked.restore(locked.text, "en") == text


def test_what_engines_lack_is_spelt_otherwise_or_locked() -> None:
    spelling = Spelling(frozenset("ß"), {ord("’"): "'"})
    locked = as_it_is(segment("Men’s shirt from Gießen"), (), spelling)
    assert locked.text == "Men's shirt from [0]"
    assert locked.restore("Camisa de [0]", "pt") == "Camisa de Gießen"


def framed(text: str, kind: str = "attribute_value", context: str = "Colour", common: tuple[str, ...] = ()) -> Locked:
    locked = in_frame(Segment("en", kind, context, text), (), Spelling(), common)
    assert locked is not None
    return locked


def test_a_value_stands_behind_the_name_of_its_attribute() -> None:
    locked = framed("Dark Orange")
    assert locked.text == "colour = dark orange"
    assert locked.restore("laranja escuro", "pt") == "Laranja escuro"
    assert framed("orange").restore("laranja", "pt") == "laranja"


def test_facts_are_locked_in_a_frame() -> None:
    locked = framed("Cable 2,5 m", context="Included")
    assert locked.text == "included = cable [0]"
    assert locked.restore("cabo [0]", "pt") == "Cabo 2,5 m"
    assert locked.restore("cabo", "pt") is None


def test_names_get_their_capitals_back() -> None:
    locked = framed("Kindle cover", "title", "")
    assert locked.restore("capa kindle", "pt") == "Capa Kindle"
    assert framed("Silicone cover", "title", "", ("silicone",)).restore("capa de silicone", "pt") == "Capa de silicone"
    assert framed("A cover", "title", "").restore("para a capa", "pt") == "Para a capa"


def test_what_shouts_shouts_in_a_frame() -> None:
    locked = framed("WING NUT M8", "title", "")
    assert locked.text == "product = wing nut [0]"
    assert locked.restore("porca borboleta [0]", "pt") == "PORCA BORBOLETA M8"


def test_running_text_has_no_frame() -> None:
    assert in_frame(Segment("en", "description", "", "Red lamp"), (), Spelling()) is None
