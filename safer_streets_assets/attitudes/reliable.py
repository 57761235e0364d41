"""Reliable change of each person (Jacobson and Truax 1991)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from safer_streets_assets.attitudes.floats import as_floats, sample_sd
from safer_streets_assets.attitudes.instrument import Instrument, Scale
from safer_streets_assets.attitudes.pairs import (
    START_END,
    Comparison,
    analysis_cube,
    change_of,
)

IMPROVEMENT = "reliable improvement"
NO_CHANGE = "no reliable change"
DETERIORATION = "reliable deterioration"
CLASSES = (IMPROVEMENT, NO_CHANGE, DETERIORATION)
BEYOND = 1.96
THRESHOLD_COLUMNS = [
    "scale",
    "n_start",
    "n_complete",
    "sd_start",
    "alpha",
    "standard_error",
    "threshold",
    "reason",
]
_PERFECT = 1 - 1e-9


@dataclass(frozen=True)
class ReliableChange:
    """The counts, the people behind them, and what the index was computed with.

    counts: scale, class, n (Int64, missing when the scale has no index). people: person_id, scale,
    index (Float64), class. parameters: scale, n_start, sd_start, alpha, standard_error, reason.
    """

    counts: pd.DataFrame
    people: pd.DataFrame
    parameters: pd.DataFrame


def standard_error_of_difference(sd_start: float, alpha: float) -> float:
    """Return SD_start x sqrt(2) x sqrt(1 - alpha), in score units."""
    return sd_start * math.sqrt(2) * math.sqrt(1 - alpha)


def reliable_change(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    instrument: Instrument,
    alpha: Mapping[str, float | None],
    *,
    comparison: Comparison = START_END,
    beyond: float = BEYOND,
) -> ReliableChange:
    """Classify the pairs of `change_summary`, person by person, by (end - start) / standard error.

    `scores` and `people` are as for `change_summary`; `alpha` is Cronbach's alpha at the first wave
    by scale code, and the SD is that of its n_start people at that wave. Scales of a
    single item have no alpha and no row. Reliable is an index beyond +/- `beyond`; with
    lower-is-better scales a fall is the improvement. A scale without alpha, with alpha below 0 or
    not below 1, or without variation has missing counts and a reason.
    """
    scales = [scale for scale in instrument.scales if len(scale.items) > 1]
    cube = analysis_cube(scores, people, instrument, [comparison])
    counts: list[tuple[str, str, int | None]] = []
    persons, parameters = [], []
    for scale in scales:
        pairs = cube.pairs(scale.code, comparison)
        start = as_floats(pairs["start"].dropna())
        sd_start = sample_sd(start)
        error, reason = _error(sd_start, alpha.get(scale.code))
        parameters.append((scale.code, len(start), sd_start, alpha.get(scale.code), error, reason))
        if error is None:
            counts += [(scale.code, name, None) for name in CLASSES]
            continue
        classified = _classify(pairs.dropna(), scale, error, beyond)
        persons.append(classified)
        counts += [(scale.code, name, int(classified["class"].eq(name).sum())) for name in CLASSES]
    return ReliableChange(_counts(counts), _people(persons), _parameters(parameters))


def thresholds_of(
    found: ReliableChange, alphas: pd.DataFrame, *, wave: int = 1, beyond: float = BEYOND
) -> pd.DataFrame:
    """Return per scale the least change that is reliable, and all it is made of.

    `found` is what `reliable_change` gave with the alpha at `wave` of `alphas` (see `alpha_table`).
    Columns: scale, n_start (people the SD is of), n_complete (people alpha is of), sd_start, alpha,
    standard_error = sd_start x sqrt(2) x sqrt(1 - alpha), threshold = `beyond` x standard_error, in
    score units, reason. A change greater than the threshold, up or down, is reliable.
    """
    of_wave = alphas[alphas["wave"].eq(wave).fillna(False)][["scale", "n_complete"]]
    table = found.parameters.merge(of_wave, on="scale", how="left")
    table["n_complete"] = table["n_complete"].fillna(0).astype("Int64")
    return table.assign(threshold=beyond * table["standard_error"])[THRESHOLD_COLUMNS]


def _error(sd_start: float | None, alpha: float | None) -> tuple[float | None, str | None]:
    if alpha is None or pd.isna(alpha):
        return None, "alpha at the first wave is not estimable"
    if sd_start is None:
        return None, "fewer than two scores at the first wave"
    if alpha < 0:
        return None, "alpha is below zero, so it is no reliability"
    if alpha >= _PERFECT:  # nearer to 1 there is nothing but rounding noise
        return None, "alpha is 1, so there is no measurement error"
    error = standard_error_of_difference(sd_start, alpha)
    return (error, None) if error > 0 else (None, "the scores at the first wave do not vary")


def _classify(pairs: pd.DataFrame, scale: Scale, error: float, beyond: float) -> pd.DataFrame:
    index = change_of(pairs) / error
    benefit = index * scale.benefit_sign
    classes = pd.Series(NO_CHANGE, index=index.index, dtype="string")
    classes = classes.mask(benefit > beyond, IMPROVEMENT).mask(benefit < -beyond, DETERIORATION)
    return pd.DataFrame(
        {
            "person_id": index.index,
            "scale": scale.code,
            "index": index.array,
            "class": classes.array,
        }
    )


def _counts(rows: list[tuple[str, str, int | None]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["scale", "class", "n"]).astype(
        {"scale": "string", "class": "string", "n": "Int64"}
    )


def _people(frames: list[pd.DataFrame]) -> pd.DataFrame:
    columns = ["person_id", "scale", "index", "class"]
    everybody = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    return everybody.astype({"scale": "string", "index": "Float64", "class": "string"})


def _parameters(
    rows: list[tuple[str, int, float | None, float | None, float | None, str | None]],
) -> pd.DataFrame:
    columns = ["scale", "n_start", "sd_start", "alpha", "standard_error", "reason"]
    types = ["string", "Int64", "Float64", "Float64", "Float64", "string"]
    return pd.DataFrame(rows, columns=columns).astype(dict(zip(columns, types, strict=True)))
