"""The units of systemd name commands that are there, and are shut in as far as they can be."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from typer.main import get_command

from safer_streets_assets.cli import app
from safer_streets_assets_tests.e2e.commands import REPOSITORY

UNITS = REPOSITORY / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
SHUT_IN = {
    "User": "safer-streets",
    "NoNewPrivileges": "yes",
    "PrivateTmp": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "CapabilityBoundingSet": "",
    "UMask": "0077",
    "LimitCORE": "0",
    "ReadWritePaths": "/srv/safer-streets",
}
MOST_EXPOSED = 2.0
"""Of 10, by systemd's own reckoning; below 2 it says OK."""


def unit(name: str) -> configparser.ConfigParser:
    """A unit as a file of settings; of a key that stands twice the last."""
    read = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read_string((UNITS / name).read_text(encoding="utf-8"))
    return read


def test_there_is_one_for_dagster_and_one_for_alerts() -> None:
    assert SERVICES == ["safer-streets-alerts.service", "safer-streets.service"]
    assert unit("safer-streets-alerts.timer")["Timer"]["OnCalendar"] == "*:0/15"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_writes_to_its_folder_alone_and_gains_nothing(name: str) -> None:
    service = dict(unit(name)["Service"])
    assert {key: service.get(key) for key in SHUT_IN} == SHUT_IN


@pytest.mark.parametrize("name", SERVICES)
def test_the_command_of_a_service_is_one_that_there_is(name: str) -> None:
    program, *words = unit(name)["Service"]["ExecStart"].split()
    assert Path(program).name == "safer-streets"
    said = CliRunner().invoke(get_command(app), [*words, "--help"])
    assert said.exit_code == 0, said.output


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
@pytest.mark.parametrize("name", SERVICES)
def test_systemd_finds_no_fault_and_little_that_is_open(name: str) -> None:
    checked = subprocess.run(
        ["systemd-analyze", "verify", str(UNITS / name)],
        capture_output=True,
        check=False,
        text=True,
    )
    said = [line for line in checked.stderr.splitlines() if "is not executable" not in line]
    assert said == []
    exposed = subprocess.run(
        [
            "systemd-analyze",
            "security",
            "--offline=yes",
            f"--threshold={MOST_EXPOSED * 10:.0f}",
            str(UNITS / name),
        ],
        capture_output=True,
        check=False,
        text=True,
    )
    assert exposed.returncode == 0, exposed.stdout[-300:]
