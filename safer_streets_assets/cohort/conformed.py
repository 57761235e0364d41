"""Conformed tables: the winning version of each row, typed, pseudonymised, without identifiers."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from safer_streets_assets.intake.fields import CRN_KEY, define_macros, fields_sql
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.stores.queries import one_row
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets.stores.sql_files import quoted_name, read_sql

CONFORMED = {
    "nps_court_outcomes": "court_cases",
    "crc_eligibility": "programme_cases",
    "ors_attendee_survey": "attendee_responses",
    "ors_facilitator_checkin": "facilitator_checkins",
    "training_feedback": "training_forms",
    "mtc_novo": "case_studies",
    "mps_reoffending": "police_events",
}
"""Source to the name of its conformed table, once the source is agreed."""

IDENTIFYING = ("direct identifier", "free text")
"""Classes of field that never enter the research store."""


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
    source = policy.sources[source_name]
    define_macros(connection)
    ensure_registers(connection)
    connection.execute(latest_sql(source_name, source, policy))
    table = CONFORMED[source_name]
    connection.execute(f"CREATE OR REPLACE TABLE research.{table} AS {read_sql('cohort', table)}")
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
    return versions


def latest_sql(source_name: str, source: Source, policy: Policy) -> str:
    """SQL that makes three temporary tables of a source.

    `row_versions`: every loaded row, typed, with its recency within its identity (1 wins) and
    whether it repeats or corrects the version before. `latest`: the winners, with `person_id`.
    `minimal`: the winners, numbered in the order of their identity, without the fields that
    identify, for the research store.
    """
    fields = fields_sql(source, policy)
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


def _count_versions(
    connection: duckdb.DuckDBPyConnection, source_name: str, table: str
) -> Versions:
    counted = one_row(
        connection,
        read_sql("cohort", "version_counts").format(table=table),
        {"source": source_name},
    )
    return Versions(*(int(number) for number in counted))
