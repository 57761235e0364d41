"""At which level of its hierarchies a table is printed: chosen once, on evidence, and kept.

A table of which most is hidden by the rule alone (its counts are small) moves up one level, along
the first of the dimensions that it may be coarsened along, until less is. Then all tables are
protected together; one of which most would be hidden by that moves up one level more, and all are
protected again, until no table moves. A facet of a table (its age bands, its boroughs) moves by
itself, when most of the facet would be hidden. What was chosen is put on the register together
with the release in which the table first has a count above zero; from then on it is not asked
again. Until then the same counts choose the same, since nothing else is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import NamedTuple

import duckdb
import pandas as pd

from safer_streets_assets.disclosure.core import TOO_FINE
from safer_streets_assets.disclosure.core_tables import Level, RecordedLevels, holds_back
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.policy import Policy

Aggregates = Callable[[RecordedLevels], Mapping[str, pd.DataFrame]]
"""The aggregates of all tables at some levels."""
ProtectAggregates = Callable[[Policy, Mapping[str, pd.DataFrame]], ProtectedTables]
Path = tuple[str, str | None]
"""A way up of a table: its name and the facet that moves by itself, None where none does."""


@dataclass(frozen=True)
class Choice:
    """What was chosen for a dimension of a table in this run, and on what evidence: the share of
    the counts above zero (of the facet, where it is of one) that are hidden at the finest level
    (those that are so by the rule alone, where that is too much), and at the one chosen."""

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
    levels: RecordedLevels
    protected: ProtectedTables
    choices: tuple[Choice, ...]


def path_of(policy: Policy, name: str, recorded: Level | None = None) -> list[dict[str, str]]:
    """The levels that a table may stand at, finest first; a single one where the policy or the
    register (`recorded`) says which. A table that is not coarsened has one without dimensions."""
    paths = [path for _, path in paths_of(policy, name, recorded)]
    return [{d: level for own in chosen for d, level in own.items()} for chosen in product(*paths)]


def stored_name(name: str, levels: Level) -> str:
    """The name under which a table's aggregate at some levels is stored."""
    said = [f"{dimension} by {level}" for dimension, level in levels.items() if level != dimension]
    return f"{name} ({', '.join(sorted(said))})" if said else name


def protect_at_levels(
    policy: Policy, recorded: RecordedLevels, aggregates: Aggregates, protect: ProtectAggregates
) -> Chosen:
    """Protects all tables at the levels on the register, and chooses those of the others.

    A table withheld for want of a proof says nothing of how fine it should be, and stays where it
    is; one that is withheld because it is too fine to be rounded moves up.
    """
    found = {n: paths_of(policy, n, recorded.get(n)) for n in policy.tables.tables}
    paths = {(n, facet): path for n, own in found.items() for facet, path in own}
    at = dict.fromkeys(paths, 0)
    before: dict[Path, float] = {}

    def too_fine(shares: Mapping[Path, float]) -> list[Path]:
        return [
            key
            for key, share in shares.items()
            if share > _too_much(policy, key[0]) and at[key] + 1 < len(paths[key])
        ]

    while True:
        levels: dict[str, dict[str, str]] = {}
        for (name, facet), path in paths.items():
            levels.setdefault(name, {}).update(path[at[name, facet]])
        there, frames = policy.at_levels(levels), aggregates(levels)
        shares = {key: small_share(there, key[0], frames[key[0]], key[1]) for key in paths}
        fine = too_fine(shares)
        if not fine:
            protected = protect(there, frames)
            shares = {
                (name, facet): share
                for name, facet in paths
                if (share := hidden_share(there, name, frames[name], protected, facet)) is not None
            }
            fine = too_fine(shares)
        if not fine:
            break
        before = {**{key: shares[key] for key in fine}, **before}
        at |= {key: at[key] + 1 for key in fine}
    choices = tuple(
        Choice(name, dimension, level, before.get((name, facet), share), share)
        for (name, facet), share in shares.items()
        if name not in recorded
        for dimension, level in paths[name, facet][at[name, facet]].items()
    )
    return Chosen(there, levels, protected, choices)


