"""Everything that is held on a person: each row of each table of the stores that is about them."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from safer_streets_assets.intake.fields import CRN_KEY
from safer_streets_assets.intake.raw_tables import ROW_KEYS, columns_there, raw_table
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.policy.sources import PERSON_ID
from safer_streets_assets.retention.holdings import inventory as units_of
from safer_streets_assets.rights.answer_parts import AnswerPart, PartBuilder, TextRow
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.queries import columns_in, tables_in
from safer_streets_assets.stores.sql_files import quoted_name

DROP, ARRIVED, FILE_ROW = "drop", "arrived (UTC)", "row of the file"
SHORT_ID = 12


def raw_parts(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    register: PartBuilder,
    crns: frozenset[str],
) -> Iterator[AnswerPart]:
    """The rows of each source with one of the CRNs, as sent, with drop, day and row of the file."""
    there = tables_in(connection, "restricted")
    for name, source in policy.sources.items():
        if raw_table(name) not in there or source.crn_field is None:
            continue
        rows = raw_rows(connection, name, source, crns)
        if rows:
            yield source_part(register, name, source, f"{source.title}: rows as sent", rows)


def raw_rows(
    connection: duckdb.DuckDBPyConnection, name: str, source: Source, crns: frozenset[str]
) -> list[TextRow]:
    """The rows of a source with one of the CRNs, in the order of drops.

    What is held counts, whether it is still agreed or not; a field that was agreed since the last
    command that wrote is missing.
    """
    there = columns_there(connection, "restricted")[raw_table(name)]
    agreed = [field.name for field in source.fields]
    others = [column for column in there if column not in (*agreed, *ROW_KEYS, CRN_KEY)]
    fields = ", ".join(
        f"raw.{quoted_name(column)}" if column in there else f"NULL AS {quoted_name(column)}"
        for column in (*agreed, *others)
    )
    found = connection.execute(
        f"SELECT left(drop_id, {SHORT_ID}) AS {quoted_name(DROP)}, "
        f"strftime(arrived_at, '%d/%m/%Y %H:%M') AS {quoted_name(ARRIVED)}, "
        f"row_number AS {quoted_name(FILE_ROW)}, {fields} "
        f"FROM restricted.{raw_table(name)} AS raw "
        "LEFT JOIN restricted.loaded_drops USING (drop_id) "
        f"WHERE list_contains(?, raw.{CRN_KEY}) ORDER BY arrived_at, drop_id, row_number",
        [sorted(crns)],
    )
    return as_rows(found)


def source_part(
    register: PartBuilder,
    name: str,
    source: Source,
    what: str,
    rows: list[TextRow],
    table: str = "",
) -> AnswerPart:
    """Rows of a source with what each of its fields is for."""
    columns = {
        DROP: "Which file: the beginning of its fingerprint",
        ARRIVED: "When the file arrived",
        FILE_ROW: "Row of the file",
        **{field.name: f"{field.purpose} ({field.field_class})" for field in source.fields},
    }
    columns |= {
        column: "Not agreed any more: erased by the next run"
        for row in rows[:1]
        for column in row
        if column not in columns
    }
    place = table or raw_table(name)
    return register.part(what, "restricted", place, [name], f"restricted/{name}", columns, rows)


def derived_parts(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    register: PartBuilder,
    ids: frozenset[str],
) -> Iterator[AnswerPart]:
    """The rows of every other table of both stores with a CRN or pseudonym of the person (`ids`).

    Any column of text counts, whatever it is called, so that a table nobody thought of here is not
    left out.
    """
    declared = Catalogue(policy).of_store("restricted")
    for store, schema, table, columns in _text_columns(connection):
        known = declared.get(table) if store == "restricted" else None
        # Rows as sent, and what may be about somebody else, are told of one by one.
        if known is not None and (known.as_sent or known.is_of_two_people):
            continue
        match = " OR ".join(f"list_contains($1, {quoted_name(column)})" for column in columns)
        place = f"{store}.{quoted_name(schema)}.{quoted_name(table)}"
        rows = as_rows(connection.execute(f"SELECT * FROM {place} WHERE {match}", [sorted(ids)]))
        by_source = known.source_column if known is not None else None
        for source in dict.fromkeys(row[by_source] if by_source else None for row in rows):
            own = [row for row in rows if by_source is None or row[by_source] == source]
            yield _derived(policy, register, store, table, own, source)


def as_rows(found: duckdb.DuckDBPyConnection) -> list[TextRow]:
    """The rows of a query as texts by column."""
    names = [str(column[0]) for column in found.description or ()]
    return [
        {
            name: None if value is None else str(value)
            for name, value in zip(names, row, strict=True)
        }
        for row in found.fetchall()
    ]


def _text_columns(
    connection: duckdb.DuckDBPyConnection,
) -> list[tuple[str, str, str, list[str]]]:
    found: dict[tuple[str, str, str], list[str]] = {}
    for store in ("research", "restricted"):
        for column in columns_in(connection, store):
            if column.type == "VARCHAR":
                found.setdefault((store, column.schema, column.table), []).append(column.name)
    return [(*place, columns) for place, columns in found.items()]


def _derived(
    policy: Policy,
    register: PartBuilder,
    store: str,
    table: str,
    rows: list[TextRow],
    source: str | None,
) -> AnswerPart:
    """Rows of a table; of one whose rows say of which source they are, those of one `source`."""
    catalogue = Catalogue(policy)
    declared = catalogue.find(store, table)
    sources = catalogue.sources_of(store, table) if source is None else [source]
    meanings = {name: doc.description for name, doc in declared.columns.items()} if declared else {}
    meanings[(declared and declared.pseudonym) or PERSON_ID] = policy.dpia.rights.pseudonym
    columns = {column: meanings.get(column) or "Made from the rows as sent" for column in rows[0]}
    holding = units_of.RESEARCH if store == "research" else units_of.RESTRICTED
    if declared is not None and declared.line is not None:
        holding = declared.line.format(source=source)
    what = table.replace("_", " ").capitalize()
    return register.part(what, store, table, sources, holding, columns, rows)
