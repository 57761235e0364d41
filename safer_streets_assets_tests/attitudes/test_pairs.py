from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.attitudes.change import change_summary
from safer_streets_assets.attitudes.errors import AttitudesError
from safer_streets_assets.attitudes.pairs import (
    COMPARISONS,
    START_END,
    score_cube,
    waves_of,
)
from safer_streets_assets.attitudes.scoring import choose_responses, score_responses
from safer_streets_assets_tests.attitudes.builders import INSTRUMENT, ITEMS, people, scores

SCALES = ("OFF", "KNF", "W4")
given_score = st.one_of(st.none(), st.integers(1, 5).map(float))
rows = st.dictionaries(
    st.tuples(st.sampled_from(["p0", "p1", "p2", "p9"]), st.sampled_from([1, 2, 3]),
              st.sampled_from([*SCALES, "GOAL"])),
    given_score, max_size=30,
)  # fmt: skip


def frame_of(given_rows: dict[tuple[str, int, str], float | None]) -> pd.DataFrame:
    lines = [(*key, value) for key, value in given_rows.items()]
    frame = pd.DataFrame(lines, columns=["person_id", "wave", "scale", "score"])
    return frame.astype({"wave": "Int64", "score": "Float64"})


@given(rows, st.booleans())
@settings(deadline=None, max_examples=150)
def test_each_score_stands_at_its_scale_wave_and_person(
    given_rows: dict[tuple[str, int, str], float | None], by_scale: bool
) -> None:
    frame = frame_of(given_rows)
    if by_scale:
        frame = frame.sort_values(["scale", "person_id"], kind="stable")
    cohort = people(4).iloc[[2, 0, 3, 1]]
    cube = score_cube(frame, cohort, SCALES, (3, 1))
    assert cube.values.shape == (3, 2, 4)
    for scale in SCALES:
        for wave in (1, 3):
            expected = [given_rows.get((p, wave, scale)) for p in cohort["person_id"]]
            found = [None if np.isnan(v) else float(v) for v in cube.at(scale, wave)]
            assert found == expected


@settings(deadline=None, max_examples=40)
@given(st.permutations(range(12)))
def test_scale_by_scale_or_mixed_the_pairs_are_the_same(order: list[int]) -> None:
    parts = [scores(s, {1: [1.0, 2.0], 3: [4.0, None]}) for s in SCALES]
    frame = pd.concat(parts, ignore_index=True)
    for scale in SCALES:
        waves = waves_of([START_END])
        expected = score_cube(frame, people(2), SCALES, waves).pairs(scale, START_END)
        mixed = score_cube(frame.iloc[order], people(2), SCALES, waves)
        found = mixed.pairs(scale, START_END)
        pd.testing.assert_frame_equal(found, expected)


def test_scores_of_nobody_and_of_no_wave_are_left_out() -> None:
    frame = pd.concat([scores("OFF", {1: [1.0, 2.0]})] * 2, ignore_index=True)
    frame.loc[2, "person_id"] = None
    frame.loc[3, "wave"] = pd.NA
    cube = score_cube(frame, people(2), ["OFF"], [1])
    assert cube.at("OFF", 1).tolist() == [1.0, 2.0]


def test_two_scores_are_refused_also_of_somebody_outside_the_cohort() -> None:
    frame = pd.concat([scores("OFF", {1: [1.0, 2.0]}), scores("OFF", {1: [1.0]})])
    with pytest.raises(AttitudesError, match="one response per person and wave"):
        score_cube(frame, people(2).iloc[1:], ["OFF"], [1])
    assert score_cube(frame, people(2), ["KNF"], [1]).values.shape == (1, 1, 2)


def test_comparisons_name_their_waves_once() -> None:
    assert waves_of(COMPARISONS) == (1, 3, 2)


def responses_of(n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Three waves of n invented people."""
    rng = np.random.default_rng(1)
    ids = np.array([f"{i:016x}" for i in range(n)], dtype=object)
    frame = pd.DataFrame({"person_id": np.tile(ids, 3), "respid": np.arange(3 * n), "status": 1})
    frame["wave"] = pd.array(np.repeat([1, 2, 3], n), dtype="Int64")
    frame["interview_start"] = pd.Timestamp("2020-01-01")
    for item in ITEMS:
        frame[item] = pd.array(rng.integers(1, 6, 3 * n), dtype="Int64")
    return frame, pd.DataFrame({"person_id": ids})


@pytest.mark.thorough
def test_ten_times_the_people_take_about_ten_times_as_long() -> None:
    """Far from a square: that would be a hundred times. The shortest of several is taken."""

    def seconds(n: int) -> float:
        frame, cohort = responses_of(n)
        taken = []
        for _ in range(3):
            start = time.process_time()
            found = score_responses(choose_responses(frame), INSTRUMENT)
            change_summary(found, cohort, INSTRUMENT)
            taken.append(time.process_time() - start)
        return min(taken)

    assert seconds(20_000) < 30 * seconds(2_000)
