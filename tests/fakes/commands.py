"""Commands run in this process."""

import json
from typing import Any

import pytest

from api.cli import main


class Run:
    """Runs a command and keeps what it printed on standard error.

    Args:
        capsys: of the test.
    """

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.err = ""

    def __call__(self, *arguments: str, status: int = 0) -> str:
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        printed = self._capsys.readouterr()
        self.err = printed.err
        assert stopped.value.code == status, printed.err
        assert "Traceback" not in printed.err
        return printed.out

    def json(self, *arguments: str, status: int = 0) -> Any:
        return json.loads(self(*arguments, "--json", status=status))