def paths_of(
    policy: Policy, name: str, recorded: Level | None = None
) -> list[tuple[str | None, list[dict[str, str]]]]:
    """The ways up of a table, each with the levels that it may stand at now: one along its own
    dimensions (None), and one for each facet. What the policy fixes goes before what is on the
    register. A table that is not coarsened has none."""
    spec, facets = policy.tables.tables[name], policy.tables.facet_dimensions(name)
    along: dict[str | None, list[str]] = {}
    for dimension in spec.coarsen:
        along.setdefault(facets.get(dimension), []).append(dimension)
    found = []
    for facet, dimensions in along.items():
        path = [{d: spec.level.get(d, d) for d in dimensions}]
        for dimension in dimensions:
            if dimension not in spec.level:
                for level in policy.tables.hierarchies[dimension].levels:
                    path.append({**path[-1], dimension: level.name})
        if recorded is not None:
            path = [{d: spec.level.get(d, recorded.get(d, d)) for d in dimensions}]
        found.append((facet, path))
    return found


def small_share(policy: Policy, name: str, frame: pd.DataFrame, facet: str | None = None) -> float:
    """The share of a table's counts above zero, or of those of one of its facets, that are hidden
    by the rule alone, since they are below the minimum. It is 0 where counts are rounded, and where
    they may be held back: then they need not be hidden."""
    thresholds = policy.dpia.thresholds
    if thresholds.method != "suppression" or holds_back(policy):
        return 0.0
    of_facet = _rows_of(policy, name, frame, facet)
    above = small = 0
    for count in policy.tables.tables[name].counts:
        values = frame.loc[of_facet, count].dropna()
        above += int(values.gt(0).sum())
        small += int(values.between(1, thresholds.minimum_count - 1).sum())
    return small / above if above else 0.0


def hidden_share(
    policy: Policy,
    name: str,
    frame: pd.DataFrame,
    protected: ProtectedTables,
    facet: str | None = None,
) -> float | None:
    """The share of a table's counts above zero, or of those of one of its facets, that are hidden;
    None when there are none, or when some of the table is withheld for another reason than that it
    is too fine to be rounded: then that is all of it."""
    withheld = protected.core.withheld
    reasons = [withheld[p.spec.name] for p in protected.parts[name] if p.spec.name in withheld]
    if reasons:
        return 1.0 if TOO_FINE in reasons else None
    of_facet = _rows_of(policy, name, frame, facet)
    printed = protected.tables[name]
    above = hidden = 0
    for count in policy.tables.tables[name].counts:
        some = frame[count].gt(0).fillna(False).astype(bool) & of_facet
        above += int(some.sum())
        hidden += int(printed.loc[some.to_numpy(), count].isna().sum())
    return hidden / above if above else None


def _too_much(policy: Policy, name: str) -> float:
    """The share of a table that is too much to be hidden."""
    own = policy.tables.tables[name].mostly_hidden
    return policy.tables.coarsening.mostly_hidden if own is None else own


def _rows_of(policy: Policy, name: str, frame: pd.DataFrame, facet: str | None) -> pd.Series:
    """For each row whether it is of a facet; each is when there is none."""
    found = pd.Series(facet is None, index=frame.index)
    for column, dimension in policy.tables.columns(name).items():
        if facet is not None and facet in dimension.facets:
            found |= frame[column].astype(str) == facet
    return found


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


class Coarser(NamedTuple):
    """What a table is by, in place of what, and whether the policy says so once and for all."""

    by: str
    of: str
    always: bool


def coarse_dimensions(policy: Policy, name: str) -> Iterator[Coarser]:
    """Each dimension or facet of a table that stands at a coarser level.

    `policy` has the tables at their levels.
    """
    for column, dimension in policy.tables.columns(name).items():
        said = {column.replace("_", " "): dimension}
        said |= {facet: policy.tables.dimensions[of] for facet, of in dimension.facets.items()}
        for of, stands in said.items():
            coarse = stands.coarsened
            if coarse is not None:
                levels = policy.tables.hierarchies[coarse.of].levels
                by = next(level.by for level in levels if level.name == coarse.level)
                yield Coarser(by, of, coarse.of in policy.tables.tables[name].level)
