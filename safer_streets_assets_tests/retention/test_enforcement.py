"""Erasing what is due: all of it, nothing else, with a certificate, and for good."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import (
    RetentionError,
    certificates,
    enforce,
    read_register,
    resume,
)
from safer_streets_assets.retention.erasure.erasing import VERIFIED_KEYLESS
from safer_streets_assets.retention.erasure.settling import settle
from safer_streets_assets.retention.records.open_erasures import COPY_OF_A_KEY, read_open
from safer_streets_assets.stores import DataFolder, Keys, open_stores
from safer_streets_assets.stores.database import extension_file
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets.stores.registers import evaluation_closed
from safer_streets_assets.stores.sealed import SealError, unseal
from safer_streets_assets_tests.retention.builders import (
    CRNS,
    LOADED_NAME,
    NAME,
    PLANTED,
    REFUSED_NAME,
    UNREADABLE_NAME,
    certificate_rows,
    decided,
    files_of,
    land,
    ledger_states,
    nps_csv,
    planted_in,
    publish,
    restricted_rows,
    take_everything_in,
)

DECIDED = datetime(2020, 2, 10, 12)
PUBLISHED = "2020-02-29"
DUE = date(2021, 2, 28)
NOW = datetime(2021, 2, 28, 3)
QUARANTINE_DUE = date(2020, 3, 11)
QUARANTINE_NOW = datetime(2020, 3, 11, 3)
ROLE = "Data Protection Officer"


@pytest.fixture
def published(folder: DataFolder) -> DataFolder:
    """The folder in use, with its dates set and the report published."""
    decided(folder, DECIDED)
    publish(folder, "Final report", PUBLISHED, datetime(2020, 3, 1))
    return folder


def states(folder: DataFolder, policy: Policy, today: date) -> dict[str, str]:
    return {line.holding: line.state for line in read_register(folder, policy, today)}


def is_closed(folder: DataFolder) -> bool:
    with open_stores(folder, read=["registers"]) as connection:
        return evaluation_closed(connection)


def opens(database: Path, key: str) -> bool:
    """Whether a key opens a copy of a store."""
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"LOAD '{extension_file()}'")
        connection.execute(f"ATTACH '{database}' AS copy (READ_ONLY, ENCRYPTION_KEY '{key}')")
    except duckdb.Error:
        return False
    finally:
        connection.close()
    return True


def test_the_planted_people_are_there_before_anything_is_erased(published: DataFolder) -> None:
    found = " ".join(planted_in(published))
    assert all(needle in found for needle in PLANTED)


def test_a_day_early_nothing_changes_in_any_byte(published: DataFolder, policy: Policy) -> None:
    enforce(published, policy, QUARANTINE_DUE, QUARANTINE_NOW)
    before = files_of(published)
    assert enforce(published, policy, DUE - timedelta(days=1), NOW) == []
    assert files_of(published) == before


def test_without_a_publication_personal_data_is_never_due(
    folder: DataFolder, policy: Policy
) -> None:
    decided(folder, datetime(2090, 1, 1))
    before = files_of(folder)
    assert enforce(folder, policy, date(2089, 1, 1), NOW) == []
    assert files_of(folder) == before


def test_on_the_due_day_no_byte_of_a_person_is_left_anywhere(
    published: DataFolder, policy: Policy
) -> None:
    land(published, "nps_court_outcomes", "Quillfeather late.csv", nps_csv(CRNS))
    land(published, "Grimbleby's folder", ".half.part", NAME)
    (published.keys / ".restricted.key.part").write_text("f" * 64)
    outputs = files_of(published)
    enforce(published, policy, DUE, NOW)
    assert planted_in(published) == []
    left = files_of(published)
    assert sorted(left) == [
        ".run.lock",
        "README.md",
        "dagster/runs.db",
        "published/releases/r1/funnel.csv",
        "registers/chain.json",
        "registers/registers.duckdb",
    ]
    for changed in ("chain.json", "registers.duckdb"):
        del left[f"registers/{changed}"]
    assert left.items() <= outputs.items()
    assert (published.landing / "nps_court_outcomes").is_dir()
    assert is_closed(published)


@pytest.mark.thorough
def test_each_holding_erased_has_one_certificate(published: DataFolder, policy: Policy) -> None:
    due = [x for x in read_register(published, policy, DUE) if x.is_due]
    written = enforce(published, policy, DUE, NOW)
    assert sorted(c.holding for c in written) == sorted(x.holding for x in due)
    with open_stores(published, read=["registers"]) as connection:
        table = certificates(connection)
    assert len(table) == len(written) == table["certificate_id"].nunique()
    by_name = {c.holding: c for c in written}
    for line in due:
        found = by_name[line.holding]
        assert (found.files, found.bytes, found.row_count) == (
            line.files,
            line.bytes,
            line.row_count,
        )
    court = by_name["restricted/nps_court_outcomes"]
    assert (court.rule, court.due_on, court.erased_at) == ("personal_data", DUE, NOW)
    assert court.row_count == 2 * len(CRNS) + 1
    assert "backups" in court.not_reached
    after = states(published, policy, DUE + timedelta(days=400))
    assert {after[x.holding] for x in due if x.holding in after} == {"erased"}
    assert after["published/releases"] == "held until"


@pytest.mark.thorough
def test_erasing_again_changes_nothing(published: DataFolder, policy: Policy) -> None:
    enforce(published, policy, DUE, NOW)
    before = files_of(published)
    assert enforce(published, policy, DUE + timedelta(days=1), NOW + timedelta(days=1)) == []
    assert files_of(published) == before


@pytest.mark.thorough
def test_no_key_that_is_left_opens_a_kept_copy(
    published: DataFolder, policy: Policy, tmp_path: Path
) -> None:
    shutil.copytree(published.root, tmp_path / "kept")
    kept = tmp_path / "kept"
    old = Keys(kept / "keys")
    assert opens(kept / "restricted" / "restricted.duckdb", old.read("restricted"))
    enforce(published, policy, QUARANTINE_DUE, QUARANTINE_NOW)
    rebuilt = Keys(published.keys)
    assert opens(published.database("restricted"), rebuilt.read("restricted"))
    keys = [path.read_text() for path in published.keys.glob("*.key")]
    assert len(keys) == 4
    assert not [key for key in keys if opens(kept / "restricted" / "restricted.duckdb", key)]
    for sealed in (kept / "restricted" / "quarantine").iterdir():
        for key in keys:
            with pytest.raises(SealError):
                unseal(sealed, key)
    enforce(published, policy, DUE, NOW)
    assert list(published.keys.iterdir()) == []


@pytest.mark.thorough
def test_a_quarantined_drop_goes_after_thirty_days_and_everything_else_stays(
    published: DataFolder, policy: Policy
) -> None:
    before = restricted_rows(published)
    assert enforce(published, policy, QUARANTINE_DUE - timedelta(days=1), QUARANTINE_NOW) == []
    written = enforce(published, policy, QUARANTINE_DUE, QUARANTINE_NOW)
    assert [(c.rule, c.due_on, c.files) for c in written] == [("quarantine", QUARANTINE_DUE, 2)] * 2
    assert list(published.quarantine.iterdir()) == []
    assert not list(published.keys.glob("drop-*"))
    after = restricted_rows(published)
    assert len(before.pop("quarantined_drops")) == 2
    assert after.pop("quarantined_drops") == []
    assert after == before
    assert planted_in(published, (REFUSED_NAME, UNREADABLE_NAME)) == []
    assert not is_closed(published)
    assert not Keys(published.keys).exists("verify")


def test_only_the_drops_that_are_due_go(published: DataFolder, policy: Policy) -> None:
    drop_id = next(path.stem for path in published.quarantine.iterdir())
    with open_stores(published, write=["registers"]) as connection:
        connection.execute(
            "UPDATE registers.drops SET decided_at = TIMESTAMP '2020-02-20' WHERE drop_id = ?",
            [drop_id],
        )
    assert len(enforce(published, policy, QUARANTINE_DUE, QUARANTINE_NOW)) == 1
    assert [path.stem for path in published.quarantine.iterdir()] == [drop_id]
    assert [row[0] for row in restricted_rows(published)["quarantined_drops"]] == [drop_id]


@pytest.mark.thorough
def test_a_name_that_two_drops_share_stays_with_the_one_that_is_not_due(
    published: DataFolder, policy: Policy
) -> None:
    first, second = sorted(path.stem for path in published.quarantine.iterdir())
    with open_stores(published, write=["restricted"]) as connection:
        connection.execute("UPDATE restricted.quarantined_drops SET file_name = 'same.csv'")
    with open_stores(published, write=["registers"]) as connection:
        connection.execute(
            "UPDATE registers.drops SET decided_at = TIMESTAMP '2020-02-20' WHERE drop_id = ?",
            [second],
        )
    written = enforce(published, policy, QUARANTINE_DUE, QUARANTINE_NOW)
    assert [c.holding for c in written] == [f"quarantine/{first}"]
    assert restricted_rows(published)["quarantined_drops"] == [(second, "same.csv")]


@pytest.mark.thorough
def test_a_name_that_turns_up_elsewhere_in_the_store_gets_no_certificate(
    published: DataFolder, policy: Policy
) -> None:
    with open_stores(published, write=["restricted"]) as connection:
        connection.execute(
            "UPDATE restricted.loaded_drops SET dropped_headers = [?]", [REFUSED_NAME]
        )
    assert len(enforce(published, policy, QUARANTINE_DUE, QUARANTINE_NOW)) == 1
    (left,) = read_open(published)
    assert left.places == ("the restricted store, table loaded_drops, column dropped_headers",)
    assert "Grimbleby" not in left.sentence
    preflight(published)
    assert resume(published, policy, QUARANTINE_NOW) == []
    with open_stores(published, write=["restricted"]) as connection:
        connection.execute("UPDATE restricted.loaded_drops SET dropped_headers = []")
    assert len(enforce(published, policy, QUARANTINE_DUE, QUARANTINE_NOW)) == 1
    assert read_open(published) == []
    assert not Keys(published.keys).exists("verify")


@pytest.mark.thorough
def test_a_key_that_is_kept_elsewhere_is_not_said_to_be_destroyed(
    published: DataFolder, policy: Policy
) -> None:
    Keys(published.keys).path("research").unlink()
    written = {c.holding: c.verification for c in enforce(published, policy, DUE, NOW)}
    assert written["research/store"] == VERIFIED_KEYLESS
    assert written["restricted/store"] != VERIFIED_KEYLESS
    assert not published.database("research").exists()


@pytest.mark.thorough
def test_a_copy_of_a_destroyed_key_under_another_name_gets_no_certificate(
    published: DataFolder, policy: Policy
) -> None:
    copy = published.keys / "research backup.key"
    shutil.copy(published.keys / "research.key", copy)
    written = enforce(published, policy, DUE, NOW)
    assert "restricted/store" in {one.holding for one in written}
    (left,) = read_open(published)
    assert (left.erasure.holding, left.places) == ("research/store", (COPY_OF_A_KEY,))
    with pytest.raises(RetentionError, match="keys folder"):
        settle(published, policy, left.erasure.certificate_id, "x", ROLE, DUE, NOW)
    copy.unlink()
    assert [one.holding for one in enforce(published, policy, DUE, NOW)] == ["research/store"]


@pytest.mark.thorough
def test_after_closure_drops_are_refused_unread_and_go_after_thirty_days(
    published: DataFolder, policy: Policy
) -> None:
    enforce(published, policy, DUE, NOW)
    land(published, "nps_court_outcomes", LOADED_NAME, nps_csv(CRNS[:2]))
    preflight(published)
    refused = take_everything_in(published, policy)
    assert (refused.refused, refused.reasons) == (1, {"D-CLOSED": 1})
    assert "D-CLOSED" in ledger_states(published).values()
    tables = {table: rows for table, rows in restricted_rows(published).items() if rows}
    assert list(tables) == ["quarantined_drops"]

    decided(published, datetime(2021, 3, 10, 12))
    later = date(2021, 4, 8)
    found = {line.holding: line for line in read_register(published, policy, later)}
    for name in ("restricted/store", *(n for n in found if n.startswith("quarantine/"))):
        assert found[name].clock.rule == "quarantine"
        assert found[name].state == "due within 1 days"
    assert found["restricted/nps_court_outcomes"].state == "erased"
    assert found["keys/pseudonym"].state == "erased"
    before = files_of(published)
    assert enforce(published, policy, later, NOW) == []
    assert files_of(published) == before

    written = enforce(published, policy, date(2021, 4, 9), NOW + timedelta(days=40))
    assert [c.rule for c in written] == ["quarantine"]
    assert planted_in(published) == []
    assert not any(restricted_rows(published).values())
    assert states(published, policy, date(2021, 4, 9))["restricted/store"] == "erased"
    preflight(published)
    take_everything_in(published, policy)
    assert enforce(published, policy, date(2021, 4, 10), NOW + timedelta(days=41)) == []


@pytest.mark.thorough
def test_rows_that_come_back_after_closure_are_overdue_and_erased_with_a_second_certificate(
    published: DataFolder, policy: Policy, in_use: Path
) -> None:
    enforce(published, policy, DUE, NOW)
    for name in ("research/research.duckdb", "keys/research.key"):
        shutil.copy(in_use / name, published.root / name)
    assert states(published, policy, DUE + timedelta(days=1))["research/store"] == "overdue"
    again = enforce(published, policy, DUE + timedelta(days=1), NOW + timedelta(days=1))
    assert "research/store" in [c.holding for c in again]
    assert {c.store for c in again} == {"research"}
    assert not published.database("research").exists()
    ids = [row[0] for row in certificate_rows(published)]
    assert len(set(ids)) == len(ids)


def test_links_in_the_folders_are_removed_and_never_followed(
    published: DataFolder, policy: Policy, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious.txt").write_text("stays")
    (published.restricted / "folder").symlink_to(outside)
    (published.landing / "file").symlink_to(outside / "precious.txt")
    enforce(published, policy, DUE, NOW)
    assert (outside / "precious.txt").read_text() == "stays"
    assert not (published.restricted / "folder").is_symlink()
    assert not (published.landing / "file").is_symlink()


@pytest.mark.thorough
def test_keys_on_another_volume_are_destroyed_there_and_nothing_else_is(
    published: DataFolder, policy: Policy, tmp_path: Path
) -> None:
    apart = DataFolder(published.root, tmp_path / "vault")
    shutil.move(published.keys, apart.keys)
    (apart.keys / "house.pem").write_text("not ours")
    enforce(apart, policy, DUE, NOW)
    assert [path.name for path in apart.keys.iterdir()] == ["house.pem"]
    assert planted_in(apart) == []
