"""The nightly run and the demo: what becomes of files that can't be taken, of steps that fail, and of what is away."""

import json
import os
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api import nightly
from api.bootstrap import Parts
from api.demo import run as run_demo
from api.demo import show
from api.dropping import DropFolder, put_away
from api.patience import Clock
from api.reporting import NightlyReport, ReportFolder
from api.settings import load
from catalog.database import migrate, reading
from catalog.errors import BackendRefusesError, GateRefusedError, UnavailableError
from catalog.model import Product
from catalog.session import ImportSession
from catalog.store import ProductStore
from catalog.tables import uploads
from indexes.build import Builder
from indexes.embedding import SentenceEncoder
from search.sampling import Sampler
from search.zero_results import ZeroSearch
from tests.conftest import ROOT

ENCODER = SentenceEncoder()
CATALOG = "sku;name;price\nS-1;Hammer mit Holzstiel;3,10 EUR\nS-2;Zange mit Griff;4,10 EUR\n"


class StoreThatFails(ProductStore):
    """Can't read one file."""

    unreadable = ""
    error: Exception = OSError(5, "Input/output error")

    @contextmanager
    def importing(self, *, filename: str, **named: Any) -> Iterator[ImportSession]:
        if filename == self.unreadable:
            raise self.error
        with super().importing(filename=filename, **named) as session:
            yield session


class SamplesNothingThatIsThere(Sampler):
    def sample(self) -> list[Product]:
        return [Product(f"none/{number}", "none", f"N{number}", "de", f"Nichts {number}") for number in range(20)]


class PartsThatFail(Parts):
    """Has a store that can't read one file, or probes a new build for products that it has not, or no index."""

    absent = False
    away = 0
    """How often the index can't be reached before it can."""
    how: UnavailableError = UnavailableError("the cluster is away")

    @cached_property
    def products(self) -> StoreThatFails:
        return StoreThatFails(self.database, self.home / "uploads")

    @property
    def sampler(self) -> Sampler:
        chosen = SamplesNothingThatIsThere if self.absent else Sampler
        return chosen(self.products, self.translations, self.settings.langs)

    def builder(self, progress: Callable[[int], None] = lambda _products: None) -> Builder:
        if self.away:
            self.away -= 1
            raise self.how
        return super().builder(progress)


