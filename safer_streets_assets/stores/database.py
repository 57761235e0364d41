"""Opens the stores: one DuckDB connection, shut off, with the asked-for stores attached.

The connection itself is in memory; it reaches no file but the stores, and no setting can be
changed, so a query cannot read around them. The restricted and research stores are attached under
their keys.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Literal, get_args

import duckdb

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores import instances, layout
from safer_streets_assets.stores.evaluation import refuse_other_evaluation
from safer_streets_assets.stores.faults import FULL, NOT_OURS, damaged_sentence, duckdb_fault
from safer_streets_assets.stores.files import private_files
from safer_streets_assets.stores.folder import DataFolder
from safer_streets_assets.stores.keys import KeyMissingError, Keys
from safer_streets_assets.stores.lock import AnotherRunError, is_taken_here, run_lock
from safer_streets_assets.stores.queries import read_every_row

StoreName = Literal["restricted", "research", "registers"]
STORE_NAMES: tuple[StoreName, ...] = get_args(StoreName)
ENCRYPTED: tuple[StoreName, ...] = ("restricted", "research")
REGISTERS_FIRST: tuple[StoreName, ...] = ("registers", *ENCRYPTED)
"""The order in which stores are made: there is never a store without registers."""
BUSY_SECONDS = 5.0
"""How long a store is waited for that is open elsewhere. Runs and commands have a lock of their own
(`stores.lock`); a sensor, or an operator with another program, has not."""
POLL_SECONDS = 0.1
_checked_modules: set[tuple[object, ...]] = set()
"""The encryption modules whose signature this process has checked."""


class StoreError(SaferStreetsError):
    """A store cannot be opened, or a statement on it failed."""


class StoreBusyError(StoreError):
    """Another program has a store open."""


class WrongKeyError(StoreError):
    """A key is there and whole, and it does not open its store."""


@contextmanager
def open_stores(
    folder: DataFolder,
    *,
    write: Sequence[StoreName] = (),
    read: Sequence[StoreName] = (),
    extra_folders: Sequence[Path] = (),
    as_it_is: bool = False,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the named stores attached; closed whatever happens.

    A store of an earlier version is brought to today's layout first (`stores.layout`), also one
    that is only read, but not with `as_it_is`. `extra_folders` may be read and written besides (a
    release being built). A store that is only read and does not exist yet is not attached. DuckDB's
    own exceptions carry values from the data, so inside the block they become a `StoreError`
    without them.

    Raises:
        FolderError: the folder is of another evaluation.
        KeyMissingError: a store exists and its key does not.
        StoreError: a key is wrong, another process holds a store, a store is damaged, the disk is
            full, a statement failed, or registers are to be made beside stores that are there.
        StoreBusyError: a store is of an earlier version, and somebody else works in the folder.
        LaterLayoutError: a later version of this program wrote a store; nothing is written then.
    """
    folder.prepare()
    refuse_other_evaluation(folder)
    stores = sorted({*write, *read}, key=REGISTERS_FIRST.index)
    if "registers" in write:
        refuse_missing_registers(folder)
    with private_files(), _shut_off_connection(folder, stores, extra_folders) as connection:
        for store in stores:
            _attach(connection, folder, store, read_only=store not in write)
        if not as_it_is:
            _bring_up_to_date(connection, folder, stores, write)
        yield connection


