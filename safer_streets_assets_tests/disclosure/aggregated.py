"""A research store made whole of loaded rows, and its aggregates."""

from __future__ import annotations

import duckdb
import pandas as pd

from safer_streets_assets.attitudes.tables import write_change, write_gates, write_scores
from safer_streets_assets.disclosure.aggregate import aggregate, define_lists
from safer_streets_assets.monitoring.tables import write_dropout, write_times
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import build_cohort


def build_research(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    """Makes all that aggregates are counted from, and the lists that they need."""
    build_cohort(connection, folder)
    write_scores(connection, policy)
    write_gates(connection, policy)
    write_change(connection, policy)
    write_times(connection, policy, None)
    write_dropout(connection, policy)
    define_lists(connection, policy)


def table_of(counted: tuple[duckdb.DuckDBPyConnection, Policy], name: str) -> pd.DataFrame:
    """A table's aggregate, by its dimensions."""
    connection, policy = counted
    return aggregate(connection, policy, name).set_index(list(policy.tables.columns(name)))
