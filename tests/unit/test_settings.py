"""Settings: where a value comes from, and names that are none."""

from pathlib import Path

import pytest

from api.settings import Settings, describe, load, unknown_names


@pytest.fixture(autouse=True)
def _bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LEXICART_{name.upper()}", raising=False)


def test_each_value_says_where_it_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("LEXICART_LANGS=de,en\nLEXICART_KEEP_BUILDS=3\n", encoding="utf-8")
    monkeypatch.setenv("LEXICART_KEEP_BUILDS", "4")
    rows = {row["name"]: (row["value"], row["source"]) for row in describe(load(home="given"))}
    assert rows["LEXICART_LANGS"] == ("de,en", ".env")
    assert rows["LEXICART_KEEP_BUILDS"] == ("4", "environment")
    assert rows["LEXICART_ENCODER"] == ("usem3", "default")
    assert rows["LEXICART_HOME"] == ("given", "given")


def test_names_that_are_no_setting_are_told_with_the_closest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("LEXICART_HOMER=x\nOTHER=y\n", encoding="utf-8")
    monkeypatch.setenv("LEXICART_KEEPBUILDS", "4")
    said = "\n".join(unknown_names())
    assert "LEXICART_HOMER (.env)" in said
    assert "LEXICART_HOME" in said.splitlines()[-1].split("closest")[1]
    assert "LEXICART_KEEP_BUILDS" in said
    assert "OTHER" not in said


def test_an_empty_folder_is_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEXICART_DROP_DIR", "")
    assert load(home="/h").drop_folder == Path("/h/drop")


def test_a_password_is_not_shown() -> None:
    settings = load(database_url="postgresql+psycopg://market:s3cret@db.example/lexicart")
    (row,) = [row for row in describe(settings) if row["name"] == "LEXICART_DATABASE_URL"]
    assert row["value"] == "postgresql+psycopg://market:***@db.example/lexicart"


def test_a_file_in_sqlite_is_taken() -> None:
    assert load(database_url="sqlite:////data/x.db").store_url == "sqlite:////data/x.db"
