"""The re-offending table: who is followed, what counts, and that nobody is before it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb
import pytest

from safer_streets_assets.attitudes.tables import gate_counts, write_scores
from safer_streets_assets.cohort.catalogue import conformed_columns
from safer_streets_assets.policy import Policy
from safer_streets_assets.reoffending import tables
from safer_streets_assets.reoffending.tables import column_types, follow_up, write_reoffending
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import MPS, Row, fetch
from safer_streets_assets_tests.reoffending.builders import (
    agreed,
    found,
    link,
    load_people,
    police,
)

Followed = dict[str, tuple[int, bool]]


def followed(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, *drops: Sequence[Row]
) -> Followed:
    """The follow-up of the only person there is, by event."""
    load_people(connection, 1)
    link(connection, folder, *[police(*rows) for rows in drops])
    frame = follow_up(connection, agreed())
    assert len(frame) in (0, 3)
    rows = frame.to_dict("records")
    return {str(row["event"]): (int(row["days"]), bool(row["happened"])) for row in rows}


def test_who_had_nothing_is_followed_for_a_year_and_no_longer(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    found_of = followed(memory, folder, [{"Searched until": "01/12/2021"}])
    assert found_of == dict.fromkeys(policy.dpia.reoffending_events, (365, False))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # Completed on 1 June 2020.
        ([found("A100001", "Arrest", "02/06/2020")], (1, True)),
        ([found("A100001", "Arrest", "01/06/2020")], (365, False)),
        ([found("A100001", "Arrest", "31/05/2020")], (365, False)),
        ([found("A100001", "Arrest", "01/06/2021")], (365, True)),
        ([found("A100001", "Arrest", "02/06/2021")], (365, False)),
        ([found("A100001", "Sentencing", "02/06/2020")], (365, False)),
        ([{"Searched until": "11/06/2020"}], (10, False)),
        ([{"Searched until": "01/06/2020"}], (0, False)),
        ([found("A100001", "Arrest", "11/06/2020", "11/06/2020")], (10, True)),
        (
            [
                found("A100001", "Arrest", "11/09/2020"),
                found("A100001", "Arrest", "11/06/2020"),
                found("A100001", "Arrest", "11/05/2020"),
            ],
            (10, True),
        ),
        (
            [
                found("A100001", "Sentencing", "11/06/2020", "11/06/2020"),
                found("A100001", "Arrest", "21/06/2020", "21/06/2020"),
            ],
            (20, True),
        ),
    ],
)
@pytest.mark.thorough
def test_the_first_event_after_completion_and_within_the_year_counts(
    memory: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    rows: list[Row],
    expected: tuple[int, bool],
) -> None:
    assert followed(memory, folder, rows)["Arrest"] == expected


@pytest.mark.parametrize(
    "rows",
    [[{"Searched until": "31/05/2020"}], [{"CRN": "Z999999"}]],
    ids=["too early", "stranger"],
)
@pytest.mark.thorough
def test_who_was_not_searched_for_after_completion_is_not_followed(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, rows: list[Row]
) -> None:
    assert followed(memory, folder, rows) == {}


def test_who_did_not_complete_is_not_followed(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder
) -> None:
    load_people(memory, completed=2, others=3)
    link(memory, folder, police(*({"CRN": f"A10000{n}"} for n in range(1, 6))))
    assert len(follow_up(memory, agreed())) == 2 * 3


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([found("A100001", "Arrest", "21/06/2020")], (20, True)),
        ([{"Searched until": "01/01/2022"}], (365, False)),
        ([{"CRN": "A100002"}], (10, True)),
    ],
    ids=["corrected", "withdrawn", "somebody else"],
)
@pytest.mark.thorough
def test_the_latest_search_of_a_person_replaces_those_before_it(
    memory: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    later: list[Row],
    expected: tuple[int, bool],
) -> None:
    first = [found("A100001", "Arrest", "11/06/2020")]
    assert followed(memory, folder, first, later)["Arrest"] == expected


def test_no_follow_up_has_a_pseudonym(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder
) -> None:
    load_people(memory, 2)
    link(memory, folder, police({}))
    assert set(follow_up(memory, agreed()).columns) == {"event", "days", "happened"}


def test_the_conformed_table_has_the_columns_that_are_documented(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder
) -> None:
    load_people(memory, 1)
    link(memory, folder, police({}))
    described = {row[0]: row[1] for row in fetch(memory, "DESCRIBE research.police_events")}
    documented = {name: doc.type for name, doc in conformed_columns(agreed(), MPS).items()}
    assert described == documented
    assert "crn" not in described


@pytest.fixture
def four(memory: duckdb.DuckDBPyConnection, folder: DataFolder) -> duckdb.DuckDBPyConnection:
    """Four who completed, of whom three were searched for and one was arrested."""
    load_people(memory, 4)
    rows = [found("A100001", "Arrest", "11/06/2020"), {"CRN": "A100002"}, {"CRN": "A100003"}]
    link(memory, folder, police(*rows))
    write_scores(memory, agreed())
    return memory


def rows_of_table(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return fetch(
        connection, "SELECT * EXCLUDE (row_order) FROM research.reoffending ORDER BY row_order"
    )


def types_of_table(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return {row[0]: row[1] for row in fetch(connection, "DESCRIBE research.reoffending")}


@pytest.mark.thorough
def test_at_its_gate_the_table_has_every_event_and_month(four: duckdb.DuckDBPyConnection) -> None:
    policy = agreed(4)
    assert write_reoffending(four, policy)
    rows = rows_of_table(four)
    events, months = policy.dpia.reoffending_events, policy.dpia.reoffending.reading_days
    assert [row[:2] for row in rows] == [(event, month) for event in events for month in months]
    by_key = {row[:2]: row[2:] for row in rows}
    assert by_key["Arrest", "0"] == (3, 0, 0, 1.0, None, None)
    at_risk, happened, censored, survival, low, high = by_key["Arrest", "12"]
    assert (at_risk, happened, censored) == (2, 1, 0)
    assert survival == pytest.approx(2 / 3)
    assert low < survival < high
    assert by_key["Sentencing", "12"] == (3, 0, 0, 1.0, None, None)
    assert types_of_table(four) == column_types(policy)


@pytest.mark.thorough
def test_writing_it_again_changes_nothing(four: duckdb.DuckDBPyConnection) -> None:
    write_reoffending(four, agreed(4))
    before = rows_of_table(four)
    write_reoffending(four, agreed(4))
    assert rows_of_table(four) == before


@pytest.mark.parametrize("needed", [5, 100])
@pytest.mark.thorough
def test_below_its_gate_nobody_is_followed_and_the_table_is_empty(
    four: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, needed: int
) -> None:
    assert write_reoffending(four, agreed(4))
    monkeypatch.setattr(tables, "follow_up", lambda *_: pytest.fail("somebody was followed"))
    assert not write_reoffending(four, agreed(needed))
    assert rows_of_table(four) == []
    assert types_of_table(four) == column_types(agreed())


def test_while_the_source_is_not_agreed_the_table_is_empty_and_police_rows_are_not_kept(
    four: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, policy: Policy
) -> None:
    gates = [gate.model_copy(update={"needed": 1}) for gate in policy.dpia.gates]
    dpia = policy.dpia.model_copy(update={"gates": gates})
    not_agreed = replace(policy, dpia=dpia)
    monkeypatch.setattr(tables, "follow_up", lambda *_: pytest.fail("somebody was followed"))
    assert not write_reoffending(four, not_agreed)
    assert rows_of_table(four) == []
    held = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'police_events'"
    assert fetch(four, held) == [(0,)]
    assert not gate_counts(four, not_agreed)["reoffending"].is_open


def test_an_agreement_without_a_drop_gives_a_table_of_noughts(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder
) -> None:
    load_people(memory, 2)
    link(memory, folder)
    write_scores(memory, agreed())
    assert write_reoffending(memory, agreed(2))
    assert {row[2:] for row in rows_of_table(memory)} == {(0, 0, 0, None, None, None)}
