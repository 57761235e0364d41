"""Shares stand where both their counts are printed, and are what these make of them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from safer_streets_assets.policy import Policy
from safer_streets_assets.release.columns import marker_of
from safer_streets_assets.release.content import ReleaseTable, release_tables
from safer_streets_assets.release.errors import UnsafeReleaseError
from safer_streets_assets.release.final_check import refuse_unsafe
from safer_streets_assets.release.shares import wilson, with_shares
from safer_streets_assets_tests.release.builders import POLICY, content, funnel, table

STAGES = POLICY.dpia.cohort.stages
LEAST = POLICY.dpia.thresholds.minimum_base_percent


def series(*values: int | None) -> pd.Series:
    return pd.Series(list(values), dtype="Int64")


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_the_score_interval_that_scipy_computes(counts: tuple[int, int]) -> None:
    part, whole = counts
    ours = wilson(series(part), series(whole)).iloc[0]
    theirs = binomtest(part, whole).proportion_ci(method="wilson")
    assert ours["low"] == pytest.approx(theirs.low, abs=1e-12)
    assert ours["high"] == pytest.approx(theirs.high, abs=1e-12)
    assert 0 <= ours["low"] <= part / whole <= ours["high"] <= 1


def test_there_is_no_interval_where_nobody_is_or_a_count_is_missing() -> None:
    assert wilson(series(0, None, 3), series(0, 10, None)).isna().all(axis=None)


@pytest.mark.parametrize("confidence", [0.0, 1.0, -0.5, 95])
def test_a_confidence_that_is_none_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        wilson(series(1), series(2), confidence)


@pytest.mark.parametrize("part", [-1, 3])
def test_a_part_outside_its_whole_is_refused(part: int) -> None:
    with pytest.raises(ValueError, match="between 0 and its whole"):
        wilson(series(part), series(2))


def test_conversion_is_of_the_stage_before_and_the_first_stage_has_none() -> None:
    made = with_shares(POLICY, "funnel", funnel(120, 100, 70, 50, 40, 20, None))
    assert made["conversion"].round().tolist()[1:6] == [83, 70, 71, 80, 50]
    assert made["conversion_marker"].fillna("").tolist() == ["[z]", "", "", "", "", "", "[c]"]
    assert made["conversion_low"].isna().tolist() == made["conversion"].isna().tolist()


def test_a_share_of_a_hidden_whole_is_hidden() -> None:
    made = with_shares(POLICY, "funnel", funnel(120, None, 70, 50, 40, 20, 0))
    assert made["conversion_marker"].fillna("").tolist() == ["[z]", "[c]", "[c]", "", "", "", ""]
    assert made["conversion"].iloc[6] == 0


def test_a_share_of_nobody_is_not_applicable() -> None:
    made = with_shares(POLICY, "funnel", funnel(120, 100, 70, 50, 40, 0, 0))
    assert made["conversion_marker"].fillna("").tolist()[5:] == ["", "[z]"]


def with_least(policy: Policy, least: int) -> Policy:
    """The policy with another least base of percentages."""
    thresholds = policy.dpia.thresholds.model_copy(update={"minimum_base_percent": least})
    return replace(policy, dpia=policy.dpia.model_copy(update={"thresholds": thresholds}))


def test_a_share_of_a_whole_below_the_least_base_is_hidden() -> None:
    policy = with_least(POLICY, 50)
    made = with_shares(policy, "funnel", funnel(120, 100, 70, 50, 40, 20, 10))
    assert made["conversion_marker"].fillna("").tolist() == ["[z]", "", "", "", "", "[c]", "[c]"]


def linkage() -> pd.DataFrame:
    """Two sources; a count of the second is hidden."""
    results = ("linked", "not linked", "Total")
    keys = [(s, r) for s in ("crc_eligibility", "ors_attendee_survey") for r in results]
    return table("linkage_quality", keys, {"n": [90, 10, 100, None, 0, 20]})


def test_a_share_of_a_total_is_within_its_own_source() -> None:
    made = with_shares(POLICY, "linkage_quality", linkage())
    assert made["share_of_rows"].fillna(-1).tolist() == [90, 10, -1, -1, 0, -1]
    markers = made["share_of_rows_marker"].fillna("").tolist()
    assert markers == ["", "", "[z]", "[c]", "", "[z]"]


def test_the_order_of_rows_does_not_matter() -> None:
    frame = linkage()
    shuffled = frame.sample(frac=1, random_state=3)
    made = with_shares(POLICY, "linkage_quality", shuffled)
    pd.testing.assert_frame_equal(
        made.loc[frame.index], with_shares(POLICY, "linkage_quality", frame)
    )


@given(st.lists(st.sampled_from([None, 0, LEAST, 10, 37, 400]), min_size=7, max_size=7))
def test_a_share_is_printed_only_where_both_its_counts_are(counts: list[int | None]) -> None:
    present = sorted((count for count in counts if count is not None), reverse=True)
    falling = [None if count is None else present.pop(0) for count in counts]
    made = with_shares(POLICY, "funnel", funnel(*falling))
    printed = made["conversion"].notna()
    both = made["n"].notna() & made["n"].shift().notna()
    assert not (printed & ~both).any()
    assert (printed == made["conversion_marker"].isna()).all()
    for end in ("conversion_low", "conversion_high"):
        assert (made[end].notna() == printed).all()


def release_table() -> ReleaseTable:
    return release_tables(POLICY, content({"funnel": funnel()}))[0]


def test_a_release_has_the_shares_after_the_counts() -> None:
    named = [column.name for column in release_table().columns]
    assert named == [
        *("stage", "n", "n_marker"),
        *("conversion", "conversion_low", "conversion_high", "conversion_marker"),
    ]
    refuse_unsafe(POLICY, [release_table()])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("conversion", 12.0),
        ("conversion", None),
        ("conversion_low", 0.0),
        ("conversion_high", 99.0),
        ("conversion_marker", "[x]"),
    ],
)
def test_a_share_that_its_counts_do_not_make_is_refused(
    column: str, value: str | float | None
) -> None:
    made = release_table()
    at = [one.name for one in made.columns].index(column)
    harmed = (*made.rows[2][:at], value, *made.rows[2][at + 1 :])
    rows = (*made.rows[:2], harmed, *made.rows[3:])
    with pytest.raises(UnsafeReleaseError, match=rf"Column {column} of table funnel"):
        refuse_unsafe(POLICY, [replace(made, rows=rows)])


def test_a_share_of_a_hidden_count_is_refused() -> None:
    made = release_table()
    names = [one.name for one in made.columns]
    last = dict(zip(names, made.rows[-1], strict=True))
    last |= {"conversion": 30.0, "conversion_low": 20.0, "conversion_high": 40.0}
    last |= {marker_of("conversion"): None}
    rows = (*made.rows[:-1], tuple(last.values()))
    with pytest.raises(UnsafeReleaseError, match="is not what its printed counts make it"):
        refuse_unsafe(POLICY, [replace(made, rows=rows)])
