"""How often is each check right? ``python -m benchmarks.checks``.

Runs every check over the labelled set ``tests/data/checks.jsonl``: good and bad translations of product texts, written
by hand. Those that are marked as unseen were written after the last change of a check and run once. ``--names``
checks category names of ``../shared/data`` that people translated, of which next to none should be found.
"""

import argparse
import gzip
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from translation.checks import CHECKS, Expected, Severity, check
from translation.model import Segment
from translation.terminology.requirements import Requirement

CASES = Path(__file__).resolve().parent.parent / "tests" / "data" / "checks.jsonl"
CATEGORIES = CASES.parents[3] / "shared" / "data" / "vocabulary" / "shopify_categories.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled translation.

    Attributes:
        id: its number.
        segment: the original.
        target: language of the translation.
        text: the translation.
        known: brands and terms that hold for it.
        wanted: codes that must be found.
        allowed: codes that may be found beside them, because they are right too.
        unseen: whether it was written after the checks were tuned.
    """

    id: str
    segment: Segment
    target: str
    text: str
    known: Expected
    wanted: frozenset[str]
    allowed: frozenset[str]
    unseen: bool


@dataclass(slots=True)
class Score:
    """How often a check was right: found and wanted, found in vain, wanted and not found."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Share of the findings that are right; 1 where there is none."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of what is wrong that was found; 1 where nothing is."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    def __str__(self) -> str:
        return f"{self.precision:.2f} | {self.recall:.2f}"


def read_cases(path: Path = CASES) -> Iterator[Case]:
    """Read the labelled set."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        known = Expected(
            tuple(row.get("brands", ())),
            tuple((term, alike) for name, alike in (("alike", True), ("differ", False)) for term in row.get(name, ())),
            tuple(Requirement(one["source"], tuple(one["terms"]), ()) for one in row.get("required", ())),
            tuple(row.get("forbidden", ())),
        )
        yield Case(
            row["id"],
            Segment(row["source_lang"], row["kind"], "", row["source"]),
            row["target_lang"],
            row["target"],
            known,
            frozenset(row["expected"]),
            frozenset(row.get("may", ())),
            row.get("unseen", False),
        )


def found_in(case: Case) -> frozenset[str]:
    """Return the codes that the checks find in a case."""
    return frozenset(finding.code for finding in check(case.segment, case.text, case.target, case.known))


def measure(cases: Iterable[Case]) -> dict[str, Score]:
    """Return the score of every check by its code."""
    scores = {one.code: Score() for one in CHECKS}
    for case in cases:
        found = found_in(case)
        for code, score in scores.items():
            score.right += code in found and code in case.wanted
            score.wrong += code in found - case.wanted - case.allowed
            score.missed += code in case.wanted - found
    return scores


def decisions(cases: Iterable[Case]) -> Score:
    """Return how often a translation is blocked rightly, needlessly, and not although it is bad."""
    blocks = {one.code for one in CHECKS if one.severity is Severity.BLOCKS}
    score = Score()
    for case in cases:
        blocked, bad = bool(found_in(case) & blocks), bool(case.wanted & blocks)
        score.right += blocked and bad
        score.wrong += blocked and not bad
        score.missed += bad and not blocked
    return score


def table(cases: Sequence[Case]) -> Iterator[str]:
    """Yield the lines of a Markdown table: each check over all cases and over the unseen ones."""
    fresh = [case for case in cases if case.unseen]
    every, unseen = measure(cases), measure(fresh)
    yield "| code | severity | bad cases | precision | recall | unseen | precision | recall |"
    yield "|---|---|---|---|---|---|---|---|"
    for one in CHECKS:
        count = sum(one.code in case.wanted for case in cases)
        count_fresh = sum(one.code in case.wanted for case in fresh)
        yield f"| `{one.code}` | {one.severity} | {count} | {every[one.code]} | {count_fresh} | {unseen[one.code]} |"
    sizes = len(cases), len(fresh)
    yield f"| whether a text is blocked | | of {sizes[0]} | {decisions(cases)} | of {sizes[1]} | {decisions(fresh)} |"


def _mistakes(cases: Iterable[Case]) -> Iterator[str]:
    for case in cases:
        found = found_in(case)
        missed, wrong = case.wanted - found, found - case.wanted - case.allowed
        if missed or wrong:
            pair = f"{case.segment.lang}-{case.target}"
            said = [*(f"missed {code}" for code in sorted(missed)), *(f"wrong {code}" for code in sorted(wrong))]
            yield f"{case.id} {pair} {', '.join(said)}: {case.segment.text!r} -> {case.text!r}"


def found_in_names(path: Path, pairs: int) -> Counter[str]:
    """Count what is found in category names that people translated, drawn with languages at random."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        names = [json.loads(line)["name"] for line in lines]
    chance = random.Random(5)
    counted: Counter[str] = Counter()
    for _ in range(pairs):
        name = chance.choice(names)
        source, target = chance.sample(sorted(name), 2)
        segment = Segment(source, "category", "", name[source])
        counted.update(finding.code for finding in check(segment, name[target], target))
    return counted


def main(arguments: Sequence[str] = ()) -> None:
    """Print the tables; with ``--mistakes`` what the checks got wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mistakes", action="store_true", help="list what the checks got wrong")
    parser.add_argument("--names", type=int, default=0, metavar="N", help="check N pairs of translated category names")
    asked = parser.parse_args(arguments)
    cases = list(read_cases())
    print("\n".join(table(cases)))
    if asked.mistakes:
        print("\n".join(_mistakes(cases)))
    if asked.names:
        counted = found_in_names(CATEGORIES, asked.names)
        print(f"\n| found in {asked.names:,} pairs of names | pairs | share |\n|---|---|---|")
        print("\n".join(f"| `{code}` | {times} | {times / asked.names:.3%} |" for code, times in counted.most_common()))


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
