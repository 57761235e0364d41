"""Scores of the same people at a wave stand in two comparisons: what follows by subtraction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.disclosure.attitude_tables import PRIMARY, People, protected

RANGE, HALF_A_DIGIT = 4, 0.005
MANY, FEW = 113, 7
ONE_WAVE_MORE: Mapping[str, tuple[str, str, str]] = {
    "middle": ("12", "start-middle", "mean_end"),
    "end": ("13", "start-end", "mean_end"),
}
"""The wave of the scores that the few are known by: at which waves they have one, the comparison in
which they stand with the many who have every score, and its mean at that wave."""


def without(scores: str) -> Policy:
    """The shipped policy, but for what it says of scores at that wave within one table."""
    policy = shipped_policy()
    kept = [
        overlap
        for overlap in policy.tables.overlaps
        if overlap.scores != scores or overlap.whole[0].table != overlap.part.table
    ]
    assert len(kept) < len(policy.tables.overlaps)
    return replace(policy, tables=policy.tables.model_copy(update={"overlaps": kept}))


def printed(few: int, waves: str, policy: Policy) -> pd.DataFrame:
    """The printed Total rows of OFF of the many, a few beside them, and others at the start. All
    with a middle score have a start score, as the counts in print say."""
    groups = [(MANY, "123"), (few, waves), (40, "1")]
    people = [People(many, "Male", {PRIMARY: at}) for many, at in groups]
    made, leaking = protected(people, policy)
    assert leaking == []
    rows = made.tables["attitude_change"]
    rows = rows[(rows["scale"] == "OFF") & (rows["group_value"] == "Total")]
    return rows.set_index("comparison")


def width_of_the_few(rows: pd.DataFrame, comparison: str, mean: str) -> float:
    """How narrowly the mean of the few follows from two printed ones, as a share of the range."""
    beside = "mean_start" if comparison == "start-middle" else "mean_end"
    if pd.isna([rows.loc[comparison, mean], rows.loc["middle-end", beside]]).any():
        return 1.0
    many, all_of_them = rows.loc["middle-end", "n_paired"], rows.loc[comparison, "n_paired"]
    return float(2 * HALF_A_DIGIT * (many + all_of_them) / (all_of_them - many) / RANGE)


@pytest.mark.parametrize("scores", ONE_WAVE_MORE)
@pytest.mark.thorough
def test_the_mean_of_a_few_with_one_wave_more_than_others_follows_and_is_hidden(
    scores: str,
) -> None:
    waves, comparison, mean = ONE_WAVE_MORE[scores]
    assert width_of_the_few(printed(FEW, waves, without(scores)), comparison, mean) < 0.5
    safe = printed(FEW, waves, shipped_policy())
    assert width_of_the_few(safe, comparison, mean) == 1.0
    assert pd.notna(safe.loc["start-end", "mean_change"])


@pytest.mark.parametrize("scores", ONE_WAVE_MORE)
@pytest.mark.thorough
def test_of_enough_people_with_one_wave_more_than_others_every_mean_is_printed(
    scores: str,
) -> None:
    waves, comparison, mean = ONE_WAVE_MORE[scores]
    rows = printed(12, waves, shipped_policy())
    assert rows.loc[[comparison, "middle-end"], mean].notna().all()
