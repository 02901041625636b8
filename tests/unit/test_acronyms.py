"""Which capitals are acronyms, and how a translation may say them."""

import csv
from pathlib import Path

import pytest

from catalog.languages import CODES
from translation.checks import Expected, acronyms, check, codes
from translation.model import Segment
from translation.terminology.requirements import Requirement

TABLE = Path(acronyms.__file__).with_name("acronyms.csv")


def lost(source: str, target: str, text: str, translated: str, known: Expected | None = None) -> bool:
    segment = Segment(source, "title", "", text)
    return "acronym" in codes(check(segment, translated, target, known or Expected()))


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("de", "LED-Lampe"), ("de", "Lampe mit LEDs"), ("nl", "Ledlamp"), ("pl", "Lampa z LED-em"),
        ("tr", "LED'li lamba"), ("it", "Lampada a led"), ("fr", "Lampe à DEL"), ("ru", "Светодиодная лампа"),
        ("ar", "مصباح ليد"), ("ja", "LEDランプ"),
    ],
)  # fmt: skip
def test_an_acronym_is_said_in_many_ways(target: str, said: str) -> None:
    assert not lost("en", target, "LED lamp", said)


@pytest.mark.parametrize(
    ("target", "said"),
    [("de", "Tischlampe"), ("es", "Lámpara LCD"), ("ru", "Лампа"), ("zh", "台灯"), ("tr", "LCD'li lamba")],
)
def test_a_dropped_or_changed_acronym_is_found(target: str, said: str) -> None:
    assert lost("en", target, "LED table lamp", said)


@pytest.mark.parametrize(
    ("source", "text", "said", "wrong"),
    [
        ("en", "MIG welder", "MİG KAYNAK MAKİNESİ", False),
        ("de", "MIG-Schweißgerät", "mıg kaynak makinesi", False),
        ("en", "PIR sensor", "PİRS SENSÖR", False),
        ("en", "PS bowl", "ÇİPS kasesi", True),
    ],
)
def test_turkish_writes_its_i_in_two_ways(source: str, text: str, said: str, wrong: bool) -> None:
    assert lost(source, "tr", text, said) is wrong


def test_the_message_names_what_was_lost() -> None:
    (found,) = check(Segment("en", "title", "", "USB and VGA cable"), "Kabel", "de")
    assert found.message.startswith("USB, VGA are not said: give the acronym")


@pytest.mark.parametrize(
    "text",
    [
        "NEW lamp",
        "Lamp SALE",
        "BLACK lamp",
        "Lamp XL",
        "Louis XIV lamp",
        "Lamp KRAKEN",
        "DESK LAMP FOR PMW",
        "Aid (BTX)",
    ],
)
def test_what_is_no_acronym(text: str) -> None:
    assert not lost("en", "fr", text, "Lampe")


@pytest.mark.parametrize(
    ("lang", "text", "target", "said"),
    [
        ("ru", "Труба ПВХ", "en", "PVC pipe"),
        ("pt", "Rack de TI", "en", "IT rack"),
        ("fr", "Lampe DEL", "de", "LED-Lampe"),
    ],
)
def test_an_acronym_of_another_language_has_its_own_there(lang: str, text: str, target: str, said: str) -> None:
    assert not lost(lang, target, text, said)
    assert lost(lang, target, text, said.split("-")[-1].split()[-1])


def test_a_small_word_of_the_target_language_is_no_acronym() -> None:
    assert lost("de", "en", "IT-Regal", "it is a rack")
    assert not lost("de", "en", "IT-Regal", "IT rack")


def test_the_termbase_may_say_it_otherwise() -> None:
    offered = Expected(offered=(("kvm", ("Umschalter",)),))
    assert lost("en", "de", "KVM with cable", "Umschalter mit Kabel")
    assert not lost("en", "de", "KVM with cable", "Umschalter mit Kabel", offered)


def test_a_required_term_is_left_to_its_own_check() -> None:
    known = Expected(required=(Requirement("PVC", ("Vinyl",), ()),))
    assert not lost("en", "de", "PVC hose", "Schlauch", known)


def test_a_brand_is_no_acronym() -> None:
    assert not lost("en", "de", "WMF pan", "WMF Pfanne", Expected(brands=("WMF",)))
    assert not lost("en", "de", "WMF pan", "Pfanne", Expected(brands=("WMF",)))


def test_the_table_is_whole() -> None:
    first, *lines = TABLE.read_text(encoding="utf-8").splitlines()
    assert first == "# SPDX-License-Identifier: Apache-2.0"
    for row in csv.DictReader(lines):
        assert row["acronym"].isupper()
        assert len(row["acronym"].split()) == len(set(row["acronym"].split()))
        assert set(row["languages"].split()) <= {*CODES, "*"}
        assert bool(row["languages"]) is bool(row["forms"])
        assert all(form.strip() == form != "" for form in row["forms"].split("|")) or not row["forms"]
