"""The re-offending table of the research store, made behind its gate from what the police sent."""

from __future__ import annotations

import duckdb
import pandas as pd

from safer_streets_assets.attitudes.tables import gate_of_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.reoffending.survival import CURVE_COLUMNS, curve_at
from safer_streets_assets.stores.frames import write_frame

TABLE = "reoffending"
FOLLOW_UP = "reoffending/follow_up"
"""The query of the policy that says who is followed."""
TYPES = {"text": "VARCHAR", "count": "BIGINT", "number": "DOUBLE"}


COMPUTED_COLUMNS = ("event", "months", *CURVE_COLUMNS)
"""What is computed, whichever of it `tables.yaml` prints."""


def events_table(policy: Policy) -> str:
    """The conformed table of what is known to have happened after the programme."""
    return policy.dpia.sources[policy.followed.source].conformed.table


def column_types(policy: Policy) -> dict[str, str]:
    """The columns of the table in the research store with their DuckDB types."""
    spec = policy.tables.tables[TABLE]
    return {
        **dict.fromkeys(policy.tables.columns(TABLE), TYPES["text"]),
        **dict.fromkeys(spec.counts, TYPES["count"]),
        **dict.fromkeys(spec.statistics, TYPES["number"]),
        "row_order": TYPES["count"],
    }


def write_reoffending(connection: duckdb.DuckDBPyConnection, policy: Policy) -> bool:
    """Rebuilds `research.reoffending`; returns whether its gate is open.

    Behind a closed gate, and while the source is not agreed, it is made empty and nobody is
    followed. The follow-up of single people is kept nowhere. Where an agreement has ended, the
    research store does not keep what the police sent.
    """
    agreed = policy.followed.source in policy.sources
    if not agreed:
        connection.execute(f"DROP TABLE IF EXISTS research.{events_table(policy)}")
    is_open = agreed and gate_of_table(connection, policy, TABLE).is_open
    types = column_types(policy)
    frame = _table(connection, policy) if is_open else pd.DataFrame(columns=list(types))
    ordered = frame.assign(row_order=range(len(frame)))
    write_frame(connection, f"research.{TABLE}", ordered, types)
    return is_open


def follow_up(connection: duckdb.DuckDBPyConnection, policy: Policy) -> pd.DataFrame:
    """One row for each person followed and each event that counts: event, days, happened.

    Followed are those who completed and were searched for at least to the day of completion. No
    pseudonym is among the columns.
    """
    return connection.execute(policy.sql[FOLLOW_UP], follow_up_parameters(policy)).df()


def follow_up_parameters(policy: Policy) -> dict[str, object]:
    """The values of the parameters of the policy's query of who is followed."""
    return {
        "stage": policy.stage_number(policy.tables.tables[TABLE].population) or 1,
        "follow_up_days": policy.followed.follow_up_days,
        "events": list(policy.dpia.reoffending_events),
    }


def reoffending_table(people: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The table: for each event and month the three counts of `curve_at` and the estimate.

    `people` as `follow_up` gives them.
    """
    days = policy.followed.reading_days
    frames = []
    for event in policy.dpia.reoffending_events:
        own = people[people["event"] == event]
        read = curve_at(
            own["days"].to_numpy(float), own["happened"].to_numpy(bool), [*days.values()]
        )
        frames.append(read.assign(event=event, months=list(days)))
    table = pd.concat(frames, ignore_index=True)
    return table[[name for name in column_types(policy) if name != "row_order"]]


def _table(connection: duckdb.DuckDBPyConnection, policy: Policy) -> pd.DataFrame:
    return reoffending_table(follow_up(connection, policy), policy)
