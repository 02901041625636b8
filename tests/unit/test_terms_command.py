"""``lexicart terms``: what it prints, what it takes, and what becomes of the translations."""

from pathlib import Path

import pytest

from tests.unit.test_cli import Run

CATALOG = """sku;name;category
S-1;Schraube;Befestigung
S-2;Hammer;Haushalt
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("LEXICART_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LEXICART_ENGINES", "echo")
    monkeypatch.setenv("LEXICART_LANGS", "de,en,fr")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "catalog.csv").write_text(CATALOG, encoding="utf-8")
    return Run(capsys)


def shown(run: Run, supplier: str, lang: str = "fr") -> dict[str, str]:
    """Return the titles of a supplier's products."""
    import json

    run("translate")
    lines = run("texts", "--supplier", supplier, "--lang", lang).splitlines()
    rows = [json.loads(line) for line in lines]
    return {row["id"]: row["text"] for row in rows if row["field"] == "title"}


def stock(run: Run, *suppliers: str) -> None:
    for supplier in suppliers:
        run("import", "catalog.csv", "--supplier", supplier, "--lang", "de")


def test_a_suppliers_term_reaches_its_products_and_no_other(run: Run) -> None:
    stock(run, "keller", "zoll")
    assert shown(run, "keller")["keller/S-1"] == "Vis"
    added = run.json("terms", "add", "--term", "de=Schraube", "--term", "fr=boulon", "--supplier", "keller")
    assert added == {
        "supplier": "keller", "concept": "schraube-de", "created": 1, "updated": 0, "unchanged": 0, "texts": 1,
    }  # fmt: skip
    assert shown(run, "keller")["keller/S-1"] == "Boulon"
    assert shown(run, "zoll")["zoll/S-1"] == "Vis"
    changed = run.json("terms", "add", "--term", "de=Schraube", "--term", "fr=vis", "--supplier", "keller")
    assert (changed["concept"], changed["updated"]) == ("schraube-de", 1)
    assert shown(run, "keller")["keller/S-1"] == "Vis"
    assert run.json("terms", "remove", "schraube-de", "--supplier", "keller")["removed"] == ["schraube-de"]


def test_the_operators_term_for_a_starter_concept_in_a_category(run: Run) -> None:
    stock(run, "keller")
    run("terms", "add", "--concept", "screw", "--term", "fr=boulon", "--category", "Befestigung")
    run("terms", "add", "--term", "de=Hammer", "--term", "fr=masse", "--category", "Garten")
    assert shown(run, "keller") == {"keller/S-1": "Boulon", "keller/S-2": "Marteau"}
    [starter, own] = sorted(
        (one for one in run.json("terms", "list", "screw")["concepts"] if one["concept"] == "screw"),
        key=lambda one: str(one["layer"]),
        reverse=True,
    )
    assert (starter["layer"], own["layer"]) == ("starter", "installation")
    assert (own["categories"], own["terms"]["fr"], own["preferred"]) == (["Befestigung"], ["boulon"], ["fr"])
    assert own["kind"] == starter["kind"]


def test_names_that_are_never_translated(run: Run) -> None:
    stock(run, "keller")
    assert run.json("terms", "add", "--dnt", "Hammer")["concept"] == "keep-hammer"
    assert run.json("terms", "add", "--dnt", "--term", "de=Kaltschaum")["concept"] == "keep-kaltschaum"
    assert shown(run, "keller")["keller/S-2"] == "Hammer"
    kept = [one for one in run.json("terms", "list", "--layer", "installation")["concepts"] if one["kept"]]
    assert len(kept) == 2


def test_forbidden_words(run: Run) -> None:
    stock(run, "keller")
    before = shown(run, "keller")
    assert before["keller/S-1"] == "Vis"
    assert run.json("terms", "forbid", "fr=vis")["concept"] == "not-vis-fr"
    assert "vis" not in shown(run, "keller")["keller/S-1"].casefold().split()
    run("terms", "remove", "not-vis-fr")
    assert shown(run, "keller") == before
    run("terms", "add", "--concept", "screw", "--term", "fr=vis", "--term", "fr=boulon")
    run("terms", "forbid", "fr=vis", "--concept", "screw")
    [own] = run.json("terms", "list", "--layer", "installation", "--lang", "fr")["concepts"]
    assert (own["terms"], own["forbidden"]) == ({"fr": ["boulon"]}, {"fr": ["vis"]})
    assert shown(run, "keller")["keller/S-1"] == "Boulon"


