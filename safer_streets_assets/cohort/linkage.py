"""The linked cohort: eligibility by the staged roll-out, linkage by person, and the funnel."""

from __future__ import annotations

import duckdb
import pandas as pd

from safer_streets_assets.cohort.empty_tables import make_empty
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.built_on import CHECKINS_AGAINST_CRC
from safer_streets_assets.stores.frames import write_frame
from safer_streets_assets.stores.queries import one_number, one_row
from safer_streets_assets.stores.sql_files import read_sql


def define_cohort_rules(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Puts the policy's roll-out, offences, age bands and stages into temporary tables."""
    dpia = policy.dpia
    tables = {
        "opening_dates": pd.DataFrame(
            list(dpia.opening_dates.items()), columns=["borough", "opens"]
        ),
        "offences_in_scope": pd.DataFrame({"offence_code": list(dpia.eligibility.offence_codes)}),
        "age_bands": pd.DataFrame(
            list(dpia.cohort.age_bands.items()), columns=["lower_bound", "age_band"]
        ),
        "funnel_stages": pd.DataFrame(
            list(enumerate(dpia.cohort.stages, start=1)), columns=["stage_number", "stage"]
        ),
    }
    for name, frame in tables.items():
        write_frame(connection, name, frame, temporary=True)


def link_cohort(connection: duckdb.DuckDBPyConnection, policy: Policy) -> int:
    """Rebuilds `research.linked_cohort`; returns the number of people.

    The conformed tables of sources that are not agreed are made empty.
    """
    make_empty(connection, policy)
    define_cohort_rules(connection, policy)
    connection.execute(
        f"CREATE OR REPLACE TABLE research.linked_cohort AS {read_sql('cohort', 'linked_cohort')}",
        {
            "minimum_age": policy.dpia.eligibility.minimum_age,
            "midpoint_sessions": policy.dpia.cohort.midpoint_sessions,
        },
    )
    return one_number(connection, "SELECT count(*) FROM research.linked_cohort")


def funnel_counts(connection: duckdb.DuckDBPyConnection, policy: Policy) -> dict[str, int]:
    """Stage to the number of people who reached it, before protection, in the funnel's order."""
    define_cohort_rules(connection, policy)
    rows = connection.execute(read_sql("cohort", "funnel_counts")).fetchall()
    return {stage: int(n) for stage, n in rows}


def reconcile_checkins(connection: duckdb.DuckDBPyConnection, policy: Policy) -> tuple[int, int]:
    """People who started for whom check-ins and CRC agree, and differ, on sessions attended."""
    agree, differ = one_row(
        connection,
        "SELECT count(*) FILTER (agrees), count(*) FILTER (NOT agrees) "
        f"FROM ({policy.sql[CHECKINS_AGAINST_CRC]})",
    )
    return int(agree), int(differ)
