"""The nightly run: import what waits, translate, index, verify, promote, measure, clean up, report.

Safe to start twice (the second finds the lock held and says so) and to kill: every step is idempotent, and a file of
the drop folder is moved away only after its import was committed: to ``.done``, or to ``.refused`` when nothing of it
was taken.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.bootstrap import Parts
from api.evaluating import evaluate_live
from api.translating import translate_pending
from catalog.database import utc_now
from catalog.errors import LexicartError, NothingTakenError, UnavailableError
from catalog.model import check_supplier
from translation.batch import BatchOptions

_DONE = ".done"
_REFUSED = ".refused"


@dataclass(slots=True)
class NightlyReport:
    """What a run did.

    Attributes:
        imported: reports of the files that were imported.
        steps: name, seconds and a sentence for each step, in order.
        reasons: why the gate refused the build, or why a file was not taken.
        exit_status: as the command line returns it.
    """

    imported: list[dict[str, Any]] = field(default_factory=list)
    translated: dict[str, Any] = field(default_factory=dict)
    indexed: dict[str, Any] = field(default_factory=dict)
    promoted: bool = False
    parity: float | None = None
    seconds: float = 0.0
    steps: list[dict[str, Any]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    exit_status: int = 0

    def as_json(self) -> dict[str, Any]:
        """The contract's JSON of ``lexicart nightly``."""
        return {
            "imported": self.imported,
            "translated": self.translated,
            "indexed": self.indexed,
            "promoted": self.promoted,
            "parity": self.parity,
            "seconds": round(self.seconds, 3),
            "steps": self.steps,
            "reasons": self.reasons,
        }


def run(parts: Parts, *, full: bool = False) -> NightlyReport:
    """Do a night's work.

    Raises:
        UnavailableError: another nightly run holds the lock, or a backend can't be reached.
    """
    report = NightlyReport()
    started = time.monotonic()
    with parts.lock("nightly"):
        _step(report, "import", lambda: _import_waiting(parts, report))
        _step(report, "translate", lambda: _translate(parts, report))
        _step(report, "index", lambda: _index(parts, report, full))
        _step(report, "evaluate", lambda: _evaluate(parts, report))
        _step(report, "clean up", lambda: _clean_up(parts))
    report.seconds = time.monotonic() - started
    _keep(parts, report)
    return report


def _step(report: NightlyReport, name: str, work: Callable[[], str]) -> None:
    started = time.monotonic()
    said = work()
    report.steps.append({"step": name, "seconds": round(time.monotonic() - started, 3), "said": said})


def _import_waiting(parts: Parts, report: NightlyReport) -> str:
    waiting = list(_waiting(parts.settings.drop_folder, report))
    for supplier, path in waiting:
        try:
            _import_one(parts, supplier, path, report)
        except (UnavailableError, OSError) as exc:
            # Nothing is known to be wrong with the file: it waits for the next night.
            report.reasons.append(f"{supplier}/{path.name}: {exc}; it stays in the drop folder")
    taken = sum(one["taken"] for one in report.imported)
    if waiting and not taken:
        report.exit_status = NothingTakenError.exit_status
    return f"{len(report.imported)} of {len(waiting)} files, {taken} rows taken"


def _import_one(parts: Parts, supplier: str, path: Path, report: NightlyReport) -> None:
    from api.intake import import_file
    from catalog.options import ImportOptions

    try:
        found = import_file(parts, path, ImportOptions(supplier=check_supplier(supplier), filename=path.name))
    except UnavailableError:
        raise
    except LexicartError as exc:
        report.reasons.append(f"{supplier}/{path.name}: {exc}")
        _put_away(path, _REFUSED)
        return
    for one in found:
        report.imported.append(one.as_json())
        if not one.taken:
            report.reasons.append(f"{supplier}/{one.file}: {one.refused_as_a_whole or 'none of its rows was taken'}")
    _put_away(path, _DONE if any(one.taken for one in found) else _REFUSED)


def _waiting(folder: Path, report: NightlyReport) -> Iterator[tuple[str, Path]]:
    """Yield ``(supplier, file)`` of the drop folder: a folder a supplier, its files by name."""
    if not folder.is_dir():
        return
    for place in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        try:
            files = sorted(path for path in place.iterdir() if path.is_file() and not path.name.startswith("."))
        except OSError as exc:
            report.reasons.append(f"drop folder {place.name}: {exc}")
            continue
        yield from ((place.name, path) for path in files)


def _put_away(path: Path, name: str) -> None:
    folder = path.parent / name
    folder.mkdir(exist_ok=True)
    path.replace(folder / f"{utc_now():%Y%m%d-%H%M%S}-{path.name}")


def _translate(parts: Parts, report: NightlyReport) -> str:
    done = translate_pending(parts, BatchOptions(parts.settings.langs))
    report.translated = done.as_json()
    if done.failure is not None:
        # What is translated goes into the index all the same; the rest waits for the next night.
        report.reasons.append(str(done.failure))
        report.exit_status = done.failure.exit_status
    return f"{done.segments} segments, {done.translated} by engines, {done.needs_review} need review"


def _index(parts: Parts, report: NightlyReport, full: bool) -> str:
    done = parts.builder().update(full=full)
    report.indexed = done.as_json()
    report.promoted = done.promoted
    if done.reasons:
        report.reasons += done.reasons
        report.exit_status = 5
    return f"{done.mode} build {done.build}, {'serves' if done.promoted else 'refused'}"


def _evaluate(parts: Parts, report: NightlyReport) -> str:
    if parts.index.live() is None:
        return "nothing to measure"
    result = evaluate_live(parts, None)
    report.parity = result.parity
    recall = result.overall.get("recall@10")
    return f"{result.queries} known-item queries, recall@10 {recall}, parity {result.parity}"


def _clean_up(parts: Parts) -> str:
    """Cut the change log back to what the oldest reader still needs."""
    readers = [build.position for build in parts.builds.all()]
    cut = parts.builds.cut_log([*readers, *parts.translations.readers()]) if readers else 0
    return f"{cut} entries of the change log cut"


def _keep(parts: Parts, report: NightlyReport) -> None:
    folder = parts.settings.home_folder / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    body = json.dumps(report.as_json(), ensure_ascii=False, indent=2)
    (folder / f"nightly-{utc_now():%Y%m%d-%H%M%S}.json").write_text(body, encoding="utf-8")
