"""Returns: for each source a workbook of its outstanding rows, sealed in the restricted store.

The workbooks are made anew from the rows set aside whenever drops are taken in, so one that is lost
loses nothing. They lie under a key of their own: destroying it erases every workbook ever written.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import duckdb

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.intake.outstanding_rows import WrongValue, outstanding_values
from safer_streets_assets.intake.refused_rows import values_of_refused
from safer_streets_assets.intake.returns_workbook import workbook_of
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.files import overwrite_and_unlink
from safer_streets_assets.stores.folder import OWNER_ONLY
from safer_streets_assets.stores.sealed import seal, unseal

RETURNS_KEY = "returns"
_SEALED = ".xlsx.sealed"


class ReturnsError(SaferStreetsError):
    """There is no workbook to hand out."""


def write_returns(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> dict[str, int]:
    """Seals a workbook for each source that has outstanding rows; returns rows by source.

    `<source>.xlsx.sealed` in the returns folder is replaced whole; that of a source with nothing
    outstanding is erased, and with the last of them the key. Killed anywhere, the next call makes
    the same workbooks. The restricted store and the registers are attached (reading will do). Of a
    drop refused for too many bad rows the first of them are there, without their values.

    Raises:
        KeyMissingError: the key of the returns is damaged or readable by others.
    """
    waiting = _waiting(connection, policy)
    if not waiting:
        discard_returns(folder)
        return {}
    folder.returns.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    folder.returns.chmod(OWNER_ONLY)
    wanted = {f"{name}{_SEALED}" for name in waiting}
    for path in sorted(folder.returns.iterdir()):
        if path.name not in wanted:
            overwrite_and_unlink(path)
    key = Keys(folder.keys).read_or_create(RETURNS_KEY)
    for name, found in waiting.items():
        workbook = io.BytesIO(workbook_of(policy, name, found))
        seal(workbook, folder.returns / f"{name}{_SEALED}", key)
    return _rows(waiting)


def count_outstanding(connection: duckdb.DuckDBPyConnection, policy: Policy) -> dict[str, int]:
    """Rows that wait for a correction by source, as `write_returns` would send them back."""
    return _rows(_waiting(connection, policy))


def _waiting(connection: duckdb.DuckDBPyConnection, policy: Policy) -> dict[str, list[WrongValue]]:
    """What is wrong in the rows of each source of which any wait."""
    values = {
        name: [
            *outstanding_values(connection, policy, name),
            *values_of_refused(connection, name),
        ]
        for name in policy.sources
    }
    return {name: found for name, found in values.items() if found}


def _rows(waiting: Mapping[str, Sequence[WrongValue]]) -> dict[str, int]:
    return {
        name: len({(value.drop_id, value.row_number) for value in found})
        for name, found in waiting.items()
    }


def discard_returns(folder: DataFolder) -> None:
    """Destroys the key of the returns and erases the workbooks; nothing there is no error.

    To be followed by `write_returns` when something was erased from the rows set aside: the new
    workbooks then lie under a new key, and no old block of the disk can be read.
    """
    Keys(folder.keys).destroy(RETURNS_KEY)
    if folder.returns.is_dir():
        for path in sorted(folder.returns.iterdir()):
            overwrite_and_unlink(path)


def opened_return(folder: DataFolder, policy: Policy, name: str) -> bytes:
    """The workbook of a source, as XLSX.

    Raises:
        ReturnsError: the source is not agreed, or nothing of it waits for a correction.
        KeyMissingError, SealError: the workbook cannot be opened.
    """
    if name not in policy.sources:
        raise ReturnsError(f"There is no such source; use one of {', '.join(policy.sources)}.")
    place = folder.returns / f"{name}{_SEALED}"
    if not place.is_file():
        raise ReturnsError(f"Nothing of {name} waits for a correction; there is nothing to send.")
    return unseal(place, Keys(folder.keys).read(RETURNS_KEY))
