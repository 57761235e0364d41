"""What people write down when they decide: a role of the policy, and a line that names nobody."""

from __future__ import annotations

from datetime import date

from safer_streets_assets.intake.crn import holds_crn
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.errors import DecisionError

MAXIMUM_WORDS = 300


def role(policy: Policy, name: str) -> str:
    """A role that may decide, as the policy writes it.

    Raises:
        DecisionError: the policy has no such role; a name of a person never gets in.
    """
    found = {own.casefold(): own for own in policy.dpia.retention.roles}
    wanted = " ".join(name.split()).casefold()
    if wanted not in found:
        raise DecisionError("Give a role, not a name: one of " + ", ".join(found.values()) + ".")
    return found[wanted]


def words(text: str, what: str) -> str:
    """One line of text for the registers, without a CRN; `what` names it in the error.

    Raises:
        DecisionError: it is empty, too long, or holds something that reads as a CRN.
    """
    line = " ".join(text.split())
    if not line or len(line) > MAXIMUM_WORDS or not line.isprintable():
        raise DecisionError(
            f"Say {what} in a line of 1 to {MAXIMUM_WORDS} characters that names nobody."
        )
    if holds_crn(line):
        raise DecisionError(
            f"What you give as {what} holds something that reads as a Case Reference Number; "
            "leave it out."
        )
    return line


def not_in_the_future(day: date, today: date, what: str) -> date:
    """The day, when it is not after today.

    Raises:
        DecisionError: it lies in the future.
    """
    if day > today:
        raise DecisionError(f"The date of {what} lies in the future; record it when it has come.")
    return day
