"""The lines below a table that are no rows of it: a total, a count, a word of thanks.

They are set aside and reported like any row that breaks a rule. They are not held against the file,
because none of its rows is wrong for them.
"""

from __future__ import annotations

import duckdb

from safer_streets_assets.intake.fields import field_sql
from safer_streets_assets.intake.odd_references import NO_REFERENCE
from safer_streets_assets.intake.readers import ReadDrop
from safer_streets_assets.policy import AgreedField, Policy, Source
from safer_streets_assets.stores.sql_files import quoted_name

MOST_FOOTERS = 5
"""More lines than these in a row are a part of the table with something wrong."""


def count_footers(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    policy: Policy,
    drop: ReadDrop,
    name: str,
) -> int:
    """How many of the last rows staged under a name are footers, without a row between them.

    A footer breaks a rule, has far fewer cells than the table has columns or a word in the place of
    its reference, and nothing in a column that identifies a row or a person: words in the place of
    a reference are nothing, and a reference that is misspelt is something.
    """
    sent = [field for field in source.fields if field.name not in drop.absent]
    filled = " + ".join(f"({quoted_name(field.name)} IS NOT NULL)::INTEGER" for field in sent)
    most = max(len(sent) // 4, min(2, len(sent) // 2))
    is_row = " OR ".join(
        sql for field in sent if (sql := _identifies_sql(source, policy, field)) is not None
    )
    no_reference = f"list_contains(reasons, '{NO_REFERENCE}')"
    last = connection.execute(
        f"SELECT len(problems) > 0 AND (filled <= {most} OR {no_reference}) "
        f"AND NOT coalesce({is_row}, false) FROM (SELECT *, {filled} AS filled FROM {name} "
        f"ORDER BY row_number DESC LIMIT {MOST_FOOTERS + 1}) ORDER BY row_number DESC"
    ).fetchall()
    footers = next((n for n, (is_footer,) in enumerate(last) if not is_footer), len(last))
    return footers if footers <= MOST_FOOTERS else 0


def _identifies_sql(source: Source, policy: Policy, field: AgreedField) -> str | None:
    """Whether a field of a row says which row or whose it is, in SQL; None where no field can."""
    column = quoted_name(field.name)
    is_reference = field.name in _references(source)
    if not is_reference and (field.field_class != "direct identifier" or field.names_others):
        return None
    if field.kind == "text" and not is_reference:
        # Alone in a row it may be any words.
        return (
            f"coalesce(filled > 1 AND regexp_matches({column}, '\\pL') "
            f"AND NOT regexp_matches({column}, '[0-9]'), false)"
        )
    sql = field_sql(field, policy, identifies=field.name in source.identity)
    right = f"({sql.value} IS NOT NULL AND ({sql.problem}) IS NULL)"
    if not is_reference:
        return right
    right = f"({right} AND NOT list_contains(reasons, '{NO_REFERENCE}'))"
    misspelt = (
        f"length(regexp_replace({column}, '[^0-9]', '', 'g')) >= 4 "
        f"AND NOT regexp_matches({column}, '^[^0-9]*\\pL{{3}}')"
    )
    return f"({right} OR coalesce({misspelt} OR regexp_matches({column}, '\\pL[0-9]{{6}}'), false))"


def _references(source: Source) -> set[str]:
    """The fields that tell rows apart by a reference; without one, those of the identity."""
    named = {
        field.name
        for field in source.fields
        if field.kind == "crn"
        or (field.name in source.identity and field.field_class == "direct identifier")
    }
    return named or set(source.identity)
