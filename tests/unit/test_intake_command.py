"""`lexicart import`: refused rows as a file, and a dry run that leaves nothing behind."""

import json
from pathlib import Path

import pytest

from api.cli import main

ROWS = "sku;name;price\nS-1;Hammer mit Holzstiel für Zimmerleute;3,10 EUR\nS-2;;4,20 EUR\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEXICART_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LEXICART_ENGINES", "echo")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text(ROWS, encoding="utf-8")
    return tmp_path


def status_of(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(["import", *arguments, "--supplier", "keller", "--lang", "de"])
    return int(stopped.value.code or 0)


def test_refused_rows_are_written_to_a_file(folder: Path) -> None:
    assert status_of("x.csv", "--refused", "mend.csv") == 0
    lines = (folder / "mend.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "sku;name;price;lexicart_reason"
    assert lines[1].startswith("S-2;;4,20 EUR;line 3: ")
    assert len(lines) == 2


def test_refused_rows_of_several_files_have_no_one_layout(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of("x.csv", "x.csv", "--refused", "mend.csv") == 2
    assert "--refused" in capsys.readouterr().err
    assert not (folder / "mend.csv").exists()


def test_a_file_that_can_not_be_written_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of("x.csv", "--refused", "absent/mend.csv") == 2
    assert "absent" in capsys.readouterr().err


def test_a_dry_run_shows_products_and_keeps_no_byte(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of("x.csv", "--dry-run", "--json") == 0
    [report] = json.loads(capsys.readouterr().out)["catalogs"]
    assert [sample["sku"] for sample in report["samples"]] == ["S-1"]
    assert report["catalog"] is None
    assert not (folder / "home" / "uploads").exists()
