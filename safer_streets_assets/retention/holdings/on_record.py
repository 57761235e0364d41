"""What the registers and stores say about holdings, and which stores open to say it.

What is due is erased whatever does not open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import duckdb

from safer_streets_assets.intake.landing import drop_id_of, source_of
from safer_streets_assets.retention.holdings.asked import AskedErasure, waiting_erasures
from safer_streets_assets.retention.records.conclusion import (
    HoldingDecision,
    conclusion_of,
    holding_decisions,
    stops,
)
from safer_streets_assets.retention.records.exceptions import RetentionException, exceptions
from safer_streets_assets.retention.records.publications import Publication, publications
from safer_streets_assets.retention.records.recording import Record
from safer_streets_assets.stores import (
    STORE_NAMES,
    DataFolder,
    Keys,
    StoreError,
    StoreName,
    open_stores,
)
from safer_streets_assets.stores.keys import KeyMissingError
from safer_streets_assets.stores.layout import TABLE as LAYOUT
from safer_streets_assets.stores.queries import attached_tables, rows_in
from safer_streets_assets.stores.registers import evaluation_closed

FromStores = TypeVar("FromStores")


@dataclass(frozen=True)
class KnownDrop:
    """A drop on the ledger; `decided_at` is in UTC."""

    source: str
    state: str
    decided_at: datetime | None
    size: int


@dataclass(frozen=True)
class Certified:
    """The latest erasure of a holding."""

    rule: str
    due_on: date


@dataclass(frozen=True)
class OnRecord:
    """What is on record. Rows of a store are None when it was not opened: they are not known.

    A table outside the main schema stands under `schema.table`. `stopped` is by gate; of the
    exceptions on a holding that stand the one that is reviewed first is kept, and `ended` is the
    day on which the last of those that do not was ended. `asked` are erasures that wait.
    """

    closed: bool = False
    publications: tuple[Publication, ...] = ()
    drops: dict[str, KnownDrop] = field(default_factory=dict)
    certified: dict[str, Certified] = field(default_factory=dict)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    set_aside: dict[str, int] = field(default_factory=dict)
    quarantined: frozenset[str] = frozenset()
    concluded: Record | None = None
    decisions: dict[str, HoldingDecision] = field(default_factory=dict)
    stopped: dict[str, Record] = field(default_factory=dict)
    exceptions: dict[str, RetentionException] = field(default_factory=dict)
    ended: dict[str, date] = field(default_factory=dict)
    asked: tuple[AskedErasure, ...] = ()

    def rows_of(self, store: str) -> dict[str, int] | None:
        """Table to rows of a store, or None when it was not opened."""
        return self.rows.get(store)


@dataclass(frozen=True)
class Beside:
    """What an erasure needs to know besides: the stores that were read, the holdings that an
    exception keeps, and the name that each quarantined drop came under. The repr holds no
    name.
    """

    stores: frozenset[str]
    excepted: frozenset[str]
    names: Mapping[str, str] = field(repr=False)


def read_known(connection: duckdb.DuckDBPyConnection) -> OnRecord:
    """Reads whatever is attached: registers, restricted, research; missing tables are empty."""
    tables = attached_tables(connection)
    stores = ("restricted", "research")
    rows = {
        store: rows_in(connection, store, [table for table in tables[store] if table != LAYOUT])
        for store in stores
        if store in tables
    }
    registers = tables.get("registers", [])
    restricted = tables.get("restricted", [])
    return OnRecord(
        closed="evaluation_events" in registers and evaluation_closed(connection),
        publications=tuple(publications(connection)) if "publications" in registers else (),
        drops=_drops(connection) if "drops" in registers else {},
        certified=_certified(connection) if "deletion_certificates" in registers else {},
        rows=rows,
        set_aside=_set_aside(connection) if "set_aside_rows" in restricted else {},
        quarantined=_quarantined(connection) if "quarantined_drops" in restricted else frozenset(),
        concluded=conclusion_of(connection) if "conclusions" in registers else None,
        decisions=holding_decisions(connection) if "holding_decisions" in registers else {},
        stopped=stops(connection) if "stopped_stages" in registers else {},
        exceptions=_standing(connection) if "exceptions" in registers else {},
        ended=_ended(connection) if "exceptions" in registers else {},
        asked=tuple(waiting_erasures(connection)),
    )


def read_beside(connection: duckdb.DuckDBPyConnection) -> Beside:
    """Reads what an erasure needs besides from whatever is attached."""
    tables = attached_tables(connection)
    standing, names = {}, []
    if "exceptions" in tables.get("registers", []):
        standing = _standing(connection)
    if "quarantined_drops" in tables.get("restricted", []):
        names = connection.execute(
            "SELECT drop_id, file_name FROM restricted.quarantined_drops"
        ).fetchall()
    return Beside(frozenset(tables), frozenset(standing), dict(names))


def _standing(connection: duckdb.DuckDBPyConnection) -> dict[str, RetentionException]:
    standing = [one for one in exceptions(connection) if one.stands]
    return {one.holding: one for one in reversed(standing)}


def _ended(connection: duckdb.DuckDBPyConnection) -> dict[str, date]:
    ended = [(one.holding, one.ended_on) for one in exceptions(connection)]
    return dict(sorted((holding, day) for holding, day in ended if day is not None))


def _drops(connection: duckdb.DuckDBPyConnection) -> dict[str, KnownDrop]:
    rows = connection.execute(
        "SELECT drop_id, source, state, decided_at, bytes FROM registers.drops"
    ).fetchall()
    return {drop_id: KnownDrop(*values) for drop_id, *values in rows}


def _certified(connection: duckdb.DuckDBPyConnection) -> dict[str, Certified]:
    rows = connection.execute(
        "SELECT holding, rule, due_on FROM registers.deletion_certificates "
        "QUALIFY row_number() OVER (PARTITION BY holding ORDER BY erased_at DESC, due_on DESC) = 1"
    ).fetchall()
    return {holding: Certified(rule, due_on) for holding, rule, due_on in rows}


def _set_aside(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    rows = connection.execute(
        "SELECT source, count(*) FROM restricted.set_aside_rows GROUP BY source"
    ).fetchall()
    return {source: int(count) for source, count in rows}


def _quarantined(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    rows = connection.execute("SELECT drop_id FROM restricted.quarantined_drops").fetchall()
    return frozenset(drop_id for (drop_id,) in rows)


def taken_in_files(folder: DataFolder, files: Collection[Path], known: OnRecord) -> dict[Path, str]:
    """Files of the landing that are drops whose rows are loaded, with their drop ids: those that
    lie in the folder of the source they are loaded for. Another source has yet to judge a copy in
    its own folder, which waits for that.

    Only files as large as such a drop are read.
    """
    loaded = {drop_id: drop for drop_id, drop in known.drops.items() if drop.state == "loaded"}
    sizes = {(drop.source, drop.size) for drop in loaded.values()}
    found = {}
    for path in files:
        if path.is_symlink() or not path.is_file():
            continue
        source = source_of(folder.landing, path)
        if (source, path.stat().st_size) in sizes:
            drop = loaded.get(drop_id := drop_id_of(path))
            if drop is not None and drop.source == source:
                found[path] = drop_id
    return found


def openable(folder: DataFolder) -> list[StoreName]:
    """The stores that exist and whose key exists."""
    keys = Keys(folder.keys)
    there = [store for store in STORE_NAMES if folder.database(store).exists()]
    return [store for store in there if store == "registers" or keys.exists(store)]


def readable(folder: DataFolder) -> list[StoreName]:
    """The stores that open and in which everything that the register reads can be read.

    A key that is cut short or another's, and a file that is damaged, make their store none of them.
    """
    there = openable(folder)
    if _can_be_read(folder, there):  # nearly always: each by itself would be opened anew
        return there
    return _each_readable(folder)


def _each_readable(folder: DataFolder) -> list[StoreName]:
    return [store for store in openable(folder) if _can_be_read(folder, [store])]


def read_what_opens(
    folder: DataFolder,
    read: Callable[[duckdb.DuckDBPyConnection, OnRecord], FromStores],
    always: Sequence[StoreName] = (),
) -> FromStores:
    """What `read` makes of the stores that are `readable`, and of what is on record in them.

    Those of `always` are opened too, where they are there. `read` changes nothing: it may be asked
    twice.

    Raises:
        KeyMissingError, StoreError: one of `always` does not open.
    """
    try:  # nearly always everything opens: then it is opened and read once
        with open_stores(folder, read=[*always, *openable(folder)]) as connection:
            known = read_known(connection)
            read_beside(connection)
            return read(connection, known)
    except (StoreError, KeyMissingError):
        pass
    with open_stores(folder, read=[*always, *_each_readable(folder)]) as connection:
        return read(connection, read_known(connection))


def _can_be_read(folder: DataFolder, stores: list[StoreName]) -> bool:
    try:
        with open_stores(folder, read=stores) as connection:
            read_known(connection)
            read_beside(connection)
    except (StoreError, KeyMissingError):
        return False
    return True
