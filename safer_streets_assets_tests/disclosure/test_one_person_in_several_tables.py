"""One person who stands in several counts, and one count that stands in several tables."""

from __future__ import annotations

from typing import Any

import pytest

from safer_streets_assets.disclosure.core.attempts import Run
from safer_streets_assets.disclosure.core.proof import INSIDER
from safer_streets_assets.disclosure.joint_protection import PROVEN, protect_tables
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.disclosure.attitude_tables import (
    People,
    attitude_tables,
    leaks,
    protected,
)

ALL = {"OFF": "13", "KNF": "13", "GOAL": "13"}
STARTED = {"OFF": "1", "KNF": "1", "GOAL": "1"}


@pytest.mark.parametrize("scales", [STARTED, ALL, {"OFF": "13", "KNF": "1"}])
@pytest.mark.thorough
def test_whoever_is_counted_once_for_each_scale_is_told_nothing_of_others(
    scales: dict[str, str],
) -> None:
    policy = shipped_policy()
    assert policy.dpia.thresholds.insiders
    people = [People(110, "Male", ALL), People(9, "Female", STARTED)]
    made, leaked = protected([*people, People(1, "Other or not known", scales)], policy)
    assert set(made.summary["verdict"]) == {PROVEN}
    assert not made.core.withheld
    assert leaked == []


@pytest.mark.thorough
def test_a_part_that_is_withheld_leaves_the_row_of_everybody_to_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy = shipped_policy()
    people = [People(60, "Male", ALL), People(55, "Female", ALL), People(3, "Male", STARTED)]
    frames = attitude_tables(people, policy)
    safe = protect_tables(policy, frames)
    gone = "attitude_change (OFF, start-end, gender)"
    proof = Run.unproven

    def with_one_more(run: Run, protection: Any, *more: Any) -> dict[str, str]:
        found = proof(run, protection, *more)
        return {**found, gone: INSIDER} if gone in protection.tables else found

    monkeypatch.setattr(Run, "unproven", with_one_more)
    made = protect_tables(policy, frames)
    assert set(made.core.withheld) == {gone}
    change = made.tables["attitude_change"]
    of_off = change[(change["scale"] == "OFF") & (change["comparison"] == "start-end")]
    groups = of_off[of_off["group_name"] == "gender"]
    assert (groups["n_paired_marker"] == "[c]").all()
    everybody = of_off["group_name"] == "Total"
    before = safe.tables["attitude_change"].loc[of_off.index[everybody]]
    assert of_off[everybody]["n_paired"].tolist() == before["n_paired"].tolist()
    assert leaks(made, frames) == []
