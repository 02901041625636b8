"""Builds beside others: two builders at once, transactions that commit late, suppliers who upload meanwhile."""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

import catalog.changelog
from api.bootstrap import Parts
from api.settings import load
from catalog.database import connect
from catalog.store import ProductStore
from indexes.report import IndexReport
from tests.conftest import ROOT
from tests.fakes.products import product
from tests.fakes.shop import LANGS, Shop
from tests.servers.stores import Server, store_url, stores_on

LONG = 60
UPLOADS = 12

_HOLD = """
import sys
from api.bootstrap import Parts
from api.settings import load
with Parts(load()).lock("build"):
    print("held", flush=True)
    sys.stdin.read()
"""

_IMPATIENT = """
import sys
import api.bootstrap
api.bootstrap._LOCK_WAIT_SECONDS = 0.1
from api.cli import main
sys.argv[1:] = ["index", "--full"]
main()
"""


# -- two builders -----------------------------------------------------------------------------------------------------


class Home:
    """A HOME with a few products, in which processes work."""

    def __init__(self, folder: Path) -> None:
        url = store_url(folder)
        self.environment = {
            **os.environ,
            "LEXICART_HOME": str(folder),
            "LEXICART_LANGS": "de,en",
            "LEXICART_DATABASE_URL": url,
            "LEXICART_ENGINES": "echo",
        }
        self.parts = Parts(load(home=str(folder), langs="de,en", database_url=url, engines="echo"))
        path = folder / "x.csv"
        path.touch()
        with self.parts.products.importing(supplier="acme", feed="main", path=path, filename="x.csv") as session:
            session.save([(2, product("A-1", title="Schraube rot")), (3, product("A-2", title="Mutter rot"))])

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=self.environment, text=True, **pipes)


@pytest.fixture
def home(database: str, tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.parts.close()


def test_the_second_builder_leaves_with_a_word_or_waits_and_a_killed_one_holds_nobody_up(home: Home) -> None:
    holder = home.start("-c", _HOLD)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        second = home.start("-c", _IMPATIENT)
        _, said = second.communicate(timeout=LONG)
        assert (second.returncode, "another build is running" in said) == (4, True), said
        assert len(said.strip().splitlines()) == 1
        assert home.parts.index.live() is None
        third = home.start("-m", "api", "index")
        with pytest.raises(subprocess.TimeoutExpired):
            third.wait(timeout=1)
    finally:
        holder.kill()
        holder.communicate()
    _, said = third.communicate(timeout=LONG)
    assert third.returncode == 0, said
    assert home.parts.index.live() is not None


def test_two_builders_started_together(home: Home) -> None:
    both = [home.start("-m", "api", "index", "--full") for _ in range(2)]
    said = [process.communicate(timeout=2 * LONG)[1] for process in both]
    codes = sorted(process.returncode for process in both)
    # On a slow machine the first takes longer than the second waits.
    assert codes in ([0, 0], [0, 4]), said
    assert [build.state for build in home.parts.builds.existing()] == ["live", "kept"][: codes.count(0)]
    assert set(home.parts.index.builds()) == {build.name for build in home.parts.builds.existing()}


# -- writers that commit late -----------------------------------------------------------------------------------------


@pytest.fixture
def shop(postgres: Server, tmp_path: Path) -> Iterator[Shop]:
    with stores_on(postgres):
        made = Shop(tmp_path)
        made.save(product("A-1", title="Schraube rot"), product("A-2", title="Mutter rot"))
        yield made


class Late:
    """A supplier whose upload has written its changes and takes its time to commit them."""

    def __init__(self, shop: Shop) -> None:
        self.is_waiting, self.may_commit = threading.Event(), threading.Event()
        self._engine = connect(shop.database.url.render_as_string(hide_password=False))
        self._store = ProductStore(self._engine, shop.folder / "uploads")
        self._path = shop.upload

        @event.listens_for(self._engine, "after_cursor_execute")
        def note(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
            connection.info["has logged"] = connection.info.get("has logged") or "INTO changes" in statement

        @event.listens_for(self._engine, "commit")
        def wait(connection: Connection) -> None:
            if connection.info.pop("has logged", False):
                self.is_waiting.set()
                assert self.may_commit.wait(LONG)

    def upload(self, sku: str, title: str) -> None:
        one = product(sku, title=title, supplier="late")
        with self._store.importing(supplier="late", feed="main", path=self._path, filename="x.csv") as session:
            session.save([(2, one)])

    @contextmanager
    def uploading(self, sku: str, title: str) -> Iterator[None]:
        """Have uploaded something that is committed at the end."""
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(self.upload, sku, title)
            assert self.is_waiting.wait(LONG)
            try:
                yield
            finally:
                self.may_commit.set()
                done.result(LONG)
        self._engine.dispose()


@pytest.mark.parametrize("full", [False, True])
def test_what_commits_late_comes_with_the_next_delta(shop: Shop, full: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog.changelog, "_PATIENCE_SECONDS", 0.1)
    shop.update()
    with Late(shop).uploading("L-1", "Haken gelb"):
        # It is in the store, and the log can't be read so far: that upload took earlier positions.
        shop.save(product("A-3", title="Nagel gelb"))
        report = shop.update(full=full)
        assert (report.reasons, report.promoted) == ([], True)
    report = shop.update()
    assert (report.mode, report.reasons) == ("delta", [])
    assert shop.ids("de", "gelb") == {"acme/A-3", "late/L-1"}
    assert shop.builds.get(report.build).position == shop.products.position()
    assert sum(count.written for count in shop.update().langs.values()) == 0


def test_suppliers_who_go_on_uploading_during_builds(database: str, tmp_path: Path) -> None:
    """Full builds and deltas by turns, while two suppliers upload, change, withdraw and correct without a pause."""
    shop = Shop(tmp_path)
    shop.save(*[product(f"A-{number}", title=f"Schraube {number}") for number in range(200)])
    shop.update()

    def supply(name: str) -> None:
        engine = connect(shop.database.url.render_as_string(hide_password=False))
        store, chance = ProductStore(engine, shop.folder / "uploads"), random.Random(name)
        for turn in range(UPLOADS):
            rows = [product(f"{chance.randrange(30)}", title=f"Haken {turn}", supplier=name) for _ in range(5)]
            unique = list({row.sku: row for row in rows}.values())
            with store.importing(supplier=name, feed="main", path=shop.upload, filename="x.csv") as session:
                session.save(list(enumerate(unique, 2)))
            store.withdraw([unique[0].id])
        engine.dispose()

    reports: list[IndexReport] = []
    with ThreadPoolExecutor(2) as pool:
        suppliers = [pool.submit(supply, name) for name in ("keller", "north")]
        while not all(one.done() for one in suppliers):
            reports.append(shop.update(full=len(reports) % 3 == 0))
        for one in suppliers:
            one.result()
    assert [report.reasons for report in reports] == [[]] * len(reports)
    assert all(report.promoted for report in reports)
    shop.update()
    live = shop.products.live_ids()
    titles = {one.product.id: one.product.title for one in shop.products.stream()}
    for lang in LANGS:
        there = shop.index.documents(lang, sorted({*live, *(f"keller/{number}" for number in range(30))}))
        assert there.keys() == live
    assert {name: one.title for name, one in shop.index.documents("de", sorted(live)).items()} == titles
    assert shop.index.counts(shop.index.live() or "")[""] == len(live)
