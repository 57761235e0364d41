"""What was told while the registers do not open, or before there are any: a file beside them.

It holds what the register `alerts_told` holds, hashes and times, and goes into it at the first look
for which the registers open.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.files import write_whole
from safer_streets_assets.watching.telling import ensure_alerts

FILE = "alerts_told.json"


@contextmanager
def told_beside(folder: DataFolder) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose registers hold what was told, and nothing else; kept in the file."""
    place = folder.registers / FILE
    with duckdb.connect(":memory:") as connection:
        connection.execute("ATTACH ':memory:' AS registers")
        ensure_alerts(connection)
        before = _read(place)
        _add(connection, before)
        yield connection
        lines = connection.execute(
            "SELECT alert_key, kind, channel, strftime(told_at, '%Y-%m-%dT%H:%M:%S.%f') "
            "FROM registers.alerts_told ORDER BY ALL"
        ).fetchall()
        if [list(line) for line in lines] != before:
            write_whole(place, json.dumps(lines).encode())


def take_from_beside(folder: DataFolder, connection: duckdb.DuckDBPyConnection) -> None:
    """Puts what the file says on the register, which is attached for writing, and removes it."""
    place = folder.registers / FILE
    if place.exists():
        _add(connection, _read(place))
        place.unlink()


def _add(connection: duckdb.DuckDBPyConnection, lines: list[list[str]]) -> None:
    for line in lines:
        connection.execute("INSERT OR IGNORE INTO registers.alerts_told VALUES (?, ?, ?, ?)", line)


def _read(place: Path) -> list[list[str]]:
    """The lines of the file; none where it is missing or damaged: then all is told once more."""
    try:
        lines = [[str(value) for value in line] for line in json.loads(place.read_bytes())]
        for _, _, _, told_at in lines:
            datetime.fromisoformat(told_at)
    except (OSError, ValueError, TypeError):
        return []
    return lines
