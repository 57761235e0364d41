"""Pseudonyms, erasure, subject access and objections answer alike who a CRN stands for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from safer_streets_assets.accountability.tables import Entry, ensure_accountability
from safer_streets_assets.cohort.near_misses import find_near_misses
from safer_streets_assets.cohort.person import InDoubtError, as_crn
from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, make_pseudonyms, pseudonym
from safer_streets_assets.cohort.reviews import ACCEPTED, near_misses, record_verdicts, withdraw
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.intake.take_in import prepare_intake
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.consistency import last_taken_out
from safer_streets_assets.retention.enforcement.after_waiting import (
    carry_out_asked,
    due_erasures,
    not_carried_out,
    people_to_be_erased,
)
from safer_streets_assets.retention.erasure.on_request import erase_on_request
from safer_streets_assets.retention.erasure.planning import plan_person
from safer_streets_assets.retention.erasure.subjects import going
from safer_streets_assets.retention.holdings.asked import (
    AskedErasure,
    ErasureSubject,
    keep_subject,
    new_erasure_id,
    record_asked,
)
from safer_streets_assets.rights.answering import answer_request
from safer_streets_assets.rights.bundle import JSON_FILE
from safer_streets_assets.rights.errors import RightsError
from safer_streets_assets.rights.objections import (
    UPHELD,
    Objection,
    decide_objection,
    ensure_objections,
    judged,
    objections,
    record_objection,
)
from safer_streets_assets.rights.rows_held import FILE_ROW
from safer_streets_assets.stores import STORE_NAMES, DataFolder, Keys, open_stores
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets_tests.builders import (
    CHECKIN,
    CRC,
    NPS,
    build_cohort,
    data_folder,
    fetch,
    load_rows,
    people_rows,
    rows_of,
    shipped_policy,
)
from safer_streets_assets_tests.privacy.traces import canary_crn, found_in, traces
from safer_streets_assets_tests.rights.conftest import Command

POLICY = shipped_policy()
NUMBER = POLICY.dpia.person_number
NOW = datetime(2021, 2, 1, 12)
ENTRY = Entry("somebody", NOW)
OWN, MEANT, SLIP, UNKNOWN = canary_crn(200), canary_crn(310), canary_crn(301), canary_crn(999)
"""CRNs: of a person alone; of another; that one mistyped; of nobody."""

Rows = frozenset[tuple[str, int]]
"""Source and row of its file."""

SOURCES = (NPS, CRC, CHECKIN)
FIRST = 4
"""The row of each file below a header and two other people."""
OF_OWN: Rows = frozenset((source, FIRST) for source in SOURCES)
OF_MEANT: Rows = frozenset((source, FIRST + 1) for source in SOURCES)
OF_SLIP: Rows = frozenset((source, FIRST + 2) for source in (CRC, CHECKIN))
SENT_LATER: Rows = frozenset({(NPS, 99)})


@pytest.fixture(scope="module")
def accepted_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people and others in three sources, one also under a mistyped CRN that is accepted."""
    folder = data_folder(tmp_path_factory.mktemp("doors") / "data")
    preflight(folder)
    with open_stores(folder, write=STORE_NAMES) as connection:
        prepare_intake(connection, POLICY)
        for source in SOURCES:
            crns = (OWN, MEANT, *([] if source == NPS else [SLIP]))
            ids = [{"ResponseID": str(n)} if source == CHECKIN else {} for n in range(1, 4)]
            theirs = [{"CRN": crn} | more for crn, more in zip(crns, ids, strict=False)]
            load_rows(connection, source, [*people_rows(source, 2), *rows_of(source, *theirs)])
        build_cohort(connection, folder)
        find_near_misses(connection, folder, POLICY)
        (found,) = near_misses(connection)
        record_verdicts(connection, POLICY, {found.near_miss_id: ACCEPTED}, "ada", NOW)
        build_cohort(connection, folder)
        ensure_objections(connection)
        ensure_accountability(connection)
    return folder.root


@pytest.fixture
def accepted(accepted_once: Path, tmp_path: Path) -> DataFolder:
    """A copy of the data folder."""
    shutil.copytree(accepted_once, tmp_path / "data")
    return data_folder(tmp_path / "data")


def as_it_is(connection: duckdb.DuckDBPyConnection, folder: DataFolder) -> None:
    """The link is in force."""


def undone(connection: duckdb.DuckDBPyConnection, folder: DataFolder) -> None:
    """The link is withdrawn, and a run has carried it out."""
    (found,) = near_misses(connection)
    withdraw(connection, found.near_miss_id, "ben", NOW)
    make_pseudonyms(connection, folder, POLICY)


