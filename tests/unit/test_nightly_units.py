"""The units and the crontab line of deploy/: they are what systemd takes, they run the night, and hide no failure."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from api.cli import lexicart
from catalog.errors import GateRefusedError, NothingTakenError, UnavailableError, UsageError
from tests.conftest import ROOT, absent

DEPLOY = ROOT / "deploy"
SERVICE, TIMER, ALARM = "lexicart-nightly.service", "lexicart-nightly.timer", "lexicart-alarm@.service"
LONGEST_COMMAND_OF_CRON = 998
NIGHTLY = "/opt/lexicart/bin/lexicart nightly"


def unit(name: str) -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None, strict=True)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read_string((DEPLOY / "systemd" / name).read_text(encoding="utf-8"))
    return found


def test_the_service_runs_the_night_once() -> None:
    service = unit(SERVICE)["Service"]
    assert (service["Type"], service["ExecStart"]) == ("oneshot", NIGHTLY)
    command = lexicart.get_command(None, NIGHTLY.split()[1])  # type: ignore[arg-type]
    assert command is not None
    assert service["TimeoutStartSec"] == "infinity"
    assert service["KillMode"] == "mixed"


def test_no_failure_is_a_success_and_only_what_is_away_is_tried_again() -> None:
    parsed = unit(SERVICE)
    service = parsed["Service"]
    assert "SuccessExitStatus" not in service
    assert not service["ExecStart"].startswith("-")
    given_up = {int(status) for status in service["RestartPreventExitStatus"].split()}
    assert {error.exit_status for error in (GateRefusedError, NothingTakenError, UsageError)} <= given_up
    assert (service["Restart"], UnavailableError.exit_status in given_up) == ("on-failure", False)
    assert int(parsed["Unit"]["StartLimitBurst"]) > 1
    assert parsed["Unit"]["OnFailure"] == f"{ALARM.replace('@', '@%n')}"


def test_the_timer_catches_up_and_starts_the_service() -> None:
    timer = unit(TIMER)
    assert (timer["Timer"]["Persistent"], timer["Timer"]["Unit"]) == ("true", SERVICE)
    assert timer["Install"]["WantedBy"] == "timers.target"
    assert "Install" not in unit(SERVICE)


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        absent("systemd", "no systemd-analyze on this machine")
    for path in (DEPLOY / "systemd").iterdir():
        text = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/sh", path.read_text(encoding="utf-8"))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    for name in (SERVICE, TIMER):
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, check=False
        )
        ours = [line for line in done.stderr.splitlines() if "lexicart" in line]
        assert (done.returncode, ours) == (0, [])


def line_of_cron(folder: Path, settings: str | None, script: str) -> subprocess.CompletedProcess[str]:
    """Run the crontab's command in ``sh`` with a file of settings (``None``: it is missing) and a program of ours."""
    text = (DEPLOY / "cron" / "lexicart").read_text(encoding="utf-8")
    assert text.endswith("\n")  # cron leaves a last line without it out, in silence
    (line,) = (line for line in text.splitlines() if re.match(r"\d", line))
    fields = line.split(None, 6)
    assert (len(fields), fields[5]) == (7, "lexicart")
    assert NIGHTLY in fields[6]
    assert "%" not in fields[6]
    assert len(line) < LONGEST_COMMAND_OF_CRON
    if settings is not None:
        (folder / "env").write_text(settings, encoding="utf-8")
    program = folder / "lexicart"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    command = fields[6].replace("/etc/lexicart/lexicart.env", str(folder / "env"))
    command = command.replace("/opt/lexicart/bin/lexicart", str(program))
    return subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"}
    )


@pytest.mark.parametrize("status", [0, 4, 5])
def test_the_line_of_cron_speaks_only_of_failures_and_passes_the_status_on(tmp_path: Path, status: int) -> None:
    settings = "LEXICART_HOME=/somewhere\n"
    done = line_of_cron(tmp_path, settings, f'echo "night of $LEXICART_HOME" >&2\nexit {status}')
    assert (done.returncode, done.stderr) == (status, "")
    said = f"night of /somewhere\nlexicart nightly ended with status {status}; reports: /var/lib/lexicart/reports\n"
    assert done.stdout == (said if status else "")


def test_the_line_of_cron_takes_settings_as_they_stand(tmp_path: Path) -> None:
    given = {
        "LEXICART_DATABASE_URL": "postgresql+psycopg://u:p$1;`x`@h/d?sslmode=verify-full&sslrootcert=/etc/ca's.pem",
        "LEXICART_HOME": "/a folder  with #1 | $HOME > & *",
        "LEXICART_ENGINES": "",
        "LEXICART_LANGS": "de,en",
    }
    lines = "\n".join(f"{name}={value}" for name, value in given.items())
    done = line_of_cron(tmp_path, f"# what it is for & more\n\n; $(exit 9)\n  {lines}", f"env >'{tmp_path}/seen'")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    seen = (tmp_path / "seen").read_text(encoding="utf-8").splitlines()
    assert sorted(one for one in seen if "LEXICART" in one) == sorted(f"{name}={given[name]}" for name in given)


@pytest.mark.parametrize(
    "settings", ["A=1\nLEXICART_HOME='/x'\n", 'LEXICART_HOME="/x"', "A=\\\nB=1\n", "export LEXICART_HOME=/x\n", None]
)
def test_no_night_begins_with_settings_that_cron_and_systemd_would_read_differently(
    tmp_path: Path, settings: str | None
) -> None:
    done = line_of_cron(tmp_path, settings, f"echo began >'{tmp_path}/seen'")
    assert (done.returncode, (tmp_path / "seen").exists()) == (2, False)
    assert done.stdout + done.stderr


def test_the_page_names_every_setting_and_status_of_the_night() -> None:
    page = (ROOT / "docs" / "nightly.md").read_text(encoding="utf-8")
    for name in (
        "DROP_DIR", "DROP_SETTLED_SECONDS", "DROP_TEMPORARY", "FULL_BUILD_DAYS", "NIGHTLY_WAIT_MINUTES", "KEEP_REPORTS",
    ):  # fmt: skip
        assert f"LEXICART_{name}" in page
    assert all(f"| {status} |" in page for status in range(6))
    for path in re.findall(r"\]\((\.\./deploy/[^)]*)\)", page):
        assert (ROOT / "docs" / path).exists(), path
    assert "deploy/systemd" in page
    assert "deploy/cron" in page
