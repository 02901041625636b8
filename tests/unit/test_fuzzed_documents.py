"""Hostile documents and queries on the embedded index, by its contract, over HTTP and on the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli import main
from api.settings import Settings, load
from indexes.embedded import EmbeddedIndex
from tests.contract.fuzzed_documents import FuzzedDocumentsContract, FuzzedSearchContract
from tests.fakes.lamp import sell_a_lamp


@pytest.fixture
def index(tmp_path: Path) -> Iterator[EmbeddedIndex]:
    with EmbeddedIndex(tmp_path / "indexes") as made:
        yield made


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = load(home=tmp_path_factory.mktemp("fuzzed"), engines="echo", langs="en,ja")
    sell_a_lamp(made)
    return made


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), raise_server_exceptions=False) as made:
        yield made


class TestFuzzedDocuments(FuzzedDocumentsContract):
    """All clauses of the contract."""


class TestFuzzedSearch(FuzzedSearchContract):
    """All clauses of the contract."""


@pytest.mark.parametrize(
    ("query", "status"), [("x" * 100_000, 2), ("\0", 0), ("\ud800", 2), ("*:* AND /.*/", 0), ("\u202e", 0)]
)
def test_any_query_on_the_command_line(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    query: str,
    status: int,
) -> None:
    monkeypatch.setenv("LEXICART_HOME", str(settings.home))
    monkeypatch.setenv("LEXICART_LANGS", "en,ja")
    with pytest.raises(SystemExit) as stopped:
        main(["search", query, "--lang", "en"])
    said = capsys.readouterr().err
    assert stopped.value.code == status, said
    assert "Traceback" not in said
