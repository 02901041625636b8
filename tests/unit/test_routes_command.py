"""``lexicart models routes`` and the settings of routes: what is shown, and what is refused with which status."""

import json
from pathlib import Path

import pytest

from api.settings import load
from tests.fakes.commands import Run
from tests.fakes.seq2seq import converted_model
from translation.engines.seq2seq.families import FLORES


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("LEXICART_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LEXICART_LANGS", "de,en,es,pt")
    for name in ("ENGINES", "ROUTES", "LICENCES"):
        monkeypatch.delenv(f"LEXICART_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    return Run(capsys)


def test_the_ways_of_this_installation(run: Run) -> None:
    found = run.json("models", "routes", "--from", "en", "--from", "es")
    assert (found["licences"], found["rules"], found["warnings"]) == ("business", [], [])
    routes = {row["pair"]: row for row in found["routes"]}
    assert set(routes) == {"en-de", "en-es", "en-pt", "es-de", "es-en", "es-pt"}
    [step] = routes["en-pt"].pop("steps")
    assert step.pop("model")
    assert step == {"pair": "en-pt", "engine": "students", "licence": "MPL-2.0"}
    reason = "students serves en-pt directly (MPL-2.0), first in order"
    assert routes["en-pt"] == {"pair": "en-pt", "rule": None, "reason": reason}
    assert (routes["es-pt"]["steps"], routes["es-pt"]["reason"]) == (
        [], "no engine serves es-pt, nor es-en for the way over English",
    )  # fmt: skip
    assert len(run.json("models", "routes")["routes"]) == 14 * 4


def test_people_see_what_is_served_and_why(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEXICART_ROUTES", "en-pt=fxtranslate, es-de = none")
    lines = run("models", "routes").splitlines()
    assert lines == [
        "pair   why",
        "en-pt  LEXICART_ROUTES says en-pt=fxtranslate: fxtranslate en-pt (MPL-2.0)",
        "es-de  LEXICART_ROUTES says es-de=none: no engine",
        "pt-en  students serves pt-en directly (MPL-2.0), first in order",
        "53 further pairs are served by nothing; --from or --to says why, `models fetch` mends it",
    ]
    assert "de-en  no engine serves de-en" in run("models", "routes", "--to", "en")
    assert [one["name"] for one in run.json("status")["engines"]] == ["students", "fxtranslate"]


def test_an_engine_by_hand_sets_the_rules_aside(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEXICART_ROUTES", "en-pt=none")
    assert run.json("models", "routes", "--from", "en", "--to", "pt")["routes"][0]["steps"] == []
    [row] = run.json("models", "routes", "--from", "en", "--to", "pt", "--engine", "echo")["routes"]
    assert [step["engine"] for step in row["steps"]] == ["echo"]


def test_a_translation_follows_the_rules(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("catalog.csv").write_text("sku;name\nS-1;Green garden hose with nozzle\n", encoding="utf-8")
    run("import", "catalog.csv", "--supplier", "keller", "--lang", "en")
    monkeypatch.setenv("LEXICART_ROUTES", "en-es=echo")
    run("translate")
    texts = [json.loads(line) for line in run("texts").splitlines()]
    assert {one["lang"]: one["engine"] for one in texts if one["lang"] in ("es", "pt")} == {
        "es": "echo", "pt": "students",
    }  # fmt: skip
    monkeypatch.setenv("LEXICART_ROUTES", "en-es=echo,en-pt=none")
    run("translate")
    texts = [json.loads(line) for line in run("texts").splitlines()]
    assert {one["lang"]: one["engine"] for one in texts if one["lang"] == "es"} == {"es": "echo"}
    assert [one["state"] for one in texts if one["lang"] == "pt"] != ["machine"]


@pytest.mark.parametrize(
    ("rules", "status", "message"),
    [
        ("en-de", 2, "wrong setting: LEXICART_ROUTES: 'en-de' is no rule: write PAIR=ENGINE"),
        ("en-xx=echo", 2, "LEXICART_ROUTES: en-xx=echo: unknown language 'xx'"),
        ("en-de=pivot", 2, "LEXICART_ROUTES: en-de=pivot: what begins or ends in English can't"),
        ("en-pt=echo,en-pt=none", 2, "en-pt=echo and en-pt=none contradict each other"),
        ("en-de=nobody", 4, "unknown engine 'nobody'"),
        ("en-de=students", 4, "LEXICART_ROUTES: en-de=students: students serves none of it; it serves en-pt, pt-en"),
        ("de-es=pivot", 4, "LEXICART_ROUTES: de-es=pivot: no engine serves de-en and en-es"),
    ],
)
def test_wrong_rules_are_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch, rules: str, status: int, message: str
) -> None:
    monkeypatch.setenv("LEXICART_ROUTES", rules)
    for command in (("models", "routes"), ("translate",)):
        assert run(*command, status=status) == ""
        assert message in run.err
        assert len(run.err.splitlines()) == 1


def test_settings_show_the_rules_and_the_licences(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEXICART_ROUTES", " EN-pt = students ,de-*=none")
    shown = {row["name"]: row["value"] for row in run.json("settings")["settings"]}
    assert (shown["LEXICART_ROUTES"], shown["LEXICART_LICENCES"]) == ("en-pt=students,de-*=none", "business")
    monkeypatch.setenv("LEXICART_LICENCES", "all")
    run("settings", status=2)
    assert "LEXICART_LICENCES: it should be 'business' or 'any'" in run.err
    assert load(licences="any", routes=()).licences.value == "any"


def test_a_model_for_research_is_not_used_in_business(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("ctranslate2", reason="needs ctranslate2: pip install 'lexicart[ctranslate2]'")
    converted_model(tmp_path / "nllb", [FLORES[lang] for lang in ("de", "en", "es")], "sentencepiece.bpe.model")
    monkeypatch.setenv("LEXICART_ENGINES", "students,ctranslate2")
    monkeypatch.setenv("LEXICART_CTRANSLATE2_MODELS", str(tmp_path / "nllb"))
    monkeypatch.setenv("LEXICART_DEVICE", "cpu")
    [row] = run.json("models", "routes", "--from", "en", "--to", "de")["routes"]
    assert (row["steps"], row["reason"]) == (
        [], "no engine serves en-de; ctranslate2 serves en-de, but CC-BY-NC-4.0 forbids business use",
    )  # fmt: skip
    status = run.json("status")
    assert status["engines"][1]["licences"] == {"CC-BY-NC-4.0": 6}
    assert "engine ctranslate2 does not serve 6 pairs: CC-BY-NC-4.0 forbids business use" in status["warnings"][0]
    assert "warning: engine ctranslate2 does not serve 6 pairs" in run("status")
    run("translate", "--engine", "ctranslate2", status=2)
    assert "engine ctranslate2: CC-BY-NC-4.0 forbids business use; LEXICART_LICENCES=any" in run.err
    monkeypatch.setenv("LEXICART_ROUTES", "en-de=ctranslate2")
    run("models", "routes", status=2)
    assert "LEXICART_ROUTES: en-de=ctranslate2: CC-BY-NC-4.0 forbids business use" in run.err
    monkeypatch.setenv("LEXICART_LICENCES", "any")
    [row] = run.json("models", "routes", "--from", "en", "--to", "de")["routes"]
    assert [(step["engine"], step["model"]) for step in row["steps"]] == [("ctranslate2", "nllb")]
