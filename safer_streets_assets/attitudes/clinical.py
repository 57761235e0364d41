"""Clinically significant change of each person (Jacobson and Truax 1991), against a norm."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from safer_streets_assets.attitudes import reliable
from safer_streets_assets.attitudes.errors import AttitudesError
from safer_streets_assets.attitudes.floats import CHANGE_DECIMALS, as_floats
from safer_streets_assets.attitudes.instrument import Direction, Instrument, Norm, Scale
from safer_streets_assets.attitudes.pairs import START_END, Comparison, analysis_cube

Criterion = Literal["a", "b", "c"]

RECOVERED = "recovered"
IMPROVED = "improved"
UNCHANGED = "unchanged"
DETERIORATED = "deteriorated"
CLASSES = (RECOVERED, IMPROVED, UNCHANGED, DETERIORATED)
NO_NORM = "the policy gives no functional norm"
NOBODY_STARTED = "nobody has a score at the first wave"
NORM_NOT_BETTER = "the norm is not on the better side of the mean at the first wave"

_OF_RELIABLE = {
    reliable.IMPROVEMENT: IMPROVED,
    reliable.NO_CHANGE: UNCHANGED,
    reliable.DETERIORATION: DETERIORATED,
}
_PARAMETERS = {
    "scale": "string",
    "n_start": "Int64",
    "mean_start": "Float64",
    "sd_start": "Float64",
    "alpha": "Float64",
    "standard_error": "Float64",
    "norm_mean": "Float64",
    "norm_sd": "Float64",
    "norm_source": "string",
    "a": "Float64",
    "b": "Float64",
    "c": "Float64",
    "criterion": "string",
    "cut_off": "Float64",
    "reason": "string",
}


@dataclass(frozen=True)
class CutOffs:
    """The three cut-offs in score units, and whether both ranges overlap.

    a: two SDs from the dysfunctional mean towards the better side; b: two SDs from the functional
    mean towards the worse side; c: where both are equally many of their own SDs away.
    """

    a: float
    b: float
    c: float
    overlap: bool

    @property
    def advised(self) -> Criterion:
        """The criterion that Jacobson and Truax advise: c where the ranges overlap, else b."""
        return "c" if self.overlap else "b"

    def at(self, criterion: Criterion) -> float:
        """The cut-off of that criterion."""
        return {"a": self.a, "b": self.b, "c": self.c}[criterion]


@dataclass(frozen=True)
class ClinicalChange:
    """The counts, the people behind them, and what they were classified with.

    counts: scale, class (CLASSES), n (Int64, missing when the scale has no cut-off or index).
    people: person_id, scale, index (of reliable change, Float64), class. parameters: scale,
    n_start, mean_start, sd_start, alpha, standard_error, norm_mean, norm_sd, norm_source, a, b, c,
    criterion, cut_off, reason.
    """

    counts: pd.DataFrame
    people: pd.DataFrame
    parameters: pd.DataFrame


def cut_offs(
    dysfunctional_mean: float, dysfunctional_sd: float, norm: Norm, direction: Direction
) -> CutOffs:
    """Return cut-offs a, b and c of Jacobson and Truax (1991), in score units.

    With s = +1 where higher is better and -1 where lower is: a = M1 + 2 s S1, b = M0 - 2 s S0,
    c = (S0 M1 + S1 M0) / (S0 + S1); M1, S1 are those of the dysfunctional group, M0, S0 the norm's.
    Raises AttitudesError unless all are finite, both SDs are above zero, and the norm's mean lies
    on the better side.
    """
    sign = 1 if direction == "higher_better" else -1
    numbers = (dysfunctional_mean, dysfunctional_sd, norm.mean, norm.sd)
    if not all(math.isfinite(x) for x in numbers) or min(dysfunctional_sd, norm.sd) <= 0:
        raise AttitudesError("Hand over means that are finite and SDs above zero for cut-offs.")
    if sign * (norm.mean - dysfunctional_mean) <= 0:
        raise AttitudesError("Hand over a norm whose mean is on the better side for cut-offs.")
    a = dysfunctional_mean + 2 * sign * dysfunctional_sd
    b = norm.mean - 2 * sign * norm.sd
    weighted = norm.sd * dysfunctional_mean + dysfunctional_sd * norm.mean
    return CutOffs(a, b, weighted / (norm.sd + dysfunctional_sd), sign * (a - b) > 0)


def clinical_change(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    instrument: Instrument,
    alpha: Mapping[str, float | None],
    norms: Mapping[str, Norm] | None = None,
    *,
    criterion: Criterion | None = None,
    comparison: Comparison = START_END,
    beyond: float = reliable.BEYOND,
) -> ClinicalChange:
    """Classify each linked person with both scores as recovered, improved, unchanged, deteriorated.

    Recovered is a reliable improvement from the worse side of the cut-off (or on it) to beyond it;
    improved any other reliable improvement, deteriorated a reliable deterioration, unchanged the
    rest. `scores`, `people`, `alpha` and `beyond` are as for `reliable_change`; the dysfunctional
    group is everybody with an analysed score at the first wave; `norms` by scale code (default:
    those of the instrument). `criterion` is the advised one unless given. A scale without a norm or
    a reliable change index, or whose norm is not on the better side of the starters' mean, has
    missing counts and a reason. Single items have no row. Raises AttitudesError as
    `reliable_change` does, and for a norm that is not finite or whose SD is not above zero.
    """
    if norms is None:
        norms = {s.code: s.norm for s in instrument.scales if s.norm is not None}
    found = reliable.reliable_change(
        scores, people, instrument, alpha, comparison=comparison, beyond=beyond
    )
    cube = analysis_cube(scores, people, instrument, [comparison])
    counts: list[tuple[str, str, int | None]] = []
    persons, parameters = [], []
    for known in found.parameters.to_dict("records"):
        scale = instrument.scale(known["scale"])
        pairs = cube.pairs(scale.code, comparison)
        row = _parameters(known, scale, norms.get(scale.code), pairs["start"], criterion)
        parameters.append(row)
        if row["reason"] is not None:
            counts += [(scale.code, name, None) for name in CLASSES]
            continue
        own = found.people[found.people["scale"].eq(scale.code)]
        classified = _classify(own, pairs, row["cut_off"], scale.benefit_sign)
        persons.append(classified)
        counts += [(scale.code, name, int(classified["class"].eq(name).sum())) for name in CLASSES]
    types = {"scale": "string", "class": "string", "n": "Int64"}
    everybody = pd.concat(persons, ignore_index=True) if persons else found.people.iloc[:0]
    return ClinicalChange(
        pd.DataFrame(counts, columns=list(types)).astype(types),
        everybody,
        pd.DataFrame(parameters, columns=list(_PARAMETERS)).astype(_PARAMETERS),
    )


def _parameters(
    known: Mapping[Any, Any],
    scale: Scale,
    norm: Norm | None,
    start: pd.Series,
    criterion: Criterion | None,
) -> dict[str, Any]:
    at_start = as_floats(start.dropna())
    mean = float(at_start.mean()) if at_start.size else None
    row: dict[str, Any] = {str(name): value for name, value in known.items()}
    row |= {"mean_start": mean, "reason": None if pd.isna(row["reason"]) else row["reason"]}
    if norm is None:
        return row | {"reason": NO_NORM}
    row |= {"norm_mean": norm.mean, "norm_sd": norm.sd, "norm_source": norm.source}
    if mean is None:
        return row | {"reason": NOBODY_STARTED}
    if row["reason"] is not None:
        return row
    if scale.benefit_sign * (norm.mean - mean) <= 0:
        return row | {"reason": NORM_NOT_BETTER}
    cuts = cut_offs(mean, float(row["sd_start"]), norm, scale.direction)
    chosen = criterion or cuts.advised
    return row | {
        "a": cuts.a,
        "b": cuts.b,
        "c": cuts.c,
        "criterion": chosen,
        "cut_off": cuts.at(chosen),
    }


def _classify(
    own: pd.DataFrame, pairs: pd.DataFrame, cut_off: float, benefit_sign: int
) -> pd.DataFrame:
    ahead = ((pairs.loc[own["person_id"]] - cut_off) * benefit_sign).round(CHANGE_DECIMALS)
    crossed = (ahead["start"] <= 0) & (ahead["end"] > 0)
    classes = own["class"].map(_OF_RELIABLE).astype("string")
    recovered = classes.eq(IMPROVED) & crossed.to_numpy(bool)
    return own.assign(**{"class": classes.mask(recovered, RECOVERED)})
