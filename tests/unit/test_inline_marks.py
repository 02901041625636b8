"""A sentence with marks or abbreviations on its way through the chain."""

from collections.abc import Mapping

import pytest

from tests.unit.test_chain import run
from translation.chain import Answer
from translation.checks import check, codes
from translation.engine import Pair
from translation.facts import mask
from translation.model import Segment, State
from translation.terminology.termbase import Termbase


def shown(text: str, answers: Mapping[str, str], lang: str = "en", target: str = "pt") -> tuple[State, str | None, str]:
    def answer(pair: Pair, asked: str) -> Answer:
        return answers.get(asked, "[7]")  # what is not known comes back broken

    segment = Segment(lang, "description", "", text)
    made, _ = run(segment, target, [f"{lang}-{target}"], answer=answer, termbase=Termbase([]))
    return made.state, made.text, ",".join(made.checks)


MACHINE, REVIEW = State.MACHINE, State.NEEDS_REVIEW


def test_a_denial_keeps_its_mark() -> None:
    answers = {
        "Do not wash this shirt.": "Não lave esta camisa.",
        "Do [0]not[1] wash this shirt.": "Faça [0]not[1] lavar esta camisa.",
    }
    assert shown("Do <b>not</b> wash this shirt.", answers) == (MACHINE, "<b>Não</b> lave esta camisa.", "")


def test_a_mark_goes_where_its_words_go() -> None:
    answers = {"A black bottle for you": "Uma garrafa preta para você", "black": "preto"}
    assert shown("A <em>black</em> bottle for you", answers) == (MACHINE, "Uma garrafa <em>preta</em> para você", "")


@pytest.mark.parametrize(
    "hint",
    [
        {"A [0]light[1] cable for you": "Um cabo [0]leve[1] para você"},
        {'A "light" cable for you': 'Um cabo "leve" para você'},
        {"A [0] cable for you": "Um cabo [0] para você"},
    ],
    ids=["marked", "quoted", "named"],
)
def test_a_word_that_is_another_alone_is_found_by_its_sentence(hint: dict[str, str]) -> None:
    answers = {"A light cable for you": "Um cabo leve para você", "light": "luz"} | hint
    assert shown("A <em>light</em> cable for you", answers) == (MACHINE, "Um cabo <em>leve</em> para você", "")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("Um cabo [0][1] para você", "tags"),
        ("Um cabo [0]light[1] para você", "left_over"),
        ("Um cabo para você [0] ", "placeholder"),
    ],
)
def test_without_a_place_a_damaged_mark_is_for_a_person(answer: str, code: str) -> None:
    answers = {"A light cable for you": "Um fio para você", "A [0]light[1] cable for you": answer}
    assert shown("A <em>light</em> cable for you", answers) == (REVIEW, None, code)


def test_a_lost_denial_is_for_a_person() -> None:
    answers = {
        "Do not wash this shirt.": "Lave esta camisa.",
        "Do [0]not[1] wash this shirt.": "Faça [0]assim[1] lavar esta camisa.",
    }
    assert shown("Do <b>not</b> wash this shirt.", answers) == (REVIEW, None, "negation")


def test_spaces_stay_outside_of_a_tag() -> None:
    masked = mask("en", "It is <b>white</b> and <i>soft</i>.")
    assert masked.restore("É [0] branco [1]e[2] macio [3].", "pt") == "É <b>branco</b> e <i>macio</i>."
    assert mask("en", "It is <b> white</b>.").restore("É [0] branco[1].", "pt") == "É <b> branco</b>."


def test_abbreviations_are_written_out_before_an_engine_reads_them() -> None:
    answers = {"Suco sem açúcar": "Juice without sugar", "Capinha para iPhone 15 Pro": "Case for iPhone 15 Pro"}
    assert shown("Suco s/ açúcar", answers, "pt", "en") == (MACHINE, "Juice without sugar", "")
    assert shown("Suco s/ açúcar", {"Suco sem açúcar": "Juice with sugar"}, "pt", "en") == (REVIEW, None, "negation")
    assert shown("Suco s/ açúcar", {"Suco sem açúcar": "Free juice s/ sugar"}, "pt", "en")[2] == "left_over"


@pytest.mark.parametrize(
    ("lang", "target", "text", "translated", "lost"),
    [
        ("en", "pt", "It is <b>not</b> washable", "É <b>assim</b> lavável", True),
        ("en", "pt", "It is <b>not</b> washable", "<b>Não</b> é lavável", False),
        ("de", "en", "Dies ist <b>nicht</b> waschbar", "This is <b>always</b> washable", True),
        ("pt", "en", "Não lavar esta camisa", "Wash this shirt", True),
        ("en", "pt", "This is not only white", "Isto é branco e mais", False),
    ],
)
def test_a_denial_is_looked_for_with_and_without_its_mark(
    lang: str, target: str, text: str, translated: str, lost: bool
) -> None:
    assert ("negation" in codes(check(Segment(lang, "description", "", text), translated, target))) is lost
