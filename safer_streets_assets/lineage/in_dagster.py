"""Lineage as Dagster shows it: a table to read, and the columns of assets behind each column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

import dagster as dg

from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.lineage.published import Lineage, SourceField
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.steps import table_of

_COLUMNS = {"table": "string", "column": "string", "source": "string", "fields": "string"}


def lineage_metadata(policy: Policy) -> dict[str, dg.MetadataValue]:
    """The lineage of every published column from the fields of the sources.

    `column_lineage` has a row for each column and source (none: it holds what the policy says), and
    `dagster/column_lineage` the columns of the raw tables behind each `table.column`.
    """
    found = {
        f"{table}.{column}": sorted(fields)
        for (table, column), fields in Lineage(policy).published().items()
    }
    behind = {
        name: [dg.TableColumnDep(dg.AssetKey(raw_table(s)), field) for s, field in fields]
        for name, fields in found.items()
    }
    return {
        "column_lineage": table_of(_COLUMNS, _rows(found)),
        "dagster/column_lineage": dg.MetadataValue.column_lineage(dg.TableColumnLineage(behind)),
    }


def _rows(found: Mapping[str, list[SourceField]]) -> Iterator[tuple[str, str, str, str]]:
    for name, fields in found.items():
        table, _, column = name.partition(".")
        if not fields:
            yield table, column, "policy", ""
        for source, own in groupby(fields, key=lambda field: field[0]):
            yield table, column, source, ", ".join(field for _, field in own)
