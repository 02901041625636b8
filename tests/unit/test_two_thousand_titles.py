"""No fact of real titles is damaged unseen: English into Portuguese and back, by the real model.

All 2,000 titles take 45 s each way on one core; without ``LEXICART_TEST_REQUIRE=shared`` 120 of them are translated.
"""

import os
from pathlib import Path

import pytest

from benchmarks.facts import Outcome, both_ways, report

pytestmark = pytest.mark.shared

_ALL, _SOME = 2_000, 120
_MOST_FLAGGED = {True: 0.03, False: 0.05}
"""Share of all titles that a person may have to look at, and of a few, where one more is half a per cent."""


@pytest.fixture(scope="module")
def outcomes(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Outcome]:
    required = os.environ.get("LEXICART_TEST_REQUIRE", "").split(",")
    number = _ALL if "shared" in required else _SOME
    made = both_ways(shared_data, number, tmp_path_factory.mktemp("titles"))
    for outcome, (source, target) in zip(made, (("en", "pt"), ("pt", "en")), strict=True):
        print(*report(outcome, source, target), sep="\n")
    assert made[0].titles >= number
    return made


@pytest.mark.parametrize("way", [0, 1], ids=["en-pt", "pt-en"])
def test_no_fact_is_damaged_unseen(outcomes: tuple[Outcome, Outcome], way: int) -> None:
    damaged = [(text.source, text.shown, lost) for text, lost in outcomes[way].damaged]
    assert damaged == []


@pytest.mark.parametrize("way", [0, 1], ids=["en-pt", "pt-en"])
def test_few_titles_need_a_person(outcomes: tuple[Outcome, Outcome], way: int) -> None:
    outcome = outcomes[way]
    assert outcome.flagged_share < _MOST_FLAGGED[outcome.titles > _ALL * 0.9], [text.source for text in outcome.flagged]
    assert outcome.states["machine"] > outcome.titles * 0.9
