"""What an operator says of single pairs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UsageError
from catalog.languages import CODES
from translation.engine import Pair
from translation.overrides import EVERY_PAIR, Rule, Rules


def rules(said: str) -> Rules:
    return Rules.parse(said.split(","))


def said_of(said: str, pair: str) -> list[str]:
    return [str(rule) for rule in rules(said).of(Pair(*pair.split("-")))]


def test_rules_are_read() -> None:
    read = rules("en-de=ctranslate2, DE-*=students , ja-zh = pivot,ko-ja=none,*-ar=libretranslate")
    assert [str(rule) for rule in read.rules] == [
        "en-de=ctranslate2", "de-*=students", "ja-zh=pivot", "ko-ja=none", "*-ar=libretranslate",
    ]  # fmt: skip
    assert read.engines == ("ctranslate2", "students", "libretranslate")


def test_the_most_specific_goes_first() -> None:
    every = "de-ar=one,*-*=two,de-*=three,*-ar=four"
    assert said_of(every, "de-ar") == ["de-ar=one", "*-ar=four", "de-*=three", "*-*=two"]
    assert said_of(every, "de-fr") == ["de-*=three", "*-*=two"]
    assert said_of(every, "ja-zh") == ["*-*=two"]


def test_of_two_with_one_star_the_last_written_goes_first() -> None:
    assert said_of("de-*=one,*-ar=two", "de-ar") == ["*-ar=two", "de-*=one"]
    assert said_of("*-ar=two,de-*=one", "de-ar") == ["de-*=one", "*-ar=two"]


def test_what_begins_or_ends_in_english_does_not_go_over_it() -> None:
    assert said_of("de-*=pivot", "de-fr") == ["de-*=pivot"]
    assert said_of("de-*=pivot", "de-en") == []


def test_the_same_rule_twice_is_one() -> None:
    assert len(rules("en-de=one,en-de=one").rules) == 1


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("en-de", "'en-de' is no rule: write PAIR=ENGINE"),
        ("en=one", "'en=one' is no rule"),
        ("en-de=", "'en-de=' is no rule"),
        ("en-de=a b", "'en-de=a b' is no rule"),
        ("xx-de=one", "xx-de=one: unknown language 'xx'"),
        ("en-d*=one", r"unknown language 'd\*'"),
        ("de-de=one", "the same language twice"),
        ("en-de=pivot", "what begins or ends in English can't"),
        ("*-en=pivot", "what begins or ends in English can't"),
        ("en-de=one,en-de=two", "en-de=one and en-de=two contradict each other"),
    ],
)
def test_what_is_no_rule_is_named(said: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        rules(said)


_LANGS = st.sampled_from([*CODES, "*"])


@given(st.lists(st.builds(Rule, _LANGS, _LANGS, st.sampled_from(["one", "two", "none", "pivot"])), max_size=6))
def test_rules_survive_being_written(given_rules: list[Rule]) -> None:
    chosen = {(rule.source, rule.target): rule for rule in given_rules if rule.pairs()}
    read = Rules.parse(map(str, chosen.values()))
    assert read.rules == tuple(chosen.values())
    for pair in EVERY_PAIR:
        weights = [rule.languages for rule in read.of(pair)]
        assert weights == sorted(weights, reverse=True)
        assert len(weights) == sum(rule.covers(pair) for rule in read.rules)
