"""Carries out erasures of the schedule that were begun: files, rows, verification, certificates.

From wherever it stands: each step can be killed and run again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.erasure.beginning import Begun
from safer_streets_assets.retention.erasure.erasing import (
    METHOD,
    METHOD_WITH_REBUILD,
    erase_leftover_key_parts,
    erase_quarantined_rows,
    erase_units,
    names_left,
    remove_empty_folders,
    statement,
    verify_gone,
    verify_lines_gone,
)
from safer_streets_assets.retention.erasure.rows import (
    METHOD_ROWS,
    VERIFIED_ROWS,
    RowErasure,
    delete_rows,
    rebuild_without,
    row_erasures,
    stores_of,
    verify_rows_gone,
)
from safer_streets_assets.retention.holdings import inventory as units_of
from safer_streets_assets.retention.holdings.holding import TAKEN_IN, WAITING
from safer_streets_assets.retention.holdings.inventory import Unit, drop_id_in, inventory
from safer_streets_assets.retention.holdings.on_record import (
    OnRecord,
    read_known,
    readable,
    taken_in_files,
)
from safer_streets_assets.retention.records.certificates import (
    NOT_REACHED,
    Certificate,
    PendingErasure,
    pending,
    signature,
    write_certificates,
)
from safer_streets_assets.retention.records.open_erasures import (
    COPY_OF_A_KEY,
    OpenErasure,
    leave_open,
    read_open,
)
from safer_streets_assets.stores import DataFolder, Keys, StoreName, open_stores
from safer_streets_assets.stores.queries import transaction
from safer_streets_assets.stores.rebuild import finish_rebuild
from safer_streets_assets.stores.register_copy import taken_from_copy_at
from safer_streets_assets.stores.registers import ensure_registers

REGISTERS_UNREAD = (
    "; the registers could not be read: what was due was taken from the copy of them that was made "
    "before the damage"
)
_REBUILT: tuple[StoreName, ...] = ("restricted", "research")


@dataclass(frozen=True)
class CarriedOut:
    """What was erased how: the drops for which the restricted store was rebuilt, what went by rows,
    and whether lines of drops stay in a restricted store that does not open.
    """

    rebuilt_for: Mapping[str, PendingErasure]
    by_rows: Mapping[str, RowErasure]
    lines_stay: bool

    def in_words(self, erasure: PendingErasure) -> tuple[str, str, str]:
        """How it was erased, what was verified, and what was not reached."""
        drop_id = drop_id_in(erasure.holding)
        rebuilt = drop_id in self.rebuilt_for
        if erasure.holding in self.by_rows:
            return METHOD_ROWS, VERIFIED_ROWS, NOT_REACHED
        method = METHOD_WITH_REBUILD if rebuilt else METHOD
        return method, statement(erasure, rebuilt), NOT_REACHED + self._unread(erasure)

    def _unread(self, erasure: PendingErasure) -> str:
        """What could not be read of it: rows that were not counted, a line with a file's name."""
        if drop_id_in(erasure.holding) is not None and self.lines_stay:
            return (
                "; the restricted store did not open, so that the line with the name of the file "
                "stays in it until it opens, or is erased"
            )
        if erasure.store in _REBUILT and erasure.row_count is None:
            return f"; the {erasure.store} store did not open, so that its rows were not counted"
        return ""


def carry_out(
    folder: DataFolder, policy: Policy, now: datetime, begun: Begun | None = None
) -> list[Certificate]:
    """Carries out every erasure that was begun, from wherever it stands.

    Rows of a store that does not open now wait until it does, and only they.
    """
    erase_leftover_key_parts(folder)
    if begun is None:
        with open_stores(folder, read=["registers"]) as connection:
            waits = pending(connection)
            begun = Begun(waits, read_known(connection) if waits else OnRecord())
    names = {erasure.holding for erasure in begun.erasures}
    for store in _REBUILT:
        if f"{store}/store" not in names:
            finish_rebuild(folder, store)
    erasures, known = begun.erasures, begun.known
    if erasures:
        opens = readable(folder)
        by_rows = row_erasures(policy, {e.holding: e.rule for e in erasures}, known.exceptions)
        erasures = [e for e in erasures if set(stores_of(by_rows.get(e.holding))) <= {*opens}]
        names = {erasure.holding for erasure in erasures}
        by_rows = {name: own for name, own in by_rows.items() if name in names}
        erase_units(folder, _units(folder, names, known))
        drops = {d: e for e in erasures if (d := drop_id_in(e.holding)) is not None}
        there = units_of.RESTRICTED not in names and folder.database("restricted").exists()
        rebuilt = drops if there and "restricted" in opens else {}
        delete_rows(folder, policy, by_rows)
        if rebuilt:
            erase_quarantined_rows(folder, drops, drops.values())
        rebuild_without(folder, by_rows, erasures)
        _tidy(folder, policy, names)
        verify_gone(folder, _units(folder, names, known))
        verify_rows_gone(folder, policy, by_rows)
        done = CarriedOut(rebuilt, by_rows, lines_stay=there and not rebuilt)
        written = _certify(folder, policy, erasures, done, now)
    else:
        written = []
    if not any(one.erasure.name_fingerprint for one in read_open(folder)):
        Keys(folder.keys).destroy(units_of.VERIFY_KEY)
    return written


