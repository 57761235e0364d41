"""The ledger of drops: each on it once under its content hash, with where its copies lie."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from safer_streets_assets.intake.decisions import decision_for, record_outcome
from safer_streets_assets.intake.landing import LandingFile, drop_id_of
from safer_streets_assets.intake.landing_copies import clear_landing, erasing_place, path_from_hex
from safer_streets_assets.intake.readers import UnreadableDrop
from safer_streets_assets.intake.reasons import DECIDED_FOR_GOOD, REFUSED_BY_HAND
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.files import overwrite_and_unlink
from safer_streets_assets.stores.keys import keyed_digest
from safer_streets_assets.stores.queries import one_row, transaction

SEND_KEY = "sends"


@dataclass(frozen=True)
class Arrival:
    """A drop that has arrived and waits to be taken in; `paths` are its copies in the landing."""

    drop_id: str
    source: str
    arrived_at: datetime
    paths: tuple[Path, ...]
    saved_at: int = 0


def register_arrivals(
    connection: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    files: Iterable[LandingFile],
    known_sources: Collection[str],
    now: datetime,
) -> int:
    """Puts settled files on the ledger as arrived; copies of a loaded drop are erased at once, but
    for those in the folder of another source, which has yet to judge it.

    Returns how many files could not be read: they stay where they are, and others go on.

    A drop that was quarantined or refused before and comes again is tried again: what stood in
    its way may have been put right. One that an operator decides on (held, released, or refused by
    hand) keeps its state. The source of a file in an unlisted folder is `unknown`, because a
    folder's name may name a person. All of a look are put down at once, with one time of
    arrival: a run that is killed does not change the order of drops.
    """
    seen, unreadable = _identified(files, set(known_sources))
    # Before its place is put down: a decided drop with a place is one that was being cleared.
    _try_again(connection, seen)
    _keep_seen(connection, Keys(folder.keys).read_or_create(SEND_KEY), seen)
    _finish_replaced(connection)
    with transaction(connection):
        _put_in_arrivals(connection, now)
    with transaction(connection):
        _put_on_ledger(connection)
    for drop_id, source in _already_decided(connection, known_sources):
        clear_landing(connection, drop_id, source)
    for drop_id in _left_without_a_file(connection):
        record_outcome(connection, drop_id, decision_for(UnreadableDrop("F-CHANGED")), now)
    return unreadable


@dataclass(frozen=True)
class _Seen:
    """A settled file that could be read: its drop, its source, and the path in hexadecimal."""

    drop_id: str
    source: str
    path: str
    file: LandingFile


def _identified(files: Iterable[LandingFile], known: set[str]) -> tuple[list[_Seen], int]:
    """The files with the hashes of their bytes, and how many could not be read."""
    seen, unreadable = [], 0
    for file in files:
        try:
            drop_id = drop_id_of(file.path)
        except OSError:
            unreadable += 1
            continue
        source = file.source if file.source in known else "unknown"
        seen.append(_Seen(drop_id, source, os.fsencode(file.path).hex(), file))
    return seen, unreadable


def _keep_seen(connection: duckdb.DuckDBPyConnection, key: str, seen: Sequence[_Seen]) -> None:
    """Puts what was seen into a temporary table, so that few statements do for any number."""
    columns = {
        "drop_id": [drop.drop_id for drop in seen],
        "source": [drop.source for drop in seen],
        "path": [drop.path for drop in seen],
        "bytes": [drop.file.size for drop in seen],
        "saved_at": [drop.file.modified_ns for drop in seen],
        "send_id": [
            keyed_digest(key, f"{drop.drop_id} {drop.file.token} {drop.file.modified_ns}")
            for drop in seen
        ],
    }
    types = {"bytes": "BIGINT", "saved_at": "BIGINT"}
    listed = ", ".join(
        f"unnest(${name}::{types.get(name, 'VARCHAR')}[]) AS {name}" for name in columns
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE seen_files AS SELECT {listed}", columns)


def _finish_replaced(connection: duckdb.DuckDBPyConnection) -> None:
    """What a killed run left of a file that another took the place of, while its place is known."""
    rows = connection.execute(
        "SELECT DISTINCT path FROM restricted.arrivals AS arrivals JOIN seen_files AS seen "
        "USING (path) WHERE arrivals.drop_id <> seen.drop_id ORDER BY path"
    ).fetchall()
    for (path,) in rows:
        overwrite_and_unlink(erasing_place(path), keep_other_names=True)


def _put_in_arrivals(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
    connection.execute(
        "DELETE FROM restricted.arrivals AS arrivals USING seen_files AS seen "
        "WHERE arrivals.path = seen.path AND arrivals.drop_id <> seen.drop_id"
    )
    connection.execute(
        "INSERT INTO restricted.arrivals SELECT drop_id, source, path, ?, saved_at FROM seen_files "
        "ANTI JOIN restricted.arrivals USING (path, drop_id)",
        [_after_the_last(connection, now)],
    )


def _after_the_last(connection: duckdb.DuckDBPyConnection, now: datetime) -> datetime:
    """When drops arrive: after those before them, also where the clock was set back in between. The
    drop that comes later is to win."""
    (last,) = one_row(connection, "SELECT max(arrived_at) FROM registers.drops")
    return now if last is None or now >= last else last + timedelta(seconds=1)


def _put_on_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "INSERT INTO registers.drops (drop_id, source, state, arrived_at, bytes) "
        "SELECT drop_id, arg_min(seen.source, seen.rowid), 'arrived', min(arrived_at), "
        "any_value(bytes) FROM seen_files AS seen JOIN restricted.arrivals USING (drop_id) "
        "GROUP BY drop_id ORDER BY min(seen.rowid) ON CONFLICT DO NOTHING"
    )
    connection.execute(
        "INSERT INTO registers.sends SELECT drop_id, seen.send_id, min(arrived_at) "
        "FROM seen_files AS seen JOIN restricted.arrivals USING (drop_id) "
        "GROUP BY drop_id, seen.send_id ORDER BY min(seen.rowid) ON CONFLICT DO NOTHING"
    )


def arrivals_of(
    connection: duckdb.DuckDBPyConnection, source: str | None, agreed: Iterable[str] = ()
) -> list[Arrival]:
    """The drops that wait to be taken in and lie in the folder of a source; in any with None.

    The same bytes in two folders are one drop, which is judged in each; with None it is given once,
    and an `agreed` source goes before another.
    """
    rows = connection.execute(
        "SELECT drop_id, first(source ORDER BY list_contains($agreed, source) DESC, source), "
        "min(arrived_at), list(path ORDER BY path), min(saved_at) "
        "FROM restricted.arrivals WHERE $source IS NULL OR source = $source "
        "GROUP BY drop_id ORDER BY min(arrived_at), drop_id",
        {"agreed": list(agreed), "source": source},
    ).fetchall()
    return [
        Arrival(drop_id, found, arrived_at, tuple(path_from_hex(path) for path in paths), saved_at)
        for drop_id, found, arrived_at, paths, saved_at in rows
    ]


def _left_without_a_file(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Drops that arrived and whose file was taken away or replaced before they were taken in."""
    rows = connection.execute(
        "SELECT drop_id FROM registers.drops WHERE state = 'arrived' "
        "AND drop_id NOT IN (SELECT drop_id FROM restricted.arrivals) ORDER BY drop_id"
    ).fetchall()
    return [drop_id for (drop_id,) in rows]


