"""Drops by the beginning of their id, and what the ledger says of one."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores.ids import FEWEST_DIGITS


class DropDecisionError(SaferStreetsError):
    """A drop cannot be held, released or refused."""


def find_drop(connection: duckdb.DuckDBPyConnection, text: str, waiting: Iterable[str] = ()) -> str:
    """The drop whose id begins with a text of at least 8 digits; the registers are attached.

    `waiting` are ids of drops in the landing folder, which need not be on the ledger.

    Raises:
        DropDecisionError: the text is too short, or begins no drop's id, or more than one.
    """
    start = text.strip().lower()
    if len(start) < FEWEST_DIGITS:
        raise DropDecisionError(
            f"Give at least {FEWEST_DIGITS} digits of the id; safer-streets drops list has them."
        )
    rows = connection.execute(
        "SELECT drop_id FROM registers.drops WHERE starts_with(drop_id, ?) LIMIT 2", [start]
    ).fetchall()
    found = {str(drop_id) for (drop_id,) in rows}
    found |= {drop_id for drop_id in waiting if drop_id.startswith(start)}
    if not found:
        raise DropDecisionError("No drop has this id; safer-streets drops list has them.")
    if len(found) > 1:
        raise DropDecisionError("More than one drop has this id; give more digits of it.")
    return found.pop()


def on_the_ledger(connection: duckdb.DuckDBPyConnection, drop_id: str) -> bool:
    """Whether a run, or an operator's decision, has put a drop on the ledger."""
    return state_of_drop(connection, drop_id)[0] != "unknown"


def state_of_drop(connection: duckdb.DuckDBPyConnection, drop_id: str) -> tuple[str, str | None]:
    """State and reason of a drop, or unknown; the registers are attached."""
    row = connection.execute(
        "SELECT state, reason FROM registers.drops WHERE drop_id = ?", [drop_id]
    ).fetchone()
    return (row[0], row[1]) if row else ("unknown", None)


def source_on_ledger(connection: duckdb.DuckDBPyConnection, drop_id: str) -> str:
    """The source that the ledger has of a drop, or unknown; the registers are attached."""
    row = connection.execute(
        "SELECT source FROM registers.drops WHERE drop_id = ?", [drop_id]
    ).fetchone()
    return row[0] if row else "unknown"
