"""Staging: the rows of one drop, judged and laid out before anything of them is in a store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pandas as pd

from safer_streets_assets.intake.clocks import local_day
from safer_streets_assets.intake.crn import ASCII_SEPARATORS, normalise_crn
from safer_streets_assets.intake.erased_people import ERASED_PERSON, NOBODY, ErasedPeople
from safer_streets_assets.intake.fields import (
    CRN_KEY,
    REASONS_SQL,
    RowRules,
    field_sql,
    row_rules,
    typed_columns_sql,
)
from safer_streets_assets.intake.misplaced_values import (
    Misplaced,
    define_misplaced,
    misplaced_sql,
    misplaced_texts,
)
from safer_streets_assets.intake.odd_references import odd_references_sql
from safer_streets_assets.intake.raw_tables import raw_columns
from safer_streets_assets.intake.readers import BULK_GROUP_ROWS, BULK_TABLE, BulkStore, ReadDrop
from safer_streets_assets.intake.reasons import BAD_ROWS, DropRefusedError
from safer_streets_assets.intake.repeated_rows import REPEATED, set_aside_repeated
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.stores.frames import write_frame
from safer_streets_assets.stores.queries import is_there, one_number, one_row
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

STAGED = "staged"
"""The view that holds the rows of the drop at hand; what loads and compares drops reads it."""

_PROBLEMS = "STRUCT(field VARCHAR, reason VARCHAR)[]"
"""The DuckDB type of what is wrong with a row."""


def stage_rows(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    policy: Policy,
    drop: ReadDrop,
    identifying: Collection[int] = (),
    name: str = STAGED,
    erased: ErasedPeople = NOBODY,
) -> tuple[int, int]:
    """Judges the rows of one drop in a temporary view `name`; returns rows read and bad rows.

    Columns: row_number, the fields as sent, crn_key, problems and reasons (empty for a good row).
    `identifying` are the row numbers that name a person where the source is anonymous. A row about
    one of the `erased` people has that as its only problem.
    """
    unstage(connection, name)
    if drop.bulk is None:
        _rows_of_columns(connection, source, drop, identifying, name)
    else:
        _rows_of_bulk_store(connection, source, drop, drop.bulk, name)
    misplaced = misplaced_texts(connection, policy, source, f"{name}_rows")
    if misplaced:
        define_misplaced(connection, f"{name}_misplaced", misplaced)
    rules = _rules(connection, source, policy, name, erased, misplaced)
    _find_problems(connection, rules, typed_columns_sql(source, policy), name)
    set_aside_repeated(connection, source, policy, name)
    bad = one_number(connection, f"SELECT count(*) FROM {name}_problems")
    # Without a bad row there is nothing to join a million good ones with.
    connection.execute(
        f"CREATE TEMP VIEW {name} AS SELECT sent.*, coalesce(bad.problems, []) AS problems, "
        f"coalesce(bad.reasons, []) AS reasons FROM {name}_rows AS sent "
        f"LEFT JOIN {name}_problems AS bad USING (row_number)"
        if bad
        else f"CREATE TEMP VIEW {name} AS SELECT *, []::{_PROBLEMS} AS problems, "
        f"[]::VARCHAR[] AS reasons FROM {name}_rows"
    )
    return len(drop.row_numbers), bad


def _find_problems(
    connection: duckdb.DuckDBPyConnection, rules: RowRules, typed: str, name: str
) -> None:
    """Makes the table of the rows staged under a name that have problems.

    Nearly all rows are good, and nearly all drops have none else: only of rows in which a rule may
    be broken it is looked at which.
    """
    connection.execute(
        f"CREATE TEMP TABLE {name}_suspects AS SELECT row_number "
        f"FROM (SELECT *{typed} FROM {name}_rows) WHERE {rules.broken}"
    )
    if one_number(connection, f"SELECT count(*) FROM {name}_suspects"):
        connection.execute(
            # Materialised: the list of problems is long, and planned once for each place it is in.
            f"CREATE TEMP TABLE {name}_problems AS WITH judged AS MATERIALIZED "
            f"(SELECT row_number, {rules.problems} AS problems FROM (SELECT *{typed} "
            f"FROM {name}_rows SEMI JOIN {name}_suspects USING (row_number))) "
            f"SELECT *, {REASONS_SQL} AS reasons FROM judged WHERE len(problems) > 0 "
            "ORDER BY row_number"
        )
    else:
        connection.execute(
            f"CREATE TEMP TABLE {name}_problems "
            f"(row_number BIGINT, problems {_PROBLEMS}, reasons VARCHAR[])"
        )


def _rules(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    policy: Policy,
    name: str,
    erased: ErasedPeople,
    misplaced: Collection[Misplaced],
) -> RowRules:
    """The rules of the rows staged under a name."""
    today = local_day(policy)
    beside = misplaced_sql(source, name, misplaced)
    for field, reasons in odd_references_sql(connection, source, policy, name).items():
        beside.setdefault(field, []).extend(reasons)
    rules = row_rules(source, policy, today, beside)
    if not erased.marks or source.crn_field is None:
        return rules
    sent = connection.execute(
        f"SELECT DISTINCT {CRN_KEY} FROM {name}_rows WHERE {CRN_KEY} IS NOT NULL"
    ).fetchall()
    found = ", ".join(quoted_text(crn) for crn in erased.among(crn for (crn,) in sent))
    if not found:
        return rules
    only = f"[struct_pack(field := NULL::VARCHAR, reason := '{ERASED_PERSON}')]"
    return RowRules(
        f"{CRN_KEY} IN ({found}) OR {rules.broken}",
        f"CASE WHEN {CRN_KEY} IN ({found}) THEN {only} ELSE {rules.problems} END",
    )


def rows_of_erased(connection: duckdb.DuckDBPyConnection, name: str = STAGED) -> int:
    """How many rows staged under a name are about people who were erased."""
    return one_number(
        connection,
        f"SELECT count(*) FROM {name}_problems WHERE list_contains(reasons, '{ERASED_PERSON}')",
    )


def rows_repeated(connection: duckdb.DuckDBPyConnection, name: str = STAGED) -> int:
    """How many rows staged under a name are set aside only because another one of the file stands
    for their identity."""
    return one_number(
        connection, f"SELECT count(*) FROM {name}_problems WHERE reasons = ['{REPEATED}']"
    )


def in_file_order(connection: duckdb.DuckDBPyConnection, name: str = STAGED) -> bool:
    """Whether the rows staged under a name come as the file has them: nothing is joined to them."""
    if is_there(connection, "temp", f"{name}_crns"):
        return False
    return one_number(connection, f"SELECT count(*) FROM {name}_problems") == 0


def put_at_hand(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Makes the rows staged under a name those of the drop at hand."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {STAGED} AS FROM {name}")


def unstage(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Removes what `stage_rows` made under a name, and lets go of its bulk store."""
    tables = ("problems", "suspects", "sent", "crns", "misplaced")
    connection.execute(
        f"DROP VIEW IF EXISTS {name}; DROP VIEW IF EXISTS {name}_rows; "
        + "".join(f"DROP TABLE IF EXISTS {name}_{table}; " for table in tables)
        + f"DETACH DATABASE IF EXISTS {name}_store"
    )


