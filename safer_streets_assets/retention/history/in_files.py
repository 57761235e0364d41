"""Dagster's history in SQLite files of the data folder: what is left of deleted runs, and space."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from safer_streets_assets.stores.files import overwrite_and_unlink

LOCK_SECONDS = 5.0
_RUN_FILE = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.db(?:-wal|-shm|-journal)?")


@dataclass(frozen=True)
class HistoryInFiles:
    """The databases below a folder: one of runs, one of the last events, one for each run."""

    home: Path

    def mentions(self, run_id: str, shown: Sequence[str]) -> bool:
        """Whether one of some texts stands in the events of a run."""
        wanted = [text.encode() for text in shown]
        for path in self.home.rglob(f"{run_id}.db*"):
            content = path.read_bytes()
            if any(text in content for text in wanted):
                return True
        return False

    def remove_files(self, instance: dg.DagsterInstance, left: set[str]) -> int:
        """Overwrites and removes the files of runs that are gone; returns how many."""
        files = 0
        for path in sorted(self.home.rglob("*.db*")):
            found = _RUN_FILE.fullmatch(path.name)
            # A run that began just now is known to Dagster before it has a file.
            if found and found[1] not in left and not instance.has_run(found[1]):
                overwrite_and_unlink(path)
                files += 1
        return files

    def compact(self) -> tuple[int, int]:
        """Gives the space of deleted rows back, in every file.

        Returns how many were compacted, and how many Dagster had locked: those are left for the
        next time.
        """
        compacted = locked = 0
        for path in sorted(self.home.rglob("*.db")):
            with closing(sqlite3.connect(path, timeout=LOCK_SECONDS)) as connection:
                try:
                    connection.execute("VACUUM")
                    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                except sqlite3.OperationalError:
                    busy = 1
            compacted, locked = compacted + (not busy), locked + bool(busy)
        return compacted, locked
