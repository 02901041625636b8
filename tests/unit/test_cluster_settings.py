"""Settings of the Elasticsearch backend, and what commands say where no cluster answers; no server needed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.bootstrap import Parts
from api.settings import describe, load
from catalog.errors import UnavailableError, UsageError
from indexes.elasticsearch.substitutes import read_substitutes
from tests.conftest import ROOT

DEAD = "http://127.0.0.1:9"


def test_several_addresses_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEXICART_ELASTICSEARCH_URL", "http://a:9200, https://b:9243/es")
    assert load().elasticsearch_url == ("http://a:9200", "https://b:9243/es")


@pytest.mark.parametrize("url", ["localhost:9200", "ftp://a", "http://", "http://user:secret@"])
def test_what_is_no_address_is_refused_and_keeps_its_password(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEXICART_ELASTICSEARCH_URL", url)
    with pytest.raises(UsageError, match="LEXICART_ELASTICSEARCH_URL") as refused:
        load()
    assert "secret" not in str(refused.value)


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEXICART_ELASTICSEARCH_URL", "http://user:secret@a:9200")
    monkeypatch.setenv("LEXICART_ELASTICSEARCH_API_KEY", "hidden-key")
    shown = str(describe(load()))
    assert "user:***@a" in shown
    assert "secret@" not in shown
    assert "hidden-key" not in shown


def test_substitutes_are_read() -> None:
    assert read_substitutes(("zh=cjk", " pl = hunspell:pl_PL ")) == {"zh": "cjk", "pl": "hunspell:pl_PL"}
    for wrong in ("zh", "zh=", "xx=cjk"):
        with pytest.raises(UsageError):
            read_substitutes((wrong,))
        with pytest.raises(UsageError, match="LEXICART_ANALYSIS_SUBSTITUTES"):
            load(analysis_substitutes=(wrong,))


def test_each_backend_has_builds_and_tokens_of_its_own(tmp_path: Path) -> None:
    parts = Parts(load(home=tmp_path, index="elasticsearch", elasticsearch_url=(DEAD,), elasticsearch_prefix="shop"))
    assert parts.index.name == "elasticsearch:shop"
    with pytest.raises(UnavailableError, match="can't be reached"):
        parts.analysis()
    parts.cluster.close()
    assert Parts(load(home=tmp_path)).index.name == "embedded"


@pytest.mark.parametrize("arguments", [["index"], ["search", "drill", "--lang", "en"], ["cluster", "check"]])
def test_a_cluster_that_does_not_answer_is_one_line_and_status_4(tmp_path: Path, arguments: list[str]) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LEXICART_")},
        "LEXICART_HOME": str(tmp_path),
        "LEXICART_INDEX": "elasticsearch",
        "LEXICART_ELASTICSEARCH_URL": DEAD,
    }
    done = subprocess.run(
        [sys.executable, "-m", "api", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 4
    assert done.stderr.startswith(f"lexicart: Elasticsearch at {DEAD} can't be reached")
    assert done.stderr.count("\n") == 1
