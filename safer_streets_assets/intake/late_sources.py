"""Sources of which nothing has arrived for longer than the policy expects."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.registers import evaluation_closed

ARRIVED = ("arrived", "loaded", "held", "released", "quarantined")
"""States of a drop that has come; what was refused is no drop of its source."""


@dataclass(frozen=True)
class LateSource:
    """A source whose next drop was expected by a day; `last` is when one last arrived, or None."""

    source: str
    last: date | None
    expected_by: date

    @property
    def sentence(self) -> str:
        """What did not arrive, for people."""
        since = "never arrived" if self.last is None else f"last arrived {self.last:%Y-%m-%d}"
        return f"{self.source}: {since}, expected by {self.expected_by:%Y-%m-%d}"


def late_sources(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    today: date,
    given_up: Collection[str] = (),
) -> list[LateSource]:
    """The agreed sources that are late today, in the order of the policy.

    One of which nothing ever came counts from the first drop of any source, and none is late before
    that, nor once the evaluation is closed. `given_up` are sources of stages that will not go on.
    The registers are attached.
    """
    if evaluation_closed(connection):
        return []
    states = list(ARRIVED)
    last: dict[str, date] = dict(
        connection.execute(
            "SELECT source, max(arrived_at)::DATE FROM registers.drops "
            "WHERE list_contains(?::VARCHAR[], state) GROUP BY source",
            [states],
        ).fetchall()
    )
    [(first,)] = connection.execute("SELECT min(arrived_at)::DATE FROM registers.drops").fetchall()
    if first is None:
        return []
    found = []
    for name, days in policy.dpia.expected.arrivals.items():
        if name in policy.sources and name not in given_up:
            expected_by = last.get(name, first) + timedelta(days=days)
            if expected_by < today:
                found.append(LateSource(name, last.get(name), expected_by))
    return found
