"""`lexicart export` and the import of what comes back, on real translations and real catalogs."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli import main
from catalog.database import connect, prepare
from catalog.exports.exporting import export_feed
from catalog.exports.planning import USUAL_FIELDS, ExportOptions
from catalog.importing import import_catalog
from catalog.options import ImportOptions
from catalog.store import ProductStore

CATALOG = """Artikelnummer;Bezeichnung;Warengruppe;Preis (EUR)
A1;Sechskantschraube M8×40;Schrauben;24,90
A2;Sechskantschraube M8×40;Schrauben;25,90
A3;Gummihammer für Fliesenleger und Maurer;Handwerkzeug;19,50
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEXICART_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LEXICART_ENGINES", "")
    monkeypatch.setenv("LEXICART_LANGS", "de,en,fr")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text(CATALOG, encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    return int(stopped.value.code or 0)


@dataclass
class Answers:
    """Runs commands and reads what they print."""

    capsys: pytest.CaptureFixture[str]

    def of(self, *arguments: str) -> dict[str, object]:
        assert run(*arguments, "--json") == 0
        found: dict[str, object] = json.loads(self.capsys.readouterr().out)
        return found

    def catalog(self, *arguments: str) -> dict[str, object]:
        found = self.of("import", *arguments, "--supplier", "keller")["catalogs"]
        assert isinstance(found, list)
        return dict(found[0])

    def titles(self, lang: str) -> dict[str, tuple[str, str]]:
        assert run("texts", "--lang", lang) == 0
        lines = map(json.loads, self.capsys.readouterr().out.splitlines())
        return {line["id"]: (line["text"], line["state"]) for line in lines if line["field"] == "title"}


@pytest.fixture
def answers(folder: Path, capsys: pytest.CaptureFixture[str]) -> Answers:
    found = Answers(capsys)
    assert found.catalog("x.csv")["created"] == 3
    found.of("translate")
    return found


def corrected(path: Path, sku: str, column: str, text: str) -> None:
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=";"))
    next(row for row in rows if row[0] == sku)[rows[0].index(column)] = text
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)


def test_what_a_person_corrects_reaches_identical_texts_and_no_other(answers: Answers) -> None:
    before = answers.titles("fr")
    exported = answers.of("export", "--supplier", "keller", "--lang", "fr", "-o", "back.csv")
    assert (exported["rows"], exported["kind"], exported["langs"]) == (3, "table", ["fr"])
    corrected(Path("back.csv"), "A1", "title_fr", "Vis H M8×40")
    report = answers.catalog("back.csv")
    assert (report["unchanged"], report["updated"], report["corrections"]) == (3, 0, 1)
    after = answers.titles("fr")
    assert after["keller/A1"] == after["keller/A2"] == ("Vis H M8×40", "reviewed")
    assert after["keller/A3"] == before["keller/A3"]
    again = answers.catalog("back.csv")
    assert (again["corrections"], again["updated"]) == (0, 0)


def test_translating_again_in_between_makes_no_correction(answers: Answers) -> None:
    answers.of("export", "--supplier", "keller", "-o", "back.xlsx")
    assert run("correct", "keller/A3", "title", "Maillet en caoutchouc", "--lang", "fr") == 0
    answers.capsys.readouterr()
    answers.of("translate", "--all")
    report = answers.catalog("back.xlsx")
    assert (report["unchanged"], report["corrections"]) == (3, 0)
    assert answers.titles("fr")["keller/A3"] == ("Maillet en caoutchouc", "reviewed")


def test_a_correction_that_can_not_be_made_is_a_warning(answers: Answers) -> None:
    answers.of("export", "--supplier", "keller", "--lang", "fr", "-o", "back.csv")
    corrected(Path("back.csv"), "A1", "title_fr", "Vis\nH M8×40")
    report = answers.catalog("back.csv")
    assert report["corrections"] == 0
    assert [row["code"] for row in report["warnings"]] == ["correction_refused"]  # type: ignore[attr-defined]


def test_wrong_usage_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "--supplier", "keller", "-o", "back.csv") != 0
    assert "keller" in capsys.readouterr().err
    assert run("export", "--supplier", "keller", "-o", "back.pdf") == 2
    assert ".xlsx" in capsys.readouterr().err


# -- every catalog that is here ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Formula:
    """A translation that a spreadsheet program would take for a formula."""

    text: str
    state: str = "machine"


def catalogs(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.iterdir() if path.suffix in (".csv", ".xlsx", ".xls", ".json", ".xml"))


def assert_round_trip(source: Path, folder: Path, ending: str) -> None:
    engine = connect(f"sqlite:///{folder}/store.db")
    prepare(engine)
    store = ProductStore(engine, folder / "uploads")
    first = import_catalog(store, source, ImportOptions("keller", filename=source.name))
    assert first.taken, first.refused_as_a_whole

    def texts(ids: Sequence[str], langs: Sequence[str]) -> Mapping[str, Mapping[tuple[str, str], Formula]]:
        return {
            stored.product.id: {
                (text.field, lang): Formula(f"={text.text} [{lang}]")
                for text in stored.product.texts()
                for lang in langs
            }
            for stored in store.many(ids)
        }

    back = folder / f"back{ending}"
    report = export_feed(store, store.exports, texts, ExportOptions("keller", "main", ("fr", "zh"), USUAL_FIELDS, back))
    again = import_catalog(store, back, ImportOptions("keller"))
    assert report.rows == again.unchanged == store.feed_size("keller", "main")
    counts = (again.created, again.updated, again.withdrawn, again.corrections, again.refused_as_a_whole)
    assert counts == (0, 0, 0, 0, None)
    if report.kind == "table":
        assert again.refused == first.refused


def test_every_sample_comes_back_unchanged(tmp_path: Path) -> None:
    from tests.conftest import SAMPLES

    assert_round_trips(catalogs(SAMPLES), tmp_path)


def test_real_catalogs_come_back_unchanged(shared_data: Path, tmp_path: Path) -> None:
    small = (path for path in catalogs(shared_data / "catalogs") if path.stat().st_size < 500_000)  # the others: 40 s
    assert_round_trips((path for path in small if path.name != "MANIFEST.json"), tmp_path)


def assert_round_trips(sources: Iterator[Path], folder: Path) -> None:
    """Workbooks come back as workbooks, of the other files every second one."""
    for number, source in enumerate(sources):
        (folder / str(number)).mkdir()
        ending = ".xlsx" if source.suffix == ".xlsx" or number % 2 else ".csv"
        assert_round_trip(source, folder / str(number), ending)
