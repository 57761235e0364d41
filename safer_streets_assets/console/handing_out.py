"""What commands share that hand out personal data in a file, or record who decided something."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from safer_streets_assets.console.command_line import in_turn
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.intake.decision_lists import MOST_BYTES
from safer_streets_assets.policy import load_policy
from safer_streets_assets.policy.vocabulary import FORMULA_STARTS
from safer_streets_assets.retention.enforcement.agreement import begin_command
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.registers import (
    ensure_registers,
    now_utc,
    refuse_to_go_on_when_closed,
)


class HandingOutError(SaferStreetsError):
    """A file cannot be handed out, or there is nothing to hand out."""


@contextmanager
def personal_stores(folder: DataFolder) -> Iterator[duckdb.DuckDBPyConnection]:
    """The restricted store and the registers, for writing, while no run goes on.

    Raises:
        EvaluationClosedError: personal data was erased.
        HandingOutError: nothing was ever taken in.
        AnotherRunError, KeyMissingError, StoreError: the stores are busy or do not open.
    """
    with in_turn(folder):
        ready_registers(folder)
        with open_stores(folder, write=["registers"]) as connection:
            refuse_to_go_on_when_closed(connection)
        if not folder.database("restricted").exists():
            raise HandingOutError(
                "Nothing has been taken in yet: put drops into the landing folder and run "
                "safer-streets run first."
            )
        begin_command(folder, load_policy(), now_utc())
        with open_stores(folder, write=["restricted", "registers"]) as connection:
            ensure_registers(connection)
            yield connection


def csv_of_texts(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Rows whose last value is a text as it arrived, as CSV for a spreadsheet, to which none of the
    texts is a formula."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(columns)
    for *facts, text in rows:
        shown = str(text)
        lines.writerow([*facts, f"'{shown}" if shown.startswith(FORMULA_STARTS) else shown])
    return out.getvalue().encode("utf-8-sig")


def write_new_private_file(path: Path, content: bytes) -> None:
    """Writes a file that only its owner can read; one that is there is never replaced.

    Raises:
        HandingOutError: something is there already, or the file cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise HandingOutError(
            "There is something in the place of the file already; choose another name."
        ) from None
    except OSError:
        raise HandingOutError(
            "The file cannot be written there; choose a folder that exists and is yours."
        ) from None
    try:
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(stream.fileno(), 0o600)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise HandingOutError(
            "The file could not be written whole and was removed; make room and try again."
        ) from None


def read_list(path: Path) -> bytes:
    """The bytes of a list that an operator has decided in.

    Raises:
        HandingOutError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError:
        raise HandingOutError(
            "The list cannot be read; give the file that was written with --out."
        ) from None
