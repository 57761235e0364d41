"""Readers: one file of any kind into columns of text, in a child process with limits.

What opens the bytes of a file belongs here; rules for rows and the stores do not. The parent
imports `model`, `headings`, `reasons` and `reader` only; everything that touches the bytes
(`child` and what it imports) runs in the child. A column that was not asked for never leaves it.
"""

from __future__ import annotations

from safer_streets_assets.intake.readers.headings import is_ordinary_heading
from safer_streets_assets.intake.readers.model import (
    BULK_GROUP_ROWS,
    BULK_TABLE,
    BulkStore,
    DroppedColumn,
    GuidanceSheet,
    ReadDrop,
    ReadLimits,
    ReadRequest,
    WantedColumn,
)
from safer_streets_assets.intake.readers.reader import DropReader, remove_bulk_store
from safer_streets_assets.intake.readers.reasons import REASONS, FileReason, UnreadableDrop

__all__ = [
    "BULK_GROUP_ROWS",
    "BULK_TABLE",
    "REASONS",
    "BulkStore",
    "DropReader",
    "DroppedColumn",
    "FileReason",
    "GuidanceSheet",
    "ReadDrop",
    "ReadLimits",
    "ReadRequest",
    "UnreadableDrop",
    "WantedColumn",
    "is_ordinary_heading",
    "remove_bulk_store",
]
