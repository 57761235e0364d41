"""At which level of its hierarchies a table is printed: chosen once, on evidence, and kept.

All tables are protected together at their finest levels. A table of which most would be hidden
moves up one level, along the first of the dimensions that it may be coarsened along, and all are
protected again, until no table moves. What was chosen is put on the register together with the
release in which the table first has a count above zero; from then on it is not asked again. Until
then the same counts choose the same, since nothing else is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pandas as pd

from safer_streets_assets.disclosure.protecting import ProtectedTables
from safer_streets_assets.disclosure.shape import Level, Levels
from safer_streets_assets.policy import Policy

Aggregates = Callable[[Levels], Mapping[str, pd.DataFrame]]
"""The aggregates of all tables at some levels."""
Protect = Callable[[Policy, Mapping[str, pd.DataFrame]], ProtectedTables]


@dataclass(frozen=True)
class Choice:
    """What was chosen for a dimension of a table in this run, and on what evidence: the share of
    its counts above zero that are hidden at the finest level, and at the one chosen."""

    table_name: str
    dimension: str
    level: str
    hidden_before: float
    hidden_after: float


@dataclass(frozen=True)
class Chosen:
    """Tables protected at `levels`; `policy` has them at these. `choices` are those to be put on
    the register with the release."""

    policy: Policy
    levels: Levels
    protected: ProtectedTables
    choices: tuple[Choice, ...]


def steps(policy: Policy, name: str) -> list[dict[str, str]]:
    """The levels that a table may stand at, finest first; a single one where the policy fixes it.

    A table that is not coarsened has one without dimensions.
    """
    spec = policy.tables.tables[name]
    finest = {d: spec.level.get(d, d) for d in spec.coarsen}
    found = [finest]
    for dimension in spec.coarsen:
        if dimension in spec.level:
            continue
        for level in policy.tables.hierarchies[dimension].levels:
            found.append({**found[-1], dimension: level.name})
    return found


def stored_name(name: str, levels: Level) -> str:
    """The name under which a table's aggregate at some levels is stored."""
    said = [f"{dimension} by {level}" for dimension, level in levels.items() if level != dimension]
    return f"{name} ({', '.join(said)})" if said else name


def protect_at_levels(
    policy: Policy, recorded: Levels, aggregates: Aggregates, protect: Protect
) -> Chosen:
    """Protects all tables at the levels on the register, and chooses those of the others.

    A table withheld for want of a proof says nothing of how fine it should be, and stays where it
    is.
    """
    paths = {n: path_of(policy, n, recorded.get(n)) for n in policy.tables.tables}
    paths = {name: path for name, path in paths.items() if path != [{}]}
    at = dict.fromkeys(paths, 0)
    before: dict[str, float] = {}
    while True:
        levels = {name: path[at[name]] for name, path in paths.items()}
        there, frames = policy.at_levels(levels), aggregates(levels)
        protected = protect(there, frames)
        shares = {
            name: share
            for name in paths
            if (share := hidden_share(there, name, frames[name], protected)) is not None
        }
        before = {**shares, **before}
        limit = policy.tables.coarsening.mostly_hidden
        fine = [n for n, s in shares.items() if s > limit and at[n] + 1 < len(paths[n])]
        if not fine:
            break
        at |= {name: at[name] + 1 for name in fine}
    choices = tuple(
        Choice(name, dimension, level, before[name], share)
        for name, share in shares.items()
        if name not in recorded
        for dimension, level in levels[name].items()
    )
    return Chosen(there, levels, protected, choices)


def path_of(policy: Policy, name: str, recorded: Level | None) -> list[dict[str, str]]:
    """The levels that a table may stand at now: what the policy fixes goes before what is on the
    register."""
    path = steps(policy, name)
    if recorded is None:
        return path
    fixed = policy.tables.tables[name].level
    return [{d: fixed.get(d, recorded.get(d, d)) for d in path[0]}]


def hidden_share(
    policy: Policy, name: str, frame: pd.DataFrame, protected: ProtectedTables
) -> float | None:
    """The share of a table's counts above zero that are hidden; None when there are none, or when
    some of the table is withheld."""
    if any(part.spec.name in protected.core.withheld for part in protected.parts[name]):
        return None
    printed = protected.tables[name]
    above = hidden = 0
    for count in policy.tables.tables[name].counts:
        some = frame[count].gt(0).fillna(False).astype(bool)
        above += int(some.sum())
        hidden += int(printed.loc[some.to_numpy(), count].isna().sum())
    return hidden / above if above else None


def recorded_levels(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """The levels on the register; it is attached."""
    found: dict[str, dict[str, str]] = {}
    for name, dimension, level in connection.execute(
        "SELECT table_name, dimension, level FROM registers.table_levels "
        "ORDER BY table_name, dimension"
    ).fetchall():
        found.setdefault(name, {})[dimension] = level
    return found


def record_levels(
    connection: duckdb.DuckDBPyConnection,
    choices: Sequence[Choice],
    number: int,
    at: datetime,
) -> None:
    """Puts choices on the register, in the transaction that is open: what is there already stays.

    `number` is that of the release that first prints the tables so, `at` is UTC.
    """
    for choice in choices:
        connection.execute(
            "INSERT INTO registers.table_levels VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            [
                choice.table_name,
                choice.dimension,
                choice.level,
                number,
                choice.hidden_before,
                choice.hidden_after,
                at,
            ],
        )


def coarse_dimensions(policy: Policy, name: str) -> Iterator[tuple[str, str]]:
    """For each dimension of a table that stands at a coarser level, what it is by and what not.

    `policy` has the tables at their levels.
    """
    for column, dimension in policy.tables.columns(name).items():
        coarse = dimension.coarsened
        if coarse is not None:
            levels = policy.tables.hierarchies[coarse.of].levels
            by = next(level.by for level in levels if level.name == coarse.level)
            yield by, column.replace("_", " ")
