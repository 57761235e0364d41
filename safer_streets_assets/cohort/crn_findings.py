"""What there is to say of CRNs that links do not: near, malformed, and two of one person.

The rows are counted in published tables, and researchers have them under pseudonyms.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from safer_streets_assets.cohort.person import people_meant
from safer_streets_assets.cohort.reviews import OPEN, REJECTED, near_misses
from safer_streets_assets.intake.reasons import MALFORMED_CRN
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.frames import registered
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.sql_files import quoted_text, read_sql

TABLE = "crn_findings"
_ACCEPTED = "near miss, accepted"
_FINDINGS = {OPEN: "near miss, not decided", REJECTED: "near miss, rejected"}


def ensure_findings(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes `research.crn_findings` without a row where it is not there; the research store is
    attached for writing."""
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS research.{TABLE} "
        "(source VARCHAR, person_id VARCHAR, finding VARCHAR, row_count BIGINT)"
    )


def record_findings(connection: duckdb.DuckDBPyConnection, policy: Policy) -> int:
    """Rebuilds `research.crn_findings` right after near misses were looked for, of the rows that
    those were found in; returns the number of its rows.

    The restricted store and the registers are attached, the research store for writing.
    """
    states = {
        o.crn_sent: _FINDINGS[o.state] for o in near_misses(connection) if o.state in _FINDINGS
    }
    states |= dict.fromkeys(people_meant(connection, policy), _ACCEPTED)
    cumulative = [name for name, one in policy.sources.items() if one.shape == "cumulative"]
    rules = policy.dpia.cohort.same_person
    query = read_sql("cohort", TABLE).format(
        certain=rules.certain,
        same_person=quoted_text(f"same name and {rules.certain_words} as another"),
        people_source=quoted_text(policy.dpia.people_source),
        malformed=quoted_text(MALFORMED_CRN),
        cumulative=", ".join(map(quoted_text, cumulative)) or "NULL",
    )
    frame = pd.DataFrame(list(states.items()), columns=["crn_sent", "finding"], dtype=object)
    with registered(connection, "near_miss_states", frame):
        connection.execute(
            f"CREATE OR REPLACE TABLE research.{TABLE} AS "
            f"SELECT source, person_id, finding, row_count::BIGINT AS row_count FROM ({query})"
        )
    return one_number(connection, f"SELECT count(*) FROM research.{TABLE}")
