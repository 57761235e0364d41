"""Change scores of the linked cohort: the summary table and each person's change.

The caller enforces the stage gate: below it nothing here may be called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from safer_streets_assets.attitudes.errors import AttitudesError
from safer_streets_assets.attitudes.instrument import Instrument, Scale
from safer_streets_assets.attitudes.multiplicity import (
    BENJAMINI_HOCHBERG,
    HOLM,
    benjamini_hochberg,
    holm,
)
from safer_streets_assets.attitudes.paired import (
    STATISTICS,
    PairedStatistics,
    paired_statistics,
)
from safer_streets_assets.attitudes.pairs import (
    COMPARISONS,
    Comparison,
    analysis_cube,
    change_of,
    reading_of,
)
from safer_streets_assets.attitudes.scoring import require_columns
from safer_streets_assets.policy.dimensions import ANY_LEVEL

TOTAL = "Total"
NOT_KNOWN = "Not known"
NOT_AVAILABLE = "[x]"
NOT_APPLICABLE = "[z]"
KEYS = ["scale", "comparison", "group_name", "group_value"]
CHANGE_COLUMNS = [
    *KEYS,
    "n_start",
    "n_paired",
    "mean_start",
    "mean_end",
    "sd_start",
    "sd_end",
    "r",
    "mean_change",
    "sd_change",
    "ci_low",
    "ci_high",
    "t",
    "df",
    "p",
    "p_adjusted",
    "adjustment",
    "wilcoxon_w",
    "wilcoxon_p",
    "wilcoxon_method",
    "rank_biserial",
    "d_z",
    "d_z_low",
    "d_z_high",
    "d_av",
    "g_av",
    "g_av_low",
    "g_av_high",
    "smcr",
    "minimum_detectable_d_z",
    "direction",
    "d_av_rms",
    "d_av_rms_low",
    "d_av_rms_high",
    "reading",
    "level",
]
_TEXT = {*KEYS, "adjustment", "wilcoxon_method", "direction", "reading", "level"}
_WHOLE = {"n_start", "n_paired", "df"}
_GROUP_TEST = "p-values are adjusted for the totals only"
_NO_P = "there is no p-value to adjust"
Member = NDArray[np.bool_] | slice


@dataclass(frozen=True)
class Grouping:
    """A way to split people: the published name, the column of `people`, and its categories.

    Every category is a row also when nobody is in it. People whose value is missing fall under
    `not_known`, a row of its own where it is no category; when it is not given they fall under
    NOT_KNOWN, which is a row only where there are such people. So the groups of every grouping add
    up to the same Total, as disclosure control requires. `level` says which of several
    groupings of the same name it is, by coarser and finer categories, and stands in its rows.
    """

    name: str
    column: str
    categories: tuple[str, ...]
    not_known: str | None = None
    level: str = ANY_LEVEL

    def members(self, people: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
        """Each category that is a row, and whether each person is in it (boolean, as `people`).

        Raises AttitudesError, naming the column only, for a category that is not listed.
        """
        require_columns(people, [self.column], "people")
        found = people[self.column].astype("string")
        values = self.categories
        if self.not_known is not None or found.isna().any():
            missing = self.not_known or NOT_KNOWN
            found = found.fillna(missing)
            values = tuple(dict.fromkeys((*values, missing)))
        if not found.isin(values).all():
            raise AttitudesError(
                f"List every category of column {self.column} in the policy, or correct the column."
            )
        for value in values:
            yield value, found.eq(value).astype(bool)


@dataclass(frozen=True)
class ChangeSummary:
    """The table (CHANGE_COLUMNS, keys unique) and why a cell of it is missing.

    `not_estimable` has KEYS, level, statistic, reason, and marker ([x] not available, [z] not
    applicable): one row for every missing cell of the table.
    """

    table: pd.DataFrame
    not_estimable: pd.DataFrame


def change_summary(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    instrument: Instrument,
    groupings: Sequence[Grouping] = (),
    *,
    comparisons: Iterable[Comparison] = COMPARISONS,
) -> ChangeSummary:
    """Summarise change per scale, comparison and group, in the order of the arguments.

    `scores` are as `score_responses` makes them; `people` has one row per person of the linked
    cohort: person_id and the columns of the groupings. n_start counts people with a score at the
    first wave of the comparison, n_paired those with both; of a primary scale these are the people
    with a score of every primary scale. The Total rows come first of each comparison; their p is
    adjusted within the comparison: Holm over the primary scales, Benjamini-Hochberg over the
    exploratory ones, tests that could not be made left out of the family. `reading` (better, worse,
    no clear change) says where the interval of the mean change lies, in the scale's own direction.
    Counts are Int64, statistics Float64, missing where not estimable. Raises AttitudesError when a
    column is missing, a category is not listed, a score is not finite, or a person has two scores
    for one wave.
    """
    comparisons = tuple(comparisons)
    cube = analysis_cube(scores, people, instrument, comparisons)
    members: list[tuple[str, str, str, Member]] = [
        (TOTAL, TOTAL, ANY_LEVEL, slice(None)),
        *_members(people, groupings),
    ]
    rows: list[dict[str, Any]] = []
    reasons: list[dict[str, str]] = []
    for comparison in comparisons:
        for scale in instrument.scales:
            first = cube.at(scale.code, comparison.first)
            last = cube.at(scale.code, comparison.last)
            for group_name, group_value, level, member in members:
                keys: dict[str, str] = dict(
                    zip(KEYS, (scale.code, comparison.name, group_name, group_value), strict=True)
                )
                start = first[member]
                found = paired_statistics(start, last[member])
                n_start = int(np.count_nonzero(~np.isnan(start)))
                rows.append(keys | _row(scale, n_start, found) | {"level": level})
                reasons += [
                    keys
                    | {"statistic": name, "reason": reason, "marker": NOT_AVAILABLE, "level": level}
                    for name, reason in _why_missing(found).items()
                ]
    _adjust(rows, instrument, reasons)
    return ChangeSummary(_table(rows), _reasons(reasons))


def individual_changes(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    instrument: Instrument,
    *,
    comparisons: Iterable[Comparison] = COMPARISONS,
) -> pd.DataFrame:
    """Return the change of each of the pairs of `change_summary`, per scale and comparison.

    Columns: person_id, scale, comparison, change (end minus start, Float64) and benefit (boolean:
    the change is in the better direction). Raises AttitudesError as `change_summary` does.
    """
    comparisons = tuple(comparisons)
    cube = analysis_cube(scores, people, instrument, comparisons)
    frames = []
    for comparison in comparisons:
        for scale in instrument.scales:
            change = change_of(cube.pairs(scale.code, comparison).dropna())
            frames.append(
                pd.DataFrame(
                    {
                        "person_id": change.index,
                        "scale": scale.code,
                        "comparison": comparison.name,
                        "change": change.array,
                        "benefit": (change * scale.benefit_sign > 0).array,
                    }
                )
            )
    columns = ["person_id", "scale", "comparison", "change", "benefit"]
    changes = pd.concat(frames, ignore_index=True)[columns]
    return changes.astype({"scale": "string", "comparison": "string", "benefit": "boolean"})


def _members(
    people: pd.DataFrame, groupings: Sequence[Grouping]
) -> Iterator[tuple[str, str, str, Member]]:
    for grouping in groupings:
        for value, member in grouping.members(people):
            yield grouping.name, value, grouping.level, member.to_numpy(bool)


def _row(scale: Scale, n_start: int, found: PairedStatistics) -> dict[str, Any]:
    return {
        "n_start": n_start,
        "n_paired": found.n,
        "p_adjusted": None,
        "adjustment": None,
        "direction": scale.direction_label,
        "reading": reading_of(found.ci_low, found.ci_high, scale),
    } | {name: getattr(found, name) for name in STATISTICS}


def _why_missing(found: PairedStatistics) -> dict[str, str]:
    no_reading = {} if found.ci_low is not None else {"reading": found.reasons["ci_low"]}
    return dict(found.reasons) | no_reading


def _adjust(
    rows: list[dict[str, Any]], instrument: Instrument, reasons: list[dict[str, str]]
) -> None:
    """Fill p_adjusted and adjustment of the Total rows, and say why the others have none."""
    families = (
        (instrument.primary, holm, HOLM),
        (instrument.exploratory, benjamini_hochberg, BENJAMINI_HOCHBERG),
    )
    for comparison in dict.fromkeys(row["comparison"] for row in rows):
        totals = {
            row["scale"]: row
            for row in rows
            if row["comparison"] == comparison and row["group_name"] == TOTAL
        }
        for scales, adjust, name in families:
            family = [totals[scale.code] for scale in scales]
            adjusted = adjust([row["p"] for row in family])
            for row, p in zip(family, adjusted, strict=True):
                row["p_adjusted"], row["adjustment"] = p, name
    for row in rows:
        keys = {key: row[key] for key in (*KEYS, "level")}
        if row["group_name"] != TOTAL:
            for statistic in ("p_adjusted", "adjustment"):
                reasons.append(
                    keys | {"statistic": statistic, "reason": _GROUP_TEST, "marker": NOT_APPLICABLE}
                )
        elif row["p_adjusted"] is None:
            reasons.append(
                keys | {"statistic": "p_adjusted", "reason": _NO_P, "marker": NOT_AVAILABLE}
            )


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    types = {
        column: "string" if column in _TEXT else "Int64" if column in _WHOLE else "Float64"
        for column in CHANGE_COLUMNS
    }
    return pd.DataFrame(rows, columns=CHANGE_COLUMNS).astype(types)


def _reasons(rows: list[dict[str, str]]) -> pd.DataFrame:
    columns = [*KEYS, "level", "statistic", "reason", "marker"]
    return pd.DataFrame(rows, columns=columns).astype("string")
