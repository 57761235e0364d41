"""Begins erasures of the schedule: puts on record what is due and can go, before anything does.

With what is begun when personal data is due the evaluation is closed, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.erasure.erasing import name_fingerprint
from safer_streets_assets.retention.erasure.registers_after import blot_typed_texts
from safer_streets_assets.retention.erasure.rows import row_erasures, stores_of
from safer_streets_assets.retention.holdings import inventory as units_of
from safer_streets_assets.retention.holdings import rules
from safer_streets_assets.retention.holdings.clocks import DECIDED
from safer_streets_assets.retention.holdings.holding import Holding
from safer_streets_assets.retention.holdings.inventory import Unit, drop_id_in, inventory
from safer_streets_assets.retention.holdings.on_record import (
    Beside,
    OnRecord,
    read_beside,
    read_known,
    readable,
)
from safer_streets_assets.retention.records.certificates import (
    PendingErasure,
    begin,
    certificate_id,
    ensure_pending,
    pending,
)
from safer_streets_assets.stores import DataFolder, Keys, open_stores
from safer_streets_assets.stores.registers import close_evaluation, ensure_registers

_ENFORCED = ("restricted", "research", "keys", "quarantine", "landing", "bundles")
_STORES = ("restricted", "research", "keys")


@dataclass(frozen=True)
class Begun:
    """The erasures that were begun, and what the registers say besides."""

    erasures: list[PendingErasure]
    known: OnRecord


def begin_due(
    folder: DataFolder, policy: Policy, listed: Iterable[Holding], now: datetime, beside: Beside
) -> Begun | None:
    """Begins what is due of the register and can be erased now; None when that is nothing.

    `beside` was read with the register. Rows of a store that stays and did not open wait for it.
    """
    due = {
        found: found.clock.due_on
        for found in listed
        if found.clock.due_on is not None and is_enforced(found)
    }
    by_rows = row_erasures(policy, {h.holding: h.clock.rule for h in due}, beside.excepted)
    due = {
        holding: on
        for holding, on in due.items()
        if beside.stores.issuperset(stores_of(by_rows.get(holding.holding)))
    }
    if not due:
        return None
    if "restricted" in beside.stores and units_of.RESTRICTED in {
        holding.holding for holding in due
    }:
        blot_typed_texts(folder, policy)
    return begin_erasures(folder, policy, due, now, beside)


def is_enforced(holding: Holding) -> bool:
    """Whether a holding is due and enforcing the schedule erases it."""
    if holding.holding == units_of.RESTRICTED and holding.clock.rule == rules.QUARANTINE:
        return False  # names of refused drops: each goes with its drop
    if holding.holding == units_of.PUBLISHED:
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
        with open_stores(folder, read=readable(folder)) as connection:
            beside = read_beside(connection)
    units = inventory(folder)
    names = {holding.holding for holding in due}
    by_rows = row_erasures(policy, {h.holding: h.clock.rule for h in due}, beside.excepted)
    opens = "restricted" in beside.stores
    rebuilt = opens and units_of.RESTRICTED not in names and any(map(drop_id_in, names))
    came_under = beside.names if rebuilt else {}
    verify_key = Keys(folder.keys).read_or_create(units_of.VERIFY_KEY) if came_under else None
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        ensure_pending(connection)
        erasures = []
        for holding, due_on in due.items():
            unit = units.get(holding.holding, Unit(holding.holding, (), ()))
            keys = [*unit.keys, "restricted"] if rebuilt and drop_id_in(unit.name) else [*unit.keys]
            keys += stores_of(by_rows.get(holding.holding))
            marks = [
                mark for name in keys if (mark := Keys(folder.keys).fingerprint(name)) is not None
            ]
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
    drop_id = drop_id_in(holding.holding)
    name = came_under.get(drop_id) if drop_id is not None else None
    return None if key is None or name is None else name_fingerprint(key, name)