def sent_by_nps(connection: duckdb.DuckDBPyConnection, folder: DataFolder) -> None:
    """NPS has sent a person whose own the CRN is that was accepted as another one."""
    prepare_intake(connection, POLICY)
    load_rows(connection, NPS, rows_of(NPS, {"CRN": SLIP}), drop=2)
    connection.execute(
        f"UPDATE restricted.{raw_table(NPS)} SET row_number = 99 WHERE drop_id = '{NPS}-2'"
    )
    make_pseudonyms(connection, folder, POLICY)


def objected_under_the_slip(connection: duckdb.DuckDBPyConnection, folder: DataFolder) -> None:
    """Somebody has objected under the CRN that was accepted as another one."""
    record_objection(connection, POLICY, SLIP, date(2021, 1, 1), date(2021, 2, 1), ENTRY)


State = Callable[[duckdb.DuckDBPyConnection, DataFolder], None]


@dataclass(frozen=True)
class Case:
    """What was done, what is typed, which rows are theirs (None: in doubt), and which ones have
    their pseudonym, where those are others."""

    state: State
    typed: str
    rows: Rows | None
    with_pseudonym: Rows | None = None


CASES = {
    "a CRN alone, in three sources": Case(as_it_is, OWN, OF_OWN),
    "the CRN meant": Case(as_it_is, MEANT, OF_MEANT | OF_SLIP),
    "the CRN meant, in lower case and with blanks": Case(
        as_it_is, f" {MEANT[0].lower()} {MEANT[1:4]}-{MEANT[4:]} \n", OF_MEANT | OF_SLIP
    ),
    "the slip": Case(as_it_is, SLIP, None, frozenset()),
    "the slip, in lower case": Case(as_it_is, SLIP.lower(), None, frozenset()),
    "a CRN that nobody sent": Case(as_it_is, UNKNOWN, frozenset()),
    "the CRN meant, undone": Case(undone, MEANT, OF_MEANT),
    "the slip, undone": Case(undone, SLIP, OF_SLIP),
    "the CRN meant, where NPS sent the slip": Case(sent_by_nps, MEANT, OF_MEANT),
    "the slip, where NPS sent it": Case(sent_by_nps, SLIP, OF_SLIP | SENT_LATER),
    "the CRN meant, objected under the slip": Case(
        objected_under_the_slip, MEANT, None, OF_MEANT | OF_SLIP
    ),
    "another CRN, objected under the slip": Case(objected_under_the_slip, OWN, OF_OWN),
}


def every_row(connection: duckdb.DuckDBPyConnection, where: str, *values: Any) -> Rows:
    """The rows of all sources that meet a condition."""
    return frozenset(
        (source, number)
        for source in SOURCES
        for (number,) in fetch(
            connection,
            f"SELECT row_number FROM restricted.{raw_table(source)} WHERE {where}",
            *values,
        )
    )


def by_pseudonym(folder: DataFolder, typed: str) -> Rows:
    """The rows with the pseudonym of a CRN."""
    person_id = pseudonym(Keys(folder.keys).read(PSEUDONYM_KEY), as_crn(typed, NUMBER))
    theirs = "crn_key IN (SELECT crn_key FROM restricted.person_pseudonyms WHERE person_id = ?)"
    with open_stores(folder, read=["restricted"]) as connection:
        return every_row(connection, theirs, person_id)


def by_erasure(folder: DataFolder, typed: str) -> Rows:
    """The rows that go with the person."""
    plan = plan_person(folder, POLICY, typed)
    with open_stores(folder, read=["restricted"]) as connection:
        conditions = going(connection, POLICY, plan.subject, "restricted")
        rows = [
            row
            for source in SOURCES
            for row in every_row(connection, conditions[raw_table(source)])
            if row[0] == source
        ]
    assert len(rows) == sum(plan.rows.get(raw_table(source), 0) for source in SOURCES)
    return frozenset(rows)


def answer(folder: DataFolder, typed: str) -> dict[str, Any]:
    """The answer to a request for access, read and removed."""
    out = folder.root.parent / "out"
    done = answer_request(
        folder,
        POLICY,
        as_crn(typed, NUMBER),
        out=out,
        received_on=date(2021, 2, 1),
        request_id=None,
        for_review=False,
        entry=ENTRY,
    )
    read: dict[str, Any] = json.loads((done.place / JSON_FILE).read_text())
    shutil.rmtree(out)
    return read


def by_access(folder: DataFolder, typed: str) -> Rows:
    """The rows as sent that are given as the person's."""
    return given_in(answer(folder, typed))


