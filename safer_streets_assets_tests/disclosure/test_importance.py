"""The sentence where a table hides what is printed before all else: which figures it means."""

from __future__ import annotations

import pandas as pd
import pytest

from safer_streets_assets.disclosure.importance import headline_said
from safer_streets_assets_tests.release.builders import POLICY


def attendance(total: int | None) -> pd.DataFrame:
    """One session by delivery, of which the total may be hidden."""
    counts = list(POLICY.tables.tables["attendance_by_session"].counts)
    frame = pd.DataFrame({"session": ["1", "1"], "delivery": ["Group", "Total"]})
    return frame.assign(**{count: pd.array([None, total], dtype="Int64") for count in counts})


def funnel(last: int | None) -> pd.DataFrame:
    return pd.DataFrame(
        {"stage": ["sentenced", "completed"], "n": pd.array([40, last], dtype="Int64")}
    )


@pytest.mark.parametrize("undecided", [False, True])
def test_hidden_totals_are_called_totals_of_the_table(undecided: bool) -> None:
    said = headline_said(POLICY, "attendance_by_session", attendance(None), undecided=undecided)
    assert said.startswith("Totals of this table are hidden, because ")
    assert ("in the time given" in said) == undecided


def test_hidden_figures_of_the_headline_are_called_so() -> None:
    said = headline_said(POLICY, "funnel", funnel(None), undecided=False)
    assert said.startswith("Headline figures are hidden, because ")


def test_where_only_others_are_hidden_nothing_is_said() -> None:
    printed = attendance(9)
    assert headline_said(POLICY, "attendance_by_session", printed, undecided=False) == ""
    assert headline_said(POLICY, "funnel", funnel(7), undecided=False) == ""
