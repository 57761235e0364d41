"""What goes with not being assigned, with leaving and with completing: adjusted odds ratios.

Each model has every factor at once, so that the odds ratio of a category is beside its factor's
reference category, the other factors being equal. It says what goes together, not what causes what.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from safer_streets_assets.monitoring.errors import MonitoringError
from safer_streets_assets.monitoring.firth import METHOD, FirthFit, Floats, firth, is_spanned
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.monitoring import FACTORS, Factors

MODELS = ("not assigned", "attrition", "completion")
FACTOR_COLUMNS: Mapping[str, str] = {
    "model": "VARCHAR",
    "factor": "VARCHAR",
    "category": "VARCHAR",
    "is_reference": "BOOLEAN",
    "n": "BIGINT",
    "n_happened": "BIGINT",
    "odds_ratio": "DOUBLE",
    "ci_low": "DOUBLE",
    "ci_high": "DOUBLE",
    "p": "DOUBLE",
    "method": "VARCHAR",
    "n_model": "BIGINT",
    "n_happened_model": "BIGINT",
    "parameters": "BIGINT",
    "reason": "VARCHAR",
}
ONE_CATEGORY = "no two categories have enough people"
FOLLOWS = "it cannot be told from the factors before it"
UNKNOWN = "of nobody in the model it is known"
NOT_FOUND = "the maximum of the penalised likelihood was not found"
NO_LIMIT = "a limit of the interval was not found"

Parameter = tuple[str, str]
"""A factor and a category of it that is not its reference."""


@dataclass(frozen=True)
class _Design:
    """The people of a model, by the categories that have a parameter or are a reference."""

    people: pd.DataFrame
    references: Mapping[str, str]
    columns: Mapping[Parameter, Floats]
    reasons: Mapping[Parameter, str]

    @property
    def happened(self) -> Floats:
        return self.people["happened"].to_numpy(float)


def factors_table(people: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The odds ratios of every model; the columns are FACTOR_COLUMNS.

    `people` has a row for each person and model: `model`, `happened` and the factors of the policy
    (missing: it is not known of them, and they are counted and not in the model). A row of the
    result is a category: `n` people have it, and of `n_happened` the result came about; of the
    reference, the category of most people, the odds ratio is 1. Where it could not be estimated,
    `reason` says why. A factor that is missing of everybody in a model has one row, without a
    category.
    """
    rules = policy.monitored.factors
    rows = [
        row
        for model in MODELS
        for row in _rows(model, _at_levels(people[people["model"] == model], policy), rules)
    ]
    return pd.DataFrame(rows, columns=[*FACTOR_COLUMNS])


def _at_levels(people: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The people of a model with each factor at the level, or in the groups, of the policy."""
    rules, found = policy.monitored.factors, people.copy()
    for factor, level in rules.levels.items():
        hierarchy = policy.tables.hierarchies[factor]
        groups = {c: hierarchy.at(level, str(c)) or str(c) for c in found[factor].dropna().unique()}
        found[factor] = found[factor].map(groups)
    for factor, kinds in rules.by_ending.items():
        groups = {c: kinds.group_of(str(c)) for c in found[factor].dropna().unique()}
        found[factor] = found[factor].map(groups)
    return found


def _rows(name: str, people: pd.DataFrame, rules: Factors) -> Iterator[dict[str, object]]:
    factors = [factor for factor in FACTORS if people[factor].notna().any()]
    model = _model(people, factors, rules)
    parameters = len(model.columns)
    rarer = min(model.happened.sum(), len(model.people) - model.happened.sum())
    fit: FirthFit | None = None
    reason = _closed(int(rarer), parameters, rules)
    if not reason:
        fit, reason = _fitted(model)
    of_model = {
        "model": name,
        "method": METHOD,
        "n_model": len(model.people),
        "n_happened_model": int(model.happened.sum()),
        "parameters": parameters,
    }
    for factor in FACTORS if len(people) else ():
        if factor not in factors:
            whole = {"n": len(people), "n_happened": int(people["happened"].sum())}
            yield {**of_model, "factor": factor, "is_reference": False, **whole, "reason": UNKNOWN}
        for category, own in sorted(people.groupby(factor), key=lambda pair: str(pair[0])):
            at = factor, str(category)
            is_reference = model.references.get(factor) == at[1]
            yield {
                **of_model,
                "factor": factor,
                "category": at[1],
                "is_reference": is_reference,
                "n": len(own),
                "n_happened": int(own["happened"].sum()),
                **_estimate(model, at, fit, model.reasons.get(at) or reason, is_reference),
            }


def _estimate(
    model: _Design, at: Parameter, fit: FirthFit | None, reason: str | None, is_reference: bool
) -> dict[str, object]:
    if reason or fit is None:
        return {"reason": reason}
    if is_reference:
        return {"odds_ratio": 1.0}
    place = 1 + list(model.columns).index(at)
    low, high = fit.low[place], fit.high[place]
    return {
        "odds_ratio": float(np.exp(fit.coefficients[place])),
        "ci_low": float(np.exp(low)),
        "ci_high": float(np.exp(high)),
        "p": float(fit.p[place]),
        "reason": NO_LIMIT if np.isnan(low) or np.isnan(high) else None,
    }


def _closed(rarer: int, parameters: int, rules: Factors) -> str | None:
    """Why a model may not be fitted; None when it may."""
    if not parameters:
        return ONE_CATEGORY
    needed = rules.events_per_parameter * parameters
    if rarer >= needed:
        return None
    need = "1 parameter needs" if parameters == 1 else f"{parameters} parameters need"
    return (
        f"the rarer result came about {rarer} times, and {need} {needed} "
        f"({rules.events_per_parameter} each)"
    )


def _fitted(model: _Design) -> tuple[FirthFit | None, str | None]:
    constant = np.ones(len(model.people))
    try:
        return firth(np.column_stack([constant, *model.columns.values()]), model.happened), None
    except MonitoringError:
        return None, NOT_FOUND


def _model(people: pd.DataFrame, factors: list[str], rules: Factors) -> _Design:
    """The design: whoever lacks a factor is left out, and so are people of a category of too few,
    and a category that follows from those before it."""
    too_few = f"fewer than {rules.least_people} people; they are not in the model"
    reasons: dict[Parameter, str] = {}
    kept = people.dropna(subset=factors)
    for factor in factors:
        gone = set(people[factor].dropna()) - set(kept[factor])
        reasons |= {(factor, str(category)): too_few for category in gone}
    while small := [
        (factor, str(category))
        for factor in factors
        for category, n in kept[factor].value_counts().items()
        if n < rules.least_people
    ]:
        reasons |= dict.fromkeys(small, too_few)
        for factor, category in small:
            kept = kept[kept[factor] != category]
    references: dict[str, str] = {}
    columns: dict[Parameter, Floats] = {}
    for factor in factors:
        sizes = kept[factor].value_counts()
        ordered = sorted(sizes.index, key=lambda category: (-sizes[category], str(category)))
        if len(ordered) < 2:
            reasons |= {(factor, str(category)): ONE_CATEGORY for category in ordered}
            continue
        references[factor] = str(ordered[0])
        for category in ordered[1:]:
            column = (kept[factor] == category).to_numpy(float)
            others = np.column_stack([np.ones(len(kept)), *columns.values()])
            if is_spanned(others, column):
                reasons[factor, str(category)] = FOLLOWS
            else:
                columns[factor, str(category)] = column
    return _Design(kept, references, columns, reasons)