def are_too_many_bad(rows: int, bad: int, policy: Policy) -> bool:
    """Whether the share of bad rows is above the policy's maximum, or there are no rows."""
    return rows == 0 or bad / rows > policy.dpia.intake.maximum_bad_row_share


def refuse_if_too_many_bad(rows: int, bad: int, policy: Policy) -> None:
    """Raises `DropRefusedError` when the share of bad rows is above the policy's maximum."""
    if are_too_many_bad(rows, bad, policy):
        raise DropRefusedError(BAD_ROWS)


def position_of(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    source: Source,
    drop: ReadDrop,
    name: str = STAGED,
    arrived_at: datetime | None = None,
) -> date | None:
    """The date a drop stands for: what its title says, else the latest date of its good rows.

    Neither is believed when it lies after the day on which the drop arrived.
    """
    stated = stated_position(drop, policy, arrived_at)
    if stated is not None or source.position_field is None:
        return stated
    field = source.field_named(source.position_field)
    day = f"({field_sql(field, policy).value})::DATE"
    position: date | None = one_row(
        connection,
        "SELECT max(day) FILTER (WHERE day <= coalesce(?::DATE, DATE '9999-12-31')) "
        f"FROM (SELECT {day} AS day FROM {name} WHERE len(reasons) = 0)",
        [_latest(arrived_at)],
    )[0]
    return position


