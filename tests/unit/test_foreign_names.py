"""Words of other scripts and model lines: kept whatever an engine makes of them, or found lost."""

import pytest

from translation.attempts import as_it_is, carefully
from translation.checks import Expected, check, codes
from translation.facts import mask
from translation.facts.names import model_lines
from translation.model import Segment
from translation.spelling import Spelling

HP = Expected(brands=("HP",))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Ελληνικά word 5", "[0] word 5"),
        ("コーヒー beans", "[0] beans"),
        ("Кофе beans", "[0] beans"),
        ("قهوة beans", "[0] beans"),
        ("קפה beans", "[0] beans"),
        ("β-carotene", "[0]-carotene"),
        ("β-carotene capsules", "[0] capsules"),
        # Without a word of its own a text is not in its language, and to keep it all would pass for a translation.
        ("Кофе молотый", "Кофе молотый"),
    ],
)
def test_what_an_engine_lacks_is_locked_beside_the_smallest_word(text: str, masked: str) -> None:
    lacking = frozenset(letter for letter in text if letter > "\u024f")
    assert mask("en", text, lacking=lacking).text == masked
    assert as_it_is(Segment("en", "title", "", text), (), Spelling(lacking)).masked.restore(masked, "pt") == text


@pytest.mark.parametrize(
    ("source", "target", "text", "translated", "lost"),
    [
        ("en", "pt", "Ελληνικά word 5", "palavra 5", True),
        ("en", "pt", "Ελληνικά word 5", "palavra Ελληνικά 5", False),
        ("en", "ru", "Кофе beans", "Кофейные зёрна", False),
        ("zh", "ja", "红茶 の 50 g", "紅茶 50 g", False),
        ("ru", "en", "Кофе 커피 молотый", "Ground coffee", True),
        ("en", "pt", "β-carotene", "--caroteno", True),
        ("en", "pt", "β-carotene", "betacaroteno", False),
        ("en", "es", "γ-linolenic acid", "ácido gamma-linolénico", False),
        ("en", "de", "pipe 4.7 kΩ Φ 10 mm", "Rohr 4,7 kΩ Φ 10 mm", False),
    ],
)
def test_a_lost_word_of_another_script_is_found(
    source: str, target: str, text: str, translated: str, lost: bool
) -> None:
    found = codes(check(Segment(source, "title", "", text), translated, target))
    assert ("name_lost" in found) is lost


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("HP Pavilion p6313uk", ("Pavilion p6313uk",)),
        ("New HP Pavilion 15, black", ("Pavilion 15",)),
        ("HP Printer 2240 black", ()),  # a starter term
        ("HP Labels A4", ()),  # its plural
        ("HP Series 3000", ()),
        ("HP Pavilion 12 V", ()),  # a measure
        ("HP Classic 3-Pack", ()),
        ("HP Pavilion desktop", ()),
        ("HP cartridge 301", ()),
    ],
)
def test_a_model_line_stands_between_a_brand_and_a_number(text: str, lines: tuple[str, ...]) -> None:
    assert model_lines(text, ("HP",), "en") == lines
    assert model_lines(text, ("HP",), "fr") == ()


def test_a_translated_model_line_is_found_and_locked_with_more_care() -> None:
    segment = Segment("en", "title", "", "HP Pavilion w17e monitor")
    assert "name_lost" in codes(check(segment, "Monitor HP Pavilhão w17e", "pt", HP))
    assert codes(check(segment, "Monitor HP Pavilion w17e", "pt", HP)) == ()
    locked = carefully(segment, ("HP",), Spelling(), {})
    assert (locked.text, locked.restore("Monitor [0]", "pt")) == ("[0] monitor", "Monitor HP Pavilion w17e")


def test_required_terms_are_shouted_where_the_original_is() -> None:
    loud = Segment("en", "title", "", "WALL BRACKET WITH LAMP")
    locked = carefully(loud, (), Spelling(), {"BRACKET": "zorbinho"})
    assert locked.restore("[0] de parede com lâmpada", "pt") == "ZORBINHO DE PAREDE COM LÂMPADA"
    quiet = carefully(Segment("en", "title", "", "Wall bracket HP 17"), ("HP",), Spelling(), {"bracket": "zorbinho"})
    assert quiet.restore("[0] de parede", "pt") == "zorbinho HP 17 de parede"


@pytest.mark.parametrize(
    ("text", "translated", "copied"),
    [
        ("Fuse 1.5 A for cars", "Fuse 1,5 A for cars", True),
        ("HP M40 toner cartridge 1 pc(s)", "HP M40 toner cartridge 1 Stk.", True),
        ("HP Fuser Cleaning Cartridge", "HP Fuser Cleaning Cartridge", True),
        ("HP 80 Original Magenta", "HP 80 Original Magenta", False),
        ('HP 500 GB 3.5" SATA II', 'HP 500 GB 3,5" SATA II', False),
        ("Fuse 1.5 A for cars", "Autosicherung 1,5 A", False),
    ],
)
def test_numbers_and_units_written_anew_make_no_translation(text: str, translated: str, copied: bool) -> None:
    assert ("untranslated" in codes(check(Segment("en", "title", "", text), translated, "de", HP))) is copied


@pytest.mark.parametrize(
    ("target", "text", "translated", "wrong"),
    [
        ("de", "Red garden chair", "Cadeira de jardim vermelha", True),
        ("pl", "Wooden shelf", "Libreria in legno", True),
        ("tr", "Ballpoint pen", "Długopis", True),
        ("nl", "Leather wallet for men", "Portafoglio in pelle da uomo", True),
        ("pl", "Suitable for washing at low temperature.", "Vhodné pro praní při nízké teplotě.", True),
        ("de", "Crêpe pan", "Crêpepfanne", False),
        ("de", "Jalapeño sauce", "Jalapeño-Soße", False),
        ("de", "Red garden chair", "Roter Gartenstuhl", False),
        ("pt", "Wooden shelf", "Estante de madeira", False),
        ("en", "Rote Lampe", "Red lamp", False),
    ],
)
def test_a_short_text_in_another_language_is_found(target: str, text: str, translated: str, wrong: bool) -> None:
    source = "de" if target == "en" else "en"
    assert ("wrong_language" in codes(check(Segment(source, "title", "", text), translated, target))) is wrong
