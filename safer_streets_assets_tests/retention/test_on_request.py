"""Erasing one person or one drop: gone from every byte, certified, and it does not come back."""

from __future__ import annotations

import os
import time
from datetime import date, datetime
from pathlib import Path

import pytest

from safer_streets_assets.cohort.pseudonyms import make_pseudonyms
from safer_streets_assets.cohort.reviews import ensure_review_tables
from safer_streets_assets.intake.held_drops import decide_by_hand
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import ErasureNotVerifiedError, enforce
from safer_streets_assets.retention.enforcement.enforcing import resume
from safer_streets_assets.retention.erasure.on_request import erase_on_request
from safer_streets_assets.retention.erasure.planning import plan_drop, plan_person
from safer_streets_assets.retention.erasure.settling import verify_open
from safer_streets_assets.retention.errors import ErasureError
from safer_streets_assets.retention.records.chain import verify_chain
from safer_streets_assets.retention.traces.fingerprints import Searcher, comparable, fingerprints_of
from safer_streets_assets.stores import DataFolder, Keys, StoreError, open_stores
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets.texts.redacted_texts import make_redacted_texts
from safer_streets_assets_tests.builders import CHECKIN, NPS, shipped_policy
from safer_streets_assets_tests.retention.builders import (
    COMMENT,
    CRNS,
    NAME,
    checkin_csv,
    files_of,
    land,
    ledger_states,
    nps_csv,
    planted_in,
    publish,
    restricted_rows,
    take_everything_in,
)

NOW, TODAY = datetime(2020, 6, 1, 12), date(2020, 6, 1)
GONE, STAYS = CRNS[0], CRNS[1]


def erase_person(folder: DataFolder, policy: Policy, crn: str = GONE) -> None:
    erase_on_request(folder, policy, plan_person(folder, policy, crn), NOW, TODAY)


def loaded(folder: DataFolder, source: str) -> str:
    with open_stores(folder, read=["registers"]) as connection:
        rows = connection.execute(
            "SELECT drop_id FROM registers.drops WHERE source = ? AND state = 'loaded'", [source]
        ).fetchall()
    return str(rows[0][0])


def erase_drop(folder: DataFolder, policy: Policy, drop_id: str) -> None:
    erase_on_request(folder, policy, plan_drop(folder, policy, drop_id), NOW, TODAY)


def count(folder: DataFolder, query: str) -> int:
    with open_stores(folder, read=["restricted", "research", "registers"]) as connection:
        return int(connection.execute(query).fetchall()[0][0])


def settle_and_take_in(folder: DataFolder, policy: Policy) -> None:
    time.sleep(0.01)
    take_everything_in(folder, policy)
    take_everything_in(folder, policy)


def test_an_erased_person_is_in_no_byte_and_others_are_as_before(
    folder: DataFolder, policy: Policy
) -> None:
    before = restricted_rows(folder)["ors_facilitator_checkin_raw"]
    erase_person(folder, policy, " q 736-251 ")
    assert planted_in(folder, (GONE,)) == []
    kept = restricted_rows(folder)["ors_facilitator_checkin_raw"]
    assert kept == [row for row in before if GONE not in row]
    assert count(folder, "SELECT count(*) FROM research.linked_cohort") == len(CRNS) - 1


@pytest.mark.thorough
def test_the_old_keys_open_nothing_afterwards(folder: DataFolder, policy: Policy) -> None:
    old = {name: Keys(folder.keys).read(name) for name in ("restricted", "research")}
    erase_person(folder, policy)
    for name, key in old.items():
        Keys(folder.keys).path(name).write_text(key)
        with pytest.raises(StoreError), open_stores(folder, read=[name]):  # type: ignore[list-item]
            pass