def stated_position(drop: ReadDrop, policy: Policy, arrived_at: datetime | None) -> date | None:
    """The position in the title of a drop, where it lies in the years of the evaluation's data and
    before the drop arrived: a day of a month may read as a year ("Position Nov 12")."""
    latest, stated = _latest(arrived_at), drop.position_date
    first_year, _ = policy.dpia.intake.two_figure_years.other
    if stated is None or stated.year < first_year or (latest and stated > latest):
        return None
    return stated


def _latest(arrived_at: datetime | None) -> date | None:
    # London may be a day ahead of the clock of the ledger.
    return None if arrived_at is None else arrived_at.date() + timedelta(days=1)


def _rows_of_columns(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    drop: ReadDrop,
    identifying: Collection[int],
    name: str,
) -> None:
    frame = _frame(source, drop, identifying)
    types = {"row_number": "BIGINT", "is_ragged": "BOOLEAN", "is_identifying": "BOOLEAN"}
    types |= dict.fromkeys(raw_columns(source), "VARCHAR")
    write_frame(connection, f"{name}_sent", frame, types, temporary=True)
    connection.execute(f"CREATE TEMP VIEW {name}_rows AS FROM {name}_sent")


def _frame(source: Source, drop: ReadDrop, identifying: Collection[int]) -> pd.DataFrame:
    """The rows of a drop as text, with the normalised CRN where the source has one."""
    rows = len(drop.row_numbers)
    ragged = set(drop.ragged_rows)
    data: dict[str, Any] = {
        "row_number": drop.row_numbers,
        "is_ragged": [number in ragged for number in drop.row_numbers],
        "is_identifying": [number in identifying for number in drop.row_numbers],
    }
    for field in source.fields:
        values: Sequence[str | None] = drop.columns.get(field.name) or [None] * rows
        data[field.name] = pd.Series(values, dtype=object)
        if field.kind == "crn":
            known = {text: normalise_crn(text) for text in set(values) if text is not None}
            data[CRN_KEY] = pd.Series(
                [known[text] if text is not None else None for text in values], dtype=object
            )
    return pd.DataFrame(data, copy=False)


def _rows_of_bulk_store(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    drop: ReadDrop,
    store: BulkStore,
    name: str,
) -> None:
    """The rows where the reader left them: they are judged and loaded from there, not copied."""
    connection.execute(
        f"ATTACH {quoted_text(str(store.path))} AS {name}_store "
        f"(ENCRYPTION_KEY {quoted_text(store.key)}, ROW_GROUP_SIZE {BULK_GROUP_ROWS}, READ_ONLY)"
    )
    sent = f"{name}_store.{BULK_TABLE}"
    columns = ["NULL::VARCHAR AS " + quoted_name(column) for column in drop.absent]
    join = ""
    for field in source.fields:
        if field.kind == "crn":
            join = _crn_join(connection, sent, quoted_name(field.name), name)
            key = plain_crn(quoted_name(field.name))
            columns.append(f"{f'coalesce(crns.key, {key})' if join else key} AS {CRN_KEY}")
    connection.execute(
        f"CREATE TEMP VIEW {name}_rows AS SELECT sent.rowid + {drop.row_numbers[0]} AS row_number, "
        f"false AS is_ragged, false AS is_identifying, sent.*, {', '.join(columns)} "
        f"FROM {sent} AS sent {join}"
    )


def plain_crn(column: str) -> str:
    """`normalise_crn` of a text in ASCII."""
    return f"upper(regexp_replace({column}, {quoted_text(ASCII_SEPARATORS)}, '', 'g'))"


def _crn_join(connection: duckdb.DuckDBPyConnection, sent: str, column: str, name: str) -> str:
    """Normalises the few CRNs that are not ASCII, which takes NFKC, and joins them, if any."""
    found = connection.execute(
        f"SELECT DISTINCT {column} FROM {sent} WHERE strlen({column}) <> length({column})"
    ).fetchall()
    if not found:
        return ""
    frame = pd.DataFrame(
        {"sent": [text for (text,) in found], "key": [normalise_crn(text) for (text,) in found]},
        dtype=object,
    )
    types = {"sent": "VARCHAR", "key": "VARCHAR"}
    write_frame(connection, f"{name}_crns", frame, types, temporary=True)
    return f"LEFT JOIN {name}_crns AS crns ON crns.sent = sent.{column}"
