"""The winning version of each row of a source: typed, its words read, and pseudonymised."""

from __future__ import annotations

import duckdb

from safer_streets_assets.intake.fields import CRN_KEY, define_macros, fields_sql
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.intake.words import define_words
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.stores.sql_files import quoted_name, read_sql

IDENTIFYING = ("direct identifier", "free text")
"""Classes of field that never enter the research store."""


def make_latest(connection: duckdb.DuckDBPyConnection, policy: Policy, source_name: str) -> None:
    """Makes three temporary tables of a source; the restricted store is attached (reading).

    `row_versions`: every loaded row, typed, with its recency within its identity (1 wins) and
    whether it repeats or corrects the version before. `latest`: the winners, with `person_id`.
    `minimal`: the winners, numbered in the order of their identity, without the fields that
    identify, for the research store.
    """
    source = policy.sources[source_name]
    define_macros(connection)
    define_words(connection, policy, source_name)
    connection.execute(_latest_sql(source_name, source, policy))


def _latest_sql(source_name: str, source: Source, policy: Policy) -> str:
    fields = fields_sql(source, policy, words=True)
    typed = ", ".join(f"{field.value} AS {quoted_name(field.name)}" for field in fields)
    names = ", ".join(quoted_name(field.name) for field in fields)
    crns = [field.name for field in source.fields if field.kind == "crn"]
    identity = ", ".join(
        f"coalesce(person_id, {quoted_name(name)})" if name in crns else quoted_name(name)
        for name in source.identity
    )
    person = (
        "(SELECT person_id FROM restricted.person_pseudonyms AS people "
        f"WHERE people.crn_key = raw.{CRN_KEY})"
        if crns
        else "NULL"
    )
    kept = [field.name for field in source.fields if field.field_class not in IDENTIFYING]
    minimal = ", ".join(["person_id", "in_latest_drop", *(quoted_name(name) for name in kept)])
    number = f"row_number() OVER (ORDER BY {identity}) AS identity_number"
    return read_sql("cohort", "latest_versions").format(
        typed=typed,
        names=names,
        identity=identity,
        raw_table=raw_table(source_name),
        person=person,
        number=number,
        minimal=minimal,
    )