@contextmanager
def _shut_off_connection(
    folder: DataFolder, stores: Sequence[StoreName], extra_folders: Sequence[Path]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to which these stores can be attached, and that reaches nothing else.

    In a block of `instances.keeping` its instance is one that waits, and it waits again when
    nothing failed and nothing was spilled: an instance keeps the folder of what it spilled.
    """
    settings = instances.settings(folder, extra_folders)
    instance = instances.take(settings) or _new_instance(settings, folder, stores)
    connection = instance.cursor() if instances.is_keeping() else instance
    waits = False
    try:
        yield connection
        if connection is not instance and not instances.spilled(folder):
            connection.close()
            waits = instances.let_wait(instance, settings)
    except duckdb.Error as error:
        connection.close()
        instance.close()
        raise _why_it_failed(error, folder, stores) from None
    finally:
        connection.close()
        if not waits:
            instance.close()


def _new_instance(
    settings: Sequence[str], folder: DataFolder, stores: Sequence[StoreName]
) -> duckdb.DuckDBPyConnection:
    instance = connect_with_encryption()
    try:
        for statement in settings:
            instance.execute(statement)
    except duckdb.Error as error:
        instance.close()
        raise _why_it_failed(error, folder, stores) from None
    return instance


def refuse_missing_registers(folder: DataFolder) -> None:
    """Raises `StoreError` when there are stores, or sealed drops, and no registers beside them.

    New registers would say that nothing has arrived and nothing is due.
    """
    if folder.database("registers").exists():
        return
    stores = any(folder.database(store).exists() for store in ENCRYPTED)
    if stores or any(folder.quarantine.glob("*.sealed")):
        raise StoreError(
            "The registers are missing and what they are about is there: put "
            "registers/registers.duckdb back from the newest backup; without them nothing is known "
            "of what is held and until when."
        )


def check_stores_open(folder: DataFolder) -> None:
    """Opens every store that exists and closes it again, before anything is written.

    Raises:
        KeyMissingError, StoreError: as `open_stores`.
    """
    with open_stores(folder, read=[s for s in STORE_NAMES if folder.database(s).exists()]):
        pass


def connect_with_encryption() -> duckdb.DuckDBPyConnection:
    """A connection in memory with DuckDB's encryption module loaded; it loads nothing unsigned.

    To check the module's signature DuckDB hashes its 20 MB, which takes longer than opening a small
    store. So the first connection of a process checks it, and the library stays loaded; later ones
    take it from there without the check, as long as the file is the very same one.

    Raises:
        StoreError: the module is missing, for another version of DuckDB, or does not load.
    """
    path = extension_file()
    identity = _identity(path)
    known = identity in _checked_modules
    connection = duckdb.connect(
        ":memory:", config={"allow_unsigned_extensions": "true"} if known else {}
    )
    try:
        connection.execute(f"LOAD '{_quoted(path)}'")
        if known:
            connection.execute("SET allow_unsigned_extensions = false")
        elif _identity(path) == identity:
            _checked_modules.add(identity)
    except duckdb.Error:
        connection.close()
        raise StoreError(
            "DuckDB's encryption module does not load; install requirements.lock anew."
        ) from None
    return connection


def extension_file() -> Path:
    """DuckDB's signed OpenSSL module, from the wheel that carries it.

    Raises:
        StoreError: the wheel is missing or for another version of DuckDB.
    """
    base = Path(str(resources.files("duckdb_extension_httpfs"))) / "extensions"
    path = base / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
    if not path.exists():
        raise StoreError(
            "DuckDB's encryption module is missing for this version; install requirements.lock."
        )
    return path


def _why_it_failed(
    error: duckdb.Error, folder: DataFolder, stores: Sequence[StoreName]
) -> StoreError:
    """Why a statement on stores failed, which are closed again, in one sentence.

    Only messages about our own SQL are passed on: those of casts and constraints quote the data.
    """
    fault = duckdb_fault(error)
    if fault == "full":
        return StoreError(FULL)
    if fault == "not ours":
        return StoreError(NOT_OURS)
    if fault == "damaged":
        damaged = [store for store in stores if not can_be_read(folder, store)]
        return StoreError(damaged_sentence(next(iter(damaged), None)))
    about_sql = duckdb.BinderException | duckdb.CatalogException | duckdb.ParserException
    reason = str(error).splitlines()[0] if isinstance(error, about_sql) else type(error).__name__
    return StoreError(
        f"A statement on the stores failed ({reason}); run it again, and report it with the step "
        "that failed if it does so twice."
    )


def can_be_read(folder: DataFolder, store: StoreName) -> bool:
    """Whether a store that no connection of this process has open is whole: every row is read.

    One that is not there, that another program has open, or whose key is not at hand is not known
    to be damaged.
    """
    path = folder.database(store)
    connection = connect_with_encryption()
    try:
        key = [Keys(folder.keys).read(store)] if store in ENCRYPTED else []
        clause = ", ".join(["READ_ONLY", *("ENCRYPTION_KEY ?" for _ in key)])
        connection.execute(f"ATTACH '{_quoted(path)}' AS looked ({clause})", key)
        read_every_row(connection, "looked")
    except KeyMissingError:
        return True
    except duckdb.Error as error:
        return not path.exists() or duckdb_fault(error) != "damaged"
    finally:
        connection.close()
    return True


def _identity(path: Path) -> tuple[object, ...]:
    """What changes when a file is written to or another is put in its place."""
    found = path.stat()
    return path, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _attach(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, store: StoreName, *, read_only: bool
) -> None:
    path = folder.database(store)
    if read_only and not path.exists():
        return
    options = ["READ_ONLY"] if read_only else []
    key = [_key(folder, store)] if store in ENCRYPTED else []
    options += ["ENCRYPTION_KEY ?" for _ in key]
    clause = f" ({', '.join(options)})" if options else ""
    try:
        _when_free(connection, f"ATTACH '{_quoted(path)}' AS {store}{clause}", key)
        path.chmod(0o600)
    except duckdb.Error as error:
        raise _why_not(error, store, path) from None


def _bring_up_to_date(
    connection: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    stores: Sequence[StoreName],
    write: Sequence[StoreName],
) -> None:
    """Takes attached stores to today's layout, once all of them are known not to be later.

    One that is there changes only for who has the lock of the data folder: a run of an earlier
    version that goes on keeps the layout that it knows.
    """
    there = [store for store in stores if store in write or folder.database(store).exists()]
    to_see_to = [store for store in there if not layout.says_todays(connection, store)]
    has = {store: layout.known_layout(connection, store) for store in to_see_to}
    behind = [store for store in to_see_to if has[store] < layout.todays_layout()]
    if behind:
        with _alone(folder):
            for store in behind:
                _take_steps(connection, folder, store, read_only=store not in write)
    for store in (one for one in to_see_to if one in write):
        layout.bring_up_to_date(connection, store)


def _take_steps(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, store: StoreName, *, read_only: bool
) -> None:
    """Takes an attached store to today's layout; one attached for reading is attached anew."""
    if read_only:
        connection.execute(f"DETACH {store}")
        _attach(connection, folder, store, read_only=False)
    layout.bring_up_to_date(connection, store)
    if read_only:
        connection.execute(f"DETACH {store}")
        _attach(connection, folder, store, read_only=True)


@contextmanager
def _alone(folder: DataFolder) -> Iterator[None]:
    """Holds the lock of the data folder, unless this process has it.

    Raises:
        StoreBusyError: another one has it.
    """
    if is_taken_here(folder.lock):
        yield
        return
    try:
        with run_lock(folder.lock, BUSY_SECONDS, "an upgrade of the stores"):
            yield
    except AnotherRunError as error:
        raise StoreBusyError(str(error)) from None


def _when_free(connection: duckdb.DuckDBPyConnection, statement: str, key: list[str]) -> None:
    """Attaches a store; one that another program has open for a moment is waited for."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute(statement, key)
            return
        except duckdb.Error as error:
            if duckdb_fault(error) != "locked" or time.monotonic() >= deadline:
                raise
        time.sleep(POLL_SECONDS)


def _why_not(error: duckdb.Error, store: StoreName, path: Path) -> StoreError:
    """Why a store does not attach. DuckDB's message is read, and never passed on."""
    fault = duckdb_fault(error)
    if fault == "locked":
        holder = re.search(r"\(PID (\d+)\)", str(error))
        process = f" (process {holder[1]})" if holder else ""
        return StoreBusyError(
            f"The {store} store is being used by another program{process}; end it, or wait until "
            "it has ended, and try again."
        )
    if fault == "wrong key":
        return WrongKeyError(
            f"The key {store} does not open the {store} store; put the right {store}.key back from "
            "the backup of the keys that belongs to this data."
        )
    if fault == "full":
        return StoreError(FULL)
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        return StoreError(
            f"The {store} store cannot be read and written: give {path} to the user that runs the "
            "pipeline, and see that its volume is not read-only."
        )
    return StoreError(damaged_sentence(store))


def _key(folder: DataFolder, store: StoreName) -> str:
    keys = Keys(folder.keys)
    if folder.database(store).exists() and not keys.exists(store):
        raise KeyMissingError(
            f"The key {store} is missing and its store is there; put {store}.key back from the "
            "backup of the keys, or set SAFER_STREETS_KEYS to the folder that holds it."
        )
    return keys.read_or_create(store)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
