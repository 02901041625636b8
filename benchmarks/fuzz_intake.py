"""Feed spoilt catalogs to the readers for as long as you like: ``python -m benchmarks.fuzz_intake --minutes 120``.

Every input must end in records, refused rows or one ``UnreadableFileError``, within ``--seconds`` and ``--memory``.
What does not is kept in ``--folder`` under its number, with the traceback beside it, and the run goes on.
"""

import argparse
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from types import FrameType

from tests.hostile import SEEDS, read_all, spoil


class TooSlowError(Exception):
    """An input took longer than it may."""


def main() -> int:
    options = _options()
    options.folder.mkdir(parents=True, exist_ok=True)
    limit = options.memory * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    signal.signal(signal.SIGALRM, _too_slow)
    seeds = {name: make() for name, make in SEEDS.items()}
    for path in options.more:
        seeds[path.name] = path.read_bytes()
    outcomes: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    slowest = 0.0
    begun = time.monotonic()
    number = options.seed
    while time.monotonic() - begun < options.minutes * 60:
        chance = random.Random(number)
        name = chance.choice(sorted(seeds))
        content = spoil(chance, seeds[name], seeds[chance.choice(sorted(seeds))])
        started = time.monotonic()
        problem = _try(content, options.folder / "input", options.seconds, outcomes, name)
        slowest = max(slowest, time.monotonic() - started)
        if problem is not None:
            faults[problem.strip().splitlines()[-1][:160]] += 1
            (options.folder / f"{number}.input").write_bytes(content)
            (options.folder / f"{number}.txt").write_text(f"{name}\n{problem}", "utf-8")
        number += 1
        if (number - options.seed) % 20_000 == 0:
            _print(number - options.seed, outcomes, faults, slowest)
    _print(number - options.seed, outcomes, faults, slowest)
    return 1 if faults else 0


def _try(content: bytes, path: Path, seconds: int, outcomes: Counter[str], name: str) -> str | None:
    path.write_bytes(content)
    signal.alarm(seconds)
    try:
        outcomes[f"{name}: {'refused' if read_all(path) == 'refused' else 'read'}"] += 1
    except Exception:
        return traceback.format_exc()
    finally:
        signal.alarm(0)
    return None


def _too_slow(signum: int, frame: FrameType | None) -> None:
    raise TooSlowError("the input took too long")


def _print(inputs: int, outcomes: Counter[str], faults: Counter[str], slowest: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{inputs:,} inputs, {sum(faults.values())} faults, slowest {slowest:.2f} s, peak {peak} MiB")
    for outcome, times in sorted(outcomes.items()):
        print(f"  {times:>9,} {outcome}")
    for fault, times in faults.most_common():
        print(f"  {times:>9,} FAULT {fault}")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument(
        "--seed", type=int, default=1, help="number of the first input; the same number, the same input"
    )
    parser.add_argument("--seconds", type=int, default=10, help="that one input may take")
    parser.add_argument("--memory", type=int, default=1500, help="MiB of address space that the process may take")
    parser.add_argument("--folder", type=Path, default=Path("fuzz-intake"), help="where faults are kept")
    parser.add_argument("more", type=Path, nargs="*", help="further files to spoil")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
