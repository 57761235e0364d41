"""Which scores belong together: the two scores of each person of the linked cohort."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from safer_streets_assets.attitudes.errors import AttitudesError
from safer_streets_assets.attitudes.scoring import require_columns

# Scores are means of a few small whole numbers: what differs beyond the twelfth decimal is
# floating-point noise, and would hide ties and zeros from rank tests.
CHANGE_DECIMALS = 12


@dataclass(frozen=True)
class Comparison:
    """Two waves compared: `first` is called start and `last` end, whichever waves they are."""

    name: str
    first: int
    last: int


START_END = Comparison("start-end", 1, 3)
START_MIDDLE = Comparison("start-middle", 1, 2)
MIDDLE_END = Comparison("middle-end", 2, 3)
COMPARISONS = (START_END, START_MIDDLE, MIDDLE_END)


def pair_scores(
    scores: pd.DataFrame, people: pd.DataFrame, scale: str, comparison: Comparison
) -> pd.DataFrame:
    """Return one row per person of `people`, indexed by person_id: start and end (Float64).

    A score that a person does not have is missing; people outside the cohort are left out. Raises
    AttitudesError when a person stands twice in `people` or has two scores of one scale and wave.
    """
    require_columns(scores, ["person_id", "wave", "scale", "score"], "scores")
    require_one_row_per_person(people)
    own = scores[scores["scale"].eq(scale).fillna(False)]
    index = pd.Index(people["person_id"], name="person_id")
    return pd.DataFrame(
        {
            "start": _wave_scores(own, comparison.first, index),
            "end": _wave_scores(own, comparison.last, index),
        }
    )


def change_of(pairs: pd.DataFrame) -> pd.Series:
    """Return end minus start of complete pairs, free of floating-point noise."""
    return (pairs["end"] - pairs["start"]).round(CHANGE_DECIMALS)


def require_one_row_per_person(people: pd.DataFrame) -> None:
    """Raise AttitudesError unless every row of `people` is another, known person."""
    require_columns(people, ["person_id"], "people")
    if people["person_id"].isna().any() or people["person_id"].duplicated().any():
        raise AttitudesError("Hand over the linked cohort with exactly one row per person.")


def _wave_scores(scores: pd.DataFrame, wave: int, index: pd.Index) -> pd.Series:
    at_wave = scores[scores["wave"].eq(wave).fillna(False) & scores["person_id"].notna()]
    if at_wave["person_id"].duplicated().any():
        raise AttitudesError("Choose one response per person and wave before scores are compared.")
    values = at_wave.set_index("person_id")["score"].astype("Float64")
    return values.reindex(index)
