"""Conformed tables: the winning version of each row, typed, pseudonymised, without identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from safer_streets_assets.cohort.unknown_words import UnknownWord, words_of_latest
from safer_streets_assets.cohort.winning_rows import kept_columns, make_latest
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy, PolicyError, Source
from safer_streets_assets.stores.queries import one_number, one_row, transaction
from safer_streets_assets.stores.registers import ensure_registers, evaluation_closed
from safer_streets_assets.stores.sql_files import quoted_name, read_sql


@dataclass(frozen=True)
class Versions:
    """How many rows of a source were read and set aside, and how its versions were resolved."""

    rows_read: int
    set_aside: int
    duplicates: int
    corrections: int
    conformed: int


def conform(connection: duckdb.DuckDBPyConnection, policy: Policy, source_name: str) -> Versions:
    """Rebuilds a source's conformed table in the research store; returns how versions resolved.

    The restricted store is attached (reading), the research store and registers for writing.
    """
    ensure_registers(connection)
    table = policy.sources[source_name].conformed.table
    columns = "* EXCLUDE (drop_order, file_row)"
    _conform_into(connection, policy, source_name, f"TABLE research.{table}", columns)
    _record_agreed_later(connection, source_name, policy.sources[source_name])
    versions = _count_versions(connection, source_name, table)
    connection.execute(
        "INSERT OR REPLACE INTO registers.row_versions VALUES (?, ?, ?, ?, ?, ?)",
        [
            source_name,
            versions.rows_read,
            versions.set_aside,
            versions.duplicates,
            versions.corrections,
            versions.conformed,
        ],
    )
    _record_unknown(connection, source_name, words_of_latest(connection, policy, source_name))
    return versions


def make_conformed_rows(
    connection: duckdb.DuckDBPyConnection, policy: Policy, source_name: str
) -> None:
    """Makes the temporary table `conformed_rows` of a source, beside those of `make_latest`: its
    conformed rows, each with `drop_order` and `file_row`, the place it comes from.

    Raises:
        PolicyError: the policy's query for it is none.
    """
    _conform_into(connection, policy, source_name, "TEMP TABLE conformed_rows", "*")


def _conform_into(
    connection: duckdb.DuckDBPyConnection, policy: Policy, source_name: str, into: str, columns: str
) -> None:
    """Makes a table of some columns of the conformed rows, in their order, after `make_latest`."""
    make_latest(connection, policy, source_name)
    query = conforming_sql(policy, source_name)
    try:
        connection.execute(f"CREATE OR REPLACE {into} AS SELECT {columns} FROM (\n{query}\n)")
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException):
        table = policy.sources[source_name].conformed.table
        raise PolicyError(
            f"sql/{table}.sql, whole file: it is no query of the rows of "
            f"{source_name} that DuckDB can run; correct it."
        ) from None


def conforming_sql(policy: Policy, source_name: str) -> str:
    """The policy's query that makes the conformed rows of a source of `latest` or `minimal`.

    Raises:
        PolicyError: there is something else in braces than {kept}.
    """
    source = policy.sources[source_name]
    try:
        return policy.sql[source.conformed.table].format(kept=", ".join(kept_columns(source)))
    except (LookupError, ValueError, AttributeError):
        raise PolicyError(
            f"sql/{source.conformed.table}.sql, whole file: in braces stands something else than "
            "{kept}; double the braces, or correct it."
        ) from None


def _record_agreed_later(
    connection: duckdb.DuckDBPyConnection, source_name: str, source: Source
) -> None:
    """Puts the required fields that were agreed after a drop was loaded on the registers.

    A drop without such a column is refused and a row without a value set aside, so a field that is
    missing in every row of a loaded drop was not agreed then.
    """
    required = [field.name for field in source.fields if field.required]
    filled = ", ".join(f"count({quoted_name(name)})" for name in required) or "1"
    drops = connection.execute(
        f"SELECT {filled} FROM restricted.{raw_table(source_name)} GROUP BY drop_id"
    ).fetchall()
    later = [name for name, *counts in zip(required, *drops, strict=False) if 0 in counts]
    with transaction(connection):
        connection.execute(
            "DELETE FROM registers.fields_agreed_later WHERE source = ?", [source_name]
        )
        for name in later:
            connection.execute(
                "INSERT INTO registers.fields_agreed_later VALUES (?, ?)", [source_name, name]
            )


def _record_unknown(
    connection: duckdb.DuckDBPyConnection, source_name: str, words: Sequence[UnknownWord]
) -> None:
    """Replaces the counts of unknown words of a source in the registers: no word of them."""
    counts: dict[str, tuple[int, int]] = {}
    for word in words:
        texts, rows = counts.get(word.field, (0, 0))
        counts[word.field] = texts + 1, rows + word.rows
    with transaction(connection):
        connection.execute("DELETE FROM registers.unknown_words WHERE source = ?", [source_name])
        for field, (texts, rows) in counts.items():
            connection.execute(
                "INSERT INTO registers.unknown_words VALUES (?, ?, ?, ?)",
                [source_name, field, texts, rows],
            )


def _count_versions(
    connection: duckdb.DuckDBPyConnection, source_name: str, table: str
) -> Versions:
    counted = one_row(
        connection,
        read_sql("cohort", "version_counts").format(table=table),
        {"source": source_name},
    )
    return Versions(*(int(number) for number in counted))


def count_unknown(connection: duckdb.DuckDBPyConnection, source_name: str | None = None) -> int:
    """How often a word of no list stands in the latest rows of a source, or of all; none
    once they are erased with everything personal. The registers are attached."""
    if evaluation_closed(connection):
        return 0
    return one_number(
        connection,
        "SELECT coalesce(sum(rows), 0) FROM registers.unknown_words "
        "WHERE source = coalesce(?, source)",
        [source_name],
    )
