"""Whether DuckDB can run the queries and expressions of the policy, before there is any drop.

Each is bound over the tables that it reads, made without a row of what the catalogue declares. So a
mistake in one is told with its place when the definitions load and when a run begins, and what
DuckDB says of it can hold nothing of anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from weakref import WeakValueDictionary

import duckdb

from safer_streets_assets.cohort.catalogue import conformed_columns
from safer_streets_assets.cohort.conformed import conforming_sql
from safer_streets_assets.cohort.winning_rows import make_empty_latest
from safer_streets_assets.disclosure.aggregate import (
    computed_sql,
    counting_sql,
    define_lists,
    rows_sql,
)
from safer_streets_assets.disclosure.binding import (
    columns_of_query,
    described,
    refuse,
    refuse_other_columns,
    said,
)
from safer_streets_assets.disclosure.step_queries import bind_steps
from safer_streets_assets.intake.fields import define_macros
from safer_streets_assets.policy import Policy, PublishedSpec
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.sql_files import quoted_name

TABLES = "tables.yaml"
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
WHOLE_NUMBERS = (*WHOLE, *(f"U{kind}" for kind in WHOLE))
NUMBERS = (*WHOLE_NUMBERS, "FLOAT", "DOUBLE", "DECIMAL")
PLACE = {"drop_order": "BIGINT", "file_row": "BIGINT"}
"""The columns of conformed rows that say where a row comes from."""

_bound: WeakValueDictionary[int, Policy] = WeakValueDictionary()
"""The policies whose queries were bound, by their identity: a run binds them once."""


def refuse_broken_queries(policy: Policy) -> None:
    """Refuses a policy with a query or an expression that DuckDB cannot run, or that lacks a column
    which the policy names.

    Raises:
        PolicyError: one sentence that names the file, the place in it and the remedy.
    """
    if _bound.get(id(policy)) is policy:
        return
    with empty_research(policy) as connection:
        for name in policy.dpia.sources:
            agreed = policy if name in policy.sources else policy.with_agreement(name)
            _bind_conformed(connection, agreed, name)
        for name, spec in policy.tables.tables.items():
            if spec.source is None:
                _bind_computed(connection, policy, name, spec)
            else:
                _bind_counted(connection, policy, name, spec, spec.source)
        bind_steps(connection, policy)
    _bound[id(policy)] = policy


@contextmanager
def empty_research(policy: Policy) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in memory, without files, to the research store as the catalogue declares it,
    without a row, and to the macros and lists that queries of the policy read beside it."""
    with closing(duckdb.connect(":memory:", config={"threads": "1"})) as connection:
        connection.execute("SET enable_external_access = false")
        define_macros(connection)
        connection.execute("ATTACH ':memory:' AS research")
        for table in Catalogue(policy).of_store("research").values():
            if table.columns:
                listed = (f"{quoted_name(n)} {doc.type}" for n, doc in table.columns.items())
                connection.execute(
                    f"CREATE TABLE research.{quoted_name(table.name)} ({', '.join(listed)})"
                )
        define_lists(connection, policy)
        yield connection


def _bind_conformed(connection: duckdb.DuckDBPyConnection, policy: Policy, source: str) -> None:
    """The query of a conformed table, which reads the rows of its source alone."""
    own = policy.sources[source]
    file = f"sql/{own.conformed.table}.sql"
    make_empty_latest(connection, own)
    found = columns_of_query(connection, file, conforming_sql(policy, source))
    declared = {name: doc.type for name, doc in conformed_columns(policy, source).items()}
    wanted = {**PLACE, **declared}
    refuse_other_columns(file, found, wanted, source, f"conformed.adds of {source}")


def _bind_counted(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    name: str,
    spec: PublishedSpec,
    source: str,
) -> None:
    """The rows that a table counts, what it is counted by, and its expressions."""
    rows = rows_sql(policy, name)
    columns = policy.tables.columns(name)
    found = columns_of_query(connection, f"sql/{source}.sql", rows)
    for key, named in (("dimensions", columns), ("within", spec.within)):
        _refuse_missing(named, found, f"tables.{name}.{key}", f"sql/{source}.sql gives")
    _refuse_nothing_said(policy, name, source)
    grouped = f"FROM ({rows}) GROUP BY {', '.join(map(quoted_name, columns))}"
    for count, details in spec.counts.items():
        place = f"tables.{name}.counts.{count}.expression"
        _bind_expression(connection, place, details.expression, grouped, WHOLE_NUMBERS)
    for statistic, figure in spec.statistics.items():
        place = f"tables.{name}.statistics.{statistic}"
        _bind_expression(connection, f"{place}.expression", figure.expression, grouped, NUMBERS)
        if figure.base not in spec.counts:
            _bind_expression(connection, f"{place}.base", figure.base, grouped, WHOLE_NUMBERS)
    try:
        described(connection, counting_sql(policy, name, spec, rows))
    except duckdb.Error as error:
        refuse(TABLES, f"tables.{name}", f"{said(error)}; correct it, or sql/{source}.sql")


def _refuse_nothing_said(policy: Policy, table: str, counted: str) -> None:
    """A field of a conformed table that may be empty is counted with a word for nothing."""
    optional = {
        field.name
        for source in policy.dpia.sources.values()
        if source.conformed.table == counted
        for field in source.fields
        if not field.required
    }
    for column, dimension in policy.tables.columns(table).items():
        if column in optional and policy.vocabulary.word_for_nothing(dimension.words) is None:
            refuse(
                TABLES,
                f"tables.{table}.dimensions",
                f"{column} of {counted} may be empty; name a word of said_nothing under words of "
                "that dimension",
            )


def _bind_computed(
    connection: duckdb.DuckDBPyConnection, policy: Policy, name: str, spec: PublishedSpec
) -> None:
    """The columns of a table that an earlier stage computes."""
    computed = spec.computed or ""
    found = described(connection, f"FROM research.{quoted_name(computed)}")
    makes = f"what computes {computed} makes"
    for key, named in (
        ("dimensions", policy.tables.columns(name)),
        ("counts", spec.counts),
        ("constants", spec.constants),
        ("statistics", spec.statistics),
        ("coarsen", ["level"] if spec.coarsen else []),
    ):
        _refuse_missing(named, found, f"tables.{name}.{key}", makes)
    described(connection, computed_sql(policy, name, spec))


def _refuse_missing(named: Collection[str], found: Collection[str], place: str, gives: str) -> None:
    for column in named:
        if column not in found:
            listed = ", ".join(sorted(found))
            refuse(TABLES, place, f"{gives} no column {column}; use one of {listed}")


def _bind_expression(
    connection: duckdb.DuckDBPyConnection,
    place: str,
    expression: str | None,
    grouped: str,
    kinds: Collection[str],
) -> None:
    """One expression over the groups of a table; it gives a number of one of some types."""
    if expression is None:
        return
    try:
        (kind,) = described(connection, f"SELECT ({expression}) {grouped}").values()
    except duckdb.Error as error:
        refuse(TABLES, place, f"{said(error)}; correct it")
    if kind.partition("(")[0] not in kinds:
        what = "whole number" if kinds is WHOLE_NUMBERS else "number"
        refuse(TABLES, place, f"it gives {kind}, which is no {what}; correct it")
