"""`safer-streets ui` as a process: Dagster's pages and daemon, from begin to end."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from safer_streets_assets_tests.builders import data_folder
from safer_streets_assets_tests.e2e.commands import PATIENCE, Surroundings, is_gone, run_command

BEHIND_A_SHELL = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    "from safer_streets_assets.program import main; main()"
)


def answer(port: int, **headers: str) -> int:
    """The status with which the pages answer."""
    asked = urllib.request.Request(f"http://localhost:{port}/server_info", headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=10) as got:
            return int(got.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def greeted(port: int, **headers: str) -> str:
    """How a web socket of the pages answers."""
    address = f"ws://localhost:{port}/graphql"
    with connect(address, subprotocols=["graphql-ws"], additional_headers=headers) as opened:
        opened.send(json.dumps({"type": "connection_init"}))
        return str(json.loads(opened.recv(timeout=10))["type"])


def wait_for_pages(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            answer(port)
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the pages do not answer")


def below(process: int) -> set[int]:
    """The processes that a process started, and those that they did."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return {int(one) for one in children}.union(*(below(int(one)) for one in children))


@pytest.mark.thorough
def test_pages_and_daemon_live_together_and_end_when_asked_behind_a_shell_too(
    tmp_path: Path,
) -> None:
    folder = data_folder(tmp_path / "data")
    around = Surroundings(tmp_path / "around").prepare()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    words = ["ui", "--port", str(port), "--data", str(folder.root)]
    with subprocess.Popen(
        [sys.executable, "-c", BEHIND_A_SHELL, *words],
        cwd=around.folders[2],
        env=around.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as command:
        try:
            wait_for_pages(port)
            assert answer(port) == 200
            assert answer(port, Origin="http://evil.example") == 403
            assert answer(port, Host="evil.example") == 400
            assert greeted(port) == "connection_ack"
            with pytest.raises(InvalidStatus) as denied:
                greeted(port, origin="http://evil.example")
            assert denied.value.response.status_code == 403
            wait_for_the_daemon(around, str(folder.root))
            command.send_signal(signal.SIGINT)
            started = below(command.pid)
            assert len(started) >= 2
            command.send_signal(signal.SIGTERM)
            said, _ = command.communicate(timeout=PATIENCE)
        finally:
            command.kill()
    assert command.returncode == 0, said
    assert said.splitlines()[-1] == "Dagster is closed."
    assert all(map(is_gone, started))


def wait_for_the_daemon(around: Surroundings, data: str) -> None:
    until = time.monotonic() + PATIENCE
    while "is erased by itself" in run_command(around, "retention", "--data", data).out:
        assert time.monotonic() < until, "the daemon is not there"
        time.sleep(2)
