"""Facts found, locked, put back and counted again."""

import os
import unicodedata
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalog.languages import CODES
from translation.facts import difference, find, half_width, mask, render, uncertain_numbers, values

# Pieces of real titles beside arbitrary text: random Unicode alone hardly ever makes a measure or a tag.
_PIECES = st.sampled_from(
    [
        *("10 µF", "4.7 kΩ ±5%", "2½ inch"),
        *("１２ｃｍ", "3×1.5mm²", "IP67", "M8×40", "USB 3.0", "5 000 мАч", "٢٢٠ فولت"),
        *("GSR 18V-55", "<b>", "</b>", "&amp;", "[0]", "[ 12 ]", "[", "]", "［３］", "½", "1", "25", "1234", "12345"),
        *(
            "Jacket-XL-Blue",
            " -34-",
            "-S-",
            "GeForce®",
            "Jägermeister",
            "茶",
            "LaserJet",
            "Windows 10",
            "1️⃣",
            "2024年5月",
        ),
        *("https://x.de/a?b=[1]", "a@b.de", "🙂", "👍🏽", "Bosch", "ß", "İ", "ﬁ", "²", "Ⅳ"),
        *("x", "-", "/", ":", " ", "\n"),
    ]
)
_TEXTS = st.one_of(st.text(max_size=80), st.lists(st.one_of(_PIECES, st.text(max_size=4)), max_size=12).map("".join))


# Each draw is ten texts: drawing costs more than masking. 10,000 texts take 4 s, the 100,000 of .ci/run 40 s.
_DRAWS = int(os.environ.get("LEXICART_TEST_EXAMPLES", "200"))
_TURNS = st.lists(st.one_of(_PIECES, st.text(max_size=6)), min_size=10, max_size=10).map(
    lambda pieces: ["".join(pieces[turn:] + pieces[:turn]) for turn in range(10)]
)


@settings(max_examples=_DRAWS)
@given(_TURNS, st.sampled_from(CODES), st.booleans())
@example(["[[0]]", "[1½]", "［0］ 5 kg", "", "[", "[0", "0]"], "ja", True)
def test_mask_then_restore_is_the_identity(texts: list[str], lang: str, every_number: bool) -> None:
    for text in texts:
        masked = mask(lang, text, ("Bosch", "ß"), every_number=every_number)
        assert masked.restore(masked.text, lang) == text


@settings(max_examples=_DRAWS)
@given(_TURNS, st.sampled_from(CODES), st.frozensets(st.sampled_from("aeßxЖ茶²½1- ") | st.characters(), max_size=8))
def test_what_engines_lack_is_locked_and_restored(texts: list[str], lang: str, lacking: frozenset[str]) -> None:
    for text in texts:
        masked = mask(lang, text, ("Bosch",), lacking=lacking)
        assert masked.restore(masked.text, lang) == text


@pytest.mark.parametrize(
    ("lang", "text", "lacking", "masked"),
    [
        ("pl", "biały kubek do kawy", "ł", "[0] kubek do kawy"),
        ("ru", "лампа с цоколем ёлка", "ё", "лампа с цоколем [0]"),
        ("zh", "红色龘灯泡和插座", "龘", "红色[0]灯泡和插座"),
        ("en", "Tape ‰ red “x”", "‰“”", "Tape [0] red [1]x[2]"),
        ("en", "Set ② red lamp", "②", "Set [0] red lamp"),
        ("ar", "مصباح أحمر ٥ قطع", "٥", "مصباح أحمر [0] قطع"),
        ("en", "Pin\u0303a cola lamp", "\u0303", "[0] cola lamp"),
        ("en", "5 red lamps", "ß", "5 red lamps"),
    ],
)
def test_what_engines_lack_is_locked(lang: str, text: str, lacking: str, masked: str) -> None:
    assert mask(lang, text, lacking=frozenset(lacking)).text == masked


