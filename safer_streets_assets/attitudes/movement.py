"""How many rose, fell and stayed: the signs of the changes, counted."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from safer_streets_assets.attitudes.floats import CHANGE_DECIMALS
from safer_streets_assets.attitudes.grouping import TOTAL
from safer_streets_assets.attitudes.instrument import Instrument
from safer_streets_assets.attitudes.pairs import COMPARISONS, Comparison, analysis_cube

ROSE, FELL, STAYED = "rose", "fell", "stayed"
MOVEMENTS = (ROSE, FELL, STAYED)
_TYPES = {"scale": "string", "comparison": "string", "movement": "string", "n": "Int64"}


def movement_counts(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    instrument: Instrument,
    *,
    comparisons: Iterable[Comparison] = COMPARISONS,
) -> pd.DataFrame:
    """Count the pairs of `change_summary` whose score rose, fell or stayed, and all of them.

    Columns: scale, comparison, movement (MOVEMENTS and Total), n (Int64). A rise is a higher score,
    whichever way is better; what differs by rounding noise only has stayed. Raises AttitudesError
    as `change_summary` does.
    """
    comparisons = tuple(comparisons)
    cube = analysis_cube(scores, people, instrument, comparisons)
    rows: list[tuple[str, str, str, int]] = []
    for comparison in comparisons:
        for scale in instrument.scales:
            first, last = (cube.at(scale.code, w) for w in (comparison.first, comparison.last))
            change = np.round(last - first, CHANGE_DECIMALS)
            counts = {ROSE: change > 0, FELL: change < 0, STAYED: change == 0}
            counts[TOTAL] = ~np.isnan(change)
            rows += [
                (scale.code, comparison.name, name, int(np.count_nonzero(own)))
                for name, own in counts.items()
            ]
    return pd.DataFrame(rows, columns=list(_TYPES)).astype(_TYPES)
