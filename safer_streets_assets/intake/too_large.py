"""Files beyond the largest size: refused from their size, neither copied nor sealed.

To hash one whole would take as long as it is large, so its id is a hash of its size and its ends.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

import duckdb

from safer_streets_assets.intake.decisions import Decision, decision_for, record_outcome
from safer_streets_assets.intake.landing import LandingFile
from safer_streets_assets.intake.readers import UnreadableDrop
from safer_streets_assets.intake.reasons import DropRefusedError
from safer_streets_assets.stores.queries import one_number

_END = 1 << 20


def refuse_too_large(
    connection: duckdb.DuckDBPyConnection,
    files: Iterable[LandingFile],
    known_sources: Collection[str],
    agreed: Collection[str],
    max_bytes: int,
    now: datetime,
) -> tuple[list[LandingFile], int]:
    """Puts files beyond the largest size on the ledger as refused, each once.

    One of a source whose agreement is not signed (in `known_sources` and not `agreed`) is refused
    for that. Returns the others, and how many were refused now. The file stays where it lies until
    somebody takes it away. The registers are attached for writing.
    """
    kept, refused = [], 0
    for file in files:
        if file.size <= max_bytes:
            kept.append(file)
            continue
        try:
            drop_id = _id_of(file.path)
        except OSError:
            kept.append(file)
            continue
        decided = "SELECT count(*) FROM registers.drops WHERE drop_id = ? AND state <> 'arrived'"
        if one_number(connection, decided, [drop_id]):
            continue
        source = file.source if file.source in known_sources else "unknown"
        connection.execute(
            "INSERT INTO registers.drops (drop_id, source, state, arrived_at, bytes) "
            "VALUES (?, ?, 'arrived', ?, ?) ON CONFLICT DO NOTHING",
            [drop_id, source, now, file.size],
        )
        record_outcome(
            connection, drop_id, _decision(source not in {"unknown", *agreed}), now, source
        )
        refused += 1
    return kept, refused


def _decision(is_not_agreed: bool) -> Decision:
    if is_not_agreed:
        return decision_for(DropRefusedError("D-NOT-AGREED"))
    return Decision("refused", "F-TOO-LARGE", str(UnreadableDrop("F-TOO-LARGE")))


def _id_of(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        size = os.fstat(descriptor).st_size
        ends = os.pread(descriptor, _END, 0) + os.pread(descriptor, _END, max(size - _END, 0))
    finally:
        os.close(descriptor)
    return hashlib.sha256(f"too large {size} ".encode() + ends).hexdigest()
