"""Runs of intake that are killed and run again, each in a child, and what is held afterwards.

Every run of a scenario lies at the same path, because marks of sends are hashes of paths, and has
the same clock. The stores are encrypted by DuckDB's own module instead of the signed one: the files
are of the same format, and loading the other takes a tenth of a second each time.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from safer_streets_assets.intake import take_in as taking
from safer_streets_assets.intake.landing import drop_id_of, look_at_landing
from safer_streets_assets.intake.quarantine import key_name, sealed_path_name
from safer_streets_assets.intake.readers import (
    DropReader,
    ReadLimits,
    ReadRequest,
    UnreadableDrop,
)
from safer_streets_assets.intake.returns import write_returns
from safer_streets_assets.stores import DataFolder, Keys, database, files, open_stores
from safer_streets_assets.stores.keys import KeyMissingError
from safer_streets_assets.stores.lock import run_lock
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets.stores.sealed import SealError, unseal
from safer_streets_assets_tests.intake.crash.children import in_child, killed_in_child
from safer_streets_assets_tests.intake.crash.held import everything, rows_of_drop
from safer_streets_assets_tests.intake.crash.moments import Moment, Watch
from safer_streets_assets_tests.intake.crash.scenarios import BEFORE, Scenario, small_policy
from safer_streets_assets_tests.privacy.traces import traces

AFTER = datetime(2021, 2, 1, 12)
MEMORY = Path("/dev/shm")


def whole_intake(folder: DataFolder) -> None:
    """What the sensor and the assets of intake do with what lies in the landing, in their order."""
    policy = small_policy()
    look_at_landing(folder)
    with run_lock(folder.lock):
        preflight(folder)
        with open_stores(folder, write=["restricted", "registers"]) as connection:
            taking.register_landing(connection, folder, policy)
        for name in policy.sources:
            with open_stores(folder, write=["restricted", "registers"]) as connection:
                taking.take_in(connection, folder, policy, name)
        with open_stores(folder, read=["restricted", "registers"]) as connection:
            write_returns(connection, folder, policy)
    look_at_landing(folder)


@dataclass
class Crashes:
    """One scenario at one place: its runs, killed or not."""

    place: Path
    scenario: Scenario
    reader: DropReader
    moments: list[Moment] = field(default_factory=list)
    expected: dict[str, bytes] = field(default_factory=dict)
    landed: dict[str, bytes] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> DataFolder:
        """The data folder of every run."""
        return DataFolder(root=self.place / "data", keys=self.place / "data" / "keys")

    def prepare(self) -> None:
        """Fills the landing, and takes in what lies there without an interruption."""
        self.child(self._fill, BEFORE)
        shutil.move(self.folder.root, self.place / "template")
        self.restore()
        self.landed = {
            str(path.relative_to(self.folder.root)): path.read_bytes()
            for path in self.folder.landing.rglob("*")
            if path.is_file()
        }
        self.moments = self.child(self._counted, AFTER)
        self.expected, self.rows = self.child(self._ended, AFTER)

    def restore(self) -> None:
        """The data folder as it was before the run."""
        shutil.rmtree(self.folder.root, ignore_errors=True)
        shutil.rmtree(self.place / "tmp", ignore_errors=True)
        (self.place / "tmp").mkdir()
        shutil.copytree(self.place / "template", self.folder.root)

    def killed(self, number: int, at: datetime = AFTER) -> bool:
        """Runs, and is killed at the moment of that number; False when there is none."""

        def work() -> None:
            self.begin(at, Watch(self.place, number))
            whole_intake(self.folder)

        return killed_in_child(work, self.answer)

    def wrong_after(self, *numbers: int, days: int = 0) -> list[str]:
        """What is wrong once runs were killed at these moments and another came to its end.

        With `days` each of the runs is that much later than the one before it; what is held then
        is compared but for which of their times it is.
        """
        self.restore()
        times = [AFTER + timedelta(days=days * n) for n in range(len(numbers) + 1)]
        for number, at in zip(numbers, times, strict=False):
            self.killed(number, at)
        return self.wrong_once_finished(times)

    def wrong_once_finished(self, times: Sequence[datetime] = (AFTER,)) -> list[str]:
        """What is wrong now, and once another run came to its end at the last of the times."""
        return list(self.child(lambda: self._wrong(times), times[-1]))

    def _wrong(self, times: Sequence[datetime]) -> list[str]:
        wrong = self._lost_or_told()
        whole_intake(self.folder)
        found = {name: as_of(content, times) for name, content in self.held().items()}
        names = sorted(found.keys() | self.expected.keys())
        return wrong + [name for name in names if found.get(name) != self.expected.get(name)]

    def _lost_or_told(self) -> list[str]:
        """What of the landing is nowhere durable, and which files tell of people, just now.

        A copy is looked at: to open a store is to change it.
        """
        copy = DataFolder(self.place / "look", self.place / "look" / "keys")
        shutil.rmtree(copy.root, ignore_errors=True)
        shutil.copytree(self.folder.root, copy.root)
        outside = [path for path in copy.root.iterdir() if path.name != "landing"]
        told = traces(*outside, self.place / "tmp")
        gone = [n for n, content in self.landed.items() if not _is(copy.root / n, content)]
        lost = []
        if gone:
            with open_stores(copy, read=["restricted"]) as connection:
                lost = [name for name in gone if not self._durable(connection, copy, name)]
        return [f"{path} tells {found}" for path, found in told.items()] + [
            f"{name} is lost" for name in lost
        ]

    def _durable(
        self, connection: duckdb.DuckDBPyConnection, folder: DataFolder, name: str
    ) -> bool:
        """Whether all rows of a drop are in the store, or its bytes in the quarantine."""
        drop_id = drop_id_of(self.place / "template" / name)
        there = rows_of_drop(connection, drop_id)
        if there["loaded_drops"]:
            return _same(there, self.rows[name])
        with contextlib.suppress(SealError, KeyMissingError, OSError):
            key = Keys(folder.keys).read(key_name(drop_id))
            sealed = unseal(folder.quarantine / sealed_path_name(drop_id), key)
            return bool(sealed == self.landed[name]) and _same(there, self.rows[name])
        return False

    @property
    def answer(self) -> Path:
        """The file in which a child hands over what it gives back."""
        return self.place / "answer"

    def child(self, work: Callable[[], Any], at: datetime) -> Any:
        """What some work gives back, done at a time in a child that is ready for a run."""

        def begun() -> Any:
            self.begin(at)
            return work()

        return in_child(begun, self.answer)

    def begin(self, at: datetime, watch: Watch | None = None) -> None:
        """Makes a forked child ready: clock, temporary folder, reader, and what watches it."""
        tempfile.tempdir = os.environ["TMPDIR"] = str(self.place / "tmp")
        for name, module in list(sys.modules.items()):
            if name.startswith("safer_streets_assets.") and hasattr(module, "now_utc"):
                setattr(module, "now_utc", lambda: at)  # noqa: B010
        setattr(database, "connect_with_encryption", _own_encryption)  # noqa: B010
        # Overwriting once leaves the same behind as overwriting again: a hidden file.
        setattr(files.overwrite_and_unlink, "__defaults__", (1,))  # noqa: B010
        # The reading child is the parent's: only the parent can ask whether it has ended.
        subprocess.Popen.poll = lambda popen: None  # type: ignore[method-assign, assignment]
        setattr(taking, "DropReader", lambda: nullcontext(self.reader))  # noqa: B010
        if watch is not None:
            watch.begin()

    def _fill(self) -> None:
        (self.place / "tmp").mkdir()
        self.folder.prepare()
        (self.folder.keys / "sends.key").write_text("5e" * 32)
        (self.folder.keys / "sends.key").chmod(0o600)
        self.scenario(self.folder, whole_intake)  # type: ignore[arg-type]

    def _counted(self) -> list[Moment]:
        watch = Watch(self.place, compare=True)
        self.begin(AFTER, watch)
        whole_intake(self.folder)
        return watch.moments

    def _ended(self) -> tuple[dict[str, bytes], dict[str, Any]]:
        with open_stores(self.folder, read=["restricted"]) as connection:
            rows = {
                name: rows_of_drop(connection, drop_id_of(self.place / "template" / name))
                for name in self.landed
            }
        return self.held(), rows

    def held(self) -> dict[str, bytes]:
        """Everything in the data folder, and what is left in the folder of temporary files."""
        left = [path for path in (self.place / "tmp").rglob("*") if path.is_file()]
        before = [path.name for path in (self.place / "template" / "keys").iterdir()]
        return everything(self.folder, before) | {f"tmp/{p.name}": p.read_bytes() for p in left}


@contextlib.contextmanager
def crashes(scenario: Scenario) -> Iterator[Crashes]:
    """A scenario that has run once without an interruption; in memory where the system can."""
    where = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=where) as place, DropReader() as reader:
        start(reader)
        made = Crashes(Path(place), scenario, reader)
        made.prepare()
        yield made


def start(reader: DropReader) -> None:
    """Starts the reading child: a request for no file is answered like any other."""
    limits = ReadLimits(**small_policy().dpia.intake.limits.model_dump())
    request = ReadRequest(
        path=Path("/nowhere"), columns=(), sheet=None, formats=("csv",), limits=limits, passwords=()
    )
    with contextlib.suppress(UnreadableDrop):
        reader.read(request)


def as_of(content: bytes, times: Sequence[datetime]) -> bytes:
    """What is held with the first of some times in place of the others."""
    for text in (repr, "{:%d/%m/%Y %H:%M}".format):
        for later in times[1:]:
            content = content.replace(text(later).encode(), text(times[0]).encode())
    return content


def _same(rows: object, others: object) -> bool:
    """Whether two sets of rows are the same but for the day on which a run took them in."""
    days = [AFTER + timedelta(days=day) for day in range(3)]
    one, other = (as_of(repr(found).encode(), days) for found in (rows, others))
    return one == other


def _own_encryption() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    connection.execute("SET force_mbedtls_unsafe = true")
    connection.execute("SET threads = 1")
    return connection


def _is(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content
