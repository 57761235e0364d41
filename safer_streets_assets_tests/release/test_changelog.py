"""CHANGELOG.md: in words, the headline first, and nothing of what is not printed."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.release.changelog import changelog
from safer_streets_assets.release.content import release_tables
from safer_streets_assets.release.csv_files import csv_bytes
from safer_streets_assets.release.database import Identity
from safer_streets_assets.release.wording import enumerated, moved, number, plural
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import POLICY, content, publish

LEVELS = {"non_assignment": {"borough": "area"}}
STAGES = POLICY.dpia.cohort.stages
BOROUGHS = ("Brent", "Ealing", "Enfield")
IDENTITY = Identity("r", 2, builders.NOW, "0", "0", "0", (), "before")


def written(now: dict[str, pd.DataFrame], before: dict[str, pd.DataFrame] | None = None) -> str:
    """The changelog of a release with these tables after one with those, ids left out."""
    tables = [
        {t.name: csv_bytes(t) for t in release_tables(POLICY, content(frames, notes={}))}
        for frames in (now, before or now)
    ]
    return changelog(POLICY, IDENTITY, tables[0], tables[1])


def by_borough(*counts: int | None) -> pd.DataFrame:
    """The stage sentenced of three boroughs, and of all."""
    keys = [(borough, STAGES[0]) for borough in (*BOROUGHS, "Total")]
    return builders.table("funnel_by_borough", keys, {"n": counts})


def test_the_headline_comes_first_and_says_what_moved_from_where_to_where() -> None:
    before = {"funnel": builders.funnel(180, 100, 70, 50, 40, 20, None)}
    now = {"funnel": builders.funnel(205, 100, 70, 45, None, None, 6)}
    text = written(now, before)
    assert text.index("## Headline") < text.index("- Sentenced rose from 180 to 205.\n")
    assert "- Assigned fell from 50 to 45.\n" in text
    assert "- Completed: 6.\n" in text
    assert "Eligible" not in text
    for hidden in ("Started", "Midpoint", "hidden", "suppressed"):
        assert hidden not in text


def test_what_can_be_shown_now_is_named_and_what_cannot_is_not() -> None:
    before = {"funnel_by_borough": by_borough(None, None, 7, 25)}
    now = {"funnel_by_borough": by_borough(9, 8, None, 31)}
    text = written(now, before)
    title = POLICY.tables.tables["funnel_by_borough"].title
    assert f"- {title} (`funnel_by_borough`): One figure changed. The largest change: " in text
    assert "sentenced rose from 25 to 31" in text, "no borough moved that both print"
    assert "Two boroughs can now be shown: Brent and Ealing" in text
    assert "Enfield" not in text


def test_the_largest_change_is_that_of_a_category_where_one_moved() -> None:
    before = {"funnel_by_borough": by_borough(20, 30, 40, 90)}
    now = {"funnel_by_borough": by_borough(26, 41, 40, 107)}
    assert "The largest change: Ealing, sentenced rose from 30 to 41." in written(now, before)


def test_a_number_is_called_what_it_is_the_number_of() -> None:
    before, now = builders.attendance(), builders.attendance()
    now.loc[3, "n_expected"] = 31
    text = written({"attendance_by_session": now}, {"attendance_by_session": before})
    assert (
        "session 2, Group (people who should have reached the session) rose from 25 to 31" in text
    )


def test_a_category_that_was_no_row_is_new() -> None:
    rows = by_borough(9, 8, 7, 31)
    text = written({"funnel_by_borough": rows}, {"funnel_by_borough": rows.iloc[1:]})
    assert "One borough is new: Brent." in text


def test_a_gate_that_opens_and_the_scales_behind_it_are_headline() -> None:
    before, now = builders.tables(), builders.tables(gate_open=True)
    at = before["stage_gates"]["gate"] == "impact"
    before["stage_gates"].loc[at, ["n_now", "n_now_marker"]] = [60, pd.NA]
    now["stage_gates"].loc[at, ["n_now", "n_now_marker"]] = [110, pd.NA]
    text = written(now, before)
    headline = text.partition("## Headline\n")[2].partition("\n## ")[0]
    assert "- Gate opened: Attitude change from start to end.\n" in headline
    assert "with every primary scale needed) rose from 60 to 110.\n" in headline
    assert (
        "- Views towards offending (OFF), start to end: mean change +0.33 "
        "(95 % interval +0.33 to +0.33).\n" in headline
    )
    assert (
        "- Views towards offending (OFF), start to end: people with both scores: 110." in headline
    )
    assert "(`attitude_change`): it is printed for the first time." in text


def test_a_gate_that_has_enough_and_no_agreed_source_says_why_it_is_closed() -> None:
    before, now = builders.tables(), builders.tables()
    at = before["stage_gates"]["gate"] == "reoffending"
    before["stage_gates"].loc[at, ["n_now", "n_now_marker"]] = [110, pd.NA]
    now["stage_gates"].loc[at, ["n_now", "n_now_marker"]] = [126, pd.NA]
    said = next(line for line in written(now, before).splitlines() if "Gathered so far" in line)
    assert (
        "One-year re-offending (100 people who completed needed; closed, because its source "
        "(Re-offending within a year, " in said
    )
    assert "is not agreed) rose from 110 to 126" in said


def test_tables_that_come_and_go_are_named() -> None:
    before = builders.tables()
    now = {name: frame for name, frame in before.items() if name != "stage_gates"}
    text = written(now | {"funnel_by_borough": by_borough(9, 8, 7, 31)}, before)
    assert "- Tables added: funnel_by_borough.\n- Tables removed: stage_gates.\n" in text


def test_the_first_release_gives_its_headline_and_words_alone_are_no_change(tmp_path: Path) -> None:
    folder = builders.data_folder(tmp_path)
    first, second = publish(folder), publish(folder, content(notes={}))
    text = (first.path / "CHANGELOG.md").read_text()
    assert "The first release: two tables." in text
    assert "- Sentenced: 120.\n" in text
    assert "No printed value changed" in (second.path / "CHANGELOG.md").read_text()


def test_a_table_at_a_coarser_level_says_by_what_in_its_title_and_in_the_changelog(
    tmp_path: Path,
) -> None:
    policy = POLICY.at_levels(LEVELS)
    keys = [(area, reason) for area in ("North London", "Total") for reason in ("01", "Total")]
    frames = {"non_assignment": builders.table("non_assignment", keys, {"n": [7, 7, 7, 7]})}
    path = publish(builders.data_folder(tmp_path), content(frames, notes={}), policy=policy).path
    ((title,),) = builders.query(path / "published.duckdb", "SELECT title FROM table_index")
    assert title == "Reasons why people were not assigned, by area of London"
    assert (
        f"- {title} (`non_assignment`): by area of London in place of borough"
        in (path / "CHANGELOG.md").read_text()
    )


counts = st.lists(st.one_of(st.none(), st.sampled_from([0, *range(5, 60)])), min_size=4, max_size=4)


@given(counts, counts)
@settings(deadline=None, max_examples=100)
def test_every_number_is_a_printed_one_and_no_category_is_named_that_is_not_printed(
    now: list[int | None], before: list[int | None]
) -> None:
    text = written(
        {"funnel_by_borough": by_borough(*now)}, {"funnel_by_borough": by_borough(*before)}
    )
    said = text.partition("are compared.")[2]
    printed = {str(n) for n in (*now, *before) if n is not None}
    assert set(re.findall(r"\d+", said)) <= printed
    for borough, count in zip(BOROUGHS, now, strict=False):
        assert count is not None or borough not in said


def test_words_for_numbers_lists_and_changes() -> None:
    assert (number(1, "borough"), number(3, "borough")) == ("one borough", "three boroughs")
    assert number(1200, "figure") == "1,200 figures"
    assert plural("month of disposal") == "months of disposal"
    assert (plural("delivery"), plural("class")) == ("deliveries", "classes")
    assert [enumerated(names) for names in (["A"], ["A", "B"], ["A", "B", "C"])] == [
        "A", "A and B", "A, B and C",
    ]  # fmt: skip
    assert (moved("180", "205"), moved("6.0", "5.5")) == (
        "rose from 180 to 205",
        "fell from 6 to 5.5",
    )
