"""What of Dagster's history is to go: by the policy's period, and after an erasure. No Dagster."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import earlier_by
from safer_streets_assets.retention.holdings.rules import RUN_HISTORY, rule_of
from safer_streets_assets.stores.queries import transaction

_DROP_ID = re.compile(r"[0-9a-f]{64}")
_STORES = ("restricted/store", "research/store")


@dataclass(frozen=True)
class Window:
    """A span of time in which something was taken in; times in seconds since 1970."""

    begins: float
    ends: float

    def meets(self, started: float | None, ended: float | None) -> bool:
        """Whether a run went on in it; of one that never started only the end counts."""
        if ended is None:
            return False
        return (started or ended) <= self.ends and ended >= self.begins


@dataclass(frozen=True)
class ToForget:
    """What is erased and Dagster's history may still refer to: certificates, drops, and when."""

    certificate_ids: tuple[str, ...]
    drop_ids: tuple[str, ...]
    windows: tuple[Window, ...]


def prune_before(policy: Policy, now: datetime) -> datetime:
    """Runs that ended before this time are to be deleted (same offset as `now`).

    Raises:
        RetentionError: the policy has no rule for run history.
    """
    return earlier_by(now, rule_of(policy, RUN_HISTORY).after)


def to_forget(registers: duckdb.DuckDBPyConnection) -> ToForget | None:
    """What was certified as erased since the history was last pruned; None when nothing was.

    A drop is referred to by the runs from its arrival to the decision about it; a store by all runs
    before its erasure. The registers are attached.
    """
    rows = registers.execute(
        "SELECT certificate_id, holding, erased_at FROM registers.deletion_certificates "
        "ANTI JOIN registers.forgotten USING (certificate_id) ORDER BY certificate_id"
    ).fetchall()
    if not rows:
        return None
    drops = registers.execute(
        "SELECT drop_id, source, state, arrived_at, coalesce(decided_at, arrived_at) "
        "FROM registers.drops"
    ).fetchall()
    named = {found for _, holding, _ in rows for found in _DROP_ID.findall(holding)}
    sources = {holding.partition("/")[2] for _, holding, _ in rows}
    erased = [d for d in drops if d[0] in named or (d[2] == "erased" and d[1] in sources)]
    windows = [Window(_seconds(arrived), _seconds(decided)) for *_, arrived, decided in erased]
    windows += [Window(0.0, _seconds(at)) for _, holding, at in rows if holding in _STORES]
    ids = named | {drop_id for drop_id, *_ in erased}
    return ToForget(tuple(row[0] for row in rows), tuple(sorted(ids)), tuple(windows))


def record_forgotten(
    registers: duckdb.DuckDBPyConnection, certificate_ids: Sequence[str], now: datetime
) -> None:
    """Records that Dagster's history was pruned after these certificates."""
    with transaction(registers):
        for certificate_id in certificate_ids:
            registers.execute(
                "INSERT INTO registers.forgotten VALUES (?, ?) ON CONFLICT DO NOTHING",
                [certificate_id, now],
            )


def _seconds(at: datetime) -> float:
    return at.replace(tzinfo=UTC).timestamp()
