"""Who is held, beside the names in the raw tables: dates of birth, and names in rows set aside."""

from __future__ import annotations

from datetime import date

import duckdb

from safer_streets_assets.intake.fields import define_macros
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text


def names_set_aside(policy: Policy) -> dict[str, list[str]]:
    """Queries of the rows that were set aside, with their columns that name people."""
    return {
        _set_aside(name, source.names): source.names
        for name, source in policy.sources.items()
        if source.names
    }


def births_held(connection: duckdb.DuckDBPyConnection, policy: Policy) -> set[date]:
    """The dates of birth in the raw tables and in rows set aside; the restricted store is
    attached."""
    define_macros(connection)
    found: set[date] = set()
    for name, source in policy.sources.items():
        for column in _births(source):
            for place in (f"restricted.{raw_table(name)}", _set_aside(name, [column])):
                rows = connection.execute(
                    f"SELECT DISTINCT parse_date({quoted_name(column)}) FROM {place} AS held"
                ).fetchall()
                found |= {day for (day,) in rows if day is not None}
    return found


def _births(source: Source) -> list[str]:
    return [
        field.name
        for field in source.fields
        if field.field_class == "direct identifier" and field.kind == "date"
    ]


def _set_aside(source: str, columns: list[str]) -> str:
    """A query of the values of some fields in the rows of a source that were set aside."""
    values = ", ".join(
        f"json_extract_string(values_sent, {quoted_text(f'$.{quoted_name(column)}')}) "
        f"AS {quoted_name(column)}"
        for column in columns
    )
    return f"(SELECT {values} FROM restricted.set_aside_rows WHERE source = {quoted_text(source)})"
