"""Fusion: every part between 0 and 1, an identifier over everything, chance words weighed low."""

import numpy as np
import pytest

from search.fusion import coverage, idf, max_sim, score, term_coverage
from search.model import Evidence


def test_coverage_is_a_share_of_the_query_and_counts_titles_double() -> None:
    weights = {"cordless": 3.0, "drill": 1.0}
    assert coverage(("cordless", "drill"), ("cordless", "drill"), weights) == 1.0
    assert coverage(("cordless",), ("cordless",), weights) == 0.75
    assert coverage(("cordless",), (), weights) == 0.375
    assert coverage((), (), weights) == 0.0
    assert coverage(("x",), ("x",), {}) == 0.0


def test_rare_tokens_weigh_more() -> None:
    assert idf(1, 1000) > idf(10, 1000) > idf(1000, 1000) > 0


def test_words_of_the_own_language_count_more_than_chance_meetings() -> None:
    met = Evidence(cosine=0.3, text=1.0)
    assert score(met, same_language=True) > score(met, same_language=False) > score(Evidence(cosine=0.3), True)


def test_an_identifier_wins_over_everything_else() -> None:
    everything_else = Evidence(cosine=0.9, words=0.0, text=0.0, term=0.0)
    assert score(Evidence(code=1.0), False) > score(everything_else, True)


def test_max_sim_takes_the_best_word_for_each_query_word() -> None:
    axes = np.eye(3, dtype=np.float32)
    titles = [axes[[0, 2]], axes[[1]], axes[:0]]
    assert max_sim(axes[[0, 1]], np.array([1.0, 1.0]), titles) == pytest.approx([0.5, 0.5, 0.0])
    assert max_sim(axes[[0, 1]], np.array([3.0, 1.0]), titles) == pytest.approx([0.75, 0.25, 0.0])


def test_max_sim_of_nothing_is_nothing() -> None:
    axes = np.eye(2, dtype=np.float32)
    assert max_sim(axes[:0], np.zeros(0), [axes]) == [0.0]
    assert max_sim(axes, np.ones(2), []) == []
    assert max_sim(axes, np.ones(2), [axes[:0], axes[:0]]) == [0.0, 0.0]


def test_related_terms_count_by_their_similarity_and_unrelated_ones_not_at_all() -> None:
    weights = np.array([3.0, 1.0])
    assert term_coverage(np.array([[1.0, 0.1], [0.2, 1.0]]), weights) == pytest.approx(1.0)
    assert term_coverage(np.array([[0.8], [0.2]]), weights) == pytest.approx(0.6)
    assert term_coverage(np.array([[0.4], [0.4]]), weights) == 0.0
    assert term_coverage(np.zeros((2, 0)), weights) == 0.0
