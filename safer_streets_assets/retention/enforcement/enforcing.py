"""Enforces the retention schedule: erases what is due, verifies it, and certifies it.

Intent is recorded first, then keys go, then files, then the certificate is written; a run that was
killed in between is finished by the next. The caller holds the run's lock (`stores.lock`).
Releases stay: outputs are listed in the register when they fall due, for a person to decide on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.enforcement.after_waiting import (
    carry_out_asked,
    due_erasures,
    forget_left_over,
)
from safer_streets_assets.retention.enforcement.agreement import bring_to_policy
from safer_streets_assets.retention.erasure.carrying_out import Begun, carry_out, drop_id_in
from safer_streets_assets.retention.erasure.erasing import (
    key_fingerprint,
)
from safer_streets_assets.retention.erasure.on_request import finish_on_request
from safer_streets_assets.retention.erasure.registers_after import blot_typed_texts
from safer_streets_assets.retention.erasure.rows import (
    row_erasures,
    stores_of,
)
from safer_streets_assets.retention.erasure.settling import verify_open
from safer_streets_assets.retention.erasure.verification import (
    name_fingerprint,
)
from safer_streets_assets.retention.holdings import inventory as lie
from safer_streets_assets.retention.holdings import rules
from safer_streets_assets.retention.holdings.clocks import DECIDED
from safer_streets_assets.retention.holdings.holding import Holding
from safer_streets_assets.retention.holdings.inventory import Unit, inventory
from safer_streets_assets.retention.holdings.known import (
    Beside,
    read_beside,
    read_known,
)
from safer_streets_assets.retention.holdings.opening import readable
from safer_streets_assets.retention.holdings.register import (
    retention_register,
)
from safer_streets_assets.retention.records.certificates import (
    Certificate,
    PendingErasure,
    begin,
    certificate_id,
    ensure_pending,
    pending,
)
from safer_streets_assets.retention.records.chain import note_chain
from safer_streets_assets.stores import (
    DataFolder,
    Keys,
    StoreError,
    StoreName,
    open_stores,
)
from safer_streets_assets.stores.database import refuse_missing_registers
from safer_streets_assets.stores.files import log_of
from safer_streets_assets.stores.keys import KeyMissingError
from safer_streets_assets.stores.rebuild import finish_rebuild
from safer_streets_assets.stores.register_copy import heal_registers
from safer_streets_assets.stores.registers import close_evaluation, ensure_registers
from safer_streets_assets.stores.rotation import finish_rotation, forget_next_key
from safer_streets_assets.stores.sealed import SealError

_ENFORCED = ("restricted", "research", "keys", "quarantine", "landing", "bundles")
_STORES = ("restricted", "research", "keys")


def enforce(folder: DataFolder, policy: Policy, today: date, now: datetime) -> list[Certificate]:
    """Erases everything that is due on a day; returns the certificates written by this call.

    `today` is the date in the policy's time zone, `now` the time in UTC. What was asked for by a
    command and has waited for its day goes first; what of it cannot be carried out stays due, and
    keeps nothing else from going. When personal data is due the evaluation is closed: later drops
    are refused. When nothing is due nothing changes. A store that does not open is in no erasure's
    way but that of its own rows: what is due as a whole goes unread. Damaged registers are taken
    from their copy. What is done and could not be verified stays on record as open, and is tried
    again.

    Raises:
        ErasureNotVerifiedError: something is still there after erasing it.
        RetentionError: the policy lacks a rule.
        KeyMissingError, StoreError, SealError: everything else that was due is erased, and an
            erasure, rotation or rebuild that was interrupted cannot be finished.
    """
    finish_rebuild(folder, "registers")
    heal_registers(folder, now)
    refuse_missing_registers(folder)
    stuck: SaferStreetsError | None = None
    try:
        written = resume(folder, policy, now)
    except (KeyMissingError, StoreError, SealError) as error:
        stuck, written = error, carry_out(folder, policy, now)
    written += carry_out_asked(folder, policy, due_erasures(folder, policy, today), now)
    opens = readable(folder)
    with open_stores(folder, read=opens) as connection:
        listed = retention_register(folder, connection, policy, today)
        beside = read_beside(connection)
    due = {
        found: found.clock.due_on
        for found in listed
        if found.clock.due_on is not None and is_enforced(found)
    }
    due = _without_rows_unread(policy, due, beside, opens)
    if due:
        if "restricted" in opens and lie.RESTRICTED in {holding.holding for holding in due}:
            blot_typed_texts(folder, policy)
        begun = begin_erasures(folder, policy, due, now, beside)
        written += carry_out(folder, policy, now, begun)
    written += verify_open(folder, policy, now)
    if stuck is not None and folder.database("restricted").exists():
        raise stuck
    return written


def resume(folder: DataFolder, policy: Policy, now: datetime) -> list[Certificate]:
    """Finishes rotations of keys, erasures and rebuilds that were interrupted; then brings the
    stores to the policy.

    Returns the certificates written. To be called at the start of every run, before a store is
    opened. What is done and not verified is left to `enforce`.
    """
    finish_rebuild(folder, "registers")
    refuse_missing_registers(folder)
    # What is in the log of a command that was killed goes into the store when a writer closes it.
    registers: list[StoreName] = ["registers"]
    left = registers if log_of(folder.database("registers")).exists() else []
    with open_stores(folder, read=[] if left else registers, write=left) as connection:
        note_chain(folder, connection)
    finish_rotation(folder)
    forget_next_key(folder, PSEUDONYM_KEY)
    forget_left_over(folder)
    written = [*finish_on_request(folder, policy, now), *carry_out(folder, policy, now)]
    return [*written, *bring_to_policy(folder, policy, now)]


def _without_rows_unread(
    policy: Policy, due: dict[Holding, date], beside: Beside, opens: Collection[StoreName]
) -> dict[Holding, date]:
    """What can be erased now: rows of a store that stays and does not open cannot."""
    by_rows = row_erasures(policy, {h.holding: h.clock.rule for h in due}, beside.excepted)
    return {
        holding: on
        for holding, on in due.items()
        if set(stores_of(by_rows.get(holding.holding))) <= {*opens}
    }


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
        with open_stores(folder, read=readable(folder)) as connection:
            beside = read_beside(connection)
    units = inventory(folder)
    names = {holding.holding for holding in due}
    by_rows = row_erasures(policy, {h.holding: h.clock.rule for h in due}, beside.excepted)
    opens = "restricted" in readable(folder)
    rebuilt = opens and lie.RESTRICTED not in names and any(map(drop_id_in, names))
    came_under = beside.names if rebuilt else {}
    verify_key = Keys(folder.keys).read_or_create(lie.VERIFY_KEY) if came_under else None
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        ensure_pending(connection)
        erasures = []
        for holding, due_on in due.items():
            unit = units.get(holding.holding, Unit(holding.holding, (), ()))
            keys = [*unit.keys, "restricted"] if rebuilt and drop_id_in(unit.name) else [*unit.keys]
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
    drop_id = drop_id_in(holding.holding)
    name = came_under.get(drop_id) if drop_id is not None else None
    return None if key is None or name is None else name_fingerprint(key, name)
