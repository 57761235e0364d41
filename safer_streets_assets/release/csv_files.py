"""Tables as CSV (RFC 4180) with CSV on the Web (CSVW) metadata. The CSV bytes are canonical: the
content hash is taken over them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from safer_streets_assets.release.columns import Column
from safer_streets_assets.release.content import PrintedValue, ReleaseTable
from safer_streets_assets.release.invented import COLUMN as INVENTED_COLUMN

LINE_END = "\r\n"
CSVW_TYPES = {"VARCHAR": "string", "BIGINT": "integer", "DOUBLE": "number", "BOOLEAN": "boolean"}


def csv_bytes(table: ReleaseTable) -> bytes:
    """A table as CSV: UTF-8, CRLF, a header; a missing value is an empty field. A label stands
    after each code, since a spreadsheet takes the zeros in front of a code away.

    Numbers are written so that they read back as the very same number.
    """
    return csv_of([[column.name for column in csv_columns(table)], *_rows(table)])


def csv_of(lines: Iterable[Sequence[PrintedValue]]) -> bytes:
    """Lines, the header first, as CSV of the same form."""
    return "".join(",".join(map(_field, line)) + LINE_END for line in lines).encode()


def csv_columns(table: ReleaseTable) -> list[Column]:
    """The columns of a table's CSV: its own, with labels, and whether the data is invented."""
    columns: list[Column] = []
    for column in table.columns:
        columns += [column, column.label_column] if column.label_column else [column]
    return [*columns, INVENTED_COLUMN] if table.invented else columns


def _rows(table: ReleaseTable) -> Iterator[list[PrintedValue]]:
    for row in table.rows:
        cells: list[PrintedValue] = []
        named = table.named(row)
        for column, value in zip(table.columns, row, strict=True):
            cells += [value, column.label(str(value), named)] if column.label_column else [value]
        yield [*cells, True] if table.invented else cells


def read_csv(content: bytes) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a CSV that `csv_bytes` wrote, as text."""
    reader = csv.reader(io.StringIO(content.decode(), newline=""))
    header = next(reader)
    return header, list(reader)


def csvw_metadata(table: ReleaseTable) -> dict[str, Any]:
    """CSVW metadata of a table's CSV (https://www.w3.org/TR/tabular-metadata/)."""
    description = ". ".join(text for text in (table.population, table.notes) if text)
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
                    "required": column.role in ("dimension", "label", "remark"),
                }
                for column in csv_columns(table)
            ],
            "primaryKey": table.dimensions,
        },
    }


def described(column: Column) -> str:
    """A column's description with its categories."""
    return f"{column.description}: {column.values}" if column.values else column.description


def _field(value: PrintedValue) -> str:
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
