"""Where Dagster keeps its history: in files of the data folder, or in a PostgreSQL database.

An operator chooses PostgreSQL by `SAFER_STREETS_POSTGRES`, an address without a password; the
password is PostgreSQL's own `PGPASSWORD`. Neither is written anywhere: `dagster.yaml` of a data
folder names the variable.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores.faults import HISTORY_AWAY, HISTORY_DAMAGED, sentence_of_fault
from safer_streets_assets.stores.folder import DataFolder

POSTGRES_VARIABLE = "SAFER_STREETS_POSTGRES"
SETTINGS = "dagster.yaml"
DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
"""The files of a history in the data folder that are there from its beginning."""
_EACH = ["runs", "event_logs", "job_ticks"]
CONNECT_SECONDS = "10"
SCHEME = "postgresql+psycopg2"
"""With the driver: of an address without one, the library under Dagster takes another driver."""
NO_ADDRESS = (
    f"{POSTGRES_VARIABLE} is no address of PostgreSQL: write "
    "postgresql+psycopg2://user@server/database, without a password."
)
PASSWORD_IN_ADDRESS = (
    f"{POSTGRES_VARIABLE} holds a password: take it out, and put it into PGPASSWORD, which is "
    "shown nowhere."
)
NOT_INSTALLED = (
    f"{POSTGRES_VARIABLE} is set and the packages for PostgreSQL are not installed: install the "
    "extra postgres, or requirements.lock, which has them."
)
IN_POSTGRES = (
    f"Dagster's history of this data folder is in PostgreSQL: set {POSTGRES_VARIABLE}, or, to "
    "begin a new history in the folder, delete dagster/dagster.yaml."
)
IN_FILES = (
    f"{POSTGRES_VARIABLE} is set and Dagster's history of this data folder is in its files: to "
    "begin a new one in PostgreSQL, delete what is in the folder dagster, which is the history of "
    "runs and nothing else."
)


class HistoryError(SaferStreetsError):
    """Dagster's history cannot be used."""


def postgres_address() -> str | None:
    """The address of the database that has the history; None: it is in the data folder.

    Raises:
        HistoryError: it is none, or holds a password.
    """
    address = os.environ.get(POSTGRES_VARIABLE, "").strip()
    if not address:
        return None
    try:
        parts = urlsplit(address)
        whole = parts.scheme == SCHEME and len(parts.path) > 1 and not parts.fragment
        held = (
            parts.password is not None
            or {"password", "sslpassword"} & parse_qs(parts.query, keep_blank_values=True).keys()
        )
        _ = parts.port
    except ValueError:
        raise HistoryError(NO_ADDRESS) from None
    if held:
        raise HistoryError(PASSWORD_IN_ADDRESS)
    if not whole:
        raise HistoryError(NO_ADDRESS)
    return address


def says_postgres(folder: DataFolder) -> bool:
    """Whether the data folder's own settings say that its history is in PostgreSQL."""
    place = folder.dagster / SETTINGS
    try:
        settings = yaml.safe_load(place.read_bytes()) if place.exists() else None
    except yaml.YAMLError:
        return False
    storage = settings.get("storage") if isinstance(settings, dict) else None
    return isinstance(storage, dict) and "postgres" in storage


def has_history(folder: DataFolder) -> bool:
    """Whether Dagster has kept anything of this data folder, or may have."""
    return says_postgres(folder) or any(folder.dagster.rglob("*.db"))


def is_begun(folder: DataFolder) -> bool:
    """Whether all databases of the history are there, or in PostgreSQL one table of each.

    Raises:
        HistoryError: PostgreSQL cannot be used.
    """
    if postgres_address() is None:
        return all((folder.dagster / name).exists() for name in DATABASES)
    with open_postgres() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT bool_and(to_regclass(one) IS NOT NULL) FROM unnest(%s) one", [_EACH])
        return bool(cursor.fetchone()[0])


def instance_settings(folder: DataFolder, shipped: bytes) -> bytes:
    """What stands in the data folder's `dagster.yaml`: as shipped, or with PostgreSQL.

    Raises:
        HistoryError: the history is at another place than the environment says.
    """
    if postgres_address() is None:
        if says_postgres(folder):
            raise HistoryError(IN_POSTGRES)
        return shipped
    if not says_postgres(folder) and any(folder.dagster.rglob("*.db")):
        raise HistoryError(IN_FILES)
    settings = yaml.safe_load(shipped)
    settings["storage"] = {"postgres": {"postgres_url": {"env": POSTGRES_VARIABLE}}}
    return yaml.safe_dump(settings, sort_keys=False).encode()


def postgres_environment() -> dict[str, str]:
    """What PostgreSQL's library is told beside the address: to give up on a server that is silent,
    and times in UTC, in which Dagster compares them."""
    if postgres_address() is None:
        return {}
    return {"PGTZ": "UTC", "PGCONNECT_TIMEOUT": CONNECT_SECONDS}


@contextmanager
def open_postgres() -> Iterator[Any]:
    """A connection to the database of the history, for reading.

    Raises:
        HistoryError: it does not answer, or its packages are not installed.
    """
    address = postgres_address()
    if address is None:
        raise HistoryError(IN_POSTGRES)
    try:
        import dagster_postgres  # noqa: F401, PLC0415
        import psycopg2  # noqa: PLC0415
    except ImportError:
        raise HistoryError(NOT_INSTALLED) from None
    try:
        opened = psycopg2.connect(_plain(address), connect_timeout=int(CONNECT_SECONDS))
    except (psycopg2.Error, UnicodeError):
        raise HistoryError(HISTORY_AWAY) from None
    with closing(opened) as connection:
        connection.set_session(readonly=True)
        yield connection


def _plain(address: str) -> str:
    """An address as PostgreSQL's own library takes it."""
    return f"postgresql{address.removeprefix(SCHEME)}"


def refuse_silent_postgres() -> None:
    """Raises `HistoryError` when the history is in PostgreSQL and that does not answer: Dagster
    itself would ask again and again, and end with what only a developer reads."""
    if postgres_address() is not None:
        with open_postgres():
            pass


def is_lost(error: BaseException) -> bool:
    """Whether an error says that there is no history to be had: for what goes on without it."""
    said = str(error) if isinstance(error, HistoryError) else sentence_of_fault(error)
    return said in (HISTORY_DAMAGED, HISTORY_AWAY)


def lost_sentence() -> str:
    """What is said of a history that is not to be had."""
    return HISTORY_DAMAGED if postgres_address() is None else HISTORY_AWAY
