"""The table of re-offending: its columns, and what it is made from."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.policy import Policy
from safer_streets_assets.reoffending.tables import (
    COMPUTED_COLUMNS,
    TABLE,
    column_types,
    events_table,
)
from safer_streets_assets.stores.stored_table import ColumnDoc, StoredTable

_COHORT = (
    "linked_cohort.person_id",
    "linked_cohort.stage_number",
    "linked_cohort.outcome_date",
)
_EVENTS = ("person_id", "event", "event_date", "searched_until")


def stored_tables(policy: Policy) -> Iterator[StoredTable]:
    """One table of figures: no row of it is about one person; none where nobody is followed."""
    if policy.dpia.reoffending is None:
        return
    events = events_table(policy)
    followed = (*_COHORT, *(f"{events}.{column}" for column in _EVENTS))
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
        made_from=("linked_cohort", events),
        origins=dict.fromkeys([*spec.counts, *spec.statistics], followed),
    )
