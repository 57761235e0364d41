"""Every public function on next to nothing: a value or a named reason, never NaN or a crash."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets import attitudes
from safer_streets_assets.attitudes import AttitudesError, Grouping, Norm
from safer_streets_assets_tests.attitudes import builders
from safer_streets_assets_tests.attitudes.builders import people, responses, scores

# One primary scale of several items, and a single item on which lower is better.
INSTRUMENT = replace(
    builders.INSTRUMENT, scales=tuple(builders.INSTRUMENT.scale(code) for code in ("OFF", "W4"))
)

# What each of four people scores at start, middle and end; None is missing.
CASES: dict[str, dict[int, list[float | None]]] = {
    "nobody": {},
    "one person at one wave": {1: [3.0]},
    "one person at all waves": {1: [3.0], 2: [4.0], 3: [5.0]},
    "two people": {1: [3.0, 2.0], 2: [3.0, 4.0], 3: [4.0, 2.4]},
    "two people who cross": {1: [3.0, 2.0], 2: [None], 3: [2.0, 3.0]},
    "no variance": {wave: [3.0, 3.0, 3.0] for wave in (1, 2, 3)},
    "no variance but for rounding noise": {1: [0.1 + 0.2] * 3, 2: [0.3] * 3, 3: [0.3] * 3},
    "the same change": {1: [1.0, 2.0, 3.0], 2: [2.0, 3.0, 4.0], 3: [3.0, 4.0, 5.0]},
    "no spread at the start": {1: [3.0, 3.0, 3.0], 2: [2.0, 3.0, 4.0], 3: [3.0, 4.0, 2.0]},
    "all missing": {wave: [None, None, None] for wave in (1, 2, 3)},
    "only the start": {1: [3.0, 4.0, 2.0]},
    "only the middle": {2: [3.0, 4.0, 2.0]},
    "only the end": {3: [3.0, 4.0, 2.0]},
    "nobody twice": {1: [3.0, 2.0, None, None], 3: [None, None, 4.0, 3.0]},
    "tiny differences": {1: [3.0, 3.0, 3.0], 3: [3.0 + 1e-11, 3.0, 3.0]},
    "huge differences": {1: [1.0, -1e90, 0.0], 3: [1e90, 3.0, 2e90]},
}
GENDER = Grouping("gender", "gender", ("Male", "Female"))
COHORT = people(4, gender=["Male", None, "Female", "Male"])
NORMS = {scale.code: Norm(4.5, 0.3, "invented") for scale in INSTRUMENT.scales}
ALPHA: dict[str, float | None] = {"OFF": 0.8, "KNF": None}


def source(case: str) -> pd.DataFrame:
    both = [scores(code, CASES[case]) for code in ("OFF", "W4")]
    return pd.concat(both, ignore_index=True)


def answered(case: str) -> pd.DataFrame:
    """Responses whose items are all the (rounded) score; missing is not answered."""
    items = [code for scale in INSTRUMENT.scales for code in scale.item_codes]
    rows = []
    for wave, values in CASES[case].items():
        for i, value in enumerate(values):
            code = 99 if value is None else int(min(5, max(1, value)))
            row = {"person_id": f"p{i}", "respid": 10 * wave + i, "wave": wave}
            rows.append(row | dict.fromkeys(items, code))
    return responses(*rows)


def first_and_last(case: str) -> tuple[list[float | None], list[float | None]]:
    start, end = (list(CASES[case].get(wave, [])) for wave in (1, 3))
    length = max(len(start), len(end))
    return tuple(side + [None] * (length - len(side)) for side in (start, end))  # type: ignore


def known(case: str) -> list[float]:
    return [x for values in CASES[case].values() for x in values if x is not None]


def changes(case: str) -> list[float | None]:
    start, end = first_and_last(case)
    return [None if None in pair else pair[1] - pair[0] for pair in zip(start, end, strict=True)]


def fit(case: str, method: Any = "REML") -> Any:
    rows = [(i, w, x) for w, v in CASES[case].items() for i, x in enumerate(v) if x is not None]
    table = np.array(rows, dtype=float).reshape(-1, 3)
    group = np.unique(table[:, 0], return_inverse=True)[1].astype(np.int64)
    design = np.column_stack([np.ones(len(table)), table[:, 1]])
    return attitudes.fit_random_intercept(table[:, 2], design, group, method=method)


CALLS: dict[str, Callable[[str], Any]] = {
    "alpha_table": lambda c: attitudes.alpha_table(answered(c), INSTRUMENT),
    "attrition_table": lambda c: attitudes.attrition_table(source(c), COHORT, INSTRUMENT, [GENDER]),
    "benjamini_hochberg": lambda c: attitudes.benjamini_hochberg(
        [None if x is None or abs(x) > 6 else x / 6 for x in changes(c) if x is None or x >= 0]
    ),
    "change_of": lambda c: attitudes.change_of(
        attitudes.analysis_cube(source(c), COHORT, INSTRUMENT, [attitudes.START_END])
        .pairs("OFF", attitudes.START_END)
        .dropna()
    ),
    "change_summary": lambda c: attitudes.change_summary(source(c), COHORT, INSTRUMENT, [GENDER]),
    "choose_responses": lambda c: attitudes.choose_responses(answered(c)),
    "clinical_change": lambda c: attitudes.clinical_change(
        source(c), COHORT, INSTRUMENT, ALPHA, NORMS
    ),
    "cronbach_alpha": lambda c: attitudes.cronbach_alpha(
        pd.DataFrame(dict(zip("ab", first_and_last(c), strict=True)), dtype="Float64")
    ),
    "cut_offs": lambda c: [
        attitudes.cut_offs(mean, 0.5, Norm(mean + 1, 0.5, "x"), "higher_better")
        for mean in known(c)
        if abs(mean) < 10
    ],
    "fit_random_intercept": lambda c: [fit(c), fit(c, "ML")],
    "gate_status": lambda c: attitudes.gate_status(len(known(c)), 100),
    "holm": lambda c: attitudes.holm([None if x is None else 0.5 for x in changes(c)]),
    "individual_changes": lambda c: attitudes.individual_changes(source(c), COHORT, INSTRUMENT),
    "keyed_items": lambda c: attitudes.keyed_items(answered(c), INSTRUMENT.scale("OFF")),
    "minimum_detectable_d_z": lambda c: attitudes.minimum_detectable_d_z(len(known(c))),
    "movement_counts": lambda c: attitudes.movement_counts(source(c), COHORT, INSTRUMENT),
    "noncentrality_limits": lambda c: [
        attitudes.noncentrality_limits(x, len(known(c)) - 1) for x in (*known(c), 0.0, math.nan)
    ],
    "analysis_cube": lambda c: (
        attitudes.analysis_cube(source(c), COHORT, INSTRUMENT, attitudes.COMPARISONS)
        .pairs("OFF", attitudes.START_MIDDLE)
        .dropna()
    ),
    "paired_statistics": lambda c: attitudes.paired_statistics(*first_and_last(c)),
    "paired_t_power": lambda c: [
        attitudes.paired_t_power(x, len(known(c))) for x in (*known(c), 0.0, math.nan, math.inf)
    ],
    "pairs_on_primary_scales": lambda c: attitudes.pairs_on_primary_scales(
        source(c), COHORT, INSTRUMENT
    ),
    "reading_of": lambda c: [
        attitudes.reading_of(x, x, INSTRUMENT.scale("W4")) for x in (*changes(c), None)
    ],
    "reliable_change": lambda c: attitudes.reliable_change(source(c), COHORT, INSTRUMENT, ALPHA),
    "score_responses": lambda c: attitudes.score_responses(answered(c), INSTRUMENT),
    "signed_ranks": lambda c: attitudes.signed_ranks(changes(c)),
    "small_sample_factor": lambda c: attitudes.small_sample_factor(len(known(c))),
    "standard_error_of_difference": lambda c: attitudes.standard_error_of_difference(
        float(len(known(c))), 0.8
    ),
    "start_and_change_correlation": lambda c: attitudes.start_and_change_correlation(
        source(c), COHORT, INSTRUMENT
    ),
    "thresholds_of": lambda c: attitudes.thresholds_of(
        attitudes.reliable_change(source(c), COHORT, INSTRUMENT, ALPHA),
        attitudes.alpha_table(answered(c), INSTRUMENT),
    ),
    "wave_model": lambda c: [
        attitudes.wave_model(source(c), COHORT, INSTRUMENT, method=method)
        for method in ("REML", "ML")
    ],
}


@functools.cache
def result(name: str, case: str) -> Any:
    """What a function makes of a case; an overflow or a division by zero on the way fails."""
    with np.errstate(all="raise", under="ignore"):
        return CALLS[name](case)


def leaves(value: Any) -> list[Any]:
    """Everything that a result holds, missing values of a typed frame (NA) left out."""
    if isinstance(value, pd.DataFrame):
        return [x for column in value for x in leaves(value[column])]
    if isinstance(value, pd.Series):
        if value.dtype == "float64":
            return list(value.dropna())  # keyed items hold NaN for missing, as their text says
        return [x for x in value if x is not pd.NA and x is not pd.NaT]
    if isinstance(value, np.ndarray):
        return list(value.ravel())
    if dataclasses.is_dataclass(value):
        return [x for f in dataclasses.fields(value) for x in leaves(getattr(value, f.name))]
    if isinstance(value, list | tuple):
        return [x for part in value for x in leaves(part)]
    return [value]


def test_every_public_function_is_called_below() -> None:
    offered = {name: getattr(attitudes, name) for name in attitudes.__all__}
    functions = {n for n, x in offered.items() if callable(x) and not inspect.isclass(x)}
    assert functions == set(CALLS)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", CALLS)
def test_next_to_nothing_gives_a_finite_value_or_none(name: str, case: str) -> None:
    found = leaves(result(name, case))
    wrong = [x for x in found if isinstance(x, float | np.floating) and not math.isfinite(x)]
    assert not wrong


REASONED = {
    "alpha_table": (["alpha"], "reason"),
    "start_and_change_correlation": (["r_start_change"], "r_start_change_reason"),
    "wave_model": (["estimate", "standard_error", "ci_low", "z", "p", "reading"], "reason"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", REASONED)
def test_a_figure_is_missing_exactly_where_a_reason_is_named(name: str, case: str) -> None:
    figures, reason = REASONED[name]
    found = result(name, case)
    for table in found if isinstance(found, list) else [found]:
        for figure in figures:
            assert (table[figure].isna() == table[reason].notna()).all(), figure


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["reliable_change", "clinical_change"])
def test_classes_are_not_counted_exactly_where_a_reason_is_named(name: str, case: str) -> None:
    found = result(name, case)
    reasons = found.parameters.set_index("scale")["reason"]
    for scale, own in found.counts.groupby("scale"):
        assert own["n"].isna().all() == pd.notna(reasons[scale])
        assert own["n"].isna().any() == own["n"].isna().all()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["change_summary", "attrition_table"])
def test_every_missing_cell_of_a_table_is_listed_with_its_reason(name: str, case: str) -> None:
    found = result(name, case)
    keys = [c for c in found.not_estimable if c not in ("statistic", "reason", "marker")]
    missing = {
        (*(row[key] for key in keys), column)
        for row in found.table.to_dict("records")
        for column in found.table
        if pd.isna(row[column])
    }
    listed = list(found.not_estimable[[*keys, "statistic"]].itertuples(index=False, name=None))
    assert set(listed) == missing
    assert len(listed) == len(missing)
    assert not found.not_estimable.isna().any(axis=None)


WITH_SCORES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "attrition_table": lambda s: attitudes.attrition_table(s, COHORT, INSTRUMENT),
    "change_summary": lambda s: attitudes.change_summary(s, COHORT, INSTRUMENT),
    "clinical_change": lambda s: attitudes.clinical_change(s, COHORT, INSTRUMENT, ALPHA, NORMS),
    "individual_changes": lambda s: attitudes.individual_changes(s, COHORT, INSTRUMENT),
    "analysis_cube": lambda s: attitudes.analysis_cube(
        s, COHORT, INSTRUMENT, attitudes.COMPARISONS
    ),
    "paired_statistics": lambda s: attitudes.paired_statistics(s["score"], s["score"]),
    "pairs_on_primary_scales": lambda s: attitudes.pairs_on_primary_scales(s, COHORT, INSTRUMENT),
    "reliable_change": lambda s: attitudes.reliable_change(s, COHORT, INSTRUMENT, ALPHA),
    "signed_ranks": lambda s: attitudes.signed_ranks(s["score"]),
    "start_and_change_correlation": lambda s: attitudes.start_and_change_correlation(
        s, COHORT, INSTRUMENT
    ),
    "wave_model": lambda s: attitudes.wave_model(s, COHORT, INSTRUMENT),
    "cronbach_alpha": lambda s: attitudes.cronbach_alpha(s[["score", "score"]]),
}


@pytest.mark.parametrize("bad", [math.inf, -math.inf, 1e200, "7 Secret Street"])
@pytest.mark.parametrize("name", WITH_SCORES)
def test_a_score_that_is_no_finite_number_is_refused_without_its_value(
    name: str, bad: float | str
) -> None:
    frame = scores("OFF", {1: [3.0, 2.0], 3: [4.0, 3.0]}).astype({"score": object})
    frame.loc[3, "score"] = bad
    with pytest.raises(AttitudesError, match="Hand over scores that are") as caught:
        WITH_SCORES[name](frame)
    assert str(bad) not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("p", [-0.1, 1.1, math.inf])
@pytest.mark.parametrize("adjust", [attitudes.holm, attitudes.benjamini_hochberg])
def test_a_p_value_that_is_none_is_refused(adjust: Callable[..., Any], p: float) -> None:
    with pytest.raises(AttitudesError):
        adjust([0.5, p])


def test_an_instrument_without_scales_gives_empty_tables() -> None:
    empty = replace(INSTRUMENT, scales=())
    source_of_all = source("two people")
    for table in (
        attitudes.change_summary(source_of_all, COHORT, empty).table,
        attitudes.attrition_table(source_of_all, COHORT, empty).table,
        attitudes.wave_model(source_of_all, COHORT, empty),
        attitudes.reliable_change(source_of_all, COHORT, empty, {}).counts,
        attitudes.clinical_change(source_of_all, COHORT, empty, {}).counts,
        attitudes.start_and_change_correlation(source_of_all, COHORT, empty),
    ):
        assert table.empty
