"""A check on data that arrived says, when it fails, in which drop and rows, and no value."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from safer_streets_assets.cohort import assets as cohort
from safer_streets_assets.cohort.conformed import conform
from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, pseudonym
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CRC,
    NPS,
    Row,
    crc_workbook,
    crn,
    csv_drop,
    data_folder,
    opened,
    people_rows,
    put,
    rows_of,
    settle_landing,
    shipped_policy,
)
from safer_streets_assets_tests.e2e.runs import instance_of, run_steps
from safer_streets_assets_tests.privacy.traces import canary_crn, found_in, traces, word

PEOPLE = 12
RAW = ["drop_arrivals", *(raw_table(name) for name in shipped_policy().sources), "drop_ledger"]
CONFORMING = [source.conformed.table for source in shipped_policy().sources.values()]
FIRST_ROW = {NPS: 2, CRC: 5, ATTENDEE: 2, CHECKIN: 2}
"""The row in which the first person of each drop stands, as a spreadsheet counts."""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A data folder with a drop of each of four sources in its landing, with canaries in them."""
    made = data_folder(tmp_path / "data")
    Keys(made.keys).read_or_create(PSEUDONYM_KEY)
    named = {"Offender Name": f"{word('surname')}, Darnell"}
    put(made, NPS, "a.csv", csv_drop(people_rows(NPS, PEOPLE, **named)))
    put(made, CRC, "b.xlsx", crc_workbook(people_rows(CRC, PEOPLE)))
    put(made, ATTENDEE, "c.csv", csv_drop(people_rows(ATTENDEE, PEOPLE)))
    put(made, CHECKIN, "d.csv", csv_drop(people_rows(CHECKIN, PEOPLE)))
    settle_landing(made)
    return made


@pytest.fixture
def ids(folder: DataFolder) -> dict[str, str]:
    """Source to the id of its drop."""
    return {
        place.parent.name: hashlib.sha256(place.read_bytes()).hexdigest()
        for place in folder.landing.rglob("*")
        if place.is_file()
    }


