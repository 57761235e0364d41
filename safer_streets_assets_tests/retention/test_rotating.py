"""Keys are rotated as a whole: nothing is lost, the old keys are gone, a kill is made good."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from safer_streets_assets.cli import app
from safer_streets_assets.cohort.conformed import conform
from safer_streets_assets.cohort.linkage import link_cohort
from safer_streets_assets.cohort.near_misses import find_near_misses
from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, make_pseudonyms
from safer_streets_assets.cohort.rekeying import RekeyingError
from safer_streets_assets.cohort.reviews import near_misses, record_verdicts
from safer_streets_assets.intake.returns import opened_return, write_returns
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.report import INDEX
from safer_streets_assets.release.up_to_date import newest_release, record_up_to_date
from safer_streets_assets.retention.enforcement.rotating import PARTS, SealedPart, rotate
from safer_streets_assets.retention.errors import RetentionError
from safer_streets_assets.retention.holdings.key_states import (
    DAMAGED,
    FITS,
    INTERRUPTED,
    MISSING,
    THERE,
    WRONG,
    KeyState,
    key_states,
)
from safer_streets_assets.stores import DataFolder, Keys, open_stores
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets.stores.rotation import rotation_is_pending
from safer_streets_assets.stores.sealed import unseal
from safer_streets_assets.stores.using import FINISHED, UNDONE, interrupted_rotation
from safer_streets_assets_tests.builders import fetch, opened
from safer_streets_assets_tests.retention.builders import (
    CRNS,
    PLANTED,
    folder_at,
    land,
    planted_in,
    take_everything_in,
)
from safer_streets_assets_tests.retention.killing import moments, run_until

NOW = datetime(2020, 2, 10, 12)
RETURNED = "nps_court_outcomes"
EACH = 37
Rows = dict[str, list[tuple[Any, ...]]]


def link_everything(folder: DataFolder, policy: Policy) -> None:
    """What a run does between intake and disclosure."""
    with opened(folder) as connection:
        ensure_registers(connection)
        make_pseudonyms(connection, folder, policy)
        find_near_misses(connection, folder, policy)
        for source in policy.sources:
            conform(connection, policy, source)
        link_cohort(connection, policy)
        write_returns(connection, folder, policy)


@pytest.fixture(scope="module")
def reviewed(in_use: Path, tmp_path_factory: pytest.TempPathFactory, policy: Policy) -> Path:
    """The folder in use, with workbooks to return, and near misses decided on: one accepted, one
    rejected, one rejected and since then corrected away.
    """
    folder = folder_at(tmp_path_factory.mktemp("reviewed") / "data")
    shutil.copytree(in_use, folder.root)
    slips = [crn[:-1] + "9" for crn in CRNS]
    rows = [f"{n},06/02/2020,{crn},2,Yes," for n, crn in enumerate(slips, start=11)]
    head = "ResponseID,SessionDate,CRN,Session,Attended,Comments"
    land(folder, "ors_facilitator_checkin", "second.csv", "\n".join([head, *rows, ""]))
    take_everything_in(folder, policy)
    link_everything(folder, policy)
    with opened(folder) as connection:
        ids = {found.crn_meant: found.near_miss_id for found in near_misses(connection)}
        verdicts = dict(zip(CRNS, ("accepted", "rejected", "rejected"), strict=True))
        decided = {ids[crn]: verdict for crn, verdict in verdicts.items()}
        record_verdicts(connection, policy, decided, "analyst", NOW)  # type: ignore[arg-type]
    link_everything(folder, policy)
    with opened(folder) as connection:
        connection.execute(
            "DELETE FROM restricted.near_misses WHERE near_miss_id = ?", [ids[CRNS[2]]]
        )
        connection.execute(
            "INSERT INTO registers.releases VALUES ('r1', 1, ?, 'c', 'p', 'v')", [NOW]
        )
        record_up_to_date(connection, policy, "r1")
    (folder.published / "published.duckdb").write_bytes(b"published")
    (folder.published / INDEX).write_bytes(b"index")
    return folder.root


@pytest.fixture
def folder(reviewed: Path, tmp_path: Path) -> DataFolder:
    shutil.copytree(reviewed, tmp_path / "data")
    return folder_at(tmp_path / "data")


def key_files(folder: DataFolder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.keys.iterdir())}


def layout(folder: DataFolder) -> list[str]:
    files = (path for path in folder.root.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(folder.root)) for path in files)


def people_named_alike(folder: DataFolder) -> Rows:
    """Every table of every store, with people and near misses as numbers in the order of CRNs."""
    with open_stores(folder, read=["restricted", "research", "registers"]) as connection:
        names = {p: f"person {n}" for n, p in enumerate(people(connection))}
        misses = fetch(
            connection,
            "SELECT DISTINCT near_miss_id FROM (SELECT near_miss_id, crn_sent FROM "
            "restricted.near_misses UNION SELECT near_miss_id, crn_sent FROM "
            "restricted.accepted_links) ORDER BY first(crn_sent) OVER (PARTITION BY near_miss_id)",
        )
        names |= {miss: f"near miss {n}" for n, (miss,) in enumerate(misses)}
        tables = fetch(
            connection,
            "SELECT database_name || '.' || table_name FROM duckdb_tables() "
            "WHERE table_name <> 'brought_up_to_date' ORDER BY 1",
        )
        held: Rows = {}
        for (table,) in tables:
            rows = [
                tuple(named(cell, names) for cell in row)
                for row in fetch(connection, f"FROM {table}")
            ]
            held[table] = sorted(rows, key=repr)
        return held


def named(cell: Any, names: dict[str, str]) -> Any:
    if isinstance(cell, str) and cell.startswith("nm-"):
        return names.get(cell, "a near miss listed no more")
    return names.get(cell, cell) if isinstance(cell, str) else cell


def people(connection: Any) -> list[str]:
    rows = fetch(
        connection, "SELECT person_id FROM restricted.person_pseudonyms ORDER BY crn_key DESC"
    )
    return list(dict.fromkeys(person for (person,) in rows))


def opened_sealed(folder: DataFolder) -> dict[str, bytes]:
    keys = Keys(folder.keys)
    found = {
        path.name: unseal(path, keys.read(f"drop-{path.stem}"))
        for path in folder.quarantine.glob("*.sealed")
    }
    found |= {p.name: unseal(p, keys.read("returns")) for p in folder.returns.glob("*.sealed")}
    return found


def is_current(folder: DataFolder, policy: Policy) -> bool:
    with open_stores(folder, read=["registers"]) as connection:
        newest = newest_release(connection, folder, policy)
        return newest is not None and newest.is_up_to_date


@pytest.mark.thorough
def test_everything_stands_under_new_keys_and_nothing_is_lost(
    folder: DataFolder, policy: Policy
) -> None:
    before, sealed, rows = key_files(folder), opened_sealed(folder), people_named_alike(folder)
    names = layout(folder)
    assert rotate(folder, policy, NOW) == {
        "restricted": 1,
        "research": 1,
        "quarantine": 2,
        "returns": len(list(folder.returns.iterdir())),
        "bundles": 0,
    }
    after = key_files(folder)
    assert after.keys() == before.keys()
    stay = {"pseudonym.key", "sends.key"}
    assert {name for name in after if after[name] == before[name]} == stay
    assert (opened_sealed(folder), people_named_alike(folder)) == (sealed, rows)
    assert layout(folder) == names
    assert {path.stat().st_mode & 0o777 for path in folder.keys.iterdir()} == {0o600}
    assert opened_return(folder, policy, RETURNED)
    assert is_current(folder, policy)
    assert planted_in(folder, ("Grimbleby letter",)) == ["cell: Grimbleby letter"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.thorough
def test_one_part_is_rotated_alone(folder: DataFolder, policy: Policy, part: SealedPart) -> None:
    before, rows = key_files(folder), people_named_alike(folder)
    rotate(folder, policy, NOW, part=part)
    changed = {name for name, key in key_files(folder).items() if key != before[name]}
    start = {"quarantine": "drop-"}.get(part, part)
    assert changed == {name for name in before if name.startswith(start)}
    assert people_named_alike(folder) == rows


def test_an_old_key_is_overwritten_and_opens_nothing(
    folder: DataFolder, policy: Policy, tmp_path: Path
) -> None:
    other = {}
    for path in [
        *folder.keys.glob("re*.key"),
        *folder.keys.glob("drop*.key"),
        *folder.quarantine.iterdir(),
    ]:
        other[path] = (tmp_path / path.name, path.read_bytes())
        os.link(path, tmp_path / path.name)
    rotate(folder, policy, NOW)
    for place, old in other.values():
        assert place.read_bytes() != old
        assert not old.startswith(place.read_bytes()[:16])


@pytest.mark.thorough
def test_new_pseudonyms_are_consistent_and_decisions_and_the_release_stay(
    folder: DataFolder, policy: Policy
) -> None:
    before, rows = key_files(folder), people_named_alike(folder)
    with open_stores(folder, read=["restricted"]) as connection:
        was = set(people(connection))
    assert is_current(folder, policy)
    rotate(folder, policy, NOW, pseudonyms=True)
    assert [name for name, key in key_files(folder).items() if key == before[name]] == ["sends.key"]
    assert people_named_alike(folder) == rows
    with open_stores(folder, read=["restricted"]) as connection:
        assert not was & set(people(connection))
    assert is_current(folder, policy), "the next run says that there is nothing new"
    old = Keys(folder.keys).fingerprint(PSEUDONYM_KEY)
    link_everything(folder, policy)
    with open_stores(folder, read=["restricted", "registers"]) as connection:
        states = {found.crn_meant: found.state for found in near_misses(connection)}
    assert states == dict(zip(CRNS, ("accepted", "rejected", "rejected"), strict=True))
    assert Keys(folder.keys).fingerprint(PSEUDONYM_KEY) == old


def test_a_pseudonym_that_cannot_be_made_anew_stops_the_rotation(
    folder: DataFolder, policy: Policy
) -> None:
    with opened(folder) as connection:
        connection.execute("DELETE FROM restricted.person_pseudonyms WHERE crn_key = ?", [CRNS[1]])
    keys = key_files(folder)
    with pytest.raises(RekeyingError, match=r"run safer-streets run"):
        rotate(folder, policy, NOW, pseudonyms=True)
    preflight(folder)
    assert key_files(folder) == keys


def test_pseudonyms_are_not_rotated_in_one_store_alone(folder: DataFolder, policy: Policy) -> None:
    with pytest.raises(RetentionError, match="in all stores"):
        rotate(folder, policy, NOW, part="research", pseudonyms=True)


@pytest.mark.parametrize("name", ["restricted", "returns", "drop-"])
def test_nothing_is_begun_with_a_key_that_does_not_serve(
    folder: DataFolder, policy: Policy, name: str
) -> None:
    victim = sorted(folder.keys.glob(f"{name}*.key"))[0]
    victim.write_text("0" * 64)
    keys = key_files(folder)
    with pytest.raises(Exception, match=r"key"):
        rotate(folder, policy, NOW)
    assert key_files(folder) == keys
    assert not rotation_is_pending(folder)


@pytest.mark.thorough
def test_a_rotation_that_was_killed_is_finished_by_the_next_command(
    reviewed: Path, tmp_path: Path, policy: Policy
) -> None:
    whole = folder_at(reviewed)
    rows, sealed, files = people_named_alike(whole), opened_sealed(whole), layout(whole)
    for folder in some_kills(
        reviewed, tmp_path, lambda folder: rotate(folder, policy, NOW, pseudonyms=True)
    ):
        begun = rotation_is_pending(folder)
        preflight(folder)
        assert not rotation_is_pending(folder)
        assert [name for name in layout(folder) if not name.endswith(".part")] == files
        assert people_named_alike(folder) == rows
        assert opened_sealed(folder) == sealed
        assert is_current(folder, policy)
        if begun:
            assert changed_keys(folder, reviewed) >= {"restricted.key", "research.key"}


COMMANDS = (
    ("keys", "check"),
    ("drops",),
    ("retention",),
    ("registers", "contacts", "list"),
    ("words",),
    ("returns",),
)
"""Commands of every kind; each in its turn is the next one after a kill."""


@pytest.mark.thorough
def test_the_next_command_of_any_kind_finishes_or_undoes_a_rotation_and_says_so(
    reviewed: Path, tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed with a mask that keeps nothing from others: nothing is left open to them either."""
    whole, mask = folder_at(reviewed), os.umask(0)
    try:
        rows, files = people_named_alike(whole), layout(whole)
        said = set()
        kills = some_kills(
            reviewed, tmp_path, lambda folder: rotate(folder, policy, NOW, pseudonyms=True)
        )
        for number, folder in enumerate(kills):
            waits = interrupted_rotation(folder)
            command = COMMANDS[number % len(COMMANDS)]
            done = CliRunner().invoke(app, [*command, "--data", str(folder.root)])
            assert done.exit_code == 0, (command, done.output, done.exception)
            assert bool(waits) <= (FINISHED in done.stderr or UNDONE in done.stderr)
            said |= {sentence for sentence in (FINISHED, UNDONE) if sentence in done.stderr}
            assert not interrupted_rotation(folder)
            assert not rotation_is_pending(folder)
            assert not any(is_open_to_others(path) for path in folder.restricted.rglob("*"))
            with open_stores(folder, read=["restricted"]) as connection:
                assert not fetch(
                    connection, "FROM duckdb_tables() WHERE table_name = 'renamed_ids'"
                )
            left = [name for name in layout(folder) if not name.endswith(".part")]
            assert left == [*files, ".run.lock"] or left == files
            held = people_named_alike(folder)
            assert {table: held[table] for table in rows} == rows
        assert FINISHED in said
    finally:
        os.umask(mask)


