"""Builds `published.duckdb` and the Parquet files of a release.

The file is written in the storage version that any DuckDB since 1.2 reads, and is not encrypted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from safer_streets_assets.policy import Policy
from safer_streets_assets.release.columns import Column
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.release.errors import ReleaseError
from safer_streets_assets.release.examples import Example, example_queries
from safer_streets_assets.release.invented import COLUMN as INVENTED_COLUMN
from safer_streets_assets.release.views import views_of
from safer_streets_assets.stores.frames import registered
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text, read_sql

STORAGE_VERSION = "v1.2.0"
DATABASE = "published.duckdb"
FRAME_TYPES = {"VARCHAR": "object", "BIGINT": "Int64", "DOUBLE": "Float64", "BOOLEAN": "boolean"}


@dataclass(frozen=True)
class Identity:
    """What a release says of itself; `made_at` is UTC without an offset, in whole seconds.

    `previous` is the release that readers had before, `made_after` the one that was made before,
    however that stands; `never_readable` are the earlier ones that no reader ever had.
    """

    release_id: str
    number: int
    made_at: datetime
    code_version: str
    policy_hash: str
    content_hash: str
    drop_ids: tuple[str, ...]
    previous: str | None
    invented: bool = False
    made_after: str | None = None
    never_readable: tuple[str, ...] = ()


def build_database(
    folder: Path, policy: Policy, identity: Identity, tables: Sequence[ReleaseTable]
) -> None:
    """Writes `published.duckdb` and `parquet/<table>.parquet` into a folder being built.

    Raises:
        ReleaseError: DuckDB could not write them.
    """
    try:
        with _new_database(folder) as connection:
            connection.begin()
            connection.execute(read_sql("release", "published"))
            for table in tables:
                _write_table(connection, table, _listed_across(policy, table))
                _write_parquet(connection, folder, table)
            _describe(connection, policy, identity, tables)
            connection.commit()
    except duckdb.Error as error:
        raise ReleaseError(
            f"DuckDB could not write the release ({type(error).__name__}); see that the disk has "
            "room and run again."
        ) from None


@contextmanager
def _new_database(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a new database that reaches no file outside the folder."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "threads": "1",  # one thread: the same rows make the same bytes
    }
    connection = duckdb.connect(":memory:", config=settings)
    try:
        place = quoted_text(str(folder / DATABASE))
        connection.execute(f"ATTACH {place} AS published (STORAGE_VERSION '{STORAGE_VERSION}')")
        connection.execute("SET temp_directory = ''")
        connection.execute(f"SET allowed_directories = [{quoted_text(f'{folder}/')}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        connection.execute("USE published")
        yield connection
        connection.execute("CHECKPOINT published")
        connection.execute("USE memory")
        connection.execute("DETACH published")
    finally:
        connection.close()


def _write_table(
    connection: duckdb.DuckDBPyConnection, table: ReleaseTable, listed: Sequence[str]
) -> None:
    """Writes a table with its views; `listed` are the categories of the column that goes across."""
    name = quoted_name(table.name)
    columns = ", ".join(_definition(column) for column in table.columns)
    connection.execute(f"CREATE TABLE {name} ({columns})")
    values = zip(*table.rows, strict=True) if table.rows else ([] for _ in table.columns)
    frame = pd.DataFrame(
        {
            column.name: pd.Series(list(own), dtype=FRAME_TYPES[column.type])
            for column, own in zip(table.columns, values, strict=True)
        }
    )
    with registered(connection, "printed_rows", frame):
        connection.execute(f"INSERT INTO {name} SELECT * FROM printed_rows")
    about = f"{table.spec.title}. Population: {table.population}. {table.notes}".strip()
    connection.execute(f"COMMENT ON TABLE {name} IS {quoted_text(about)}")
    for column in table.columns:
        _comment_on(connection, name, column.name, column.description)
    for view in views_of(table, listed):
        place = quoted_name(view.name)
        connection.execute(f"CREATE VIEW {place} AS {view.query}")
        text = quoted_text(f"{view.comment}. {about}")
        connection.execute(f"COMMENT ON VIEW {place} IS {text}")
        for called, description in view.columns.items():
            _comment_on(connection, place, called, description)


def _comment_on(
    connection: duckdb.DuckDBPyConnection, place: str, column: str, description: str
) -> None:
    text = quoted_text(description)
    connection.execute(f"COMMENT ON COLUMN {place}.{quoted_name(column)} IS {text}")


def _listed_across(policy: Policy, table: ReleaseTable) -> list[str]:
    if table.spec.across is None:
        return []
    return policy.values_of(policy.tables.columns(table.name)[table.spec.across].values) or []


def _definition(column: Column) -> str:
    required = " NOT NULL" if column.role == "dimension" else ""
    return f"{quoted_name(column.name)} {column.type}{required}"


def _write_parquet(
    connection: duckdb.DuckDBPyConnection, folder: Path, table: ReleaseTable
) -> None:
    path = folder / "parquet" / f"{table.name}.parquet"
    path.parent.mkdir(exist_ok=True)
    also = f", true AS {quoted_name(INVENTED_COLUMN.name)}" if table.invented else ""
    connection.execute(
        f"COPY (SELECT *{also} FROM {quoted_name(table.name)}) TO {quoted_text(str(path))} "
        "(FORMAT parquet, COMPRESSION zstd)"
    )


def _describe(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    identity: Identity,
    tables: Sequence[ReleaseTable],
) -> None:
    evaluation = policy.dpia.evaluation
    maker = f"{evaluation.data_controller}, {evaluation.unit}"
    threshold = policy.dpia.thresholds.minimum_count
    release = (
        identity.release_id,
        identity.number,
        identity.made_at,
        identity.code_version,
        identity.policy_hash,
        list(identity.drop_ids),
        identity.invented,
    )
    index = [
        (
            table.name,
            table.spec.title,
            table.population,
            table.dimensions,
            list(table.spec.counts),
            threshold,
            identity.release_id,
            f"{maker}: {table.spec.source or table.spec.computed}",
            table.notes,
        )
        for table in tables
    ]
    summaries = [(t.name, t.cells, t.suppressed, t.verdict) for t in tables]
    dictionary = [
        (table.name, column.name, column.type, column.description, column.values, column.unit)
        for table in tables
        for column in table.columns
    ]
    _insert(connection, "release", [release])
    _insert(connection, "table_index", index)
    _insert(connection, "suppression_summary", summaries)
    if policy.dpia.opening_dates:
        _insert(connection, "roll_out", list(policy.dpia.opening_dates.items()))
    else:
        connection.execute("DROP TABLE roll_out")
    _insert(connection, "data_dictionary", dictionary)
    examples = [
        (example.name, example.question, example.query)
        for example in example_queries()
        if _can_run(connection, example) and set(example.stages) <= set(policy.dpia.cohort.stages)
    ]
    if examples:
        _insert(connection, "example_queries", examples)
    connection.execute(
        "INSERT INTO data_dictionary "
        "SELECT table_name, column_name, data_type, comment, NULL, NULL FROM duckdb_columns() "
        "WHERE database_name = 'published' AND table_name IN "
        "('table_index', 'data_dictionary', 'release', 'suppression_summary', 'roll_out', "
        "'example_queries') "
        "ORDER BY table_name, column_index"
    )


def _can_run(connection: duckdb.DuckDBPyConnection, example: Example) -> bool:
    """Whether the release has what an example reads; another policy may have other tables."""
    try:
        connection.execute(f"EXPLAIN {example.query}")
    except (duckdb.CatalogException, duckdb.BinderException):
        return False
    return True


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    places = ", ".join("?" for _ in rows[0])
    connection.executemany(f"INSERT INTO {quoted_name(table)} VALUES ({places})", rows)
