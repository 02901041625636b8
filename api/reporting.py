"""The report of a night: what it holds, and how it is kept, as JSON for programs and as HTML for people."""

import errno
import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.dropping import write_whole
from catalog.errors import GateRefusedError, LexicartError, NothingTakenError, UnavailableError, UsageError

if TYPE_CHECKING:
    from jinja2 import Template

LOG = logging.getLogger("lexicart.nightly")

UNEXPECTED = LexicartError.exit_status

_GRAVITY = (
    0,
    NothingTakenError.exit_status,
    UnavailableError.exit_status,
    UNEXPECTED,
    UsageError.exit_status,
    GateRefusedError.exit_status,
)
"""Exit statuses by how much a person has to do; a night ends with the gravest.

What is away comes back by itself. A refused build says that the data or the program is wrong.
"""

NIGHTS_COMPARED = 30
"""Former nights whose parity the HTML shows."""

_NAME = re.compile(r"nightly-(?P<stamp>\d{8}-\d{6})(?:-(?P<number>\d+))?\.json")


@dataclass(slots=True)
class NightlyReport:
    """What a run did.

    Attributes:
        imported: reports of the catalogs that were read, each with its supplier.
        translated: as of ``lexicart translate``.
        indexed: as of ``lexicart index``; ``why`` says why the build was full, or a delta.
        parity: of the build that serves at the end.
        evaluation: number of queries, and what was measured over all of them.
        zero_results: searches since the last night that found nothing, the most frequent first.
        zero_searches: how many different ones there were.
        steps: name, seconds, a sentence and whether it failed, in order.
        reasons: why the gate refused the build, a file was not taken, or a step failed.
        exit_status: as the command line returns it.
        page: place of its HTML, ``None`` where that could not be written.
    """

    started_at: datetime
    imported: list[dict[str, Any]] = field(default_factory=list)
    translated: dict[str, Any] = field(default_factory=dict)
    indexed: dict[str, Any] = field(default_factory=dict)
    promoted: bool = False
    parity: float | None = None
    evaluation: dict[str, Any] = field(default_factory=dict)
    zero_results: list[dict[str, Any]] = field(default_factory=list)
    zero_searches: int = 0
    seconds: float = 0.0
    steps: list[dict[str, Any]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    exit_status: int = 0
    page: Path | None = None

    def fail(self, reason: str, status: int) -> None:
        """Note what went wrong; the night ends with the gravest status."""
        self.reasons.append(reason)
        self.exit_status = max(self.exit_status, status, key=_GRAVITY.index)

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
            "evaluation": self.evaluation,
            "zero_results": self.zero_results,
            "zero_searches": self.zero_searches,
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "exit_status": self.exit_status,
        }


def is_of_the_house(exc: Exception) -> bool:
    """Say whether an error is the installation's, and not one file's."""
    return isinstance(exc, UnavailableError) or (isinstance(exc, OSError) and exc.errno in _FULL_DISK)


def status_of(exc: Exception) -> int:
    """Return the exit status of an error."""
    if isinstance(exc, LexicartError):
        return exc.exit_status
    return UnavailableError.exit_status if is_of_the_house(exc) else UNEXPECTED


def sentence_of(exc: Exception) -> str:
    """Return an error for people."""
    if isinstance(exc, LexicartError):
        return str(exc)
    if isinstance(exc, OSError) and exc.strerror:
        return f"{exc.filename}: {exc.strerror}" if exc.filename else exc.strerror
    return f"unexpected {type(exc).__name__}: {exc}"


_FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


@dataclass(frozen=True, slots=True)
class Night:
    """What a former report says of its night; ``parity`` is ``None`` where nothing was measured."""

    name: str
    at: datetime
    parity: float | None
    exit_status: int | None


