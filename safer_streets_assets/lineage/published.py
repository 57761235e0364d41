"""From which fields of which source each published column comes, over every step between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from functools import cached_property

import duckdb

from safer_streets_assets.cohort.conformed import conforming_sql
from safer_streets_assets.cohort.linkage import define_cohort_rules
from safer_streets_assets.cohort.winning_rows import make_empty_latest
from safer_streets_assets.disclosure.aggregate import counting_sql, rows_sql
from safer_streets_assets.disclosure.policy_queries import empty_research
from safer_streets_assets.lineage.sql_columns import Origin, columns_behind
from safer_streets_assets.policy import Policy, PublishedSpec
from safer_streets_assets.policy.figures import share_columns
from safer_streets_assets.policy.sources import PERSON_ID
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.queries import columns_in
from safer_streets_assets.stores.stored_table import StoredTable

SourceField = tuple[str, str]
"""A source of the policy and an agreed field of it."""

_RESEARCH = "research."


class Lineage:
    """Where the columns of the published tables of a policy come from."""

    def __init__(self, policy: Policy) -> None:
        """Reads nothing yet: each query is read when one of its columns is asked for."""
        self.policy = policy
        self._tables = Catalogue(policy).of_store("research")
        self._source_of = {
            policy.dpia.sources[name].conformed.table: name for name in policy.sources
        }
        self._behind: dict[str, Mapping[str, frozenset[Origin]]] = {}
        self._fields: dict[Origin, frozenset[SourceField]] = {}

    def published(self) -> dict[Origin, frozenset[SourceField]]:
        """Each column of each published table, as table and column, with the fields it comes from;
        none where it holds what the policy says and nothing that was sent."""
        return {
            (name, column): self._from_fields(origins)
            for name in self.policy.tables.tables
            for column, origins in self.of_published(name).items()
        }

    def of_published(self, name: str) -> dict[str, frozenset[Origin]]:
        """The columns of a published table, with those of the research store directly behind."""
        spec = self.policy.tables.tables[name]
        columns = self.policy.tables.columns(name)
        if spec.computed is not None:
            table = _RESEARCH + spec.computed
            named = [*columns, *spec.counts, *spec.constants, *spec.statistics]
            made = {column: frozenset({(table, column)}) for column in named}
            return made | _of_shares(spec, made)
        counted = [n for n, one in spec.statistics.items() if one.expression is not None]
        query = counting_sql(self.policy, name, spec, rows_sql(self.policy, name))
        names = [*columns, *spec.counts, *counted]
        found = dict(columns_behind(query, self._columns, names))
        for statistic, details in spec.statistics.items():
            if details.expression is None:
                found[statistic] = frozenset().union(*(found[n] for n in details.stands_on))
        return found | _of_shares(spec, found)

    def _from_fields(self, origins: Iterable[Origin]) -> frozenset[SourceField]:
        return frozenset().union(*(self.fields(*origin) for origin in origins))

    def fields(self, table: str, column: str) -> frozenset[SourceField]:
        """The fields of sources behind a column of a table of the research store."""
        key = table, column
        if key not in self._fields:
            name = table.removeprefix(_RESEARCH)
            if name not in self._tables:
                # A list of the policy, or a table of a source that is not agreed.
                self._fields[key] = frozenset()
            elif name in self._source_of:
                self._fields[key] = self._of_source(self._source_of[name], name, column)
            else:
                self._fields[key] = self._from_fields(self._of_table(name)[column])
        return self._fields[key]

    def _of_table(self, name: str) -> Mapping[str, frozenset[Origin]]:
        """What is directly behind the columns of a table that is no conformed one."""
        if name not in self._behind:
            table = self._tables[name]
            if table.query is None:
                self._behind[name] = _declared(table)
            else:
                self._behind[name] = self._read(table.query, table)
        return self._behind[name]

    def _of_source(self, source: str, table: str, column: str) -> frozenset[SourceField]:
        """The fields behind a column of a conformed table."""
        if table not in self._behind:
            query = conforming_sql(self.policy, source)
            self._behind[table] = self._read(query, self._tables[table])
        agreed = self.policy.sources[source]
        names = {field.name for field in agreed.fields}
        found: set[str] = set()
        for _, one in self._behind[table][column]:
            if one == PERSON_ID:
                found |= set() if agreed.crn_field is None else {agreed.crn_field.name}
            elif one == "identity_number":
                found |= set(agreed.identity)
            elif one in names:
                found.add(one)
        return frozenset((source, name) for name in found)

    def _read(self, query: str, table: StoredTable) -> Mapping[str, frozenset[Origin]]:
        names = [name for name in table.columns if name != "row_order"]
        own = self._latest.get(self._source_of.get(table.name, ""), {})
        return columns_behind(query, {**self._columns, **own}, names)

    @cached_property
    def _columns(self) -> dict[str, dict[str, str]]:
        """The columns of the research store, and of the lists that queries read beside it."""
        with empty_research(self.policy) as connection:
            define_cohort_rules(connection, self.policy)
            stored = _columns_in(connection, "research")
            return {_RESEARCH + n: c for n, c in stored.items()} | _columns_in(connection, "temp")

    @cached_property
    def _latest(self) -> dict[str, dict[str, dict[str, str]]]:
        """By source the columns of its latest rows, from which its conformed table is made."""
        found = {}
        with closing(duckdb.connect(":memory:", config={"threads": "1"})) as connection:
            for name, source in self.policy.sources.items():
                make_empty_latest(connection, source)
                found[name] = _columns_in(connection, "temp")
        return found


def _of_shares(
    spec: PublishedSpec, counts: Mapping[str, frozenset[Origin]]
) -> dict[str, frozenset[Origin]]:
    """What is behind the columns of shares: what is behind their counts."""
    return {
        column: counts[share.count] | counts[share.of or share.count]
        for name, share in spec.shares.items()
        for column in share_columns(name)
    }


def _columns_in(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, dict[str, str]]:
    """The columns of each table of a database, with their types."""
    found: dict[str, dict[str, str]] = {}
    for one in columns_in(connection, database):
        found.setdefault(one.table, {})[one.name] = one.type
    return found


def _declared(table: StoredTable) -> dict[str, frozenset[Origin]]:
    """What a stage says is behind the columns of a table that no query makes."""
    return {
        column: frozenset(
            (_RESEARCH + one.partition(".")[0], one.partition(".")[2])
            for one in table.origins.get(column, ())
        )
        for column in table.columns
    }
