"""A changed policy on an old data folder: what is agreed is added, what no longer is, erased."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from safer_streets_assets.policy import Policy, PolicyError
from safer_streets_assets.retention.enforcement.agreement import (
    begin_command,
    begin_run,
    bring_to_policy,
)
from safer_streets_assets.retention.enforcement.enforcing import resume
from safer_streets_assets.retention.erasure.no_longer_agreed import NotAgreed, tells_of
from safer_streets_assets.retention.records.chain import verify_chain
from safer_streets_assets.stores import DataFolder, Keys, StoreError, open_stores
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets_tests.builders import CHECKIN, NPS
from safer_streets_assets_tests.changed_policies import (
    Files,
    agreed_anew,
    changed_policy,
    not_agreed,
    without_field,
)
from safer_streets_assets_tests.retention.builders import (
    BAD_CRN,
    COMMENT,
    CRNS,
    MANAGER,
    folder_at,
    land,
    planted_in,
    restricted_rows,
    take_everything_in,
)
from safer_streets_assets_tests.retention.killing import PARTS, moments, run_until
from safer_streets_assets_tests.retention.test_erasing_killed import what_stays

NOW = datetime(2020, 6, 1, 12)
EACH = 29
WITHOUT_COMMENTS = without_field(CHECKIN, "comments")
WITHOUT_MANAGERS = without_field(NPS, "offender_manager_name")


@pytest.fixture(scope="module")
def lesser(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """The policy without two fields that the data folder holds."""
    return changed_policy(tmp_path_factory.mktemp("policy"), WITHOUT_COMMENTS, WITHOUT_MANAGERS)


@pytest.fixture(scope="module")
def without_checkins(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """The policy after the agreement on check-ins has ended."""
    return changed_policy(tmp_path_factory.mktemp("policy"), not_agreed(CHECKIN))


def with_language(*, required: bool) -> Callable[[Files], None]:
    return agreed_anew(CHECKIN, "language", "Language", required=required)


def settled_at_once(files: Files) -> None:
    files["dpia"]["intake"]["settle_seconds"] = 0.0


def columns_of(folder: DataFolder, table: str) -> list[str]:
    with open_stores(folder, read=["restricted"]) as connection:
        rows = connection.execute(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
            [table],
        ).fetchall()
    return [name for (name,) in rows]


def values_set_aside(folder: DataFolder) -> list[str]:
    return [str(row) for row in restricted_rows(folder)["set_aside_rows"]]


@pytest.mark.thorough
def test_a_field_agreed_anew_is_missing_in_earlier_rows_and_filled_in_later_ones(
    folder: DataFolder, tmp_path: Path
) -> None:
    policy = changed_policy(tmp_path / "policy", with_language(required=True), settled_at_once)
    before = restricted_rows(folder)["ors_facilitator_checkin_raw"]
    assert bring_to_policy(folder, policy, NOW) == []
    assert columns_of(folder, "ors_facilitator_checkin_raw")[-1] == "language"
    after = restricted_rows(folder)["ors_facilitator_checkin_raw"]
    assert after == [(*row, None) for row in before]
    text = "ResponseID,SessionDate,CRN,Session,Attended,Language\n"
    land(folder, CHECKIN, "later.csv", f"{text}9,13/01/2020,{CRNS[0]},2,Yes,English\n")
    take_everything_in(folder, policy)
    take_everything_in(folder, policy)
    rows = restricted_rows(folder)["ors_facilitator_checkin_raw"]
    assert [row[-1] for row in rows if row not in after] == ["English"]


@pytest.mark.thorough
def test_a_field_no_longer_agreed_is_in_no_byte_and_certified(
    folder: DataFolder, lesser: Policy
) -> None:
    before = restricted_rows(folder)
    assert planted_in(folder, (COMMENT, MANAGER)) != []
    [certificate] = bring_to_policy(folder, lesser, NOW)
    assert planted_in(folder, (COMMENT, MANAGER)) == []
    assert certificate.rule == "no longer agreed"
    assert "nps_court_outcomes.offender_manager_name" in certificate.what
    assert "ors_facilitator_checkin.comments" in certificate.what
    # NPS: six rows of three people and one set aside; check-ins: three.
    assert certificate.row_count == len(before["nps_court_outcomes_raw"]) + 1 + len(CRNS)
    after = restricted_rows(folder)
    for table in before.keys() - {"ors_facilitator_checkin_raw", "nps_court_outcomes_raw"}:
        if table != "set_aside_rows":
            assert after[table] == before[table]
    assert "comments" not in columns_of(folder, "ors_facilitator_checkin_raw")
    [row] = values_set_aside(folder)
    assert BAD_CRN in row
    assert "offender_manager_name" not in row
    with open_stores(folder, read=["registers"]) as connection:
        assert verify_chain(connection).broken_at is None


@pytest.mark.thorough
def test_what_was_erased_once_is_not_erased_again(folder: DataFolder, lesser: Policy) -> None:
    assert len(resume(folder, lesser, NOW)) == 1
    assert resume(folder, lesser, NOW) == []


@pytest.mark.thorough
def test_the_old_keys_open_nothing_once_a_field_is_gone(folder: DataFolder, lesser: Policy) -> None:
    old = {name: Keys(folder.keys).read(name) for name in ("restricted", "research")}
    bring_to_policy(folder, lesser, NOW)
    for name, key in old.items():
        Keys(folder.keys).path(name).write_text(key)
        with pytest.raises(StoreError), open_stores(folder, read=[name]):  # type: ignore[list-item]
            pass


@pytest.mark.thorough
def test_a_run_begins_by_bringing_the_stores_to_the_policy(
    folder: DataFolder, lesser: Policy
) -> None:
    Keys(folder.keys).read_or_create("sends")
    begin_run(folder, lesser, NOW)
    assert planted_in(folder, (COMMENT, MANAGER)) == []


@pytest.mark.thorough
def test_a_command_about_something_else_erases_nothing_by_the_way(
    folder: DataFolder, lesser: Policy
) -> None:
    Keys(folder.keys).read_or_create("sends")
    before = restricted_rows(folder)
    begin_command(folder, lesser, NOW)
    assert restricted_rows(folder) == before
    assert len(bring_to_policy(folder, lesser, NOW)) == 1


@pytest.mark.thorough
def test_sealed_drops_keep_what_they_arrived_with_and_the_certificate_says_so(
    folder: DataFolder, lesser: Policy
) -> None:
    sealed = sorted(folder.quarantine.glob("*.sealed"))
    [certificate] = bring_to_policy(folder, lesser, NOW)
    assert sorted(folder.quarantine.glob("*.sealed")) == sealed
    assert "1 sealed drops that are not read, which go by their own rule" in certificate.not_reached


@pytest.mark.thorough
def test_what_an_exception_holds_back_stays_until_it_has_ended(
    folder: DataFolder, lesser: Policy
) -> None:
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        connection.execute(
            "INSERT INTO registers.exceptions VALUES ('e1', ?, 'why', 'least', 'here', 'role', "
            "DATE '2020-05-01', DATE '2020-11-01', TIMESTAMP '2020-05-01', NULL, NULL)",
            [f"restricted/{CHECKIN}"],
        )
    [certificate] = bring_to_policy(folder, lesser, NOW)
    assert "comments" not in certificate.what
    assert "comments" in columns_of(folder, "ors_facilitator_checkin_raw")
    with open_stores(folder, write=["registers"]) as connection:
        connection.execute("UPDATE registers.exceptions SET ended_on = ?", [date(2020, 6, 1)])
    [certificate] = bring_to_policy(folder, lesser, NOW)
    assert "ors_facilitator_checkin.comments" in certificate.what
    assert planted_in(folder, (COMMENT,)) == []


@pytest.mark.thorough
def test_rows_of_a_source_that_is_no_longer_agreed_go_and_those_of_others_stay(
    folder: DataFolder, without_checkins: Policy
) -> None:
    before = restricted_rows(folder)
    [certificate] = bring_to_policy(folder, without_checkins, NOW)
    assert certificate.row_count == len(CRNS)
    after = restricted_rows(folder)
    assert after["ors_facilitator_checkin_raw"] == []
    assert after["nps_court_outcomes_raw"] == before["nps_court_outcomes_raw"]
    assert after["person_pseudonyms"] == before["person_pseudonyms"]
    assert planted_in(folder, (COMMENT,)) == []
    with open_stores(folder, read=["registers", "research"]) as connection:
        states = connection.execute(
            "SELECT source, state FROM registers.drops WHERE state IN ('loaded', 'erased')"
        ).fetchall()
        checkins = connection.execute("FROM research.facilitator_checkins").fetchall()
    assert sorted(states) == [(NPS, "loaded"), (CHECKIN, "erased")]
    assert checkins == []


def test_an_answer_to_a_person_tells_of_a_field_by_its_name() -> None:
    gone = NotAgreed({CHECKIN: ["comments"]}, [NPS])
    assert tells_of(gone, '{"rows": [{"comments": "said so"}]}')
    assert tells_of(gone, '{"table": "nps_court_outcomes_raw"}')
    assert not tells_of(gone, '{"table": "crc_eligibility_raw", "outcome": "comments"}'[:40])


@pytest.mark.parametrize("part", range(1, PARTS + 1))
@pytest.mark.thorough
def test_bringing_a_folder_to_a_lesser_policy_survives_every_kill(
    in_use: Path, tmp_path: Path, lesser: Policy, part: int
) -> None:
    whole = folder_at(tmp_path / "whole" / "data")
    shutil.copytree(in_use, whole.root)
    bring_to_policy(whole, lesser, NOW)
    expected = what_stays(whole)
    kills = 0
    for change in moments(EACH, part, PARTS):
        folder = folder_at(tmp_path / f"{change}" / "data")
        shutil.copytree(in_use, folder.root)
        if run_until(lambda folder=folder: bring_to_policy(folder, lesser, NOW), change):  # type: ignore[misc]
            break
        kills += 1
        resume(folder, lesser, NOW)
        assert what_stays(folder) == expected
        assert planted_in(folder, (COMMENT, MANAGER)) == []
        assert not list(folder.keys.glob(".*"))
        shutil.rmtree(folder.root)
    assert kills > 0


@pytest.mark.thorough
def test_a_field_that_is_agreed_again_after_a_kill_is_empty_and_nothing_fails(
    folder: DataFolder, policy: Policy, lesser: Policy
) -> None:
    assert not run_until(lambda: bring_to_policy(folder, lesser, NOW), 30)
    resume(folder, policy, NOW)
    assert "comments" in columns_of(folder, "ors_facilitator_checkin_raw")
    assert resume(folder, policy, NOW) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (without_field("crc_eligibility", "outcome"), "has no field outcome"),
        (without_field(NPS, "court"), "counted by nps_court_outcomes.court"),
        (not_agreed(NPS), "the cohort is made of it"),
        (lambda files: files["dpia"]["sources"].pop(CHECKIN), f"{CHECKIN} is not under sources"),
        (agreed_anew(CHECKIN, "person_id", "Person"), "a name that the stores use"),
    ],
    ids=["field", "table", "agreement", "source", "name"],
)
def test_a_policy_that_nothing_can_be_made_of_is_refused_with_a_remedy(
    tmp_path: Path, change: Callable[[Files], None], sentence: str
) -> None:
    with pytest.raises(PolicyError, match=sentence):
        changed_policy(tmp_path, change)
