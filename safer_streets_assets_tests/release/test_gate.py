"""The last gate: nothing unsafe is written, whatever the steps before it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.release import ReleaseError, UnsafeReleaseError
from safer_streets_assets.release.draft import draft_release
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import POLICY, content
from safer_streets_assets_tests.release.written_once import written_once

__all__ = ["written_once"]
pytestmark = pytest.mark.usefixtures("written_once")

THRESHOLD = POLICY.dpia.thresholds.minimum_count
Harm = Callable[[pd.DataFrame], object]


def harmed(table: str, harm: Harm) -> dict[str, pd.DataFrame]:
    frames = builders.tables(gate_open=True)
    harm(frames[table])
    return frames


def put(row: int, **values: object) -> Harm:
    def harm(frame: pd.DataFrame) -> None:
        for column, value in values.items():
            frame.loc[row, column] = value

    return harm


def gone(*columns: str) -> dict[str, object]:
    """Those columns suppressed."""
    return {k: v for name in columns for k, v in ((name, pd.NA), (f"{name}_marker", "[c]"))}


UNSAFE: dict[str, tuple[str, Harm]] = {
    "a small count": ("funnel", put(0, n=1)),
    "a count just too small": ("funnel", put(0, n=THRESHOLD - 1)),
    "a negative count": ("funnel", put(0, n=-20)),
    "a small count in a second count column": ("attendance_by_session", put(0, n_attended=2)),
    "a hidden count without marker": ("funnel", put(6, n_marker=pd.NA)),
    "a printed count with marker": ("funnel", put(0, n_marker="[c]")),
    "an unknown marker": ("funnel", put(6, n_marker="3")),
    "a hidden statistic without marker": (
        "attendance_by_session",
        put(1, mean_engagement_marker=pd.NA),
    ),
    "a printed statistic with marker": (
        "attendance_by_session",
        put(0, mean_engagement_marker="[c]"),
    ),
    "a statistic of a hidden count": (
        "attendance_by_session",
        put(1, mean_engagement=2.0, mean_engagement_marker=pd.NA),
    ),
    "a change on fewer pairs than the gate needs": ("attitude_change", put(0, n_paired=99)),
    "a mean on too few people": ("attendance_by_session", put(0, n_attended=9)),
    "a difference beside one hidden count": (
        "attitude_attrition",
        put(0, **gone("n_with_end", "mean_with_end", "sd_with_end")),
    ),
    "a difference on too few people": (
        "attitude_attrition",
        put(0, n_with_end=9, **gone("mean_with_end", "sd_with_end")),
    ),
    "a share beside a hidden total": (
        "attitude_attrition",
        put(3, **gone("n_without_end", "statistic_name", "statistic", "df", "p")),
    ),
    "a test of counts of which one is hidden": (
        "attitude_attrition",
        put(2, **gone("n_with_end", "smd")),
    ),
    "a text statistic without marker": ("attitude_change", put(1, adjustment_marker=pd.NA)),
    "two rows of one category": ("funnel", put(1, stage="sentenced")),
    "no category": ("funnel", put(1, stage=pd.NA)),
}


@pytest.mark.parametrize("case", UNSAFE)
def test_tables_that_may_not_be_printed_are_refused(case: str, tmp_path: Path) -> None:
    table, harm = UNSAFE[case]
    folder = builders.data_folder(tmp_path)
    with pytest.raises(UnsafeReleaseError, match=table):
        builders.publish(folder, content(harmed(table, harm)))
    assert [path.name for path in folder.published.rglob("*")] == ["releases"]
    assert builders.register_rows(folder) == []


@given(count=st.integers(-10, 30), row=st.integers(0, 5))
@settings(deadline=None, max_examples=60)
def test_a_count_is_printed_exactly_when_it_is_nought_or_reaches_the_threshold(
    count: int, row: int
) -> None:
    counts = [120, 100, 70, 50, 40, 20, None]
    counts[row] = count
    given_content = content({"funnel": builders.funnel(*counts)})
    if count == 0 or count >= THRESHOLD:
        assert draft_release(POLICY, given_content).csv_files["funnel"]
    else:
        with pytest.raises(UnsafeReleaseError) as caught:
            draft_release(POLICY, given_content)
        assert not any(character.isdigit() for character in str(caught.value))


def test_the_threshold_is_the_policys() -> None:
    thresholds = POLICY.dpia.thresholds.model_copy(update={"minimum_count": 21})
    stricter = replace(POLICY, dpia=POLICY.dpia.model_copy(update={"thresholds": thresholds}))
    frames = {"funnel": builders.funnel()}
    assert draft_release(POLICY, content(frames))
    with pytest.raises(UnsafeReleaseError):
        draft_release(stricter, content(frames))


@pytest.mark.parametrize(
    "verdict", ["not proven in time", "not made: its stage gate is closed", ""]
)
def test_a_table_that_prints_a_count_must_be_proven(verdict: str) -> None:
    frames = builders.tables()
    summary = builders.summary(frames, {"non_assignment": verdict})
    with pytest.raises(UnsafeReleaseError, match="non_assignment"):
        draft_release(POLICY, content(frames, summary=summary))


def test_a_withheld_table_is_published_with_every_count_hidden() -> None:
    frames = {"funnel": builders.funnel(*[None] * 7)}
    summary = builders.summary(frames, {"funnel": "not proven in time"})
    assert b"[c]" in draft_release(POLICY, content(frames, summary=summary)).csv_files["funnel"]


def test_a_table_without_rows_is_published_only_when_it_was_not_made() -> None:
    frames = builders.tables()
    assert draft_release(POLICY, content(frames))
    summary = builders.summary(frames, {"attitude_change": "not proven in time"})
    with pytest.raises(UnsafeReleaseError, match="attitude_change"):
        draft_release(POLICY, content(frames, summary=summary))


STRANGE: dict[str, Callable[[], dict[str, pd.DataFrame]]] = {
    "a column the policy does not name": lambda: {
        "funnel": builders.funnel().assign(person_id="4f3c")
    },
    "a column is missing": lambda: {"funnel": builders.funnel().drop(columns="n_marker")},
    "a table the policy does not name": lambda: {"linked_cohort": builders.funnel()},
    "no table": dict,
    "a count that is not whole": lambda: {"funnel": builders.funnel().assign(n=7.5, n_marker=None)},
    "a text where a count belongs": lambda: {"funnel": builders.funnel().assign(n="A123456")},
    "an infinite statistic": lambda: {"attendance_by_session": builders.attendance(float("inf"))},
}


@pytest.mark.parametrize("case", STRANGE)
def test_what_is_not_a_table_of_the_policy_is_refused_without_a_value(case: str) -> None:
    with pytest.raises(ReleaseError) as caught:
        draft_release(POLICY, content(STRANGE[case]()))
    message = str(caught.value)
    assert not any(value in message for value in ("4f3c", "A123456", "7.5", "inf", "person_id"))
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_summary_that_lacks_a_table_is_refused() -> None:
    frames = builders.tables()
    with pytest.raises(ReleaseError, match="summary"):
        draft_release(POLICY, content(frames, summary=builders.summary(frames).iloc[1:]))
