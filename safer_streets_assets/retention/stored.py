"""Keeps the retention register as a table of the registers, and reads what it says is next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import local_date
from safer_streets_assets.retention.holdings import Holding, as_frame
from safer_streets_assets.retention.register import read_register
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.registers import now_utc


def today_of(policy: Policy) -> date:
    """Today in the evaluation's time zone."""
    return local_date(now_utc(), policy.dpia.evaluation.timezone)


def store_register(connection: duckdb.DuckDBPyConnection, holdings: list[Holding]) -> None:
    """Writes the register to `registers.retention_register`, in place of the one before."""
    connection.register("register_rows", as_frame(holdings))
    try:
        connection.execute(
            "CREATE OR REPLACE TABLE registers.retention_register AS SELECT * REPLACE "
            "(triggered_on::DATE AS triggered_on, due_on::DATE AS due_on) FROM register_rows"
        )
    finally:
        connection.unregister("register_rows")


def next_due(folder: DataFolder, policy: Policy) -> tuple[date, str] | None:
    """The next date on which something is due, and what; None when nothing has been set off."""
    return next_of(read_register(folder, policy, today_of(policy)))


def next_of(holdings: Sequence[Holding]) -> tuple[date, str] | None:
    """The same, of a register that was read."""
    dated = [
        (holding.clock.due_on, holding.what)
        for holding in holdings
        if holding.is_held and holding.clock.due_on is not None
    ]
    return min(dated) if dated else None
