"""The winning version of each row of a source: typed, its words read, and pseudonymised."""

from __future__ import annotations

import duckdb

from safer_streets_assets.cohort.identifiers import (
    define_known_identifiers,
    identifies_sql,
    open_fields,
)
from safer_streets_assets.cohort.optional_fields import never_kept, not_agreed
from safer_streets_assets.intake.fields import (
    CRN_KEY,
    define_macros,
    fields_sql,
    reference_key_sql,
    value_type,
)
from safer_streets_assets.intake.list_words import define_words
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import AgreedField, Policy, Source
from safer_streets_assets.policy.sources import IDENTIFYING
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text, read_sql


def make_latest(connection: duckdb.DuckDBPyConnection, policy: Policy, source_name: str) -> None:
    """Makes a temporary table and two views of a source; the restricted store is attached to read.

    `row_versions`: every loaded row, typed, with its recency within its identity (1 wins) and
    whether it repeats or corrects the version before. `latest`: the winners, with `person_id`.
    `minimal`: the winners, numbered in the order of their identity, without the fields that
    identify, for the research store. An optional field that is not agreed is missing. A text that
    is an identifier that is held by now, or looks like a CRN, is left out of them; with a required
    one, the row is.
    """
    source = policy.sources[source_name]
    define_macros(connection)
    define_words(connection, policy, source_name)
    if fields := open_fields(source):
        texts = ", ".join(quoted_name(field.name) for field in fields)
        among = f"SELECT unnest([{texts}]) AS text FROM restricted.{raw_table(source_name)}"
        define_known_identifiers(connection, policy, among)
    connection.execute(latest_sql(source_name, source, policy))


def latest_sql(source_name: str, source: Source, policy: Policy) -> str:
    """The statements of `make_latest` for one source, filled in from the policy."""
    fields = fields_sql(source, policy, words=True)
    values = {
        field.name: _known_code(field, sql.value, policy)
        for field, sql in zip(source.fields, fields, strict=True)
    }
    identifying = {f.name: identifies_sql(policy, quoted_name(f.name)) for f in open_fields(source)}
    typed = ", ".join(
        [
            *(
                f"{_unless(identifying.get(name), value)} AS {quoted_name(name)}"
                for name, value in values.items()
            ),
            *(f"NULL::{kind} AS {quoted_name(name)}" for name, kind in _missing(source).items()),
        ]
    )
    left_out = [identifying[f.name] for f in open_fields(source) if f.required] or ["false"]
    names = ", ".join(quoted_name(field.name) for field in fields)
    crns = [field.name for field in source.fields if field.kind == "crn"]
    place = [
        f"coalesce(person_id, {quoted_name(name)})" if name in crns else quoted_name(name)
        for name in source.identity
    ]
    texts = {quoted_name(field.name) for field in source.fields if field.kind == "text"}
    identity = [reference_key_sql(name) if name in texts else name for name in place]
    person = (
        "(SELECT person_id FROM restricted.person_pseudonyms AS people "
        f"WHERE people.crn_key = raw.{CRN_KEY})"
        if crns
        else "NULL"
    )
    kept = kept_columns(source)
    columns = ("drop_order", "file_row", "person_id", "in_latest_drop", *kept)
    number = f"row_number() OVER (ORDER BY {', '.join(place)}) AS identity_number"
    return read_sql("cohort", "latest_versions").format(
        typed=typed,
        names=names,
        identity=", ".join(identity),
        raw_table=raw_table(source_name),
        left_out=" OR ".join(left_out),
        person=person,
        number=number,
        minimal=", ".join(columns),
    )


def make_empty_latest(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """The tables `latest` and `minimal` of `make_latest` without a row, made of nothing but the
    policy: no store is attached."""
    typed = {field.name: value_type(field) for field in source.fields} | _missing(source)
    columns = [
        "0::BIGINT AS drop_order",
        "0::BIGINT AS file_row",
        "''::VARCHAR AS person_id",
        *(f"NULL::{kind} AS {quoted_name(column)}" for column, kind in typed.items()),
        "1::BIGINT AS recency",
        "1::BIGINT AS version",
        "false AS same_as_before",
        "false AS in_latest_drop",
    ]
    minimal = ["drop_order", "file_row", "person_id", "in_latest_drop", *kept_columns(source)]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE latest AS SELECT {', '.join(columns)} LIMIT 0; "
        "CREATE OR REPLACE TEMP TABLE minimal AS "
        f"SELECT 1::BIGINT AS identity_number, {', '.join(minimal)} FROM latest"
    )


def _missing(source: Source) -> dict[str, str]:
    """The optional fields of a source that are not agreed, with the type of their value."""
    return {**not_agreed(source), **never_kept(source)}


def kept_columns(source: Source) -> list[str]:
    """The columns of a source, as SQL names, that may stand in the research store."""
    agreed = [field.name for field in source.fields if field.field_class not in IDENTIFYING]
    return [quoted_name(column) for column in (*agreed, *not_agreed(source))]


def _known_code(field: AgreedField, value: str, policy: Policy) -> str:
    """The value of a field; of a code that was taken off its list since, the one for not known."""
    unknown = policy.dpia.unknown_codes.get(field.codes or "")
    if not unknown:
        return value
    instead = quoted_text(unknown[0])
    return f"CASE WHEN {quoted_name(field.name)} IS NOT NULL THEN coalesce({value}, {instead}) END"


def _unless(identifies: str | None, value: str) -> str:
    return value if identifies is None else f"CASE WHEN NOT {identifies} THEN {value} END"


def count_left_out(connection: duckdb.DuckDBPyConnection, policy: Policy, source_name: str) -> int:
    """How many loaded values of a source are left out because they identify somebody by now; its
    latest rows were just made."""
    fields = open_fields(policy.sources[source_name])
    if not fields:
        return 0
    found = " + ".join(f"{identifies_sql(policy, quoted_name(f.name))}::BIGINT" for f in fields)
    query = f"SELECT coalesce(sum({found}), 0) FROM restricted.{raw_table(source_name)}"
    return one_number(connection, query)
