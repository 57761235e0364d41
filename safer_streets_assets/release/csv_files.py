"""Tables as CSV (RFC 4180) with CSV on the Web (CSVW) metadata. The CSV bytes are canonical: the
content hash is taken over them.
"""

from __future__ import annotations

import csv
import io
from typing import Any

from safer_streets_assets.release.columns import Column
from safer_streets_assets.release.content import Cell, PrintedTable

LINE_END = "\r\n"
CSVW_TYPES = {"VARCHAR": "string", "BIGINT": "integer", "DOUBLE": "number", "BOOLEAN": "boolean"}


def csv_bytes(table: PrintedTable) -> bytes:
    """A table as CSV: UTF-8, CRLF, a header; a missing value is an empty field.

    Numbers are written so that they read back as the very same number.
    """
    lines = [[column.name for column in table.columns], *table.rows]
    return "".join(",".join(map(_field, line)) + LINE_END for line in lines).encode()


def read_csv(content: bytes) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a CSV that `csv_bytes` wrote, as text."""
    reader = csv.reader(io.StringIO(content.decode(), newline=""))
    header = next(reader)
    return header, list(reader)


def csvw_metadata(table: PrintedTable) -> dict[str, Any]:
    """CSVW metadata of a table's CSV (https://www.w3.org/TR/tabular-metadata/)."""
    description = ". ".join(text for text in (table.spec.population, table.notes) if text)
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": f"{table.name}.csv",
        "dc:title": table.spec.title,
        "dc:description": description,
        "dialect": {"encoding": "utf-8", "lineTerminators": [LINE_END], "header": True},
        "tableSchema": {
            "columns": [
                {
                    "name": column.name,
                    "titles": column.name,
                    "datatype": CSVW_TYPES[column.type],
                    "dc:description": described(column),
                    "required": column.role == "dimension",
                }
                for column in table.columns
            ],
            "primaryKey": table.dimensions,
        },
    }


def described(column: Column) -> str:
    """A column's description with its categories."""
    return f"{column.description}: {column.values}" if column.values else column.description


def _field(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    text = str(value)
    if text and not any(mark in text for mark in ',"\r\n'):
        return text
    return '"' + text.replace('"', '""') + '"'
