"""kill -9 of nightly runs, on both databases: nothing is imported twice, no file is lost, and the end is the same.

Each kill hits a night with a new catalog to take, on what the nights before it left. ``LEXICART_TEST_KILLS=100`` adds
as many at random instants, for a long run by hand; ``LEXICART_TEST_SEED`` repeats one.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api import nightly
from api.bootstrap import Parts
from api.settings import load
from catalog.database import reading
from catalog.errors import UnavailableError
from catalog.tables import uploads
from indexes.embedding import SentenceEncoder
from search.model import SearchQuery
from tests.conftest import ROOT, STORM
from tests.servers.stores import store_url

pytestmark = [STORM, pytest.mark.usefixtures("database")]

KILLS = int(os.environ.get("LEXICART_TEST_KILLS", "1"))
SEED = int(os.environ.get("LEXICART_TEST_SEED", str(random.randrange(10**6))))
ENCODER = SentenceEncoder()
SETTINGS = {"engines": "echo", "langs": "de,en", "drop_settled_seconds": 0}
CHANGES = 28
"""Changes of files that a night of one small catalog makes, about."""

NIGHTS = (("before",), ("after",), ("step", "index"), ("step", "clean up"))


def instants() -> Iterator[tuple[str, ...]]:
    random_ = random.Random(SEED)
    yield from NIGHTS
    for _ in range(KILLS):
        if random_.random() < 0.5:
            yield "event", str(random_.randint(1, CHANGES))
        else:
            yield "after seconds", f"{random_.uniform(0.5, 4):.3f}"


class Installation:
    """A HOME with a drop folder, into which a catalog comes each day."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.url = store_url(folder)
        self.dropped = 0

    def parts(self) -> Parts:
        parts = Parts(load(home=self.home, database_url=self.url, **SETTINGS))
        parts.__dict__["encoder"] = ENCODER
        return parts

    def drop(self) -> None:
        """Put in a catalog: a product of its own, and one that all of them have, with another title each day."""
        self.dropped += 1
        place = self.parts().settings.drop_folder / "keller" / f"day-{self.dropped:03}.csv"
        place.parent.mkdir(parents=True, exist_ok=True)
        rows = f"D-{self.dropped};Hammer der Sorte {self.dropped}\nS-1;Zange vom Tag {self.dropped}\n"
        place.write_text(f"sku;name\n{rows}", encoding="utf-8")

    def die(self, *instant: str) -> bool:
        """Run a night that is killed; say whether it was."""
        named = {f"LEXICART_{name.upper()}": str(value) for name, value in SETTINGS.items()}
        environment = {**os.environ, **named, "LEXICART_HOME": str(self.home), "LEXICART_DATABASE_URL": self.url}
        seconds = float(instant[1]) if instant[0] == "after seconds" else None
        arguments = instant if seconds is None else ("count",)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.night_that_dies", *arguments],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        if seconds is not None:
            time.sleep(seconds)
            process.kill()
        _, err = process.communicate(timeout=300)
        assert process.returncode in (-9, 0), f"seed {SEED}, {instant}: {err}"
        return process.returncode == -9

    def night(self) -> None:
        parts = self.parts()
        report = nightly.run(parts)
        parts.close()
        assert report.exit_status == 0, report.reasons

    def state(self) -> dict[str, Any]:
        """Return all that must be the same in the end."""
        parts = self.parts()
        live = parts.index.live()
        ids = sorted(parts.products.live_ids())
        texts = parts.translations.field_texts(ids, parts.settings.langs)
        with reading(parts.database) as connection:
            counted = connection.execute(select(uploads.c.filename, func.count()).group_by(uploads.c.filename))
            taken = {row.filename: row[1] for row in counted}
        found = parts.search.search(SearchQuery("Zange vom Tag", "de")) if live else None
        state = {
            "taken": taken,
            "products": ids,
            "texts": {one.product + one.field + one.lang: one.shown for rows in texts.values() for one in rows},
            "done": self.names(".done"),
            "documents": parts.index.counts(live) if live else {},
            "found": found.hits[0].title if found else None,
        }
        parts.close()
        return state

    def names(self, folder: str = "") -> list[str]:
        place = self.home / "drop" / "keller" / folder
        found = sorted(path.name for path in place.iterdir() if path.is_file()) if place.is_dir() else []
        return [name.split("-", 2)[2] for name in found if name.endswith(".csv")] if folder else found


def test_killed_nights_end_as_undisturbed_ones(tmp_path: Path) -> None:
    disturbed, calm = Installation(tmp_path / "disturbed"), Installation(tmp_path / "calm")
    killed = 0
    for instant in instants():
        disturbed.drop()
        killed += disturbed.die(*instant)
        check_nothing_is_lost_or_half(disturbed)
        calm.drop()
    disturbed.night()
    calm.night()
    assert disturbed.state() == calm.state(), f"seed {SEED}"
    assert set(disturbed.state()["taken"].values()) == {1}
    assert disturbed.names() == []
    assert len(disturbed.names(".done")) == disturbed.dropped
    assert not list((disturbed.home / "reports").glob(".*")), "a half report was left"
    print(f"seed {SEED}: {killed} of {disturbed.dropped} nights were killed while they ran")
    assert killed >= len(NIGHTS)


def check_nothing_is_lost_or_half(installation: Installation) -> None:
    state = installation.state()
    assert len(set(state["documents"].values())) <= 1, state["documents"]
    there = sorted([*installation.names(), *installation.names(".done")])
    assert there == [f"day-{number:03}.csv" for number in range(1, installation.dropped + 1)]
    assert set(state["taken"].values()) <= {1}
    assert set(installation.names(".done")) <= set(state["taken"])


def test_a_second_run_leaves_with_a_clear_word(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    installation.drop()
    parts, other = installation.parts(), installation.parts()
    with other.lock("nightly"), pytest.raises(UnavailableError, match="another nightly is running") as refused:
        nightly.run(parts)
    assert refused.value.exit_status == 4
    assert installation.names() == ["day-001.csv"]
    assert not (installation.home / "reports").exists()
    parts.close()
    other.close()
