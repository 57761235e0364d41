"""One rule for what a statistic demands of printed counts: in the step that hides, and the gate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.attitudes.paired import paired_statistics
from safer_streets_assets.disclosure.demands import (
    hide_unmet,
    hide_unmet_beside,
    unmet_beside,
    unmet_demands,
)
from safer_streets_assets.disclosure.joint_protection import PROVEN
from safer_streets_assets.release import ReleaseContent, UnsafeReleaseError
from safer_streets_assets.release.content import release_tables
from safer_streets_assets.release.final_check import refuse_unsafe
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.disclosure.statistics_tables import waits

POLICY = shipped_policy()
WITH_STATISTICS = [name for name, spec in POLICY.tables.tables.items() if spec.statistics]
ROWS = {
    "attendance_by_session": [(s, d) for s in ("1", "2") for d in ("Total", "Group", "One-to-one")],
    "time_to_start": [("Total",), ("Hackney",), ("Brent",)],
    "time_to_stage": [("started",), ("midpoint",), ("completed",)],
    "experience": [("X1", a) for a in ("Total", "1", "2")],
    "knife_reasons": [("S2_1",), ("S2_2",)],
    "attitude_change": [
        ("OFF", "start-end", "Total", "Total"),
        ("OFF", "start-end", "gender", "Male"),
        ("OFF", "start-end", "gender", "Female"),
    ],
    "attitude_attrition": [
        ("OFF at start", "Total"),
        ("gender", "Total"),
        ("gender", "Male"),
        ("gender", "Female"),
    ],
    "reliable_change_threshold": [("OFF",), ("KNF",)],
    "attitude_reliability": [("OFF", "1"), ("OFF", "2"), ("KNF", "1")],
    "reoffending": [("Arrest", months) for months in POLICY.dpia.reoffending.reading_days],
}
"""Rows of each table that has statistics."""


def printed(name: str, counts: list[int | None]) -> pd.DataFrame:
    """A table that prints these counts, row by row, and every statistic."""
    spec = POLICY.tables.tables[name]
    frame = pd.DataFrame(ROWS[name], columns=list(POLICY.tables.columns(name)), dtype="string")
    for k, count in enumerate(spec.counts):
        own = [counts[(len(frame) * k + row) % len(counts)] for row in range(len(frame))]
        frame[count] = pd.array(own, dtype="Int64")
        marker = pd.Series(pd.NA, index=frame.index, dtype="string")
        frame[f"{count}_marker"] = marker.mask(frame[count].isna(), "[c]")
    for constant in spec.constants:
        frame[constant] = "higher is better"
    for statistic, details in spec.statistics.items():
        text = details.kind == "text"
        value = "holm" if text else 1.5
        kind = "string" if text else "Float64"
        frame[statistic] = pd.array([value] * len(frame), dtype=kind)
        frame[f"{statistic}_marker"] = pd.Series(pd.NA, index=frame.index, dtype="string")
    return frame


def refused(name: str, frame: pd.DataFrame) -> bool:
    """Whether the last gate refuses the table."""
    summary = pd.DataFrame(
        [{"table_name": name, "cells": 1, "suppressed_primary": 0, "suppressed_secondary": 0}]
    ).assign(verdict=PROVEN)
    tables = release_tables(POLICY, ReleaseContent({name: frame}, summary, {}, {}, []))
    try:
        refuse_unsafe(POLICY, tables)
    except UnsafeReleaseError:
        return True
    return False


def test_every_table_with_statistics_is_tried() -> None:
    assert sorted(ROWS) == sorted(WITH_STATISTICS)


COUNTS = st.sampled_from([None, 0, 5, 9, 10, 11, 99, 100, 140])


@pytest.mark.parametrize("name", WITH_STATISTICS)
@settings(deadline=None, max_examples=10)
@given(counts=st.lists(COUNTS, min_size=1, max_size=12))
def test_what_is_left_after_hiding_is_never_refused(name: str, counts: list[int | None]) -> None:
    frame = printed(name, counts)
    unmet = unmet_demands(POLICY, name, frame).notna().any(axis=None)
    beside = unmet_beside(POLICY, name, {name: frame}).notna().any(axis=None)
    assert refused(name, frame) == bool(unmet or beside)
    hidden = hide_unmet_beside(POLICY, {name: hide_unmet(POLICY, name, frame)})
    assert not refused(name, hidden[name])


@pytest.mark.parametrize("name", WITH_STATISTICS)
def test_no_statistic_stands_beside_a_hidden_count_that_it_is_made_of(name: str) -> None:
    spec = POLICY.tables.tables[name]
    for count in spec.counts:
        for row in range(len(ROWS[name])):
            frame = printed(name, [140])
            frame.loc[row, count] = pd.NA
            unmet = unmet_demands(POLICY, name, frame)
            for statistic, details in spec.statistics.items():
                along = details.along is not None
                if along or count in (*details.stands_on, details.base):
                    assert pd.notna(unmet.loc[row, statistic]), (statistic, count)


def test_a_statistic_beside_a_smaller_count_in_print_than_of_the_day_is_hidden_not_fatal() -> None:
    frame = waits({"Hackney": 60, "Brent": 12})["time_to_start"]
    frame.loc[frame["borough"] == "Brent", "n"] = 9
    assert frame.loc[1, "median_days"] > 0
    safe = hide_unmet(POLICY, "time_to_start", frame)
    assert pd.isna(safe.loc[1, "median_days"])
    assert safe.loc[1, "median_days_marker"] == "[c]"
    assert safe.loc[[0, 2], "median_days"].notna().all()


def test_that_a_figure_is_not_available_is_hidden_with_it() -> None:
    frame = printed("attitude_change", [99])
    frame["r"] = pd.array([pd.NA] * len(frame), dtype="Float64")
    frame["r_marker"] = "[x]"
    assert hide_unmet(POLICY, "attitude_change", frame)["r_marker"].tolist() == ["[c]"] * 3


def movement(stayed: int | None) -> pd.DataFrame:
    rows = [("rose", 60), ("fell", 40), ("stayed", stayed), ("Total", None)]
    frame = pd.DataFrame(rows, columns=["movement", "n"]).assign(scale="OFF")
    frame["n"] = frame["n"].astype("Int64").fillna(104 if stayed is None else 100 + stayed)
    frame["n"] = frame["n"].mask(frame["movement"].eq("stayed") & (stayed is None))
    return frame.assign(comparison="start-end")


def change() -> pd.DataFrame:
    frame = pd.DataFrame(
        {"scale": ["OFF", "KNF"], "comparison": "start-end", "group_name": "Total"}
    ).assign(group_value="Total")
    for name in POLICY.tables.tables["attitude_change"].statistics:
        frame = frame.assign(**{name: 0.5, f"{name}_marker": pd.NA})
    return frame


RANKS = ["wilcoxon_w", "wilcoxon_p", "wilcoxon_method"]
RANKS += [f"rank_biserial{end}" for end in ("", "_low", "_high")]


def test_what_tells_how_many_did_not_change_goes_with_a_hidden_count_of_who_moved() -> None:
    tables = {"attitude_change": change(), "attitude_movement": movement(None)}
    shown = hide_unmet_beside(POLICY, tables)["attitude_change"].iloc[0]
    statistics = POLICY.tables.tables["attitude_change"].statistics
    assert sorted(name for name in statistics if pd.isna(shown[name])) == sorted(RANKS)
    assert all(shown[f"{name}_marker"] == "[c]" for name in RANKS)


def test_it_is_printed_beside_a_whole_table_of_who_moved_and_nowhere_else() -> None:
    tables = {"attitude_change": change(), "attitude_movement": movement(8)}
    printed = hide_unmet_beside(POLICY, tables)["attitude_change"]
    assert printed[RANKS].notna().all(axis="columns").tolist() == [True, False]
    alone = {"attitude_change": change()}
    assert hide_unmet_beside(POLICY, alone)["attitude_change"][RANKS].isna().all(axis=None)
    assert unmet_beside(POLICY, "attitude_change", alone).notna().all(axis=None)


def test_without_that_demand_two_printed_figures_give_the_number_who_stayed() -> None:
    rng = np.random.default_rng(2)
    changes = rng.integers(-6, 8, 140) / 5
    found = paired_statistics(np.zeros(140), changes)
    w, r = round(found.wilcoxon_w, 1), float(f"{found.rank_biserial:.4g}")
    pairs_of_ranks = 2 * w / (1 - abs(r))
    moved = round((np.sqrt(1 + 8 * pairs_of_ranks) - 1) / 2)
    assert 140 - moved == int((changes == 0).sum())
