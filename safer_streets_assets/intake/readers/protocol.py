"""How parent and child talk: a length, then JSON; requests one way, tables or codes the other.

A column of text travels as one string with a separator between the cells, because splitting it is
several times faster than parsing a list; a column that holds the separator travels as a list.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safer_streets_assets.intake.readers.model import (
    BulkStore,
    DroppedColumn,
    GuidanceSheet,
    ReadDrop,
    ReadLimits,
    ReadRequest,
    WantedColumn,
)
from safer_streets_assets.intake.readers.reasons import (
    BROKEN_HOW,
    FOREIGN_KINDS,
    NUMBERED,
    REASONS,
    UnreadableDrop,
)
from safer_streets_assets.intake.readers.table import Table

if TYPE_CHECKING:
    from safer_streets_assets.intake.readers.bulk import BulkTable

LENGTH = struct.Struct(">Q")
# How a child ends that can no longer be trusted, and what that says about the file.
EXIT_MEMORY, EXIT_PANIC = 70, 71
# Not escaped by JSON, and all but unknown in text.
_BETWEEN = "\x7f"


class ProtocolError(Exception):
    """The other side said something that this side does not understand."""


def frame(message: Mapping[str, Any]) -> bytes:
    """A message with its length before it, ready to write."""
    # A file name that is not UTF-8 holds lone surrogates, so it travels escaped.
    try:
        body = json.dumps(message, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        body = json.dumps(message).encode()
    return LENGTH.pack(len(body)) + body


def request_message(request: ReadRequest) -> dict[str, Any]:
    """The request as JSON values."""
    return {
        # Not resolve(), which would follow a link.
        "path": os.path.abspath(request.path),
        "columns": [[c.name, list(c.headers), c.required] for c in request.columns],
        "sheet": request.sheet,
        "formats": list(request.formats),
        "limits": asdict(request.limits),
        "passwords": list(request.passwords),
        "heading_words": list(request.heading_words),
        "guidance_sheets": list(request.guidance_sheets),
        "most_examples": request.most_examples,
        "bulk": [os.path.abspath(request.bulk.path), request.bulk.key] if request.bulk else None,
    }


def request_from(message: Mapping[str, Any]) -> ReadRequest:
    """The request that `request_message` described."""
    return ReadRequest(
        path=Path(message["path"]),
        columns=tuple(WantedColumn(n, tuple(h), r) for n, h, r in message["columns"]),
        sheet=message["sheet"],
        formats=tuple(message["formats"]),
        limits=ReadLimits(**message["limits"]),
        passwords=tuple(message["passwords"]),
        heading_words=tuple(message["heading_words"]),
        guidance_sheets=tuple(message["guidance_sheets"]),
        most_examples=message["most_examples"],
        bulk=BulkStore(Path(message["bulk"][0]), message["bulk"][1]) if message["bulk"] else None,
    )


def table_message(kind: str, table: Table) -> dict[str, Any]:
    """A table that was read, as JSON values."""
    return {
        "format": kind,
        "columns": {name: _packed(column) for name, column in table.columns.items()},
        "row_numbers": table.row_numbers,
        "position": table.position.isoformat() if table.position else None,
        "dropped": [[column.number, column.heading] for column in table.dropped],
        "ragged": table.ragged,
        "sheet": table.sheet,
        "guidance": [[sheet.number, sheet.rows] for sheet in table.guidance],
    }


def bulk_message(table: BulkTable | None) -> dict[str, Any]:
    """What was read into a bulk store, as JSON values; None says that the file is not plain."""
    if table is None:
        return {"plain": False}
    return {
        "plain": True,
        "rows": table.rows,
        "first_row": table.first_row,
        "names": list(table.names),
        "position": table.position.isoformat() if table.position else None,
        "dropped": [[column.number, column.heading] for column in table.dropped],
    }


def refusal_message(refusal: UnreadableDrop) -> dict[str, Any]:
    """A refusal, as JSON values."""
    return {"refused": refusal.code, "headers": list(refusal.headers)}


def drop_from(body: bytes | bytearray, request: ReadRequest) -> ReadDrop:
    """The answer of a child, checked: it names nothing that was not asked for.

    Raises UnreadableDrop for a refusal, ProtocolError for an answer that makes no sense.
    """
    try:
        message = json.loads(body)
        if "refused" in message:
            raise _refusal(message, request)
        return _drop(message, request)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ProtocolError from None


def bulk_drop_from(body: bytes | bytearray, request: ReadRequest) -> ReadDrop | None:
    """The answer of a bulk child, checked; None when the file is not plain.

    Raises ProtocolError for an answer that makes no sense.
    """
    try:
        message = json.loads(body)
        if not message["plain"]:
            return None
        asked = [column.name for column in request.columns]
        if "csv" not in request.formats or not set(asked).issuperset(message["names"]):
            raise ProtocolError
        first, rows = int(message["first_row"]), int(message["rows"])
        return ReadDrop(
            format="csv",
            columns={},
            row_numbers=range(first, first + rows),
            position_date=_date(message["position"]),
            dropped=_dropped(message),
            absent=tuple(name for name in asked if name not in message["names"]),
            bulk=request.bulk,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ProtocolError from None


def _dropped(message: Mapping[str, Any]) -> tuple[DroppedColumn, ...]:
    return tuple(
        DroppedColumn(int(number), None if heading is None else str(heading))
        for number, heading in message["dropped"]
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _packed(column: list[str]) -> str | list[str]:
    joined = _BETWEEN.join(column)
    return joined if joined.count(_BETWEEN) == len(column) - 1 else column


def _refusal(message: Mapping[str, Any], request: ReadRequest) -> UnreadableDrop:
    known = {column.headers[0] for column in request.columns} | FOREIGN_KINDS | BROKEN_HOW
    known |= {request.sheet or "", *map(str.upper, request.formats)}
    if message["refused"] not in REASONS or not all(
        name in known or NUMBERED.fullmatch(name) for name in message["headers"]
    ):
        raise ProtocolError
    return UnreadableDrop(message["refused"], message["headers"])


def _drop(message: Mapping[str, Any], request: ReadRequest) -> ReadDrop:
    numbers = message["row_numbers"]
    sent = message["columns"]
    names = [column.name for column in request.columns]
    if message["format"] not in request.formats or not set(names).issuperset(sent):
        raise ProtocolError
    columns: dict[str, list[str | None]] = {}
    for name in names:
        cells = sent.get(name)
        if cells is None:
            columns[name] = [None] * len(numbers)
            continue
        values = cells.split(_BETWEEN) if isinstance(cells, str) else cells
        if len(values) != len(numbers):
            raise ProtocolError
        columns[name] = [value or None for value in values]
    return ReadDrop(
        format=message["format"],
        columns=columns,
        row_numbers=numbers,
        position_date=_date(message["position"]),
        dropped=_dropped(message),
        ragged_rows=list(message["ragged"]),
        absent=tuple(name for name in names if name not in sent),
        sheet=None if message["sheet"] is None else int(message["sheet"]),
        guidance=tuple(GuidanceSheet(int(n), int(rows)) for n, rows in message["guidance"]),
    )
