"""What a printed statistic demands of the counts printed beside it: one rule for every step.

The step that protects the tables hides what does not meet it, and the last gate of a release
refuses what still does not. Both look at the printed counts alone, never at those behind them.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from safer_streets_assets.disclosure.core_tables import TablePart, parts_of
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.figures import StatisticSpec

SUPPRESSED, NOT_AVAILABLE, NOT_APPLICABLE = "[c]", "[x]", "[z]"
HIDDEN_COUNT = "a statistic of a hidden count"
TOO_FEW = "a statistic on too few people"
HIDDEN_BESIDE = "a statistic that gives away a hidden count of another table"
HIDDEN_BEFORE = "a statistic that gives away a hidden count before it"


def unmet_demands(policy: Policy, name: str, printed: pd.DataFrame) -> pd.DataFrame:
    """Why each statistic of a table may not be printed; missing where it may be.

    `printed` has the dimensions of the table and its counts as printed (missing where they are
    not), in any order of rows; the result has its rows and a column of text for each statistic. A
    statistic stands beside printed counts that reach its minimum: those of its own row, with
    `of_total` (and for a share of a whole) those of the Total row of each facet that the row is
    in, with `whole` those of every row of it, with `along` those of all rows before it.
    """
    spec = policy.tables.tables[name]
    parts = parts_of(policy, name, printed) if len(printed) else []
    found: dict[tuple[object, ...], pd.Series] = {}
    result = pd.DataFrame(index=printed.index)
    for statistic, details in spec.statistics.items():
        key = (
            details.kind == "percent",
            *details.stands_on,
            details.base,
            details.of_total,
            details.whole,
            details.along,
        )
        if key not in found:
            found[key] = _unmet(policy, name, details, printed, parts)
        result[statistic] = found[key]
    return result


def hide_unmet(policy: Policy, name: str, printed: pd.DataFrame) -> pd.DataFrame:
    """The printed table without the statistics whose demands are not met.

    That a figure is not available would tell of the people it stands on, so that is hidden too.
    """
    result = printed.copy()
    for statistic, why in unmet_demands(policy, name, printed).items():
        told = result[statistic].notna() | result[f"{statistic}_marker"].eq(NOT_AVAILABLE)
        hide(result, str(statistic), why.notna() & told.fillna(False))
    return result


def unmet_beside(policy: Policy, name: str, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Why each statistic of a table may not be printed beside other tables; missing where it may.

    `tables` are printed tables by name, the table itself among them; the result has its rows, and a
    column of text for each statistic that is `beside` another table.
    """
    printed, spec = tables[name], policy.tables.tables[name]
    result = pd.DataFrame(index=printed.index)
    found: dict[str, pd.Series] = {}
    for statistic, details in spec.statistics.items():
        if details.beside is None:
            continue
        if details.beside not in found:
            whole = _whole_beside(policy, name, details.beside, tables)
            why = pd.Series(pd.NA, index=printed.index, dtype="string")
            found[details.beside] = why.mask(~whole, HIDDEN_BESIDE)
        result[statistic] = found[details.beside]
    return result


def hide_unmet_beside(
    policy: Policy, tables: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """The printed tables without the statistics that tell of hidden counts of another one."""
    result = {name: frame.copy() for name, frame in tables.items()}
    for name, frame in result.items():
        for statistic, why in unmet_beside(policy, name, tables).items():
            told = frame[statistic].notna() | frame[f"{statistic}_marker"].eq(NOT_AVAILABLE)
            hide(frame, str(statistic), why.notna() & told.fillna(False))
    return result


def _whole_beside(
    policy: Policy, name: str, other: str, tables: Mapping[str, pd.DataFrame]
) -> pd.Series:
    """For each row whether another table has rows with its categories and prints all counts."""
    printed, beside = tables[name], tables.get(other)
    if beside is None or beside.empty:
        return pd.Series(False, index=printed.index)
    both = [c for c in policy.tables.columns(name) if c in policy.tables.columns(other)]
    counts = beside[list(policy.tables.tables[other].counts)].notna().all(axis="columns")
    whole = counts.groupby([beside[c].astype(str) for c in both]).all()
    keys = pd.MultiIndex.from_frame(printed[both].astype(str))
    index = whole.index if len(both) > 1 else pd.MultiIndex.from_arrays([whole.index])
    there = whole.set_axis(index).reindex(keys, fill_value=False)
    return pd.Series(there.to_numpy(bool), index=printed.index)


def hide(printed: pd.DataFrame, statistic: str, where: pd.Series) -> None:
    """Hides a statistic of a printed table in those rows (boolean), in place."""
    marker = f"{statistic}_marker"
    printed[statistic] = printed[statistic].mask(where)
    printed[marker] = printed[marker].mask(where, SUPPRESSED)


def minimum_base(details: StatisticSpec, policy: Policy, name: str) -> int:
    """The least base a statistic of a table may stand on to be printed."""
    spec = policy.tables.tables[name]
    thresholds = policy.dpia.thresholds
    percent = details.kind == "percent"
    least = thresholds.minimum_base_percent if percent else thresholds.minimum_base_mean
    if spec.minimum_base != "gate":
        return least
    return max(least, *(gate.needed for gate in policy.dpia.gates if gate.name == spec.gate))


def _unmet(
    policy: Policy, name: str, details: StatisticSpec, printed: pd.DataFrame, parts: list[TablePart]
) -> pd.Series:
    spec = policy.tables.tables[name]
    counts, share = printed[list(spec.counts)], details.kind == "percent"
    own_base = details.base if share and details.base in spec.counts else None
    of_whole = share and own_base is None
    least = minimum_base(details, policy, name)
    needed = [*details.stands_on, *([own_base] if own_base is not None else [])]
    there = counts[needed].notna().all(axis="columns")
    base = counts[[own_base] if own_base is not None else details.stands_on]
    enough = base.ge(least).fillna(False).astype(bool).all(axis="columns")
    if details.whole or details.of_total or of_whole:
        beside = pd.Series(False, index=printed.index)
        reaches = pd.Series(False, index=printed.index)
        for part in parts:
            totals = [row for row, where in part.coords(printed).items() if not where]
            others = list(part.rows) if details.whole else totals
            beside.loc[part.rows] = bool(totals) and bool(there[others].all())
            reaches.loc[part.rows] = bool(totals) and bool(enough[totals].all())
        there &= beside
        if of_whole:
            enough = reaches
    why = pd.Series(pd.NA, index=printed.index, dtype="string")
    why = why.mask(~enough, TOO_FEW).mask(~there, HIDDEN_COUNT)
    if details.along is not None:
        why = why.mask(~_printed_so_far(policy, name, printed, details.along), HIDDEN_BEFORE)
    return why


def _printed_so_far(policy: Policy, name: str, printed: pd.DataFrame, along: str) -> pd.Series:
    """For each row whether it and all rows before it along a dimension print every count."""
    columns = policy.tables.columns(name)
    column = policy.tables.dimensions[along].column or along
    order = policy.values_of(columns[column].values) or []
    place = printed[column].astype(str).map({value: i for i, value in enumerate(order)})
    counts = printed[list(policy.tables.tables[name].counts)]
    whole = counts.notna().all(axis="columns").astype(int)
    so_far = whole.loc[place.sort_values(kind="stable").index]
    others = [c for c in columns if c != column]
    keys = [printed.loc[so_far.index, c].astype(str) for c in others]
    so_far = so_far.groupby(keys).cummin() if others else so_far.cummin()
    return so_far.reindex(printed.index).astype(bool)
