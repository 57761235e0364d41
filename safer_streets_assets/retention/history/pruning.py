"""Prunes Dagster's own history: by the policy's period, and after an erasure until it succeeds.

By Dagster's own interface, and then by what that leaves: the last materialisation of an asset whose
run is gone, results of checks, the event log of a deleted run, and the space of deleted rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, AssetKeyTable

from safer_streets_assets.retention.history.in_files import HistoryInFiles
from safer_streets_assets.retention.history.in_postgres import HistoryInPostgres
from safer_streets_assets.retention.history.what_goes import Window, record_forgotten, to_forget
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.ids import SHOWN_DIGITS
from safer_streets_assets.stores.registers import ensure_registers, now_utc

ENDED = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]


@dataclass(frozen=True)
class Pruned:
    """What was pruned: runs, files of runs that are gone, databases (in PostgreSQL: tables) that
    were compacted and those that were locked."""

    runs: int
    files: int
    compacted: int
    locked: int


def prune_history(instance: dg.DagsterInstance, home: Path, before: datetime) -> Pruned:
    """Deletes what ended before a time: runs with their events, ticks, materialisations, results.

    `home` is the folder of the instance's databases where they are files; they are compacted, or
    those in PostgreSQL. `before` has an offset.
    """
    runs = _delete(instance, [run.run_id for run in _ended(instance, before)])
    _purge_ticks(instance, before)
    return _without_traces(instance, _databases(instance, home), runs)


def forget_drops(
    instance: dg.DagsterInstance,
    home: Path,
    drop_ids: Sequence[str],
    windows: Sequence[Window],
    now: datetime,
) -> Pruned:
    """Deletes the ended runs that refer to erased drops, and every tick so far.

    These are the runs that went on in one of the `windows` (when the drops came and were decided
    on), and those in whose events a drop's id stands. What the sensor remembers of files is
    forgotten too: it looks anew. `now` has an offset.
    """
    databases = _databases(instance, home)
    shown = [drop_id[:SHOWN_DIGITS] for drop_id in drop_ids]
    going = [
        record.dagster_run.run_id
        for record in instance.get_run_records(filters=dg.RunsFilter(statuses=ENDED))
        if any(window.meets(record.start_time, record.end_time) for window in windows)
        or databases.mentions(record.dagster_run.run_id, shown)
    ]
    runs = _delete(instance, going)
    _purge_ticks(instance, now)
    _forget_looks(instance)
    return _without_traces(instance, databases, runs)


def _ended(instance: dg.DagsterInstance, before: datetime) -> list[dg.DagsterRun]:
    return list(instance.get_runs(filters=dg.RunsFilter(statuses=ENDED, updated_before=before)))


def _delete(instance: dg.DagsterInstance, run_ids: Sequence[str]) -> int:
    for run_id in run_ids:
        instance.delete_run(run_id)
    return len(run_ids)


def _purge_ticks(instance: dg.DagsterInstance, before: datetime) -> None:
    for state in instance.all_instigator_state():
        instance.purge_ticks(state.instigator_origin_id, state.selector_id, before.timestamp())
    if instance.schedule_storage is not None:
        instance.schedule_storage.purge_asset_evaluations(before.timestamp())


def _forget_looks(instance: dg.DagsterInstance) -> None:
    """Takes the cursors of sensors away: they hold hashes of paths, sizes and times of files."""
    for state in instance.all_instigator_state():
        data: Any = state.instigator_data
        if getattr(data, "cursor", None) is not None:
            instance.update_instigator_state(state.with_data(data._replace(cursor=None)))


def _databases(instance: dg.DagsterInstance, home: Path) -> HistoryInFiles | HistoryInPostgres:
    """Where the instance keeps its history."""
    storage = instance.event_log_storage
    return HistoryInPostgres(storage) if hasattr(storage, "postgres_url") else HistoryInFiles(home)


def _without_traces(
    instance: dg.DagsterInstance, databases: HistoryInFiles | HistoryInPostgres, runs: int
) -> Pruned:
    """Removes what deleted runs leave behind, and compacts the databases."""
    left = set(instance.get_run_ids())
    _wipe_assets_without_a_run(instance, left)
    return Pruned(runs, databases.remove_files(instance, left), *databases.compact())


def _wipe_assets_without_a_run(instance: dg.DagsterInstance, left: set[str]) -> None:
    """The last materialisation of an asset stands in the index when its run is deleted, and so do
    the results of its checks."""
    storage = instance.event_log_storage
    if not hasattr(storage, "index_connection"):
        return
    with storage.index_connection() as connection:
        rows = connection.execute(AssetKeyTable.select()).mappings().fetchall()
        gone = [row["asset_key"] for row in rows if row["last_run_id"] not in {None, *left}]
        checks = AssetCheckExecutionsTable
        for (run_id,) in connection.execute(
            checks.select().with_only_columns(checks.c.run_id).distinct()
        ).fetchall():
            if run_id not in left:
                connection.execute(checks.delete().where(checks.c.run_id == run_id))
    for text in gone:
        key = dg.AssetKey.from_db_string(text)
        if key is not None:
            storage.wipe_asset(key)


def forget_erased(instance: dg.DagsterInstance, folder: DataFolder) -> Pruned | None:
    """Prunes the runs that refer to what was erased since the last time; None when nothing was.

    To be called after each erasure by the holder of the run's lock. It is recorded as done when
    every database was compacted; what Dagster has locked is done by the next call. The run that
    calls is not pruned: it refers to drops by their opaque ids only.
    """
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        found = to_forget(connection)
    if found is None:
        return None
    pruned = forget_drops(
        instance, folder.dagster, found.drop_ids, found.windows, datetime.now(UTC)
    )
    if not pruned.locked:
        with open_stores(folder, write=["registers"]) as connection:
            record_forgotten(connection, found.certificate_ids, now_utc())
    return pruned
