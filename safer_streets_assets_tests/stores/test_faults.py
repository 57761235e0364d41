"""Faults of the machine under the stores: told apart, named, and without a value of a row."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections.abc import Callable

import duckdb
import pytest

from safer_streets_assets.stores import DataFolder, StoreError, open_stores
from safer_streets_assets.stores.database import (
    STORE_NAMES,
    StoreBusyError,
    StoreName,
    can_be_read,
    check_stores_open,
)
from safer_streets_assets.stores.faults import (
    FULL,
    HISTORY_DAMAGED,
    HISTORY_IN_USE,
    NOT_OURS,
    damaged_sentence,
    duckdb_fault,
    sentence_of_fault,
)
from safer_streets_assets_tests.builders import fetch
from safer_streets_assets_tests.stores.conftest import CRN, NAME

HEADERS, BLOCK = 3 * 4096, 1 << 18


def flip(folder: DataFolder, store: StoreName, blocks: range | None = None) -> None:
    """Damages blocks of a store, all but those that are read when it is opened, or all."""
    path = folder.database(store)
    last = (path.stat().st_size - HEADERS) // BLOCK
    with path.open("r+b") as stream:
        for number in blocks or range(last):
            stream.seek(HEADERS + number * BLOCK + 100)
            stream.write(os.urandom(64))


def everything_read(folder: DataFolder) -> None:
    with open_stores(folder, read=STORE_NAMES) as connection:
        for store in STORE_NAMES:
            fetch(connection, f"FROM {store}.t")


@pytest.mark.parametrize("store", STORE_NAMES)
def test_a_store_with_damaged_blocks_is_named_with_what_to_do_and_is_no_wrong_key(
    used: DataFolder, store: StoreName
) -> None:
    flip(used, store)
    for open_it in (check_stores_open, everything_read):
        with pytest.raises(StoreError) as raised:
            open_it(used)
        assert type(raised.value) is StoreError
        assert str(raised.value) == damaged_sentence(store)
        assert f"{store}/{store}.duckdb" in str(raised.value)
    assert [one for one in STORE_NAMES if not can_be_read(used, one)] == [store]


def test_a_block_that_is_damaged_where_only_a_query_reads_it_is_named_too(
    used: DataFolder,
) -> None:
    with open_stores(used, write=["research"]) as connection:
        connection.execute("CREATE TABLE research.big AS SELECT random() AS x FROM range(300000)")
    path = used.database("research")
    with path.open("r+b") as stream:
        stream.seek(path.stat().st_size - 2 * BLOCK - 5000)
        stream.write(os.urandom(64))
    check_stores_open(used)
    with pytest.raises(StoreError) as raised, open_stores(used, read=STORE_NAMES) as connection:
        fetch(connection, "SELECT sum(x) FROM research.big")
    assert str(raised.value) == damaged_sentence("research")


@pytest.mark.parametrize("size", [0, 10, 5000])
def test_a_store_that_is_cut_short_is_damaged(used: DataFolder, size: int) -> None:
    os.truncate(used.database("restricted"), size)
    with pytest.raises(StoreError) as raised:
        check_stores_open(used)
    assert str(raised.value) == damaged_sentence("restricted")


def test_a_store_that_this_process_has_open_is_waited_for_and_is_not_damaged(
    used: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, done = threading.Event(), threading.Event()

    def hold() -> None:
        with open_stores(used, write=["registers"]):
            opened.set()
            done.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert opened.wait(30)
        assert can_be_read(used, "registers")
        with monkeypatch.context() as impatient:
            impatient.setattr("safer_streets_assets.stores.database.BUSY_SECONDS", 0.1)
            with pytest.raises(StoreBusyError, match=r"^The registers store is being used by"):
                check_stores_open(used)
        threading.Timer(0.2, done.set).start()
        check_stores_open(used)
    finally:
        done.set()
        holder.join()


def test_a_full_disk_is_told_from_a_failed_statement(used: DataFolder) -> None:
    def fail() -> None:
        with open_stores(used, read=["registers"]):
            raise duckdb.TransactionException(f"{NAME}: No space left on device")

    with pytest.raises(StoreError) as raised:
        fail()
    assert str(raised.value) == FULL


@pytest.mark.parametrize(
    "error",
    [
        duckdb.ConversionException(f"{NAME} No space left on device"),
        duckdb.ConstraintException(f"{CRN} Corrupt database file"),
        duckdb.IOException("Something else"),
    ],
)
def test_what_stands_in_a_row_is_no_fault_of_the_machine(error: duckdb.Error) -> None:
    assert duckdb_fault(error) is None


def from_a_library(error: BaseException) -> Callable[[], BaseException]:
    """An error that a library made of another."""

    def raised() -> BaseException:
        outer = RuntimeError(NAME)
        outer.__cause__ = error
        return outer

    return raised


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, NAME), FULL),
        (OSError(errno.EACCES, NAME), NOT_OURS),
        (sqlite3.OperationalError("database or disk is full"), FULL),
        (sqlite3.OperationalError("database is locked"), HISTORY_IN_USE),
        (sqlite3.OperationalError("unable to open database file"), NOT_OURS),
        (sqlite3.DatabaseError("database disk image is malformed"), HISTORY_DAMAGED),
        (ValueError(NAME), None),
    ],
)
def test_what_a_library_made_of_a_fault_is_told_as_the_fault(
    error: BaseException, sentence: str | None
) -> None:
    assert sentence_of_fault(from_a_library(error)()) == sentence
