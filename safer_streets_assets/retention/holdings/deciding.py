"""What an operator may decide about which holding now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.errors import DecisionError
from safer_streets_assets.retention.holdings import inventory as units_of
from safer_streets_assets.retention.holdings import rules
from safer_streets_assets.retention.holdings.holding import FOR_ASSESSMENT, Holding

FIXED = (units_of.REGISTERS, units_of.HOUSEKEEPING, units_of.DAGSTER, units_of.UNACCOUNTED)
"""What nobody decides about: records of what was done, and what no part of the pipeline knows."""
SHORTEST = 8


def find_holding(holdings: Sequence[Holding], name: str) -> Holding:
    """The holding that is held under a name; of a long opaque one its first digits will do.

    Raises:
        DecisionError: there is none, or more than one.
    """
    wanted = name.strip()
    held = [holding for holding in holdings if holding.is_held]
    found = [holding for holding in held if holding.holding == wanted]
    if not found and len(wanted.partition("/")[2]) >= SHORTEST:
        found = [holding for holding in held if holding.holding.startswith(wanted)]
    if len(found) != 1:
        raise DecisionError(
            "Nothing is held under that name; safer-streets retention lists what is."
        )
    return found[0]


def for_assessment(policy: Policy, holdings: Sequence[Holding]) -> list[Holding]:
    """What waits for an operator's decision, or was decided on and is not erased yet."""
    personal = (rules.personal_rule(policy), rules.CONCLUSION)
    return [
        holding
        for holding in holdings
        if holding.is_held
        and holding.holding not in FIXED
        and (holding.state == FOR_ASSESSMENT or holding.clock.rule in personal)
    ]


def may_decide(
    policy: Policy, concluded: bool, holding: Holding, until: date | None, today: date
) -> None:
    """Checks that a holding may be erased, or kept until a date, by a decision now.

    Raises:
        DecisionError: it is not up for assessment, or would be kept past its own date.
    """
    outputs = rules.rule_of(policy, holding.clock.rule).action == "assess"
    up = holding.state == FOR_ASSESSMENT if outputs else concluded
    if not (concluded or outputs or holding.holding in FIXED):
        raise DecisionError(
            "The project has not concluded: run safer-streets conclusion record first."
        )
    if holding.holding in FIXED or holding.clock.rule == rules.ON_REQUEST or not up:
        raise DecisionError(
            "This holding is not up for assessment; safer-streets conclusion list has what is."
        )
    if until is None:
        return
    if until <= today:
        raise DecisionError("Something is kept until a day after today; give that, or erase it.")
    latest = holding.clock.due_on
    if not outputs and latest is not None and until > latest:
        raise DecisionError(
            f"By its rule this is due on {latest}, and a decision cannot keep it longer; give an "
            "earlier date, or add an exception with safer-streets exceptions add."
        )
