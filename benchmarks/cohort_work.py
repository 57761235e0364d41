"""The work that `benchmarks.cohort` measures, one piece in a process."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import duckdb

from benchmarks.made_up_people import fill_stores
from benchmarks.measuring import report_parts
from safer_streets_assets.cohort.believed import cohort_parameters, cohort_sql
from safer_streets_assets.cohort.conformed import conform, conforming_sql
from safer_streets_assets.cohort.identifiers import define_known_identifiers
from safer_streets_assets.cohort.linkage import define_cohort_rules, link_cohort
from safer_streets_assets.cohort.pseudonyms import make_pseudonyms
from safer_streets_assets.cohort.winning_rows import latest_sql
from safer_streets_assets.disclosure.aggregate import (
    counting_sql,
    define_lists,
    rows_at_levels,
    rows_sql,
)
from safer_streets_assets.disclosure.coarsening import path_of, stored_name
from safer_streets_assets.disclosure.levels import make_all
from safer_streets_assets.intake.fields import LISTED_WORDS, define_macros
from safer_streets_assets.intake.list_words import define_words
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.stores import STORE_NAMES, DataFolder, Keys, open_stores
from safer_streets_assets.stores.database import connect_with_encryption
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets.stores.sql_files import quoted_name


def main() -> None:
    """Measures one piece of work and prints what it took."""
    what, root = sys.argv[1], Path(sys.argv[2])
    policy = load_policy()
    if what == "build":
        build(root, policy, int(sys.argv[3]))
        report_parts({})
    elif what == "product":
        folder = DataFolder(root / "data", root / "data" / "keys")
        report_parts(
            {
                "pseudonyms": lambda: _pseudonyms(folder, policy),
                "conformed": lambda: _conformed(folder, policy),
                "cohort": lambda: _cohort(folder, policy),
                "tables": lambda: _tables(folder, policy),
            }
        )
    else:
        _bare(root, policy)


def build(root: Path, policy: Policy, people: int) -> None:
    """A data folder with so many people in its restricted store, and both of its encrypted stores
    once more beside it as plain files."""
    folder = DataFolder(root / "data", root / "data" / "keys").prepare()
    preflight(folder)
    with open_stores(folder, write=STORE_NAMES) as connection:
        fill_stores(connection, folder, policy, people)
    with closing(connect_with_encryption()) as connection:
        for store in ("restricted", "research"):
            key = Keys(folder.keys).read(store)
            connection.execute(
                f"ATTACH '{folder.database(store)}' AS own (ENCRYPTION_KEY '{key}', READ_ONLY); "
                # A view names its store, so the plain one has the same name.
                f"ATTACH '{root / store}.duckdb' AS {store}; "
                f"COPY FROM DATABASE own TO {store}; DETACH own"
            )


def _pseudonyms(folder: DataFolder, policy: Policy) -> None:
    with open_stores(folder, write=["restricted"]) as connection:
        make_pseudonyms(connection, folder, policy)


def _conformed(folder: DataFolder, policy: Policy) -> None:
    """Each source on a connection of its own, as its step opens it."""
    for name in policy.sources:
        with open_stores(
            folder, write=["research", "registers"], read=["restricted"]
        ) as connection:
            conform(connection, policy, name)


def _cohort(folder: DataFolder, policy: Policy) -> None:
    with open_stores(folder, write=["research"]) as connection:
        link_cohort(connection, policy)


def _tables(folder: DataFolder, policy: Policy) -> None:
    with open_stores(folder, write=["research"]) as connection:
        define_lists(connection, policy)
        make_all(connection, policy)


def _bare(root: Path, policy: Policy) -> None:
    """The same SQL on plain files. Given to it are the macros, the policy's lists, the pseudonyms,
    the identifiers that are held and the words that texts mean."""
    with closing(duckdb.connect(":memory:")) as connection:
        for store in ("restricted", "research"):
            connection.execute(f"ATTACH '{root / store}.duckdb' AS {store}")
        define_macros(connection)
        define_lists(connection, policy)
        define_cohort_rules(connection, policy)
        define_known_identifiers(connection, policy)
        for name in policy.sources:
            define_words(connection, policy, name)
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE words_of_{name} AS FROM {LISTED_WORDS}"
            )
        report_parts(
            {
                "conformed": lambda: _bare_conformed(connection, policy),
                "cohort": lambda: _bare_cohort(connection, policy),
                "tables": lambda: _bare_tables(connection, policy),
            }
        )


def _bare_conformed(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    for name, source in policy.sources.items():
        words = f"CREATE OR REPLACE TEMP TABLE {LISTED_WORDS} AS FROM words_of_{name}"
        connection.execute(words)
        connection.execute(latest_sql(name, source, policy))
        connection.execute(
            f"CREATE OR REPLACE TABLE research.{source.conformed.table} AS "
            f"SELECT * EXCLUDE (drop_order, file_row) FROM ({conforming_sql(policy, name)})"
        )


def _bare_cohort(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    for name in policy.dpia.cohort.tables:
        query = cohort_sql(policy, name)
        making = f"CREATE OR REPLACE TABLE research.{name} AS {query}"
        connection.execute(making, cohort_parameters(policy, query))


def _bare_tables(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Each table that is counted, at each of its levels."""
    for name, spec in policy.tables.tables.items():
        if spec.source is None:
            continue
        for levels in path_of(policy, name):
            there = policy.at_levels({name: levels})
            rows = rows_at_levels(connection, there, name, rows_sql(there, name))
            query = counting_sql(there, name, there.tables.tables[name], rows)
            table = quoted_name(f"counted {stored_name(name, levels)}")
            connection.execute(f"CREATE OR REPLACE TABLE research.{table} AS {query}")


if __name__ == "__main__":
    main()
