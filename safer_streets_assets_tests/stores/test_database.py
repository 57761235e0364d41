"""The stores: encrypted, shut off from everything else, always closed, silent on values."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path

import duckdb
import pytest

from safer_streets_assets.stores import (
    DataFolder,
    StoreError,
    check_stores_open,
    instances,
    open_stores,
)
from safer_streets_assets.stores.database import StoreBusyError
from safer_streets_assets_tests.builders import digests_under, fetch, opened
from safer_streets_assets_tests.stores.conftest import CRN, NAME


def test_encrypted_stores_hold_no_planted_text(used: DataFolder) -> None:
    with opened(used) as connection:
        connection.execute("INSERT INTO restricted.t VALUES (?, ?)", [NAME, CRN])
        files = [f for s in (used.restricted, used.research) for f in s.iterdir() if f.is_file()]
        while_open = b"".join(path.read_bytes() for path in files)
    closed = b"".join(f.read_bytes() for f in files if f.exists())
    for content in (while_open, closed):
        assert len(content) > 20_000
        for planted in (NAME, CRN, NAME.split()[1]):
            assert planted.encode() not in content
            assert planted.encode("utf-16-le") not in content
    for store in ("restricted", "research"):
        with duckdb.connect() as plain, pytest.raises(duckdb.Error):
            plain.execute(f"ATTACH '{used.database(store)}' AS s (READ_ONLY)")


def test_what_spills_to_disk_is_encrypted_and_stays_in_the_restricted_folder(
    used: DataFolder,
) -> None:
    with opened(used) as connection:
        settings = dict(
            fetch(
                connection,
                "SELECT name, value FROM duckdb_settings() "
                "WHERE name IN ('temp_file_encryption', 'temp_directory')",
            )
        )
    assert settings["temp_file_encryption"] == "true"
    assert Path(settings["temp_directory"]).is_relative_to(used.restricted)


def test_rows_written_are_there_in_the_next_connection(used: DataFolder) -> None:
    with open_stores(used, read=["restricted", "research"]) as connection:
        assert fetch(connection, "SELECT count(*) FROM restricted.t") == [(3000,)]
        assert fetch(connection, "SELECT count(*) FROM research.t") == [(3000,)]


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), duckdb.Error("x")])
def test_the_connection_is_closed_after_any_exception(
    used: DataFolder, error: BaseException
) -> None:
    kept: list[duckdb.DuckDBPyConnection] = []

    def fail() -> None:
        with opened(used) as connection:
            kept.append(connection)
            raise error

    with pytest.raises((type(error), StoreError)):
        fail()
    with pytest.raises(duckdb.ConnectionException):
        kept[0].execute("SELECT 1")
    code = f"import os; fd = os.open({str(used.database('restricted'))!r}, os.O_RDWR)\n"
    code += "import fcntl; fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


def test_a_store_attached_for_reading_cannot_be_written(used: DataFolder) -> None:
    before = digests_under(used.root)
    with open_stores(used, read=["restricted", "research"]) as connection:
        for store in ("restricted", "research"):
            for statement in (
                f"INSERT INTO {store}.t VALUES ('a', 'b')",
                f"DELETE FROM {store}.t",
                f"DROP TABLE {store}.t",
                f"CREATE TABLE {store}.u AS SELECT 1",
                f"UPDATE {store}.t SET crn = ''",
            ):
                with pytest.raises(duckdb.InvalidInputException, match="read-only"):
                    connection.execute(statement)
    assert digests_under(used.root) == before


def test_a_connection_reaches_no_other_file(used: DataFolder, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(f"name\n{NAME}\n")
    landed = used.landing / "landed.csv"
    landed.write_text(f"name\n{NAME}\n")
    key = used.keys / "restricted.key"
    attempts = [
        f"SELECT * FROM read_csv('{outside}')",
        f"SELECT * FROM '{landed}'",
        f"SELECT * FROM read_text('{key}')",
        "SELECT * FROM read_text('/etc/hostname')",
        f"SELECT * FROM read_text('{used.restricted}/../keys/restricted.key')",
        f"SELECT * FROM glob('{used.keys}/*')",
        f"COPY (SELECT '{NAME}') TO '{tmp_path}/out.csv'",
        f"COPY restricted.t TO '{used.published}/out.parquet'",
        f"ATTACH '{tmp_path}/other.duckdb' AS other",
        f"EXPORT DATABASE '{tmp_path}/export'",
        "INSTALL json",
        "LOAD postgres",
        "SELECT * FROM 'https://example.com/x.csv'",
        "SET enable_external_access = true",
        f"SET allowed_directories = ['{tmp_path}/']",
        "SET lock_configuration = false",
        "RESET temp_directory",
        "SET autoload_known_extensions = true",
    ]
    with opened(used) as connection:
        for attempt in attempts:
            with pytest.raises(
                (duckdb.PermissionException, duckdb.InvalidInputException, duckdb.CatalogException)
            ):
                connection.execute(attempt)
    assert not (tmp_path / "out.csv").exists()
    assert list(used.published.rglob("*.parquet")) == []


def test_a_folder_named_besides_can_be_written(used: DataFolder) -> None:
    place = used.releases / "r 'quoted'"
    place.mkdir()
    with open_stores(used, write=["registers"], extra_folders=[place]) as connection:
        target = str(place / "t.csv").replace("'", "''")
        connection.execute(f"COPY (SELECT 1 AS n) TO '{target}'")
    assert (place / "t.csv").read_text() == "n\n1\n"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT name::INTEGER FROM restricted.t",
        "SELECT strptime(name, '%Y') FROM restricted.t",
        "SELECT error(name) FROM restricted.t",
        "INSERT INTO restricted.k SELECT crn, name FROM restricted.t",
        "CREATE TYPE mood AS ENUM (SELECT error(name)::VARCHAR FROM restricted.t)",
        f"SELECT '{NAME}'::DATE",
        f"SELECT DATE '{NAME}'",
        f"SELECT enum_code('{NAME}'::ENUM ('a'))",
        f"SELECT * FROM restricted.t WHERE name = '{NAME}'::INTEGER",
        f"SELECT '{NAME}'::STRUCT(a INTEGER)",
    ],
)
def test_no_value_stands_in_an_error_of_a_statement(used: DataFolder, statement: str) -> None:
    from dagster._utils.error import serializable_error_info_from_exc_info

    try:
        with opened(used) as connection:
            connection.execute(statement).fetchall()
    except StoreError as error:
        shown = "\n".join(
            [
                str(error),
                repr(error),
                traceback.format_exc(),
                repr(error.__cause__),
                str(serializable_error_info_from_exc_info(sys.exc_info())),
            ]
        )
        sentence = str(error)
    else:
        pytest.fail("the statement did not fail")
    # Source lines of this test hold the statement, never the value of the rows.
    for planted in (NAME, CRN, "Quillfeather"):
        assert planted not in sentence
        assert planted not in shown
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_an_error_about_our_own_sql_says_what_is_wrong(used: DataFolder) -> None:
    with pytest.raises(StoreError, match="no_such_table"), opened(used) as connection:
        connection.execute("SELECT * FROM restricted.no_such_table")


def test_a_damaged_store_is_one_sentence(used: DataFolder) -> None:
    path = used.database("restricted")
    path.write_bytes(os.urandom(path.stat().st_size))
    with pytest.raises(StoreError, match=r"restricted.*\.$"):
        check_stores_open(used)


def test_a_store_held_by_another_program_is_one_sentence_that_says_which(
    used: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safer_streets_assets.stores.database.BUSY_SECONDS", 0.2)
    code = (
        "import sys, time\nfrom pathlib import Path\n"
        "from safer_streets_assets.stores import DataFolder, open_stores\n"
        f"root = Path({str(used.root)!r})\n"
        "with open_stores(DataFolder(root, root / 'keys'), write=['restricted']):\n"
        "    print('open', flush=True)\n    sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        said = rf"^The restricted store is being used by another program \(process {holder.pid}\)"
        with pytest.raises(StoreBusyError, match=said):
            check_stores_open(used)
    finally:
        holder.communicate(timeout=30)
    check_stores_open(used)


@pytest.mark.parametrize(
    ("gibibytes", "limit"), [(1, "512MiB"), (4, "1024MiB"), (16, "2048MiB"), (512, "2048MiB")]
)
def test_the_stores_take_a_quarter_of_the_memory_within_limits(
    gibibytes: int, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": (gibibytes << 30) // 4096}
    monkeypatch.setattr(instances.os, "sysconf", sizes.__getitem__)
    assert instances.memory_limit() == limit


def test_a_connection_to_the_stores_works_within_that_limit(folder: DataFolder) -> None:
    with open_stores(folder, write=["registers"]) as connection:
        found = connection.execute("SELECT current_setting('memory_limit')").fetchone()
    with duckdb.connect(config={"memory_limit": instances.memory_limit()}) as bare:
        assert found == bare.execute("SELECT current_setting('memory_limit')").fetchone()
