"""The aggregates of all tables at every level they may be printed at, made and found again."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pandas as pd

from safer_streets_assets.disclosure.aggregate import (
    COARSER,
    SCHEMA,
    aggregate,
    load_aggregate,
    store_aggregate,
)
from safer_streets_assets.disclosure.coarsening import path_of, stored_name
from safer_streets_assets.disclosure.core_tables import RecordedLevels
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.queries import tables_in


def make_all(connection: duckdb.DuckDBPyConnection, policy: Policy) -> int:
    """Counts every table at its finest level, and those that may be coarsened at each other one:
    anew from the rows, since a median of groups is none of their medians.

    The research store is attached for writing, `define_lists` was called. Returns how many rows the
    tables at their finest levels have.
    """
    rows = 0
    connection.execute(f"DROP SCHEMA IF EXISTS research.{COARSER} CASCADE")
    for name in policy.tables.tables:
        frame = aggregate(connection, policy, name)
        store_aggregate(connection, name, frame)
        rows += len(frame)
        for levels in path_of(policy, name):
            key = stored_name(name, levels)
            if key != name:
                coarser = aggregate(connection, policy.at_levels({name: levels}), name)
                store_aggregate(connection, key, coarser, COARSER)
    return rows


def load_all(connection: duckdb.DuckDBPyConnection, policy: Policy) -> dict[str, pd.DataFrame]:
    """Every aggregate by `stored_name`; the research store is attached."""
    finest = {name: load_aggregate(connection, name) for name in policy.tables.tables}
    made = tables_in(connection, "research", COARSER)
    return {**finest, **{name: load_aggregate(connection, name, COARSER) for name in made}}


def at_levels(
    aggregates: Mapping[str, pd.DataFrame], levels: RecordedLevels
) -> dict[str, pd.DataFrame]:
    """The aggregate of each table at its level, from those of `load_all`."""
    names = [name for name in aggregates if " (" not in name]
    return {name: aggregates[stored_name(name, levels.get(name, {}))] for name in names}


def load_at_levels(
    connection: duckdb.DuckDBPyConnection, names: list[str], levels: RecordedLevels
) -> dict[str, pd.DataFrame]:
    """The aggregates of some tables at their levels; the research store is attached."""
    found = {}
    for name in names:
        key = stored_name(name, levels.get(name, {}))
        found[name] = load_aggregate(connection, key, SCHEMA if key == name else COARSER)
    return found
