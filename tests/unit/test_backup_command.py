"""``lexicart backup`` and ``restore``: statuses, JSON, indexes; a full disk and kills at random instants."""

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api.cli import main
from catalog.backups import check_backup
from tests.conftest import ROOT
from tests.fakes.backups import files
from tests.fakes.commands import Run

CATALOG = """sku;name;brand;price;ean
S-1;Edelstahlschraube M8x40 verzinkt;Fixorit;3,10 EUR;4006381333931
S-2;Hammer mit Holzstiel 300 g;Nordwerk;12,90 EUR;
"""
QUERIES = ("Hammer", "4006381333931", "Schraube", "Holzstiel 300 g")
KILLS = int(os.environ.get("LEXICART_TEST_KILLS", "1"))
SEED = int(os.environ.get("LEXICART_TEST_SEED", str(random.randrange(10**6))))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A HOME with a small shop in it, imported, translated and indexed; tests take copies of it."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "catalog.csv").write_text(CATALOG, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, folder / "home")
        patch.chdir(folder)
        for arguments in (
            ("import", "catalog.csv", "--supplier", "keller", "--lang", "de"),
            ("translate",),
            ("index",),
        ):
            with pytest.raises(SystemExit) as ended:
                main(arguments)
            assert ended.value.code == 0
    return folder / "home"


def environment(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LEXICART_HOME": str(home),
        "LEXICART_ENGINES": "echo",
        "LEXICART_LANGS": "de,en,fr",
    }


def settle(patch: pytest.MonkeyPatch, home: Path) -> None:
    for name, value in environment(home).items():
        if name.startswith("LEXICART_") and "_TEST_" not in name:
            patch.setenv(name, value)


