"""The tables of performance monitoring in the research store, made behind its gate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb
import pandas as pd

from safer_streets_assets.attitudes.tables import change_may_begin, gate_of_table
from safer_streets_assets.cohort.linkage import define_cohort_rules
from safer_streets_assets.monitoring.completers import COMPLETERS_COLUMNS, completers_table
from safer_streets_assets.monitoring.dropout import DROPOUT_COLUMNS, dropout_by_session
from safer_streets_assets.monitoring.factors import FACTOR_COLUMNS, factors_table
from safer_streets_assets.monitoring.product_limit import quantiles
from safer_streets_assets.policy import Policy
from safer_streets_assets.reoffending.survival import kaplan_meier
from safer_streets_assets.stores.frames import write_frame
from safer_streets_assets.stores.sql_files import quoted_name, read_sql

DAYS = "days_to_stage"
"""The query of the policy that times are computed from."""
TIMES, ENDS, DROPOUT = "time_to_stage", "programme_ends", "dropout_by_session"
FACTORS, COMPLETERS = "factors", "completers_at_start"
QUARTILES = {"median_days": 0.5, "lower_quartile_days": 0.25, "upper_quartile_days": 0.75}
TIMES_COLUMNS: Mapping[str, str] = {
    "stage": "VARCHAR",
    "n": "BIGINT",
    "n_reached": "BIGINT",
    "n_day_known": "BIGINT",
    **dict.fromkeys(QUARTILES, "DOUBLE"),
}


def may_begin(connection: duckdb.DuckDBPyConnection, policy: Policy) -> bool:
    """Whether the gate of performance monitoring is open: that of the published table of times."""
    return gate_of_table(connection, policy, TIMES).is_open


def last_day_known(connection: duckdb.DuckDBPyConnection, policy: Policy) -> date | None:
    """The day that the newest drop of the source of cases stands for; None where none says. The
    registers are attached."""
    found = connection.execute(
        "SELECT max(position_date) FROM registers.drops WHERE source = $1 AND state = 'loaded'",
        [policy.dpia.cases_source],
    ).fetchone()
    return None if found is None else found[0]


def write_times(
    connection: duckdb.DuckDBPyConnection, policy: Policy, last_day: date | None
) -> bool:
    """Rebuilds `research.time_to_stage`; returns whether its gate is open.

    Whoever goes on is followed to `last_day`, or, where that is not known, to the last day on which
    the data shows them. Behind a closed gate the table has no row.
    """
    is_open = may_begin(connection, policy)
    frame = _times(connection, policy, last_day) if is_open else _empty(TIMES_COLUMNS)
    _write(connection, TIMES, frame, TIMES_COLUMNS)
    return is_open


def write_dropout(connection: duckdb.DuckDBPyConnection, policy: Policy) -> bool:
    """Rebuilds `research.programme_ends` and `research.dropout_by_session`; returns whether the
    gate is open. Behind a closed one they have no row."""
    is_open = may_begin(connection, policy)
    connection.execute(
        f"CREATE OR REPLACE TABLE research.{ENDS} AS {policy.sql[f'monitoring/{ENDS}']}",
        _of_ends(policy),
    )
    if not is_open:
        connection.execute(f"DELETE FROM research.{ENDS}")
    ends = connection.execute(f"SELECT session, result FROM research.{ENDS}").df()
    sessions = policy.dpia.cohort.programme_sessions if is_open else 0
    _write(connection, DROPOUT, dropout_by_session(ends, sessions), DROPOUT_COLUMNS)
    return is_open


def write_factors(connection: duckdb.DuckDBPyConnection, policy: Policy) -> bool:
    """Rebuilds `research.factors`; returns whether the gate is open. Behind a closed one it has no
    row."""
    is_open = may_begin(connection, policy)
    frame = factors_table(factor_rows(connection, policy), policy) if is_open else None
    _write(connection, FACTORS, _empty(FACTOR_COLUMNS) if frame is None else frame, FACTOR_COLUMNS)
    return is_open


def write_completers(connection: duckdb.DuckDBPyConnection, policy: Policy) -> bool:
    """Rebuilds `research.completers_at_start`; returns whether the gate of change is open, which it
    waits for as all analysis of scores does. Behind a closed one it has no row."""
    is_open = change_may_begin(connection, policy)
    scores = connection.execute(read_sql("monitoring", COMPLETERS)).df()
    frame = completers_table(scores if is_open else scores.iloc[:0])
    _write(connection, COMPLETERS, frame, COMPLETERS_COLUMNS)
    return is_open


def factor_rows(connection: duckdb.DuckDBPyConnection, policy: Policy) -> pd.DataFrame:
    """One row a person and model, as `factors_table` takes them."""
    return connection.execute(
        policy.sql[f"monitoring/{FACTORS}"],
        _of_factors(policy),
    ).df()


def days_to_stage(
    connection: duckdb.DuckDBPyConnection, policy: Policy, last_day: date | None
) -> pd.DataFrame:
    """One row a person who was assigned and stage: stage, is_at_stage, reached (on a day that is
    known), days."""
    define_cohort_rules(connection, policy)
    return connection.execute(
        policy.sql[f"monitoring/{DAYS}"],
        _of_days(policy, last_day),
    ).df()


def parameters_of_queries(policy: Policy) -> dict[str, Mapping[str, object]]:
    """Each query of the policy that is run here, to the values of its parameters."""
    timed = {f"monitoring/{DAYS}": _of_days(policy, date.min)}
    return {
        **(timed if TIMES in policy.tables.tables else {}),
        f"monitoring/{ENDS}": _of_ends(policy),
        f"monitoring/{FACTORS}": _of_factors(policy),
    }


def _of_days(policy: Policy, last_day: date | None) -> Mapping[str, object]:
    return {
        "stages": policy.monitored.timed,
        "assigned": policy.stage_number(policy.tables.tables[TIMES].population) or 1,
        "midpoint_sessions": policy.dpia.cohort.midpoint_sessions,
        "goes_on": policy.monitored.goes_on,
        "last_day": last_day,
    }


def _of_ends(policy: Policy) -> Mapping[str, object]:
    return {
        "goes_on": policy.monitored.goes_on,
        "programme_sessions": policy.dpia.cohort.programme_sessions,
        "started": _stage(policy, "started"),
    }


def _of_factors(policy: Policy) -> Mapping[str, object]:
    return {
        "goes_on": policy.monitored.goes_on,
        "participants": policy.stage_number("participants"),
        "assigned": _stage(policy, "assigned"),
        "started": _stage(policy, "started"),
    }


def _times(
    connection: duckdb.DuckDBPyConnection, policy: Policy, last_day: date | None
) -> pd.DataFrame:
    people = days_to_stage(connection, policy, last_day)
    rows = []
    for stage in policy.monitored.timed:
        own = people[people["stage"] == stage]
        curve = kaplan_meier(own["days"].to_numpy(float), own["reached"].to_numpy(bool))
        counts = len(own), int(own["is_at_stage"].sum()), int(own["reached"].sum())
        # The printed n_reached counts those without a known day too, on whom no quartile stands.
        enough = counts[-1] >= policy.dpia.thresholds.minimum_base_mean
        days = quantiles(curve, [*QUARTILES.values()]) if enough else [None] * len(QUARTILES)
        rows.append((stage, *counts, *days))
    return pd.DataFrame(rows, columns=[*TIMES_COLUMNS])


def _stage(policy: Policy, name: str) -> int:
    return policy.dpia.cohort.stages.index(name) + 1


def _empty(columns: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(columns=[*columns])


def _write(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    frame: pd.DataFrame,
    columns: Mapping[str, str],
) -> None:
    ordered = frame.assign(row_order=range(len(frame)))
    types = {**columns, "row_order": "BIGINT"}
    write_frame(connection, f"research.{quoted_name(name)}", ordered, types)
