"""How long each step of the main job takes on the samples: import, translate, index, one search from a cold start."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = 5


def main() -> None:
    """Print a Markdown table."""
    with tempfile.TemporaryDirectory() as home:
        rows = [("`lexicart --help`", best("--help", home=home))]
        rows.append(("the whole demo: 300 products, 15 languages", run("demo", "--home", f"{home}/demo", home=home)))
        there = f"{home}/demo"
        rows.append(("`translate` when nothing is pending", best("translate", home=there)))
        rows.append(("`index` when nothing changed", best("index", home=there)))
        rows.append(("`index --full`: 4,500 documents, verified", best("index", "--full", home=there)))
        rows.append(("`search` from a cold start", best("search", "couteau de cuisine", "--lang", "fr", home=there)))
    print("| what | seconds |\n|---|---|")
    for what, seconds in rows:
        print(f"| {what} | {seconds:.2f} |")


def run(*arguments: str, home: str) -> float:
    """Run a command in a process of its own and return how long it took."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "api", *arguments],
        cwd=ROOT,
        env={**os.environ, "LEXICART_HOME": home},
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - started


def best(*arguments: str, home: str) -> float:
    """Return the fastest of several runs: what the machine can do when nothing else runs."""
    return min(run(*arguments, home=home) for _ in range(RUNS))


if __name__ == "__main__":
    main()
