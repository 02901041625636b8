"""An engine that answers in another language is refused; one that answers rightly never is."""

import pytest

from catalog.errors import EngineError
from translation.engine import Pair
from translation.engines.echo import EchoEngine
from translation.guarding import LanguageGuard
from translation.routing import Step

KINDS = [f"{number} {letter}" for number in range(8) for letter in "ABCDE"]
ENGLISH = [f"Garden chair {kind} with cushion for the terrace" for kind in KINDS]
PORTUGUESE = [f"Cadeira de jardim {kind} com almofada para o terraço" for kind in KINDS]
GERMAN = [f"Gartenstuhl {kind} mit Kissen für die Terrasse" for kind in KINDS]


def step(pair: str) -> Step:
    return Step(EchoEngine(), Pair(*pair.split("-")), "students", pair)


def test_the_refusal_names_engine_pair_and_language() -> None:
    with pytest.raises(EngineError, match=r"engine students answers en-de in Portuguese \(pt\), not in German"):
        LanguageGuard().look(step("en-de"), dict(zip(ENGLISH, PORTUGUESE, strict=True)))


@pytest.mark.parametrize(("pair", "answers"), [("en-pt", PORTUGUESE), ("en-de", GERMAN)])
def test_right_answers_pass(pair: str, answers: list[str]) -> None:
    LanguageGuard().look(step(pair), dict(zip(ENGLISH, answers, strict=True)))


def test_answers_are_gathered_over_batches_and_apart_by_engine() -> None:
    guard = LanguageGuard()
    pairs = list(zip(ENGLISH, PORTUGUESE, strict=True))
    for at in range(0, 30, 10):
        guard.look(step("en-de"), dict(pairs[at : at + 10]))
        guard.look(step("en-pt"), dict(pairs[at : at + 10]))
    with pytest.raises(EngineError, match="en-de"):
        guard.look(step("en-de"), dict(pairs[30:]))
    guard.look(step("en-pt"), dict(pairs[30:]))


def test_another_script_is_another_language() -> None:
    with pytest.raises(EngineError, match="en-zh in German"):
        LanguageGuard().look(step("en-zh"), dict(zip(ENGLISH, GERMAN, strict=True)))


def test_copies_names_and_marks_say_nothing() -> None:
    guard = LanguageGuard()
    guard.look(step("en-de"), {text: text for text in ENGLISH})
    engine = EchoEngine()
    guard.look(step("en-fr"), dict(zip(ENGLISH, engine.translate(Pair("en", "fr"), ENGLISH), strict=True)))
