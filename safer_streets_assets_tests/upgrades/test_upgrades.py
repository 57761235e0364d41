"""A data folder of every earlier layout goes on under today's program."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from safer_streets_assets.backup.making import make_backup
from safer_streets_assets.backup.restoring import restore_backup
from safer_streets_assets.definitions import EVALUATION_JOB
from safer_streets_assets.disclosure.kept_secrets import ensure_secrets
from safer_streets_assets.intake.raw_tables import ROW_KEYS
from safer_streets_assets.intake.run_requests import request_run
from safer_streets_assets.intake.sensor import build_sensor
from safer_streets_assets.policy import load_policy
from safer_streets_assets.retention.records.chain import look_at_chain, verify_chain
from safer_streets_assets.stores import STORE_NAMES, DataFolder, database, open_stores
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.evaluation import claim
from safer_streets_assets.stores.layout import TABLE, all_steps, layout_of, todays_layout
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.sql_files import read_sql
from safer_streets_assets_tests.builders import fetch, one_quickly
from safer_streets_assets_tests.e2e.commands import Surroundings, run_command
from safer_streets_assets_tests.upgrades.recipes import recipes, restore

PACKAGE = Path(__file__).parents[2] / "safer_streets_assets"
FINGERPRINT = Path(__file__).parent / "tables_of_layout_{}.txt"


@pytest.fixture(params=one_quickly(recipes()))
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> DataFolder:
    """A data folder as the program of an earlier version or layout left it."""
    return restore(request.param, tmp_path / "data")


@pytest.fixture
def later(tmp_path: Path) -> DataFolder:
    """A data folder in which every store has a layout that today's program does not know."""
    folder = restore("layout_1", tmp_path / "data")
    claim(folder)
    with open_stores(folder, write=STORE_NAMES) as connection:
        for store in STORE_NAMES:
            connection.execute(f"INSERT INTO {store}.{TABLE} VALUES ({todays_layout() + 1})")
    return folder


@pytest.fixture
def around(tmp_path: Path) -> Surroundings:
    """Where the commands run."""
    return Surroundings(tmp_path / "around").prepare()