@pytest.mark.thorough
def test_a_name_in_what_others_wrote_stays_masked_for_researchers(
    folder: DataFolder, policy: Policy
) -> None:
    land(folder, NPS, "more.csv", nps_csv((GONE,)).replace(NAME, "Ada Zephyrquill"))
    text = checkin_csv().replace(COMMENT, f"{GONE} is Zephyrquill and will come").splitlines()
    land(folder, CHECKIN, "more.csv", "\n".join([text[0], *(t for t in text if STAYS in t), ""]))
    settle_and_take_in(folder, policy)
    assert redacted(folder, policy) == ["[CRN] is [NAME] and will come"]
    erase_person(folder, policy)
    [said] = redacted(folder, policy)
    assert "is [NAME] and will come" in said
    query = "SELECT count(*) FROM restricted.ors_facilitator_checkin_raw WHERE comments LIKE '%{}%'"
    assert count(folder, query.format("Zephyrquill")) == 1
    assert count(folder, query.format(GONE)) == 0


def redacted(folder: DataFolder, policy: Policy) -> list[str]:
    """The texts that say who comes, as researchers get them after a run."""
    with open_stores(folder, write=["restricted", "research", "registers"]) as connection:
        make_pseudonyms(connection, folder, policy)
        make_redacted_texts(connection, policy)
        rows = connection.execute(
            "SELECT text FROM research.redacted_texts WHERE text LIKE '%come%'"
        ).fetchall()
    return [text for (text,) in rows]


@pytest.mark.thorough
def test_a_crn_in_what_others_wrote_is_blotted_out(folder: DataFolder, policy: Policy) -> None:
    text = checkin_csv().replace("sister", f"friend {GONE[0]} {GONE[1:4]}-{GONE[4:]}")
    land(folder, CHECKIN, "more.csv", text)
    settle_and_take_in(folder, policy)
    erase_person(folder, policy)
    with open_stores(folder, read=["restricted"]) as connection:
        comments = connection.execute(
            "SELECT DISTINCT comments FROM restricted.ors_facilitator_checkin_raw "
            "WHERE comments LIKE '%friend%'"
        ).fetchall()
    assert comments == [("met Quillfeather's friend [erased]",)]


@pytest.mark.thorough
def test_an_accepted_near_miss_goes_with_the_person(folder: DataFolder, policy: Policy) -> None:
    slip = "Q736252"
    land(folder, CHECKIN, "slip.csv", checkin_csv().replace(GONE, slip))
    settle_and_take_in(folder, policy)
    with open_stores(folder, write=["restricted"]) as connection:
        ensure_review_tables(connection)
        connection.execute(
            "INSERT INTO restricted.accepted_links VALUES "
            "('nm-0123456789abcdef', ?, ?, 'somebody', TIMESTAMP '2020-01-01', NULL, NULL)",
            [slip, GONE],
        )
    with open_stores(folder, write=["registers"]) as connection:
        connection.execute(
            "INSERT INTO registers.review_decisions VALUES "
            "('nm-0123456789abcdef', 'accepted', 'somebody', TIMESTAMP '2020-01-01')"
        )
    erase_person(folder, policy)
    assert planted_in(folder, (GONE, slip, "nm-0123456789abcdef")) == []
    assert count(folder, "SELECT count(*) FROM registers.review_decisions") == 0


@pytest.mark.thorough
def test_an_erased_person_does_not_come_back_with_a_later_drop(
    folder: DataFolder, policy: Policy
) -> None:
    erase_person(folder, policy)
    land(folder, NPS, "next.csv", nps_csv((*CRNS, "A100001")))
    settle_and_take_in(folder, policy)
    assert planted_in(folder, (GONE,)) == []
    with open_stores(folder, read=["restricted"]) as connection:
        rows = connection.execute(
            "SELECT reasons, values_sent FROM restricted.set_aside_rows "
            "WHERE list_contains(reasons, 'R-ERASED')"
        ).fetchall()
    assert rows == [(["R-ERASED"], "{}")]
    assert count(folder, "SELECT count(*) FROM restricted.nps_court_outcomes_raw") > 4


