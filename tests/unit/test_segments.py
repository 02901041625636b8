"""Texts cut into segments and put together again."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.languages import CODES
from catalog.model import ProductText
from tests.unit.shop import Shop, lamp
from translation.engines.batched.engine import BatchedEngine
from translation.engines.models import find_models
from translation.model import Segment, State
from translation.segments import assemble, pieces, segments, sentences

_KINDS = ("title", "description", "bullet", "category", "keywords", "attribute_name", "attribute_value")
_PARTS = st.sampled_from(
    ["<p>", "</p>", "<br/>", "\n", " ", "ca. 5 kg. ", "Sehr gut! ", "z.B. so", " > ", ", ", "、", "<b>x</b>"]
)
_COLOURS = ("red", "green", "blue", "white", "black", "yellow", "brown")
_THINGS = ("garden hose", "wooden shelf", "cotton towel", "steel pipe", "paper lamp")
_PLACES = ("the kitchen", "small gardens", "the bathroom", "offices", "a workshop", "your balcony")
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


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("de", "Die 5. Generation des Geräts. |Danach folgt z. B. der 3. Teil. |Maße: ca. 5 cm. |Inkl. Netzteil."),
        ("de", "Paket mit 5. |Danach mehr. |Fa. Müller. |Nr. 5 ist max. 3 kg. usw. |Das ist gut."),
        ("en", "Approx. 5 kg. |Incl. charger. |No. 5 is good. |Works with U.S. plugs. |Fits 2.5 in. screws."),
        ("en", "It weighs 5 lbs. |It is great! |E.g. this. |See Fig. 3. |Version 2.0. |New."),
        ("fr", "Env. 5 kg. |Réf. AB-12. |Livré avec câble, etc. |Très bon. |P. ex. ceci. |M. Dupont. |N° 5."),
        ("es", "Aprox. 5 kg. |Ref. 12. |Incl. cargador. |Pág. 5. |Muy bueno. |EE. UU. es grande. |Sr. López."),
        ("it", "Ca. 5 kg. |Cod. 12. |Es. questo. |Molto buono. |Dim. 5 cm. |N. 5. |Sig. Rossi."),
        ("nl", "Ca. 5 kg. |Incl. lader. |Bijv. deze. |Nr. 5. |Max. 3 kg. |Erg goed. |D.w.z. dat is zo."),
        ("pl", "Ok. 5 kg. |Np. ten. |Nr 5. |Wym. 5 cm. |Bardzo dobry. |M.in. to. |Tj. to. |Szt. 5. |Ul. Polna 5."),
        ("pt", "Aprox. 5 kg. |Ref. 12. |Ex. isto. |Muito bom. |Sr. Silva. |N.º 5. |Máx. 3 kg."),
        ("ru", "Вес ок. 5 кг. |Разм. 5 см. |Т.е. так. |Арт. 12. |Очень хорошо. |И т.д. |Далее. |Макс. 3 кг."),
        ("tr", "Yakl. 5 kg. |Örn. bu. |Çok iyi. |Maks. 3 kg. |No. 5. |3. nesil ürün."),
        ("id", "Kira-kira 5 kg. |Bagus. |No. 5. |Maks. 3 kg."),
        ("ar", "الوزن 5 كجم. |جيد جدا. |هل هو جيد؟ |نعم."),
        ("zh", "重5公斤。|很好！|是吗？|是的。|型号V2.0版。"),
        ("ja", "重さ5kg。|とても良い！|本当ですか？|はい。「良い。」と言った。"),
        ("ko", "무게 5kg. |아주 좋습니다. |정말요? |네."),
    ],
)
def test_sentences(lang: str, expected: str) -> None:
    assert list(sentences(lang, expected.replace("|", ""))) == expected.split("|")


def test_a_value_is_another_segment_under_another_name() -> None:
    colour, fruit = (
        segments(ProductText("attributes.x.value", "attribute_value", name, "orange"), "en")
        for name in ("Colour", "Fruit")
    )
    assert colour != fruit
    assert (colour[0].under, fruit[0].under) == ("Colour", "Fruit")


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "steel screw 5 000 " * 100),
        ("en", "steel screws, " * 100),
        ("zh", "不锈钢螺丝" * 300),
        ("en", "<b>" + "steel " * 90 + "</b> <i title='" + "steel " * 20 + "'>" + "x" * 900),
        ("en", "1 " * 700),
    ],
)
def test_a_sentence_that_is_too_long_is_cut_between_words(lang: str, text: str) -> None:
    cut = sentences(lang, text)
    assert "".join(cut) == text
    assert max(map(len, cut)) <= 400
    assert not any(piece.endswith("5 ") for piece in cut[:1])
    assert all(piece.count("<") == piece.count(">") for piece in cut)


@pytest.mark.parametrize(
    "text",
    [
        " ".join(f"Screw number {number} is of strong steel and fits a wall." for number in range(190)),
        ", ".join(f"a {_COLOURS[n % 7]} {_THINGS[n % 5]} of {n} cm for {_PLACES[n % 6]}" for n in range(250)),
    ],
    ids=["sentences", "one sentence"],
)
def test_a_long_description_is_never_cut(tmp_path: Path, text: str) -> None:
    shop = Shop(tmp_path)
    product = lamp(title="garden hose", description=f"<p>{text}</p>")
    shop.put(product)
    shop.translate(BatchedEngine(find_models(None)), "pt")
    shown = shop.shown(product, "pt", "description")
    assert len(text) >= 9_000
    assert shown.translation.state is State.MACHINE, shown.translation.reason
    assert sorted(re.findall(r"\d+", shown.shown)) == sorted(re.findall(r"\d+", text))
