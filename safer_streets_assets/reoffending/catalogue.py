"""The table of re-offending: its columns, and what it is made from."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.policy import Policy
from safer_streets_assets.reoffending.tables import COMPUTED_COLUMNS, EVENTS, TABLE, column_types
from safer_streets_assets.stores.stored_table import ColumnDoc, StoredTable

_FOLLOWED = (
    "linked_cohort.person_id",
    "linked_cohort.stage_number",
    "linked_cohort.outcome_date",
    f"{EVENTS}.person_id",
    f"{EVENTS}.event",
    f"{EVENTS}.event_date",
    f"{EVENTS}.searched_until",
)


def stored_tables(policy: Policy) -> Iterator[StoredTable]:
    """One table of figures: no row of it is about one person."""
    spec = policy.tables.tables[TABLE]
    said = {name: dimension.title for name, dimension in policy.tables.columns(TABLE).items()}
    said |= {name: count.title for name, count in spec.counts.items()}
    said |= {name: statistic.title for name, statistic in spec.statistics.items()}
    said["row_order"] = "Order of the rows"
    columns = {name: ColumnDoc(kind, said[name]) for name, kind in column_types(policy).items()}
    made = {name: doc for name, doc in columns.items() if name in (*COMPUTED_COLUMNS, "row_order")}
    yield StoredTable(
        "research",
        TABLE,
        spec.title,
        made,
        made_from=("linked_cohort", EVENTS),
        origins=dict.fromkeys([*spec.counts, *spec.statistics], _FOLLOWED),
    )
