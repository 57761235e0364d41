"""Quarantine: drops that cannot be taken in, sealed under a key of their own."""

from __future__ import annotations

import os

import duckdb

from safer_streets_assets.intake.decisions import Decision, record_outcome
from safer_streets_assets.intake.landing_copies import clear_landing, holds_drop
from safer_streets_assets.intake.ledger import Arrival
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.sealed import seal


def key_name(drop_id: str) -> str:
    """The name of the key under which a quarantined drop is sealed."""
    return f"drop-{drop_id}"


def sealed_path_name(drop_id: str) -> str:
    """The file name of a quarantined drop in the quarantine folder."""
    return f"{drop_id}.sealed"


def put_back_name(drop_id: str) -> str:
    """The name under which a released drop lies in the landing until it is taken in."""
    return f".{drop_id}.released"


def quarantine(
    connection: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    arrival: Arrival,
    decision: Decision,
    source: str | None = None,
) -> None:
    """Seals a drop, records why, and clears the landing; safe to run again at any point.

    The file is moved unread: only its bytes are encrypted. With a `source` only its folder is
    cleared, for others have yet to judge the drop.
    """
    seal_copy(connection, folder, arrival)
    record_outcome(connection, arrival.drop_id, decision, now_utc(), arrival.source)
    clear_landing(connection, arrival.drop_id, source)


def seal_copy(connection: duckdb.DuckDBPyConnection, folder: DataFolder, arrival: Arrival) -> None:
    """Seals a drop from one of its copies in the landing, and keeps the name it came under."""
    key = Keys(folder.keys).read_or_create(key_name(arrival.drop_id))
    place = folder.quarantine / sealed_path_name(arrival.drop_id)
    there = [path for path in arrival.paths if holds_drop(path, arrival.drop_id)]
    if there:
        descriptor = os.open(there[0], os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as stream:
            seal(stream, place, key)
        if there[0].name != put_back_name(arrival.drop_id):
            connection.execute(
                "INSERT OR REPLACE INTO restricted.quarantined_drops VALUES (?, ?)",
                [arrival.drop_id, os.fsencode(there[0].name).decode("utf-8", "backslashreplace")],
            )


def is_sealed(folder: DataFolder, drop_id: str) -> bool:
    """Whether the sealed file of a drop and its key are both there."""
    place = folder.quarantine / sealed_path_name(drop_id)
    return place.exists() and Keys(folder.keys).exists(key_name(drop_id))
