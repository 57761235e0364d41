"""The Dagster instance of a data folder: its home lies in it, and nothing is written elsewhere."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from safer_streets_assets.console.screen import WAIT_SECONDS
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.faults import HISTORY_DAMAGED, sentence_of_fault
from safer_streets_assets.stores.files import write_whole
from safer_streets_assets.stores.folder import DATA_VARIABLE
from safer_streets_assets.stores.history import (
    DATABASES,
    SETTINGS,
    HistoryError,
    instance_settings,
    is_begun,
    is_lost,
    postgres_environment,
    refuse_silent_postgres,
)
from safer_streets_assets.stores.lock import run_lock

if TYPE_CHECKING:
    import dagster as dg

PROJECT = Path(__file__).resolve().parents[2]


class ProjectMissingError(SaferStreetsError):
    """The files of the project that a command needs are not where they should be."""


def project_file(name: str) -> Path:
    """A file at the top of the project, found beside the package or in the current folder.

    Raises:
        ProjectMissingError: it is in neither place.
    """
    for folder in (PROJECT, Path.cwd()):
        if (folder / name).is_file():
            return folder / name
    raise ProjectMissingError(f"{name} is missing; run this command in the folder of the project.")


def prepare_instance(folder: DataFolder) -> None:
    """Sets the environment of this process so that Dagster keeps its history in the data folder, or
    in the database that the environment names.

    The instance's settings are those of the project's `dagster.yaml`.

    Raises:
        HistoryError: the history of this folder is at another place, or PostgreSQL has it and
            cannot be used.
    """
    folder.prepare()
    home = folder.dagster
    settings = instance_settings(folder, project_file(SETTINGS).read_bytes())
    refuse_silent_postgres()
    if not (home / SETTINGS).exists() or (home / SETTINGS).read_bytes() != settings:
        write_whole(home / SETTINGS, settings)
    os.environ.update(
        {
            DATA_VARIABLE: str(folder.root),
            "SAFER_STREETS_DAGSTER": str(home),
            "DAGSTER_HOME": str(home),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "DAGSTER_REDACT_USER_CODE_ERRORS": "1",
            "GX_ANALYTICS_ENABLED": "false",
            **postgres_environment(),
        }
    )


def refuse_damaged_history(folder: DataFolder) -> None:
    """Raises `HistoryError` when a database of Dagster does not open for damage: the processes that
    are started on it would end with what only a developer reads."""
    for name in DATABASES:
        if not (folder.dagster / name).exists():
            continue
        try:
            with closing(sqlite3.connect(folder.dagster / name)) as history:
                history.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            if sentence_of_fault(error) == HISTORY_DAMAGED:
                raise HistoryError(HISTORY_DAMAGED) from None


def begin_history(folder: DataFolder) -> None:
    """Makes the databases of a history that there is not yet, after `prepare_instance`: processes
    that begin on a new folder at once and each make them end with an error of Dagster's.

    Raises:
        AnotherRunError: another command did not end in time.
    """
    if is_begun(folder):
        return
    with run_lock(folder.lock, WAIT_SECONDS, "a command that begins Dagster's history"):
        if not is_begun(folder):
            with open_instance(folder):
                pass


@contextmanager
def open_instance(folder: DataFolder) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of a data folder, after `prepare_instance`."""
    import dagster as dg

    prepare_instance(folder)
    with dg.DagsterInstance.get() as instance:
        yield instance


@contextmanager
def open_whole_instance(folder: DataFolder) -> Iterator[dg.DagsterInstance | None]:
    """As `open_instance`, and None where Dagster's history is damaged or PostgreSQL, which has it,
    does not answer: for what goes on without."""
    with ExitStack() as opened:
        try:
            instance = opened.enter_context(open_instance(folder))
        except Exception as error:
            if not is_lost(error):
                raise
            yield None
        else:
            yield instance
