"""Drafts made of terms."""

import pytest

from tests.unit.terms import concept, small_termbase
from translation.facts import mask
from translation.gloss import LEAST_COVERAGE, Gloss, gloss
from translation.model import Segment


def draft(lang: str, text: str, target: str, *more: object) -> Gloss | None:
    masked = mask(lang, text)
    return gloss(Segment(lang, "title", "", text), masked, target, small_termbase(*more))  # type: ignore[arg-type]


def written(lang: str, text: str, target: str, *more: object) -> str | None:
    found = draft(lang, text, target, *more)
    return mask(lang, text).restore(found.text, target) if found else None


@pytest.mark.parametrize(
    ("lang", "text", "target", "expected"),
    [
        ("en", "red stainless steel screw", "pt", "parafuso vermelho aço inoxidável"),
        ("en", "red stainless steel screw", "de", "rot Edelstahl Schraube"),
        ("en", "red lamp", "zh", "红灯"),
        ("es", "tornillo rojo", "en", "red screw"),
        ("de", "Edelstahlschraube M8×40", "fr", "vis inox M8×40"),
        ("en", "lamp, battery 12.5 V", "de", "Lampe, Akku 12,5 V"),
        ("de", "Lampe mit Akku", "en", "lamp battery"),
        ("de", "Lampe ohne Akku", "en", "lamp without battery"),
        ("de", "Lampe ohne Akku", "ja", "ランプ 電池なし"),
        ("zh", "灯 不含电池", "en", "lamp without battery"),
        ("ja", "ランプ 電池なし", "de", "Lampe ohne Akku"),
        ("de", "rote Lampe ohne Kabel", "en", "red lamp ohne Kabel"),
        ("en", "lamp S/M, red", "de", "Lampe S/M, rot"),
        ("en", "screw lamp 80 to 175 for", "fr", "vis lampe 80, 175"),
        ("zh", "灯（红色）5支", "en", "lamp (red) 5支"),
        ("de", "Schraube Edelstahlschraube", "en", "stainless steel screw"),
    ],
)
def test_drafts(lang: str, text: str, target: str, expected: str) -> None:
    assert written(lang, text, target) == expected


def test_the_parts_of_an_english_compound_are_no_two_products() -> None:
    sweets, potato = concept("candy", en="sweets", de="Bonbons"), concept("potato", en="potato", de="Kartoffel")
    assert written("en", "Sweet Potato", "de", sweets, potato) == "Kartoffel Sweet"
    assert written("en", "Sweet, potato", "de", sweets, potato) == "Bonbons, Kartoffel"
    assert written("en", "sweets potato", "de", sweets, potato) == "Bonbons Kartoffel"


def test_under_half_covered_there_is_no_draft() -> None:
    assert draft("en", "extraordinary lamp", "de") is None
    found = draft("en", "stainless steel lamp deluxe", "de")
    assert found is not None
    assert LEAST_COVERAGE <= found.coverage < 1


def test_function_words_and_facts_count_for_nothing() -> None:
    found = draft("en", "a lamp with the battery for 12 V", "de")
    assert found is not None
    assert found.coverage == 1.0


def test_a_denial_counts_as_unknown_and_stays() -> None:
    assert written("de", "Lampe nicht rot", "en") == "red lamp nicht"


def test_a_draft_names_its_concepts() -> None:
    found = draft("en", "red lamp", "de")
    assert found is not None
    assert [one.id for one in found.concepts] == ["red", "lamp"]


def test_a_text_without_words_has_no_draft() -> None:
    assert draft("en", "12 V", "de") is None
    assert draft("en", "", "de") is None


def test_placeholders_all_come_back() -> None:
    found = draft("en", "lamp 12 V 5 W M8 battery 3.5 kg", "ja", concept("deluxe"))
    assert found is not None
    assert sorted(found.text.count(f"[{number}]") for number in range(4)) == [1, 1, 1, 1]
