"""From responses to scores: which response of a person counts, and what it scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from safer_streets_assets.attitudes.as_read import id_keys, whole_numbers
from safer_streets_assets.attitudes.errors import AttitudesError
from safer_streets_assets.attitudes.instrument import Instrument, Item, Scale

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
    are kept as they are. Ids, waves and status may be numbers or text; wave and status come back
    as Int64. First is by interview_start (unknown ones last), ties by respid (numbers by size).
    Responses of any other status (screened out) and of nobody (no person_id) never count.
    `complete` and `partial` are the status codes. Returns the chosen rows ordered by person and
    wave, with a fresh index. Raises AttitudesError when a column is missing, or a wave or status
    is no whole number.
    """
    require_columns(
        responses, ["person_id", "respid", "wave", "status", "interview_start"], "responses"
    )
    responses = responses.assign(
        **{name: whole_numbers(responses[name], name) for name in ("wave", "status")}
    )
    counting = (
        responses["status"].isin([complete, partial])
        & responses["person_id"].notna()
        & responses["wave"].notna()
    )
    rows = np.flatnonzero(counting.to_numpy(bool))
    person, _ = pd.factorize(pd.Index(id_keys(responses["person_id"]))[rows], sort=True)
    wave, waves = pd.factorize(responses["wave"].array[rows], sort=True)
    cell = person.astype(np.int64) * len(waves) + wave
    order = np.argsort(cell, kind="stable")
    rows, cell = rows[order], cell[order]
    alone = np.ones(len(cell), dtype=bool)
    alone[1:] &= cell[1:] != cell[:-1]
    alone[:-1] &= cell[1:] != cell[:-1]
    first = _first_of_each(responses, rows[~alone], cell[~alone], complete)
    chosen = np.sort(np.concatenate([np.flatnonzero(alone), np.flatnonzero(~alone)[first]]))
    return responses.take(rows[chosen]).reset_index(drop=True)


def score_responses(responses: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Score every scale of every response: the mean of the keyed answered items (half rule).

    `responses` has person_id, respid, wave and the item columns with the missing codes kept.
    Returns one row per response and scale with SCORE_COLUMNS: `score` (Float64) is missing when
    fewer than the scale's `min_answered` items are answered; the counts (Int64) say how many items
    were answered, asked, and missing of each kind, so that anybody sees how much was prorated.
    Raises AttitudesError, naming the column only, when an item is absent or out of its range.
    """
    require_columns(responses, ["person_id", "respid", "wave"], "responses")
    facts = [_score_scale(responses, scale) for scale in instrument.scales]
    n_scales, n_rows = len(instrument.scales), len(responses)
    again = np.tile(np.arange(n_rows), n_scales)
    names = pd.Series([scale.code for scale in instrument.scales], dtype="str").array
    columns: dict[str, Any] = {
        "person_id": responses["person_id"].array.take(again),
        "respid": responses["respid"].array.take(again),
        "wave": whole_numbers(responses["wave"], "wave").array.take(again),
        "scale": names.take(np.repeat(np.arange(n_scales), n_rows)),
    }
    del again
    for name in SCORE_COLUMNS[len(columns) :]:
        columns[name] = _joined([own.pop(name) for own in facts])
    return pd.DataFrame(columns, copy=False)


def keyed_items(responses: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """Return the scale's items, keyed so that they all point one way, as floats, missing as NaN.

    A reversed item is low + high - code. Raises AttitudesError, naming the column only, when an
    item column is absent or holds something that is neither in range nor a missing code.
    """
    keyed = {}
    for item in scale.items:
        codes = _codes(responses, item.code)
        valid = _valid(codes, item.code, scale)
        keyed[item.code] = np.where(valid, _keyed(codes, item, scale), np.nan)
    return pd.DataFrame(keyed, index=responses.index)


def require_columns(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    """Raise AttitudesError naming the first of `columns` that `frame` (called `what`) lacks."""
    for column in columns:
        if column not in frame.columns:
            raise AttitudesError(f"Add the column {column} to the {what}.")


def _first_of_each(
    responses: pd.DataFrame, rows: NDArray[np.intp], cell: NDArray[np.int64], complete: int
) -> NDArray[np.intp]:
    """The positions in `rows` of the response that counts in each cell (person and wave)."""
    several = responses.iloc[rows]
    order = pd.DataFrame(
        {
            "cell": cell,
            "incomplete": several["status"].ne(complete).array,
            "interview_start": several["interview_start"].array,
            "respid_number": pd.to_numeric(several["respid"], errors="coerce").array,
            "respid": several["respid"].astype(str).array,
        }
    )
    order = order.sort_values(list(order.columns), kind="stable", na_position="last")
    return order.drop_duplicates("cell", keep="first").index.to_numpy()


def _score_scale(responses: pd.DataFrame, scale: Scale) -> dict[str, NDArray[Any]]:
    """The columns of a scale's scores that follow from its items, one value a response."""
    n = len(responses)
    total = np.zeros(n)
    kinds = ("n_dont_know", "n_prefer_not", "n_not_answered")
    counts = {name: np.zeros(n, dtype=np.int64) for name in ("n_answered", *kinds, "n_blank")}
    for item in scale.items:
        codes = _codes(responses, item.code)
        valid = _valid(codes, item.code, scale)
        total += np.where(valid, _keyed(codes, item, scale), 0.0)
        counts["n_answered"] += valid
        counts["n_blank"] += np.isnan(codes)
        for name, code in zip(kinds, scale.missing.all(), strict=True):
            counts[name] += codes == code
    answered = counts["n_answered"]
    score = np.where(answered >= scale.min_answered, total / np.maximum(answered, 1), np.nan)
    return {"score": score, "n_items": np.full(n, len(scale.items)), **counts}


def _joined(parts: list[NDArray[Any]]) -> pd.api.extensions.ExtensionArray:
    """Arrays one after another, as Float64 or Int64; NaN is missing."""
    joined: NDArray[Any] = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
    return pd.Series(joined).astype("Float64" if joined.dtype.kind == "f" else "Int64").array


def _keyed(codes: NDArray[np.float64], item: Item, scale: Scale) -> NDArray[np.float64]:
    return codes if item.key == 1 else scale.low + scale.high - codes


def _valid(codes: NDArray[np.float64], column: str, scale: Scale) -> NDArray[np.bool_]:
    """Where an item is answered; raises AttitudesError for what is no answer and not missing."""
    valid = (codes >= scale.low) & (codes <= scale.high) & (np.floor(codes) == codes)
    if not (valid | np.isnan(codes) | np.isin(codes, scale.missing.all())).all():
        raise AttitudesError(
            f"Set aside the responses in which column {column} holds a value outside"
            f" {scale.low} to {scale.high}, then score again."
        )
    return np.asarray(valid)


def _codes(responses: pd.DataFrame, column: str) -> NDArray[np.float64]:
    require_columns(responses, [column], "responses")
    values = responses[column]
    try:
        numbers = values if pd.api.types.is_numeric_dtype(values) else pd.to_numeric(values)
        return np.asarray(numbers.to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError):
        raise AttitudesError(
            f"Set aside the responses in which column {column} holds something other than a code."
        ) from None