@pytest.mark.parametrize("written_down", [False, True])
@pytest.mark.thorough
def test_the_check_of_the_keys_tells_of_a_rotation_that_was_interrupted(
    folder: DataFolder, policy: Policy, monkeypatch: pytest.MonkeyPatch, written_down: bool
) -> None:
    """Killed just before, and just after, it is written down what is to be rotated."""

    class KilledError(BaseException):
        pass

    def killed(*_: object) -> None:
        raise KilledError

    name = "finish_rotation" if written_down else "_write_down"
    with monkeypatch.context() as patched:
        patched.setattr(f"safer_streets_assets.stores.rotation.{name}", killed)
        with pytest.raises(KilledError):
            rotate(folder, policy, NOW, pseudonyms=True)
    assert interrupted_rotation(folder)
    keys = folder.keys / "restricted.key"
    right = keys.read_bytes()
    keys.write_text("0" * 64)
    told = CliRunner().invoke(app, ["keys", "check", "--data", str(folder.root)])
    assert told.exit_code == 1
    assert "What was interrupted here cannot be put right yet. The key restricted" in told.stderr
    assert "pseudonym.next" in told.stdout
    assert INTERRUPTED in told.stdout
    keys.write_bytes(right)
    told = CliRunner().invoke(app, ["keys", "check", "--data", str(folder.root)])
    assert told.exit_code == 0, told.output
    assert (FINISHED if written_down else UNDONE) in told.stderr
    assert INTERRUPTED not in told.stdout