@pytest.fixture
def home(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copied = Path(shutil.copytree(shop, tmp_path / "home"))
    settle(monkeypatch, copied)
    monkeypatch.chdir(tmp_path)
    return copied


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def found(run: Run) -> list[list[tuple[str, str, float]]]:
    answers = []
    for query in QUERIES:
        page = run.json("search", query, "--lang", "de")
        answers.append([(hit["id"], hit["title"], hit["score"]) for hit in page["hits"]])
    return answers


def test_everything_is_lost_and_comes_back(run: Run, home: Path, tmp_path: Path) -> None:
    before = found(run)
    assert all(before)
    report = run.json("backup", "kept", "--indexes")
    assert set(report) == {
        "backup", "made_at", "lexicart", "schema", "tables", "uploads", "bytes", "missing_uploads", "indexes",
        "seconds",
    }  # fmt: skip
    assert (report["tables"]["products"], report["uploads"], report["missing_uploads"]) == (2, 1, [])
    assert report["backup"] == str(tmp_path / "kept")
    assert report["indexes"]["documents"] == {"de": 2, "en": 2, "fr": 2, "": 2}
    uploads = files(home / "uploads")
    shutil.rmtree(home)
    restored = run.json("restore", "kept", "--indexes")
    assert set(restored) == {
        "backup", "made_at", "schema", "replaced", "tables", "uploads", "missing_uploads", "indexes", "warnings",
        "seconds",
    }  # fmt: skip
    assert restored["indexes"]["documents"] == report["indexes"]["documents"]
    assert (restored["replaced"], restored["uploads"], restored["warnings"]) == (False, 1, [])
    assert found(run) == before
    assert files(home / "uploads") == uploads
    [build] = run.json("builds")["builds"]
    assert (build["build"], build["state"]) == (restored["indexes"]["build"], "live")
    again = run.json("index")
    assert (again["mode"], again["langs"]["de"]["written"]) == ("delta", 0)
    [catalog] = run.json("import", catalog_file(tmp_path), "--supplier", "keller", "--lang", "de")["catalogs"]
    assert (catalog["unchanged"], catalog["created"]) == (2, 0)
    assert run.json("translate")["translated"] == 0


def catalog_file(folder: Path) -> str:
    (folder / "catalog.csv").write_text(CATALOG, encoding="utf-8")
    return str(folder / "catalog.csv")


def test_without_indexes_they_are_built_anew(run: Run, home: Path) -> None:
    before = found(run)
    assert run.json("backup", "kept")["indexes"] is None
    shutil.rmtree(home)
    assert run.json("restore", "kept")["indexes"] is None
    assert run.json("builds")["builds"] == []
    run("search", "Hammer", "--lang", "de", status=4)
    assert run.json("index")["mode"] == "full"
    assert found(run) == before
    run("restore", "kept", "--indexes", "--replace", status=2)
    assert "without --indexes" in run.err


def test_an_older_store_is_not_served_by_a_newer_index(run: Run, home: Path, tmp_path: Path) -> None:
    """What changed after the backup is in the index that is there, and in no log: only a full build is right."""
    run("backup", "kept", "--indexes")
    run("correct", "keller/S-2", "title", "--lang", "fr", "Zorblaxe")
    assert run.json("index")["mode"] == "delta"
    assert run.json("search", "Zorblaxe", "--lang", "fr")["hits"]
    assert run.json("restore", "kept", "--replace")["replaced"]
    report = run.json("index")
    assert (report["mode"], report["promoted"]) == ("full", True)
    assert not run.json("search", "Zorblaxe", "--lang", "fr")["hits"]
    states = [build["state"] for build in run.json("builds")["builds"]]
    assert sorted(states) == ["kept", "live"], "the one before is known, and will be removed"


def test_indexes_beside_a_build_that_goes_on(run: Run, home: Path) -> None:
    run("backup", "kept", "--indexes")
    run("correct", "keller/S-2", "title", "--lang", "fr", "Zorblaxe")
    run("index")
    report = run.json("restore", "kept", "--replace", "--indexes")
    assert not run.json("search", "Zorblaxe", "--lang", "fr")["hits"]
    assert run.json("index")["mode"] == "delta"
    assert run.json("builds")["builds"][0]["state"] in ("live", "kept")
    assert {one["state"]: one["build"] for one in run.json("builds")["builds"]}["live"] == report["indexes"]["build"]


def test_a_build_of_nobody_is_not_replaced_unasked(run: Run, home: Path) -> None:
    run("backup", "kept", "--indexes")
    run("index", "--full")
    for path in home.glob("lexicart.db*"):
        path.unlink()
    run("restore", "kept", "--indexes", status=2)
    assert "--replace" in run.err
    assert run.json("status")["products"] == {}
    warned = run.json("restore", "kept")["warnings"]
    assert "--full --force" in warned[0]


def test_a_damaged_build_is_not_backed_up(run: Run, home: Path, tmp_path: Path) -> None:
    [path] = list(home.glob("indexes/2*/de.1/*.store"))
    path.write_bytes(path.read_bytes()[:-1])
    run("backup", "kept", "--indexes", status=4)
    assert "damaged" in run.err
    assert not (tmp_path / "kept").exists()
    run("backup", "kept")


def test_statuses(run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("backup", "kept")
    run("backup", "kept", status=2)
    assert "is not empty" in run.err
    run("restore", "kept", status=2)
    assert "--replace" in run.err
    run("restore", "nowhere", status=2)
    assert "no backup" in run.err
    (tmp_path / "kept" / "store.db").write_bytes(b"")
    run("restore", "kept", "--replace", status=3)
    assert "damaged" in run.err
    manifest = tmp_path / "kept" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema": "9999"}))
    run("restore", "kept", "--replace", status=4)
    assert "9999" in run.err
    monkeypatch.setenv("LEXICART_HOME", str(tmp_path / "nothing"))
    run("backup", "other", status=2)
    assert "no store" in run.err
    assert not (tmp_path / "nothing").exists()
    assert not (tmp_path / "other").exists()
    monkeypatch.setenv("LEXICART_DATABASE_URL", "postgresql+psycopg://u@127.0.0.1:1/d")
    run("backup", "other", status=4)
    assert "127.0.0.1" in run.err


def test_no_index_no_backup_of_one(run: Run, home: Path, tmp_path: Path) -> None:
    shutil.rmtree(home / "indexes")
    run("backup", "kept", "--indexes", status=2)
    assert "lexicart index" in run.err
    assert not (tmp_path / "kept").exists()


# -- a full disk ------------------------------------------------------------------------------------------------------


def limited(home: Path, limit: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command that can write no file larger than a limit, which is told as a full disk is."""
    return subprocess.run(
        [sys.executable, "-m", "api", *arguments],
        cwd=home.parent,
        env=environment(home),
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )


def test_a_full_disk_is_said_and_loses_nothing(run: Run, home: Path, tmp_path: Path) -> None:
    before = files(home / "uploads")
    done = limited(home, 100_000, "backup", "kept")
    assert done.returncode == 4, done.stderr
    assert "kept" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith((".", "kept"))) == []
    run("backup", "kept")
    done = limited(home, 100_000, "restore", "kept", "--replace")
    assert done.returncode == 4, done.stderr
    assert "nothing was changed" in done.stderr
    assert not list(home.glob(".restoring*"))
    assert files(home / "uploads") == before
    assert len(found(run)[0]) == 1
    check_backup(tmp_path / "kept")


# -- kills ------------------------------------------------------------------------------------------------------------


def killed(home: Path, after: float, *arguments: str) -> bool:
    """Start a command and kill it after so many seconds; say whether it was still running."""
    process = subprocess.Popen(
        [sys.executable, "-m", "api", *arguments],
        cwd=home.parent,
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after)
    was_running = process.poll() is None
    process.kill()
    process.wait()
    return was_running


def test_a_kill_leaves_a_whole_backup_or_none(run: Run, home: Path, tmp_path: Path) -> None:
    chosen = random.Random(SEED)
    started = time.monotonic()
    run("backup", "first", "--indexes")
    took = time.monotonic() - started + 1
    for number in range(KILLS):
        folder = tmp_path / f"kept{number}"
        killed(home, chosen.uniform(0, took), "backup", str(folder), "--indexes")
        if folder.exists():
            check_backup(folder)
        else:
            run("backup", str(folder), "--indexes")
        assert not list(tmp_path.glob(f".kept{number}*")), f"LEXICART_TEST_SEED={SEED}"
        check_backup(folder)
    assert found(run)[0]


def test_a_kill_during_a_restore_leaves_one_store_or_the_other(run: Run, home: Path, tmp_path: Path) -> None:
    chosen = random.Random(SEED)
    run("backup", "old", "--indexes")
    run("correct", "keller/S-2", "title", "--lang", "fr", "Zorblaxe")
    run("index")
    run("backup", "new", "--indexes")
    for number in range(KILLS):
        name = ("old", "new")[number % 2]
        killed(home, chosen.uniform(0.2, 3), "restore", name, "--replace", "--indexes")
        titles = {
            one["text"]
            for line in run("texts", "--lang", "fr").splitlines()
            if (one := json.loads(line))["field"] == "title" and one["id"] == "keller/S-2"
        }
        assert len(titles) == 1
        run("index")
        hits = run.json("search", "Zorblaxe", "--lang", "fr")["hits"]
        assert bool(hits) == (titles == {"Zorblaxe"}), f"LEXICART_TEST_SEED={SEED}"
        recorded = {one["build"] for one in run.json("builds")["builds"] if one["state"] in ("live", "kept")}
        there = {path.name for path in (home / "indexes").iterdir() if path.name.startswith("2")}
        assert there == recorded, f"LEXICART_TEST_SEED={SEED}"
