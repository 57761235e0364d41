"""The main finding is printed: whatever a year was like, once its gate is open, the change of the
primary scales from start to end stands in the first release with all its statistics."""

from __future__ import annotations

import os
from functools import cache

import pandas as pd
import pytest

from safer_streets_assets.disclosure.coarsening import Chosen, protect_at_levels
from safer_streets_assets.disclosure.joint_protection import PROVEN, protect_tables
from safer_streets_assets.disclosure.levels import at_levels
from safer_streets_assets_tests.disclosure.attitude_years import (
    AttitudeYear,
    attitude_policy,
    attitude_year,
)

EVERY_YEAR = os.environ.get("SAFER_STREETS_EVERY_YEAR") == "1"
YEARS = [(600 + 45 * seed, seed) for seed in (range(1, 21) if EVERY_YEAR else (1, 3))]
"""How many people, and the seed: from a gate that just opens on."""
POLICY = attitude_policy()
PRIMARY = list(POLICY.labels_of("primary_scales"))


@cache
def year_of(people: int, seed: int) -> tuple[AttitudeYear, Chosen]:
    """A year, and its first release."""
    year = attitude_year(people, seed)
    chosen = protect_at_levels(
        POLICY,
        {},
        lambda levels: at_levels(year.aggregates, levels),
        lambda there, frames: protect_tables(there, frames, (), year.reasons),
    )
    return year, chosen


def gate_of_change(year: AttitudeYear) -> pd.Series:
    """The line of the gate that the table of change waits for."""
    gates = year.aggregates["stage_gates"]
    return gates[gates["gate"] == POLICY.tables.tables["attitude_change"].gate].iloc[0]


def movement_is_printed(chosen: Chosen, scale: str) -> bool:
    """Whether print tells how many rose, fell and stayed on a scale from start to end."""
    moved = chosen.protected.tables["attitude_movement"]
    of_scale = moved[(moved["scale"] == scale) & (moved["comparison"] == "start-end")]
    return bool(of_scale["n"].notna().all())


@pytest.mark.parametrize(("people", "seed"), YEARS)
@pytest.mark.thorough
def test_every_total_of_the_primary_scales_is_printed_with_all_its_statistics(
    people: int, seed: int
) -> None:
    year, chosen = year_of(people, seed)
    assert gate_of_change(year)["open"], "take more people"
    assert set(chosen.protected.summary["verdict"]) == {PROVEN}
    printed = chosen.protected.tables["attitude_change"]
    found = printed[printed["scale"].isin(PRIMARY) & (printed["group_name"] == "Total")]
    start_end = found[found["comparison"] == "start-end"]
    assert len(start_end) == len(PRIMARY)
    statistics = POLICY.tables.tables["attitude_change"].statistics
    alone = [name for name, statistic in statistics.items() if not statistic.beside]
    assert start_end[["n_start", "n_paired", *alone]].notna().all(axis=None)
    for row in start_end.to_dict("records"):
        told = [row[name] for name, statistic in statistics.items() if statistic.beside]
        assert pd.notna(told).all() == movement_is_printed(chosen, row["scale"])
    assert found["n_start"].notna().all()
    assert found["n_paired"].notna().all()


@pytest.mark.parametrize(("people", "seed"), YEARS)
@pytest.mark.thorough
def test_whether_people_improved_reliably_is_printed_but_where_these_are_few(
    people: int, seed: int
) -> None:
    year, chosen = year_of(people, seed)
    true = at_levels(year.aggregates, chosen.levels)["reliable_change"]
    printed = chosen.protected.tables["reliable_change"]
    few = set(true.loc[true["n"].between(1, POLICY.dpia.thresholds.minimum_count - 1), "scale"])
    for scale, rows in printed.groupby("scale"):
        assert rows["n"].notna().all() or scale in few
    totals = printed[printed["class"] == "Total"]
    assert set(totals["n"]) == {gate_of_change(year)["n_now"]}


@pytest.mark.parametrize(("people", "seed"), YEARS)
def test_most_groups_of_the_primary_scales_are_printed(people: int, seed: int) -> None:
    _, chosen = year_of(people, seed)
    printed = chosen.protected.tables["attitude_change"]
    groups = printed[printed["scale"].isin(PRIMARY) & (printed["group_name"] != "Total")]
    assert groups["n_start"].notna().mean() > 0.5
    assert groups["n_paired"].notna().mean() > 0.5