def test_a_text_most_of_which_engines_lack_is_not_locked_whole() -> None:
    assert mask("ru", "лампа красная", lacking=frozenset("лампкрсня")).text == "лампа красная"


@settings(max_examples=200)
@given(_TURNS, st.sampled_from(CODES), st.sampled_from(CODES))
def test_a_text_restored_into_another_language_keeps_its_numbers(texts: list[str], source: str, target: str) -> None:
    for text in texts:
        masked = mask(source, text, ("Bosch",))
        restored = masked.restore(masked.text, target)
        assert restored is not None
        # Noughts may come: a date of one digit a month is written with two.
        assert digit_sum(restored) == digit_sum(text)


def digit_sum(text: str) -> int:
    return sum(unicodedata.digit(character, 0) for character in text)  # cm2 may become cm²


_ANY = st.text(st.characters(exclude_categories=()), max_size=60)


@given(st.one_of(_TEXTS, _ANY), st.one_of(_TEXTS, _ANY), st.sampled_from(CODES), st.sampled_from(CODES))
def test_no_text_is_too_strange(source: str, target: str, lang: str, other: str) -> None:
    assert difference(source, source, ("Bosch",), (lang, lang)) == ""
    assert isinstance(difference(source, target, ("Bosch",), (lang, other)), str)
    assert isinstance(difference(source, target), str)
    assert all(number in half_width(source) for number in uncertain_numbers(lang, source))
    assert isinstance(mask(lang, source).has_words, bool)


@given(_TEXTS, st.sampled_from(["", *CODES]))
def test_facts_stand_in_order_and_apart(text: str, lang: str) -> None:
    found = find(text, ("Bosch",), lang)
    assert all(text[fact.start : fact.end] == fact.surface for fact in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(fact.surface for fact in found)


@pytest.mark.parametrize(
    "text",
    [
        *("10 µF", "4.7 kΩ ±5%", "2½ inch"),
        *("１２ｃｍ", "3×1.5mm²", "5 000 мАч", "٢٢٠ فولت", "10 - 20 cm", "3,5-5,0 kg"),
        *("-50...+50 °C", "220-240V", "60 × 40 × 20 cm", "24/6", "8-9", "1:64", '1/2"', "1 1/2 inch"),
        *("±0,5 mm", "Ø 32 mm", "≥90分钟", "100 %", "٣×٤ سم", "0.5 l/min"),
        *("30 kg/m³", "12000 U/min", "10英寸", "5V/2A"),
        *("−5 °C", "2x4", "3 x 4 x 5", "15,6 inç", "1.5L", "6 x 1.5 l", "80 г/м²", "45 dB(A)"),
    ],
)
def test_measures(text: str) -> None:
    assert [(fact.kind, fact.surface) for fact in find(text)] == [("measure", text)]


@pytest.mark.parametrize(
    "text",
    [
        *("IP67", "M8×40", "USB 3.0", "GSR 18V-55", "CR2032", "RJ45", "i7-12700K", "6205-2RS", "PN16", "E27", "Pt100"),
        *("DIN EN ISO 20471", "GB/T 1234", "К-14", "WLAN 802.11ac", "16GB+512GB", "Cat6a", "5G", "20W50", "ШЦЦ-I-150"),
    ],
)
def test_codes(text: str) -> None:
    assert [(fact.kind, fact.surface) for fact in find(text)] == [("code", text)]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("1,000 sheets", "[0] sheets"),
        ("100 sheets", "100 sheets"),
        ("4006381333931", "[0]"),
        ("Akku 18V-55 Set", "Akku [0] Set"),
        ("18V-Akku", "[0]-Akku"),
        ("2er-Set", "2er-Set"),
        ("4 in 1 tool", "4 in 1 tool"),
        ("700 x 28-32C", "[0]-[1]"),
        ("<b>5 kg</b> &amp; mehr", "[0][1][2] [3] mehr"),
        ("siehe [3]", "siehe [0]"),
        ("info@firma.de und https://firma.de/a?b=1", "[0] und [1]"),
        ("Tee 🙂👍🏽 grün", "Tee [0] grün"),
        ("Thé noir", "[0] noir"),
        ("Jacke-XL-Blau", "Jacke [0] Blau"),
        ("bosch Professional Bohrer", "[0] Professional Bohrer"),
        ("Boschung", "Boschung"),
        ("HR 30 kg/m³ Schaum", "HR [0] Schaum"),
        ("SCHRAUBE M8 DIN 933", "SCHRAUBE [0] [1]"),
        ("带1.6米落地", "带[0]落地"),
    ],
)
def test_mask(text: str, masked: str) -> None:
    assert mask("de", text, ("Bosch",)).text == masked


