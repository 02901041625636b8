"""``lexicart memory`` and ``lexicart review``: JSON, exit statuses, and the delta that follows."""

from pathlib import Path

import pytest

from tests.fakes.commands import Run

CATALOG = (
    "sku;name\nS-1;Edelstahlschraube M8x40 verzinkt\nS-2;Hammer mit Holzstiel 300 g\nS-3;Hammer mit Holzstiel 300 g\n"
)
UNIT = '<tu><tuv xml:lang="de"><seg>{}</seg></tuv><tuv xml:lang="fr-FR"><seg>{}</seg></tuv></tu>'


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("LEXICART_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LEXICART_ENGINES", "echo")
    monkeypatch.setenv("LEXICART_LANGS", "de,en,fr")
    monkeypatch.chdir(tmp_path)
    Path("catalog.csv").write_text(CATALOG, encoding="utf-8")
    write_tmx(UNIT.format("Hammer mit Holzstiel 300 g", "Marteau 300 g"), "<tu/>")
    made = Run(capsys)
    made("import", "catalog.csv", "--supplier", "keller", "--lang", "de")
    return made


def write_tmx(*units: str) -> None:
    body = "".join(units)
    Path("m.tmx").write_text(f'<tmx version="1.4"><header srclang="de"/><body>{body}</body></tmx>', encoding="utf-8")


def test_an_import_concerns_its_texts_and_the_delta_follows(run: Run) -> None:
    run("translate")
    run("index")
    report = run.json("memory", "import", "m.tmx", "--supplier", "keller")
    assert report == {
        "file": "m.tmx", "supplier": "keller", "units": 2, "taken": 1, "refused": 1, "other_languages": 0,
        "doubled": 0, "created": 1, "updated": 0, "unchanged": 0, "texts": 1,
        "errors": [{
            "unit": 2, "code": "no_source", "reason": "it has no text in its source language de",
        }],
    }  # fmt: skip
    assert run.json("translate")["by_engine"] == {"memory": 1}
    delta = run.json("index")
    assert delta["mode"] == "delta"
    assert {lang: counts["written"] for lang, counts in delta["langs"].items()} == {"de": 0, "en": 0, "fr": 2}
    assert run.json("search", "marteau", "--lang", "fr")["hits"][0]["title_state"] == "memory"
    assert "unit 2" in run("memory", "import", "m.tmx", "--supplier", "keller")
    assert run.json("index")["langs"]["fr"]["written"] == 0


def test_nothing_taken_is_3_and_wrong_usage_2(run: Run) -> None:
    run("memory", "import", "nowhere.tmx", status=2)
    run("memory", "import", "m.tmx", "--supplier", "No Name", status=2)
    run("memory", "import", "catalog.csv", status=3)
    write_tmx("<tu/>")
    assert run.json("memory", "import", "m.tmx", status=3)["refused"] == 1
    run("memory", "export", "out.tmx", "--supplier", "nobody", status=2)
    run("memory", "export", "nowhere/out.tmx", status=2)
    run("review", "--supplier", "nobody", status=2)


def test_an_export_with_corrections(run: Run) -> None:
    run("memory", "import", "m.tmx")
    run("correct", "keller/S-2", "title", "Petit marteau 300 g", "--lang", "fr")
    report = run.json("memory", "export", "out.tmx", "--supplier", "keller", "--from", "de", "--to", "fr")
    assert report == {
        "file": "out.tmx", "supplier": "keller", "units": 1, "translations": 1, "corrections": 1, "unaligned": 0,
    }  # fmt: skip
    text = Path("out.tmx").read_text(encoding="utf-8")
    assert "Petit marteau" in text
    assert run.json("memory", "export", "all.tmx")["units"] == 1
    assert "Petit" not in Path("all.tmx").read_text(encoding="utf-8")


def test_review_shows_outdated_corrections_with_similar_texts(run: Run) -> None:
    run("translate")
    assert run.json("review") == {"total": 0, "texts": []}
    run("correct", "keller/S-1", "title", "Vis M8x40", "--lang", "fr")
    Path("catalog.csv").write_text(CATALOG.replace("verzinkt", "blank"), encoding="utf-8")
    run("import", "catalog.csv", "--supplier", "keller", "--lang", "de")
    run("translate")
    page = run.json("review", "--supplier", "keller", "--lang", "fr")
    assert page["total"] == 1
    [text] = page["texts"]
    assert set(text) == {
        "id", "field", "source_lang", "source", "lang", "why", "reason", "engine", "checks", "products", "correction",
        "old_source", "matches",
    }  # fmt: skip
    assert (text["id"], text["correction"], text["old_source"], text["source"]) == (
        "keller/S-1", "Vis M8x40", "Edelstahlschraube M8x40 verzinkt", "Edelstahlschraube M8x40 blank",
    )  # fmt: skip
    assert [match["target"] for match in text["matches"]] == ["Vis M8x40"]
    printed = run("review")
    assert "Edelstahlschraube M8x40 verzinkt" in printed
    assert "1 of 1 texts" in printed


def test_a_description_is_corrected_with_lines(run: Run) -> None:
    Path("catalog.csv").write_text("sku;name;description\nS-1;Hammer;Ein Hammer. Schwer.\n", encoding="utf-8")
    run("import", "catalog.csv", "--supplier", "keller", "--lang", "de")
    answer = run.json("correct", "keller/S-1", "description", "<p>Un marteau.</p>\n<p>Lourd.</p>", "--lang", "fr")
    assert answer["text"] == "<p>Un marteau.</p><p>Lourd.</p>"
    assert "line break" in (run("correct", "keller/S-1", "title", "a\nb", "--lang", "fr", status=2) or run.err)
