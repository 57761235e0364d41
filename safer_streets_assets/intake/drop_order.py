"""The order of drops, in which the later one wins (what it is: `sql/drop_order.sql`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import duckdb

from safer_streets_assets.intake.ledger import Arrival
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.sql_files import quoted_text, read_sql


class WaitingDrop(NamedTuple):
    """A drop that is to be loaded, the position that its file states (None: none that is believed),
    and the one that the file or its rows have."""

    arrival: Arrival
    stated: date | None
    position: date | None


def ensure_order(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """The view of the order of drops; what was loaded before positions were told apart has them."""
    # Where no field of the rows gives a position, the one on record is what the file stated.
    stating = [name for name, source in policy.sources.items() if source.position_field is None]
    connection.execute(
        "UPDATE restricted.loaded_drops SET stated_position = position_date WHERE "
        "stated_position IS NULL AND position_date IS NOT NULL AND list_contains(?, source)",
        [stating],
    )
    connection.execute(
        "CREATE OR REPLACE VIEW restricted.drop_order AS SELECT drop_id, drop_order FROM "
        f"({ordered_drops('restricted.loaded_drops', policy)})"
    )


def ordered_drops(drops: str, policy: Policy) -> str:
    """The query that puts a relation of drops in order, as column `drop_order` of each source.

    The relation has drop_id, source, arrived_at, stated_position, position_date and saved_at.
    """
    snapshots = [name for name, source in policy.sources.items() if source.shape == "cumulative"]
    listed = ", ".join(quoted_text(name) for name in snapshots)
    together = round(policy.dpia.intake.copied_together_seconds * 1e9)
    return read_sql("intake", "drop_order").format(
        drops=drops, snapshots=f"[{listed}]::VARCHAR[]", together=together
    )


def places_in_order(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    name: str,
    waiting: Sequence[WaitingDrop],
) -> dict[str, int]:
    """The place of each drop of a source, as the view `drop_order` will have it."""
    columns = {
        "drop_id": [one.arrival.drop_id for one in waiting],
        "arrived_at": [one.arrival.arrived_at for one in waiting],
        "saved_at": [one.arrival.saved_at for one in waiting],
        "stated": [one.stated for one in waiting],
        "position": [one.position for one in waiting],
    }
    drops = (
        "(SELECT drop_id, source, arrived_at, saved_at, stated_position, position_date "
        "FROM restricted.loaded_drops WHERE source = $source "
        "AND NOT list_contains($drop_id::VARCHAR[], drop_id) UNION ALL "
        "SELECT unnest($drop_id::VARCHAR[]), $source, unnest($arrived_at::TIMESTAMP[]), "
        "unnest($saved_at::BIGINT[]), unnest($stated::DATE[]), unnest($position::DATE[]))"
    )
    query = f"SELECT drop_id, drop_order FROM ({ordered_drops(drops, policy)})"
    return dict(connection.execute(query, {"source": name, **columns}).fetchall())


def came_late(connection: duckdb.DuckDBPyConnection, name: str, arrival: Arrival) -> bool:
    """Whether a drop that arrived before this one, which is loaded, has a later place."""
    return (
        one_number(
            connection,
            "SELECT count(*) FROM (SELECT arrived_at, drop_order, "
            "max(drop_order) FILTER (drop_id = $3) OVER () AS own_place FROM "
            "restricted.loaded_drops JOIN restricted.drop_order USING (drop_id) WHERE source = $1) "
            "WHERE arrived_at < $2 AND drop_order > own_place",
            [name, arrival.arrived_at, arrival.drop_id],
        )
        > 0
    )
