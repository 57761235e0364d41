"""Typed models of the retention schedule in `dpia.yaml`: rules, their clocks, exceptions."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from safer_streets_assets.policy.base import PolicyModel, SnakeName

Trigger = Literal[
    "publication",
    "conclusion",
    "stage stopped",
    "quarantined",
    "taken in",
    "bundle made",
    "run ended",
]


class Period(PolicyModel):
    """A calendar period: months and days."""

    months: int = Field(default=0, ge=0)
    days: int = Field(default=0, ge=0)


class RetentionRule(PolicyModel):
    """How long a kind of holding is kept: from which event, how long, and what then happens.

    By `assess` nothing is erased unless a person decides it.
    """

    title: str
    section: str
    trigger: Trigger
    after: Period
    action: Literal["erase", "prune", "assess"]


class Exceptions(PolicyModel):
    """How long an exception to the schedule may stand until it has to be looked at again."""

    section: str
    review_within: Period


class Retention(PolicyModel):
    """The retention schedule, the days before a due date on which it warns, and who decides.

    A file that lies for `stray_hours` under the name of one in the making is a stray.
    """

    section: str
    warn_days: list[int] = Field(min_length=1)
    stray_hours: int = Field(ge=1)
    roles: list[str] = Field(min_length=1)
    exceptions: Exceptions
    rules: dict[SnakeName, RetentionRule]
