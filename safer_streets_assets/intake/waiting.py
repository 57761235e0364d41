"""Files that wait in the landing folder, shown and named by the hash of their bytes alone.

The name of a file may name a person, so nobody has to write it into a command: what no run has
put on the ledger yet has the id already under which the ledger will know it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.intake.landing import (
    LandingFile,
    drop_id_of,
    files_in_landing,
    look_at_landing,
)
from safer_streets_assets.intake.ledger import register_arrivals
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder


class StillArrivingError(SaferStreetsError):
    """A file cannot be put on the ledger because it is still being written."""


@dataclass(frozen=True)
class WaitingFile:
    """A file in the landing folder: its drop (None when it cannot be read) and its source.

    `saved_at` is in UTC.
    """

    file: LandingFile
    drop_id: str | None
    source: str

    @property
    def saved_at(self) -> datetime:
        """When the file was saved, to the second."""
        saved = datetime.fromtimestamp(self.file.modified_ns // 10**9, UTC)
        return saved.replace(tzinfo=None)


def waiting_files(folder: DataFolder, policy: Policy) -> list[WaitingFile]:
    """The files in the landing folder, by source; each is read for its hash.

    Raises:
        LandingUnreadableError: a folder of the landing cannot be read.
    """
    files, _ = files_in_landing(folder)
    known = policy.dpia.sources
    return [
        WaitingFile(file, _drop_id(file), file.source if file.source in known else "unknown")
        for file in files
    ]


def register_waiting(
    connection: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    policy: Policy,
    drop_id: str,
    now: datetime,
) -> None:
    """Puts the files that hold one drop on the ledger as arrived, as a run would; no others.

    The restricted store and the registers are attached for writing. A file that has not settled is
    looked at twice, the policy's time apart.

    Raises:
        StillArrivingError: a file that held the drop has changed meanwhile.
        LandingUnreadableError: a folder of the landing cannot be read.
    """
    settled = _settled_copies(folder, policy, drop_id)
    if not settled:
        time.sleep(policy.dpia.intake.settle_seconds)
        settled = _settled_copies(folder, policy, drop_id)
    if not settled:
        raise StillArrivingError(
            "This file is still arriving; wait until it is whole and take its new id from "
            "safer-streets drops."
        )
    register_arrivals(connection, folder, settled, policy.dpia.sources, now)


def _settled_copies(folder: DataFolder, policy: Policy, drop_id: str) -> Sequence[LandingFile]:
    look = look_at_landing(folder, *policy.dpia.intake.settling)
    return [file for file in look.settled if _drop_id(file) == drop_id]


def _drop_id(file: LandingFile) -> str | None:
    try:
        return drop_id_of(file.path)
    except OSError:
        return None
