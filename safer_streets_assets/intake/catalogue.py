"""The tables that intake makes in the restricted store: their columns, and whose rows they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from safer_streets_assets.intake.fields import CRN_KEY
from safer_streets_assets.intake.raw_tables import raw_columns, raw_table
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.policy.retention import LANDING, QUARANTINE
from safer_streets_assets.stores.stored_table import ColumnDoc, StoredTable
from safer_streets_assets.stores.table_files import declared_tables

OF_ITS_SOURCE = "restricted/{source}"
"""The line of the retention register of the rows of a source."""


def stored_tables(policy: Policy) -> Iterator[StoredTable]:
    """A raw table for each source, agreed or not any more, and what is kept beside them."""
    for name, listed in policy.dpia.sources.items():
        # Of an agreed source with the fields of its questionnaire.
        source = policy.sources.get(name, listed)
        columns = raw_table_columns(source)
        yield StoredTable(
            "restricted",
            raw_table(name),
            f"{source.title}: rows as sent",
            columns,
            crn_columns=(CRN_KEY,) if CRN_KEY in columns else (),
            drop_column="drop_id",
            sources=(name,),
            as_sent=True,
            line=OF_ITS_SOURCE.format(source=name),
        )
    for file in ("restricted", "erased_people"):
        for table in declared_tables("intake", file):
            yield _beside(table)


def _beside(table: StoredTable) -> StoredTable:
    match table.name:
        case "arrivals":
            return replace(table, drop_column="drop_id", names_files=True, rule=LANDING)
        case "quarantined_drops":
            return replace(table, drop_column="drop_id", names_files=True, rule=QUARANTINE)
        case "loaded_drops":
            return replace(table, drop_column="drop_id", source_column="source", line=OF_ITS_SOURCE)
        case "set_aside_rows":
            return replace(
                table,
                values_column="values_sent",
                drop_column="drop_id",
                source_column="source",
                as_sent=True,
                line=OF_ITS_SOURCE,
            )
        case _:
            return table


def raw_table_columns(source: Source) -> dict[str, ColumnDoc]:
    """The columns of a source's raw table: which row of which drop it is, and the agreed fields."""
    docs = {
        "drop_id": ColumnDoc("VARCHAR", "The drop the row came in"),
        "row_number": ColumnDoc("BIGINT", "Row of the file, counted as a spreadsheet does"),
    }
    known = {
        field.name: ColumnDoc("VARCHAR", f"{field.purpose} ({field.field_class}), as sent")
        for field in source.fields
    }
    known[CRN_KEY] = ColumnDoc("VARCHAR", "The CRN normalised (direct identifier)")
    return {**docs, **{column: known[column] for column in raw_columns(source)}}
