"""The chain, link by link."""

from collections.abc import Callable, Sequence

import pytest

from tests.unit.terms import concept, small_termbase
from translation.chain import Answer, Failure, Means, Remembered, ingredients, translate_segment
from translation.engine import Pair
from translation.engines.echo import EchoEngine
from translation.model import Segment, State, Translation
from translation.routing import Router

NOTHING = Remembered()


def echo(request_pair: Pair, text: str) -> Answer:
    return EchoEngine().translate(request_pair, [text])[0]


def run(
    segment: Segment,
    target: str,
    pairs: Sequence[str] = (),
    remembered: Remembered = NOTHING,
    brands: Sequence[str] = (),
    answer: Callable[[Pair, str], Answer] = echo,
) -> tuple[Translation, list[tuple[str, str]]]:
    """Drive one chain; return its translation and what it asked, as ``(pair, text)``."""
    router = Router([EchoEngine([Pair(*pair.split("-")) for pair in pairs])])
    chain = translate_segment(segment, target, Means(router, small_termbase()), remembered, brands)
    asked: list[tuple[str, str]] = []
    try:
        request = next(chain)
        while True:
            asked.append((str(request.step.pair), request.text))
            request = chain.send(answer(request.step.pair, request.text))
    except StopIteration as finished:
        return finished.value, asked


def title(lang: str, text: str) -> Segment:
    return Segment(lang, "title", "", text)


def test_without_words_a_text_is_copied() -> None:
    made, asked = run(title("en", "4.7 kΩ / M8×40, S/M"), "de", ["en-de"])
    assert made == Translation("4,7 kΩ / M8×40, S/M", State.SOURCE, "copy")
    assert asked == []


def test_memory_goes_before_terms_and_engines() -> None:
    made, asked = run(title("en", "Screws"), "de", ["en-de"], Remembered("Spezialschrauben"))
    assert made == Translation("Spezialschrauben", State.MEMORY, "memory")
    assert asked == []


def test_memory_with_other_numbers_is_not_believed() -> None:
    made, _ = run(title("en", "Garden hose 10 m"), "de", ["en-de"], Remembered("Gartenschlauch 20 m"))
    assert made.state is State.MACHINE


@pytest.mark.parametrize(
    ("source", "text", "target", "written"),
    [
        ("en", "Screws", "pt", "Parafuso"),
        ("en", "screws", "pt", "parafuso"),
        ("zh", "螺丝", "pt", "Parafuso"),
        ("en", "Lamp", "zh", "灯"),
    ],
)
def test_a_text_that_is_a_term(source: str, text: str, target: str, written: str) -> None:
    made, asked = run(title(source, text), target, [f"{source}-{target}"])
    assert made == Translation(written, State.TERM, "term")
    assert asked == []


def test_a_word_with_two_meanings_is_no_term() -> None:
    other = concept("bulb", en="bulb|lamp", pt="lâmpada", de="Lampe")
    for target, state in (("pt", State.GLOSS), ("de", State.TERM)):
        means = Means(Router([]), small_termbase(other))
        chain = translate_segment(title("en", "Lamp"), target, means, NOTHING)
        with pytest.raises(StopIteration) as finished:
            next(chain)
        assert finished.value.value.state is state


def test_an_engine_gets_the_text_masked() -> None:
    made, asked = run(title("en", "Bosch garden hose 12.5 mm, 20 pieces"), "de", ["en-de"], brands=["Bosch"])
    assert asked == [("en-de", "[0] garden hose [1], 20 pieces")]
    assert made == Translation("Bosch garden·de hose·de 12,5 mm, 20 pieces·de", State.MACHINE, "echo")


def test_english_is_the_pivot() -> None:
    made, asked = run(title("de", "Gartenschlauch grün"), "fr", ["de-en", "en-fr"])
    assert [pair for pair, _ in asked] == ["de-en", "en-fr"]
    assert made.state is State.MACHINE
    assert made.text is not None
    assert made.text.startswith(["Gartenschlauch", "en", "fr"][0])


def test_a_gloss_is_never_a_pivot() -> None:
    # German to English could only be a gloss; English to French has an engine. The French is a gloss of its own.
    made, asked = run(title("de", "rote Edelstahlschraube"), "fr", ["en-fr"])
    assert asked == []
    assert (made.state, made.text) == (State.GLOSS, "vis rouge inox")


