"""Attributes' values and short titles by the real model, held against labels written by hand."""

from collections import Counter

import pytest

from benchmarks.attribute_values import Case, WithoutFrames, labelled_titles, labelled_values, translated
from translation.engine import TranslationEngine
from translation.engines.batched.engine import BatchedEngine
from translation.engines.models import find_models
from translation.terminology.termbase import Termbase

NO_TERMS = Termbase([])


def share(engine: TranslationEngine, cases: list[Case]) -> float:
    made, _ = translated(engine, cases, NO_TERMS)
    return sum(case.is_right(one.text) for case, one in zip(cases, made, strict=True)) / len(cases)


def test_the_labels_are_whole() -> None:
    cases = labelled_values()
    counted = Counter(case.segment.lang for case in cases)
    assert counted["en"] >= 150
    assert counted["pt"] >= 60
    assert len(labelled_titles()) >= 60
    for case in (*cases, *labelled_titles()):
        assert case.segment.context.strip()
        assert case.segment.text.strip()
        assert case.accepted
        assert len(set(case.accepted)) == len(case.accepted)
        assert all(one.strip() == one and one for one in case.accepted)
    assert max(Counter(case.segment for case in cases).values()) == 1


@pytest.mark.parametrize(("lang", "least", "gain"), [("en", 0.73, 0.1), ("pt", 0.85, 0.1)])
def test_the_name_of_an_attribute_helps(lang: str, least: float, gain: float) -> None:
    cases = [case for case in labelled_values() if case.segment.lang == lang]
    framed = share(BatchedEngine(find_models(None)), cases)
    assert framed >= least
    assert framed >= share(WithoutFrames(find_models(None)), cases) + gain


def test_short_titles_gain_by_a_frame() -> None:
    models, cases = find_models(None), labelled_titles()
    assert share(BatchedEngine(models), cases) >= share(WithoutFrames(models), cases) + 0.05
