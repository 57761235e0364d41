"""The start scores of those who completed against those of people who left the programme."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from safer_streets_assets.attitudes.attrition import compare_scores
from safer_streets_assets.attitudes.floats import as_floats

COMPLETERS_COLUMNS: Mapping[str, str] = {
    "scale": "VARCHAR",
    "n_completed": "BIGINT",
    "n_left": "BIGINT",
    "mean_completed": "DOUBLE",
    "mean_left": "DOUBLE",
    "sd_completed": "DOUBLE",
    "sd_left": "DOUBLE",
    "smd": "DOUBLE",
    "statistic_name": "VARCHAR",
    "statistic": "DOUBLE",
    "df": "DOUBLE",
    "p": "DOUBLE",
    "reason": "VARCHAR",
}


def completers_table(scores: pd.DataFrame) -> pd.DataFrame:
    """One row a scale; the columns are COMPLETERS_COLUMNS.

    `scores` has one row a person and scale with a start score: `scale`, `score`, `result` (only
    completed and left are compared). `smd` is the difference of means, completed less left, over
    the root mean square of both SDs; the test is Welch's t. `reason` says why there is none.
    """
    rows = []
    for scale, own in scores.groupby("scale", sort=False):
        row, why = compare_scores(
            {
                result: as_floats(own.loc[own["result"] == result, "score"])
                for result in ("completed", "left")
            }
        )
        rows.append({"scale": scale, **row, "reason": why.get("smd")})
    return pd.DataFrame(rows, columns=[*COMPLETERS_COLUMNS])
