"""What a release tells of its counts beside printing them: rounding, statistics, listed categories.

It goes into the structure in `release.json` as data, and comes out of it as facts for the attacker.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from safer_streets_assets.disclosure.core import (
    TOTAL,
    CellRef,
    Fact,
    PrintedTable,
    Rounding,
    Unknown,
    at_least_one,
    mean_fact,
    percentage_fact,
)
from safer_streets_assets.disclosure.core_tables import TablePart
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.figures import StatisticSpec

GATES, GATHERED, NEEDED, OPEN = "stage_gates", "n_now", "n_needed", "open"
"""The published table of the stage gates: its count, and what is printed of the gate beside it."""


def told_by(
    policy: Policy,
    parts: Mapping[str, list[TablePart]],
    frames: Mapping[str, pd.DataFrame],
    rounding: Rounding | None,
) -> dict[str, Any]:
    """What is told beside the counts (JSON-able): `statistics` by table, with what each says of
    counts; `gates`, those that are open because enough is there and closed because not; where
    counts are rounded, `rounding` and `present`, the cells known to hold somebody.

    A category that comes from the data is listed only where somebody is in it. Where 0 is printed
    as such that says nothing new, but a figure that is rounded to 0 could be a 0.
    """
    statistics = {
        name: found
        for name in parts
        if (found := _statistics(policy, name, rounded=rounding is not None))
    }
    told: dict[str, Any] = {"statistics": statistics} if statistics else {}
    if GATES in parts and rounding is None:
        told["gates"] = _gates(policy, frames[GATES])
    if rounding is not None:
        told["rounding"] = {"base": rounding.base, "steps": rounding.steps}
        told["present"] = [
            [ref.table, dict(ref.coords), ref.measure] for ref in present(policy, parts, frames)
        ]
    return told


def present(
    policy: Policy, parts: Mapping[str, list[TablePart]], frames: Mapping[str, pd.DataFrame]
) -> Iterator[CellRef]:
    """The cells that hold somebody because their category comes from the data and is listed."""
    for name, own in parts.items():
        spec, frame = policy.tables.tables[name], frames[name]
        found = [
            column
            for column, dimension in policy.tables.columns(name).items()
            if dimension.total and policy.values_of(dimension.values) is None
        ]
        rows = [m for m, count in spec.counts.items() if count.expression is None]
        if spec.source is None or not rows:
            continue
        for part in own:
            nested = part.spec.nested
            widest = {nested: part.spec.nested_order[0]} if nested else {}
            wanted = {
                frozenset({**widest, column: category}.items())
                for column in found
                for category in set(frame.loc[part.rows, column].astype(str)) - {TOTAL}
            }
            for row, coords in part.coords(frame).items():
                if frozenset(coords) in wanted and int(frame[rows[0]].loc[row]) > 0:
                    yield CellRef(part.spec.name, dict(coords), rows[0])


def facts_told(
    structure: Mapping[str, Any],
    printed: Sequence[PrintedTable],
    tables: Mapping[str, pd.DataFrame],
) -> list[Fact]:
    """What the structure and the printed statistics say of counts that are not printed exactly.

    `printed` are the core tables of the structure, in its order, `tables` the published ones. A
    statistic whose counts are all printed says nothing new, and makes no fact.
    """
    facts = [
        at_least_one(CellRef(table, coords, measure))
        for table, coords, measure in structure.get("present", ())
    ]
    for entry, table in zip(structure["tables"], printed, strict=True):
        frame = tables[entry["table"]]
        if entry["table"] == GATES:
            facts += _gate_facts(entry, table, frame, structure.get("gates", ()))
        for statistic in structure.get("statistics", {}).get(entry["table"], ()):
            if table.grid.withheld or statistic["name"] not in frame:
                continue
            known = _known(table, _measures(statistic))
            if not all(known.values()):
                facts += _facts_of(entry, table, statistic, frame, known)
    return facts


def _gates(policy: Policy, frame: pd.DataFrame) -> list[str]:
    """The gates that what is gathered opens or closes, not an agreement or a decision."""
    agreed = {
        gate.name
        for gate in policy.dpia.gates
        if gate.requires_source is None or gate.requires_source in policy.sources
    }
    follows = frame[OPEN].astype(bool) == (frame[GATHERED] >= frame[NEEDED])
    return [str(gate) for gate in frame.loc[follows, "gate"] if gate in agreed]


def _gate_facts(
    entry: Mapping[str, Any], table: PrintedTable, frame: pd.DataFrame, gates: Collection[str]
) -> Iterator[Fact]:
    """An open gate says that what it needs is there, a closed one that it is not."""
    rows = frame.iloc[entry["rows"]]
    for gate, needed, is_open in zip(rows["gate"], rows[NEEDED], rows[OPEN], strict=True):
        if table.spec.fixed.get("gate", gate) == gate and gate in gates:
            place = {} if "gate" in table.spec.fixed else {"gate": str(gate)}
            cell, least = CellRef(table.spec.name, place, GATHERED), int(needed)
            if str(is_open).lower() == "true":
                yield Fact(((1, cell),), low=least)
            else:
                yield Fact(((1, cell),), high=least - 1)


def _statistics(policy: Policy, name: str, *, rounded: bool) -> list[dict[str, Any]]:
    """The statistics of a table that say something exact of its counts. Percentages of rounded
    counts are made of these, and no other statistic is printed beside them."""
    if rounded:
        return []
    thresholds = policy.dpia.thresholds
    found = []
    for statistic, details in policy.tables.tables[name].statistics.items():
        percent = details.kind == "percent"
        if not percent and details.scores is None:
            continue
        usual = thresholds.percent_decimals if percent else thresholds.mean_decimals
        found.append(
            {
                "name": statistic,
                "kind": details.kind,
                "count": details.with_count,
                "base": _base(policy, name, details),
                "decimals": usual if details.decimals is None else details.decimals,
                "scores": None if details.scores is None else list(details.scores),
            }
        )
    return found


def _base(policy: Policy, name: str, details: StatisticSpec) -> str | None:
    """The printed count that a statistic is of; None for the Total row, or a part of its count."""
    if details.base is not None:
        return details.base if details.base in policy.tables.tables[name].counts else None
    return None if details.kind == "percent" else details.with_count


def _measures(statistic: Mapping[str, Any]) -> set[str]:
    return {statistic["count"], statistic["base"]} - {None}


def _known(
    table: PrintedTable, measures: set[str]
) -> dict[tuple[tuple[tuple[str, str], ...], str], bool]:
    """For each cell of these counts whether it is printed exactly."""
    grid = table.grid
    return {
        (_coords(table, {d: grid.categories[k][at[k]] for k, d in enumerate(dims)}), measure): bool(
            ~np.isnan(grid.values[(*at, table.spec.measures.index(measure))])
        )
        for dims in [table.spec.dimensions]
        for at in np.ndindex(grid.rows.shape)
        for measure in measures
    }


def _coords(table: PrintedTable, names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((d, c) for d, c in names.items() if c != TOTAL or d == table.spec.nested)


def _facts_of(
    entry: Mapping[str, Any],
    table: PrintedTable,
    statistic: Mapping[str, Any],
    frame: pd.DataFrame,
    known: Mapping[tuple[tuple[tuple[str, str], ...], str], bool],
) -> Iterator[Fact]:
    spec, decimals = table.spec, int(statistic["decimals"])
    labels = table.cells[list(spec.dimensions)].astype(str).to_dict("records")
    for place, names in zip(entry["rows"], labels, strict=True):
        value = frame[statistic["name"]].iloc[place]
        if pd.isna(value) or value == "":
            continue
        coords = _coords(table, {str(d): str(c) for d, c in names.items()})
        count = (coords, statistic["count"])
        base = (coords, statistic["base"])
        if statistic["base"] is None and statistic["kind"] == "percent":
            base = (tuple(pair for pair in coords if pair[0] == spec.nested), statistic["count"])
        part, whole = (CellRef(spec.name, dict(at), m or "") for at, m in (count, base))
        if statistic["kind"] == "percent":
            if not (known[count] and known[base]):
                yield from percentage_fact([part], [whole], value, decimals)
            continue
        least, greatest = statistic["scores"]
        label = f"{statistic['name']} of {spec.name}, row {place}"
        if statistic["base"] is not None and not known[base]:
            yield from mean_fact([whole], value, decimals, (least, greatest), label)
        elif statistic["base"] is None and not known[count]:
            # Who has a score is some of those who are counted, and is printed nowhere.
            scored = Unknown(f"people in {label}")
            yield from mean_fact([scored], value, decimals, (least, greatest), label)
            yield Fact(((1, part), (-1, scored)), low=0)
