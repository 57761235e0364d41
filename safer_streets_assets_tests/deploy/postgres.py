"""A real PostgreSQL for a test: in a folder of its own, on a socket in it, and gone after."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

REQUIRED = "SAFER_STREETS_TESTS_NEED_POSTGRES"
"""Set by `.ci/run`: then a server that is missing is a failure, and not skipped."""
PROGRAMS = Path("/usr/lib/postgresql")
USER, PASSWORD = "historian", "pass/word: 7c41e0"
PATIENCE = 30.0


def program(name: str) -> str | None:
    """One of PostgreSQL's programs: of the newest that Debian has installed, or on the path."""
    for version in sorted(PROGRAMS.glob("*"), key=lambda path: float(path.name), reverse=True):
        if (version / "bin" / name).exists():
            return str(version / "bin" / name)
    return shutil.which(name)


def need_postgres() -> None:
    """Skips the test where there is no PostgreSQL; fails where there has to be one."""
    if program("initdb") is not None:
        return
    said = "PostgreSQL is not installed: apt-get install postgresql has what this test needs"
    if os.environ.get(REQUIRED):
        pytest.fail(said)
    pytest.skip(said)


@dataclass(frozen=True)
class Server:
    """A server: its folder, and as whom its programs run."""

    root: Path
    as_user: tuple[str, ...]

    @property
    def data(self) -> Path:
        """Where it keeps what it is given."""
        return self.root / "data"

    @property
    def tables(self) -> Path:
        """Where its tables lie."""
        return self.data / "base"

    def address(self, database: str) -> str:
        """What an operator writes for one of its databases: without a password."""
        return f"postgresql+psycopg2://{USER}@/{database}?host={quote(str(self.root), safe='')}"

    def run(self, name: str, *words: str, password: str = PASSWORD) -> str:
        """What one of its programs says."""
        done = subprocess.run(
            [*self.as_user, str(program(name)), *words],
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PGPASSWORD": password},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def make(self, database: str) -> str:
        """An empty database of that name; returns its address."""
        self.run("createdb", "-h", str(self.root), "-U", USER, database)
        return self.address(database)

    def ask(self, database: str, sql: str) -> str:
        """What the database answers, unaligned."""
        words = ("-h", str(self.root), "-U", USER, "-d", database, "-AtX", "-c", sql)
        return self.run("psql", *words).strip()


@contextmanager
def running_server() -> Iterator[Server]:
    """A server that knows one user, by password, and whose clock is not in UTC."""
    need_postgres()
    # The path of a socket is to be short, and the server's own user is to get there.
    with tempfile.TemporaryDirectory(prefix="ss-pg-", dir="/tmp") as place:
        root = Path(place)
        server = Server(root, _as_user(root))
        words = root / "password"
        words.write_text(PASSWORD)
        words.chmod(0o644)
        server.run(
            "initdb", "-D", str(server.data), "-U", USER, "--auth=scram-sha-256",
            f"--pwfile={words}", "--no-sync", "-E", "UTF8", "--no-locale",
        )  # fmt: skip
        words.unlink()
        options = ("fsync=off", "listen_addresses=", "timezone=Asia/Tokyo", "max_connections=40")
        with (root / "log").open("w") as log:
            process = subprocess.Popen(
                [
                    *(*server.as_user, str(program("postgres"))),
                    *("-D", str(server.data), "-k", str(root)),
                    *(word for option in options for word in ("-c", option)),
                ],
                cwd="/",
                stdout=log,
                stderr=log,
            )
            try:
                _wait_for(server, process)
                yield server
            finally:
                # A fast end: connections that are open are ended.
                server.run("pg_ctl", "stop", "-D", str(server.data), "-m", "immediate")
                process.wait()


def _as_user(root: Path) -> tuple[str, ...]:
    """What runs a program as somebody who is not root, whom a server refuses."""
    if os.geteuid() != 0:
        return ()
    names = {one.pw_name for one in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(root, user.pw_uid, user.pw_gid)
    return ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    ready = [str(program("pg_isready")), "-q", "-h", str(server.root)]
    while subprocess.run(ready, check=False).returncode != 0:
        assert process.poll() is None, (server.root / "log").read_text()
        assert time.monotonic() < until, (server.root / "log").read_text()
        time.sleep(0.05)
