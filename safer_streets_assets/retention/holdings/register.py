"""The retention register: one line a holding, from what lies there and what is on record."""

from __future__ import annotations

from datetime import date

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.holdings.clocks import Clocks
from safer_streets_assets.retention.holdings.holding import Holding
from safer_streets_assets.retention.holdings.inventory import inventory
from safer_streets_assets.retention.holdings.known import read_known
from safer_streets_assets.retention.holdings.opening import readable
from safer_streets_assets.retention.holdings.register_of_files import FileLines
from safer_streets_assets.retention.holdings.register_of_stores import StoreLines
from safer_streets_assets.stores import DataFolder, StoreName, open_stores
from safer_streets_assets.stores.database import refuse_missing_registers


def read_register(folder: DataFolder, policy: Policy, today: date) -> list[Holding]:
    """The register, read with every store that opens.

    A store that does not is listed without rows: an interrupted erasure looks like that, and so
    does damage.

    Raises:
        StoreError: the registers are missing beside the stores, or do not open.
    """
    refuse_missing_registers(folder)
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
