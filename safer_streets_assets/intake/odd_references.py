"""Rows whose reference is a word, where those of the other rows have figures: a total, thanks.

Where rows are told apart by a reference that is text, any short word may be one. So what stands
below a table would be taken for a form. It is told by the references of the other rows.
"""

from __future__ import annotations

import duckdb

from safer_streets_assets.policy import Source
from safer_streets_assets.stores.queries import one_row
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

NO_REFERENCE = "R-ID"
_LEAST_OTHERS = 3
"""For each row without figures there are at least so many with them."""


def set_aside_odd_references(
    connection: duckdb.DuckDBPyConnection, source: Source, name: str
) -> None:
    """Adds the rows without a figure in their reference to the problems staged under a name, where
    nearly all others have one."""
    for field in source.fields:
        if field.name not in source.identity or field.kind != "text":
            continue
        column = quoted_name(field.name)
        has_figure = f"regexp_matches({column}, '\\pN')"
        others, odd = one_row(
            connection,
            f"SELECT count(*) FILTER ({has_figure}), count(*) FILTER (NOT {has_figure}) "
            f"FROM {name}_rows WHERE {column} IS NOT NULL",
        )
        if not 0 < odd * _LEAST_OTHERS <= others:
            continue
        problem = (
            f"struct_pack(field := {quoted_text(field.name)}::VARCHAR, reason := '{NO_REFERENCE}')"
        )
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {name}_odd AS SELECT row_number FROM {name}_rows "
            f"WHERE {column} IS NOT NULL AND NOT {has_figure}"
        )
        connection.execute(
            f"UPDATE {name}_problems SET problems = list_append(problems, {problem}), "
            f"reasons = list_append(reasons, '{NO_REFERENCE}') "
            f"WHERE row_number IN (FROM {name}_odd) "
            f"AND NOT list_contains(reasons, '{NO_REFERENCE}')"
        )
        connection.execute(
            f"INSERT INTO {name}_problems SELECT row_number, [{problem}], ['{NO_REFERENCE}'] "
            f"FROM {name}_odd ANTI JOIN {name}_problems USING (row_number)"
        )
        connection.execute(f"DROP TABLE {name}_odd")
