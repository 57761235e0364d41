"""Erases from a restored copy what was erased after its backup was made.

The certificates say which holdings these were; each goes the way of any erasure, keys first, with a
certificate of its own. A holding that cannot be erased again by its name is not restored at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from safer_streets_assets.backup.errors import RestoreError
from safer_streets_assets.cohort.catalogue import PEOPLE_LINE
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import read_register, resume
from safer_streets_assets.retention.due import local_date
from safer_streets_assets.retention.enforcement.agreement import bring_to_policy
from safer_streets_assets.retention.erasure.beginning import begin_erasures
from safer_streets_assets.retention.holdings import inventory as units_of
from safer_streets_assets.retention.holdings import rules
from safer_streets_assets.retention.holdings.asked import wait_anew
from safer_streets_assets.retention.holdings.holding import TAKEN_IN, WAITING
from safer_streets_assets.retention.records.chain import ChainLink, append_links
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.queries import transaction
from safer_streets_assets.stores.registers import close_evaluation, ensure_registers

AGREEMENT_PREFIX = "agreement/"
"""Holdings of certificates on what was no longer agreed: the policy says what that is."""
WHOLE_STORES = (units_of.RESTRICTED, units_of.RESEARCH)


def refuse_what_cannot_be_erased_again(policy: Policy, later: Sequence[ChainLink]) -> None:
    """Raises `RestoreError` when something was erased that its certificate does not name.

    A person, or single rows, cannot be found again from a certificate without identifiers.
    """
    known = {
        units_of.RESTRICTED,
        units_of.RESEARCH,
        units_of.PSEUDONYM,
        PEOPLE_LINE,
        TAKEN_IN,
        WAITING,
        *(f"restricted/{name}" for name in policy.dpia.sources),
    }
    named = {str(link.facts["holding"]) for link in later}
    # A table that was certified beside its whole store went, and goes again, with that store.
    stores = tuple(f"{store.partition('/')[0]}/" for store in WHOLE_STORES if store in named)
    for holding in sorted(named - known):
        again = (units_of.QUARANTINE_PREFIX, units_of.BUNDLE_PREFIX, AGREEMENT_PREFIX, *stores)
        if not holding.startswith(again):
            raise RestoreError(
                "People or rows were erased on request after this backup was made, and no "
                "certificate says whose: this backup would bring them back; restore one that was "
                "made since."
            )


def erase_again(
    folder: DataFolder, policy: Policy, later: Sequence[ChainLink], now: datetime
) -> int:
    """Puts later certificates on the register and erases what they name; returns the holdings.

    The folder is a restored copy that is not in use yet. `now` is the time in UTC.

    Raises:
        ErasureNotVerifiedError, KeyMissingError, StoreError: something is left, or does not open.
    """
    if not later:
        return 0
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        with transaction(connection):
            append_links(connection, later)
            if rules.personal_rule(policy) in {link.facts["rule"] for link in later}:
                close_evaluation(connection, now)
    names = {
        str(link.facts["holding"]): date.fromisoformat(str(link.facts["due_on"])) for link in later
    }
    held = {
        found: names[found.holding]
        for found in read_register(folder, policy, max(names.values()))
        if found.is_held and found.holding in names
    }
    if any(name.startswith(AGREEMENT_PREFIX) for name in names):
        bring_to_policy(folder, policy, now)
    if held:
        begin_erasures(folder, policy, held, now)
        resume(folder, policy, now)
    return len(held)


def let_wait_anew(folder: DataFolder, policy: Policy, now: datetime) -> None:
    """Lets erasures of drops and people wait for the whole notice again that wait in a restored
    copy: they may have been taken back since its backup. `now` is the time in UTC.
    """
    with open_stores(folder, write=["registers"]) as connection:
        wait_anew(connection, policy, local_date(now, policy.dpia.evaluation.timezone))
