"""How many facts does a translation damage unseen? ``python -m benchmarks.facts [--titles 2000]``.

English titles of the real catalogs in ``../shared/data`` go through the real chain with the real model into Portuguese,
and what comes out goes back. A reader that shares no code with the fact lock (``tests/unit/fact_reader.py``) counts the
damage in what nobody flagged.
"""

import argparse
import csv
import gzip
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from api.bootstrap import Parts
from api.intake import import_file
from api.settings import load
from catalog.options import ImportOptions
from tests.unit.fact_reader import damage
from translation.batch import BatchOptions
from translation.model import State
from translation.records.texts import FieldText

SHARED_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
CATALOGS = (
    "en_bagisto.csv", "en_de_spryker_b2c.csv", "en_magento_configurable.csv", "en_prestashop_import.csv",
    "en_woocommerce_sample.csv", "icecat_tablets.csv", "icecat_webcams.csv",
)  # fmt: skip
FROM_CATALOGS = 0.3
"""Share of the titles that comes from the catalogs; they have about 1,300 different ones, the rest is Icecat's."""

UNCERTAIN = "number_uncertain"


@dataclass(frozen=True, slots=True)
class Title:
    """A title and the brand that its product names."""

    text: str
    brand: str


@dataclass(slots=True)
class Outcome:
    """What became of the titles of one direction.

    Attributes:
        states: titles by state.
        flagged: titles that a person must look at, with the reason.
        warned: titles with a number whose reading is uncertain.
        damaged: titles whose translation lost or invented a fact, and nobody said so.
        shown: the translations that are believed.
    """

    seconds: float = 0.0
    states: Counter[str] = field(default_factory=Counter)
    flagged: list[FieldText] = field(default_factory=list)
    warned: list[FieldText] = field(default_factory=list)
    damaged: list[tuple[FieldText, dict[str, Counter[str]]]] = field(default_factory=list)
    shown: list[Title] = field(default_factory=list)

    @property
    def titles(self) -> int:
        """How many titles there were."""
        return sum(self.states.values())

    @property
    def flagged_share(self) -> float:
        """Share of the titles that a person must look at."""
        return len(self.flagged) / self.titles


def english_titles(data: Path, number: int, folder: Path) -> list[Title]:
    """Draw different English titles from the catalogs and from Icecat, the same ones every time."""
    chance = random.Random(5)
    sold = _of_catalogs(data, folder)
    chosen = chance.sample(sold, min(len(sold), int(number * FROM_CATALOGS)))
    with gzip.open(data / "relevance" / "icecat_products.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = (json.loads(line) for line in lines)
        icecat = list({row["title"]: Title(row["title"], row["supplier"]) for row in rows}.values())
    known = {title.text for title in chosen}
    rest = [title for title in chance.sample(icecat, len(icecat)) if title.text not in known]
    return chosen + rest[: number - len(chosen)]


def _of_catalogs(data: Path, folder: Path) -> list[Title]:
    parts = Parts(load(home=folder / "catalogs"))
    for number, name in enumerate(CATALOGS):
        import_file(parts, data / "catalogs" / name, ImportOptions(f"s{number}", lang="en"))
    stored = parts.products.many(sorted(parts.products.live_ids()))
    parts.database.dispose()
    titles = {one.product.title: Title(one.product.title, one.product.brand or "") for one in stored}
    return list(titles.values())


def translate(titles: Sequence[Title], source: str, target: str, home: Path) -> Outcome:
    """Import titles as a catalog and translate them as ``lexicart translate`` does."""
    parts = Parts(load(home=home))
    catalog = home / f"{source}.csv"
    catalog.parent.mkdir(parents=True, exist_ok=True)
    with catalog.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("sku", "title", "brand"))
        writer.writerows((f"{number:05}", title.text, title.brand) for number, title in enumerate(titles))
    import_file(parts, catalog, ImportOptions(f"from-{source}", lang=source))
    started = time.perf_counter()
    parts.batch(["students"]).translate_pending(BatchOptions((target,), supplier=f"from-{source}"))
    outcome = Outcome(time.perf_counter() - started)
    ids = [f"from-{source}/{number:05}" for number in range(len(titles))]
    found = parts.translations.field_texts(ids, [target])
    parts.database.dispose()
    for name, title in zip(ids, titles, strict=True):
        (text,) = [one for one in found[name] if one.field == "title"]
        _judge(text, title.brand, outcome)
    return outcome


def _judge(text: FieldText, brand: str, outcome: Outcome) -> None:
    made = text.translation
    outcome.states[made.state.value] += 1
    if made.state.is_stand_in:
        if made.state is State.NEEDS_REVIEW:
            outcome.flagged.append(text)
        return
    if made.engine != "copy":
        outcome.shown.append(Title(text.shown, brand))
    if UNCERTAIN in made.checks:
        outcome.warned.append(text)
    elif lost := damage(text.source_lang, text.source, text.lang, text.shown, brand):
        outcome.damaged.append((text, lost))


def both_ways(data: Path, number: int, folder: Path) -> tuple[Outcome, Outcome]:
    """Translate English titles into Portuguese, and as many of the Portuguese ones as there are back."""
    # A few more, so that what is flagged or copied on the way out leaves enough for the way back.
    titles = english_titles(data, number + number // 12, folder)
    out = translate(titles, "en", "pt", folder / "home")
    made = list({title.text: title for title in out.shown}.values())
    return out, translate(made[:number], "pt", "en", folder / "home")


def report(outcome: Outcome, source: str, target: str) -> Iterable[str]:
    """Yield the lines that say what became of one direction."""
    yield (
        f"| {source} -> {target} | {outcome.titles:,} | {len(outcome.damaged)} | {outcome.flagged_share:.2%} | "
        f"{len(outcome.warned)} | {dict(outcome.states)} | {outcome.seconds:.0f} s |"
    )


def main() -> None:
    """Print a Markdown table, then every title that was damaged or flagged."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--titles", type=int, default=2000)
    parser.add_argument("--data", type=Path, default=SHARED_DATA)
    parser.add_argument("--folder", type=Path, help="keep stores and engines' answers here for the next run")
    parser.add_argument("--list", action="store_true", help="show every title that was damaged, flagged or warned of")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        outcomes = both_ways(given.data, given.titles, given.folder or Path(scratch))
    print("| | titles | damaged unseen | needs review | uncertain | states | time |\n|---|---|---|---|---|---|---|")
    for outcome, (source, target) in zip(outcomes, (("en", "pt"), ("pt", "en")), strict=True):
        print(*report(outcome, source, target), sep="\n")
    if given.list:
        _list(outcomes)


def _list(outcomes: Iterable[Outcome]) -> None:
    for outcome in outcomes:
        for text, lost in outcome.damaged:
            print(
                "DAMAGED", {kind: dict(what) for kind, what in lost.items()}, text.source, "=>", text.shown, sep="\n  "
            )
        for text in outcome.flagged:
            print("FLAGGED", text.translation.checks, text.translation.reason, text.source, sep="\n  ")
        for text in outcome.warned:
            print("WARNED", text.source, "=>", text.shown, sep="\n  ")


if __name__ == "__main__":
    main()
