"""The layout of the stores: its version, and the steps that bring an older store to today's.

Each store says which layout it has (`layout_versions`); one that does not has the first. A step is
a `.sql` file, `sql/steps/<version>_<store>.sql`, and its first line says what it does. It is taken
together with the line about it in one transaction, so a store has either layout and none between. A
statement about a table that a store does not have is left out: the table is made as it is today
when it is first needed. What every run makes anew from the drops (the research store's tables, all
but a few) needs no step.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import duckdb

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores.queries import one_number, tables_in, transaction
from safer_streets_assets.stores.sql_files import read_sql

TABLE = "layout_versions"
FIRST = 1
_NAME = re.compile(r"(?P<version>\d{4})_(?P<store>[a-z]+)\.sql")


class LaterLayoutError(SaferStreetsError):
    """A store was written by a later version of this program."""


@dataclass(frozen=True)
class LayoutStep:
    """What brings a store to the layout `version`: what that does, in a sentence, and its SQL."""

    version: int
    store: str
    said: str
    sql: str


@cache
def all_steps() -> tuple[LayoutStep, ...]:
    """The steps of all stores, in the order in which they are taken."""
    folder = resources.files("safer_streets_assets.stores") / "sql" / "steps"
    steps = []
    for file in folder.iterdir():
        if found := _NAME.fullmatch(file.name):
            sql = file.read_text(encoding="utf-8")
            said = sql.splitlines()[0].removeprefix("--").strip()
            steps.append(LayoutStep(int(found["version"]), found["store"], said, sql))
    return tuple(sorted(steps, key=lambda step: (step.version, step.store)))


def todays_layout() -> int:
    """The layout that this program writes."""
    return max((step.version for step in all_steps()), default=FIRST)


def layout_of(connection: duckdb.DuckDBPyConnection, store: str) -> int:
    """The layout of an attached store; one that holds no table yet has today's."""
    noted = _noted(connection, store)
    if noted is not None:
        return noted
    return FIRST if tables_in(connection, store) else todays_layout()


def says_todays(connection: duckdb.DuckDBPyConnection, store: str) -> bool:
    """Whether an attached store says that it has today's layout: then nothing is to be done."""
    return _noted(connection, store) == todays_layout()


def known_layout(connection: duckdb.DuckDBPyConnection, store: str) -> int:
    """As `layout_of`.

    Raises:
        LaterLayoutError: it is later than today's.
    """
    has, today = layout_of(connection, store), todays_layout()
    if has > today:
        raise LaterLayoutError(
            f"The {store} store was written by a later version of safer-streets (layout {has}; "
            f"this one knows {today}): install that version or a later one."
        )
    return has


def steps_for(connection: duckdb.DuckDBPyConnection, store: str) -> Sequence[LayoutStep]:
    """The steps that an attached store is to take.

    Raises:
        LaterLayoutError: its layout is later than today's.
    """
    has = known_layout(connection, store)
    return [step for step in all_steps() if step.store == store and step.version > has]


def bring_up_to_date(connection: duckdb.DuckDBPyConnection, store: str) -> None:
    """Takes an attached store, which may be written, to today's layout, and notes it.

    Raises:
        LaterLayoutError: its layout is later than today's.
    """
    noted, today = _noted(connection, store), todays_layout()
    if noted == today:
        return
    for step in steps_for(connection, store):
        with transaction(connection):
            _take(connection, step)
            _note(connection, store, step.version)
            noted = step.version
    if noted != today:
        with transaction(connection):
            _note(connection, store, today)


def _noted(connection: duckdb.DuckDBPyConnection, store: str) -> int | None:
    """The layout that an attached store says it has; None where it says none."""
    try:
        return one_number(connection, f"SELECT max(version) FROM {store}.{TABLE}")
    except duckdb.CatalogException:
        return None


def _take(connection: duckdb.DuckDBPyConnection, step: LayoutStep) -> None:
    for statement in duckdb.extract_statements(step.sql):
        named = set(re.findall(rf"\b{step.store}\.(\w+)", statement.query))
        makes = set(re.findall(rf"CREATE TABLE IF NOT EXISTS {step.store}\.(\w+)", statement.query))
        if named - makes <= set(tables_in(connection, step.store)):
            connection.execute(statement)


def _note(connection: duckdb.DuckDBPyConnection, store: str, version: int) -> None:
    made = read_sql("stores", TABLE).replace(f"registers.{TABLE}", f"{store}.{TABLE}")
    connection.execute(made)
    connection.execute(f"INSERT INTO {store}.{TABLE} VALUES (?)", [version])
