"""What is said of a column: its type and what it means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ColumnDoc:
    """A column of a table: its DuckDB type and what it means."""

    type: str
    description: str
