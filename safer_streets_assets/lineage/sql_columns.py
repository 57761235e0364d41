"""Which columns stand behind each column of a query, read from its text and not from any row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

Origin = tuple[str, str]
"""A table, with its schema where it has one, and a column of it."""

TableColumns = Mapping[str, Mapping[str, str]]
"""The columns of each table, `schema.table` or `table`, and their DuckDB types."""

_UNNAMED = "without_schema"
_NOT_CONDITIONS = ("expressions", "from", "from_", "with", "with_", "order", "kind", "hint")


def columns_behind(
    query: str, tables: TableColumns, names: Sequence[str]
) -> dict[str, frozenset[Origin]]:
    """What stands behind the columns `names` of a DuckDB query over tables of these columns.

    Behind an aggregate stands also what decides which rows it is of: conditions, joins, groups. A
    query that sqlglot cannot resolve (one over `COLUMNS(*)`) is said to rest on every column of
    every table that it names: more than may be true, and never less.
    """
    parsed = parse_one(query, dialect="duckdb")
    common = {one.alias for one in parsed.find_all(exp.CTE)}
    read = [table for table in parsed.find_all(exp.Table) if table.db or table.name not in common]
    every = frozenset(
        (name, column)
        for name in {_name(table) for table in read}
        for column in tables.get(name, {})
    )
    for table in read:
        if not table.db:
            table.set("db", exp.to_identifier(_UNNAMED))
    try:
        found = qualify(parsed, schema=_schema(tables), dialect="duckdb")
        root = build_scope(found)
    except SqlglotError:
        root = None
    if root is None:
        return dict.fromkeys(names, every)
    reader = _Reader(root)
    return {name: reader.column(root, name) for name in names}


def _schema(tables: TableColumns) -> dict[str, object]:
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for name, columns in tables.items():
        where, _, table = name.rpartition(".")
        schema.setdefault(where or _UNNAMED, {})[table] = dict(columns)
    return {**schema}


def _name(table: exp.Table) -> str:
    return f"{table.db}.{table.name}" if table.db not in ("", _UNNAMED) else table.name


class _Reader:
    """Follows columns through the parts of one query (sqlglot calls a part a scope)."""

    def __init__(self, root: Scope) -> None:
        self._part_of = {id(part.expression): part for part in root.traverse()}
        self._columns: dict[tuple[int, str], frozenset[Origin]] = {}
        self._rows: dict[int, frozenset[Origin]] = {}

    def column(self, part: Scope, name: str) -> frozenset[Origin]:
        """What stands behind a column of a part."""
        key = id(part.expression), name
        if key not in self._columns:
            united = part.set_operation_scopes or [part]
            place = _query(united[0]).named_selects.index(name)
            found = [self._at(one, place) for one in united]
            self._columns[key] = frozenset().union(*found)
        return self._columns[key]

    def _at(self, part: Scope, place: int) -> frozenset[Origin]:
        """What stands behind the column at a place of a part, which may be united of others."""
        if part.set_operation_scopes:
            return self.column(part, _query(part).named_selects[place])
        return self._behind(part, _query(part).selects[place])

    def rows(self, part: Scope) -> frozenset[Origin]:
        """What decides on the rows of a part, and of those that it reads from."""
        key = id(part.expression)
        if key not in self._rows:
            found = [self.rows(one) for one in part.set_operation_scopes]
            found += [self._named_in(part, one) for one in _conditions(_query(part))]
            found += [
                self.rows(source)
                for _, source in part.selected_sources.values()
                if isinstance(source, Scope)
            ]
            self._rows[key] = frozenset().union(*found)
        return self._rows[key]

    def _behind(self, part: Scope, expression: exp.Expr) -> frozenset[Origin]:
        """What stands behind an expression of a part; behind an aggregate, its rows too."""
        found = self._named_in(part, expression)
        if any(not isinstance(one, exp.Grouping) for one in expression.find_all(exp.AggFunc)):
            found |= self.rows(part)
        return found

    def _named_in(self, part: Scope, expression: exp.Expr) -> frozenset[Origin]:
        """What stands behind the columns that an expression names, in the queries inside it too."""
        columns = expression.find_all(exp.Column)
        return frozenset().union(*(self._resolved(column, part) for column in columns))

    def _resolved(self, column: exp.Column, part: Scope) -> frozenset[Origin]:
        """A column of the nearest part around it that has the table it names."""
        source: Any = None
        at: Any = column
        while at is not None and source is None:
            around = self._part_of.get(id(at))
            source = None if around is None else around.sources.get(column.table)
            at = at.parent
        source = part.sources.get(column.table) if source is None else source
        if isinstance(source, Scope):
            return self.column(source, column.name)
        return frozenset() if source is None else frozenset({(_name(source), column.name)})


def _query(part: Scope) -> exp.Query:
    return cast(exp.Query, part.expression)


def _conditions(query: exp.Query) -> Iterator[exp.Expression]:
    """The clauses of a query that decide on its rows."""
    for name, clause in query.args.items():
        if name not in _NOT_CONDITIONS and not isinstance(query, exp.SetOperation):
            listed = clause if isinstance(clause, list) else [clause]
            yield from (one for one in listed if isinstance(one, exp.Expression))
