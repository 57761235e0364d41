"""The linked cohort: eligibility by the staged roll-out, linkage by person, and the funnel."""

from __future__ import annotations

import duckdb
import pandas as pd

from safer_streets_assets.cohort.believed import cohort_parameters, cohort_sql
from safer_streets_assets.cohort.crn_findings import ensure_findings
from safer_streets_assets.cohort.empty_tables import make_empty
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.taking_in import Agreement
from safer_streets_assets.stores.frames import write_frame
from safer_streets_assets.stores.queries import one_number, one_row
from safer_streets_assets.stores.sql_files import read_sql


def define_cohort_rules(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Puts the policy's roll-out, offences, age bands, stages, believed sources and words for what
    is not known into temporary tables."""
    dpia = policy.dpia
    tables = {
        "opening_dates": pd.DataFrame(
            list(dpia.opening_dates.items()), columns=["borough", "opens"]
        ),
        "offences_in_scope": pd.DataFrame({"offence_code": list(dpia.offence_codes)}, dtype=object),
        "age_bands": pd.DataFrame(
            list(dpia.cohort.age_bands.items()), columns=["lower_bound", "age_band"]
        ),
        "funnel_stages": pd.DataFrame(
            list(enumerate(dpia.cohort.stages, start=1)), columns=["stage_number", "stage"]
        ),
        "believed": pd.DataFrame(
            list(dpia.cohort.by_characteristic.items()),
            columns=["characteristic", "source"],
            dtype=object,
        ),
        "not_stated": pd.DataFrame({"words": _not_stated(policy)}, dtype=object),
    }
    for name, frame in tables.items():
        write_frame(connection, name, frame, temporary=True)


def _not_stated(policy: Policy) -> list[str]:
    """Codes and words of what is compared of people that say that it is not known."""
    said: list[str] = []
    for field in policy.sources[policy.dpia.people_source].fields:
        if field.name in policy.dpia.cohort.same_person.compared:
            said += policy.dpia.unknown_codes.get(field.codes or "", [])
            said += [policy.word_lists[field.words].other] if field.words is not None else []
    return said


def link_cohort(connection: duckdb.DuckDBPyConnection, policy: Policy) -> int:
    """Rebuilds `research.linked_cohort` and the tables beside it; returns the number of people.

    The conformed tables of sources that have no rows are made empty, and so is what near misses
    find out of CRNs where nobody has looked for them yet.
    """
    make_empty(connection, policy)
    define_cohort_rules(connection, policy)
    for name in policy.dpia.cohort.tables:
        query = cohort_sql(policy, name)
        connection.execute(
            f"CREATE OR REPLACE TABLE research.{name} AS {query}", cohort_parameters(policy, query)
        )
    ensure_findings(connection)
    return one_number(connection, "SELECT count(*) FROM research.linked_cohort")


def funnel_counts(connection: duckdb.DuckDBPyConnection, policy: Policy) -> dict[str, int]:
    """Stage to the number of people who reached it, before protection, in the funnel's order."""
    define_cohort_rules(connection, policy)
    rows = connection.execute(read_sql("cohort", "funnel_counts")).fetchall()
    return {stage: int(n) for stage, n in rows}


def reconcile(
    connection: duckdb.DuckDBPyConnection, policy: Policy, agreement: Agreement
) -> tuple[int, int]:
    """People of whom two sources that count the same agree, and differ."""
    agree, differ = one_row(
        connection,
        "SELECT count(*) FILTER (agrees), count(*) FILTER (NOT agrees) "
        f"FROM ({policy.sql[agreement.query]})",
    )
    return int(agree), int(differ)
