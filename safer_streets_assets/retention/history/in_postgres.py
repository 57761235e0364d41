"""Dagster's history in PostgreSQL: what its events say, and the space of deleted rows.

`VACUUM FULL` writes each table anew without the deleted rows and gives its old file back to the
system, which does not overwrite it. PostgreSQL's write-ahead log keeps what was written until it
comes round to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
import sqlalchemy
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from sqlalchemy.exc import OperationalError

LOCK_MILLISECONDS = 5000
_LOCKED = "55P03"


@dataclass(frozen=True)
class HistoryInPostgres:
    """The tables of the database that Dagster keeps its history in."""

    storage: Any

    def mentions(self, run_id: str, shown: Sequence[str]) -> bool:
        """Whether one of some texts stands in the events of a run."""
        if not shown:
            return False
        events = SqlEventLogStorageTable
        said = sqlalchemy.or_(*(events.c.event.contains(text, autoescape=True) for text in shown))
        query = sqlalchemy.select(events.c.id).where(events.c.run_id == run_id, said).limit(1)
        with self.storage.index_connection() as connection:
            return connection.execute(query).first() is not None

    def remove_files(self, instance: dg.DagsterInstance, left: set[str]) -> int:
        """A run has no file of its own here."""
        return 0

    def compact(self) -> tuple[int, int]:
        """Writes every table anew without its deleted rows.

        Returns how many were, and how many another connection had locked: those are left for the
        next time.
        """
        compacted = locked = 0
        with self.storage.index_connection() as connection:
            tables = sqlalchemy.inspect(connection).get_table_names()
            quoted = connection.dialect.identifier_preparer.quote
            connection.exec_driver_sql(f"SET lock_timeout = {LOCK_MILLISECONDS}")
            for table in sorted(tables):
                try:
                    connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {quoted(table)}")
                except OperationalError as error:
                    if getattr(error.orig, "pgcode", None) != _LOCKED:
                        raise
                    locked += 1
                else:
                    compacted += 1
        return compacted, locked
