"""Typed models of the retention schedule in `dpia.yaml`: rules, their clocks, exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel, SnakeName

Trigger = Literal[
    "publication",
    "conclusion",
    "stage stopped",
    "quarantined",
    "taken in",
    "bundle made",
    "asked for",
    "run ended",
]
Action = Literal["erase", "prune", "assess"]

QUARANTINE = "quarantine"
LANDING = "landing"
OUTPUTS = "outputs"
CONCLUSION = "conclusion"
STAGE_STOPPED = "stage_stopped"
BUNDLES = "bundles"
ON_REQUEST = "on_request"
CERTIFIED_ON_REQUEST, CERTIFIED_AGREEMENT = "on request", "no longer agreed"
"""What certificates call the rule of erasures that somebody asked for, or an agreement ended."""
RUN_HISTORY = "run_history"
"""The rules that no source names; a source names the rule of its personal data."""


@dataclass(frozen=True)
class Applied:
    """How the code applies a rule: what sets it off, what may be done, and whether it has a period
    (without one it is due at once, after the notice)."""

    trigger: Trigger
    actions: tuple[Action, ...] = ("erase",)
    has_period: bool = True


APPLIED: Mapping[str, Applied] = {
    QUARANTINE: Applied("quarantined"),
    LANDING: Applied("taken in"),
    OUTPUTS: Applied("publication", ("assess", "erase")),
    CONCLUSION: Applied("conclusion"),
    STAGE_STOPPED: Applied("stage stopped"),
    BUNDLES: Applied("bundle made"),
    ON_REQUEST: Applied("asked for", has_period=False),
    RUN_HISTORY: Applied("run ended", ("prune",)),
}
"""The rules that no source names, each of which has to be there."""
PERSONAL = Applied("publication")
"""A rule that sources name."""


class Period(PolicyModel):
    """A calendar period: months and days."""

    months: int = Field(default=0, ge=0)
    days: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _is_said(self) -> Period:
        if not self.model_fields_set:
            raise ValueError("give months or days; days: 0 is at once")
        return self


class RetentionRule(PolicyModel):
    """How long a kind of holding is kept: from which event, how long, and what then happens.

    By `assess` nothing is erased unless an operator decides it.
    """

    title: str
    section: str
    trigger: Trigger
    after: Period
    action: Action


class Exceptions(PolicyModel):
    """How long an exception to the schedule may stand until it has to be looked at again."""

    section: str
    review_within: Period


class Retention(PolicyModel):
    """The retention schedule, the days before a due date on which it warns, and who decides.

    A file that lies for `stray_hours` under the name of one in the making is a stray. What an
    operator recorded erases nothing before `notice_days` have passed since the day it was recorded;
    where it erases something within `notice_within_days`, the commands ask and a check warns
    daily. A clock that went back or forward by so many days is for an operator to judge. Every
    certificate names the role that answers for erasing.
    """

    section: str
    publication_that_counts: Literal["first", "latest"]
    publication_reason: str = Field(min_length=1)
    notice_days: int = Field(ge=1)
    notice_within_days: int = Field(ge=1)
    notice_reason: str = Field(min_length=1)
    clock_back_days: int = Field(ge=1)
    clock_forward_days: int = Field(ge=1)
    warn_days: list[Annotated[int, Field(ge=0)]] = Field(min_length=1)
    stray_hours: int = Field(ge=1)
    roles: list[str] = Field(min_length=1)
    answers_for_erasing: str
    exceptions: Exceptions
    rules: dict[SnakeName, RetentionRule]

    @model_validator(mode="after")
    def _a_role_answers(self) -> Retention:
        if self.answers_for_erasing not in self.roles:
            raise ValueError(
                "retention.answers_for_erasing is none of retention.roles; name one of them"
            )
        return self

    @model_validator(mode="after")
    def _notice_is_warned_of(self) -> Retention:
        if self.notice_within_days < self.notice_days:
            raise ValueError(
                "retention.notice_within_days is shorter than notice_days, so that something would "
                "wait without a warning; make it at least as long"
            )
        return self