def test_import_names_the_wrong_rows_and_takes_the_rest(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("concept,kind,de,fr\nx,product,Schraube,boulon\ny,thing,Mutter,écrou\n")
    report = run.json("terms", "import", "t.csv", "--supplier", "keller")
    assert {name: report[name] for name in ("format", "concepts", "refused", "created", "texts", "langs")} == {
        "format": "csv", "concepts": 1, "refused": 1, "created": 1, "texts": 0, "langs": ["de", "fr"],
    }  # fmt: skip
    [error] = report["errors"]
    assert (error["file"], error["line"], error["concept"], error["code"]) == ("t.csv", 3, "y", "kind")
    assert "t.csv, line 3: kind 'thing'" in run("terms", "import", "t.csv", "--supplier", "keller")


def test_nothing_taken_is_status_3(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("concept,kind,de\ny,thing,Mutter\n")
    report = run.json("terms", "import", "t.csv", status=3)
    assert report["concepts"] == 0
    assert "no concept was taken" in run.err
    (tmp_path / "t.csv").write_bytes(b"\x00\x01\x02")
    run("terms", "import", "t.csv", status=3)


@pytest.mark.parametrize("command", [("terms", "import"), ("memory", "import"), ("import", "--supplier", "keller")])
def test_a_file_that_is_not_there_is_wrong_usage_everywhere(run: Run, command: tuple[str, ...]) -> None:
    run(*command, "none.csv", status=2)
    assert run.err == "lexicart: none.csv: no such file\n"


@pytest.mark.parametrize("name", ["t.csv", "t.tbx"])
def test_export_and_import_are_inverse(run: Run, tmp_path: Path, name: str) -> None:
    run("terms", "add", "--term", "de=Schraube", "--term", "fr=boulon", "--category", "A > B", "--supplier", "keller")
    run("terms", "add", "--dnt", "Dri-FIT", "--supplier", "keller")
    run("terms", "forbid", "de=billig", "--supplier", "keller")
    before = run.json("terms", "list", "--supplier", "keller", "--layer", "supplier")
    assert run.json("terms", "export", name, "--supplier", "keller")["concepts"] == 3
    run("terms", "remove", "--all", "--supplier", "keller")
    assert run.json("terms", "list", "--supplier", "keller", "--layer", "supplier")["concepts"] == []
    run("terms", "import", name, "--supplier", "keller")
    assert run.json("terms", "list", "--supplier", "keller", "--layer", "supplier") == before


def test_taxonomy_files_of_two_languages(run: Run, tmp_path: Path) -> None:
    head = "# Google_Product_Taxonomy_Version: 2021-09-21\n"
    (tmp_path / "g.de-DE.txt").write_text(f"{head}1 - Haus > Lampenschirme\n")
    (tmp_path / "g.fr-FR.txt").write_text(f"{head}1 - Maison > Abat-jour\n")
    report = run.json("terms", "import", "g.de-DE.txt", "g.fr-FR.txt")
    assert (report["format"], report["concepts"], report["langs"]) == ("google", 1, ["de", "fr"])
    # A further language joins those that are there.
    (tmp_path / "g.txt").write_text(f"{head}1 - Home > Lamp shades\n")
    assert run.json("terms", "import", "g.txt", "--lang", "en")["updated"] == 1
    [concept] = run.json("terms", "list", "--layer", "installation")["concepts"]
    assert concept["terms"] == {"de": ["Lampenschirme"], "en": ["Lamp shades"], "fr": ["Abat-jour"]}
    assert concept["preferred"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add",), "name at least one term"),
        (("add", "--term", "Schraube"), "no LANG=TERM"),
        (("add", "--term", "xx=Schraube"), "no LANG=TERM"),
        (("add", "--term", "de=Schraube", "--kind", "thing"), "kind 'thing'"),
        (("add", "--term", "de=Schraube", "--supplier", "A B"), "supplier 'A B'"),
        (("add", "--term", "de=a", "--concept", "a b"), "an id has"),
        (("forbid", "de=Handy", "--concept", "nonsense"), "no concept 'nonsense'"),
        (("remove",), "name the concepts"),
        (("remove", "nonsense"), "no concept 'nonsense'"),
        (("export", "t.txt"), "end the name in .csv or .tbx"),
    ],
)
def test_wrong_usage_is_status_2(run: Run, arguments: tuple[str, ...], said: str) -> None:
    run("terms", *arguments, status=2)
    assert said in run.err


def test_a_supplier_without_products_is_named(run: Run) -> None:
    run("terms", "add", "--term", "de=Schraube", "--supplier", "kellre")
    assert "supplier 'kellre' has no products here yet" in run.err


def test_what_people_read(run: Run) -> None:
    stock(run, "keller")
    run("translate")
    said = run("terms", "add", "--term", "de=Schraube", "--term", "fr=boulon", "--term", "fr=vis")
    assert "schraube-de (installation, product)" in said
    assert "fr  boulon | vis" in said
    assert "1 texts may contain them" in said
    assert "!billig" in run("terms", "forbid", "de=billig")
    assert "never translated, in Boote" in run("terms", "add", "--dnt", "Tau", "--category", "Boote")
    assert "3 concepts written" in run("terms", "export", "t.csv")
    assert "3 concepts removed" in run("terms", "remove", "--all")
