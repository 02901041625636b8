"""What each check finds and what it lets pass."""

import pytest

from translation.checks import CODES, check
from translation.model import Segment

GOOD = [
    ("en", "de", "Red lamp, 10 W", "Rote Lampe, 10 W"),
    ("en", "zh", "Stainless steel kitchen knife 20 cm", "不锈钢厨刀 20 cm"),
    ("zh", "de", "不锈钢厨刀", "Küchenmesser aus Edelstahl"),
    ("en", "pt", "Hotel", "Hotel"),
    ("en", "pt", "Yoga & Pilates", "Yoga & Pilates"),
    ("en", "fr", "Bosch GSR 18V-55", "Bosch GSR 18V-55"),
    ("en", "ru", "Drill Bosch Professional", "Дрель Bosch Professional"),
    ("en", "ar", "Camping tent for four people", "خيمة تخييم لأربعة أشخاص"),
    ("en", "de", "1,000 sheets of paper", "1.000 Blatt Papier"),
    ("en", "de", "very very very good", "sehr sehr sehr gut"),
    ("en", "it", "<b>strong</b> lamp", "lampada <b>forte</b>"),
    ("en", "es", "", ""),
    ("en", "fr", "see [3]", "voir [3]"),
]

BAD = [
    ("empty", "en", "de", "Red lamp", "  "),
    ("placeholder", "en", "de", "Red lamp", "Rote Lampe [0]"),
    ("facts", "en", "de", "Lamp 10 W", "Lampe 100 W"),
    ("facts", "en", "de", "Lamp 10 µF", "Lampe 10 F"),
    ("facts", "en", "de", "<b>Lamp</b>", "<b>Lampe"),
    ("facts", "en", "de", "Bosch drill", "Bohrmaschine"),
    ("untranslated", "en", "de", "very bright desk lamp", "Very bright desk lamp"),
    ("untranslated", "en", "pt", "Max drag", "Max drag"),
    ("untranslated", "pt", "en", "conj.", "conj."),
    ("untranslated", "en", "pt", "130/135 mm QR, 142/148 mm thru", "130/135 mm QR, 142/148 mm thru"),
    ("length", "en", "de", "a lamp for the kitchen table and the garden", "Lampe"),
    (
        "length",
        "en",
        "de",
        "desk lamp for kids",
        "Lampe " * 2 + "und vieles mehr für den ganzen großen Garten hinter dem Haus",
    ),
    ("repetition", "en", "de", "red lamp for home", "rote Lampe Lampe Lampe"),
    ("repetition", "en", "de", "red lamp for the home", "rote Lampe rote Lampe rote Lampe"),
    ("script", "en", "ru", "red lamp for the home", "krasnaya lampa dlya doma"),
    ("script", "en", "ja", "red lamp for the home", "красная лампа для дома"),
]


@pytest.mark.parametrize(("source", "target", "text", "translated"), GOOD)
def test_good_translations_pass(source: str, target: str, text: str, translated: str) -> None:
    assert check(Segment(source, "title", "", text), translated, target, ("Bosch",)) == []


@pytest.mark.parametrize(("code", "source", "target", "text", "translated"), BAD)
def test_bad_translations_are_found(code: str, source: str, target: str, text: str, translated: str) -> None:
    findings = check(Segment(source, "title", "", text), translated, target, ("Bosch",))
    assert code in [finding.code for finding in findings]
    assert all(finding.message for finding in findings)


def test_terms_say_which_copies_are_right() -> None:
    def copied(text: str, terms: dict[str, bool]) -> bool:
        return bool(check(Segment("en", "title", "", text), text, "pt", terms=terms))

    assert copied("design", {})
    assert not copied("design", {"design": True})
    assert not copied("Desk Lamp", {})
    assert copied("Desk Lamp", {"lamp": False})


def test_every_check_has_a_bad_case_here() -> None:
    assert {code for code, *_ in BAD} == set(CODES)
