"""The containers: shut in as far as they can be, healthy when Dagster is, and without data.

No image is built here: what the recipe and the services say is looked at, and their commands and
health checks are run as processes on this machine.
"""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from safer_streets_assets_tests.builders import data_folder
from safer_streets_assets_tests.e2e.commands import PATIENCE, REPOSITORY, Surroundings, run_command

DEPLOY = REPOSITORY / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OF_THE_PRODUCT = ("pages", "daemon")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
KEPT_OUT = (
    "data/README.md",
    "data/restricted/restricted.duckdb",
    "data/keys/restricted.key",
    ".git/config",
    ".venv/bin/python",
    ".ci/run",
    "docs/service.md",
    "requirements-dev.lock",
    "safer_streets_assets_tests/builders.py",
    "safer_streets_assets/__pycache__/cli.cpython-311.pyc",
    ".env",
    "deploy/.env",
)


def let_in(path: str) -> bool:
    """Whether a file goes to the builder by `.dockerignore`: the last line that fits decides."""
    inside = True
    for line in (REPOSITORY / ".dockerignore").read_text().splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        rule = pattern.removeprefix("!").removeprefix("/").removeprefix("**/")
        tails = [path]
        if "**/" in pattern:
            parts = path.split("/")
            tails = ["/".join(parts[start:]) for start in range(len(parts))]
        if any(fnmatch.fnmatch(t, rule) or t.startswith(f"{rule}/") for t in tails):
            inside = pattern.startswith("!")
    return inside


@pytest.mark.parametrize("path", KEPT_OUT)
def test_nothing_but_the_product_goes_into_the_image(path: str) -> None:
    assert not let_in(path)


def test_what_the_recipe_copies_is_there_and_let_in() -> None:
    copied = [
        word
        for line in DOCKERFILE.splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    ]
    assert "requirements.lock" in copied
    for name in copied:
        place = REPOSITORY / name
        assert place.exists(), name
        inside = place if place.is_file() else place / "cli.py"
        assert let_in(str(inside.relative_to(REPOSITORY))), name


def test_the_image_is_installed_by_hash_and_run_by_a_user_of_its_own() -> None:
    installs = [line for line in DOCKERFILE.splitlines() if "pip install" in line]
    assert all("--require-hashes" in one or "--no-deps" in one for one in installs)
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    assert {SERVICES[name]["user"] for name in OF_THE_PRODUCT} == {"10001:10001"}
    assert SERVICES["postgres"]["user"] == "postgres"
    assert "://" not in DOCKERFILE


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_gains_nothing_and_writes_to_its_volumes_alone(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & service.keys()
    assert {one.partition(":")[0] for one in service["volumes"]} <= COMPOSE["volumes"].keys()
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["mem_limit"]
    assert service["pids_limit"]


def test_this_machine_alone_is_let_in_and_the_database_reaches_nobody() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"pages": ["127.0.0.1:3000:3000"]}
    assert SERVICES["postgres"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["postgres"]["profiles"] == ["postgres"]


def test_pages_and_daemon_work_on_the_same_volumes_under_the_same_settings() -> None:
    pages, daemon = (SERVICES[name] for name in OF_THE_PRODUCT)
    for key in ("image", "volumes", "environment", "user"):
        assert pages[key] == daemon[key]
    places = {one.partition(":")[2] for one in pages["volumes"]}
    named = dict(re.findall(r"(SAFER_STREETS_(?:DATA|KEYS))=(\S+)", DOCKERFILE))
    assert set(named.values()) == places


def test_no_password_is_written_down() -> None:
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            if "PASSWORD" in name:
                assert value is None or re.fullmatch(r"\$\{[A-Z]+:-\}", value)


@pytest.mark.skipif(shutil.which("docker") is None, reason="docker is not installed")
def test_docker_reads_the_services_as_they_are_meant() -> None:
    compose = ["docker", "compose", "-f", str(DEPLOY / "compose.yaml"), "--profile", "*"]
    if subprocess.run([*compose[:2], "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker has no compose here")
    read = subprocess.run(
        [*compose, "config", "--quiet"], capture_output=True, text=True, check=False
    )
    assert read.returncode == 0, read.stderr


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def is_healthy(service: str, environment: dict[str, str], port: int) -> bool:
    """Whether the health check of a service says so, run here as in its container."""
    written = SERVICES[service]["healthcheck"]["test"]
    words = [word.replace("3000", str(port)).replace("$$", "$") for word in written]
    assert words[0] == "CMD"
    done = subprocess.run(words[1:], env=environment, capture_output=True, check=False, cwd="/")
    return done.returncode == 0


@contextmanager
def running(service: str, around: Surroundings, data: Path, port: int) -> Iterator[None]:
    """The command of a service, as a process of this machine, until the block ends."""
    words = [str(word).replace("3000", str(port)) for word in SERVICES[service]["command"]]
    said = (around.root / f"{service}.out").open("w")
    started = subprocess.Popen(
        [
            *(sys.executable, "-c", "from safer_streets_assets.program import main; main()"),
            *words,
            *("--data", str(data)),
        ],
        cwd=around.folders[2],
        env=around.environment(),
        stdout=said,
        stderr=said,
    )
    try:
        yield
        assert started.poll() is None, f"{service} has ended: {shlex.join(words)}"
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(timeout=PATIENCE)
        said.close()


@pytest.mark.thorough
def test_a_service_is_healthy_when_its_part_of_dagster_is_there(tmp_path: Path) -> None:
    folder, port = data_folder(tmp_path / "data"), free_port()
    around = Surroundings(tmp_path / "around").prepare()
    environment = around.environment(
        PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        SAFER_STREETS_DATA=str(folder.root),
        SAFER_STREETS_DAGSTER=str(folder.dagster),
        DAGSTER_HOME=str(folder.dagster),
    )
    assert not any(is_healthy(service, environment, port) for service in OF_THE_PRODUCT)
    assert not list(folder.dagster.iterdir())
    with running("daemon", around, folder.root, port), running("pages", around, folder.root, port):
        for service in OF_THE_PRODUCT:
            until = time.monotonic() + PATIENCE
            while not is_healthy(service, environment, port):
                assert time.monotonic() < until, (around.root / f"{service}.out").read_text()
                time.sleep(1)
        second = run_command(around, "ui", "--only", "daemon", "--data", str(folder.root))
        assert second.code == 1
        assert "is open on the folder" in second.err
    assert not is_healthy("pages", environment, port)


def test_pages_that_change_something_answer_this_machine_alone(tmp_path: Path) -> None:
    around = Surroundings(tmp_path).prepare()
    refused = run_command(
        around,
        "ui",
        "--operate",
        "--listen",
        "0.0.0.0",
        "--data",
        str(data_folder(tmp_path / "data").root),
    )
    assert refused.code == 1
    assert "leave out --listen or --operate" in refused.err