def given_in(read: dict[str, Any]) -> Rows:
    """The rows as sent that an answer gives as the person's."""
    names = {raw_table(source): source for source in SOURCES}
    return frozenset(
        (names[part["table"]], int(row[FILE_ROW]))
        for part in read["holdings"]
        if part["table"] in names
        for row in part["rows"]
    )


def by_objection(folder: DataFolder, typed: str) -> Rows:
    """The rows any one of which is enough for an objection to say that the person is held.

    Raises:
        InDoubtError: whose they are is in doubt.
    """
    with open_stores(folder, write=["restricted", "registers"]) as connection:
        objection_id = record_objection(
            connection,
            POLICY,
            as_crn(typed, NUMBER),
            date(2021, 1, 1),
            date(2021, 2, 1),
            ENTRY,
        )
        decide_objection(connection, objection_id, UPHELD, "as asked", ENTRY)
        one = the_objection(connection, POLICY, objection_id)
        if one.in_doubt is not None:
            assert not one.is_honoured
            assert judged([one]).is_late
            assert one.in_doubt in one.state
            raise InDoubtError(one.in_doubt)
        found = set()
        for source, number in every_row(connection, "true"):
            connection.execute("BEGIN")
            connection.execute(
                f"DELETE FROM restricted.{raw_table(source)} WHERE row_number <> {number}"
            )
            one = the_objection(connection, with_source_alone(source), objection_id)
            connection.execute("ROLLBACK")
            if one.is_held and one.in_doubt is None:
                found.add((source, number))
        return frozenset(found)


def the_objection(
    connection: duckdb.DuckDBPyConnection, policy: Policy, objection_id: str
) -> Objection:
    """An objection as it stands."""
    (one,) = (o for o in objections(connection, policy, {}) if o.objection_id == objection_id)
    return one


def with_source_alone(source: str) -> Policy:
    """The policy, with rows of one source alone to look at; who is a person is as before."""
    policy = replace(POLICY)
    policy.__dict__["sources"] = {source: POLICY.sources[source]}
    return policy


def prepared(folder: DataFolder, state: State) -> DataFolder:
    """The folder, with something done in it."""
    with open_stores(folder, write=["restricted", "registers"]) as connection:
        state(connection, folder)
    return folder


SPELT_OTHERWISE = {name for name in CASES if "lower case" in name}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.thorough if name in SPELT_OTHERWISE else ())
        for name in CASES
    ],
)
def test_each_door_gives_what_is_held_on_the_person_who_asks_and_nobody_elses(
    accepted: DataFolder, name: str
) -> None:
    case = CASES[name]
    folder = prepared(accepted, case.state)
    with_pseudonym = case.rows if case.with_pseudonym is None else case.with_pseudonym
    assert by_pseudonym(folder, case.typed) == with_pseudonym
    doors = (by_erasure, by_access, by_objection)
    if case.rows is not None:
        assert [door(folder, case.typed) for door in doors] == [case.rows] * len(doors)
        # Objected first, then asked for access: the objection is given, too.
        again = answer(folder, case.typed)
        assert given_in(again) == case.rows
        assert [part["table"] for part in again["holdings"]].count("objections") == 1
        return
    said = set()
    for door in doors:
        with pytest.raises((InDoubtError, RightsError)) as refusal:
            door(folder, case.typed)
        said.add(str(refusal.value).partition(" The request is logged")[0])
    (sentence,) = said
    assert "safer-streets review withdraw nm-" in sentence
    assert not (folder.root.parent / "out").exists()
    assert found_in(sentence.encode()) == set()
    assert traces(folder.root) == {}


def test_before_the_run_that_links_the_person_is_given_what_stands_under_both_pseudonyms(
    accepted: DataFolder,
) -> None:
    with open_stores(accepted, write=STORE_NAMES) as connection:
        (found,) = near_misses(connection)
        withdraw(connection, found.near_miss_id, "ben", NOW)
        build_cohort(connection, accepted)
        record_verdicts(connection, POLICY, {found.near_miss_id: ACCEPTED}, "ada", NOW)
    read = answer(accepted, MEANT)
    assert given_in(read) == OF_MEANT | OF_SLIP
    given = {part["table"]: len(part["rows"]) for part in read["holdings"]}
    assert given["programme_cases"] == 2
    assert given["person_pseudonyms"] == 2


