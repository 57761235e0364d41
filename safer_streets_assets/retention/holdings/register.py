"""The retention register: one line a holding, from what lies there and what is on record.

It is kept as a table of the registers, and says what is due next.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.catalogue import REGISTER
from safer_streets_assets.retention.due import erasure_in_words
from safer_streets_assets.retention.holdings.clocks import Clocks
from safer_streets_assets.retention.holdings.holding import Holding, as_frame
from safer_streets_assets.retention.holdings.inventory import inventory
from safer_streets_assets.retention.holdings.on_record import (
    openable,
    read_beside,
    read_known,
    readable,
)
from safer_streets_assets.retention.holdings.register_lines import FileLines, StoreLines
from safer_streets_assets.stores import (
    DataFolder,
    KeyMissingError,
    StoreError,
    StoreName,
    open_stores,
)
from safer_streets_assets.stores.database import refuse_missing_registers
from safer_streets_assets.stores.frames import write_frame


def read_register(folder: DataFolder, policy: Policy, today: date) -> list[Holding]:
    """The register, read with every store that opens.

    A store that does not is listed without rows: an interrupted erasure looks like that, and so
    does damage.

    Raises:
        StoreError: the registers are missing beside the stores, or do not open.
    """
    refuse_missing_registers(folder)
    # Nearly always every store opens, and then they are opened once.
    with (
        suppress(StoreError, KeyMissingError),
        open_stores(folder, read=openable(folder)) as connection,
    ):
        read_beside(connection)
        return retention_register(folder, connection, policy, today)
    with open_stores(folder, read=_with_registers(folder)) as connection:
        return retention_register(folder, connection, policy, today)


def _with_registers(folder: DataFolder) -> list[StoreName]:
    """What can be read, and the registers even when they cannot: that is an error."""
    return ["registers", *(store for store in readable(folder) if store != "registers")]


def retention_register(
    folder: DataFolder, connection: duckdb.DuckDBPyConnection, policy: Policy, today: date
) -> list[Holding]:
    """One line a holding: a source's rows, a table, a store, a key, a quarantined drop, outputs.

    The registers are attached for reading, and the restricted and research stores where rows are
    to be counted. Together the lines cover every file under the data folder and every key.

    Raises:
        RetentionError: the policy lacks a rule.
    """
    known, units = read_known(connection), inventory(folder)
    clocks = Clocks(policy, known, units, today)
    stores = StoreLines(folder, policy, today, known, units, clocks)
    files = FileLines(folder, policy, today, known, units, clocks)
    rows = [*stores.rows_about_people(), *stores.tables("restricted")]
    research = list(stores.tables("research"))
    return [
        *rows,
        stores.restricted_store(rows),
        *research,
        stores.research_store(research),
        stores.pseudonym_key(),
        *files.quarantined_drops(),
        *files.bundles(),
        *files.asked(),
        *files.landing(),
        *files.without_personal_data(),
        *files.unaccounted(),
    ]


NOT_SET_OFF = "none yet: it is set by the publication of the report"
"""What is said where nothing is due on any day."""


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
