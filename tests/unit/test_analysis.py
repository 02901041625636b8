import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UnknownValueError
from catalog.languages import CODES
from indexes.analysis import (
    LONGEST_TOKEN,
    analysis_digest,
    analysis_parts,
    analyze,
    read_stop_words,
    stop_words,
)
from translation.model import digest
from translation.terminology.termbase import starter_concepts
from translation.words import fold, words

SAME = (
    ("de", "Schlüssel für die Tür", "schluessel Tür"),
    ("de", "GRÖSSE", "Größe"),
    ("fr", "l'écran plat d'été", "ecran plat ete"),
    ("fr", "vis à bois", "vis de bois"),
    ("es", "taladros inalámbricos", "taladro inalambrico"),
    ("pt", "lâmpadas de mesa", "lampada para mesa"),
    ("pl", "śruby do drewna", "sruba drewna"),
    ("tr", "AYDINLATMA", "aydınlatma"),
    ("ru", "щётка для мойки", "щетка мойки"),
    ("en", "the shoes of a man", "shoe man"),
    ("en", "230V 5.5l 10mm² 10µF", "230 V 5.5 l 10 mm² 10 µF"),
    ("ru", "кабель 230В", "кабель 230 В"),
    ("zh", "１８Ｖ 电钻", "18V 电钻"),
    ("ja", "ﾄﾞﾘﾙ", "ドリル"),
    ("ko", "방수 및 방한", "방수 방한"),
    ("nl", "lampen voor de keuken", "lamp keuken"),
    ("id", "lampu untuk dapur", "lampu dapur"),
    ("it", "viti per il legno", "vite legno"),
    ("ar", "مصباح في الحديقة", "مصباح الحديقة"),
)


@pytest.mark.parametrize(("lang", "one", "other"), SAME)
def test_two_ways_of_writing_have_the_same_tokens(lang: str, one: str, other: str) -> None:
    assert analyze(lang, one) == analyze(lang, other)


STEMMED_LIKE_FUNCTION_WORDS = (
    *(("es", word) for word in ("láser", "pared", "par", "parada", "cono")),
    *(("pt", word) for word in ("pele", "comida", "comando", "NAS")),
    *(("tr", word) for word in ("deniz", "iç", "denim", "birim")),
    *(("it", word) for word in ("aglio", "pera", "cono", "AI")),
    *(("ru", word) for word in ("соя", "пои")),
    *(("de", word) for word in ("ohne", "Sicherheit")),
    *(("id", word) for word in ("kedalaman", "dalam", "tanpa")),
)


@pytest.mark.parametrize(("lang", "word"), STEMMED_LIKE_FUNCTION_WORDS)
def test_a_word_is_not_lost_for_the_stem_of_a_function_word(lang: str, word: str) -> None:
    assert len(analyze(lang, f"{word} 7000")) == 2


def test_a_letter_after_a_number_is_a_unit() -> None:
    assert analyze("en", "fuse 12 A") == analyze("en", "a fuse of 12A") == ["fuse", "12", "a"]
    assert analyze("pl", "20 W z czujnikiem")[:2] == ["20", "w"]


def test_a_size_stays_one_token() -> None:
    assert analyze("en", "M8x40 IP65 2xAA 3x2 4x4") == ["m8x40", "ip65", "2xaa", "3x2", "4x4"]


@pytest.mark.parametrize("lang", CODES)
def test_function_words_are_left_out_unless_there_is_nothing_else(lang: str) -> None:
    [some, *_] = sorted(stop_words()[lang])
    content = {"ar": "مطرقة", "ja": "ハンマー", "ko": "망치", "zh": "锤子", "ru": "молоток"}.get(lang, "hammer")
    assert analyze(lang, f"{content} {some} {content}") == analyze(lang, content) * 2
    assert analyze(lang, some)


@pytest.mark.parametrize("lang", CODES)
def test_each_stop_word_is_one_word_as_text_has_it(lang: str) -> None:
    for listed in stop_words()[lang]:
        assert [word.folded for word in words(lang, listed)] == [listed]


def test_no_term_of_trade_is_a_function_word() -> None:
    lost = [
        (lang, term)
        for concept in starter_concepts()
        for lang, terms in concept.terms.items()
        for term in terms
        if fold(lang, term) in stop_words()[lang]
    ]
    assert lost == []


def test_korean_words_are_kept_as_pairs_of_syllables() -> None:
    assert analyze("ko", "러닝화를 18V") == ["러닝", "닝화", "화를", "18", "v"]


def test_repeated_words_stay_repeated() -> None:
    assert analyze("en", "drill drills") == ["drill", "drill"]


def test_an_unknown_language_has_no_analysis() -> None:
    with pytest.raises(UnknownValueError, match="xx"):
        analyze("xx", "drill")


@given(st.sampled_from(CODES), st.text(st.characters(), max_size=300))
def test_tokens_can_be_stored_whatever_the_text(lang: str, text: str) -> None:
    for token in analyze(lang, text):
        assert 1 <= len(token) <= LONGEST_TOKEN
        assert not re.search(r"\s", token)
        token.encode("utf-8")


@given(st.sampled_from(CODES), st.text(max_size=100) | st.text("aß\u0301ا\u0651漢カ한1. ,-\t\u3000\x1d", max_size=60))
def test_no_word_reaches_over_white_space(lang: str, text: str) -> None:
    apart = [word.folded for part in text.split() for word in words(lang, part)]
    assert [word.folded for word in words(lang, text)] == apart


@given(st.sampled_from(CODES), st.text(max_size=100))
def test_case_and_surroundings_do_not_matter_to_ascii(lang: str, text: str) -> None:
    plain = "".join(character for character in text if character.isascii() and character not in "iI")
    assert analyze(lang, plain.upper()) == analyze(lang, plain.lower())
    assert analyze(lang, f"  {plain}  ") == analyze(lang, plain)


def test_every_language_has_stop_words() -> None:
    assert sorted(stop_words()) == sorted(CODES)
    assert all(stop_words().values())
    assert read_stop_words("# for people\n\nde: Der DIE\n") == {"de": frozenset({"der", "die"})}


def test_the_digest_is_of_every_part() -> None:
    parts = analysis_parts()
    assert analysis_digest() == digest(*parts)
    for at, part in enumerate(parts):
        assert part
        assert digest(*parts[:at], part + "x", *parts[at + 1 :]) != analysis_digest()


def test_the_parts_hold_the_code_the_stop_words_and_each_language() -> None:
    root = Path(__file__).resolve().parents[2]
    parts = analysis_parts()
    for file in ("indexes/analysis.py", "indexes/stopwords.txt", "translation/words.py"):
        assert (root / file).read_text(encoding="utf-8") in parts
    for lang in CODES:
        assert any(f"'{lang}'" in part and "words" not in part[:5] for part in parts)


def test_spacing_of_units_does_not_depend_on_the_language() -> None:
    units = root_units()
    assert len(units) > 20
    for unit in units:
        # "den" is a unit and a German article: it stands alone as the one, at a number as the other.
        for lang in (lang for lang in CODES if len(unit) == 1 or fold(lang, unit) not in stop_words()[lang]):
            assert analyze(lang, f"12{unit}") == analyze(lang, f"12 {unit}"), (lang, unit)


def root_units() -> list[str]:
    """Return the short units of the package that are written in letters."""
    file = Path(__file__).resolve().parents[2] / "translation" / "units.csv"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    found = {row["unit"] for row in csv.DictReader(lines)}
    return sorted(unit for unit in found if re.fullmatch(r"[a-zA-Zµ]{1,3}[²³]?", unit))
