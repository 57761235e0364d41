"""The catalogue: each table that a store holds, declared once, by the stage that makes it.

A package that makes tables has a module `catalogue` with `stored_tables(policy)`. What needs to
know which tables there are, what their columns mean, and whose or which drop's rows they hold
(retention register, erasure, subject access, rotation of keys, backup, the walk for strays,
Dagster's column docs) asks here. Looking for what an erasure should have removed reads every table
there is instead, declared or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module, resources
from typing import Protocol, cast

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.retention import OUTPUTS
from safer_streets_assets.stores.database import STORE_NAMES, StoreName
from safer_streets_assets.stores.layout import TABLE as LAYOUT
from safer_streets_assets.stores.queries import all_tables_in, tables_in
from safer_streets_assets.stores.stored_table import ColumnDoc, StoredTable
from safer_streets_assets.stores.table_files import declared_tables

_PACKAGE = "safer_streets_assets"
_MODULE = "catalogue"
_OF_ROWS = ("set_aside_counts", "refused_rows", "drift_findings", "name_decisions")
"""The registers of what stood in the rows of a drop."""


class _Stage(Protocol):
    def stored_tables(self, policy: Policy) -> Iterator[StoredTable]:
        """The tables that the stage makes, in the order of its flow."""


class Catalogue:
    """The tables of every store."""

    def __init__(self, policy: Policy) -> None:
        """Asks every stage for the tables that it makes under this policy."""
        self.policy = policy
        self.tables = tuple(table for stage in _stages() for table in stage.stored_tables(policy))

    def of_store(self, store: str) -> dict[str, StoredTable]:
        """The tables of a store by name; one of another schema than `main` as `schema.table`."""
        return {table.name: table for table in self.tables if table.store == store}

    def find(self, store: str, table: str) -> StoredTable | None:
        """A table of a store, by its own name or by its schema; None when nobody declared it."""
        declared = self.of_store(store)
        schema, _, below = table.partition(".")
        return declared.get(table) or (declared.get(f"{schema}.*") if below else None)

    @property
    def stores(self) -> tuple[StoreName, ...]:
        """The stores of which a stage declares a table."""
        return tuple(dict.fromkeys(table.store for table in self.tables))

    def undeclared_in(self, connection: duckdb.DuckDBPyConnection, store: StoreName) -> list[str]:
        """The tables of an attached store that nobody declared, as `find` names them."""
        there = all_tables_in(connection, store)
        names = [name if schema == "main" else f"{schema}.{name}" for schema, name in there]
        return [name for name in names if self.find(store, name) is None]

    def pseudonyms_in(
        self, connection: duckdb.DuckDBPyConnection, store: StoreName
    ) -> list[tuple[str, str]]:
        """The tables of an attached store whose rows belong to people by a pseudonym, each with its
        column."""
        there = set(tables_in(connection, store))
        return [
            (name, table.pseudonym)
            for name, table in self.of_store(store).items()
            if name in there and table.pseudonym is not None
        ]

    def columns(self, store: str, table: str) -> Mapping[str, ColumnDoc]:
        """What the columns of a table mean.

        Raises:
            KeyError: nobody declared the table.
        """
        return self.of_store(store)[table].columns

    def sources_of(self, store: str, table: str) -> list[str]:
        """The sources that the rows of a table come from, in the order of the policy: of one that
        does not say so, or that nobody declared, all with people in them."""
        found = self._sources(store, table, set())
        people = [
            name for name, source in self.policy.sources.items() if source.crn_field is not None
        ]
        return [name for name in self.policy.sources if name in found] or people

    def rule_of(self, table: StoredTable) -> str:
        """The retention rule that governs a table: of the registers that of outputs, of the other
        stores that of the personal data of the agreed sources."""
        if table.rule is not None:
            return table.rule
        if table.store == "registers":
            return OUTPUTS
        return ", ".join(dict.fromkeys(s.retention for s in self.policy.sources.values()))

    def _sources(self, store: str, table: str, passed: set[str]) -> set[str]:
        declared = self.find(store, table)
        if declared is None or table in passed:
            return set()
        found = set(declared.sources)
        for one in declared.made_from:
            found |= self._sources(store, one, {*passed, table})
        return found


def stored_tables(policy: Policy) -> Iterator[StoredTable]:
    """The registers that every stage writes to: no row is about a person. Some are about the rows
    of a drop, and go with it; what happened to the drop itself stays. And the layout of each store.
    """
    for table in declared_tables("stores", "registers"):
        yield replace(table, drop_column="drop_id") if table.name in _OF_ROWS else table
    for table in declared_tables("stores", LAYOUT):
        for store in STORE_NAMES:
            yield replace(table, store=store, rule=OUTPUTS)


@cache
def _stages() -> tuple[_Stage, ...]:
    """The module `catalogue` of each package that has one; stages are above this one, so they are
    found by that name and not imported by theirs."""
    folders = sorted(resources.files(_PACKAGE).iterdir(), key=lambda one: one.name)
    return tuple(
        cast(_Stage, import_module(f"{_PACKAGE}.{one.name}.{_MODULE}"))
        for one in folders
        if one.is_dir() and (one / f"{_MODULE}.py").is_file()
    )
