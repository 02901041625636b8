"""The chain, link by link."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from catalog.errors import PermanentEngineError
from tests.unit.terms import concept, small_termbase
from translation.chain import Answer, Failure, Means, Remembered, ingredients, translate_segment
from translation.engine import Pair
from translation.engines.echo import EchoEngine
from translation.model import Segment, State, Translation
from translation.routing import Router
from translation.terminology.concepts import Layer, starter_concepts
from translation.terminology.termbase import Termbase

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
    termbase: Termbase | None = None,
    engine: type[EchoEngine] = EchoEngine,
) -> tuple[Translation, list[tuple[str, str]]]:
    """Drive one chain; return its translation and what it asked, as ``(pair, text)``."""
    router = Router([engine([Pair(*pair.split("-")) for pair in pairs])])
    chain = translate_segment(segment, target, Means(router, termbase or small_termbase()), remembered, brands)
    asked: list[tuple[str, str]] = []
    try:
        request = next(chain)
        while True:
            asked.append((str(request.step.pair), request.text))
            request = chain.send(answer(request.step.pair, request.text))
    except StopIteration as finished:
        return finished.value, asked


class Framing(EchoEngine):
    """Reads frames, as it says."""

    def reads_frames(self, pair: Pair) -> bool:
        return str(pair) != "en-fr"


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
    assert made.checks == ("facts",)  # of the attempts the one with the fewest faults, the first of equals


def test_a_placeholder_that_never_comes_back_is_for_a_person() -> None:
    made, asked = run(title("en", "lamp 10 W"), "de", ["en-de"], answer=lambda _pair, _text: "Lampe")
    assert len(asked) == 1  # with every number locked the text is the same
    assert (made.state, made.checks) == (State.NEEDS_REVIEW, ("placeholder",))


def test_what_fails_is_tried_clause_by_clause() -> None:
    whole = {
        "Garden hose, wall mount, 20 pieces": "Gartenschlauch, 20 Stück, 20 Stück",
        "Garden hose, wall mount, [0] pieces": "Gartenschlauch",
        "Garden hose": "Gartenschlauch.",
        "wall mount": "Wandhalterung",
        "[0] pieces": "[0] Stück",
    }
    text = "Garden hose, wall mount, 20 pieces"
    made, asked = run(title("en", text), "de", ["en-de"], answer=lambda _pair, text: whole[text])
    assert [text for _, text in asked] == list(whole)
    assert made == Translation("Gartenschlauch, Wandhalterung, 20 Stück", State.MACHINE, "echo")


def test_the_attempt_with_the_fewest_warnings_is_taken() -> None:
    answers = {"red box, 2 pieces": "rote rote Schachtel, 2 Stück", "red box, [0] pieces": "rote Schachtel, [0] Stück"}
    made, asked = run(title("en", "red box, 2 pieces"), "de", ["en-de"], answer=lambda _pair, text: answers[text])
    assert len(asked) == 2
    assert made == Translation("rote Schachtel, 2 Stück", State.MACHINE, "echo")


def test_an_empty_answer_is_for_a_person() -> None:
    made, _ = run(title("en", "garden hose"), "de", ["en-de"], answer=lambda _pair, _text: "")
    assert (made.text, made.state, made.checks) == (None, State.NEEDS_REVIEW, ("empty",))


def test_an_engine_that_gives_up_on_a_retry_costs_no_translation() -> None:
    answers: dict[str, Answer] = {"red box, 2 pieces": "rote rote Schachtel, 2 Stück"}
    made, _ = run(
        title("en", "red box, 2 pieces"),
        "de",
        ["en-de"],
        answer=lambda _pair, text: answers.get(text, Failure("broken")),
    )
    assert (made.text, made.checks) == ("rote rote Schachtel, 2 Stück", ("doubled_word",))


def test_a_warning_that_stays_is_kept_with_the_translation() -> None:
    made, asked = run(title("en", "garden hose"), "de", ["en-de"], answer=lambda _pair, _text: "Schlauch Schlauch")
    assert len(asked) == 1
    assert (made.text, made.state, made.checks) == ("Schlauch Schlauch", State.MACHINE, ("doubled_word",))
    assert "stands twice" in made.reason


def test_a_number_that_may_be_read_in_two_ways_is_kept_and_warned_of() -> None:
    made, _ = run(title("en", "water pump, 3.600 l"), "de", ["en-de"], answer=lambda _pair, _text: "Wasserpumpe, [0]")
    assert (made.text, made.state, made.checks) == ("Wasserpumpe, 3.600 l", State.MACHINE, ("number_uncertain",))


def test_a_required_term_is_locked_when_the_engine_does_not_use_it() -> None:
    battery = replace(concept("battery", "part", en="battery", de="Akku"), binding=frozenset({"de"}))
    answers = {"garden hose with battery": "Gartenschlauch mit Batterie", "garden hose with [0]": "Schlauch mit [0]"}
    made, asked = run(
        title("en", "garden hose with battery"),
        "de",
        ["en-de"],
        answer=lambda _pair, text: answers[text],
        termbase=small_termbase(battery),
    )
    assert len(asked) == 2
    assert made == Translation("Schlauch mit Akku", State.MACHINE, "echo")


def test_known_terms_lose_their_capitals_when_the_engine_copies_them() -> None:
    answers = {"Garden Hose Red Box": "Garden Hose Red Box", "Garden Hose red box": "rote Gartenschlauchbox"}
    made, asked = run(title("en", "Garden Hose Red Box"), "de", ["en-de"], answer=lambda _pair, text: answers[text])
    assert [text for _, text in asked] == list(answers)
    assert made.text == "rote Gartenschlauchbox"


@pytest.mark.parametrize("known", ["Garden hose with box", "шланг", "Schlauch [0]", "Schlauch ⁇"])
def test_memory_is_verified_like_an_engine(known: str) -> None:
    made, _ = run(title("en", "Garden hose with box"), "de", ["en-de"], Remembered(known))
    assert made.state is State.MACHINE


def test_memory_keeps_what_is_warned_of() -> None:
    made, _ = run(title("en", "Garden hose"), "de", ["en-de"], Remembered("Gartenschlauch."))
    assert (made.text, made.state, made.checks) == ("Gartenschlauch.", State.MEMORY, ("punctuation",))


def test_a_draft_is_verified_but_for_the_words_without_a_term() -> None:
    made, _ = run(title("en", "Stainless steel lamp fluxcapacitor"), "zh")
    assert made.state is State.GLOSS
    assert made.text is not None
    assert "fluxcapacitor" in made.text
    assert made.checks == ()


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
    assert asked[0][1] == "Bahçe hortumu yeşil ışık [0]"
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


# -- short texts in a frame -------------------------------------------------------------------------------------------


def value(text: str, name: str = "Colour", lang: str = "en") -> Segment:
    return Segment(lang, "attribute_value", name, text)


def saying(**answers: str) -> Callable[[Pair, str], Answer]:
    """Answer texts, spaces and signs left out of their names, and echo what is not named."""

    def answer(pair: Pair, text: str) -> Answer:
        return answers.get("".join(filter(str.isalpha, text)), echo(pair, text))

    return answer


def test_an_engine_that_reads_frames_gets_name_and_value() -> None:
    made, asked = run(value("Orange"), "pt", ["en-pt"], answer=saying(colourorange="cor = laranja"), engine=Framing)
    assert (made.text, made.state) == ("Laranja", State.MACHINE)
    assert asked == [("en-pt", "colour = orange")]


def test_other_engines_get_the_value_alone() -> None:
    assert run(value("orange"), "pt", ["en-pt"])[1] == [("en-pt", "orange")]
    # Over English every engine on the way has to read frames.
    assert run(value("laranja", "Cor", "pt"), "fr", ["pt-en", "en-fr"], engine=Framing)[1][0] == ("pt-en", "laranja")
    assert run(value("laranja", "Cor", "pt"), "de", ["pt-en", "en-de"], engine=Framing)[1][0][1] == "cor = laranja"


@pytest.mark.parametrize("framed", ["laranja", "cor: laranja", "cor = laranja = fruta", "cor = orange"])
def test_what_does_not_come_apart_or_is_found_fault_with_is_asked_again_alone(framed: str) -> None:
    made, asked = run(
        value("orange"), "pt", ["en-pt"], answer=saying(colourorange=framed, orange="laranja"), engine=Framing
    )
    assert (made.text, made.state) == ("laranja", State.MACHINE)
    assert [text for _, text in asked] == ["colour = orange", "orange"]


def test_an_engine_that_fails_on_a_frame_is_asked_without() -> None:
    def answer(pair: Pair, text: str) -> Answer:
        return Failure("no signs") if "=" in text else "laranja"

    made, _ = run(value("orange"), "pt", ["en-pt"], answer=answer, engine=Framing)
    assert (made.text, made.state) == ("laranja", State.MACHINE)


def test_short_words_are_known_in_a_frame() -> None:
    answer = saying(foldableno="dobrável = não", foldableun="dobrável = un", foldablexyz="dobrável")
    made, asked = run(value("no", "Foldable"), "pt", ["en-pt"], answer=answer, engine=Framing)
    assert (made.text, made.state, len(asked)) == ("não", State.MACHINE, 1)
    for text in ("un", "xyz", "ABS"):
        made, asked = run(value(text, "Foldable"), "pt", ["en-pt"], answer=answer, engine=Framing)
        assert (made.text, made.state) == (None, State.MISSING)
    assert asked == []


def test_a_thing_of_the_starter_terms_gives_way_to_an_engine_that_sees_the_name() -> None:
    terms = small_termbase(concept("coil", en="spring", pt="mola"))
    answer = saying(seasonspring="temporada = primavera")
    made, _ = run(value("spring", "Season"), "pt", ["en-pt"], answer=answer, termbase=terms, engine=Framing)
    assert (made.text, made.state) == ("primavera", State.MACHINE)
    made, _ = run(title("en", "spring"), "pt", ["en-pt"], termbase=terms, engine=Framing)
    assert (made.text, made.state) == ("mola", State.TERM)


def test_without_support_by_the_name_a_term_is_a_draft_and_a_homonym_nothing() -> None:
    terms = small_termbase(concept("coil", en="spring", pt="mola"))
    for name in ("Season", "Body part"):
        made, _ = run(value("springs", name), "pt", termbase=terms)
        assert (made.text, made.state) == (None, State.MISSING)
        assert made.reason == f"'springs' has several meanings, and {name!r} does not say which"
        made, _ = run(value("screw", name), "pt")
        assert (made.text, made.state, made.engine) == ("parafuso", State.GLOSS, "gloss")
        assert name in made.reason
    for name in ("Part", "Part type", "Spare part"):  # a part of anything: it says which "spring" is meant
        made, asked = run(
            value("spring", name),
            "pt",
            ["en-pt"],
            termbase=small_termbase(concept("coil", "part", en="spring", pt="mola")),
            engine=Framing,
        )
        assert (made.text, made.state, asked) == ("mola", State.TERM, [])
    for name in ("Type", "Product type"):  # of things, and not which
        assert run(value("screw", name), "pt")[0].state is State.TERM
        assert run(value("spring", name), "pt", termbase=terms)[0].state is State.MISSING


def test_the_draft_stands_where_the_engine_fails_and_the_term_where_a_person_gave_it() -> None:
    fails = saying(seasonscrew="screw", screw="screw")
    made, _ = run(value("screw", "Season"), "pt", ["en-pt"], answer=fails, engine=Framing)
    assert (made.text, made.state) == ("parafuso", State.GLOSS)
    own = small_termbase(concept("coil", en="spring", pt="mola"))
    own = Termbase(replace(one, layer=Layer.SUPPLIER) for one in own.concepts)
    made, asked = run(value("spring", "Season"), "pt", ["en-pt"], termbase=own, engine=Framing)
    assert (made.text, made.state, asked) == ("mola", State.TERM, [])


def test_starter_terms_under_the_names_of_attributes() -> None:
    base = Termbase(starter_concepts())
    believed = (
        "Part=Spring=Feder", "Part=Washer=Unterlegscheibe", "Tool=File=Feile", "Tool type=File=Feile",
        "Fastener type=Nut=Mutter", "Machine=Crane=Kran", "Input device=Mouse=Maus", "Colour=Orange=Orange",
        "Fruit=Orange=Orange", "Material=Iron=Eisen", "Finish=Brass=Messing", "Upper=Leather=Leder",
        "Type=Umbrella=Regenschirm",
    )  # fmt: skip
    for name, text, term in (one.split("=") for one in believed):
        made, _ = run(value(text, name), "de", termbase=base)
        assert (made.text, made.state) == (term, State.TERM), (name, text)
    doubtful = ("Season=Spring", "Connector=Jack", "Animal=Crane", "Animal=Mouse", "Body part=Nail", "Type=File")
    for name, text in (one.split("=") for one in doubtful):
        assert run(value(text, name), "de", termbase=base)[0].state is State.MISSING, (name, text)


@pytest.mark.parametrize(
    ("lang", "name", "text", "state"),
    [
        ("de", "Ersatzteil", "Feder", State.TERM),
        ("de", "Jahreszeit", "Feder", State.MISSING),
        ("es", "Herramienta", "Martillo", State.TERM),
        ("fr", "Pièce", "Ressort", State.TERM),
        ("ja", "部品", "ナット", State.TERM),
        ("ja", "季節", "スプリング", State.MISSING),
        ("ko", "공구", "망치", State.TERM),
        ("pl", "Część zamienna", "Sprężyna", State.TERM),
        ("pt", "Peça", "Mola", State.TERM),
        ("pt", "Estação", "Mola", State.MISSING),
        ("ru", "Деталь", "Пружина", State.TERM),
        ("tr", "Alet", "Çekiç", State.TERM),
        ("zh", "零件", "弹簧", State.TERM),
        ("zh", "季节", "弹簧", State.MISSING),
        ("ar", "أداة", "مطرقة", State.TERM),
        ("id", "Suku cadang", "Pegas", State.TERM),
        ("it", "Utensile", "Martello", State.TERM),
        ("nl", "Gereedschap", "Hamer", State.TERM),
    ],
)
def test_names_of_attributes_say_it_in_every_language(lang: str, name: str, text: str, state: State) -> None:
    made, _ = run(value(text, name, lang), "en", termbase=Termbase(starter_concepts()))
    assert made.state is state, made


def test_a_colour_stays_the_term_for_it() -> None:
    made, asked = run(value("red"), "pt", ["en-pt"], engine=Framing)
    assert (made.text, made.state, asked) == ("vermelho", State.TERM, [])


def test_over_a_known_english_there_is_no_name_in_the_other_language() -> None:
    known = Remembered(english="orange")
    _, asked = run(value("laranja", "Cor", "pt"), "de", ["en-de"], known, engine=Framing)
    assert asked[0] == ("en-de", "product = orange")


class Poor(EchoEngine):
    """Has neither ``ł`` nor curly quotes."""

    def lacks(self, pair: Pair, text: str) -> frozenset[str]:
        return frozenset(text) & frozenset("ł“”")


def test_what_the_engines_vocabulary_lacks_is_locked() -> None:
    made, asked = run(title("pl", "biały “Luna” kubek do kawy"), "en", ["pl-en"], engine=Poor)
    assert asked[0][1] == '[0] "Luna" kubek do kawy'
    assert made.text is not None
    assert made.text.startswith("biały")
    assert run(title("pl", "biały kubek do kawy"), "en", ["pl-en"])[1][0][1] == "biały kubek do kawy"


class Damaged(EchoEngine):
    """Can't read its vocabulary."""

    def lacks(self, pair: Pair, text: str) -> frozenset[str]:
        raise PermanentEngineError("vocabulary x.spm: it is damaged")

    def reads_frames(self, pair: Pair) -> bool:
        return not self.lacks(pair, "=")


def test_a_vocabulary_that_can_not_be_read_is_named() -> None:
    made, asked = run(title("en", "Red lamp of glass"), "pt", ["en-pt"], engine=Damaged)
    assert (made.state, made.reason, asked) == (State.NEEDS_REVIEW, "vocabulary x.spm: it is damaged", [])
