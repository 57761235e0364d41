"""Whether anything is new: what the newest release was made of against what is there now."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from safer_streets_assets import __version__
from safer_streets_assets.cohort.reviews import links_digest
from safer_streets_assets.intake.ledger_counts import drops_digest
from safer_streets_assets.policy import Policy
from safer_streets_assets.quotes.records import quotes_digest
from safer_streets_assets.release.report import INDEX
from safer_streets_assets.release.standing import State, read_standings
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.queries import one_number, transaction
from safer_streets_assets.stores.registers import evaluation_closed, now_utc


@dataclass(frozen=True)
class NewestRelease:
    """The newest release on the register, how it stands, the id of the current release, and
    whether the newest is of today's drops, policy and code, with all that shows the current one in
    its place, and the research store beside it."""

    release_id: str
    number: int
    state: State
    current: str | None
    is_up_to_date: bool


def record_up_to_date(
    connection: duckdb.DuckDBPyConnection, policy: Policy, release_id: str
) -> None:
    """Records what the newest release is up to date with; the registers are writable."""
    with transaction(connection):
        connection.execute("DELETE FROM registers.brought_up_to_date")
        connection.execute(
            "INSERT INTO registers.brought_up_to_date VALUES (?, ?, ?, ?, ?)",
            [release_id, *_facts(connection, policy), now_utc()],
        )


def newest_release(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> NewestRelease | None:
    """The newest release; None when none was made yet. The registers are attached.

    Raises:
        ReleaseError: the register of what became of releases was changed.
    """
    standings = read_standings(folder, connection)
    newest, current = standings.newest, standings.current
    if newest is None:
        return None
    same = one_number(
        connection,
        "SELECT count(*) FROM registers.brought_up_to_date WHERE release_id = ? "
        "AND drops_hash = ? AND policy_hash = ? AND code_version = ?",
        [newest.release_id, *_facts(connection, policy)],
    )
    waiting = one_number(
        connection, "SELECT count(*) FROM registers.drops WHERE state IN ('arrived', 'released')"
    )
    shown = current is None or (
        (folder.published / "published.duckdb").is_file() and (folder.published / INDEX).is_file()
    )
    there = (folder.releases / newest.release_id).is_dir() and (
        folder.database("research").exists() or evaluation_closed(connection)
    )
    return NewestRelease(
        newest.release_id,
        newest.number,
        newest.state,
        None if current is None else current.release_id,
        same == 1 and waiting == 0 and there and shown,
    )


def renamed_inputs(
    connection: duckdb.DuckDBPyConnection, renamed: Mapping[str, str]
) -> dict[str, str]:
    """What the hash of the inputs becomes when near misses get other ids: old hash to new hash."""
    return {_inputs_digest(connection): _inputs_digest(connection, renamed)}


def _facts(connection: duckdb.DuckDBPyConnection, policy: Policy) -> tuple[str, str, str]:
    return _inputs_digest(connection), policy.digest, __version__


def _inputs_digest(
    connection: duckdb.DuckDBPyConnection, renamed: Mapping[str, str] | None = None
) -> str:
    """SHA-256 over the loaded drops, the accepted links and the approved quotes; the registers are
    attached."""
    parts = [drops_digest(connection), links_digest(connection, renamed), quotes_digest(connection)]
    return hashlib.sha256(" ".join(filter(None, parts)).encode()).hexdigest()