class ReportFolder:
    """The reports of the last nights: ``nightly-YYYYMMDD-HHMMSS.json``, and ``.html`` beside it.

    Args:
        folder: their place; made with the first one.
        keep: how many nights are kept.
    """

    def __init__(self, folder: Path, keep: int) -> None:
        self._folder = folder
        self._keep = keep

    def keep(self, report: NightlyReport) -> Path:
        """Write a report, remove those that are too many, and return the place of its HTML.

        Raises:
            OSError: it can't be written; the former reports are all there then.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        place = self._free(report.started_at)
        former = self.nights(NIGHTS_COMPARED)
        write_whole(place, json.dumps(report.as_json(), ensure_ascii=False, indent=2))
        page = place.with_suffix(".html")
        write_whole(page, html_of(report, former))
        self._remove_old()
        return page

    def nights(self, most: int) -> Sequence[Night]:
        """Return what the last reports say, the oldest first; one that can't be read is logged and left out."""
        found = []
        for path in self._paths()[-most:]:
            try:
                body = json.loads(path.read_text(encoding="utf-8"))
                at = datetime.strptime(f"{_stamp(path)[0]} +0000", "%Y%m%d-%H%M%S %z")
                found.append(Night(path.stem, at, body["parity"], body.get("exit_status")))
            except (OSError, ValueError, KeyError, TypeError) as exc:
                LOG.warning("the report %s of a former night can't be read: %s", path, exc)
        return found

    def _paths(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted((path for path in self._folder.iterdir() if _NAME.fullmatch(path.name)), key=_stamp)

    def _free(self, at: datetime) -> Path:
        name = f"nightly-{at:%Y%m%d-%H%M%S}"
        number = 1
        while (place := self._folder / f"{name}{f'-{number}' if number > 1 else ''}.json").exists():
            number += 1
        return place

    def _remove_old(self) -> None:
        for path in self._paths()[: -self._keep]:
            path.with_suffix(".html").unlink(missing_ok=True)  # the JSON last: by its name the page is found
            path.unlink(missing_ok=True)


def _stamp(path: Path) -> tuple[str, int]:
    found = _NAME.fullmatch(path.name)
    assert found is not None, path
    return found["stamp"], int(found["number"] or 1)


# -- as HTML ----------------------------------------------------------------------------------------------------------

STATUS_WORDS = {
    0: "done",
    1: "an unexpected failure",
    2: "a wrong setting",
    3: "nothing of the files was taken",
    4: "something could not be reached",
    5: "the new build was refused; the old one serves",
}

STATES = ("source", "reviewed", "memory", "term", "machine", "gloss", "missing", "needs_review")
"""States of texts, in the order of the contract from the best to the worst."""

_MOST_REASONS = 20
"""Rows that the page lists of a file; the JSON lists up to 1,000."""


def html_of(report: NightlyReport, former: Sequence[Night]) -> str:
    """Return the page of a night: one file that needs no other, escaped, without scripts."""
    now = Night("", report.started_at, report.parity, report.exit_status)
    return _template().render(
        report=report,
        status=STATUS_WORDS[report.exit_status],
        states=STATES,
        most=_MOST_REASONS,
        nights=[*former, now][-NIGHTS_COMPARED:],
        curve=curve_of([*former, now]),
        langs=_languages(report.translated),
    )


def _languages(translated: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, int], int]]:
    from catalog.languages import LANGUAGES

    found = translated.get("langs") or {}
    return [(code, LANGUAGES[code].english_name, states, sum(states.values())) for code, states in found.items()]


@dataclass(frozen=True, slots=True)
class Curve:
    """The parity of nights as an SVG draws it, in a field of 300 by 60."""

    points: tuple[tuple[float, float], ...]
    least: float
    most: float

    @property
    def line(self) -> str:
        """As the attribute ``points`` of a polyline."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


def curve_of(nights: Sequence[Night]) -> Curve | None:
    """Return the curve of the nights that have a parity, ``None`` where there are fewer than two."""
    values = [night.parity for night in nights if night.parity is not None][-NIGHTS_COMPARED:]
    if len(values) < 2:
        return None
    least, most = min(values), max(values)
    step = 290 / (len(values) - 1)
    heights = [(value - least) / (most - least) if most > least else 0.5 for value in values]
    points = tuple((5 + step * place, 55 - 50 * height) for place, height in enumerate(heights))
    return Curve(points, least, most)


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("nightly.html")
