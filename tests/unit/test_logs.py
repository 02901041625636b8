"""Messages on standard error: one JSON document a line, nothing secret, and a line for each request."""

import json
import logging
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.logs import formatter
from api.settings import load
from tests.conftest import ROOT


def record(message: str, *args: object, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("lexicart.worker", logging.WARNING, "x.py", 1, message, args, None)
    vars(made).update(fields)
    return made


def as_json(made: logging.LogRecord) -> dict[str, Any]:
    line = formatter("json").format(made)
    assert "\n" not in line
    assert line.isascii()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_of_json_has_the_record_and_its_further_fields() -> None:
    found = as_json(record("%d Öle\nzwei", 2, supplier="keller", seconds=0.5, rate=float("nan"), place=Path("a")))
    moment = datetime.fromisoformat(found.pop("time"))
    assert moment.utcoffset() == UTC.utcoffset(None)
    assert found == {
        "level": "WARNING",
        "logger": "lexicart.worker",
        "message": "2 Öle\nzwei",
        "supplier": "keller",
        "seconds": 0.5,
        "rate": "nan",
        "place": "a",
    }


def test_an_exception_is_a_field() -> None:
    made = record("failed")
    try:
        raise ValueError("no such file")
    except ValueError:
        made.exc_info = sys.exc_info()
    found = as_json(made)
    assert found["exception"].startswith("Traceback")
    assert found["exception"].endswith("ValueError: no such file")


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_secrets_are_left_out_of_messages_tracebacks_and_fields(log_format: str) -> None:
    made = record("can't reach %s", "https://elastic:hunter2@node-1:9200", api_key="hunter2", url="a://b:hunter2@c")
    try:
        raise ValueError("Bearer hunter2hunter2, Authorization: Basic aHVudGVyMg==; a basic explanation")
    except ValueError:
        made.exc_info = sys.exc_info()
    line = formatter(log_format).format(made)
    assert "node-1:9200" in line
    assert "a basic explanation" in line
    for secret in ("hunter2@node", "hunter2hunter2", "aHVudGVyMg", ":hunter2"):
        assert secret not in line
    assert '"hunter2"' not in line


def test_each_request_is_one_line_without_what_was_asked(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with (
        TestClient(create_app(load(home=tmp_path))) as client,
        caplog.at_level(logging.INFO, logger="lexicart.access"),
    ):
        client.get("/v1/products/keller/secret-sku", params={"lang": "de", "q": "secret-query"})
        client.get("/secret-path?x=secret")
    lines = [as_json(one) for one in caplog.records if one.name == "lexicart.access"]
    assert [(one["method"], one["path"], one["status"]) for one in lines] == [
        ("GET", "/v1/products/{supplier}/{sku}", 404),
        ("GET", "(none)", 404),
    ]
    assert all(one["milliseconds"] > 0 for one in lines)
    assert "secret" not in json.dumps(lines)


def test_all_that_serve_says_is_json_uvicorn_too(tmp_path: Path) -> None:
    others = {name: value for name, value in os.environ.items() if not name.startswith("LEXICART_")}
    mine = {"LEXICART_HOME": str(tmp_path), "LEXICART_LOG_FORMAT": "json", "LEXICART_LOG_LEVEL": "INFO"}
    process = subprocess.Popen(
        [sys.executable, "-m", "api", "serve", "--port", "0"],
        cwd=ROOT,
        env=others | mine,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(json.loads(line))
        if "url" in lines[-1]:
            process.send_signal(signal.SIGTERM)
    process.wait(30)
    process.stderr.close()
    assert {"uvicorn.error", "lexicart.serve"} <= {line["logger"] for line in lines}
