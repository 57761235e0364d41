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
    A_LINK,
    NO_FILE,
    TOO_LARGE,
    LandingFile,
    clock_ns,
    drop_id_of,
    files_in_landing,
    left_out,
    look_at_landing,
)
from safer_streets_assets.intake.ledger import register_arrivals
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder


class StillArrivingError(SaferStreetsError):
    """A file cannot be put on the ledger because it is still being written."""


@dataclass(frozen=True)
class Lying:
    """Something in the landing that no run takes in: in which folder, what it is, what to do.

    `since` is when it was saved, in UTC. Its name is not said: it may name a person.
    """

    source: str
    what: str
    since: datetime
    remedy: str


_REMEDIES = {
    A_LINK: "save the file itself, or take it away",
    NO_FILE: "save the file itself, or take it away",
    TOO_LARGE: "ask the sender for a smaller one, and take it away",
}
_WHOLE = "give it another name if it is whole, or take it away"


def lying_about(folder: DataFolder, policy: Policy) -> list[Lying]:
    """What no run takes in and has stayed a day, by source: links, pipes, unfinished files.

    A file that is too large is listed at once.

    Raises:
        LandingUnreadableError: a folder of the landing cannot be read.
    """
    found = []
    a_day_ago = clock_ns() - 24 * 3600 * 10**9
    for left in left_out(folder, policy.dpia.intake.limits.max_bytes):
        if left.modified_ns <= a_day_ago or left.what == TOO_LARGE:
            source = left.source if left.source in policy.dpia.sources else "unknown"
            since = datetime.fromtimestamp(left.modified_ns // 10**9, UTC).replace(tzinfo=None)
            found.append(Lying(source, left.what, since, _REMEDIES.get(left.what, _WHOLE)))
    return sorted(found, key=lambda lying: (lying.source, lying.since, lying.what))


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
    """The files in the landing folder, by source; each is read for its hash unless it is too large.

    Raises:
        LandingUnreadableError: a folder of the landing cannot be read.
    """
    files, _ = files_in_landing(folder)
    known, most = policy.dpia.sources, policy.dpia.intake.limits.max_bytes
    return [
        WaitingFile(
            file,
            _drop_id(file) if file.size <= most else None,
            file.source if file.source in known else "unknown",
        )
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
