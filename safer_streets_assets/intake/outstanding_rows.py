"""Rows set aside that still wait for a correction by their sender.

A row that was set aside stays outstanding until a later drop of the same source (in the order of
drops) clears it, in one of three ways, or a row of its own file does:

1. The later drop has a row of the same identity. Loaded, it is the correction; set aside again, it
   takes the place of the earlier row, so that a sender is asked once.
2. The identity of the row is in doubt (a field of it, or the row as a whole, breaks a rule: a
   malformed CRN is nobody's, and of two dates in the wrong order either may be wrong), and the
   later drop is a re-send of the earlier one: it has more than half of the identities that the
   earlier one loaded. What it still has wrong is outstanding as its own row.
3. The identity is in doubt and the later drop has, loaded, a row that agrees with this one in every
   field that was agreed then and broke no rule, under an identity the earlier drop did not load:
   the corrected row came back alone. (Not where only the row as a whole broke a rule.)

4. Its own file has, further down and loaded, a row of the same identity: the sender corrected it
   there. (Not where two rows of one identity contradict each other: see `repeated`.)

A row whose identity is beyond doubt is cleared by the first way only: when a later workbook leaves
it out, it was not corrected. A row that was set aside before fields were kept with their reasons is
in doubt. Nothing is cleared by a drop that was quarantined or refused. Nobody is asked for a field
that is not agreed any more.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import pandas as pd

from safer_streets_assets.intake.crn import normalise_crn
from safer_streets_assets.intake.erased_people import ERASED_PERSON
from safer_streets_assets.intake.fields import CRN_KEY, define_macros, fields_sql
from safer_streets_assets.intake.raw_tables import raw_columns, raw_table
from safer_streets_assets.intake.repeated_rows import REPEATED
from safer_streets_assets.policy import AgreedField, Policy, Source
from safer_streets_assets.stores.frames import registered
from safer_streets_assets.stores.queries import one_number, tables_in
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text, read_sql


@dataclass(frozen=True)
class SentFile:
    """By what its sender knows a file: the date it stands for, when it was saved (ns since 1970, 0
    when that is not known), and the number of the sheet, from 1. Its name may name a person."""

    stands_for: date | None = None
    saved_at: int = 0
    sheet: int | None = None


NOT_KNOWN = SentFile()


@dataclass(frozen=True)
class WrongValue:
    """A value of a row set aside and the rule it breaks; without a field, the row as a whole.

    `arrived_at` is in UTC; `row_number` counts as a spreadsheet does. `is_kept` says whether the
    value is there: that of a refused file is not. The repr holds no value.
    """

    drop_id: str
    arrived_at: datetime
    row_number: int
    field: str | None
    reason: str
    value_sent: str | None = dataclasses.field(repr=False)
    sent: SentFile = NOT_KNOWN
    is_kept: bool = True


def outstanding_values(
    connection: duckdb.DuckDBPyConnection, policy: Policy, name: str
) -> list[WrongValue]:
    """What is wrong in the rows of a source that still wait for a correction, oldest drop first.

    The restricted store is attached (reading will do); the module says what clears a row.
    """
    if not _any_set_aside(connection, name):
        return []
    define_macros(connection)
    source = policy.sources[name]
    texts = _crns_set_aside(connection, source, name)
    spellings = pd.DataFrame(
        {
            "text": pd.Series(texts, dtype=object),
            CRN_KEY: pd.Series([normalise_crn(text) for text in texts], dtype=object),
        }
    )
    with registered(connection, "crn_spellings", spellings):
        rows = connection.execute(_sql(source, policy, name)).fetchall()
    return [
        WrongValue(drop_id, arrived_at, number, field, reason, value, SentFile(*sent))
        for drop_id, arrived_at, number, field, reason, value, *sent in rows
    ]


def _any_set_aside(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    count = "SELECT count(*) FROM restricted.set_aside_rows WHERE source = ?"
    there = "set_aside_rows" in tables_in(connection, "restricted")
    return there and one_number(connection, count, [name]) > 0


def _crns_set_aside(connection: duckdb.DuckDBPyConnection, source: Source, name: str) -> list[str]:
    crn = source.crn_field
    if crn is None:
        return []
    rows = connection.execute(
        f"SELECT DISTINCT {_sent(crn)} AS text FROM restricted.set_aside_rows AS aside "
        "WHERE source = ? AND text IS NOT NULL ORDER BY text",
        [name],
    ).fetchall()
    return [text for (text,) in rows]


def _sql(source: Source, policy: Policy, name: str) -> str:
    by_name = {field.name: field for field in fields_sql(source, policy)}
    crn = source.crn_field
    columns = [quoted_name(column) for column in raw_columns(source)]
    set_aside = [f"{_sent(field)} AS {quoted_name(field.name)}" for field in source.fields]
    join = ""
    if crn is not None:
        set_aside.append(f"spellings.{CRN_KEY}")
        join = f"LEFT JOIN crn_spellings AS spellings ON spellings.text = {_sent(crn)}"
    identity = [by_name[field] for field in source.identity]
    readable = [f"({f.problem}) IS NULL" for f in identity]
    # A blank is a value of an identity where the field may be blank.
    readable += [f"{f.value} IS NOT NULL" for f in identity if source.field_named(f.name).required]
    compared = [
        f"list_contains(fields_sent, {quoted_text(field)}) "
        f"AND NOT list_contains(wrong, {quoted_text(field)})"
        for field in by_name
    ]
    same = [
        f"(NOT earlier.compared[{number}] "
        f"OR earlier.{quoted_name(field)} IS NOT DISTINCT FROM later.{quoted_name(field)})"
        for number, field in enumerate(by_name, start=1)
    ]
    return read_sql("intake", "outstanding").format(
        source=quoted_text(name),
        erased_person=quoted_text(ERASED_PERSON),
        repeated=quoted_text(REPEATED),
        raw_table=raw_table(name),
        columns=", ".join(columns),
        columns_set_aside=", ".join(set_aside),
        spellings=join,
        is_readable=" AND ".join(readable),
        identity=", ".join(f"({field.key})::VARCHAR" for field in identity),
        identity_fields=f"[{', '.join(quoted_text(field) for field in source.identity)}]",
        typed=", ".join(f"{f.value} AS {quoted_name(f.name)}" for f in by_name.values()),
        same_otherwise=" AND ".join(same),
        compared=", ".join(compared),
        hashes=", ".join(f"hash({quoted_name(field)})" for field in by_name),
        agreed=f"[{', '.join(map(quoted_text, by_name))}]",
    )


def _sent(field: AgreedField) -> str:
    """The text of a field as sent, in a row set aside."""
    path = f'$."{field.name}"'
    return f"json_extract_string(aside.values_sent, {quoted_text(path)})"
