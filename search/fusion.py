"""One order out of several legs.

Plain reciprocal-rank fusion hurts across languages (recall@1 .40 -> .28), and raw scores of separate indexes can't be
compared. What holds is a sum of parts that each lie between 0 and 1:

    cosine of query and product, each minus its language's mean when the languages differ (uncentred when they agree)
    + 0.5 x MaxSim of their words                                (recall@1 .41 -> .47 on 7,635 categories)
    + 0.5 x bounded lexical coverage where the words were written in the query's language by the supplier,
      0.2 x where they are a translation or a chance meeting     (more lifts the wrong ones: .39 -> .32)
    + 0.3 x share of the query's known terms that the product names, a related term counting by its similarity
    + 1 for an identifier

Bounded coverage is matched idf / query idf: it can't grow with the length of a text and means the same in every index.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from search.model import Evidence

WORDS_WEIGHT = 0.5
OWN_LANGUAGE_WEIGHT = 0.5
OTHER_LANGUAGE_WEIGHT = 0.2
TERM_WEIGHT = 0.3
CODE_WEIGHT = 1.0

LEAST_RELATED = 0.5
"""Cosine below which two terms have nothing to do with each other."""

IN_BODY = 0.5
"""What a word met outside the title counts, of what it counts in the title."""


def score(evidence: Evidence, same_language: bool) -> float:
    """Weigh the evidence for one candidate.

    Args:
        evidence: its parts.
        same_language: whether the product was written in the query's language.
    """
    lexical = OWN_LANGUAGE_WEIGHT if same_language else OTHER_LANGUAGE_WEIGHT
    return (
        evidence.cosine
        + WORDS_WEIGHT * evidence.words
        + lexical * max(evidence.text, evidence.original)
        + TERM_WEIGHT * evidence.term
        + CODE_WEIGHT * evidence.code
    )


def idf(documents: int, total: int) -> float:
    """Return the information of a token that stands in ``documents`` of ``total`` documents, above 0."""
    return math.log(1 + (total + 1) / (documents + 1))


def coverage(matched: Sequence[str], in_title: Sequence[str], weights: Mapping[str, float]) -> float:
    """Return the share of a query's information that a text met, 0 to 1.

    Args:
        matched: tokens of the query that stand in the text.
        in_title: those of them that stand in its title.
        weights: idf of each token of the query.
    """
    whole = sum(weights.values())
    if not whole:
        return 0.0
    title = set(in_title)
    met = sum(weights.get(token, 0.0) * (1.0 if token in title else IN_BODY) for token in set(matched))
    return met / whole


def term_coverage(related: np.ndarray, weights: np.ndarray) -> float:
    """Return the share of a query's terms that a product names, 0 to 1; a related term counts by its cosine.

    "Bolt" asks for "hexagon bolt" too: compared by the vectors of their English terms, where the encoder is best
    (recall@10 .972 -> .983, success@1 .828 -> .844 against equal terms only).

    Args:
        related: cosine of each query term with each term that the product names, ``[asked, named]``.
        weights: idf of each query term.
    """
    if not related.size or not weights.sum():
        return 0.0
    best = related.max(axis=1)
    best = np.where(best < LEAST_RELATED, 0.0, np.minimum(best, 1.0))
    return float(best @ weights / weights.sum())


def max_sim(query: np.ndarray, weights: np.ndarray, titles: Sequence[np.ndarray]) -> list[float]:
    """Return for each title how well its words meet the query's words, by the best cosine for each.

    Args:
        query: unit vectors of the query's words, ``[words, dimensions]``.
        weights: weight of each query word, ``[words]``.
        titles: for each title the unit vectors of its words.
    """
    if not len(query) or not weights.sum():
        return [0.0] * len(titles)
    lengths = [len(title) for title in titles]
    filled = [title for title in titles if len(title)]
    if not filled:
        return [0.0] * len(titles)
    # One matrix product for all titles, then the best of each title's columns.
    similarity = query @ np.concatenate(filled).T
    starts = np.cumsum([0, *(length for length in lengths if length)][:-1])
    best = np.maximum.reduceat(similarity, starts, axis=1)
    scores = iter((weights @ best / weights.sum()).tolist())
    return [float(next(scores)) if length else 0.0 for length in lengths]