def test_between_undoing_and_the_next_run_nothing_of_two_people_is_given(
    accepted: DataFolder,
) -> None:
    with open_stores(accepted, write=["restricted", "registers"]) as connection:
        (found,) = near_misses(connection)
        withdraw(connection, found.near_miss_id, "ben", NOW)
    for crn, theirs in ((MEANT, OF_MEANT), (SLIP, OF_SLIP)):
        assert by_erasure(accepted, crn) == theirs
        with pytest.raises(RightsError, match="safer-streets run"):
            by_access(accepted, crn)


def test_what_may_be_theirs_is_not_given_once_somebody_has_objected_under_its_crn(
    accepted: DataFolder,
) -> None:
    prepared(accepted, undone)
    may_be = [
        row["crn"] for part in answer(accepted, MEANT)["may_be_yours"] for row in part["rows"]
    ]
    assert may_be == [SLIP]
    prepared(accepted, objected_under_the_slip)
    after = answer(accepted, MEANT)
    assert after["may_be_yours"] == []
    assert sum(one["rows"] for one in after["for_a_person_to_decide"]) == len(OF_SLIP)


@pytest.mark.thorough
def test_erasing_the_person_takes_their_rows_under_both_crns_and_no_others(
    accepted: DataFolder,
) -> None:
    with open_stores(accepted, read=["restricted"]) as connection:
        before = every_row(connection, "true")
    plan = plan_person(accepted, POLICY, MEANT)
    erase_on_request(accepted, POLICY, plan, NOW, NOW.date())
    with open_stores(accepted, read=["restricted"]) as connection:
        assert every_row(connection, "true") == before - OF_MEANT - OF_SLIP


def test_an_erasure_that_waits_takes_nobody_elses_rows_once_its_crn_is_accepted_as_another(
    accepted: DataFolder,
) -> None:
    erasure_id, day = new_erasure_id(), NOW.date() + timedelta(days=7)
    asked = AskedErasure(erasure_id, "person", 2, 1, "as asked", "ada", NOW, day)
    keep_subject(accepted, erasure_id, ErasureSubject("person", SLIP))
    with open_stores(accepted, write=["registers"]) as connection:
        record_asked(connection, POLICY, asked)
    due = due_erasures(accepted, POLICY, day)
    assert [one.erasure_id for one in due] == [erasure_id]
    assert carry_out_asked(accepted, POLICY, due, NOW) == []
    said = not_carried_out(accepted, POLICY, due)
    assert "safer-streets review withdraw nm-" in said
    assert found_in(said.encode()) == set()
    assert by_erasure(accepted, MEANT) == OF_MEANT | OF_SLIP
    with open_stores(accepted, read=["restricted", "registers"]) as connection:
        assert people_to_be_erased(connection, accepted, POLICY) == {}


@pytest.mark.thorough
def test_no_command_shows_the_crn_or_changes_anything_where_it_is_in_doubt(
    accepted: DataFolder, tmp_path: Path, command: Command
) -> None:
    erase = ("erase-person", "--why", "as asked")
    for words, code in (
        (("subject-access", "--out", tmp_path / "out"), 1),
        ((*erase, "--yes"), 1),
        ((*erase, "--now", "--confirm", "erase"), 1),
        (("erase-person", "--dry-run"), 1),
        (("objections", "record"), 0),
        (("objections", "list"), 0),
    ):
        said = command(accepted, *words, given=f"{SLIP}\n")
        assert said.code == code, said.text
        assert "review withdraw nm-" in said.text.replace("\n", " ")
        assert found_in(said.text.encode()) == set()
    assert not (tmp_path / "out").exists()
    with open_stores(accepted, read=["restricted"]) as connection:
        assert every_row(connection, "true") >= OF_MEANT | OF_SLIP
    assert traces(accepted.root) == {}


def test_an_upheld_objection_is_not_honoured_while_rows_set_aside_are_held(
    accepted: DataFolder,
) -> None:
    with open_stores(accepted, write=STORE_NAMES) as connection:
        prepare_intake(connection, POLICY)
        bad = {"CRN": UNKNOWN, "Disposal Date": "no day"}
        load_rows(connection, NPS, rows_of(NPS, bad), drop=3)
        objection = record_objection(
            connection, POLICY, UNKNOWN, date(2021, 1, 1), date(2021, 2, 1), ENTRY
        )
        assert last_taken_out(connection) is None
        decide_objection(connection, objection, UPHELD, "as they ask", ENTRY)
        found = {one.objection_id: one for one in objections(connection, POLICY, {})}
        taken_out = last_taken_out(connection)
    assert found[objection].is_held
    assert not found[objection].is_honoured
    assert taken_out == ENTRY.at, "no release from before that becomes the current one again"