def test_every_number_is_locked_on_the_second_try() -> None:
    assert mask("en", "100 sheets", every_number=True).text == "[0] sheets"


@pytest.mark.parametrize(
    ("text", "source", "target", "written"),
    [
        ("4.7 kΩ ±5%", "en", "de", "4,7 kΩ ±5%"),
        ("1,000", "en", "pt", "1.000"),
        ("１２ｃｍ", "ja", "en", "12cm"),
        ("5 000 мАч", "ru", "en", "5,000 mAh"),
        ("٢٢٠ فولت", "ar", "fr", "220 V"),
        ("500毫升", "zh", "en", "500 ml"),
        ("50 mm", "de", "ru", "50 мм"),
        ("3х1,5 мм²", "ru", "de", "3×1,5 mm²"),
        ("2½ inch", "en", "de", "2½ Zoll"),
        ('1/2"', "de", "ru", '1/2"'),
        ("GSR 18V-55", "de", "fr", "GSR 18V-55"),
        ("2024-05-12", "en", "de", "2024-05-12"),
        ("2024年5月12日", "ja", "en", "2024-05-12"),
        ("2024年5月12日", "ja", "zh", "2024年5月12日"),
        ("100 нФ", "ru", "en", "100 nF"),
        ("100 nF", "en", "ru", "100 нФ"),
        ("15.6 inch", "en", "ja", "15.6 インチ"),
        ("15.6インチ", "ja", "fr", "15,6 pouces"),
        ("10 pc(s)", "en", "de", "10 Stk."),
        ("3.5in", "en", "pt", "3,5 polegadas"),
        ("24-in", "en", "pt", "24 polegadas"),
        ("17”", "en", "pt", "17”"),
        ("6 × 0.5 l", "en", "pt", "6 × 0,5 l"),
        ("Bluetooth 5.0", "en", "de", "Bluetooth 5.0"),
        ("1.525 m", "en", "de", "1.525 m"),
        (".5 A", "en", "de", "0,5 A"),
        (",5 A", "pt", "en", "0.5 A"),
        ("1'000 pcs", "en", "pt", "1.000 un."),
        ("$1,299.99", "en", "de", "$1.299,99"),
        ("EUR 1,299.99", "en", "de", "EUR 1.299,99"),
        ("-20 to +60 °C", "en", "de", "-20…+60 °C"),
        ("5 to 10 kg", "en", "ru", "5–10 кг"),
        ("9.81 m/s²", "en", "ru", "9,81 м/с²"),
        ("1920 x 1080 pixels", "en", "ja", "1920 x 1080 px"),
        ("٤٢", "ar", "en", "42"),
    ],
)
def test_render(text: str, source: str, target: str, written: str) -> None:
    (fact,) = find(text)
    assert render(fact, source, target) == written


@pytest.mark.parametrize("answer", ["[0] Schraube", "[0] [1] [1]", "[0] [2]", "[0] [1] [7]", ""])
def test_lost_doubled_or_invented_facts_are_seen(answer: str) -> None:
    assert mask("en", "screw M8 10 kg").restore(answer, "de") is None


