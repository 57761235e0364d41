"""Firth's penalised logistic regression on plain arrays: no policy and no store.

Maximum likelihood overstates odds ratios where results are few, and has no estimate where a factor
separates them. Firth (1993) maximises the likelihood times Jeffreys' prior, the root of the
determinant of Fisher's information I; Heinze and Schemper (2002) showed that this always gives a
finite estimate, and gave the profile likelihood intervals that are taken here.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from safer_streets_assets.monitoring.errors import MonitoringError

Floats = npt.NDArray[np.float64]

METHOD = "Firth's penalised logistic regression, profile penalised likelihood interval"
STEPS = 200
HALVINGS = 30
LONGEST_STEP = 5.0
CLOSE = 1e-14
"""Where Newton's step would still raise the height by so little, this is the maximum."""
LEVEL = 1e-7
"""A slope below this is level."""
ROUNDING = 1e-12
AS_NEAR = 1e-8
"""A limit is found as closely, in the root of the fall."""
FARTHEST = 60.0
"""No odds ratio is beyond the exponential of this: a limit that is, is none."""


@dataclass(frozen=True)
class FirthFit:
    """Coefficients (log odds), their intervals and two-sided p by the penalised likelihood ratio.

    `low`, `high` and `p` are NaN where they were not found.
    """

    coefficients: Floats
    low: Floats
    high: Floats
    p: Floats
    log_likelihood: float


@dataclass(frozen=True)
class _Point:
    """A place on the penalised likelihood: its height, slope and information there."""

    at: Floats
    height: float
    slope: Floats
    information: Floats


def firth(design: npt.ArrayLike, happened: npt.ArrayLike, level: float = 0.95) -> FirthFit:
    """Fit the model; `design` has one row a person and one column a parameter, the constant too.

    The penalised log likelihood is l(b) + log det I(b) / 2 (Firth 1993). The limits of coefficient
    j are the two values b_j at which twice the fall of its maximum over the other coefficients is
    the quantile of chi-square with one degree of freedom; p compares the fall at b_j = 0.

    Raises:
        MonitoringError: the arrays do not fit together, a column follows from the others, or the
            maximum was not found.
    """
    x, y = _checked(design, happened, level)
    everything = np.ones(x.shape[1], dtype=bool)
    best = _maximum(x, y, np.zeros(x.shape[1]), everything)
    if best is None:
        raise MonitoringError("The maximum of the likelihood was not found; leave a factor out.")
    z = NormalDist().inv_cdf((1.0 + level) / 2.0)
    errors = np.sqrt(np.diag(np.linalg.inv(best.information)))
    limits = np.array(
        [
            [_limit(x, y, best, j, side * z, float(errors[j])) for side in (-1.0, 1.0)]
            for j in range(x.shape[1])
        ]
    )
    return FirthFit(
        best.at,
        limits[:, 0],
        limits[:, 1],
        np.array([_p_of_zero(x, y, best, j) for j in range(x.shape[1])]),
        best.height,
    )


def _point(x: Floats, y: Floats, at: Floats) -> _Point | None:
    """The penalised likelihood at a place; None where it is too far out to be computed."""
    linear = x @ at
    p = 0.5 * (1.0 + np.tanh(linear / 2.0))
    weights = p * (1.0 - p)
    rooted = x * np.sqrt(weights)[:, None]
    information = rooted.T @ rooted
    try:
        lower = np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return None
    hat = (np.linalg.solve(lower, rooted.T) ** 2).sum(axis=0)
    likelihood = float(y @ linear - np.logaddexp(0.0, linear).sum())
    penalty = float(np.log(np.diag(lower)).sum())
    slope = x.T @ (y - p + hat * (0.5 - p))
    return _Point(at, likelihood + penalty, slope, information)


def _maximum(x: Floats, y: Floats, start: Floats, free: npt.NDArray[np.bool_]) -> _Point | None:
    """The greatest height with only `free` coefficients moved, by Newton's method: a step that
    does not rise is halved. Where that creeps, as it may beside a factor that separates the
    results, scipy's BFGS goes on from there."""
    here = _point(x, y, start)
    for _ in range(STEPS):
        if here is None:
            return None
        slope = here.slope[free]
        step = np.linalg.solve(here.information[np.ix_(free, free)], slope).astype(np.float64)
        # Twice the rise that is still to be had, by the quadratic through this place.
        if not step.size or float(slope @ step) < CLOSE:
            return here
        step *= min(1.0, LONGEST_STEP / float(np.abs(step).max()))
        found = _risen(x, y, here, step, free)
        if found is None:
            break
        here = found
    return None if here is None else _climbed(x, y, here, free)


