"""Enforces the retention schedule: erases what is due, verifies it, and certifies it.

Intent is recorded first, then keys go, then files, then the certificate is written; a run that was
killed in between is finished by the next. The caller holds the run's lock (`stores.lock`).
Releases stay: outputs are listed in the register when they fall due, for an operator to decide on.
"""

from __future__ import annotations

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
from safer_streets_assets.retention.erasure.beginning import begin_due
from safer_streets_assets.retention.erasure.carrying_out import carry_out
from safer_streets_assets.retention.erasure.on_request import finish_on_request
from safer_streets_assets.retention.erasure.settling import verify_open
from safer_streets_assets.retention.holdings.on_record import read_beside, readable
from safer_streets_assets.retention.holdings.register import retention_register
from safer_streets_assets.retention.records.certificates import Certificate
from safer_streets_assets.retention.records.chain import note_chain
from safer_streets_assets.stores import DataFolder, StoreError, StoreName, open_stores
from safer_streets_assets.stores.database import refuse_missing_registers
from safer_streets_assets.stores.files import log_of
from safer_streets_assets.stores.keys import KeyMissingError
from safer_streets_assets.stores.rebuild import finish_rebuild
from safer_streets_assets.stores.register_copy import heal_registers
from safer_streets_assets.stores.rotation import finish_rotation, forget_next_key
from safer_streets_assets.stores.sealed import SealError


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
    begun = begin_due(folder, policy, listed, now, beside)
    if begun is not None:
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