def test_facts_may_move() -> None:
    assert mask("en", "M8 screw, 10.5 kg").restore("[1]: Schraube [ 0 ]", "de") == "10,5 kg: Schraube M8"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("1,000 sheets", "1.000 Blatt"),
        ("5 000 мАч", "5,000 mAh"),
        ("٢٢٠ فولت", "220 V"),
        ("500毫升", "500 ml"),
        ("Bosch 18 V", "18 V BOSCH"),
        ("<b>5</b>", "<b>5</b>"),
        ("2½ inch", "2½ Zoll"),
        ("5 L", "5 л"),
    ],
)
def test_equal_facts(source: str, target: str) -> None:
    assert difference(source, target, ("Bosch",)) == ""


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("10 µF", "10 F", "lost µF; added F"),
        ("2½ inch", "21 inch", "added 21"),
        ("M8 screw", "screw M10", "lost M8; added M10"),
        ("Bosch drill", "drill", "lost bosch"),
        ("<b>x</b>", "<b>x", "lost </b>"),
        ("5 pieces", "pieces", "lost 5"),
        ("pieces", "5 pieces", "added 5"),
        ("5 5 kg", "5 kg", "lost 5"),
    ],
)
def test_different_facts(source: str, target: str, said: str) -> None:
    assert said in difference(source, target, ("Bosch",))


@pytest.mark.parametrize(
    ("text", "answer", "made"),
    [
        ("screw M8 10 kg", "Schraube [0][1]", "Schraube M8 10 kg"),
        ("red,20 m", "rot,[0]", "rot,20 m"),
        ("red, 20 m", "rot,[0]", "rot, 20 m"),
        ("cable - M8", "Kabel -[0]", "Kabel - M8"),
        ("Jacket-XL-Blue", "Jacke [0] Blau", "Jacke-XL-Blau"),
        ("Jacket-XL-Blue", "Blaue Jacke [0]", "Blaue Jacke XL"),
        ("Jacket-XL-Blue", "[0] blaue Jacke", "XL blaue Jacke"),
        ("M8 screw", "[0]Schraube", "M8 Schraube"),
        ("18V-drill", "[0]-Bohrer", "18V-Bohrer"),
    ],
)
def test_spaces_that_an_engine_drops_come_back(text: str, answer: str, made: str) -> None:
    assert mask("en", text).restore(answer, "de") == made


def test_what_comes_back_as_it_went_has_the_capitals_of_the_source() -> None:
    masked = mask("en", "Gwen Drawstring Bike Short 20 cm", every_number=True)
    masked = replace(masked, text="Gwen drawstring bike short [0]")
    assert masked.restore(masked.text, "pt") == "Gwen Drawstring Bike Short 20 cm"
    assert masked.restore("Calção de ciclismo Gwen [0]", "pt") == "Calção de ciclismo Gwen 20 cm"


@pytest.mark.parametrize(
    ("lang", "text", "uncertain"),
    [
        ("en", "1.525 m cable", ("1.525",)),
        ("en", "1.525 m cable, 3.5mm plug", ()),
        ("en", "1,000 sheets", ()),
        ("en", "1,000 sheets of 3,5 mm", ("1,000",)),
        ("de", "1,500 kg", ("1,500",)),
        ("de", "1,500 kg in 2,5 h", ()),
        ("ru", "11 750 Вт", ()),
        ("ru", "64 128 ГБ", ("64 128",)),
        ("en", "Bluetooth 5.000, 2½ inch, 1.2.3, 2024-05-12", ()),
    ],
)
def test_numbers_that_can_be_read_in_two_ways(lang: str, text: str, uncertain: tuple[str, ...]) -> None:
    assert uncertain_numbers(lang, text) == uncertain


