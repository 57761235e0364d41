"""Regression to the mean: start score and change, beside Oldham's correlation."""

from __future__ import annotations

import pandas as pd

from safer_streets_assets.attitudes.floats import Floats, as_floats, correlation, varies
from safer_streets_assets.attitudes.instrument import Instrument
from safer_streets_assets.attitudes.pairs import START_END, Comparison, analysis_cube, change_of

TOO_FEW_PAIRS = "there are fewer than two pairs"
SAME_CHANGE = "the change does not vary"
SAME_START = "the score at the first wave does not vary"
SAME_MEAN = "the mean of both waves does not vary"

_TYPES = {
    "scale": "string",
    "n_paired": "Int64",
    "r_start_change": "Float64",
    "r_oldham": "Float64",
    "r_start_change_reason": "string",
    "r_oldham_reason": "string",
}


def start_and_change_correlation(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    instrument: Instrument,
    *,
    comparison: Comparison = START_END,
) -> pd.DataFrame:
    """Return, per scale, the correlation of start score and change beside Oldham's.

    The first is below zero by chance alone (people who start low rise); Oldham's (1962) is that of
    the mean of both waves and the change. Columns: scale, n_paired, r_start_change, r_oldham
    (Float64), and for each of the two the reason why it is missing. Raises AttitudesError as
    `change_summary` does.
    """
    rows = []
    cube = analysis_cube(scores, people, instrument, [comparison])
    for scale in instrument.scales:
        pairs = cube.pairs(scale.code, comparison).dropna()
        change = as_floats(change_of(pairs))
        start = as_floats(pairs["start"])
        mean = (start + as_floats(pairs["end"])) / 2
        rows.append(
            (
                scale.code,
                len(pairs),
                correlation(start, change),
                correlation(mean, change),
                _reason(start, change, SAME_START),
                _reason(mean, change, SAME_MEAN),
            )
        )
    return pd.DataFrame(rows, columns=list(_TYPES)).astype(_TYPES)


def _reason(level: Floats, change: Floats, same_level: str) -> str | None:
    if len(change) <= 1:
        return TOO_FEW_PAIRS
    if not varies(change):
        return SAME_CHANGE
    return None if varies(level) else same_level
