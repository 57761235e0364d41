"""Reads Dagster's history back where PostgreSQL has it: each cell that can hold a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from safer_streets_assets.retention.traces.fingerprints import texts_of_bytes
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.faults import HISTORY_AWAY, sentence_of_fault
from safer_streets_assets.stores.history import HistoryError, open_postgres, says_postgres
from safer_streets_assets.stores.sql_files import quoted_name

POSTGRES = "Dagster's history in PostgreSQL"
_COLUMNS = (
    "SELECT table_name, column_name FROM information_schema.columns "
    "WHERE table_schema = current_schema() AND data_type IN "
    "('text', 'character varying', 'character', 'bytea', 'json', 'jsonb') ORDER BY 1, 2"
)
_STATISTICS = (
    "SELECT tablename, attname, concat_ws(' ', most_common_vals::text, histogram_bounds::text) "
    "FROM pg_stats WHERE schemaname = current_schema()"
)
_AT_ONCE = 1000


def texts_of_history(folder: DataFolder) -> Iterator[tuple[str, str, str]]:
    """Table, column and text of everything in the database of a data folder's history, with what
    PostgreSQL noted about columns; nothing where the history is in files.

    Raises:
        HistoryError: it cannot be read.
    """
    if not says_postgres(folder):
        return
    with open_postgres() as connection:
        try:
            with connection.cursor() as cursor:
                cursor.execute(_COLUMNS)
                columns = cursor.fetchall()
                cursor.execute(_STATISTICS)
                for table, column, noted in cursor.fetchall():
                    yield from ((table, column, text) for text in texts_of_bytes(noted.encode()))
            for table, column in columns:
                for cell in _cells(connection, table, column):
                    yield from ((table, column, text) for text in texts_of_bytes(cell))
        except Exception as error:
            if sentence_of_fault(error) is None:
                raise
            raise HistoryError(HISTORY_AWAY) from None


def _cells(connection: Any, table: str, column: str) -> Iterator[bytes]:
    """Each distinct value, a part at a time: the events of years do not fit into memory."""
    with connection.cursor("read_back") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(
            f"SELECT DISTINCT {quoted_name(column)} FROM {quoted_name(table)} "
            f"WHERE {quoted_name(column)} IS NOT NULL"
        )
        for (cell,) in cursor:
            yield bytes(cell) if isinstance(cell, memoryview) else str(cell).encode()
