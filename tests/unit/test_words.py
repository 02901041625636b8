"""Words, folding and case in the fifteen languages."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.errors import UnknownValueError
from catalog.languages import CODES
from translation.words import (
    capitalised,
    fold,
    folded_words,
    index_tokens,
    lower,
    upper,
    without_accents,
    word_starts,
    words,
)


@pytest.mark.parametrize(
    ("lang", "text", "folded"),
    [
        ("en", "Ｕｌｔｒａ ＬＥＤ", "ultra led"),
        ("tr", "ISPARTA İĞNE", "ısparta iğne"),
        ("de", "GRÖSSE Maß", "grösse maß"),
        ("fr", "ŒILLET", "œillet"),
        ("ar", "أُنْبُوبٌ ٢٥", "انبوب 25"),
        ("ja", "ｽﾃﾝﾚｽ", "ステンレス"),
        ("ru", "ЩЁТКА", "щётка"),
    ],
)
def test_fold(lang: str, text: str, folded: str) -> None:
    assert fold(lang, text) == folded


ANY_WORDS = st.text(
    st.one_of(st.sampled_from("aAiIİıßſŉǰΐςﬁ½²٢ー가字й\u0301\u0307\u0345\u0640'’-_. /5"), st.characters()), max_size=12
)


@given(st.sampled_from(CODES), ANY_WORDS)
@example("ja", "\ud800")  # half a surrogate pair, which a broken escape in JSON leaves
@example("zh", "水\udc00a")
def test_words_folded_together_are_words_folded_apart(lang: str, text: str) -> None:
    assert folded_words(lang, text) == [word.folded for word in words(lang, text)]


@pytest.mark.parametrize(
    ("lang", "one", "other"),
    [
        ("en", "screws", "screw"),
        ("de", "Schrauben", "Schraube"),
        ("es", "tornillos", "tornillo"),
        ("fr", "chaussures", "chaussure"),
        ("it", "scarpe", "scarpa"),
        ("nl", "schroeven", "schroef"),
        ("pl", "rękawice", "rękawica"),
        ("pt", "parafusos", "parafuso"),
        ("ru", "перчатки", "перчатка"),
        ("tr", "çoraplar", "çorap"),
        ("ar", "الحذاء", "حذاء"),
    ],
)
def test_forms_share_a_stem(lang: str, one: str, other: str) -> None:
    (first,), (second,) = words(lang, one), words(lang, other)
    assert first.stem == second.stem


def test_chinese_and_japanese_are_cut_by_dictionary() -> None:
    assert [word.folded for word in words("zh", "不锈钢螺丝M8")] == ["不锈钢", "螺丝", "m8"]
    assert "包丁" in [word.folded for word in words("ja", "ステンレス包丁")]


def test_korean_is_indexed_by_pairs_of_syllables() -> None:
    assert index_tokens("ko", "스테인리스 볼트") == ["스테", "테인", "인리", "리스", "볼트"]


@given(st.sampled_from(CODES), st.text(max_size=60))
def test_words_stand_where_they_say(lang: str, text: str) -> None:
    found = words(lang, text)
    assert all(0 <= word.start < word.end <= len(text) for word in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(fold(lang, text[word.start : word.end]) == word.folded for word in found)


@given(st.sampled_from(CODES), st.text(max_size=40))
def test_index_tokens_never_crash(lang: str, text: str) -> None:
    assert all(index_tokens(lang, text))


_MIXED = st.sampled_from(["防水ランニングシューズ USB-C 2本", "무선 드릴 18V", "d'été, 24-bit"])


@given(st.sampled_from(CODES), st.text(max_size=80) | _MIXED)
def test_words_start_where_they_stand(lang: str, text: str) -> None:
    assert list(word_starts(lang, text)) == [word.start for word in words(lang, text)]


def test_unknown_language_is_named() -> None:
    with pytest.raises(UnknownValueError, match="xx"):
        words("xx", "text")


def test_case_follows_the_language() -> None:
    assert upper("tr", "ipek ısıtıcı") == "İPEK ISITICI"
    assert lower("tr", "IŞIK İPEK") == "ışık ipek"
    assert upper("en", "silk") == "SILK"
    assert capitalised("nl", "ijzer") == "IJzer"
    assert capitalised("tr", "ipek") == "İpek"
    assert capitalised("de", "[0] Schraube") == "[0] Schraube"
    assert capitalised("en", "") == ""


def test_accents() -> None:
    assert without_accents("größe łódź ısı") == "grosse lodz isi"
