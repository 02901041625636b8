"""Builder, worker and nightly run killed at random instants, on each database and backend; see :mod:`tests.job_kills`.

Three kills each in `make test-all`, eight (thirty-two in all) where changes land.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, STORM
from tests.servers.stores import Server

pytestmark = STORM
KILLS = -(-int(os.environ.get("LEXICART_TEST_KILLS", "3")) * 3 // 4)


@pytest.mark.parametrize("backend", ["embedded", "elasticsearch"])
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_nothing_is_half_lost_or_doubled(
    store: str, backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tests.job_kills", "--kills", str(KILLS), "--langs", "en,fr,ja"]
    if store == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        command += ["--database", server.url_of(str(tmp_path), ready=False)]
    if backend == "elasticsearch":
        command += ["--elasticsearch", request.getfixturevalue("elasticsearch_url")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1_800)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{KILLS} killed" in done.stdout
