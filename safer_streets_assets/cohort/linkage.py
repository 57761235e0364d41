"""The linked cohort: eligibility by the staged roll-out, linkage by person, and the funnel."""

from __future__ import annotations

import duckdb
import pandas as pd

from safer_streets_assets.cohort.believed import linked_cohort_sql
from safer_streets_assets.cohort.crn_findings import ensure_findings
from safer_streets_assets.cohort.empty_tables import make_empty
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.built_on import CHECKINS_AGAINST_CRC
from safer_streets_assets.stores.frames import write_frame
from safer_streets_assets.stores.queries import one_number, one_row
from safer_streets_assets.stores.sql_files import read_sql

MADE_BESIDE = ("row_links", "source_conflicts")
"""The tables that are made with the linked cohort, each by the query of its name."""


def define_cohort_rules(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Puts the policy's roll-out, offences, age bands, stages, believed sources and words for what
    is not known into temporary tables."""
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
        "believed": pd.DataFrame(
            list(dpia.cohort.believed.by_characteristic.items()),
            columns=["characteristic", "source"],
        ),
        "not_stated": pd.DataFrame({"words": _not_stated(policy)}),
    }
    for name, frame in tables.items():
        write_frame(connection, name, frame, temporary=True)


def _not_stated(policy: Policy) -> list[str]:
    """Codes and words of gender and borough that say that it is not known."""
    people = policy.sources[policy.dpia.people_source]
    codes = policy.dpia.unknown_codes.get(people.field_named("gender").codes or "", [])
    words = people.field_named("borough").words
    return [*codes, *([] if words is None else [policy.word_lists[words].other])]


def link_cohort(connection: duckdb.DuckDBPyConnection, policy: Policy) -> int:
    """Rebuilds `research.linked_cohort` and the tables beside it; returns the number of people.

    The conformed tables of sources that have no rows are made empty, and so is what near misses
    find out of CRNs where nobody has looked for them yet.
    """
    make_empty(connection, policy)
    define_cohort_rules(connection, policy)
    connection.execute(
        f"CREATE OR REPLACE TABLE research.linked_cohort AS {linked_cohort_sql(policy)}",
        {
            "minimum_age": policy.dpia.eligibility.minimum_age,
            "midpoint_sessions": policy.dpia.cohort.midpoint_sessions,
        },
    )
    for name in MADE_BESIDE:
        query = read_sql("cohort", name)
        connection.execute(f"CREATE OR REPLACE TABLE research.{name} AS {query}")
    ensure_findings(connection)
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
