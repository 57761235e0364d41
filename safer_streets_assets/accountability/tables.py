"""What the registers share: their tables, random ids, finding an open entry, who writes it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from safer_streets_assets.accountability.errors import RegisterError
from safer_streets_assets.stores.sql_files import quoted_name, read_sql

ID_BYTES = 5


@dataclass(frozen=True)
class Entry:
    """Who makes an entry, to the operating system, and when (UTC)."""

    by: str
    at: datetime


@dataclass(frozen=True)
class Register:
    """A register as it is kept and shown: its table, what begins its ids, its title."""

    table: str
    prefix: str
    id_column: str
    title: str
    about: str


BREACHES = Register(
    "breaches",
    "br",
    "breach_id",
    "Breaches",
    "Breaches of personal data, in general words: no names of offenders.",
)
ASSESSMENTS = Register(
    "breach_assessments",
    "",
    "breach_id",
    "Breach assessments",
    "How severe each breach was seen to be, each time it was assessed; the newest counts.",
)
CLOCKS = Register(
    "breach_clocks",
    "",
    "breach_id",
    "Breach clocks",
    "Who has to hear of each breach, by when, and whether they did or why not.",
)
ESCALATIONS = Register(
    "breach_escalations",
    "",
    "breach_id",
    "Breach escalations",
    "To which role each breach was escalated, and when.",
)
AGENCY_REQUESTS = Register(
    "agency_requests",
    "ar",
    "request_id",
    "Agency requests",
    "What agencies that are no party to the evaluation asked for, and what was decided.",
)
REVIEWS = Register(
    "dpia_reviews",
    "rv",
    "review_id",
    "DPIA reviews",
    "Reviews of the Data Protection Impact Assessment.",
)
CONTACTS = Register(
    "contacts",
    "ct",
    "contact_id",
    "Contacts",
    "Roles and work addresses of staff of the parties; nobody who is in the data.",
)
RIGHTS_REQUESTS = Register(
    "rights_requests",
    "dr",
    "request_id",
    "Requests of people",
    "Requests of people in the data, under a random number that says nothing about them.",
)
REGISTERS = (
    BREACHES,
    ASSESSMENTS,
    CLOCKS,
    ESCALATIONS,
    AGENCY_REQUESTS,
    REVIEWS,
    CONTACTS,
    RIGHTS_REQUESTS,
)


def ensure_accountability(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables that are missing; the registers are attached for writing."""
    connection.execute(read_sql("accountability", "registers"))


def new_id(register: Register) -> str:
    """A random id, which says nothing of what it stands for."""
    return f"{register.prefix}-{secrets.token_hex(ID_BYTES)}"


def insert(connection: duckdb.DuckDBPyConnection, register: Register, **values: object) -> None:
    """Writes one line of a register; columns that are not named stay empty."""
    columns = ", ".join(quoted_name(name) for name in values)
    places = ", ".join("?" for _ in values)
    connection.execute(
        f"INSERT INTO registers.{register.table} ({columns}) VALUES ({places})",
        list(values.values()),
    )


def close(
    connection: duckdb.DuckDBPyConnection, register: Register, entry_id: str, **values: object
) -> None:
    """Writes how an open entry ended.

    Raises:
        RegisterError: there is no open entry of that id.
    """
    refuse_unless_open(connection, register, entry_id)
    columns = ", ".join(f"{quoted_name(name)} = ?" for name in values)
    connection.execute(
        f"UPDATE registers.{register.table} SET {columns} WHERE {register.id_column} = ?",
        [*values.values(), entry_id],
    )


def refuse_unless_open(
    connection: duckdb.DuckDBPyConnection, register: Register, entry_id: str
) -> None:
    """Raises `RegisterError` when there is no entry of that id, or it is closed."""
    row = connection.execute(
        f"SELECT closed_at FROM registers.{register.table} WHERE {register.id_column} = ?",
        [entry_id],
    ).fetchone()
    if row is None:
        raise RegisterError(
            f"There is no entry of this id under {register.title}; list the register to see its "
            "ids."
        )
    if row[0] is not None:
        raise RegisterError(f"This entry of {register.title} is closed already.")


def refuse_a_day_to_come(day: date, today: date) -> None:
    """Raises `RegisterError` for a day after today: the registers hold what has happened."""
    if day > today:
        raise RegisterError("The day lies in the future; give the day on which it happened.")