def every_byte(folder: DataFolder) -> dict[str, str]:
    files = (path for path in folder.root.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def layouts(folder: DataFolder) -> list[int]:
    with open_stores(folder, read=STORE_NAMES, as_it_is=True) as connection:
        return [layout_of(connection, store) for store in STORE_NAMES]


@contextmanager
def made_today() -> Iterator[duckdb.DuckDBPyConnection]:
    """Stores with the tables that are kept from run to run, but for those that follow the policy,
    as they are made today."""
    with duckdb.connect() as connection:
        for store in STORE_NAMES:
            connection.execute(f"ATTACH ':memory:' AS {store}")
        for file in sorted(PACKAGE.glob("*/sql/*.sql")):
            sql = read_sql(file.parents[1].name, file.stem)
            if "CREATE TABLE IF NOT EXISTS" in sql:
                connection.execute(sql)
        ensure_secrets(connection)
        yield connection


def columns(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], dict[str, str]]:
    """The columns of each table of the stores, and their types."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for store, table, column, kind in fetch(
        connection,
        "SELECT database_name, table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE NOT internal",
    ):
        found.setdefault((store, table), {})[column] = kind
    return found


def test_there_is_a_folder_of_the_first_layout_and_of_each_version_that_wrote_it() -> None:
    assert {"0.1.0", "layout_1"} <= set(recipes())


def test_a_dry_run_says_each_step_and_writes_nothing(
    earlier: DataFolder, around: Surroundings
) -> None:
    before = every_byte(earlier)
    said = run_command(around, "upgrade", "--dry-run", "--data", str(earlier.root))
    assert said.code == 0, said.err
    assert said.out.count(f"comes to {todays_layout()}") == len(STORE_NAMES)
    after = every_byte(earlier)
    left = {name for name in after if before.get(name) != after[name]}
    assert {Path(name).name for name in left} <= {".run.lock"}
    assert before.keys() <= after.keys()


def test_an_upgrade_takes_each_store_to_todays_layout_and_the_next_has_nothing_to_do(
    earlier: DataFolder, around: Surroundings
) -> None:
    assert set(layouts(earlier)) != {todays_layout()}
    said = run_command(around, "upgrade", "--data", str(earlier.root))
    assert said.code == 0, said.err
    assert set(layouts(earlier)) == {todays_layout()}
    again = run_command(around, "upgrade", "--data", str(earlier.root))
    assert again.out.count("which is today's") == len(STORE_NAMES)


def test_any_other_command_upgrades_what_it_opens(
    earlier: DataFolder, around: Surroundings
) -> None:
    said = run_command(around, "drops", "list", "--data", str(earlier.root))
    assert said.code == 0, said.err
    with open_stores(earlier, read=["registers"], as_it_is=True) as connection:
        assert layout_of(connection, "registers") == todays_layout()


def test_an_upgrade_gives_each_table_the_columns_that_it_is_made_with_today(
    earlier: DataFolder,
) -> None:
    with made_today() as connection:
        today = columns(connection)
    with open_stores(earlier, write=STORE_NAMES) as connection:
        upgraded = columns(connection)
    both = today.keys() & upgraded.keys()
    assert {("registers", "drops"), ("restricted", "release_secrets")} <= both
    assert {table: upgraded[table] for table in both} == {table: today[table] for table in both}


def test_certificates_stay_as_they_were_written_and_their_chain_holds(earlier: DataFolder) -> None:
    facts = "SELECT COLUMNS({}) FROM registers.deletion_certificates ORDER BY certificate_id"
    with open_stores(earlier, read=["registers"], as_it_is=True) as connection:
        found = connection.execute(facts.format("*"))
        place = {"number", "previous_hash", "hash"}
        names = [column[0] for column in found.description or () if column[0] not in place]
        before = fetch(connection, facts.format(names))
    with open_stores(earlier, read=["registers"]) as connection:
        assert fetch(connection, facts.format(names)) == before
        chain = verify_chain(connection)
    assert (chain.certificates, chain.broken_at) == (len(before), None)
    assert before


def test_after_an_upgrade_nothing_passes_for_made_of_what_is_there(tmp_path: Path) -> None:
    """So the next run makes the research store anew."""
    folder, count = restore("0.1.0", tmp_path / "data"), "FROM registers.brought_up_to_date"
    with open_stores(folder, read=["registers"], as_it_is=True) as connection:
        assert len(fetch(connection, count)) == 1
    with open_stores(folder, read=["registers"]) as connection:
        assert fetch(connection, count) == []


def test_a_certificate_that_was_changed_before_the_upgrade_breaks_the_chain_after_it(
    tmp_path: Path,
) -> None:
    folder = restore("layout_1", tmp_path / "data")
    with open_stores(folder, write=["registers"], as_it_is=True) as connection:
        connection.execute(
            "UPDATE registers.deletion_certificates SET number = NULL, hash = NULL, "
            "previous_hash = NULL, bytes = bytes + 1"
        )
        connection.execute("DELETE FROM registers.certificate_chain")
    with open_stores(folder, read=["registers"]) as connection:
        assert look_at_chain(folder, connection).broken_at is not None


@pytest.mark.thorough
@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("drops",),
        ("retention", "--enforce", "--yes"),
        ("keys", "rotate", "--yes"),
        ("backup", "make", "{}/backup"),
        ("upgrade",),
        ("status",),
    ],
    ids=" ".join,
)
def test_a_command_refuses_a_folder_of_a_later_version_and_changes_no_byte(
    later: DataFolder, around: Surroundings, words: tuple[str, ...]
) -> None:
    before = every_byte(later)
    given = [word.format(around.root) for word in words]
    said = run_command(around, *given, "--data", str(later.root))
    assert said.code == (3 if words == ("status",) else 1)
    assert "was written by a later version of safer-streets" in said.out + said.err
    after = every_byte(later)
    own = {name for name in after if name.endswith(".run.lock") or "/dagster/" in name}
    assert {name: after[name] for name in after.keys() - own} == {
        name: before[name] for name in before.keys() - own
    }


def test_the_sensor_refuses_a_folder_of_a_later_version(later: DataFolder) -> None:
    request_run(later)
    sensor = build_sensor(load_policy(), EVALUATION_JOB, str(later.root))
    with (
        dg.DagsterInstance.ephemeral() as instance,
        dg.build_sensor_context(instance=instance) as context,
        pytest.raises(dg.DagsterError, match="later version of safer-streets"),
    ):
        sensor.evaluate_tick(context)


@pytest.mark.thorough
def test_a_backup_of_an_earlier_layout_is_restored_and_comes_to_todays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = restore("layout_1", tmp_path / "data")
    policy, backup, keys = load_policy(), tmp_path / "backup", tmp_path / "keys"
    with monkeypatch.context() as earlier_program:
        earlier_program.setattr(database, "_bring_up_to_date", lambda *_: None)
        make_backup(folder, policy, backup, keys, now_utc())
    assert set(layouts(folder)) == {1}
    root = tmp_path / "restored"
    copy = DataFolder(root, root / "keys")
    certificates = folder.database("registers")
    restore_backup(copy, policy, backup, now_utc(), keys_from=keys, certificates=certificates)
    assert set(layouts(copy)) == {todays_layout()}
    with open_stores(copy, read=["registers"]) as connection:
        assert look_at_chain(copy, connection).broken_at is None


def test_a_step_is_about_tables_that_there_are_or_were() -> None:
    """A statement about a table that is not there is left out, so a misspelt one would be."""
    known = {(table.store, table.name) for table in Catalogue(load_policy()).tables}
    for kept in FINGERPRINT.parent.glob(FINGERPRINT.name.format("*")):
        lines = (re.split(r"[. ]", line) for line in kept.read_text().splitlines())
        known |= {(store, table) for store, table, *_ in lines}
    for step in all_steps():
        named = re.findall(rf"\b{step.store}\.(\w+)", step.sql)
        assert {(step.store, name) for name in named} <= known


@pytest.mark.thorough
def test_an_earlier_folder_is_evaluated_attacked_asked_and_erased_from(
    earlier: DataFolder, around: Surroundings
) -> None:
    data = ("--data", str(earlier.root))
    with open_stores(earlier, read=["registers", "restricted"], as_it_is=True) as connection:
        ledger = fetch(connection, "SELECT drop_id, state FROM registers.drops ORDER BY 1")
        certificates = fetch(
            connection, "SELECT certificate_id FROM registers.deletion_certificates"
        )
        ((crn,),) = fetch(connection, "SELECT crn FROM restricted.nps_court_outcomes_raw LIMIT 1")
    assert certificates
    for words in (
        ("run",),
        ("attack",),
        ("retention", "--enforce"),
        ("subject-access", "--received", "2026-01-31", "--out", str(around.folders[2] / "answer")),
        ("erase-person", "--why", "asked for", "--now", "--confirm", "erase"),
    ):
        ended = run_command(around, *words, *data, typed=f"{crn}\n")
        assert ended.code == 0, (words[0], ended.err, ended.out[-500:])
    assert list((around.folders[2] / "answer").iterdir())
    assert set(layouts(earlier)) == {todays_layout()}
    releases = sorted(path.name[:5] for path in earlier.releases.iterdir())
    assert releases[:2] == ["r0001", "r0002"]
    with open_stores(earlier, read=["registers", "restricted"]) as connection:
        now = fetch(connection, "SELECT drop_id, state FROM registers.drops ORDER BY 1")
        assert [drop for drop, _ in now] == [drop for drop, _ in ledger]
        kept = fetch(connection, "SELECT certificate_id FROM registers.deletion_certificates")
        assert set(kept) > set(certificates)
        assert verify_chain(connection).broken_at is None
        left = "SELECT count(*) FROM restricted.nps_court_outcomes_raw WHERE crn = ?"
        assert fetch(connection, left, crn) == [(0,)]


def test_tables_that_are_kept_are_those_of_todays_layout() -> None:
    """Whoever changes a table that is kept from run to run changes the layout."""
    with made_today() as connection:
        rows = fetch(
            connection,
            "SELECT database_name, table_name, column_name, data_type, is_nullable "
            "FROM duckdb_columns() WHERE NOT internal ORDER BY 1, 2, column_index",
        )
        keys = fetch(
            connection,
            "SELECT database_name, table_name, constraint_text FROM duckdb_constraints() "
            "WHERE constraint_type <> 'NOT NULL' ORDER BY ALL",
        )
    lines = [
        f"{store}.{table}.{column} {kind}{'' if nullable else ' NOT NULL'}\n"
        for store, table, column, kind, nullable in rows
    ]
    lines += [f"{store}.{table} {key}\n" for store, table, key in keys]
    lines += [f"restricted.<source>_raw.{declared} NOT NULL\n" for declared in ROW_KEYS.values()]
    made = "".join(lines)
    kept = FINGERPRINT.with_name(FINGERPRINT.name.format(todays_layout()))
    assert kept.exists() and kept.read_text() == made, (  # noqa: PT018
        "A table that is kept changed: write a step in stores/sql/steps, keep a folder of the "
        "layout before it (CONTRIBUTING.md), and write what this test made to "
        f"tables_of_layout_<version>.txt. Made now:\n{made}"
    )
