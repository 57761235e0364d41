"""At which session people leave, of hand-made people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from safer_streets_assets.disclosure.aggregate import aggregate
from safer_streets_assets.monitoring.tables import write_dropout
from safer_streets_assets_tests.monitoring.builders import open_gates, research, stage

STARTED = {"start_date": "2020-01-11"}


def person(attended: int, outcome: str, at: str = "started") -> Mapping[str, Any]:
    """Somebody who started, with the sessions that CRC counts and the outcome."""
    return stage(at) | STARTED | {"sessions_attended": attended, "outcome": outcome}


PEOPLE = [
    person(0, "Breached"),
    person(3, "Transferred"),
    person(3, "In progress"),
    person(4, "Recalled or custody"),
    person(5, "Not recorded"),
    person(12, "Withdrawn", "midpoint"),
    person(12, "In progress", "midpoint"),
    person(12, "Completed", "completed"),
    person(5, "Completed"),
    stage("assigned") | {"outcome": "Did not start"},
]
# Session to at risk, left and going on.
BY_SESSION = {1: (9, 1, 0), 4: (8, 1, 1), 5: (6, 1, 0), 6: (5, 0, 1), 12: (4, 1, 1)}
# At session 4 one of 8 left after one of 9 at the first: 8/9 x 7/8 = 7/9, then 5/6 and 3/4 of that.
SURVIVAL = {1: 8 / 9, 3: 8 / 9, 4: 7 / 9, 5: 35 / 54, 11: 35 / 54, 12: 35 / 72}


def ends() -> dict[str, tuple[str, int]]:
    """Of each person how the programme ended and the session they were last at."""
    with research(PEOPLE) as connection:
        write_dropout(connection, open_gates())
        rows = connection.execute("FROM research.programme_ends").fetchall()
    return {one: (result, session) for one, result, session in rows}


def test_each_person_who_started_is_at_the_session_after_those_attended() -> None:
    assert ends() == {
        "p1": ("left", 1),
        "p2": ("left", 4),
        "p3": ("goes on", 4),
        "p4": ("left", 5),
        "p5": ("goes on", 6),
        "p6": ("left", 12),
        "p7": ("goes on", 12),
        "p8": ("completed", 12),
        "p9": ("completed", 12),
    }


def test_hazard_and_survival_by_session_are_those_of_the_product_limit() -> None:
    with research(PEOPLE) as connection:
        assert write_dropout(connection, open_gates())
        found = connection.execute("FROM research.dropout_by_session").df().set_index("session")
    assert list(found.index) == list(range(1, 13))
    for session, (at_risk, left, going_on) in BY_SESSION.items():
        row = found.loc[session]
        assert (row["n_at_risk"], row["n_left"], row["n_going_on"]) == (at_risk, left, going_on)
        assert row["hazard"] == pytest.approx(left / at_risk)
    others = found.drop(index=list(BY_SESSION))
    assert others["n_left"].sum() == others["n_going_on"].sum() == others["hazard"].sum() == 0
    assert found.loc[list(SURVIVAL), "survival"].to_dict() == pytest.approx(SURVIVAL)
    assert (found["ci_low"] < found["survival"]).all()
    assert (found["survival"] < found["ci_high"]).all()


def test_a_session_that_nobody_comes_to_has_no_hazard_and_no_survival() -> None:
    with research([person(0, "Breached")]) as connection:
        write_dropout(connection, open_gates())
        found = connection.execute("FROM research.dropout_by_session").df().set_index("session")
    assert found.loc[1, "survival"] == 0.0
    assert found.loc[2:, ["hazard", "survival"]].isna().all(axis=None)
    assert set(found.loc[2:, "reason"]) == {"nobody is at risk"}


def test_blocks_of_sessions_hold_those_who_came_to_them_left_in_them_and_go_on_in_them() -> None:
    with research(PEOPLE) as connection:
        write_dropout(connection, open_gates())
        found = aggregate(connection, open_gates(), "dropout_by_block").set_index("session_block")
    assert found.T.to_dict("list") == {
        "1 to 4": [9, 2, 1],
        "5 to 8": [6, 1, 1],
        "9 to 12": [4, 1, 1],
    }


def test_behind_a_closed_gate_nobody_is_kept() -> None:
    policy = open_gates(100)
    with research(PEOPLE, policy) as connection:
        assert not write_dropout(connection, policy)
        for name in ("programme_ends", "dropout_by_session"):
            assert connection.execute(f"FROM research.{name}").fetchall() == []
