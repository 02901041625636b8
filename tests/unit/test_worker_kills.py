"""Workers killed at random instants, on each database; see :mod:`tests.worker_kills`.

Nine kills in `make test-all`, thirty where changes land.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, STORM
from tests.servers.stores import open_store

pytestmark = STORM
KILLS = 3 * int(os.environ.get("LEXICART_TEST_KILLS", "3"))


def test_nothing_is_lost_or_doubled(database: str, tmp_path: Path) -> None:
    store = open_store(tmp_path)
    url = store.url.render_as_string(hide_password=False)
    store.dispose()
    command = [sys.executable, "-m", "tests.worker_kills", "--kills", str(KILLS), "--url", url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{KILLS} workers killed at work" in done.stdout