def _already_decided(
    connection: duckdb.DuckDBPyConnection, known_sources: Collection[str]
) -> list[tuple[str, str]]:
    """Copies that nobody has to look at: of drops that are decided, by the folder of which source.

    What is loaded for one source is judged by another that it lies there for as well, until that
    one's answer is on record.
    """
    return connection.execute(
        "SELECT DISTINCT drop_id, arrivals.source FROM registers.drops AS drops "
        "JOIN restricted.arrivals AS arrivals USING (drop_id) "
        "LEFT JOIN registers.drops_elsewhere AS judged "
        "ON judged.drop_id = drops.drop_id AND judged.source = arrivals.source "
        "WHERE drops.state IN ('loaded', 'quarantined', 'refused') "
        "AND drops.reason IS DISTINCT FROM $by_hand AND (drops.state <> 'loaded' "
        "OR arrivals.source = drops.source OR judged.source IS NOT NULL "
        "OR NOT list_contains($known, arrivals.source)) ORDER BY ALL",
        {"by_hand": REFUSED_BY_HAND, "known": [*known_sources, "unknown"]},
    ).fetchall()


def _try_again(connection: duckdb.DuckDBPyConnection, seen: Iterable[_Seen]) -> None:
    """Drops that were quarantined or refused, but not by hand, and lie where they did not lie; also
    what one source did not take in that another has.

    A copy whose place is known is what a killed run left of those that it was clearing.
    """
    known = set(connection.execute("SELECT drop_id, path FROM restricted.arrivals").fetchall())
    again = [drop for drop in seen if (drop.drop_id, drop.path) not in known]
    connection.execute(
        "DELETE FROM registers.drops_elsewhere AS judged USING "
        "(SELECT unnest($drops::VARCHAR[]) AS drop_id, unnest($sources::VARCHAR[]) AS source) "
        "AS again WHERE judged.drop_id = again.drop_id AND judged.source = again.source",
        {"drops": [drop.drop_id for drop in again], "sources": [drop.source for drop in again]},
    )
    connection.execute(
        "UPDATE registers.drops SET state = 'arrived', decided_at = NULL "
        "WHERE list_contains($again::VARCHAR[], drop_id) AND state IN ('quarantined', 'refused') "
        "AND NOT list_contains($for_good::VARCHAR[], coalesce(reason, ''))",
        {
            "again": [drop.drop_id for drop in again],
            "for_good": list(DECIDED_FOR_GOOD),
        },
    )
