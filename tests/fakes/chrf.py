"""chrF, the share of character n-grams that two texts have in common (Popović 2015), n up to 6, recall double."""

from collections import Counter
from collections.abc import Iterable, Sequence

_ORDERS = range(1, 7)
_BETA_SQUARED = 4


def chrf(made: Sequence[str], wanted: Sequence[str]) -> float:
    """Score texts against one reference each, 0 to 100, over all of them together as sacreBLEU does."""
    scores = []
    for order in _ORDERS:
        common = mine = theirs = 0
        for text, reference in zip(made, wanted, strict=True):
            grams, expected = _grams(text, order), _grams(reference, order)
            common += (grams & expected).total()
            mine += grams.total()
            theirs += expected.total()
        if mine and theirs:
            precision, recall = common / mine, common / theirs
            weighed = _BETA_SQUARED * precision + recall
            scores.append((1 + _BETA_SQUARED) * precision * recall / weighed if weighed else 0.0)
    return 100 * _mean(scores)


def _grams(text: str, order: int) -> Counter[str]:
    letters = "".join(text.split())
    return Counter(letters[start : start + order] for start in range(len(letters) - order + 1))


def _mean(numbers: Iterable[float]) -> float:
    kept = list(numbers)
    return sum(kept) / len(kept) if kept else 0.0
