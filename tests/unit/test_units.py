"""Units of measure as suppliers write them."""

import csv
import re
from pathlib import Path

import pytest

import translation.units as units_module
from catalog.languages import CODES
from translation.facts import find
from translation.units import pattern, symbol, written

ROWS = list(
    csv.DictReader(
        line
        for line in (Path(units_module.__file__).parent / "units.csv").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    )
)


def spellings(row: dict[str, str]) -> list[str]:
    """Return what may stand alone: a spelling that begins with a hyphen needs a prefix."""
    return [spelling for spelling in row["spellings"].split("|") if not spelling.startswith("-")]


def test_every_spelling_is_read_as_its_unit() -> None:
    for row in ROWS:
        for spelling in spellings(row):
            match = re.fullmatch(pattern(), spelling)
            assert match, spelling
            assert symbol(spelling) == row["unit"], spelling


def test_every_unit_can_be_read_back_where_it_is_written() -> None:
    for row in ROWS:
        for target in CODES:
            for source in CODES:
                for spelling in spellings(row)[:1]:
                    shown = written(spelling, source, target)
                    assert symbol(shown) == row["unit"], (row["unit"], target, shown)


def test_no_spelling_means_two_units() -> None:
    known: dict[str, str] = {}
    for row in ROWS:
        for spelling in spellings(row):
            assert known.setdefault(spelling, row["unit"]) == row["unit"], spelling


def test_table_names_only_languages_that_there_are() -> None:
    assert {row["language"] for row in ROWS} <= {"*", *CODES}


@pytest.mark.parametrize(
    ("spelling", "source", "target", "shown"),
    [
        ("inch", "en", "de", "Zoll"),
        ("英寸", "zh", "fr", "pouces"),
        ('"', "en", "de", '"'),
        ("Go", "fr", "en", "GB"),
        ("CV", "es", "de", "PS"),
        ("CV", "es", "pt", "CV"),
        ("PS", "en", "pt", "PS"),
        ("PS", "de", "pt", "cv"),
        ("毫升", "zh", "en", "ml"),
        ("مل", "ar", "en", "ml"),
        ("mm", "en", "ru", "мм"),
        ("%", "en", "ar", "%"),
        ("٪", "ar", "en", "%"),
        ("kg/m³", "de", "fr", "kg/m³"),
        ("kg/m³", "de", "ru", "кг/м³"),
        ("cm", "de", "zh", "cm"),
        ("inç", "tr", "en", "inch"),
        ("inch", "en", "ja", "インチ"),
        ("インチ", "ja", "zh", "英寸"),
        ("Mbps", "en", "ru", "Мбит/с"),
        ("мкГн", "ru", "en", "µH"),
        ("千欧", "zh", "de", "kΩ"),
        ("كيلو واط", "ar", "en", "kW"),
        ("pcs", "en", "ru", "шт."),
        ("pcs", "en", "zh", "pcs"),
        ("Zoll", "de", "de", "Zoll"),
    ],
)
def test_written(spelling: str, source: str, target: str, shown: str) -> None:
    assert written(spelling, source, target) == shown


@pytest.mark.parametrize("text", ["4 in 1", "3-in-1", "5 B", "5 mg", "3 Mann", "2 min", "7 cvs", "9 lx"])
def test_a_unit_ends_with_its_word(text: str) -> None:
    measures = [fact.surface for fact in find(text) if fact.kind == "measure"]
    assert measures == ([text] if text in ("5 mg", "2 min", "9 lx") else [])


def test_case_tells_units_apart() -> None:
    assert (symbol("mm"), symbol("MP"), symbol("mW"), symbol("kW")) == ("mm", "MP", "mW", "kW")
    assert symbol("MHz") != symbol("mW")


def test_a_unit_may_stand_before_chinese() -> None:
    assert [fact.surface for fact in find("带1.6m落地")] == ["1.6m"]


@pytest.mark.parametrize(
    ("spelling", "unit"),
    [
        *(("µF", "µF"), ("uF", "µF"), ("мкФ", "µF"), ("微法", "µF"), ("нФ", "nF"), ("пФ", "pF")),
        *(("MOhm", "MΩ"), ("mOhm", "mΩ"), ("кОм", "kΩ"), ("キロオーム", "kΩ"), ("킬로옴", "kΩ"), ("كيلو أوم", "kΩ")),
        *(("kHz", "kHz"), ("Kilohertz", "kHz"), ("ГГц", "GHz"), ("メガヘルツ", "MHz"), ("千赫", "kHz")),
        *(("milliampere", "mA"), ("ミリアンペア", "mA"), ("マイクロアンペア", "µA"), ("мкА", "µA")),
        *(("kB", "kB"), ("Mo", "MB"), ("МБ", "MB"), ("기가바이트", "GB"), ("جيجا بايت", "GB"), ("Мбит/с", "Mbit/s")),
        *(("fl oz", "fl oz"), ("sq ft", "ft²"), ("ft-lb", "ft·lb"), ("mph", "mph"), ("盎司", "oz"), ("фунтов", "lb")),
    ],
)
def test_units_with_prefixes_in_every_script(spelling: str, unit: str) -> None:
    assert re.fullmatch(pattern(), spelling)
    assert symbol(spelling) == unit


def test_an_unknown_spelling_has_no_symbol() -> None:
    with pytest.raises(KeyError, match="lampe"):
        symbol("lampe")
