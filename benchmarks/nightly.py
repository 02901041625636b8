"""What a night costs after a change of one per cent, against the first run: import, translate, delta index.

``python -m benchmarks.nightly --products 100000``. The first run translates and indexes everything; then a hundredth of
the titles and prices change, the catalog is imported again, and translate and index follow. The goal is 3 %.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from api.bootstrap import Parts
from api.intake import import_file
from api.settings import load
from api.translating import translate_pending
from benchmarks import synthetic
from catalog.options import ImportOptions
from translation.batch import BatchOptions

SUPPLIER = "synthetic"


def main(arguments: Sequence[str] = ()) -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=2_000)
    parser.add_argument("--langs", default="en,de,fr,pt")
    parser.add_argument("--changed", type=float, default=0.01)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        first = _run(home, chosen.langs, synthetic.rows(chosen.products))
        second = _run(home, chosen.langs, synthetic.rows(chosen.products, changed=chosen.changed))
    print(
        f"| {chosen.products:,} products, {chosen.langs.count(',') + 1} languages | first run, s | after a change of "
        f"{chosen.changed:.0%}, s | share |"
    )
    print("|---|---|---|---|")
    for step in first:
        print(f"| {step} | {first[step]:.2f} | {second[step]:.2f} | {second[step] / first[step]:.2%} |")
    whole, night = (sum(one[step] for step in ("translate", "index")) for one in (first, second))
    print(f"| translate and index | {whole:.2f} | {night:.2f} | **{night / whole:.2%}** |")


def _run(home: Path, langs: str, catalog: object) -> dict[str, float]:
    """Take a catalog in and do a night's work as separate commands do it: with parts of its own."""
    path = home / "catalog.csv"
    synthetic.write(path, catalog)  # type: ignore[arg-type]
    options = ImportOptions(SUPPLIER, lang="en")
    seconds = {}
    for step, work in (
        ("import", lambda parts: import_file(parts, path, options)),
        ("translate", lambda parts: translate_pending(parts, BatchOptions(parts.settings.langs))),
        ("index", lambda parts: parts.builder().update()),
    ):
        seconds[step] = _timed(Parts(load(home=home / "home", langs=langs)), work)
    return seconds


def _timed(parts: Parts, work: Callable[[Parts], object]) -> float:
    started = time.perf_counter()
    work(parts)
    taken = time.perf_counter() - started
    parts.database.dispose()
    return taken


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
