"""Rows whose reference is a word, where those of the other rows have figures: a total, thanks.

Where rows are told apart by a reference that is text, any short word may be one. So what stands
below a table would be taken for a form. It is told by the references of the other rows.
"""

from __future__ import annotations

import duckdb

from safer_streets_assets.intake.fields import is_missing_sql
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.stores.queries import one_row
from safer_streets_assets.stores.sql_files import quoted_name

NO_REFERENCE = "R-ID"
_LEAST_OTHERS = 3
"""For each row without figures there are at least so many with them."""


def odd_references_sql(
    connection: duckdb.DuckDBPyConnection, source: Source, policy: Policy, name: str
) -> dict[str, list[str]]:
    """For each reference of which nearly all rows staged under a name have a figure, what gives the
    reason of one without, in SQL."""
    reasons = {}
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
        if 0 < odd * _LEAST_OTHERS <= others:
            # What is no reference anyway has its reason.
            passes = f"(is_reference({column}) OR {is_missing_sql(column, policy)})"
            wrong = f"CASE WHEN NOT {has_figure} AND {passes} THEN '{NO_REFERENCE}' END"
            reasons[field.name] = [wrong]
    return reasons
