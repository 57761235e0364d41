"""What a `.sql` file says of its tables is what DuckDB makes of it."""

from __future__ import annotations

import duckdb
import pytest

from safer_streets_assets.stores.sql_files import read_sql
from safer_streets_assets.stores.table_files import declared_tables

FILES = [
    ("stores", "registers"),
    ("accountability", "registers"),
    ("retention", "pending_erasures"),
    ("stores", "layout_versions"),
    ("intake", "restricted"),
    ("intake", "erased_people"),
    ("cohort", "review_tables"),
    ("rights", "objections"),
]


@pytest.mark.parametrize(("package", "name"), FILES)
def test_tables_and_columns_of_a_file_are_declared_as_duckdb_makes_them(
    package: str, name: str
) -> None:
    with duckdb.connect() as connection:
        connection.execute("ATTACH ':memory:' AS registers; ATTACH ':memory:' AS restricted")
        connection.execute(read_sql(package, name))
        made = connection.execute(
            "SELECT database_name, table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE NOT internal ORDER BY table_name, column_index"
        ).fetchall()
    declared = [
        (table.store, table.name, column, doc.type)
        for table in sorted(declared_tables(package, name), key=lambda table: table.name)
        for column, doc in table.columns.items()
    ]
    plain = [(*place, kind.replace('"', "")) for *place, kind in declared]
    assert plain == [(*place, kind.replace('"', "")) for *place, kind in made]


@pytest.mark.parametrize(("package", "name"), FILES)
def test_a_file_says_of_each_table_what_it_holds(package: str, name: str) -> None:
    assert all(table.title.endswith(".") for table in declared_tables(package, name))