@pytest.mark.thorough
def test_a_drop_of_nobody_but_erased_people_is_taken_in_without_a_row(
    folder: DataFolder, policy: Policy
) -> None:
    erase_person(folder, policy)
    land(folder, NPS, "only.csv", nps_csv((GONE,)))
    settle_and_take_in(folder, policy)
    assert planted_in(folder, (GONE,)) == []
    states = count(folder, "SELECT count(*) FROM registers.drops WHERE state = 'loaded'")
    assert states == 3


@pytest.mark.thorough
def test_a_file_refused_before_is_not_asked_for_because_an_erased_person_stood_in_it(
    folder: DataFolder, policy: Policy
) -> None:
    (drop_id,) = [
        drop for drop, code in ledger_states(folder).items() if code == "D-UNKNOWN-SOURCE"
    ]
    plan = plan_person(folder, policy, GONE)
    assert plan.subject.going_drops == [drop_id]
    erase_on_request(folder, policy, plan, NOW, TODAY)
    assert ledger_states(folder)[drop_id] == "D-UNKNOWN-SOURCE"


def test_near_misses_that_nobody_decided_on_are_told_before(
    folder: DataFolder, policy: Policy
) -> None:
    assert plan_person(folder, policy, GONE).undecided == 0
    slip = f"{GONE[:-1]}9"
    with open_stores(folder, write=["restricted"]) as connection:
        ensure_review_tables(connection)
        connection.execute(
            "INSERT INTO restricted.near_misses VALUES ('nm-1', ?, ?, [], 1, [])", [slip, GONE]
        )
    assert plan_person(folder, policy, GONE).undecided == 1
    assert plan_person(folder, policy, slip).undecided == 0


@pytest.mark.thorough
def test_without_the_key_of_the_marks_nobody_is_let_in(folder: DataFolder, policy: Policy) -> None:
    erase_person(folder, policy)
    Keys(folder.keys).destroy("erased")
    land(folder, NPS, "only.csv", nps_csv((GONE,)))
    with pytest.raises(Exception, match="key erased"):
        settle_and_take_in(folder, policy)


@pytest.mark.thorough
def test_marks_and_their_key_go_with_all_personal_data(folder: DataFolder, policy: Policy) -> None:
    erase_person(folder, policy)
    publish(folder, "Final report", "2020-02-29", datetime(2020, 3, 1))
    enforce(folder, policy, date(2021, 2, 28), datetime(2021, 2, 28, 3))
    assert not list(folder.keys.iterdir())
    assert not folder.database("restricted").exists()


@pytest.mark.thorough
def test_an_erased_drop_is_gone_and_refused_when_it_comes_again(
    folder: DataFolder, policy: Policy
) -> None:
    drop_id = loaded(folder, CHECKIN)
    erase_drop(folder, policy, drop_id)
    assert planted_in(folder, ("sister",)) == []
    assert count(folder, "SELECT count(*) FROM research.facilitator_checkins") == 0
    land(folder, CHECKIN, "again.csv", checkin_csv())
    settle_and_take_in(folder, policy)
    assert planted_in(folder, ("sister",)) == []
    assert ledger_states(folder)[drop_id] == "D-ERASED"


@pytest.mark.thorough
def test_a_hard_link_in_the_landing_does_not_destroy_the_original_of_who_sent_it(
    folder: DataFolder, policy: Policy, tmp_path: Path
) -> None:
    drop_id = loaded(folder, CHECKIN)
    original, place = tmp_path / "sender's own.csv", folder.landing / CHECKIN / "linked.csv"
    original.write_text(checkin_csv())
    os.link(original, place)
    settle_and_take_in(folder, policy)
    assert not place.exists()
    os.link(original, place)
    erase_drop(folder, policy, drop_id)
    assert not place.exists()
    assert original.read_text() == checkin_csv()


@pytest.mark.thorough
def test_an_erased_drop_that_a_person_releases_is_taken_in_again(
    folder: DataFolder, policy: Policy
) -> None:
    drop_id = loaded(folder, CHECKIN)
    erase_drop(folder, policy, drop_id)
    with open_stores(folder, write=["restricted", "registers"]) as connection:
        decide_by_hand(connection, folder, "release", drop_id, "somebody", NOW)
    land(folder, CHECKIN, "again.csv", checkin_csv())
    settle_and_take_in(folder, policy)
    assert loaded(folder, CHECKIN) == drop_id


