"""A copy of the registers beside them, so that damage to them does not keep what is due.

The registers say what is held and when it is due; neither they nor the copy hold personal data. It
is made anew by each enforcement and each record of an operator that moves a date, and whenever
something was blotted out of the registers, so that what was stands in no copy either.
"""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

import duckdb

from safer_streets_assets.stores.chain_note import forget_chain_notes
from safer_streets_assets.stores.database import open_stores
from safer_streets_assets.stores.faults import duckdb_fault
from safer_streets_assets.stores.files import log_of, overwrite_and_unlink, put_in_place
from safer_streets_assets.stores.folder import DataFolder
from safer_streets_assets.stores.queries import read_every_row
from safer_streets_assets.stores.rebuild import finish_rebuild
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets.stores.sql_files import quoted_text

TAKEN_FROM_COPY = "registers taken from their copy"
"""The event that says so, with when."""


def keep_copy(folder: DataFolder) -> None:
    """Copies the registers, in place of the copy before. The caller holds the run's lock.

    Raises:
        StoreError: the registers do not open.
    """
    if not folder.database("registers").exists():
        return
    with open_stores(folder, write=["registers"]) as connection:
        connection.execute("CHECKPOINT registers")
    building = _copy(folder).with_name(f".{_copy(folder).name}.part")
    overwrite_and_unlink(building, passes=1)
    shutil.copyfile(folder.database("registers"), building)
    building.chmod(0o600)
    overwrite_and_unlink(_copy(folder), passes=1)
    put_in_place(building, _copy(folder))


def heal_registers(folder: DataFolder, now: datetime) -> bool:
    """Puts the copy in place of registers that are damaged; returns whether it did.

    What was recorded since the copy was made is lost with the damaged file, and the registers say
    when that happened. Registers that another program holds are not damaged. The caller holds the
    run's lock; `now` is the time in UTC.
    """
    finish_rebuild(folder, "registers")
    path = folder.database("registers")
    if not path.exists() or _can_be_read(path) or not _can_be_read(_copy(folder)):
        return False
    # Certificates since the copy went with the damage, which goes on record: nobody took them.
    forget_chain_notes(folder.registers)
    building = path.with_name(f".{path.name}.part")
    shutil.copyfile(_copy(folder), building)
    building.chmod(0o600)
    overwrite_and_unlink(log_of(path), passes=1)
    second = path.with_name(f"{path.stem}.old{path.suffix}")
    second.unlink(missing_ok=True)
    os.link(path, second)  # its own name stays taken, as when a store is rebuilt
    overwrite_and_unlink(second, passes=1)
    put_in_place(building, path)
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        connection.execute(
            "INSERT OR REPLACE INTO registers.evaluation_events VALUES (?, ?)",
            [TAKEN_FROM_COPY, now],
        )
    return True


def taken_from_copy_at(registers: duckdb.DuckDBPyConnection) -> datetime | None:
    """When the registers were last taken from their copy, in UTC, or None."""
    found = registers.execute(
        "SELECT happened_at FROM registers.evaluation_events WHERE event = ?", [TAKEN_FROM_COPY]
    ).fetchone()
    return None if found is None else found[0]


def _copy(folder: DataFolder) -> Path:
    path = folder.database("registers")
    return path.with_name(f"{path.stem}.copy{path.suffix}")


def _can_be_read(path: Path) -> bool:
    """Whether a plain store opens and every cell of it can be read, or another program holds it."""
    if not path.exists():
        return False
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"ATTACH {quoted_text(str(path))} AS tried (READ_ONLY)")
        read_every_row(connection, "tried")
    except duckdb.Error as error:
        return duckdb_fault(error) == "locked"
    finally:
        connection.close()
    return True