class FakeClock:
    """Time that passes only when somebody waits.

    Args:
        ahead: seconds by which it is ahead of the clock of this machine, by which files have their times.
        meanwhile: done during each wait.
    """

    def __init__(self, ahead: float = 0.0, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.waits: list[float] = []
        self._passed = ahead
        self._meanwhile = meanwhile

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._passed += seconds
        self._meanwhile()

    @property
    def clock(self) -> Clock:
        return Clock(lambda: time.time() + self._passed, lambda: self._passed, self.sleep)


def make(folder: Path, **settings: Any) -> PartsThatFail:
    given = {"engines": "echo", "langs": "de,en", "database_url": "", "drop_settled_seconds": 0}
    made = PartsThatFail(load(home=folder, **given | settings))
    made.__dict__["encoder"] = ENCODER
    return made


@pytest.fixture
def parts(tmp_path: Path) -> PartsThatFail:
    return make(tmp_path / "home")


def drop(parts: Parts, name: str, text: str = CATALOG, supplier: str = "keller") -> Path:
    folder = parts.settings.drop_folder / supplier
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def names(folder: Path) -> list[str]:
    """Return the files in a folder of put-away ones, under the names with which they came."""
    if not folder.is_dir():
        return []
    put = [path.name.split("-", 2)[2] for path in sorted(folder.iterdir())]
    return [name for name in put if not name.endswith(".report.json")]


def reports(parts: Parts, ending: str = "json") -> list[Path]:
    return sorted((parts.home / "reports").glob(f"nightly-*.{ending}"))


def kept(parts: Parts) -> Any:
    """Return the last report as it is kept."""
    return json.loads(reports(parts)[-1].read_text(encoding="utf-8"))


def number_of_uploads(parts: Parts) -> int:
    with reading(parts.database) as connection:
        return connection.execute(select(func.count()).select_from(uploads)).scalar_one()


def step(report: NightlyReport, name: str) -> str:
    (found,) = (one["said"] for one in report.steps if one["step"] == name)
    return str(found)


# -- files ------------------------------------------------------------------------------------------------------------


def test_a_file_of_which_nothing_was_taken_is_put_aside(parts: PartsThatFail) -> None:
    drop(parts, "empty.csv", "")
    folder = drop(parts, "good.csv", CATALOG)
    report = nightly.run(parts)
    assert (names(folder / ".refused"), names(folder / ".done")) == (["empty.csv"], ["good.csv"])
    assert report.exit_status == 0
    assert any("empty.csv" in reason for reason in report.reasons)


def test_nothing_taken_of_any_file_is_status_3(parts: PartsThatFail) -> None:
    nightly.run(parts)
    folder = drop(parts, "empty.csv", "")
    wrong = drop(parts, "good.csv", CATALOG, supplier="No Name")
    assert nightly.run(parts).exit_status == 3
    assert names(folder / ".refused") == ["empty.csv"]
    assert names(wrong / ".refused") == ["good.csv"]
    assert nightly.run(parts).exit_status == 0


def test_a_file_that_fails_to_be_read_does_not_end_the_night(parts: PartsThatFail) -> None:
    parts.products.unreadable = "a.csv"
    drop(parts, "a.csv", CATALOG)
    folder = drop(parts, "b.csv", CATALOG)
    report = nightly.run(parts)
    assert (report.exit_status, report.promoted) == (0, True)
    assert any("keller/a.csv" in reason and "Input/output" in reason for reason in report.reasons)
    assert (folder / "a.csv").exists()
    assert names(folder / ".done") == ["b.csv"]


def test_the_gate_refusing_wins_over_nothing_taken(parts: PartsThatFail) -> None:
    drop(parts, "good.csv", CATALOG)
    assert nightly.run(parts).exit_status == 0
    parts.absent = True
    drop(parts, "empty.csv", "")
    assert nightly.run(parts, full=True).exit_status == 5


def test_an_import_report_lies_beside_a_file_that_was_put_away(parts: PartsThatFail) -> None:
    drop(parts, "empty.csv", "")
    folder = drop(parts, "good.csv", CATALOG + ";Ohne Nummer;1\n")
    nightly.run(parts)
    (done,) = (folder / ".done").glob("*-good.csv.report.json")
    body = json.loads(done.read_text(encoding="utf-8"))
    assert (body["supplier"], body["catalogs"][0]["taken"], body["catalogs"][0]["refused"]) == ("keller", 2, 1)
    assert body["catalogs"][0]["errors"][0]["line"] == 4
    (refused,) = (folder / ".refused").glob("*-empty.csv.report.json")
    assert json.loads(refused.read_text(encoding="utf-8"))["catalogs"][0]["refused_as_a_whole"]


def test_whatever_lies_in_the_drop_folder_is_named_and_the_night_goes_on(parts: PartsThatFail, tmp_path: Path) -> None:
    folder = drop(parts, "good.csv")
    secret = tmp_path / "secret.csv"
    secret.write_text(CATALOG, encoding="utf-8")
    (folder / "link.csv").symlink_to(secret)
    (folder / ".hidden.csv").write_text(CATALOG, encoding="utf-8")
    (folder / "coming.csv.PART").write_text(CATALOG[:30], encoding="utf-8")
    (folder / "inner").mkdir()
    os.mkfifo(folder / "pipe.csv")
    (folder / "two\nlines.csv").write_text(CATALOG, encoding="utf-8")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.csv")).write_text(CATALOG, encoding="utf-8")
    (parts.settings.drop_folder / "stray.csv").write_text(CATALOG, encoding="utf-8")
    (parts.settings.drop_folder / "empty-folder").mkdir()
    report = nightly.run(parts)
    assert (report.exit_status, report.promoted, names(folder / ".done")) == (0, True, ["good.csv"])
    told = {"keller/link.csv": "links", "keller/.hidden.csv": "hidden", "keller/coming.csv.PART": "being written"}
    told |= {"keller/inner": "not from folders", "keller/pipe.csv": "no regular", "stray.csv": "no supplier's folder"}
    told |= {"keller/two\\nlines.csv": "unreadable characters", "keller/\\udcff.csv": "unreadable characters"}
    for name, word in told.items():
        (reason,) = (reason for reason in report.reasons if reason.startswith(f"{name}: "))
        assert word in reason
    assert len(report.reasons) == len(told)
    assert len(list(folder.iterdir())) == 8  # all of them, and .done
    assert kept(parts)["reasons"] == report.reasons


def test_a_supplier_may_be_a_link_to_a_folder_elsewhere(parts: PartsThatFail, tmp_path: Path) -> None:
    elsewhere = tmp_path / "srv"
    elsewhere.mkdir()
    (elsewhere / "good.csv").write_text(CATALOG, encoding="utf-8")
    parts.settings.drop_folder.mkdir(parents=True)
    (parts.settings.drop_folder / "keller").symlink_to(elsewhere)
    assert nightly.run(parts).exit_status == 0
    assert names(elsewhere / ".done") == ["good.csv"]


def test_a_file_that_nobody_may_read_stays(parts: PartsThatFail) -> None:
    parts.products.unreadable, parts.products.error = "a.csv", PermissionError(13, "Permission denied", "a.csv")
    folder = drop(parts, "a.csv")
    report = nightly.run(parts)
    assert report.exit_status == 3
    assert report.reasons[0] == "keller/a.csv: a.csv: Permission denied; it stays in the drop folder"
    assert (folder / "a.csv").exists()


def test_a_file_that_crashes_its_reader_stays_and_is_status_1(
    parts: PartsThatFail, caplog: pytest.LogCaptureFixture
) -> None:
    parts.products.unreadable, parts.products.error = "a.csv", ZeroDivisionError("a fault of ours")
    drop(parts, "a.csv")
    folder = drop(parts, "b.csv")
    report = nightly.run(parts)
    assert (report.exit_status, report.promoted, names(folder / ".done")) == (1, True, ["b.csv"])
    assert "unexpected ZeroDivisionError" in report.reasons[0]
    assert "Traceback" in caplog.text
    assert (folder / "a.csv").exists()


def test_a_newer_file_is_not_taken_before_one_that_waits_for_the_store(parts: PartsThatFail) -> None:
    """Taken in the next night, the older one would be the last word."""
    parts.products.unreadable, parts.products.error = "a.csv", UnavailableError("the database is away")
    folder = drop(parts, "a.csv")
    drop(parts, "b.csv")
    report = nightly.run(parts)
    assert report.exit_status == 4
    assert (folder / "a.csv").exists()
    assert (folder / "b.csv").exists()
    assert any("b.csv" in reason and "waits for the file before it" in reason for reason in report.reasons)
    parts.products.unreadable = ""
    assert nightly.run(parts).exit_status == 0
    assert names(folder / ".done") == ["a.csv", "b.csv"]


def test_a_full_disk_is_no_fault_of_the_file(parts: PartsThatFail) -> None:
    parts.products.unreadable, parts.products.error = "a.csv", OSError(28, "No space left on device")
    folder = drop(parts, "a.csv")
    drop(parts, "b.csv")
    report = nightly.run(parts)
    assert (report.exit_status, (folder / "a.csv").exists()) == (4, True)
    assert "No space left" in report.reasons[0]


# -- files that are being written -------------------------------------------------------------------------------------


def test_a_fresh_file_is_waited_for_once(tmp_path: Path) -> None:
    parts = make(tmp_path, drop_settled_seconds=60)
    folder = drop(parts, "good.csv")
    time_ = FakeClock()
    assert nightly.run(parts, clock=time_.clock).exit_status == 0
    assert names(folder / ".done") == ["good.csv"]
    assert len(time_.waits) == 1
    assert 50 < time_.waits[0] < 61
    later = FakeClock(ahead=61)
    drop(parts, "next.csv")
    nightly.run(parts, clock=later.clock)
    assert later.waits == []


def test_a_file_that_goes_on_growing_is_not_taken_half(tmp_path: Path) -> None:
    parts = make(tmp_path, drop_settled_seconds=60)
    folder = drop(parts, "growing.csv", CATALOG[:40])
    drop(parts, "good.csv")

    def grow() -> None:
        with (folder / "growing.csv").open("a", encoding="utf-8") as file:
            file.write(CATALOG[40:])

    report = nightly.run(parts, clock=FakeClock(meanwhile=grow).clock)
    assert names(folder / ".done") == ["good.csv"]
    assert report.reasons == ["keller/growing.csv: it is being written; it is taken when it has not changed for 60 s"]
    assert report.exit_status == 0
    nightly.run(parts, clock=FakeClock(ahead=61).clock)
    assert names(folder / ".done") == ["good.csv", "growing.csv"]


def test_a_file_that_is_replaced_while_it_is_imported_is_taken_as_the_one_that_it_is(parts: PartsThatFail) -> None:
    folder = drop(parts, "good.csv")
    (looked,) = DropFolder(parts.settings.drop_folder, 0, (), time.time).look().ready
    drop(parts, "good.csv", CATALOG + "S-3;Feile;2 EUR\n")
    put = put_away(looked, ".done", {})
    assert put.place is None
    assert "replaced" in put.problems[0]
    assert (names(folder / ".done"), list((folder / ".done").iterdir())) == ([], [])
    assert nightly.run(parts).imported[0]["taken"] == 3


def test_nothing_is_written_over_in_the_folder_of_what_is_done(parts: PartsThatFail) -> None:
    folder = drop(parts, "good.csv")
    for text in (CATALOG, CATALOG + "S-3;Feile;2 EUR\n"):
        (folder / "good.csv").write_text(text, encoding="utf-8")
        (looked,) = DropFolder(parts.settings.drop_folder, 0, (), time.time).look().ready
        same_second = replace(looked, touched=1_000_000_000.0)
        assert put_away(same_second, ".done", {}).problems == ()
    found = sorted(path.name for path in (folder / ".done").iterdir() if not path.name.endswith(".json"))
    assert found == ["20010909-014640-2-good.csv", "20010909-014640-good.csv"]


def test_a_long_name_is_put_away(parts: PartsThatFail) -> None:
    folder = drop(parts, "錐" * 80 + ".csv")
    assert nightly.run(parts).exit_status == 0
    assert len(names(folder / ".done")) == 1


# -- what is killed or can't be written -------------------------------------------------------------------------------


def full(place: Path) -> None:
    """Let the next file of a name be written to a device that is full."""
    place.parent.mkdir(parents=True, exist_ok=True)
    (place.parent / f".{place.name}.part").symlink_to("/dev/full")


def test_a_full_disk_while_a_file_is_put_away_loses_nothing(parts: PartsThatFail) -> None:
    folder = drop(parts, "good.csv")
    (looked,) = DropFolder(parts.settings.drop_folder, 0, (), time.time).look().ready
    full(folder / ".done" / f"{looked.touched_at:%Y%m%d-%H%M%S}-good.csv.report.json")
    report = nightly.run(parts)
    assert (report.exit_status, report.promoted) == (4, True)
    assert "its report could not be written" in report.reasons[0]
    assert "No space left on device" in report.reasons[0]
    assert names(folder / ".done") == ["good.csv"]
    assert list((folder / ".done").glob("*.json")) == []


def test_a_file_that_cannot_be_moved_is_imported_once(parts: PartsThatFail) -> None:
    folder = drop(parts, "good.csv")
    (folder / ".done").write_text("in the way", encoding="utf-8")
    report = nightly.run(parts)
    assert (report.exit_status, len(report.imported)) == (4, 1)
    assert "stays in the drop folder and is not imported again" in report.reasons[0]
    assert (folder / "good.csv").exists()
    (folder / ".done").unlink()
    again = nightly.run(parts)
    assert (again.exit_status, names(folder / ".done"), number_of_uploads(parts)) == (0, ["good.csv"], 1)
    assert again.imported[0]["taken"] == 2
    drop(parts, "good.csv")
    assert nightly.run(parts).imported[0]["unchanged"] == 2
    assert number_of_uploads(parts) == 2  # the supplier sent it anew


def test_a_report_that_cannot_be_written_is_said(parts: PartsThatFail) -> None:
    folder = drop(parts, "good.csv")
    moment = datetime(2026, 3, 1, 3, 0, 0, tzinfo=UTC)
    full(parts.home / "reports" / "nightly-20260301-030000.json")
    report = nightly.run(parts, clock=Clock(moment.timestamp))
    assert (report.page, report.exit_status, report.promoted) == (None, 4, True)
    assert "the report could not be written" in report.reasons[-1]
    assert "No space left on device" in report.reasons[-1]
    assert list((parts.home / "reports").iterdir()) == []
    assert names(folder / ".done") == ["good.csv"]


def test_a_file_whose_time_lies_ahead_is_taken_when_it_does_not_change(tmp_path: Path) -> None:
    parts = make(tmp_path, drop_settled_seconds=60)
    folder = drop(parts, "good.csv")
    time_ = FakeClock(ahead=-86_400)
    nightly.run(parts, clock=time_.clock)
    assert names(folder / ".done") == ["good.csv"]
    assert 59 < time_.waits[0] < 61


# -- steps that fail --------------------------------------------------------------------------------------------------


def test_a_translation_engine_that_is_away_leaves_the_rest_of_the_night(tmp_path: Path) -> None:
    parts = make(tmp_path, engines="libretranslate", libretranslate_url="http://127.0.0.1:9")
    drop(parts, "good.csv")
    report = nightly.run(parts)
    assert (report.exit_status, report.promoted, kept(parts)["exit_status"]) == (4, True, 4)
    assert any("127.0.0.1:9" in reason for reason in report.reasons)
    assert [one["step"] for one in report.steps] == list(nightly.STEPS)


def test_an_engine_that_is_not_there_fails_its_step_alone(tmp_path: Path) -> None:
    parts = make(tmp_path, engines="nosuch")
    drop(parts, "good.csv")
    report = nightly.run(parts)
    assert (report.exit_status, report.promoted) == (4, True)
    assert "nosuch" in step(report, "translate")


def test_a_cluster_that_comes_back_is_waited_for(parts: PartsThatFail) -> None:
    drop(parts, "good.csv")
    parts.away = 4
    time_ = FakeClock()
    report = nightly.run(parts, clock=time_.clock)
    assert (report.exit_status, report.promoted, time_.waits) == (0, True, [1.0, 2.0, 4.0, 8.0])


def test_a_cluster_that_stays_away_is_status_4_and_the_rest_is_done(parts: PartsThatFail) -> None:
    folder = drop(parts, "good.csv")
    parts.away = 1_000
    time_ = FakeClock()
    report = nightly.run(parts, clock=time_.clock)
    assert (report.exit_status, report.promoted, report.indexed) == (4, False, {})
    assert sum(time_.waits) == 600
    assert max(time_.waits) == 30
    assert step(report, "index") == "the cluster is away"
    assert "left out" in step(report, "evaluate")
    assert (names(folder / ".done"), report.translated["segments"] > 0) == (["good.csv"], True)
    assert kept(parts)["exit_status"] == 4
    assert "They were not touched" in reports(parts, "html")[0].read_text(encoding="utf-8")
    parts.away = 0
    assert nightly.run(parts).promoted


def test_a_cluster_that_refuses_is_not_waited_for(parts: PartsThatFail) -> None:
    parts.away, parts.how = 1_000, BackendRefusesError("security_exception: the key has expired")
    time_ = FakeClock()
    report = nightly.run(parts, clock=time_.clock)
    assert (report.exit_status, time_.waits) == (4, [])
    assert step(report, "index") == "security_exception: the key has expired"


def test_a_store_that_stays_away_is_reported(tmp_path: Path) -> None:
    parts = make(tmp_path, database_url="postgresql+psycopg://u@127.0.0.1:1/d", nightly_wait_minutes=1)
    folder = drop(parts, "good.csv")
    time_ = FakeClock()
    report = nightly.run(parts, clock=time_.clock)
    assert (report.exit_status, sum(time_.waits), kept(parts)["exit_status"]) == (4, 60, 4)
    assert (folder / "good.csv").exists()


def test_an_outdated_store_is_not_waited_for(parts: PartsThatFail) -> None:
    migrate(parts.database, down_to="0005")
    time_ = FakeClock()
    report = nightly.run(make(parts.home), clock=time_.clock)
    assert (report.exit_status, time_.waits) == (4, [])
    assert "lexicart migrate" in report.reasons[0]


def test_a_run_that_is_ended_leaves_a_report(parts: PartsThatFail) -> None:
    drop(parts, "good.csv")

    def end(name: str) -> None:
        if name == "index":
            raise SystemExit(143)

    with pytest.raises(SystemExit):
        nightly.run(parts, began=end)
    report = kept(parts)
    assert [one["step"] for one in report["steps"]] == ["import", "translate"]
    assert (report["exit_status"], "was ended" in report["reasons"][0]) == (1, True)
    assert nightly.run(parts).promoted


@pytest.mark.parametrize(
    ("statuses", "gravest"), [((3, 4), 4), ((4, 1), 1), ((5, 1, 4), 5), ((0, 3), 3), ((2, 4), 2), ((5, 3), 5)]
)
def test_a_night_ends_with_the_gravest_status(statuses: tuple[int, ...], gravest: int) -> None:
    report = NightlyReport(datetime.now(UTC))
    for status in statuses:
        report.fail("reason", status)
    assert report.exit_status == gravest


# -- full or delta ----------------------------------------------------------------------------------------------------


def test_the_build_is_full_by_rule_and_says_why(parts: PartsThatFail) -> None:
    drop(parts, "good.csv")
    assert (nightly.run(parts).indexed["mode"], kept(parts)["indexed"]["why"]) == ("full", "nothing serves yet")
    found = [nightly.run(parts), nightly.run(parts, clock=FakeClock(ahead=6.9 * 86_400).clock)]
    assert [(one.indexed["mode"], one.indexed["why"]) for one in found] == [("delta", "what changed")] * 2
    old = nightly.run(parts, clock=FakeClock(ahead=7.1 * 86_400).clock)
    assert (old.indexed["mode"], old.indexed["why"]) == ("full", "the live build is 7 days old")
    never = make(parts.home, full_build_days=0)
    young = nightly.run(never, clock=FakeClock(ahead=100 * 86_400).clock)
    assert (young.indexed["mode"], young.indexed["why"]) == ("delta", "what changed")
    other = nightly.run(make(parts.home, langs="de,en,fr"))
    assert (other.indexed["mode"], "changed" in other.indexed["why"]) == ("full", True)
    asked = nightly.run(make(parts.home, langs="de,en,fr"), full=True)
    assert (asked.indexed["mode"], asked.indexed["why"]) == ("full", "--full")


def test_a_live_build_that_lacks_documents_is_built_anew_in_the_same_night(parts: PartsThatFail) -> None:
    drop(parts, "good.csv")
    nightly.run(parts)
    live = parts.index.live()
    assert live is not None
    parts.index.delete(live, ["keller/S-1"])
    parts.index.commit(live)
    report = nightly.run(parts)
    assert (report.exit_status, report.indexed["mode"], report.indexed["reasons"]) == (0, "full", [])
    assert "did not hold" in report.indexed["why"]


# -- the report -------------------------------------------------------------------------------------------------------


def test_reports_are_bounded_and_tell_of_former_nights(tmp_path: Path) -> None:
    parts = make(tmp_path, keep_reports=2)
    drop(parts, "good.csv")
    for hours in range(4):
        parity = nightly.run(parts, clock=FakeClock(ahead=3_600 * hours).clock).parity
    assert (len(reports(parts)), len(reports(parts, "html"))) == (2, 2)
    page = reports(parts, "html")[-1].read_text(encoding="utf-8")
    assert page.count("<circle") == 3  # two kept ones and its own
    assert f"{parity:.3f}" in page


def test_reports_of_one_second_are_kept_apart_and_in_order(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = ReportFolder(tmp_path, 11)
    at = datetime(2026, 3, 1, 3, 0, 0, tzinfo=UTC)
    for number in range(12):
        folder.keep(NightlyReport(at, parity=number / 100))
    assert [night.parity for night in folder.nights(30)] == [number / 100 for number in range(1, 12)]
    (tmp_path / "nightly-20260301-030000-12.json").write_text("{", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("of somebody else", encoding="utf-8")
    assert len(folder.nights(30)) == 10
    assert "can't be read" in caplog.text
    folder.keep(NightlyReport(at))
    assert (tmp_path / "notes.txt").exists()


class Reader(HTMLParser):
    """Reads a page: its texts, its tags, and whether they close in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def test_the_page_is_whole_escaped_and_stands_alone(parts: PartsThatFail) -> None:
    hostile = "<script>alert(1)</script>"
    drop(parts, "good.csv", CATALOG + f";{hostile};1\nS-9;Säge;{hostile}\n")
    drop(parts, "<img src=x>.csv", "")
    parts.zero_results.add({ZeroSearch(hostile, "ar", "de"): 7, ZeroSearch("قلم", "ar", "de"): 9})
    report = nightly.run(parts)
    assert report.page is not None
    page = report.page.read_text(encoding="utf-8")
    read = Reader(page)
    assert read.open == []
    assert {name for name, _ in read.tags}.isdisjoint({"script", "img", "link", "iframe", "form", "object"})
    assert not re.search(r"(?i)url\(|@import|https?:", page)
    assert all({"src", "href", "action"}.isdisjoint(attributes) for _, attributes in read.tags)
    assert all(not name.startswith("on") for _, attributes in read.tags for name in attributes)
    assert {"hostile": hostile in read.texts, "قلم": "قلم" in read.texts} == {"hostile": True, "قلم": True}
    assert any("<img src=x>.csv" in text for text in read.texts)
    assert ("html", {"lang": "en"}) in read.tags
    assert any(attributes.get("name") == "viewport" for _, attributes in read.tags)
    tables = [attributes for name, attributes in read.tags if name == "table"]
    regions = [attributes for name, attributes in read.tags if attributes.get("role") == "region"]
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(tables) == len(regions) == 6
    assert {one["aria-labelledby"] for one in regions} <= set(ids)
    assert len(ids) == len(set(ids))
    assert all("scope" in attributes for name, attributes in read.tags if name == "th")


def test_searches_that_found_nothing_are_told_of_once(parts: PartsThatFail) -> None:
    parts.zero_results.add({ZeroSearch(f"nichts {number:03}", "de", "en"): number for number in range(1, 61)})
    report = nightly.run(parts)
    assert (report.zero_searches, len(report.zero_results)) == (60, nightly.MOST_SEARCHES)
    assert (report.zero_results[0]["query"], report.zero_results[0]["times"]) == ("nichts 060", 60)
    parts.zero_results.add({ZeroSearch("nichts 060", "de", "en"): 2})
    again = nightly.run(parts).zero_results
    assert [(one["query"], one["times"], one["in_all"]) for one in again] == [("nichts 060", 2, 62)]


def test_searches_are_told_of_again_where_the_report_was_not_written(parts: PartsThatFail) -> None:
    parts.zero_results.add({ZeroSearch("nichts", "de", "en"): 1})
    (parts.home / "reports").write_text("in the way", encoding="utf-8")
    assert nightly.run(parts).exit_status == 4
    (parts.home / "reports").unlink()
    assert len(nightly.run(parts).zero_results) == 1


# -- the demo ---


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    folder = tmp_path / "my samples"
    folder.mkdir()
    (folder / "keller.csv").write_text(CATALOG, encoding="utf-8")
    (folder / "suppliers.toml").write_text('[keller]\nlang = "de"\n', encoding="utf-8")
    return folder


def test_a_demo_that_the_gate_refuses_ends_with_the_refusal(parts: PartsThatFail, samples: Path) -> None:
    parts.absent = True
    with pytest.raises(GateRefusedError) as refused:
        list(show(parts, samples))
    assert refused.value.exit_status == 5


def test_what_the_demo_says_to_type_next_can_be_typed(
    tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEXICART_ENGINES", "echo")
    monkeypatch.setenv("LEXICART_LANGS", "de,fr")
    monkeypatch.setenv("LEXICART_DATABASE_URL", f"sqlite:///{tmp_path / 'real.db'}")
    home = tmp_path / "a folder; with $signs"
    lines = list(run_demo(str(home), str(samples)))
    assert not (tmp_path / "real.db").exists()
    typed = [line.strip() for line in lines if line.startswith("    ")]
    commands = [line for line in typed if line.startswith(("export", "unset")) or " -m api " in line]
    assert f"export LEXICART_HOME={shlex.quote(str(home))}" in commands
    assert len(commands) >= 10
    script = "\n".join(["set -e", *(command for command in commands if not command.endswith(" serve"))])
    done = subprocess.run(
        ["bash", "-c", script], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert set(Parts(load(home=home, database_url="")).products.counts()) == {"keller", "my-shop"}
