"""Published tables whose counts are rounded: their figures, and what may stand beside them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from safer_streets_assets.disclosure.core import Protection
from safer_streets_assets.disclosure.core_tables import TablePart
from safer_streets_assets.disclosure.demands import NOT_APPLICABLE, SUPPRESSED
from safer_streets_assets.disclosure.reasons import ToldReasons
from safer_streets_assets.disclosure.statistics import add_percentages, rounded_statistic
from safer_streets_assets.policy import Policy


def rounded_frames(
    policy: Policy,
    frames: Mapping[str, pd.DataFrame],
    parts: Mapping[str, list[TablePart]],
    core: Protection,
) -> dict[str, pd.DataFrame]:
    """The aggregates with the figures that are printed in place of the counts, and percentages of
    these figures. Parts that are withheld keep their counts: none of them is printed."""
    result = {}
    for name, frame in frames.items():
        made = frame.copy()
        for part in parts[name]:
            if part.spec.name in core.tables:
                figures = core.tables[part.spec.name].cells
                for measure in part.spec.measures:
                    made[measure] = made[measure].astype("Int64")
                    made.loc[part.rows, measure] = figures[measure].array
        result[name] = add_percentages(made, policy, name)
    return result


def hide_exact_statistics(
    statistics: pd.DataFrame, policy: Policy, name: str, reasons: ToldReasons
) -> pd.DataFrame:
    """Statistics with all but percentages hidden: means, medians and tests are made of the true
    counts and would narrow a rounded one. Hidden rows are the same whatever the data are."""
    result = statistics.copy()
    for statistic, details in policy.tables.tables[name].statistics.items():
        if details.kind == "percent":
            continue
        marker = pd.Series(SUPPRESSED, index=result.index, dtype="string")
        marker = marker.mask(reasons.by_design(statistic), NOT_APPLICABLE)
        result[f"{statistic}_marker"] = marker
        result[statistic] = result[statistic].mask(marker.notna())
    return result


def percentages_of(frame: pd.DataFrame, policy: Policy, name: str) -> pd.DataFrame:
    """The percentages of a printed table as its own counts make them, rounded as they are printed;
    columns by statistic."""
    made = add_percentages(frame, policy, name)
    spec = policy.tables.tables[name]
    return pd.DataFrame(
        {
            statistic: rounded_statistic(made[statistic], details, policy)
            for statistic, details in spec.statistics.items()
            if details.kind == "percent"
        },
        index=frame.index,
    )
