"""Keeps the retention register as a table of the registers, and reads what it says is next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.catalogue import REGISTER
from safer_streets_assets.retention.due import erasure_in_words, local_date
from safer_streets_assets.retention.holdings.holding import Holding, as_frame
from safer_streets_assets.stores.frames import write_frame
from safer_streets_assets.stores.registers import now_utc

NOT_SET_OFF = "none yet: it is set by the publication of the report"
"""What is said where nothing is due on any day."""


def today_of(policy: Policy) -> date:
    """Today in the evaluation's time zone."""
    return local_date(now_utc(), policy.dpia.evaluation.timezone)


def store_register(connection: duckdb.DuckDBPyConnection, holdings: list[Holding]) -> None:
    """Writes the register to `registers.retention_register`, in place of the one before."""
    types = {name: doc.type for name, doc in REGISTER.items()}
    write_frame(connection, "registers.retention_register", as_frame(holdings), types)


def next_in_words(holdings: Sequence[Holding], today: date) -> str | None:
    """The next day on which something is due, and what; of what is late, what becomes of it. None
    when nothing has been set off."""
    dated = [
        (holding.clock.due_on, holding.what, holding)
        for holding in holdings
        if holding.is_held and holding.clock.due_on is not None
    ]
    if not dated:
        return None
    due_on, what, first = min(dated, key=lambda one: one[:2])
    if due_on > today:
        return f"{due_on} ({what})"
    said = erasure_in_words(due_on, today) if first.is_due else first.state
    return f"{due_on} ({what}: {said})"