@pytest.mark.parametrize("harm", [MISSING, DAMAGED, WRONG])
@pytest.mark.parametrize("name", ["restricted", "research", "pseudonym", "returns", "drop-"])
def test_a_lost_key_is_told_from_a_damaged_and_a_wrong_one(
    folder: DataFolder, name: str, harm: KeyState
) -> None:
    assert {line.state for line in key_states(folder)} == {FITS, THERE}
    victim = sorted(folder.keys.glob(f"{name}*.key"))[0]
    match harm:
        case "missing":
            victim.unlink()
        case "wrong":
            victim.write_bytes((folder.keys / "sends.key").read_bytes())
        case _:
            victim.write_bytes(victim.read_bytes()[:40])
    states = {line.name: line.state for line in key_states(folder)}
    assert states.pop(victim.stem) == harm
    assert WRONG not in states.values()


@pytest.mark.thorough
def test_the_commands_show_no_key_and_fail_when_one_does_not_serve(folder: DataFolder) -> None:
    runner, data = CliRunner(), ["--data", str(folder.root)]
    keys = key_files(folder)
    tried = runner.invoke(app, ["keys", "rotate", "--pseudonyms", "--dry-run", *data])
    unsure = runner.invoke(app, ["keys", "rotate", "--pseudonyms", *data])
    assert (tried.exit_code, unsure.exit_code) == (0, 1)
    assert "without one nobody can open it afterwards" in " ".join(tried.output.split())
    assert key_files(folder) == keys
    done = runner.invoke(app, ["keys", "rotate", "--pseudonyms", "--yes", *data])
    assert done.exit_code == 0, done.output
    checked = runner.invoke(app, ["keys", "check", *data])
    assert checked.exit_code == 0, checked.output
    assert "fits" in checked.output
    (folder.keys / "restricted.key").write_text("0" * 64)
    failed = runner.invoke(app, ["keys", "check", *data])
    assert failed.exit_code == 1
    shown = "".join(one.output for one in (tried, unsure, done, checked, failed))
    assert not any(key.decode() in shown for key in key_files(folder).values())
    assert not any(needle in shown for needle in PLANTED)


def is_open_to_others(path: Path) -> bool:
    return bool(path.lstat().st_mode & 0o077)


def changed_keys(folder: DataFolder, was: Path) -> set[str]:
    before = key_files(folder_at(was))
    return {name for name, key in key_files(folder).items() if before.get(name) != key}


def some_kills(
    template: Path, tmp_path: Path, step: Callable[[DataFolder], object]
) -> Iterator[DataFolder]:
    """Copies of a folder one by one, the step killed in each before another of its changes.

    More of them are in `stores/test_rotation.py`, with smaller stores.
    """
    for change in moments(EACH):
        folder = folder_at(tmp_path / f"{change}" / "data")
        shutil.copytree(template, folder.root)
        if run_until(lambda folder=folder: step(folder), change):  # type: ignore[misc]
            assert change > EACH
            return
        yield folder
        shutil.rmtree(folder.root)