@pytest.mark.thorough
def test_a_drop_is_not_erased_twice(folder: DataFolder, policy: Policy) -> None:
    drop_id = loaded(folder, CHECKIN)
    erase_drop(folder, policy, drop_id)
    with pytest.raises(ErasureError):
        erase_drop(folder, policy, drop_id)


def test_a_plan_changes_nothing(folder: DataFolder, policy: Policy) -> None:
    before = files_of(folder)
    plan_person(folder, policy, GONE)
    plan_drop(folder, policy, loaded(folder, NPS))
    assert files_of(folder) == before


@pytest.mark.thorough
def test_an_open_reader_does_not_keep_an_erasure_from_finishing(
    folder: DataFolder, policy: Policy, tmp_path: Path
) -> None:
    ready, done = tmp_path / "ready", tmp_path / "done"
    reader = os.fork()
    if reader == 0:
        with open_stores(folder, read=["research", "registers"]) as connection:
            connection.execute("FROM research.linked_cohort").fetchall()
            ready.touch()
            while not done.exists():
                time.sleep(0.01)
        os._exit(0)
    while not ready.exists():
        time.sleep(0.01)
    try:
        erase_person(folder, policy)
    finally:
        done.touch()
        os.waitpid(reader, 0)
    assert planted_in(folder, (GONE,)) == []


@pytest.mark.thorough
def test_what_is_left_is_found_and_nothing_is_certified(
    folder: DataFolder, policy: Policy, tmp_path: Path
) -> None:
    stray = folder.root / "somebody's notes.txt"
    stray.write_bytes(f"asked for {GONE}".encode("utf-16"))
    with pytest.raises(ErasureNotVerifiedError) as failed:
        erase_person(folder, policy)
    assert GONE not in str(failed.value)
    assert "the data folder itself" in str(failed.value)
    assert "notes" not in str(failed.value)
    assert count(folder, "SELECT count(*) FROM registers.deletion_certificates") == 0
    preflight(folder)
    assert resume(folder, policy, NOW) == []
    stray.unlink()
    assert len(verify_open(folder, policy, NOW)) == 1
    assert planted_in(folder, (GONE,)) == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE registers.deletion_certificates SET row_count = 9 WHERE number = 1",
        "UPDATE registers.deletion_certificates SET row_count = 9 WHERE number = 2",
        "DELETE FROM registers.deletion_certificates WHERE number = 1",
        "DELETE FROM registers.deletion_certificates WHERE number = 2",
        "UPDATE registers.deletion_certificates SET number = 3 - number",
    ],
)
def test_a_chain_that_was_tampered_with_is_found(tmp_path: Path, tampering: str) -> None:
    from safer_streets_assets.retention.records.certificates import (
        Certificate,
        ensure_pending,
        write_certificates,
    )
    from safer_streets_assets_tests.retention.builders import folder_at

    made = [
        Certificate(f"{n}" * 8, "a", "b", "c", "d", TODAY, NOW, n, n, n, "e", "f", "g")
        for n in (1, 2)
    ]
    folder = folder_at(tmp_path / "data")
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        ensure_pending(connection)
        for one in made:
            write_certificates(folder, connection, [one])
        assert verify_chain(connection).broken_at is None
        connection.execute(tampering)
        assert verify_chain(connection).broken_at is not None


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("asked after q 736 251 again", True),
        ("Q736\u2013251", True),
        ("XQ736251", False),
        ("zebedee, QUILLFEATHER", True),
        ("Zebedee of Quillfeather", False),
        ("", False),
    ],
)
def test_fingerprints_are_found_however_they_are_spelled(text: str, held: bool) -> None:
    key = "0" * 64
    prints = fingerprints_of(key, [GONE], [comparable("Zebedee Quillfeather")])
    assert Searcher(key, prints, shipped_policy().dpia.person_number).holds(text) is held
