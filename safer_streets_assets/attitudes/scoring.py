"""From responses to scores: which response of a person counts, and what it scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from safer_streets_assets.attitudes.errors import AttitudesError
from safer_streets_assets.attitudes.instrument import Instrument, Scale

SCORE_COLUMNS = [
    "person_id",
    "respid",
    "wave",
    "scale",
    "score",
    "n_answered",
    "n_items",
    "n_dont_know",
    "n_prefer_not",
    "n_not_answered",
    "n_blank",
]


def choose_responses(
    responses: pd.DataFrame, *, complete: int = 1, partial: int = 3
) -> pd.DataFrame:
    """Keep one response per person and wave: the first complete one, else the first partial one.

    `responses` has person_id, respid, wave, status, interview_start and any further columns, which
    are kept as they are. First is by interview_start (unknown ones last), ties by respid (numbers
    by size). Responses of any other status (screened out) and of nobody (no person_id) never count.
    `complete` and `partial` are the status codes. Returns the chosen rows ordered by person and
    wave, with a fresh index. Raises AttitudesError when a column is missing.
    """
    require_columns(
        responses, ["person_id", "respid", "wave", "status", "interview_start"], "responses"
    )
    counting = responses[
        responses["status"].isin([complete, partial])
        & responses["person_id"].notna()
        & responses["wave"].notna()
    ]
    order = pd.DataFrame(
        {
            "person_id": counting["person_id"],
            "wave": counting["wave"],
            "incomplete": counting["status"].ne(complete),
            "interview_start": counting["interview_start"],
            "respid_number": pd.to_numeric(counting["respid"], errors="coerce"),
            "respid": counting["respid"].astype(str),
        },
        index=counting.index,
    ).reset_index(drop=True)
    order = order.sort_values(list(order.columns), kind="stable", na_position="last")
    first = order.drop_duplicates(["person_id", "wave"], keep="first").index
    return counting.reset_index(drop=True).loc[first].reset_index(drop=True)


def score_responses(responses: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Score every scale of every response: the mean of the keyed answered items (half rule).

    `responses` has person_id, respid, wave and the item columns with the missing codes kept.
    Returns one row per response and scale with SCORE_COLUMNS: `score` (Float64) is missing when
    fewer than the scale's `min_answered` items are answered; the counts (Int64) say how many items
    were answered, asked, and missing of each kind, so that anybody sees how much was prorated.
    Raises AttitudesError, naming the column only, when an item is absent or out of its range.
    """
    require_columns(responses, ["person_id", "respid", "wave"], "responses")
    frames = [_score_scale(responses, scale) for scale in instrument.scales]
    scores = pd.concat(frames, ignore_index=True)
    return scores[SCORE_COLUMNS]


def keyed_items(responses: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """Return the scale's items, keyed so that they all point one way, as floats, missing as NaN.

    A reversed item is low + high - code. Raises AttitudesError, naming the column only, when an
    item column is absent or holds something that is neither in range nor a missing code.
    """
    keyed = {}
    for item in scale.items:
        codes = _codes(responses, item.code)
        missing = np.isin(codes, scale.missing.all())
        answers = np.where(missing, np.nan, codes)
        out_of_range = (answers < scale.low) | (answers > scale.high) | (answers % 1 > 0)
        if out_of_range.any():
            raise AttitudesError(
                f"Set aside the responses in which column {item.code} holds a value outside"
                f" {scale.low} to {scale.high}, then score again."
            )
        keyed[item.code] = answers if item.key == 1 else scale.low + scale.high - answers
    return pd.DataFrame(keyed, index=responses.index)


def require_columns(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    """Raise AttitudesError naming the first of `columns` that `frame` (called `what`) lacks."""
    for column in columns:
        if column not in frame.columns:
            raise AttitudesError(f"Add the column {column} to the {what}.")


def _score_scale(responses: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    answers = keyed_items(responses, scale)
    codes = np.column_stack([_codes(responses, code) for code in scale.item_codes])
    answered = answers.notna().sum(axis="columns").to_numpy()
    enough = answered >= scale.min_answered
    totals = answers.sum(axis="columns").to_numpy()
    means = np.where(enough, totals / np.maximum(answered, 1), np.nan)
    return pd.DataFrame(
        {
            "person_id": responses["person_id"].to_numpy(),
            "respid": responses["respid"].to_numpy(),
            "wave": responses["wave"].astype("Int64").array,
            "scale": scale.code,
            "score": pd.array(means, dtype="Float64"),
            "n_answered": _counts(answered),
            "n_items": _counts(np.full(len(responses), len(scale.items))),
            "n_dont_know": _counts((codes == scale.missing.dont_know).sum(axis=1)),
            "n_prefer_not": _counts((codes == scale.missing.prefer_not).sum(axis=1)),
            "n_not_answered": _counts((codes == scale.missing.not_answered).sum(axis=1)),
            "n_blank": _counts(np.isnan(codes).sum(axis=1)),
        }
    )


def _codes(responses: pd.DataFrame, column: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    require_columns(responses, [column], "responses")
    try:
        numbers = pd.to_numeric(responses[column])
        return np.asarray(
            numbers.astype("Float64").to_numpy(dtype=float, na_value=np.nan), dtype=np.float64
        )
    except (TypeError, ValueError):
        raise AttitudesError(
            f"Set aside the responses in which column {column} holds something other than a code."
        ) from None


def _counts(values: np.ndarray[Any, Any]) -> pd.api.extensions.ExtensionArray:
    return pd.array(values, dtype="Int64")
