"""What printed statistics tell together: an attack that succeeds, and what is left after hiding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.disclosure.statistics_attack import (
    found_by_statistics,
    hide_unproven_statistics,
)
from safer_streets_assets_tests.disclosure.statistics_tables import (
    POLICY,
    change,
    engagement,
    few_that_follow,
    waits,
)
from safer_streets_assets_tests.disclosure.test_demands import printed as printed_with

LEAST = POLICY.dpia.thresholds.minimum_base_mean
MANY = [3.0, 4.0, 2.0, 5.0, 3.0, 4.0] * 5
Frames = dict[str, pd.DataFrame]


def means(frames: Frames) -> dict[str, float]:
    frame = frames["attendance_by_session"]
    shown = frame[frame["mean_engagement"].notna()]
    return {str(r["delivery"]): float(r["mean_engagement"]) for r in shown.to_dict("records")}


def hidden(frames: Frames, earlier: Sequence[Frames] = ()) -> Frames:
    """The tables as they may be printed; the attacker finds nothing more."""
    safe = hide_unproven_statistics(POLICY, frames, earlier)
    assert found_by_statistics(POLICY, safe, earlier) == []
    return safe


def without(frames: Frames, delivery: str) -> Frames:
    """The same without the mean of one row."""
    frame = frames["attendance_by_session"].copy()
    own = frame["delivery"].eq(delivery)
    frame["mean_engagement"] = frame["mean_engagement"].mask(own)
    frame["mean_engagement_marker"] = frame["mean_engagement_marker"].mask(own, "[c]")
    return {"attendance_by_session": frame}


def test_the_mean_of_seven_that_are_left_of_a_total_follows_and_is_hidden() -> None:
    seven = [1.0, 2.0, 1.0, 1.0, 2.0, 1.0, 1.0]
    printed = without(engagement({"Group": MANY, "One-to-one": seven}), "One-to-one")
    told = means(printed)
    low, high = (
        (37 * (told["Total"] + way * 0.005) - 30 * (told["Group"] - way * 0.005)) / 7
        for way in (-1, 1)
    )
    assert low <= np.mean(seven) <= high
    assert high - low < 0.1
    (found,) = found_by_statistics(POLICY, printed, [])
    assert (found.table, found.statistic) == ("attendance_by_session", "mean_engagement")
    assert means(hidden(printed)) == {"Total": told["Total"]}


def test_the_score_of_one_who_joined_follows_from_two_releases_and_is_hidden() -> None:
    first = engagement({"Group": MANY, "One-to-one": []})
    second = engagement({"Group": [*MANY, 1.0], "One-to-one": []})
    before, after = means(first)["Group"], means(second)["Group"]
    joined = 31 * after - 30 * before
    assert abs(joined - 1.0) < 0.31
    assert found_by_statistics(POLICY, second, []) == []
    assert found_by_statistics(POLICY, second, [first]) != []
    assert means(hidden(second, [first])) == {}


def pairs_of_scores(before: Frames, after: Frames) -> set[tuple[float, float]]:
    """The start scores of two who joined that agree with both releases' means and SDs."""
    (was,), (now,) = (f["attitude_change"].to_dict("records") for f in (before, after))
    n, m = int(was["n_paired"]), int(now["n_paired"])
    scores = np.round(np.arange(1, 5.01, 0.2), 1)
    possible = set()
    for x in scores:
        for y in scores[scores >= x]:
            sums = [now["mean_start"] * m - x - y - way * 0.005 * m for way in (-1, 1)]
            if not min(sums) - 0.005 * n <= was["mean_start"] * n <= max(sums) + 0.005 * n:
                continue
            mean = (was["mean_start"] * n + x + y) / m
            rest = was["sd_start"] ** 2 * (n - 1) + n * was["mean_start"] ** 2
            squares = rest + x**2 + y**2 - m * mean**2
            error = 0.01 * (n * was["sd_start"] + n * was["mean_start"] * 0.2)
            if abs(squares - (m - 1) * now["sd_start"] ** 2) <= error:
                possible.add((float(x), float(y)))
    return possible


def test_sums_of_squares_give_the_scores_of_two_who_joined_and_are_hidden() -> None:
    few = POLICY.tables.tables["attitude_change"]
    assert few.minimum_base == "gate"
    at_first = [(3.0 + 0.2 * (k % 3), 3.4) for k in range(100)]
    first, second = change(at_first), change([*at_first, (1.0, 3.0), (5.0, 3.0)])
    possible = pairs_of_scores(first, second)
    assert (1.0, 5.0) in possible
    assert all(y - x > 3 for x, y in possible)
    assert len(possible) < 231 / 5
    assert found_by_statistics(POLICY, second, [first]) != []
    safe = hidden(second, [first])["attitude_change"]
    assert safe["mean_start"].isna().all()
    assert safe["n_paired"].tolist() == [102]


def test_what_a_correction_changed_while_the_counts_stayed_is_hidden_alone() -> None:
    at_first = [(3.0 + 0.2 * (k % 3), 3.4 + 0.2 * (k % 5)) for k in range(120)]
    corrected = [(1.0, at_first[0][1]), *at_first[1:]]
    first, second = change(at_first), change(corrected)
    safe = hidden(second, [first])["attitude_change"].iloc[0]
    assert pd.isna(safe["mean_start"])
    assert safe["mean_start_marker"] == "[c]"
    assert safe["mean_end"] == second["attitude_change"]["mean_end"].iloc[0]
    same = hidden(first, [first])["attitude_change"]
    assert same["mean_start"].notna().all()


