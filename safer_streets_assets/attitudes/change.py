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

from safer_streets_assets.attitudes.effects import minimum_detectable_d_z
from safer_streets_assets.attitudes.grouping import (
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    TOTAL,
    Grouping,
)
from safer_streets_assets.attitudes.instrument import Instrument, Scale
from safer_streets_assets.attitudes.mixed import WaveMeans
from safer_streets_assets.attitudes.multiplicity import (
    BENJAMINI_HOCHBERG,
    HOLM,
    benjamini_hochberg,
    holm,
)
from safer_streets_assets.attitudes.paired import (
    NO_SMALLEST,
    RANK_STATISTICS,
    STATISTICS,
    PairedStatistics,
    paired_statistics,
)
from safer_streets_assets.attitudes.pairs import (
    COMPARISONS,
    Comparison,
    ScoreCube,
    analysis_cube,
    change_of,
    reading_of,
)
from safer_streets_assets.policy.dimensions import ANY_LEVEL

KEYS = ["scale", "comparison", "group_name", "group_value"]
MODEL_STATISTICS = ("model_change", "model_low", "model_high", "model_p")
"""The mixed model over everybody with a score at the first wave: change, 95 % limits (Wald), p."""
TOTALS_ONLY = (
    "p_adjusted",
    "adjustment",
    "minimum_detectable_d_z_adjusted",
    "r_start_change",
    "r_oldham",
    *RANK_STATISTICS,
    *MODEL_STATISTICS,
)
"""What only Total rows have."""
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
    *RANK_STATISTICS,
    "hodges_lehmann",
    "hodges_lehmann_low",
    "hodges_lehmann_high",
    "d_z",
    "d_z_low",
    "d_z_high",
    "d_av",
    "g_av",
    "g_av_low",
    "g_av_high",
    "smcr",
    "smcr_low",
    "smcr_high",
    "r_start_change",
    "r_oldham",
    "equivalence_p",
    "smallest_change",
    "minimum_detectable_d_z",
    "minimum_detectable_d_z_adjusted",
    *MODEL_STATISTICS,
    "direction",
    "d_av_rms",
    "d_av_rms_low",
    "d_av_rms_high",
    "reading",
    "level",
]
_TEXT = {*KEYS, "adjustment", "wilcoxon_method", "direction", "reading", "level"}
_WHOLE = {"n_start", "n_paired", "df"}
_OF_FAMILY = ("p_adjusted", "adjustment", "minimum_detectable_d_z_adjusted")
LEVEL = 0.05
"""The two-sided level that a family of tests is held to."""
_TOTAL_ONLY = "it is given for the totals only"
_NO_P = "there is no p-value to adjust"
_NO_MODEL = "the mixed model cannot be fitted to these scores"
Member = NDArray[np.bool_] | slice


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
    exploratory ones, tests that could not be made left out of the family, which `adjustment` names.
    minimum_detectable_d_z_adjusted is that at 5 % over the number of tests of the family. Only they
    have TOTALS_ONLY, of which MODEL_STATISTICS are of a linear mixed model (random intercept, waves
    as dummies) of all scores of the n_start people. `reading` (better, worse,
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
                found = paired_statistics(
                    start, last[member], smallest_change=scale.smallest_change
                )
                row = _row(scale, int(np.count_nonzero(~np.isnan(start))), found)
                why = _why_missing(scale, found)
                if group_name == TOTAL:
                    _add_model(row, why, cube, scale, comparison)
                else:
                    row |= dict.fromkeys(TOTALS_ONLY)
                    why |= dict.fromkeys(TOTALS_ONLY, _TOTAL_ONLY)
                rows.append(keys | row | {"level": level})
                reasons += [
                    keys
                    | {
                        "statistic": name,
                        "reason": reason,
                        "marker": NOT_APPLICABLE if reason == _TOTAL_ONLY else NOT_AVAILABLE,
                        "level": level,
                    }
                    for name, reason in why.items()
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
        "smallest_change": scale.smallest_change,
        **dict.fromkeys(TOTALS_ONLY),
        "direction": scale.direction_label,
        "reading": reading_of(found.ci_low, found.ci_high, scale),
    } | {name: getattr(found, name) for name in STATISTICS}


def _why_missing(scale: Scale, found: PairedStatistics) -> dict[str, str]:
    why = dict(found.reasons)
    if found.ci_low is None:
        why["reading"] = why["ci_low"]
    if scale.smallest_change is None:
        why["smallest_change"] = NO_SMALLEST
    return why


def _add_model(
    row: dict[str, Any],
    why: dict[str, str],
    cube: ScoreCube,
    scale: Scale,
    comparison: Comparison,
) -> None:
    """The mixed model of all scores of those who have one at the first wave of a comparison."""
    began = ~np.isnan(cube.at(scale.code, comparison.first))
    waves = sorted(cube.waves)
    own = np.array([cube.at(scale.code, wave)[began] for wave in waves])
    found = WaveMeans.of(own, waves).estimate(comparison)
    if found is None:
        why |= dict.fromkeys(MODEL_STATISTICS, _NO_MODEL)
        return
    of_model = (found[name] for name in ("estimate", "ci_low", "ci_high", "p"))
    row |= dict(zip(MODEL_STATISTICS, of_model, strict=True))


def _adjust(
    rows: list[dict[str, Any]], instrument: Instrument, reasons: list[dict[str, str]]
) -> None:
    """Fill what the Total rows have of their family of tests, or say why there is none."""
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
            tested = [row for row in family if row["p"] is not None]
            listed = ", ".join(row["scale"] for row in tested)
            for row, p in zip(family, adjusted, strict=True):
                row["p_adjusted"] = p
                if p is None:
                    reasons += [_not_adjusted(row, s) for s in _OF_FAMILY]
                else:
                    row["adjustment"] = f"{name} over {listed}, {comparison}"
                    row["minimum_detectable_d_z_adjusted"] = minimum_detectable_d_z(
                        row["n_paired"], alpha=LEVEL / len(tested)
                    )


def _not_adjusted(row: dict[str, Any], statistic: str) -> dict[str, str]:
    keys = {key: row[key] for key in (*KEYS, "level")}
    return keys | {"statistic": statistic, "reason": _NO_P, "marker": NOT_AVAILABLE}


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    types = {
        column: "string" if column in _TEXT else "Int64" if column in _WHOLE else "Float64"
        for column in CHANGE_COLUMNS
    }
    return pd.DataFrame(rows, columns=CHANGE_COLUMNS).astype(types)


def _reasons(rows: list[dict[str, str]]) -> pd.DataFrame:
    columns = [*KEYS, "level", "statistic", "reason", "marker"]
    return pd.DataFrame(rows, columns=columns).astype("string")
