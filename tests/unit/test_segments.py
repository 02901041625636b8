"""Texts cut into segments and put together again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.languages import CODES
from catalog.model import ProductText
from translation.model import Segment
from translation.segments import assemble, pieces, segments, sentences

_KINDS = ("title", "description", "bullet", "category", "keywords", "attribute_name", "attribute_value")
_PARTS = st.sampled_from(
    ["<p>", "</p>", "<br/>", "\n", " ", "ca. 5 kg. ", "Sehr gut! ", "z.B. so", " > ", ", ", "、", "<b>x</b>"]
)
_TEXTS = st.one_of(st.text(max_size=80), st.lists(st.one_of(_PARTS, st.text(max_size=6)), max_size=15).map("".join))


def cut(kind: str, text: str, lang: str = "en") -> list[str]:
    return [segment.text for segment in segments(ProductText("field", kind, "", text), lang)]


@given(_TEXTS, st.sampled_from(_KINDS), st.sampled_from(CODES))
def test_joined_pieces_are_the_text(text: str, kind: str, lang: str) -> None:
    found = pieces(ProductText("field", kind, "", text), lang)
    assert "".join(piece.text if isinstance(piece, Segment) else piece for piece in found) == text


@given(_TEXTS, st.sampled_from(_KINDS), st.sampled_from(CODES))
def test_assembling_the_segments_gives_the_text(text: str, kind: str, lang: str) -> None:
    product_text = ProductText("field", kind, "", text)
    originals = [segment.text for segment in segments(product_text, lang)]
    assert assemble(pieces(product_text, lang), originals) == text


@pytest.mark.parametrize(
    ("kind", "lang", "text", "expected"),
    [
        ("title", "en", "A lamp. Red.", ["A lamp. Red."]),
        ("category", "en", "Tools > Hand tools > Saws", ["Tools", "Hand tools", "Saws"]),
        ("keywords", "zh", "螺丝、螺母，垫圈", ["螺丝", "螺母", "垫圈"]),
        ("keywords", "en", "saw, hand saw; blade | set", ["saw", "hand saw", "blade", "set"]),
        ("description", "en", "<p>One. Two!</p><ul><li>Three</li></ul>", ["One.", "Two!", "Three"]),
        ("description", "en", "with <b>strong</b> marks", ["with <b>strong</b> marks"]),
        ("description", "de", "Maße ca. 5 x 5 cm. Gewicht z.B. 3 kg.", ["Maße ca. 5 x 5 cm.", "Gewicht z.B. 3 kg."]),
        ("description", "ja", "軽いです。丈夫です。", ["軽いです。", "丈夫です。"]),
        ("description", "en", "first line\n\nsecond line", ["first line", "second line"]),
        ("bullet", "fr", "Poids 1,5 kg env. par pièce", ["Poids 1,5 kg env. par pièce"]),
    ],
)
def test_cuts(kind: str, lang: str, text: str, expected: list[str]) -> None:
    assert cut(kind, text, lang) == expected


def test_a_segment_carries_kind_and_context() -> None:
    (segment,) = segments(ProductText("attributes.farbe.value", "attribute_value", "Farbe", "orange"), "de")
    assert segment == Segment("de", "attribute_value", "Farbe", "orange")


@pytest.mark.parametrize("made", [[], ["one"], ["one", "two", "three"]])
def test_assembling_wants_as_many_translations_as_segments(made: list[str]) -> None:
    with pytest.raises(ValueError, match="2 segments"):
        assemble(pieces(ProductText("category", "category", "", "A > B"), "en"), made)


def test_sentences_never_lose_a_long_text() -> None:
    text = "A sentence about screws. " * 2_000
    assert "".join(sentences("en", text)) == text
    assert len(sentences("en", text)) == 2_000
