"""Enforces the retention schedule: erases what is due, verifies it, and certifies it.

Intent is recorded first, then keys go, then files, then the certificate is written; a run that was
killed in between is finished by the next. The caller holds the run's lock (`stores.lock`).
Releases stay: outputs are listed in the register when they fall due, for a person to decide on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import inventory as lie
from safer_streets_assets.retention import rules
from safer_streets_assets.retention.agreement import bring_to_policy
from safer_streets_assets.retention.certificates import (
    Certificate,
    PendingErasure,
    begin,
    certificate_id,
    ensure_pending,
    pending,
    write_certificates,
)
from safer_streets_assets.retention.clocks import DECIDED
from safer_streets_assets.retention.erasing import (
    METHOD,
    METHOD_WITH_REBUILD,
    erase_leftover_key_parts,
    erase_quarantined_rows,
    erase_units,
    key_fingerprint,
    remove_empty_folders,
)
from safer_streets_assets.retention.holdings import Holding
from safer_streets_assets.retention.inventory import Unit, inventory
from safer_streets_assets.retention.known import (
    Beside,
    Known,
    read_beside,
    read_known,
    taken_in_files,
)
from safer_streets_assets.retention.on_request import finish_on_request
from safer_streets_assets.retention.register import (
    TAKEN_IN,
    WAITING,
    openable,
    retention_register,
)
from safer_streets_assets.retention.rows import (
    METHOD_ROWS,
    VERIFIED_ROWS,
    RowErasure,
    delete_rows,
    rebuild_without,
    row_erasures,
    stores_of,
    verify_rows_gone,
)
from safer_streets_assets.retention.verification import (
    name_fingerprint,
    statement,
    verify_gone,
    verify_names_gone,
)
from safer_streets_assets.stores import DataFolder, Keys, StoreName, open_stores
from safer_streets_assets.stores.rebuild import finish_rebuild
from safer_streets_assets.stores.registers import close_evaluation, ensure_registers
from safer_streets_assets.stores.rotation import finish_rotation, forget_next_key

_REBUILT: tuple[StoreName, ...] = ("restricted", "research")
_ENFORCED = ("restricted", "research", "keys", "quarantine", "landing", "bundles")
_STORES = ("restricted", "research", "keys")


@dataclass(frozen=True)
class Begun:
    """The erasures that were begun, and what the registers say besides."""

    erasures: list[PendingErasure]
    known: Known


def enforce(folder: DataFolder, policy: Policy, today: date, now: datetime) -> list[Certificate]:
    """Erases everything that is due on a day; returns the certificates written by this call.

    `today` is the date in the policy's time zone, `now` the time in UTC. When personal data is
    due the evaluation is closed: later drops are refused. When nothing is due nothing changes.

    Raises:
        ErasureNotVerifiedError: something is left; its certificate is not written.
        RetentionError: the policy lacks a rule.
        KeyMissingError, StoreError: a quarantined drop is due and the restricted store does not
            open.
    """
    written = resume(folder, policy, now)
    with open_stores(folder, read=openable(folder)) as connection:
        due = {
            found: found.clock.due_on
            for found in retention_register(folder, connection, policy, today)
            if found.clock.due_on is not None and is_enforced(found)
        }
        beside = read_beside(connection)
    if due:
        begun = begin_erasures(folder, policy, due, now, beside)
        written += _finish(folder, policy, now, begun)
    return written


def resume(folder: DataFolder, policy: Policy, now: datetime) -> list[Certificate]:
    """Finishes rotations of keys, erasures and rebuilds that were interrupted; then brings the
    stores to the policy.

    Returns the certificates written. To be called at the start of every run, before a store is
    opened.
    """
    finish_rotation(folder)
    forget_next_key(folder, PSEUDONYM_KEY)
    written = [*finish_on_request(folder, policy, now), *_finish(folder, policy, now)]
    return [*written, *bring_to_policy(folder, policy, now)]


def is_enforced(holding: Holding) -> bool:
    """Whether a holding is due and enforcing the schedule erases it."""
    if holding.holding == lie.RESTRICTED and holding.clock.rule == rules.QUARANTINE:
        return False  # names of refused drops: each goes with its drop
    if holding.holding == lie.PUBLISHED:
        return holding.is_due and holding.clock.trigger == DECIDED
    return holding.is_due and holding.store in _ENFORCED


def begin_erasures(
    folder: DataFolder,
    policy: Policy,
    due: dict[Holding, date],
    now: datetime,
    beside: Beside | None = None,
) -> Begun:
    """Records what is to be erased, and the closure with it, in one transaction.

    `beside` is what was read with the register, where it was. Returns what is recorded then.
    """
    if beside is None:
        with open_stores(folder, read=openable(folder)) as connection:
            beside = read_beside(connection)
    units = inventory(folder)
    names = {holding.holding for holding in due}
    by_rows = row_erasures(policy, {h.holding: h.clock.rule for h in due}, beside.excepted)
    rebuilt = lie.RESTRICTED not in names and any(map(_drop_id, names))
    came_under = beside.names if rebuilt else {}
    verify_key = Keys(folder.keys).read_or_create(lie.VERIFY_KEY) if came_under else None
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        ensure_pending(connection)
        erasures = []
        for holding, due_on in due.items():
            unit = units.get(holding.holding, Unit(holding.holding, (), ()))
            keys = [*unit.keys, "restricted"] if rebuilt and _drop_id(unit.name) else [*unit.keys]
            keys += stores_of(by_rows.get(holding.holding))
            marks = [mark for name in keys if (mark := key_fingerprint(folder, name)) is not None]
            erasures.append(
                PendingErasure(
                    certificate_id=certificate_id(
                        connection, holding.holding, holding.clock.rule, due_on
                    ),
                    holding=holding.holding,
                    store=holding.store,
                    what=holding.what,
                    rule=holding.clock.rule,
                    due_on=due_on,
                    begun_at=now,
                    files=holding.files,
                    bytes=holding.bytes,
                    row_count=holding.row_count,
                    key_fingerprints=marks,
                    name_fingerprint=_name_fingerprint(came_under, holding, verify_key),
                )
            )
        connection.execute("BEGIN TRANSACTION")
        if any(_closes(policy, holding) for holding in due):
            close_evaluation(connection, now)
        begin(connection, erasures)
        connection.execute("COMMIT")
        return Begun(pending(connection), read_known(connection))


def _closes(policy: Policy, holding: Holding) -> bool:
    """Whether erasing it is the end of the evaluation."""
    decided = holding.clock.trigger == DECIDED and holding.store not in _STORES
    rule = holding.clock.rule
    return rule in (rules.personal_rule(policy), rules.CONCLUSION) and not decided


def _name_fingerprint(
    came_under: Mapping[str, str], holding: Holding, key: str | None
) -> str | None:
    """A keyed hash of the name that a quarantined drop came under, where it is known."""
    drop_id = _drop_id(holding.holding)
    name = came_under.get(drop_id) if drop_id is not None else None
    return None if key is None or name is None else name_fingerprint(key, name)


def _finish(
    folder: DataFolder, policy: Policy, now: datetime, begun: Begun | None = None
) -> list[Certificate]:
    """Carries out every erasure that was begun, from wherever it stands."""
    erase_leftover_key_parts(folder)
    if begun is None:
        with open_stores(folder, read=["registers"]) as connection:
            begun = Begun(pending(connection), read_known(connection))
    erasures, known = begun.erasures, begun.known
    names = {erasure.holding for erasure in erasures}
    for store in _REBUILT:
        if f"{store}/store" not in names:
            finish_rebuild(folder, store)
    if erasures:
        erase_units(folder, _units(folder, names, known))
        drops = {d: e for e in erasures if (d := _drop_id(e.holding)) is not None}
        by_rows = row_erasures(policy, {e.holding: e.rule for e in erasures}, known.exceptions)
        rebuilt = bool(drops) and lie.RESTRICTED not in names
        delete_rows(folder, policy, by_rows)
        if rebuilt:
            erase_quarantined_rows(folder, drops, drops.values())
        rebuild_without(folder, by_rows, erasures)
        _tidy(folder, policy, names)
        verify_gone(folder, _units(folder, names, known), erasures)
        verify_rows_gone(folder, policy, by_rows)
        written = _certify(folder, erasures, drops if rebuilt else {}, by_rows, now)
    else:
        written = []
    Keys(folder.keys).destroy(lie.VERIFY_KEY)
    return written


def _units(folder: DataFolder, names: set[str], known: Known) -> list[Unit]:
    """The units of the holdings as they are now; the rows of a store go with the store."""
    units = inventory(folder)
    chosen = [unit for name, unit in units.items() if name in names]
    landed = units[lie.LANDED].files
    if WAITING in names:
        chosen.append(Unit(WAITING, (), landed))
    elif TAKEN_IN in names:
        chosen.append(Unit(TAKEN_IN, (), tuple(taken_in_files(landed, known))))
    return chosen


def _tidy(folder: DataFolder, policy: Policy, names: set[str]) -> None:
    if lie.RESTRICTED in names:
        remove_empty_folders(folder.restricted, kept=[folder.quarantine])
    if lie.RESEARCH in names:
        remove_empty_folders(folder.research)
    if any(name.startswith(lie.BUNDLE_PREFIX) for name in names):
        remove_empty_folders(folder.bundles)
    if names & {lie.RESTRICTED, WAITING}:
        sources = [folder.landing / name for name in policy.dpia.sources]
        remove_empty_folders(folder.landing, kept=sources)


def _certify(
    folder: DataFolder,
    erasures: Sequence[PendingErasure],
    rebuilt_for: dict[str, PendingErasure],
    by_rows: dict[str, RowErasure],
    now: datetime,
) -> list[Certificate]:
    read: list[StoreName] = ["restricted"] if rebuilt_for else []
    with open_stores(folder, write=["registers"], read=read) as connection:
        if rebuilt_for and folder.database("restricted").exists():
            named = any(erasure.name_fingerprint for erasure in erasures)
            key = Keys(folder.keys).read(lie.VERIFY_KEY) if named else None
            verify_names_gone(connection, key, rebuilt_for)
        rebuilt = {erasure.holding for erasure in rebuilt_for.values()}
        written = [
            erasure.certify(
                now,
                METHOD_ROWS
                if erasure.holding in by_rows
                else METHOD_WITH_REBUILD
                if erasure.holding in rebuilt
                else METHOD,
                VERIFIED_ROWS
                if erasure.holding in by_rows
                else statement(erasure, erasure.holding in rebuilt),
            )
            for erasure in erasures
        ]
        _mark_erased(connection, by_rows, now)
        write_certificates(connection, written)
    return written


def _mark_erased(
    registers: duckdb.DuckDBPyConnection, by_rows: dict[str, RowErasure], now: datetime
) -> None:
    """The ledger says of the drops of a source whose rows are gone that they are erased."""
    for erasure in by_rows.values():
        if erasure.source is not None:
            registers.execute(
                "UPDATE registers.drops SET state = 'erased', decided_at = ? "
                "WHERE source = ? AND state = 'loaded'",
                [now, erasure.source],
            )


def _drop_id(holding: str) -> str | None:
    """The drop of a quarantine holding, or None for another holding."""
    prefix = lie.QUARANTINE_PREFIX
    return holding.removeprefix(prefix) if holding.startswith(prefix) else None
