"""The main job through the command line with its store on PostgreSQL."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api.bootstrap import Parts
from api.cli import main
from api.settings import load
from catalog.database import connect, reading
from catalog.errors import UnavailableError
from catalog.tables import products
from tests.conftest import SAMPLES
from tests.servers.stores import Server

SHOPS = ("schraubenkontor-keller", "papeterie-lumiere")


class Lexicart:
    """Runs commands in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str, status: int = 0) -> str:
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        printed = self._capsys.readouterr()
        assert stopped.value.code == status, printed.err
        return printed.out + printed.err

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json"))


@pytest.fixture
def url(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = postgres.url_of(str(tmp_path), ready=False)
    monkeypatch.setenv("LEXICART_DATABASE_URL", url)
    monkeypatch.setenv("LEXICART_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LEXICART_ENGINES", "echo")
    monkeypatch.setenv("LEXICART_LANGS", "de,en,fr")
    return url


def file_of(shop: str) -> str:
    return str(next(SAMPLES.glob(f"{shop}.*")))


def in_store(url: str) -> int:
    engine = connect(url)
    with reading(engine) as connection:
        found = connection.execute(select(func.count()).select_from(products)).scalar_one()
    engine.dispose()
    return found


def test_import_translate_index_search(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Lexicart(capsys)
    created = 0
    for shop in SHOPS:
        (catalog,) = run.json("import", file_of(shop), "--supplier", shop)["catalogs"]
        created += catalog["created"]
    assert in_store(url) == created > 50
    assert not (tmp_path / "home" / "lexicart.db").exists()
    translated = run.json("translate")
    assert translated["translated"] > 0
    assert translated["langs"]["fr"]["source"] > 0
    built = run.json("index")
    assert built["promoted"], built["reasons"]
    assert built["langs"]["de"]["documents"] == created
    hits = run.json("search", "Schraube", "--lang", "de")["hits"]
    assert hits[0]["supplier"] == SHOPS[0]
    run("correct", hits[0]["id"], "title", "--lang", "fr", "Vis corrigée de la quincaillerie")
    assert run.json("index")["mode"] == "delta"
    (first, *_) = run.json("search", "Vis corrigée", "--lang", "fr")["hits"]
    assert (first["id"], first["title_state"]) == (hits[0]["id"], "reviewed")
    assert run.json("status")["queue"] == 0
    moved = tmp_path / "moved.db"
    run("migrate", "--from", url, "--to", f"sqlite:///{moved}")
    run.json("forget", "--supplier", SHOPS[0])
    assert run.json("search", "Vis corrigée", "--lang", "fr")["hits"] == []
    assert in_store(f"sqlite:///{moved}") == created


def test_a_store_that_moved_goes_on(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Lexicart(capsys)
    monkeypatch.delenv("LEXICART_DATABASE_URL")
    run("import", file_of(SHOPS[1]), "--supplier", SHOPS[1])
    run("translate")
    run("index")
    file_url = f"sqlite:///{tmp_path / 'home' / 'lexicart.db'}"
    taken = run.json("migrate", "--from", file_url, "--to", url)
    assert taken["tables"]["products"] == in_store(url) > 0
    assert "lexicart@" in taken["to"]
    monkeypatch.setenv("LEXICART_DATABASE_URL", url)
    assert run.json("translate")["translated"] == 0
    before = run.json("builds")["builds"]
    again = run.json("index")
    assert (again["mode"], again["langs"]["de"]["written"]) == ("delta", 0)
    assert [build["build"] for build in run.json("builds")["builds"]] == [build["build"] for build in before]
    run("import", file_of(SHOPS[0]), "--supplier", SHOPS[0])
    run("translate")
    assert run.json("index")["langs"]["de"]["written"] > 0
    assert "is not empty" in run("migrate", "--from", file_url, "--to", url, status=2)


@pytest.mark.parametrize(
    ("source", "target", "status"),
    [
        ("sqlite:///gone.db", "sqlite:///new.db", 2),
        ("garbage", "sqlite:///new.db", 2),
        ("sqlite:///gone.db", "mysql://u@h/d", 2),
        ("sqlite://", "sqlite:///new.db", 2),
    ],
)
def test_what_no_store_is_is_refused(
    source: str, target: str, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEXICART_HOME", str(tmp_path / "home"))
    said = Lexicart(capsys)("migrate", "--from", source, "--to", target, status=status)
    assert len(said.strip().splitlines()) <= 2
    Lexicart(capsys)("migrate", "--from", source, status=2)


def test_the_lock_of_an_installation_is_the_databases(url: str, tmp_path: Path) -> None:
    """Machines share the database and not HOME."""
    here, there = (Parts(load(home=tmp_path / name)) for name in ("here", "there"))
    with here.lock("build"), pytest.raises(UnavailableError, match="another build is running"), there.lock("build"):
        pass
    with there.lock("build"):
        pass
    for parts in (here, there):
        parts.database.dispose()


def test_an_absent_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UnavailableError, match=r"lexicart\[postgres\]"):
        connect("postgresql://market@db.example/lexicart")


def test_help_needs_no_driver() -> None:
    code = "import sys, api.cli\ntry: api.cli.main(['migrate', '--help'])\nfinally: print('psycopg' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip().endswith("False")