def _units(folder: DataFolder, names: set[str], known: OnRecord) -> list[Unit]:
    """The units of the holdings as they are now; the rows of a store go with the store."""
    units = inventory(folder)
    chosen = [unit for name, unit in units.items() if name in names]
    landed = units[units_of.LANDED].files
    if WAITING in names:
        chosen.append(Unit(WAITING, (), landed))
    elif TAKEN_IN in names:
        chosen.append(Unit(TAKEN_IN, (), tuple(taken_in_files(folder, landed, known))))
    return chosen


def _tidy(folder: DataFolder, policy: Policy, names: set[str]) -> None:
    if units_of.RESTRICTED in names:
        remove_empty_folders(folder.restricted, kept=[folder.quarantine])
    if units_of.RESEARCH in names:
        remove_empty_folders(folder.research)
    if any(name.startswith(units_of.BUNDLE_PREFIX) for name in names):
        remove_empty_folders(folder.bundles)
    if names & {units_of.RESTRICTED, WAITING}:
        sources = [folder.landing / name for name in policy.dpia.sources]
        remove_empty_folders(folder.landing, kept=sources)


def _certify(
    folder: DataFolder,
    policy: Policy,
    erasures: Sequence[PendingErasure],
    done: CarriedOut,
    now: datetime,
) -> list[Certificate]:
    """Writes the certificates of what is verified; the rest goes on record as open."""
    read: list[StoreName] = ["restricted"] if done.rebuilt_for else []
    signed = signature(policy)
    written, unverified = [], []
    with open_stores(folder, write=["registers"], read=read) as connection:
        ensure_registers(connection)
        healed = taken_from_copy_at(connection)
        names: dict[str, list[str]] = {}
        if done.rebuilt_for and folder.database("restricted").exists():
            verify_lines_gone(connection, done.rebuilt_for)
            named = any(erasure.name_fingerprint for erasure in erasures)
            key = Keys(folder.keys).read(units_of.VERIFY_KEY) if named else None
            names = names_left(connection, key, done.rebuilt_for.values())
        for erasure in erasures:
            copies = Keys(folder.keys).has_any_of(_old_keys(folder, erasure, done))
            places = (*([COPY_OF_A_KEY] if copies else []), *names.get(erasure.holding, ()))
            method, verified, not_reached = done.in_words(erasure)
            if healed is not None and healed <= erasure.begun_at < healed + timedelta(days=1):
                not_reached += REGISTERS_UNREAD
            if places:
                unverified.append(OpenErasure(erasure, method, not_reached, places, now))
            else:
                written.append(erasure.certify(now, method, verified, signed, not_reached))
        _mark_erased(connection, done.by_rows, now)
        with transaction(connection):
            leave_open(connection, unverified)
        write_certificates(folder, connection, written)
    return written


def _old_keys(folder: DataFolder, erasure: PendingErasure, done: CarriedOut) -> set[str]:
    """The fingerprints of the keys that are destroyed: where the line of a drop stays in a store
    that does not open, its key is in use.
    """
    stays = done.lines_stay and drop_id_in(erasure.holding) is not None
    return set(erasure.key_fingerprints) - (
        {Keys(folder.keys).fingerprint("restricted")} if stays else set()
    )


def _mark_erased(
    registers: duckdb.DuckDBPyConnection, by_rows: Mapping[str, RowErasure], now: datetime
) -> None:
    """The ledger says of the drops of a source whose rows are gone that they are erased."""
    for erasure in by_rows.values():
        if erasure.source is not None:
            registers.execute(
                "UPDATE registers.drops SET state = 'erased', decided_at = ? "
                "WHERE source = ? AND state = 'loaded'",
                [now, erasure.source],
            )
