"""Printed percentages and means whose counts are hidden are told to the attacker."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from safer_streets_assets.disclosure.core import attack
from safer_streets_assets.disclosure.earlier import as_published, structure_of
from safer_streets_assets.disclosure.joint_protection import protect_tables
from safer_streets_assets.disclosure.own_spec import OwnSpec
from safer_streets_assets.disclosure.own_table import protect_own_table
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.policy import load_policy

POLICY = load_policy()


def reasons(n: int, answered: int) -> pd.DataFrame:
    listed = list(POLICY.labels_of("knife_reasons"))
    rows = [(reason, answered, n) for reason in listed]
    frame = pd.DataFrame(rows, columns=["reason", "n_answered", "n"])
    return frame.astype({"n_answered": "Int64", "n": "Int64"})


def made(n: int, answered: int) -> ProtectedTables:
    return protect_tables(POLICY, {"knife_reasons": reasons(n, answered)})


def hide(tables: ProtectedTables, name: str, row: int, count: str) -> ProtectedTables:
    """The tables when a count is hidden although a statistic of it is printed."""
    frame = tables.tables[name].copy()
    frame.loc[row, count] = pd.NA
    frame.loc[row, f"{count}_marker"] = "[c]"
    return replace(tables, tables={**tables.tables, name: frame})


def test_a_printed_percentage_bounds_the_hidden_count_it_is_made_of() -> None:
    tables = hide(made(20, 64), "knife_reasons", 0, "n")
    release = as_published("r", structure_of(tables), tables.tables)
    (found,) = [b for b in attack([release], threshold=5) if b.kind == "hidden"]
    assert tables.tables["knife_reasons"].loc[0, "percent"] == 31
    assert (found.low, found.high) == (20, 20)  # 19 of 64 are 30 %, 21 are 33 %
    assert not found.safe


def test_statistics_of_printed_counts_make_no_fact() -> None:
    tables = made(20, 64)
    release = as_published("r", structure_of(tables), tables.tables)
    assert tables.tables["knife_reasons"]["percent"].notna().all()
    assert release.facts == []


def test_a_withheld_percentage_makes_no_fact() -> None:
    tables = hide(made(20, 64), "knife_reasons", 0, "n")
    tables.tables["knife_reasons"].loc[0, "percent"] = pd.NA
    release = as_published("r", structure_of(tables), tables.tables)
    assert release.facts == []


def attendance(engagement: float) -> pd.DataFrame:
    delivery = [*POLICY.labels_of("codes:delivery"), "Total"]
    rows = []
    for session in POLICY.labels_of("sessions"):
        for k, mode in enumerate(delivery):
            expected, attended = (40, 17) if k == 0 else (0, 0)
            if mode == "Total":
                expected, attended = 40, 17
            rows.append((session, mode, expected, attended, engagement, attended))
    columns = ["session", "delivery", "n_expected", "n_attended", "mean_engagement"]
    frame = pd.DataFrame(rows, columns=[*columns, "mean_engagement_base"])
    counts = ["n_expected", "n_attended", "mean_engagement_base"]
    return frame.astype(dict.fromkeys(counts, "Int64"))


def test_a_printed_mean_bounds_the_hidden_count_of_those_it_is_of() -> None:
    """3.47 is no mean of fewer than 15 whole scores: 52 / 15 is the first."""
    tables = protect_tables(POLICY, {"attendance_by_session": attendance(3.47)})
    frame = tables.tables["attendance_by_session"]
    total = int(frame.index[frame["delivery"].eq("Total")][0])
    first = int(frame.index[0])
    assert frame.loc[total, "mean_engagement"] == 3.47
    hidden = hide(
        hide(tables, "attendance_by_session", total, "n_attended"),
        "attendance_by_session",
        first,
        "n_attended",
    )
    release = as_published("r", structure_of(hidden), hidden.tables)
    lows = {b.low for b in attack([release], threshold=5) if b.kind == "hidden"}
    assert lows == {15}


def test_a_table_of_ones_own_can_be_rounded() -> None:
    frame = pd.DataFrame({"area": ["North", "South", "East"], "n": [3, 41, 27]})
    spec = OwnSpec.model_validate(
        {
            "threshold": 5,
            "dimensions": {"area": None},
            "counts": ["n"],
            "method": "rounding",
            "rounding_base": 5,
        }
    )
    done = protect_own_table(frame, spec)
    assert done.table is not None
    assert done.verdict == "proven"
    assert (done.table["n"] % 5 == 0).all()
    assert done.table["n_marker"].isna().all()
    shown = done.table.set_index("area")["n"]
    assert shown["Total"] == shown.drop("Total").sum()
    assert shown["North"] == 5  # it is listed, so somebody is in it