def test_given_english_goes_before_the_pivot() -> None:
    remembered = Remembered(english="green garden hose")
    made, asked = run(title("de", "Gartenschlauch grün"), "fr", ["de-en", "en-fr"], remembered)
    assert asked == [("en-fr", "green garden hose")]
    assert made.state is State.MACHINE


def test_a_direct_pair_goes_before_given_english() -> None:
    _, asked = run(
        title("de", "Gartenschlauch grün"), "fr", ["de-fr", "en-fr"], Remembered(english="green garden hose")
    )
    assert asked == [("de-fr", "Gartenschlauch grün")]


def test_a_changed_number_is_tried_again_with_every_number_locked() -> None:
    answers = iter(["hundert Blatt", "[0] Blatt"])
    made, asked = run(title("en", "100 sheets"), "de", ["en-de"], answer=lambda _pair, _text: next(answers))
    assert [text for _, text in asked] == ["100 sheets", "[0] sheets"]
    assert made == Translation("100 Blatt", State.MACHINE, "echo")


def test_what_fails_twice_is_for_a_person() -> None:
    made, asked = run(title("en", "100 sheets"), "de", ["en-de"], answer=lambda _pair, _text: "Blatt")
    assert len(asked) == 2
    assert (made.text, made.state, made.engine) == (None, State.NEEDS_REVIEW, "echo")
    assert made.reason
    assert made.checks == ("placeholder",)


def test_a_failed_check_gives_its_code_and_reason() -> None:
    made, _ = run(title("en", "very bright desk light"), "de", ["en-de"], answer=lambda _pair, text: text)
    assert made.state is State.NEEDS_REVIEW
    assert made.checks == ("untranslated",)
    assert "original" in made.reason


def test_an_engine_that_gives_up_says_why() -> None:
    made, _ = run(title("en", "garden hose"), "de", ["en-de"], answer=lambda _pair, _text: Failure("broken model"))
    assert (made.state, made.reason, made.checks) == (State.NEEDS_REVIEW, "broken model", ("engine",))


def test_capitals_are_lowered_for_the_engine_and_given_back() -> None:
    made, asked = run(title("tr", "BAHÇE HORTUMU YEŞİL IŞIK M10 DIN 934"), "en", ["tr-en"])
    assert asked[0][1] == "Bahçe hortumu yeşil ışık [0] [1]"
    assert made.state is State.MACHINE
    assert made.text is not None
    assert "M10 DIN 934" in made.text
    assert made.text == made.text.upper()


def test_without_an_engine_there_is_a_draft_or_nothing() -> None:
    made, _ = run(title("en", "Red stainless steel lamp 12 V"), "de")
    assert (made.text, made.state, made.engine) == ("Rot Edelstahl Lampe 12 V", State.GLOSS, "gloss")
    assert "100%" in made.reason
    made, _ = run(title("en", "Extraordinary garden arrangement"), "de")
    assert (made.text, made.state) == (None, State.MISSING)
    assert "en-de" in made.reason


@pytest.mark.parametrize(("lang", "text"), [("pt", "Un."), ("en", "of"), ("fr", "kit")])
def test_too_short_for_an_engine(lang: str, text: str) -> None:
    made, asked = run(title(lang, text), "de", [f"{lang}-de"])
    assert (made.state, asked) == (State.MISSING, [])


def test_ingredients_hold_what_a_translation_depends_on() -> None:
    base, changed = small_termbase(), small_termbase(concept("red", "colour", en="red", de="knallrot"))
    router = Router([EchoEngine([Pair("en", "de")])])

    def of(text: str, termbase: object, target: str = "de", known: Remembered = NOTHING) -> list[str]:
        segment = title("en", text)
        return ingredients([segment], [termbase.match("en", text)], target, router, {segment: known})  # type: ignore[attr-defined]

    assert of("red lamp", base) != of("red lamp", changed)
    assert of("green lamp", base) == of("green lamp", changed)
    assert of("red lamp", base) != of("red lamp", base, "fr")
    assert of("red lamp", base) != of("red lamp", base, known=Remembered("rote Lampe"))
    # English that no engine of the pair uses changes nothing; memory that is used does.
    assert of("red lamp", base) != of("red lamp", base, known=Remembered(english="red lamp"))
