"""From rows of conformed tables back to the drops they came in.

Conformed tables do not say where a row comes from. Only when a check fails is that found, by making
the rows anew with their places.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import duckdb
import pandas as pd

from safer_streets_assets.cohort.conformed import make_conformed_rows
from safer_streets_assets.cohort.expectations import ROW_ID, Result, Suites
from safer_streets_assets.cohort.identifiers import identifying_rows_sql
from safer_streets_assets.cohort.suites import Batch, Expectation, answer_items
from safer_streets_assets.intake.failed_rows import FailedDrop, failed_drops
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.taking_in import Agreement
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.frames import write_frame
from safer_streets_assets.stores.queries import columns_in
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text, read_sql


def add_drops(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    source_name: str,
    suites: Suites,
    frames: Mapping[Batch, pd.DataFrame],
    expectations: Sequence[Expectation],
    results: dict[str, Result],
) -> None:
    """Puts into the results of a table that failed the drops and rows that they are about.

    The restricted and research stores and the registers are attached.
    """
    for expectation in expectations:
        result = results[expectation.name]
        if result.passed:
            continue
        failing = suites.failing_rows(frames[expectation.batch], expectation)
        match expectation.batch:
            case "rows":
                ids = frames["rows"][ROW_ID].iloc[failing].tolist()
                drops = drops_of_rows(connection, policy, source_name, ids)
            case "answers":
                ids = _rows_without_answer(connection, policy, source_name, failing)
                drops = drops_of_rows(connection, policy, source_name, ids)
            case "volume":
                drops = _last_drop(connection, source_name)
            case "types":
                drops = ()
        results[expectation.name] = replace(result, drops=drops)


def drops_of_rows(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    source_name: str,
    row_ids: Sequence[int],
) -> tuple[FailedDrop, ...]:
    """The drops and rows that some rows of a source's conformed table (by rowid) came in."""
    if not row_ids:
        return ()
    conformed = policy.sources[source_name].conformed
    table = conformed.table
    make_conformed_rows(connection, policy, source_name)
    failing = pd.DataFrame({ROW_ID: list(row_ids)})
    write_frame(connection, "failed_rows", failing, temporary=True)
    columns = _shared_columns(connection, table)
    query = read_sql("cohort", "failed_places").format(
        table=table,
        source=quoted_text(source_name),
        same=_equal(columns),
        alike=_equal([name for name in conformed.identity if name in columns]),
    )
    return failed_drops(connection, query)


def drops_of_identifiers(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    tables: Collection[str],
    open_columns: Collection[tuple[str, str]],
) -> tuple[FailedDrop, ...]:
    """The drops and rows from which identifiers came into tables of the research store.

    What is in a conformed table came in its rows; what is in none of them, but in a table made of
    them, is about people, and all rows of these are given. `find_identifiers` was just run.
    """
    drops: list[FailedDrop] = []
    agreed = {name: source.conformed.table for name, source in policy.sources.items()}
    for name, table in agreed.items():
        if table in tables:
            wrong = identifying_rows_sql(connection, policy, table, open_columns)
            found = connection.execute(
                f"SELECT rowid FROM research.{table} WHERE {wrong} ORDER BY rowid"
            ).fetchall()
            drops += drops_of_rows(connection, policy, name, [row_id for (row_id,) in found])
    if drops:
        return tuple(drops)
    for table, person in sorted(Catalogue(policy).pseudonyms_in(connection, "research")):
        if table not in tables:
            continue
        wrong = identifying_rows_sql(connection, policy, table, open_columns)
        people = f"SELECT {quoted_name(person)} FROM research.{table} WHERE {wrong}"
        for name in agreed:
            if not policy.sources[name].anonymous:
                drops += drops_of_people(connection, policy, name, people)
    return tuple(dict.fromkeys(drops))


def drops_of_people(
    connection: duckdb.DuckDBPyConnection, policy: Policy, source_name: str, people: str
) -> tuple[FailedDrop, ...]:
    """The drops and rows of a source that some people's conformed rows came in; `people` is a query
    of their pseudonyms."""
    table = policy.sources[source_name].conformed.table
    found = connection.execute(
        f"SELECT rowid FROM research.{table} WHERE person_id IN ({people}) ORDER BY rowid"
    ).fetchall()
    return drops_of_rows(connection, policy, source_name, [row_id for (row_id,) in found])


def drops_that_differ(
    connection: duckdb.DuckDBPyConnection, policy: Policy, agreement: Agreement
) -> tuple[FailedDrop, ...]:
    """The rows of sources that count the same, of people for whom they differ."""
    people = f"SELECT person_id FROM ({policy.sql[agreement.query]}) WHERE NOT agrees"
    return tuple(
        drop
        for name in policy.sources
        if name in agreement.sources
        for drop in drops_of_people(connection, policy, name, people)
    )


def _shared_columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """The columns that a conformed table has and that its rows have when made anew."""
    made = [one.name for one in columns_in(connection, "temp") if one.table == "conformed_rows"]
    there = columns_in(connection, "research")
    return [one.name for one in there if one.table == table and one.name in made]


def _equal(columns: Sequence[str]) -> str:
    names = [quoted_name(name) for name in columns]
    return " AND ".join(f"failed.{n} IS NOT DISTINCT FROM made.{n}" for n in names) or "false"


def _rows_without_answer(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    source_name: str,
    failing: Sequence[int],
) -> list[int]:
    """The rows that have the code for a missing answer in one of the failing items."""
    items = answer_items(policy, source_name)
    missing = " OR ".join(
        f"{quoted_name(items[place].name)} IN ({', '.join(map(str, items[place].missing_codes))})"
        for place in failing
    )
    table = policy.sources[source_name].conformed.table
    rows = connection.execute(
        f"SELECT rowid FROM research.{table} WHERE {missing} ORDER BY rowid"
    ).fetchall()
    return [row_id for (row_id,) in rows]


def _last_drop(connection: duckdb.DuckDBPyConnection, source_name: str) -> tuple[FailedDrop, ...]:
    """The last drop of a source, as a whole: the one that `volume.sql` holds against the others."""
    rows = connection.execute(
        "SELECT drop_id FROM registers.drops WHERE source = ? AND state = 'loaded' "
        "ORDER BY arrived_at DESC, position_date DESC NULLS LAST, drop_id DESC LIMIT 1",
        [source_name],
    ).fetchall()
    return tuple(FailedDrop(drop_id, source_name, 0, ()) for (drop_id,) in rows)
