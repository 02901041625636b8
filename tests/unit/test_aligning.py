"""Marks are taken out of a sentence, and set around the same words of its translation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translation.aligning import gap, place, place_of_denial, put_back
from translation.inline import Marked, marked, marks, without_marks


def of(text: str) -> Marked:
    source = marked(text)
    assert source is not None
    return source


def test_marks_are_taken_out_of_a_sentence() -> None:
    source = of('A <b><i>red </i></b><a href="x">lamp</a>')
    assert source.text == "A red lamp"
    assert [source.words_of(mark) for mark in source.marks] == ["red", "lamp"]
    assert source.marks[0].opening == "<b><i>"
    assert without_marks("do <b>not</b> 3<sup>2</sup>") == "do not 3<sup>2</sup>"


@pytest.mark.parametrize(
    "text",
    ["A lamp", "A <b>lamp", "A lamp</b>", "<b>A <i>red</b> lamp</i>", "A <b></b> lamp", "<b>10</b> 5", "m<sup>2</sup>"],
)
def test_what_is_no_mark_of_words(text: str) -> None:
    assert marked(text) is None


def test_marks_by_name_and_place() -> None:
    assert marks("<i>a</i> <b>b</b> <B class='x'>c</B>") == [("b", "b"), ("b", "c"), ("i", "a")]


@pytest.mark.parametrize(
    ("text", "translated", "said", "written"),
    [
        ("A <b>black</b> bottle", "Uma garrafa preta", "preto", "Uma garrafa <b>preta</b>"),
        ("The <b>oak lamp</b> is new", "A lâmpada de carvalho", "carvalho lâmpada", "A <b>lâmpada de carvalho</b>"),
        ("It is <b>not suitable</b>", "Não é adequado", "não adequado", "<b>Não é adequado</b>"),
        ("<b>Note:</b> dry", "Nota: seco", "Nota:", "<b>Nota:</b> seco"),
        ("Red lid, <b>red</b> cup", "Aba vermelha, copo vermelho", "vermelha", "Aba vermelha, copo <b>vermelho</b>"),
    ],
)
def test_a_mark_is_set_around_its_words(text: str, translated: str, said: str, written: str) -> None:
    source = of(text)
    found = place(source, source.marks[0], "en", translated, "pt", said)
    assert found is not None
    assert put_back(translated, source, [found]) == written


@pytest.mark.parametrize(
    ("translated", "said"),
    [("Uma garrafa preta", "luz"), ("Uma garrafa preta, fita preta", "preto"), ("Uma garrafa preta", "garrafa azul")],
)
def test_a_word_without_a_certain_place_has_none(translated: str, said: str) -> None:
    source = of("A <b>black</b> bottle")
    assert place(source, source.marks[0], "en", translated, "pt", said) is None


def test_what_denies_has_its_place_though_no_word_is_alike() -> None:
    source = of("<b>Do not</b> wash it")
    assert place_of_denial(source, source.marks[0], "en", "Não lave", "pt") == (0, 3)
    assert place_of_denial(source, source.marks[0], "en", "Não lave sem água", "pt") is None
    other = of("Do not <b>wash</b> it")
    assert place_of_denial(other, other.marks[0], "en", "Não lave", "pt") is None


def test_what_a_sentence_says_beside_a_kept_name() -> None:
    source = of("The <b>free jacket</b> comes with keys.")
    translated = "A jaqueta livre vem com chaves."
    found = gap(source, source.marks[0], translated, "pt", "O free jacket vem com chaves.")
    assert found is not None
    assert translated[slice(*found)] == "jaqueta livre"
    assert gap(source, source.marks[0], translated, "pt", "O free jacket é vendido com chaves.") is None


def test_marks_in_marks_stay_in_them() -> None:
    source = of("<a href='u'>two <i>long</i> screws</a>")
    assert put_back("dois parafusos longos", source, [(0, 21), (15, 21)]) == (
        "<a href='u'>dois parafusos <i>longos</i></a>"
    )
    assert put_back("dois parafusos longos", source, [(0, 14), (15, 21)]) is None
    beside = of("<b>red</b> <i>lamp</i>")
    assert put_back("lâmpada vermelha", beside, [(8, 16), (0, 7)]) == "<i>lâmpada</i> <b>vermelha</b>"
    assert put_back("lâmpada vermelha", beside, [(0, 16), (0, 7)]) is None


@given(st.text(alphabet="ab <>/bi.", max_size=40))
def test_marks_set_where_they_stood_are_the_text_again(text: str) -> None:
    source = marked(text)
    if source is None:
        return
    made = put_back(source.text, source, [(mark.start, mark.end) for mark in source.marks])
    assert made is None or without_marks(made) == source.text
