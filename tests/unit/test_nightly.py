"""The nightly run and the demo: what becomes of files that can't be taken, and of a build that the gate refuses."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from api import nightly
from api.bootstrap import Parts
from api.demo import run as run_demo
from api.demo import show
from api.settings import load
from catalog.errors import GateRefusedError
from catalog.model import Product
from catalog.session import ImportSession
from catalog.store import ProductStore
from tests.conftest import ROOT

CATALOG = "sku;name;price\nS-1;Hammer mit Holzstiel;3,10 EUR\nS-2;Zange mit Griff;4,10 EUR\n"


class StoreThatFails(ProductStore):
    """Can't read one file."""

    unreadable = ""

    @contextmanager
    def importing(self, *, filename: str, **named: Any) -> Iterator[ImportSession]:
        if filename == self.unreadable:
            raise OSError(5, "Input/output error")
        with super().importing(filename=filename, **named) as session:
            yield session


class PartsThatFail(Parts):
    """Has a store that can't read one file, or probes a new build for products that it has not."""

    absent = False

    @cached_property
    def products(self) -> StoreThatFails:
        return StoreThatFails(self.database, self.home / "uploads")

    def sample(self) -> list[Product]:
        if self.absent:
            return [Product(f"none/{number}", "none", f"N{number}", "de", f"Nichts {number}") for number in range(20)]
        return super().sample()


@pytest.fixture
def parts(tmp_path: Path) -> PartsThatFail:
    return PartsThatFail(load(home=tmp_path / "home", engines="echo", langs="de,en", database_url=""))


def drop(parts: Parts, name: str, text: str, supplier: str = "keller") -> Path:
    folder = parts.settings.drop_folder / supplier
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def names(folder: Path) -> list[str]:
    return [path.name.split("-", 2)[2] for path in sorted(folder.iterdir())] if folder.is_dir() else []


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
