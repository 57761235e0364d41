"""The Kaplan-Meier estimate of time to an event, on plain arrays: no policy and no store."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

from safer_streets_assets.reoffending.errors import ReoffendingError

NOBODY = "nobody is followed"
NO_EVENT = "no event so far, so there is no interval"
ALL_EVENTS = "everybody left had the event, so there is no interval"
NOT_FOLLOWED = "nobody is followed for so long"

CURVE_COLUMNS = [
    *("time", "n_at_risk", "n_events", "n_censored"),
    *("survival", "standard_error", "ci_low", "ci_high", "reason"),
]
COUNTS = ["n_at_risk", "n_events", "n_censored"]

Floats = npt.NDArray[np.float64]


def kaplan_meier(
    time: Sequence[float] | Floats,
    event: Sequence[bool] | npt.NDArray[np.bool_],
    level: float = 0.95,
) -> pd.DataFrame:
    """The product-limit estimate of Kaplan and Meier (1958), one row for each distinct time.

    `time` is how long each person is followed, `event` whether that ends in the event (else they
    are censored); at a tie the events come first. Columns: `time`; `n_at_risk` just before it;
    `n_events` and `n_censored` at it; `survival`, the product of (1 - events / at risk) so far;
    `standard_error` by Greenwood (1926); `ci_low` and `ci_high` on the log(-log) scale,
    which keeps them within 0 and 1 (Kalbfleisch and Prentice 1980);
    `reason`, why the interval is missing, else missing itself. Nobody gives no row.

    Where everybody left had the event, survival is 0 and its standard error is missing: Greenwood's
    sum is then infinite.

    Raises:
        ReoffendingError: times and events are not of one length, or a time is missing, negative or
            without end, or the level is not between 0 and 1.
    """
    times, events = _checked(time, event, level)
    at, inverse = np.unique(times, return_inverse=True)
    d = np.bincount(inverse, weights=events, minlength=len(at)).astype(np.int64)
    ended = np.bincount(inverse, minlength=len(at)).astype(np.int64)
    n = len(times) - np.concatenate([[0], np.cumsum(ended)[:-1]]).astype(np.int64)[: len(at)]
    survival: Floats = np.cumprod(1.0 - d / n).astype(np.float64)
    # At the end of everybody d = n: the sum is infinite, and the interval is none.
    with np.errstate(divide="ignore"):
        greenwood = np.cumsum(np.where(d > 0, d / (n * (n - d).astype(float)), 0.0))
    low, high = _interval(survival, greenwood, level)
    error = np.full(len(at), np.nan)
    known = np.isfinite(greenwood)
    error[known] = survival[known] * np.sqrt(greenwood[known])
    reason = np.select([survival >= 1.0, survival <= 0.0], [NO_EVENT, ALL_EVENTS], "")
    return pd.DataFrame(
        {
            "time": at,
            "n_at_risk": n,
            "n_events": d,
            "n_censored": ended - d,
            "survival": survival,
            "standard_error": error,
            "ci_low": low,
            "ci_high": high,
            "reason": pd.Series(reason, dtype="string").replace("", pd.NA),
        }
    )[CURVE_COLUMNS]


def curve_at(
    time: Sequence[float] | Floats,
    event: Sequence[bool] | npt.NDArray[np.bool_],
    at: Sequence[float],
    level: float = 0.95,
) -> pd.DataFrame:
    """The estimate read at some times, with everybody in one of three counts.

    Columns as `kaplan_meier`, one row for each of `at`; here `n_events` had the event by then,
    `n_censored` were followed for less and had none, and `n_at_risk` are the rest: followed up to
    then without the event. The three add up to everybody. After the last follow-up there is no
    estimate unless everybody left had the event, and `reason` says so.

    Raises:
        ReoffendingError: as `kaplan_meier`.
    """
    times, events = _checked(time, event, level)
    curve = kaplan_meier(times, events, level)
    rows = []
    for moment in at:
        happened = int((events & (times <= moment)).sum())
        censored = int((~events & (times < moment)).sum())
        at_risk = len(times) - happened - censored
        row = _estimate(curve, moment, followed=at_risk > 0)
        rows.append(dict(zip(COUNTS, (at_risk, happened, censored), strict=True)) | row)
    frame = pd.DataFrame(rows, columns=CURVE_COLUMNS)
    estimates = ["survival", "standard_error", "ci_low", "ci_high"]
    kinds = dict.fromkeys(COUNTS, "int64") | dict.fromkeys(["time", *estimates], "float64")
    return frame.astype(kinds | {"reason": "string"})


def _estimate(curve: pd.DataFrame, moment: float, *, followed: bool) -> dict[str, object]:
    before = curve[curve["time"] <= moment]
    row: dict[str, object] = {"time": moment}
    if curve.empty:
        return {**row, "reason": NOBODY}
    if before.empty:
        return {**row, "survival": 1.0, "standard_error": 0.0, "reason": NO_EVENT}
    last = before.iloc[-1]
    if not followed and last["survival"] > 0.0:
        return {**row, "reason": NOT_FOLLOWED}
    kept = ["survival", "standard_error", "ci_low", "ci_high", "reason"]
    return {**row, **{name: last[name] for name in kept}}


def _interval(survival: Floats, greenwood: Floats, level: float) -> tuple[Floats, Floats]:
    """survival ^ exp(-+ z sqrt(greenwood) / log(survival)); none at 0 and 1."""
    low, high = np.full(len(survival), np.nan), np.full(len(survival), np.nan)
    inside = (survival > 0.0) & (survival < 1.0)
    logs = np.log(survival[inside])
    width = NormalDist().inv_cdf((1.0 + level) / 2.0) * np.sqrt(greenwood[inside]) / -logs
    low[inside] = np.exp(logs * np.exp(width))
    high[inside] = np.exp(logs * np.exp(-width))
    return low, high


def _checked(
    time: Sequence[float] | Floats, event: Sequence[bool] | npt.NDArray[np.bool_], level: float
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    times, events = np.asarray(time, dtype=float), np.asarray(event, dtype=bool)
    if times.shape != events.shape or times.ndim != 1:
        raise ReoffendingError("Give one time and one event for each person.")
    if not np.isfinite(times).all() or (times < 0).any():
        raise ReoffendingError(
            "A follow-up time is missing, negative or without end; correct it or leave it out."
        )
    if not 0.0 < level < 1.0:
        raise ReoffendingError("Give a level of confidence between 0 and 1, such as 0.95.")
    return times, events
