"""What stands beside the table of change in the research store: for analysts, not for publication.

Three waves together, start score and change, and change against a functional norm. None of it is
published: the numbers of people by wave would give away counts that the published tables hide.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from safer_streets_assets.attitudes.clinical import clinical_change
from safer_streets_assets.attitudes.instrument import Instrument
from safer_streets_assets.attitudes.mixed import WAVE_COLUMNS, wave_model
from safer_streets_assets.attitudes.regression_to_mean import start_and_change_correlation

_NOBODY = pd.DataFrame({"person_id": pd.Series(dtype="string")})
_NO_SCORES = pd.DataFrame(
    {
        "person_id": pd.Series(dtype="string"),
        "wave": pd.Series(dtype="int64"),
        "scale": pd.Series(dtype="string"),
        "score": pd.Series(dtype="Float64"),
    }
)


def beside_change(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    instrument: Instrument,
    alpha: Mapping[str, float | None],
) -> dict[str, pd.DataFrame]:
    """The tables by name; `scores`, `people` and `alpha` are as for `reliable_change`.

    attitude_waves: WAVE_COLUMNS of `wave_model`. attitude_start_and_change: the columns of
    `start_and_change_correlation`. clinical_change: scale, class, n (missing without a norm), and
    clinical_cut_offs: the cut-offs with what they are made of, or the reason why there is none.
    """
    clinical = clinical_change(scores, people, instrument, alpha)
    return {
        "attitude_waves": wave_model(scores, people, instrument)[WAVE_COLUMNS],
        "attitude_start_and_change": start_and_change_correlation(scores, people, instrument),
        "clinical_change": clinical.counts,
        "clinical_cut_offs": clinical.parameters,
    }


def columns_beside_change(instrument: Instrument) -> dict[str, list[str]]:
    """The columns of the tables of `beside_change`, which are the same with and without people."""
    without = beside_change(_NO_SCORES, _NOBODY, instrument, {})
    return {name: list(frame.columns) for name, frame in without.items()}