def _climbed(x: Floats, y: Floats, here: _Point, free: npt.NDArray[np.bool_]) -> _Point | None:
    """The greatest height from a place on, by BFGS; None where the slope there is not level."""
    # The import takes a third of a second, which few fits are worth.
    from scipy.optimize import minimize

    def placed(moved: Floats) -> Floats:
        at = here.at.copy()
        at[free] = moved
        return at

    def depth(moved: Floats) -> tuple[float, Floats]:
        point = _point(x, y, placed(moved))
        if point is None:
            return np.inf, np.zeros(len(moved))
        return -point.height, -point.slope[free]

    found = minimize(depth, here.at[free], jac=True, method="BFGS", options={"gtol": LEVEL})
    top = _point(x, y, placed(found.x))
    return top if top is not None and np.abs(top.slope[free]).max() < 10 * LEVEL else None


def _risen(
    x: Floats, y: Floats, here: _Point, step: Floats, free: npt.NDArray[np.bool_]
) -> _Point | None:
    for _ in range(HALVINGS):
        at = here.at.copy()
        at[free] += step
        there = _point(x, y, at)
        if there is not None and there.height >= here.height - ROUNDING * (1.0 + abs(here.height)):
            return there
        step = step / 2.0
    return None


def _profile(x: Floats, y: Floats, j: int, start: Floats, value: float) -> _Point | None:
    """The greatest height where coefficient j has a value."""
    free = np.ones(x.shape[1], dtype=bool)
    free[j] = False
    at = start.copy()
    at[j] = value
    return _maximum(x, y, at, free)


def _fall(best: _Point, point: _Point) -> float:
    return max(0.0, 2.0 * (best.height - point.height))


def _limit(x: Floats, y: Floats, best: _Point, j: int, z: float, error: float) -> float:
    """Where the root of the fall, with its side's sign, is z; NaN where that was not found.

    Newton's method on the root, which is nearly straight, between two values that hold the limit.
    """
    middle = float(best.at[j])
    near, far = middle, np.copysign(np.inf, z)
    value, start = middle + z * error, best.at
    for _ in range(STEPS):
        point = _profile(x, y, j, start, value)
        if point is None:
            far = value
            value, start = (near + far) / 2.0, best.at
            continue
        root = np.copysign(np.sqrt(_fall(best, point)), z)
        if abs(root - z) < AS_NEAR:
            return value
        near, far = (value, far) if abs(root) < abs(z) else (near, value)
        slope = -float(point.slope[j]) / root if root else 0.0
        start = point.at
        value = _next(value + (z - root) / slope if slope > 0.0 else np.nan, near, far, error, z)
        if abs(value - middle) > FARTHEST or abs(near - far) < AS_NEAR:
            break
    return np.nan


def _next(value: float, near: float, far: float, error: float, z: float) -> float:
    """The next value to try: Newton's where it lies between those that hold the limit."""
    low, high = min(near, far), max(near, far)
    if low < value < high:
        return value
    return near + z * error if np.isinf(far) else (near + far) / 2.0


def _p_of_zero(x: Floats, y: Floats, best: _Point, j: int) -> float:
    point = _profile(x, y, j, best.at, 0.0)
    if point is None:
        return np.nan
    return 2.0 * NormalDist().cdf(-float(np.sqrt(_fall(best, point))))


def is_spanned(columns: Floats, column: Floats) -> bool:
    """Whether a column follows from others, so that nothing tells its coefficient from theirs."""
    together = np.column_stack([columns, column])
    return bool(np.linalg.matrix_rank(together) == np.linalg.matrix_rank(columns))


def _checked(design: npt.ArrayLike, happened: npt.ArrayLike, level: float) -> tuple[Floats, Floats]:
    x, y = np.asarray(design, dtype=float), np.asarray(happened, dtype=float)
    if x.ndim != 2 or y.shape != (len(x),) or not x.shape[1]:
        raise MonitoringError("Give one row and one result for each person, and a column or more.")
    if not np.isfinite(x).all() or not np.isin(y, (0.0, 1.0)).all():
        raise MonitoringError("A value of the design is missing, or a result is neither 0 nor 1.")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise MonitoringError("A column of the design follows from the others; leave it out.")
    if not 0.0 < level < 1.0:
        raise MonitoringError("Give a level of confidence between 0 and 1, such as 0.95.")
    return x, y
