"""The SQL of the cohort and of every counted table, and its translation to Spark SQL.

sqlglot translates. Before it does, `qualify` (of sqlglot, too) writes out by the columns of the
tables what Spark does not know: `* REPLACE`, a name given in the same list of columns, QUALIFY
over a star. Three things are written out here: values of parameters, quantiles, and UNPIVOT over
all columns of a table as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from safer_streets_assets.cohort.believed import cohort_parameters, cohort_sql
from safer_streets_assets.disclosure.aggregate import counting_sql, rows_at_levels, rows_sql
from safer_streets_assets.disclosure.coarsening import path_of, stored_name
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.sql_files import quoted_name

RESEARCH, LISTS = "research", "lists"
"""The schemas in Spark: of the research store, and of the policy's lists, which are temporary
tables in DuckDB and are named there without a schema."""

Schema = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Schema, table, column and type."""


@dataclass(frozen=True)
class Statement:
    """A query in DuckDB's SQL. One that `makes` a table of the cohort is read by later ones."""

    name: str
    sql: str
    parameters: Mapping[str, int]
    makes: str | None = None


def statements(connection: duckdb.DuckDBPyConnection, policy: Policy) -> Iterator[Statement]:
    """All of them, those that make a table before those that read it. The policy's lists are there.

    The groups of a coarser level are those of the categories that are found in the store.
    """
    for name in policy.dpia.cohort.tables:
        query = cohort_sql(policy, name)
        yield Statement(name, query, cohort_parameters(policy, query), makes=name)
    for name, spec in policy.tables.tables.items():
        if spec.source is None:
            continue
        for levels in path_of(policy, name):
            there, key = policy.at_levels({name: levels}), stored_name(name, levels)
            rows = rows_at_levels(connection, there, name, rows_sql(there, name))
            counts = counting_sql(there, name, there.tables.tables[name], rows)
            yield Statement(f"rows of {key}", rows, {})
            yield Statement(f"counts of {key}", counts, {})


def tables_read(sql: str) -> set[tuple[str, str]]:
    """Schema and table of every table that a query names and does not define itself."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    own = {common.alias for common in tree.find_all(exp.CTE)}
    named = {(table.db, table.name) for table in tree.find_all(exp.Table) if table.name}
    return {(schema or LISTS, name) for schema, name in named if schema or name not in own}


def in_duckdb(schema: str, table: str) -> str:
    """What a table of one of the two schemas is called in DuckDB."""
    return quoted_name(table) if schema == LISTS else f"{schema}.{quoted_name(table)}"


def schema_of(connection: duckdb.DuckDBPyConnection, every: Iterable[Statement]) -> Schema:
    """Columns and types of each table that a statement reads."""
    found: dict[str, dict[str, dict[str, str]]] = {RESEARCH: {}, LISTS: {}}
    for schema, table in sorted(set().union(*(tables_read(one.sql) for one in every))):
        described = connection.execute(f"DESCRIBE {in_duckdb(schema, table)}").fetchall()
        found[schema][table] = {column: kind for column, kind, *_ in described}
    return found


def spark_sql(statement: Statement, schema: Schema) -> str:
    """The same query in Spark's SQL.

    Raises:
        sqlglot.errors.SqlglotError: it cannot be translated.
    """
    tree = sqlglot.parse_one(statement.sql, read="duckdb").transform(_with_value, statement)
    tree = tree.transform(_unpivoted, schema)
    tree = qualify(tree, schema={**schema}, dialect="duckdb", db=LISTS)
    tree = tree.transform(_with_exact_quantile)
    return tree.sql("spark", unsupported_level=sqlglot.ErrorLevel.RAISE, comments=False)


def _with_value(node: exp.Expr, statement: Statement) -> exp.Expr:
    """The value in place of a parameter."""
    if not isinstance(node, exp.Parameter | exp.Placeholder):
        return node
    return exp.Literal.number(statement.parameters[node.name])


def _with_exact_quantile(node: exp.Expr) -> exp.Expr:
    """Spark's PERCENTILE in place of QUANTILE_CONT, which sqlglot gives arguments that Spark does
    not take; written as PERCENTILE_CONT ... WITHIN GROUP it would become an approximation."""
    if not isinstance(node, exp.PercentileCont):
        return node
    return exp.func("PERCENTILE", node.this, node.expression)


def _unpivoted(node: exp.Expr, schema: Schema) -> exp.Expr:
    """A query for each column in place of `UNPIVOT (SELECT COLUMNS(*)::VARCHAR FROM table) ON
    COLUMNS(*) INTO NAME name VALUE value`, which leaves out what is NULL."""
    if not (isinstance(node, exp.Pivot) and node.args.get("into") is not None):
        return node
    table, into = node.find(exp.Table), node.args["into"]
    if table is None or not isinstance(node.expressions[0], exp.Columns):
        raise sqlglot.errors.UnsupportedError("This UNPIVOT is not one over all columns.")
    name, value = into.this.name, into.expressions[0].name
    return sqlglot.union(
        *(
            exp.select(
                exp.alias_(exp.Literal.string(column), name),
                exp.alias_(exp.cast(exp.column(column, quoted=True), "TEXT"), value),
            )
            .from_(table.copy())
            .where(exp.column(column, quoted=True).is_(exp.null()).not_())
            for column in schema[table.db][table.name]
        ),
        distinct=False,
    )
