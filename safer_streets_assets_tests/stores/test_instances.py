"""An instance of DuckDB that serves again: as shut off as a new one, with nothing of before."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import duckdb
import pytest

from safer_streets_assets.stores import DataFolder, StoreError, instances, open_stores
from safer_streets_assets_tests.builders import fetch, opened


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows with each instance that is made, and instances are kept."""
    connect, found = duckdb.connect, []

    def counted(*arguments: object, **named: object) -> duckdb.DuckDBPyConnection:
        found.append(len(found))
        return connect(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(duckdb, "connect", counted)
    return found


@pytest.fixture
def kept() -> Iterator[None]:
    """Instances are kept for the test."""
    with instances.keeping():
        yield


@pytest.mark.usefixtures("kept")
def test_one_instance_serves_again_and_again(used: DataFolder, made: list[int]) -> None:
    for store in ("restricted", "research", "registers", "restricted"):
        with open_stores(used, read=[store]) as connection:  # type: ignore[list-item]
            assert fetch(connection, f"SELECT count(*) FROM {store}.t") == [(3000,)]
    assert len(made) == 1


def test_without_a_block_each_use_has_its_own(used: DataFolder, made: list[int]) -> None:
    for _ in range(2):
        with open_stores(used, read=["registers"]):
            pass
    assert len(made) == 2


@pytest.mark.usefixtures("kept")
def test_what_one_use_made_for_itself_is_not_there_in_the_next(used: DataFolder) -> None:
    with opened(used) as connection:
        connection.execute("CREATE TEMP TABLE mine AS SELECT name FROM restricted.t")
        connection.execute("CREATE TEMP MACRO said(name) AS upper(name)")
        connection.execute("SET VARIABLE person = 'Zebedee'")
        connection.execute("BEGIN TRANSACTION")
        connection.execute("DELETE FROM restricted.t")
    with opened(used) as connection:
        assert fetch(connection, "SELECT count(*) FROM restricted.t") == [(3000,)]
        assert fetch(connection, "SELECT getvariable('person')") == [(None,)]
        for query in ("FROM mine", "SELECT said('a')"):
            with pytest.raises(duckdb.CatalogException):
                connection.execute(query)


@pytest.mark.usefixtures("kept")
def test_an_instance_with_a_table_of_its_own_does_not_serve_again(
    used: DataFolder, made: list[int]
) -> None:
    with opened(used) as connection:
        connection.execute("CREATE TABLE memory.main.mine AS SELECT name FROM restricted.t")
    with opened(used) as connection:
        assert (
            fetch(connection, "SELECT table_name FROM duckdb_tables() WHERE table_name = 'mine'")
            == []
        )
    assert len(made) == 2


@pytest.mark.usefixtures("kept")
def test_an_instance_does_not_serve_again_after_a_fault(used: DataFolder, made: list[int]) -> None:
    with pytest.raises(StoreError), open_stores(used, read=["registers"]) as connection:
        connection.execute("SELECT nothing")
    with pytest.raises(ZeroDivisionError), open_stores(used, read=["registers"]):
        raise ZeroDivisionError
    with open_stores(used, read=["registers"]):
        pass
    assert len(made) == 3


@pytest.mark.usefixtures("kept")
def test_only_the_asked_for_stores_are_attached_and_as_asked(used: DataFolder) -> None:
    with opened(used):
        pass
    with open_stores(used, read=["registers"]) as connection:
        with pytest.raises(duckdb.CatalogException):
            connection.execute("FROM restricted.t")
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            connection.execute("DELETE FROM registers.t")


@pytest.mark.usefixtures("kept")
def test_it_reaches_no_other_file_and_takes_no_setting_again(used: DataFolder) -> None:
    outside = used.root / "outside.csv"
    outside.write_text("a\n1\n")
    for _ in range(2):
        with open_stores(used, read=["registers"]) as connection:
            with pytest.raises(duckdb.PermissionException):
                connection.execute(f"FROM '{outside}'")
            with pytest.raises(duckdb.InvalidInputException, match="locked"):
                connection.execute("SET memory_limit = '1GB'")


@pytest.mark.usefixtures("kept")
def test_between_uses_the_stores_are_whole_in_their_files_and_free_for_others(
    used: DataFolder,
) -> None:
    with opened(used) as connection:
        connection.execute("DELETE FROM registers.t")
    assert not list(used.root.rglob("*.wal"))
    with duckdb.connect(str(used.database("registers"))) as other:
        assert fetch(other, "SELECT count(*) FROM t") == [(0,)]


@pytest.mark.usefixtures("kept")
def test_a_use_within_a_use_and_uses_in_threads_have_instances_of_their_own(
    used: DataFolder, made: list[int]
) -> None:
    counted: list[object] = []

    def count() -> None:
        with open_stores(used, read=["research"]) as connection:
            counted.extend(fetch(connection, "SELECT count(*) FROM research.t"))

    with open_stores(used, read=["research"]):
        count()
        thread = threading.Thread(target=count)
        thread.start()
        thread.join()
    count()
    assert counted == [(3000,)] * 3
    assert len(made) == 2


def test_nothing_waits_after_the_last_block(used: DataFolder) -> None:
    with instances.keeping():
        with instances.keeping(), open_stores(used, read=["registers"]):
            pass
        assert len(instances._waiting) == 1
    assert instances._waiting == []