@pytest.fixture
def instance(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance of its own."""
    with instance_of(folder, monkeypatch) as found:
        yield found


def _checks(
    folder: DataFolder, instance: dg.DagsterInstance, assets: list[str]
) -> dict[str, dg.AssetCheckEvaluation]:
    """The checks that failed in a run of some assets, by asset and name."""
    result = run_steps(folder, instance, assets, policy=shipped_policy())
    return {
        f"{found.asset_key.to_user_string()}.{found.check_name}": found
        for found in result.get_asset_check_evaluations()
        if not found.passed
    }


def _places(check: dg.AssetCheckEvaluation) -> list[tuple[str, str, int, str]]:
    """What a failed check says of drops: id, source, how many rows, the first ones."""
    table = check.metadata["drops"]
    assert isinstance(table, dg.TableMetadataValue)
    return [
        tuple(record.data[name] for name in ("drop", "source", "rows", "first_rows"))  # type: ignore[misc]
        for record in table.records
    ]


DAMAGE = f"""
UPDATE restricted.{NPS}_raw SET offence_code = '{word("code")}' WHERE crn_key = '{crn(3)}';
UPDATE restricted.{NPS}_raw SET date_of_birth = '01/02/2019'
    WHERE crn_key IN ('{crn(4)}', '{crn(5)}');
UPDATE restricted.{NPS}_raw SET disposal_date = '01/02/2099', date_of_birth = '01/02/2070'
    WHERE crn_key = '{crn(6)}';
UPDATE restricted.{NPS}_raw SET gender = 'Other' WHERE crn_key > '{crn(6)}';
UPDATE restricted.{CRC}_raw SET sessions_attended = '13' WHERE crn_key = '{crn(2)}';
UPDATE restricted.{CRC}_raw SET outcome_date = '01/02/2020', start_date = '03/02/2020'
    WHERE crn_key = '{crn(7)}';
UPDATE restricted.{CRC}_raw SET start_date = '01/01/2020' WHERE crn_key = '{crn(8)}';
UPDATE restricted.{ATTENDEE}_raw SET a1 = '98', m2 = '{word("answer")}' WHERE crn_key > '{crn(4)}';
DELETE FROM restricted.person_pseudonyms WHERE crn_key = '{crn(9)}';
UPDATE restricted.person_pseudonyms SET person_id = '{word("person")}' WHERE crn_key = '{crn(10)}';
"""
"""What intake would have set aside, and more, put into the raw tables behind its back."""

ONE = {
    "court_cases.offence_code_is_filled_in": (NPS, [3]),
    "court_cases.age_at_disposal_is_plausible": (NPS, [4, 5]),
    "court_cases.disposal_date_is_not_in_the_future": (NPS, [6]),
    "court_cases.person_id_is_filled_in": (NPS, [9]),
    "court_cases.person_id_is_a_pseudonym": (NPS, [10]),
    "court_cases.gender_is_seldom_unknown": (NPS, [7, 8, 9, 10, 11, 12]),
    "programme_cases.sessions_attended_is_in_range": (CRC, [2]),
    "programme_cases.start_date_is_not_after_outcome_date": (CRC, [7]),
    "programme_cases.sentence_date_is_not_after_start_date": (CRC, [8]),
    "attendee_responses.answers_are_seldom_missing": (ATTENDEE, list(range(5, 13))),
}
"""Check to the source and the people whose rows it must name."""


@pytest.mark.thorough
def test_every_kind_of_expectation_that_fails_names_drop_and_rows_and_no_value(
    folder: DataFolder,
    ids: Mapping[str, str],
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def sabotaged(connection: duckdb.DuckDBPyConnection, policy: Policy, source: str) -> Any:
        versions = conform(connection, policy, source)
        if source == ATTENDEE:
            connection.execute(
                "INSERT INTO research.attendee_responses "
                "FROM research.attendee_responses WHERE response_number = 2"
            )
        if source == CHECKIN:
            column = word("column")
            connection.execute(f"ALTER TABLE research.facilitator_checkins ADD {column} VARCHAR")
        return versions

    assert _checks(folder, instance, [*RAW, "person_pseudonyms"]) == {}
    with opened(folder) as connection:
        connection.execute(DAMAGE)
        for number in range(3):
            connection.execute(
                "INSERT INTO registers.drops "
                "(drop_id, source, state, arrived_at, bytes, rows_read) "
                "VALUES (?, ?, 'loaded', '2019-01-01', 1, 1000)",
                [str(number), NPS],
            )
    monkeypatch.setattr(cohort, "conform", sabotaged)
    failed = _checks(folder, instance, CONFORMING)
    for check, (source, people) in ONE.items():
        rows = [FIRST_ROW[source] + person - 1 for person in people]
        first = ", ".join(map(str, rows))
        drop = ids[source][:12]
        assert _places(failed[check]) == [(drop, source, len(rows), first)], check
        word_for = "row" if len(rows) == 1 else "rows"
        said = f"Look at drop {drop} of {source}, {word_for} {first}."
        assert failed[check].description == said, check
    twice = failed["attendee_responses.identity_stands_once"]
    assert _places(twice) == [(ids[ATTENDEE][:12], ATTENDEE, 1, "3")]
    small = failed["court_cases.last_drop_has_the_usual_size"]
    assert small.description == f"Look at drop {ids[NPS][:12]} of {NPS} as a whole."
    types = failed["facilitator_checkins.columns_have_their_types"]
    assert types.description == "What was found is in no row of a loaded drop."
    assert {found.check_name for found in failed.values() if "drops" not in found.metadata} == set()
    said = "".join(f"{found.description}{found.metadata}" for found in failed.values())
    assert found_in(said.encode()) == set()
    assert not any(crn(number) in said for number in range(1, PEOPLE + 1))
    assert traces(folder.dagster, folder.registers) == {}


@pytest.mark.thorough
def test_an_identifier_in_the_cohort_and_check_ins_that_differ_are_traced_to_their_rows(
    folder: DataFolder,
    ids: Mapping[str, str],
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link = cohort.link_cohort

    def sabotaged(connection: duckdb.DuckDBPyConnection, policy: Policy) -> int:
        people = link(connection, policy)
        connection.execute(
            f"UPDATE research.linked_cohort SET court = 'see {canary_crn(1)}' WHERE person_id = ?",
            [pseudonym(Keys(folder.keys).read(PSEUDONYM_KEY), crn(11))],
        )
        return people

    monkeypatch.setattr(cohort, "link_cohort", sabotaged)
    failed = _checks(folder, instance, [*RAW, "person_pseudonyms", *CONFORMING, "linked_cohort"])
    assert set(failed) == {
        "linked_cohort.no_direct_identifiers",
        "linked_cohort.checkins_agree_with_crc",
    }
    rows = [(ids[source][:12], source, 1, str(FIRST_ROW[source] + 10)) for source in FIRST_ROW]
    assert _places(failed["linked_cohort.no_direct_identifiers"]) == rows
    differ = _places(failed["linked_cohort.checkins_agree_with_crc"])
    assert [(source, many) for _, source, many, _ in differ] == [(CRC, PEOPLE), (CHECKIN, PEOPLE)]
    assert traces(folder.dagster, folder.registers) == {}


@pytest.mark.thorough
def test_places_that_nobody_knows_are_counted_and_their_rows_named_and_no_text(
    folder: DataFolder, instance: dg.DagsterInstance
) -> None:
    unknown: list[Row] = [
        {"CRN": crn(80), "Borough": word("borough"), "Court": word("court")},
        {"CRN": crn(81), "Borough": "LB\u00a0Lambeth"},
        {"CRN": crn(82), "Borough": f"LB {word('borough')}"},
    ]
    content = csv_drop(rows_of(NPS, *unknown))
    put(folder, NPS, "more.csv", content)
    settle_landing(folder)
    failed = _checks(folder, instance, [*RAW, "person_pseudonyms", *CONFORMING])
    assert set(failed) == {"court_cases.places_are_known"}
    check = failed["court_cases.places_are_known"]
    assert check.severity is dg.AssetCheckSeverity.WARN
    drop = hashlib.sha256(content).hexdigest()[:12]
    assert _places(check) == [(drop, NPS, 2, "2, 4")]
    assert check.metadata["unknown_spellings"].value == 3
    counts = check.metadata["of_which_fields"]
    assert isinstance(counts, dg.TableMetadataValue)
    assert [tuple(record.data.values()) for record in counts.records] == [
        ("borough", 2, 2, "Borough not known"),
        ("court", 1, 1, "Other court or not known"),
    ]
    assert (check.description or "").startswith(
        "borough: 2 spellings in 2 rows, printed as Borough not known; court: 1 spelling in 1 row"
    )
    assert f"Look at drop {drop} of {NPS}, rows 2, 4." in (check.description or "")
    assert traces(folder.dagster, folder.registers) == {}


@pytest.mark.thorough
def test_a_repeated_identity_and_a_held_drop_are_named(
    folder: DataFolder, instance: dg.DagsterInstance
) -> None:
    put(folder, CRC, "full.xlsx", crc_workbook(people_rows(CRC, 60), position="2 December 2019"))
    twice = csv_drop(
        rows_of(NPS, {"CRN": crn(70)}, {"CRN": crn(71)}, {"CRN": crn(70), "Gender": "F"})
    )
    put(folder, NPS, f"{word('file')}.csv", twice)
    many = people_rows(CRC, 3, first=100, Name=f"{word('name')}, Ann")
    put(folder, CRC, "later.xlsx", crc_workbook(many, position="31 December 2019"))
    settle_landing(folder)
    failed = _checks(folder, instance, RAW)
    repeated = failed["drop_ledger.identities_stand_once_in_a_file"]
    drop = hashlib.sha256(twice).hexdigest()[:12]
    assert _places(repeated) == [(drop, NPS, 1, "2")]
    (held,) = _places(failed["drop_ledger.no_drop_is_held"])
    assert held[1:] == (CRC, 0, "")
    assert traces(folder.dagster, folder.registers) == {}