@pytest.mark.parametrize(
    ("source", "target", "langs", "said"),
    [
        ("4.7 kΩ", "4,7 kΩ", ("en", "de"), ""),
        ("4.7 kΩ", "47 kΩ", ("en", "de"), "lost 4.7; added 47"),
        ("1,000 sheets", "1,000 Blatt", ("en", "de"), ""),  # in German uncertain: both readings are allowed
        ("1,000 sheets", "1,00 Blatt", ("en", "de"), "lost 1000; added 1.00"),
        ("three lamps", "3 Lampen", ("en", "de"), ""),
        ("3 lamps", "drei Lampen", ("en", "de"), ""),
        ("3 lamps", "vier Lampen", ("en", "de"), "lost 3"),
        ("１２個", "12 pieces", ("ja", "en"), ""),
        ("٢٢٠ فولت", "220 V", ("ar", "en"), ""),
        ("2024年5月12日", "2024-05-12", ("zh", "en"), ""),
        ("Power 11 750W", "Power 11 750 Вт", ("en", "ru"), ""),
        ("Monitor 190B7CS/00", "LCD 190B7CS/00", ("en", "pt"), ""),
        ("GSR 18V-55", "Bohrer 18V-55", ("en", "de"), "lost gsr"),
        ("Intel® chip", "chip", ("en", "pt"), "lost intel®"),
        ("10 pcs", "10 peças", ("en", "pt"), ""),
        ("Fuse .5 A", "Sicherung 0,5 A", ("en", "de"), ""),
        ("Fuse .5 A", "Sicherung 5 A", ("en", "de"), "lost 0.5; added 5"),
        ("Fusível ,5 A", "Предохранитель 5 А", ("pt", "ru"), "lost 0.5; added 5"),
        ("red ,5 pieces", "vermelho, 5 unidades", ("en", "pt"), ""),
        ("1'000 pcs", "1.000 un.", ("en", "pt"), ""),
        ("A++ fridge", "Kühlschrank", ("en", "de"), "lost A++"),
        ("A++ fridge", "Kühlschrank A+++", ("en", "de"), "lost A++"),
        ("Type A plug", "Typ Stecker", ("en", "de"), "lost A"),
        ("Type A plug", "Typ-A-Stecker", ("en", "de"), ""),
        ("Size S shirt", "camisa tamanho s", ("en", "pt"), "lost S"),
        ("$5 lamp", "Lampe 5", ("en", "de"), "lost $"),
        ("$5 lamp", "5 USD Lampe", ("en", "de"), ""),
        ("1920 x 1080 pixels", "1920 x 1080", ("en", "pt"), "lost px"),
        ("Gloves EN 388:2016", "EN 388: Handschuhe 2016", ("en", "de"), "lost 388:2016; added 2016, 388"),
        ("AT&T case", "AT&t", ("en", "pt"), ""),
        ("AT&T case", "AT & não", ("en", "pt"), "lost at&t"),
    ],
)
def test_facts_by_value(source: str, target: str, langs: tuple[str, str], said: str) -> None:
    assert difference(source, target, langs=langs) == said


def test_has_words() -> None:
    assert not mask("en", "HP LaserJet 4345x", ("HP",)).has_words
    assert not mask("en", "8 x M5").has_words
    assert not mask("en", "kW").has_words
    assert mask("en", "bar").has_words
    assert not mask("de", "M8×40 / 10 kg, S/M").has_words
    assert not mask("de", "DC 12V").has_words
    assert mask("de", "10 kg Mehl").has_words
    assert mask("ja", "１０個").has_words
    for text in (
        "9.81 m/s²",
        "R$ 99,90",
        "100 USD",
        "12 V dc",
        "2x",
        "tel: +49 30 123456",
        "M&M's 45g",
        "acme.com",
        "A+",
    ):
        assert not mask("en", text).has_words, text
    assert mask("en", "Y").has_words


def test_digits_of_another_script_are_locked() -> None:
    masked = mask("ar", "قميص أحمر مقاس ٤٢")
    assert masked.text == "قميص أحمر مقاس [0]"
    assert masked.restore("Red shirt size [0]", "en") == "Red shirt size 42"


def test_values_count_every_occurrence() -> None:
    assert values("5 kg 5 kg").count("kg") == 2
