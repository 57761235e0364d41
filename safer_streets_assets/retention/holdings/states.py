"""The state of something that is held: by its clock, by an exception, or up for assessment."""

from __future__ import annotations

from datetime import date

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.holdings import rules
from safer_streets_assets.retention.holdings.clocks import DECIDED
from safer_streets_assets.retention.holdings.holding import (
    DUE,
    EXCEPTED,
    FOR_ASSESSMENT,
    HELD_UNTIL,
    NOT_TRIGGERED,
    REVIEW_DUE,
    Clock,
    state_on,
)
from safer_streets_assets.retention.holdings.known import Known
from safer_streets_assets.retention.records.conclusion import ERASE
from safer_streets_assets.retention.records.exceptions import RetentionException


def state_of(name: str, clock: Clock, policy: Policy, known: Known, today: date) -> str:
    """The state of a holding that is held.

    An exception holds it back whatever its clock says. What is only to be assessed is never due
    before a person has decided; what is personal is up for assessment once the project concluded.
    """
    found = standing_on(name, known)
    if found is not None:
        return REVIEW_DUE if found.review_is_due(today) else EXCEPTED
    state = state_on(today, clock.due_on, policy.dpia.retention.warn_days)
    if rules.rule_of(policy, clock.rule).action == "assess":
        return FOR_ASSESSMENT if state in DUE and not _erased_by_decision(name, known) else state
    waits = known.concluded is not None and clock.trigger != DECIDED
    if waits and clock.rule in (rules.personal_rule(policy), rules.CONCLUSION):
        return FOR_ASSESSMENT if state in (HELD_UNTIL, NOT_TRIGGERED) else state
    return state


def standing_on(name: str, known: Known) -> RetentionException | None:
    """The exception that holds a holding back: its own, or that of the store it is a part of."""
    store = f"{name.split('/', maxsplit=1)[0]}/store"
    return known.exceptions.get(name) or known.exceptions.get(store)


def _erased_by_decision(name: str, known: Known) -> bool:
    decision = known.decisions.get(name)
    return decision is not None and decision.decision == ERASE
