"""A data folder of every earlier layout goes on under today's program."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import pytest

from safer_streets_assets.retention.records.chain import verify_chain
from safer_streets_assets.stores import STORE_NAMES, DataFolder, open_stores
from safer_streets_assets.stores.layout import layout_of, todays_layout
from safer_streets_assets.stores.sql_files import read_sql
from safer_streets_assets_tests.builders import fetch
from safer_streets_assets_tests.e2e.commands import Surroundings, run_command
from safer_streets_assets_tests.upgrades.recipes import recipes, restore

PACKAGE = Path(__file__).parents[2] / "safer_streets_assets"
FINGERPRINT = Path(__file__).parent / "tables_of_layout_{}.txt"


@pytest.fixture(params=recipes(), ids=lambda layout: f"layout {layout}")
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> DataFolder:
    """A data folder as the program of an earlier layout left it."""
    return restore(request.param, tmp_path / "data")


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


def test_there_is_a_folder_of_the_first_layout() -> None:
    assert 1 in recipes()


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
        ("run",),
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
    with duckdb.connect() as connection:
        for store in STORE_NAMES:
            connection.execute(f"ATTACH ':memory:' AS {store}")
        for file in sorted(PACKAGE.glob("*/sql/*.sql")):
            sql = read_sql(file.parents[1].name, file.stem)
            if "CREATE TABLE IF NOT EXISTS" in sql:
                connection.execute(sql)
        rows = connection.execute(
            "SELECT database_name, table_name, column_name, data_type, is_nullable "
            "FROM duckdb_columns() WHERE NOT internal ORDER BY 1, 2, column_index"
        ).fetchall()
    made = "".join(
        f"{store}.{table}.{column} {kind}{'' if nullable else ' NOT NULL'}\n"
        for store, table, column, kind, nullable in rows
    )
    kept = FINGERPRINT.with_name(FINGERPRINT.name.format(todays_layout()))
    assert kept.exists() and kept.read_text() == made, (  # noqa: PT018
        "A table that is kept changed: write a step in stores/sql/steps, keep a folder of the "
        "layout before it (CONTRIBUTING.md), and write what this test made to "
        f"tables_of_layout_<version>.txt. Made now:\n{made}"
    )
