"""A gate that closes again: what it allowed is withdrawn from the next release, which says so."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import prove
from safer_streets_assets.disclosure.earlier import as_published, structure_of
from safer_streets_assets.disclosure.joint_protection import NOT_MADE, PROVEN
from safer_streets_assets.disclosure.stored_tables import StoredProtection
from safer_streets_assets.policy import Gate
from safer_streets_assets.release import UnsafeReleaseError
from safer_streets_assets.release.draft import draft_release
from safer_streets_assets.release.notes import WITHDRAWN, notes_for
from safer_streets_assets_tests.builders import (
    CHECKIN,
    CRC,
    NPS,
    build_cohort,
    crn,
    data_folder,
    load_rows,
    people_rows,
    rows_of,
    shipped_policy,
    stores_in_memory,
)
from safer_streets_assets_tests.generated_years import Month, counted
from safer_streets_assets_tests.release.builders import NEVER_OPEN, content, tables
from safer_streets_assets_tests.release.test_changelog import written
from safer_streets_assets_tests.releases_in_a_row import Made, publish_in_a_row

PEOPLE, LEFT = 40, 8
PROCESS = "process_evaluation"
BEHIND = ("attendance_by_session", "survey_response", "experience", "knife_reasons")


def needed(gate: str) -> Gate:
    """A gate of the shipped policy."""
    return next(one for one in shipped_policy().dpia.gates if one.name == gate)


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> list[Month]:
    """Forty people who started; then a corrected drop in which only eight did."""
    folder = data_folder(tmp_path_factory.mktemp("closing") / "data")
    with stores_in_memory() as connection:
        load_rows(connection, NPS, people_rows(NPS, PEOPLE))
        load_rows(connection, CRC, people_rows(CRC, PEOPLE))
        visits = [
            {"ResponseID": str(100 * n + k), "CRN": crn(n), "Session": str(k)}
            for n in range(1, PEOPLE + 1)
            for k in range(1, 8)
        ]
        load_rows(connection, CHECKIN, rows_of(CHECKIN, *visits))
        build_cohort(connection, folder)
        first = counted(connection, shipped_policy())
        others = people_rows(CRC, PEOPLE - LEFT, first=LEFT + 1)
        gone = {"Start date": None, "Sessions attended": None, "Outcome": "Did not start"}
        load_rows(connection, CRC, [{**row, **gone} for row in others], drop=2)
        build_cohort(connection, folder)
        return [first, counted(connection, shipped_policy())]


@pytest.fixture(scope="module")
def releases(months: list[Month]) -> list[Made]:
    return list(publish_in_a_row(shipped_policy(), months))


def stored(made: Made) -> StoredProtection:
    protected = made.protected
    return StoredProtection(protected.tables, protected.summary, structure_of(protected), 1)


@pytest.mark.thorough
def test_what_the_gate_allowed_is_empty_in_the_next_release_and_nothing_else_is(
    releases: list[Made],
) -> None:
    first, second = releases
    verdicts = second.protected.summary.set_index("table_name")["verdict"]
    assert len(first.protected.tables["attendance_by_session"])
    for name in BEHIND:
        assert second.protected.tables[name].empty
        assert verdicts[name] == NOT_MADE
    assert len(second.protected.tables["funnel"])
    assert verdicts["funnel"] == PROVEN
    gates = second.protected.tables["stage_gates"].set_index("gate")["open"]
    assert not gates[PROCESS]
    assert gates["performance_monitoring"]


@pytest.mark.thorough
def test_its_notes_say_that_it_is_withdrawn_and_how_many_of_what_there_are(
    releases: list[Made],
) -> None:
    gate = needed(PROCESS)
    notes = notes_for(releases[1].policy, stored(releases[1]), {"attendance_by_session"})
    printed = releases[1].protected.tables["stage_gates"].set_index("gate")["n_now"][PROCESS]
    have = f"fewer than {gate.needed}" if pd.isna(printed) else str(LEFT)
    assert notes["attendance_by_session"] == (
        f"{WITHDRAWN} Not made, because its stage has not gathered enough: there are {have} "
        f"{gate.unit} and {gate.needed} are needed."
    )
    assert WITHDRAWN not in notes["experience"]
    assert WITHDRAWN not in "".join(notes_for(releases[0].policy, stored(releases[0])).values())


@pytest.mark.thorough
def test_with_both_releases_the_attacker_finds_nothing(releases: list[Made]) -> None:
    known = [
        as_published(
            f"r{number}",
            structure_of(made.protected),
            made.protected.tables,
            made.protected.core.not_monotone,
            made.protected.core.alone,
        )
        for number, made in enumerate(releases)
    ]
    least = shipped_policy().dpia.thresholds.minimum_count
    assert set(prove(known, threshold=least, time_limit=600.0).values()) == {PROVEN}


def test_the_changelog_says_which_gate_withdrew_it() -> None:
    text = written(tables(), tables(gate_open=True))
    title = needed("impact").title
    assert f"- Gate closed: {title}.\n" in text
    assert f"(`attitude_change`): it is withdrawn, because its gate is closed again: {title}." in (
        text
    )


@pytest.mark.parametrize("gate", [gate.name for gate in shipped_policy().dpia.gates])
def test_rows_behind_a_gate_that_is_printed_as_closed_are_refused(gate: str) -> None:
    frames = tables(gate_open=True)
    behind = {name for name in frames if shipped_policy().tables.tables[name].gate == gate}
    frames["stage_gates"].loc[frames["stage_gates"]["gate"] == gate, "open"] = False
    if not behind:
        assert gate in NEVER_OPEN
        return
    with pytest.raises(UnsafeReleaseError, match="its gate is closed"):
        draft_release(shipped_policy(), content(frames))


@pytest.mark.parametrize(
    "gate", [pytest.param("performance_monitoring", marks=pytest.mark.thorough), PROCESS]
)
def test_below_a_gate_every_table_of_its_stage_is_empty_and_at_it_all_are_made(
    gate: str, tmp_path: Path
) -> None:
    least = needed(gate).needed
    made = {people: _counted(people, tmp_path / str(people)) for people in (least - 1, least)}
    behind = [n for n, t in shipped_policy().tables.tables.items() if t.gate == gate]
    assert behind
    assert [n for n in behind if len(made[least - 1][0][n])] == []
    assert {n for n in behind if len(made[least][0][n])} == set(behind)


def _counted(people: int, place: Path) -> Month:
    folder = data_folder(place)
    with stores_in_memory() as connection:
        load_rows(connection, NPS, people_rows(NPS, people))
        load_rows(connection, CRC, people_rows(CRC, people))
        build_cohort(connection, folder)
        return counted(connection, shipped_policy())
