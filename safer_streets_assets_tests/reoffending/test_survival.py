"""Kaplan-Meier: published figures, an independent programme, and what must hold of any data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from safer_streets_assets.reoffending.errors import ReoffendingError
from safer_streets_assets.reoffending.survival import (
    ALL_EVENTS,
    CURVE_COLUMNS,
    NO_EVENT,
    NOBODY,
    NOT_FOLLOWED,
    curve_at,
    kaplan_meier,
)

# Freireich et al. (1963), Blood 21, 699-716: weeks of remission under 6-MP, "+" is censored.
SIX_MP = (
    *("6", "6", "6", "6+", "7", "9+", "10", "10+", "11+", "13", "16", "17+", "19+", "20+"),
    *("22", "23", "25+", "32+", "32+", "34+", "35+"),
)
TIMES = [float(text.rstrip("+")) for text in SIX_MP]
EVENTS = [not text.endswith("+") for text in SIX_MP]
# summary(survfit(Surv(t2, relapse) ~ 1, data = drug6mp)) of R's survival package, as it is printed
# for this data (Klein and Moeschberger 2003, section 1.2).
SUMMARY_IN_R = {
    # time: n.risk, n.event, survival, std.err
    6: (21, 3, 0.857, 0.0764),
    7: (17, 1, 0.807, 0.0869),
    10: (15, 1, 0.753, 0.0963),
    13: (12, 1, 0.690, 0.1068),
    16: (11, 1, 0.627, 0.1141),
    22: (7, 1, 0.538, 0.1282),
    23: (6, 1, 0.448, 0.1346),
}

follow_ups = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40)


def split(people: list[tuple[int, bool]]) -> tuple[list[float], list[bool]]:
    return [float(time) for time, _ in people], [event for _, event in people]


def test_the_published_figures_of_6_mp_come_out() -> None:
    curve = kaplan_meier(TIMES, EVENTS).query("n_events > 0").set_index("time")
    assert list(curve.index) == list(SUMMARY_IN_R)
    for time, (at_risk, events, survival, error) in SUMMARY_IN_R.items():
        row = curve.loc[time]
        assert (row["n_at_risk"], row["n_events"]) == (at_risk, events)
        # R prints three significant digits: 0.6275 as 0.627.
        assert row["survival"] == pytest.approx(survival, abs=6e-4)
        assert row["standard_error"] == pytest.approx(error, abs=6e-5)


@settings(deadline=None, max_examples=150)
@given(follow_ups)
def test_statsmodels_agrees_ties_and_all(people: list[tuple[int, bool]]) -> None:
    times, events = split([(time + 1, event) for time, event in people])
    ours = kaplan_meier(times, events).query("n_events > 0")
    theirs = SurvfuncRight(np.array(times), np.array(events, dtype=int))
    assert ours["time"].tolist() == list(theirs.surv_times)
    assert ours["n_at_risk"].tolist() == list(theirs.n_risk)
    assert ours["n_events"].tolist() == list(theirs.n_events)
    np.testing.assert_allclose(ours["survival"], theirs.surv_prob, atol=1e-12)
    known = ours["survival"].to_numpy() > 0
    np.testing.assert_allclose(
        ours["standard_error"][known], theirs.surv_prob_se[known], rtol=1e-9, atol=1e-12
    )


@settings(deadline=None, max_examples=100)
@given(follow_ups)
def test_the_interval_is_the_one_of_log_minus_log(people: list[tuple[int, bool]]) -> None:
    curve = kaplan_meier(*split(people))
    for row in curve.to_dict("records"):
        if not pd.isna(row["reason"]):
            assert pd.isna(row["ci_low"])
            assert pd.isna(row["ci_high"])
            continue
        assert 0 <= row["ci_low"] <= row["survival"] <= row["ci_high"] <= 1
        # Delta method: SE of log(-log S) is SE(S) / (S |log S|).
        s = row["survival"]
        width = 1.959963984540054 * row["standard_error"] / (s * -np.log(s))
        centre = np.log(-np.log(s))
        assert np.log(-np.log(row["ci_low"])) == pytest.approx(centre + width, abs=1e-6)
        assert np.log(-np.log(row["ci_high"])) == pytest.approx(centre - width, abs=1e-6)


@settings(deadline=None, max_examples=100)
@given(follow_ups, st.randoms())
def test_order_does_not_matter_and_a_unit_of_time_changes_times_only(
    people: list[tuple[int, bool]], shuffling: object
) -> None:
    curve = kaplan_meier(*split(people))
    mixed = list(people)
    shuffling.shuffle(mixed)  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(kaplan_meier(*split(mixed)), curve)
    times, events = split(people)
    weeks = kaplan_meier([time / 7 for time in times], events)
    pd.testing.assert_frame_equal(weeks.drop(columns="time"), curve.drop(columns="time"))


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=40))
def test_without_censoring_survival_is_the_share_left(times: list[int]) -> None:
    curve = kaplan_meier([float(t) for t in times], [True] * len(times))
    for row in curve.to_dict("records"):
        share = sum(t > row["time"] for t in times) / len(times)
        assert row["survival"] == pytest.approx(share, abs=1e-12)


@settings(deadline=None, max_examples=100)
@given(follow_ups)
@pytest.mark.thorough
def test_the_three_counts_of_a_reading_are_everybody_and_only_move_one_way(
    people: list[tuple[int, bool]],
) -> None:
    read = curve_at(*split(people), at=range(14))
    counts = read[["n_at_risk", "n_events", "n_censored"]]
    assert (counts.sum(axis="columns") == len(people)).all()
    moves = counts.diff().dropna()
    assert (moves["n_at_risk"] <= 0).all()
    assert (moves[["n_events", "n_censored"]] >= 0).all().all()
    assert read["survival"].dropna().is_monotonic_decreasing
    estimate = dict(
        zip(*(kaplan_meier(*split(people))[c] for c in ("time", "survival")), strict=True)
    )
    for row in read.to_dict("records"):
        if row["time"] in estimate and not pd.isna(row["survival"]):
            assert row["survival"] == estimate[row["time"]]


def test_somebody_followed_to_the_very_moment_still_counts_as_followed() -> None:
    read = curve_at([365.0, 365.0, 100.0], [False, True, False], at=[365.0])
    assert read[["n_at_risk", "n_events", "n_censored"]].iloc[0].tolist() == [1, 1, 1]
    assert read["survival"].iloc[0] == 0.5


@pytest.mark.parametrize(
    ("times", "events", "at", "survival", "reason"),
    [
        ([], [], 0.0, None, NOBODY),
        ([9.0, 9.0], [False, False], 5.0, 1.0, NO_EVENT),
        ([9.0, 9.0], [False, False], 9.0, 1.0, NO_EVENT),
        ([9.0, 9.0], [False, False], 10.0, None, NOT_FOLLOWED),
        ([9.0, 9.0], [True, True], 9.0, 0.0, ALL_EVENTS),
        ([9.0, 9.0], [True, True], 99.0, 0.0, ALL_EVENTS),
        ([3.0, 9.0], [True, False], 99.0, None, NOT_FOLLOWED),
        ([0.0], [True], 0.0, 0.0, ALL_EVENTS),
    ],
)
def test_what_cannot_be_estimated_says_why(
    times: list[float], events: list[bool], at: float, survival: float | None, reason: str
) -> None:
    (row,) = curve_at(times, events, [at]).to_dict("records")
    assert (None if pd.isna(row["survival"]) else row["survival"]) == survival
    assert row["reason"] == reason
    assert pd.isna(row["ci_low"])
    assert pd.isna(row["ci_high"])


def test_nobody_gives_no_row() -> None:
    curve = kaplan_meier([], [])
    assert curve.empty
    assert list(curve.columns) == CURVE_COLUMNS


@pytest.mark.parametrize(
    ("times", "events", "level"),
    [
        ([-41237.0], [True], 0.95),
        ([float("nan")], [True], 0.95),
        ([float("inf")], [True], 0.95),
        ([41237.0], [], 0.95),
        ([41237.0], [True], 1.0),
    ],
)
def test_impossible_follow_up_is_refused_without_a_value(
    times: list[float], events: list[bool], level: float
) -> None:
    for refuse in (kaplan_meier, lambda t, e, p: curve_at(t, e, [1.0], p)):
        with pytest.raises(ReoffendingError) as caught:
            refuse(times, events, level)
        assert "41237" not in str(caught.value)