@pytest.mark.parametrize("score", [1.0, 5.0])
def test_a_mean_at_the_end_of_the_scale_tells_how_everybody_answered(score: float) -> None:
    printed = engagement({"Group": [score] * 40, "One-to-one": []})
    assert "one person" in found_by_statistics(POLICY, printed, [])[0].why
    assert means(hidden(printed)) == {}


def test_a_standard_deviation_of_nought_tells_how_everybody_answered() -> None:
    printed = change([(3.2, 2.0 + 0.2 * (k % 9)) for k in range(120)])
    assert "one person" in found_by_statistics(POLICY, printed, [])[0].why
    assert hidden(printed)["attitude_change"]["mean_start"].isna().all()


def test_a_group_of_most_of_the_people_of_a_mean_is_known_nearly_and_needs_more_beside_it() -> None:
    """Of 11 with a known mean, nine can hardly differ from it; of 9 and 9 each can."""
    near = waits({"Hackney": 60, "Lambeth": 9, "Brent": 2}, unprinted=["Lambeth", "Brent"])
    assert found_by_statistics(POLICY, near, []) != []
    far = waits({"Hackney": 60, "Lambeth": 9, "Brent": 9}, unprinted=["Lambeth", "Brent"])
    assert found_by_statistics(POLICY, far, []) == []


def test_the_least_is_hidden_and_a_total_last() -> None:
    printed = waits({"Hackney": 60, "Lambeth": 40, "Brent": 6}, unprinted=["Brent"])
    safe = hidden(printed)["time_to_start"].set_index("borough")["median_days"]
    assert safe.notna().to_dict() == {
        "Hackney": True,
        "Lambeth": False,
        "Brent": False,
        "Total": True,
    }


def test_enough_who_joined_since_the_last_release_may_be_told_of() -> None:
    first = waits({"Hackney": 60, "Lambeth": 40})
    second = waits({"Hackney": 60 + LEAST, "Lambeth": 40 + LEAST})
    assert hidden(second, [first])["time_to_start"]["median_days"].notna().all()


def test_no_figure_of_people_stands_in_what_is_said_of_a_finding() -> None:
    first = engagement({"Group": MANY, "One-to-one": []})
    second = engagement({"Group": [*MANY, 1.0], "One-to-one": []})
    for found in found_by_statistics(POLICY, second, [first]):
        assert not any(letter.isdigit() for letter in found.why)


JOINING = st.lists(st.sampled_from([0, 0, 1, 3, 5, 8, 9, 10, 12, 30]), min_size=3, max_size=3)
NAMES = ("Hackney", "Lambeth", "Brent")


@settings(deadline=None, max_examples=40)
@given(steps=st.lists(JOINING, min_size=1, max_size=3), gone=st.sets(st.sampled_from(NAMES)))
@pytest.mark.thorough
def test_after_hiding_nothing_of_too_few_is_a_combination_of_what_releases_print(
    steps: list[list[int]], gone: set[str]
) -> None:
    counts: dict[str, int] = dict.fromkeys(NAMES, 0)
    releases: list[Mapping[str, int]] = []
    earlier: list[Frames] = []
    printed: list[set[str]] = []
    for step in steps:
        counts = {name: counts[name] + n for name, n in zip(NAMES, step, strict=True)}
        if not sum(counts.values()):
            return
        releases.append(counts)
        earlier.append(hidden(waits(counts, unprinted=sorted(gone)), earlier))
        table = earlier[-1]["time_to_start"].set_index("borough")
        printed.append(set(table.index[table["median_days"].notna()]))
        assert list(few_that_follow(releases, printed, LEAST)) == []


def one_score(comparison: str, paired: int, with_end: int, without: int) -> Frames:
    """OFF of everybody: change in one comparison, and the start scores by whether people stayed."""
    change_of = printed_with("attitude_change", [300, 110, 110, paired, 60, 60])
    change_of["comparison"] = comparison
    stayed = printed_with("attitude_attrition", [with_end, 90, 90, 90, without, 90, 90, 90])
    for frame, rows in ((change_of, [1, 2]), (stayed, [1, 2, 3])):
        for name in POLICY.tables.tables["attitude_change"].statistics:
            if name in frame:
                frame.loc[rows, [name, f"{name}_marker"]] = [pd.NA, "[c]"]
        for name in POLICY.tables.tables["attitude_attrition"].statistics:
            if name in frame:
                frame.loc[rows, [name, f"{name}_marker"]] = [pd.NA, "[c]"]
    for name, value in {"mean_start": 3.2, "mean_end": 3.4, "mean_with_end": 3.2}.items():
        for frame in (change_of, stayed):
            if name in frame:
                frame.loc[0, name] = value
    return {"attitude_change": change_of, "attitude_attrition": stayed}


@pytest.mark.parametrize(
    ("comparison", "paired", "hidden_table"),
    [("start-end", 113, "attitude_attrition"), ("start-middle", 193, "attitude_change")],
)
def test_who_is_in_one_table_and_not_in_another_follows_from_both_and_one_is_hidden(
    comparison: str, paired: int, hidden_table: str
) -> None:
    few = one_score(comparison, paired, 120, 80)
    assert {found.table for found in found_by_statistics(POLICY, few, [])} <= set(few)
    assert found_by_statistics(POLICY, few, []) != []
    safe = hidden(few)
    for name, mean in (("attitude_change", "mean_start"), ("attitude_attrition", "mean_with_end")):
        assert pd.isna(safe[name].loc[0, mean]) == (name == hidden_table)
    enough = one_score(comparison, paired - 10, 120, 80)
    assert found_by_statistics(POLICY, enough, []) == []
