"""Similar texts: past translations that help a reviewer. They are shown and never applied.

What is compared, in this order: what people corrected for this supplier, the supplier's memory, the installation's.
Similarity is rapidfuzz's ratio, 0 to 100, of the texts without regard to case. A text that could reach the least score
at all is at most 1.86 times as long as the other, so the database hands out only candidates of fitting length, and no
more than :data:`MOST_CANDIDATES` for a pair of languages. Measured with a million units: 2 us of processor a candidate
that is read, 0.1 us for each text that it is compared with.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from sqlalchemy import Connection, Select, func, literal, select

from catalog.tables import memory, texts, translations
from translation.model import State

LEAST_SCORE = 70
"""Below it, translators change more words than they keep."""

MOST_MATCHES = 3
"""Matches shown for a text."""

LONGEST = 2_000
"""Characters of a text for which similar ones are looked for."""

MOST_CANDIDATES = 300_000
"""Past translations that texts of a pair are compared with: what lies behind them in the largest memories is not looked
at, so that a page of a review costs a second and not the size of the memory."""

_STREAMED = 5_000


@dataclass(frozen=True, slots=True)
class Match:
    """A past translation of a similar text.

    Attributes:
        score: 0 to 100; 100: the same but for case.
        source: the similar text.
        target: its translation.
        state: ``memory`` or ``reviewed``.
    """

    score: int
    source: str
    target: str
    state: str

    def as_json(self) -> dict[str, Any]:
        """One of ``matches`` in ``lexicart review``."""
        return {"score": self.score, "source": self.source, "target": self.target, "state": self.state}


def matches(
    connection: Connection,
    supplier: str,
    lang: str,
    target: str,
    wanted: Mapping[str, Sequence[str]],
    most: int = MOST_CANDIDATES,
) -> dict[str, list[Match]]:
    """Return the best matches of each name, the best first.

    Args:
        connection: to read with.
        supplier: whose texts are compared, beside the installation's memory.
        lang: language of the texts.
        target: language of the translations.
        wanted: by name, the texts for which similar ones are wanted: a whole text and its sentences.
        most: past translations to compare with.
    """
    from rapidfuzz.fuzz import ratio
    from rapidfuzz.process import extract

    asked = [(name, text.casefold()) for name, of_name in wanted.items() for text in of_name if len(text) <= LONGEST]
    found: dict[str, set[Match]] = {name: set() for name in wanted}
    if not asked:
        return {name: [] for name in wanted}
    lengths = [len(text) for _, text in asked]
    window = _window(min(lengths), max(lengths))
    for page in _candidates(connection, supplier, lang, target, window, most):
        folded = [source.casefold() for source, _, _ in page]
        for name, text in asked:
            best = extract(text, folded, scorer=ratio, score_cutoff=LEAST_SCORE, limit=MOST_MATCHES)
            found[name] |= {Match(int(score), *page[at]) for _, score, at in best}
            found[name] = set(_best(found[name]))
    return {name: _best(of_name) for name, of_name in found.items()}


def _best(found: Iterable[Match]) -> list[Match]:
    by_text: dict[tuple[str, str], Match] = {}
    for one in found:  # what a person confirmed is in the memory too, when it was exported and imported
        before = by_text.get((one.source, one.target))
        if before is None or one.state == State.REVIEWED:
            by_text[one.source, one.target] = one
    return nlargest(
        MOST_MATCHES, by_text.values(), key=lambda one: (one.score, one.state == State.REVIEWED, one.source, one.target)
    )


def _window(shortest: int, longest: int) -> tuple[int, int]:
    # ratio = 200 * common / (a + b) <= 200 * a / (a + b) for a <= b, so b <= a * (200 / least - 1).
    most = 200 / LEAST_SCORE - 1
    return int(shortest / most), int(longest * most) + 1


def _candidates(
    connection: Connection, supplier: str, lang: str, target: str, window: tuple[int, int], left: int
) -> Iterator[list[tuple[str, str, str]]]:
    queries = (
        _reviewed_query(supplier, lang, target, window),
        _memory_query(supplier, lang, target, window),
        _memory_query("", lang, target, window),
    )
    for query in queries:
        rows = connection.execute(query.limit(left), execution_options={"yield_per": _STREAMED})
        for page in rows.partitions():
            left -= len(page)
            yield [(row[0], row[1], row[2]) for row in page]


def _memory_query(supplier: str, lang: str, target: str, window: tuple[int, int]) -> Select[Any]:
    return select(memory.c.source_text, memory.c.target_text, literal(State.MEMORY.value)).where(
        memory.c.supplier == supplier,
        memory.c.source_lang == lang,
        memory.c.target_lang == target,
        func.length(memory.c.source_text).between(*window),
    )


def _reviewed_query(supplier: str, lang: str, target: str, window: tuple[int, int]) -> Select[Any]:
    return (
        select(texts.c.text, translations.c.translation, translations.c.state)
        .join(translations, translations.c.text == texts.c.digest)
        .where(
            translations.c.lang == target,
            translations.c.state == State.REVIEWED.value,
            texts.c.supplier == supplier,
            texts.c.lang == lang,
            func.length(texts.c.text).between(*window),
        )
    )
