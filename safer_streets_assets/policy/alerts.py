"""Typed model of what `dpia.yaml` says on alerts: of what somebody is told, how grave, and how."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel

AlertKind = Literal[
    "drop_held",
    "drop_quarantined",
    "drop_refused",
    "run_failed",
    "release_waits",
    "release_register_broken",
    "erasure_due",
    "erasure_overdue",
    "erasure_done",
    "erasure_unverified",
    "breach_half",
    "breach_last_hours",
    "breach_past",
    "request_due",
    "request_overdue",
    "dpia_review_due",
    "dpia_review_overdue",
    "nothing_arrived",
    "daemon_stopped",
    "store_damaged",
]
"""Everything that somebody may be told of."""
AlertSeverity = Literal["notice", "warning", "critical"]
Channel = Literal["email", "webhook", "file"]


class Telling(PolicyModel):
    """How grave something is, and through which channels it is told; through none it only shows in
    `safer-streets status`. A notice is told once, and is nothing that waits."""

    severity: AlertSeverity
    through: list[Channel]

    @model_validator(mode="after")
    def _each_channel_once(self) -> Telling:
        if len(set(self.through)) != len(self.through):
            raise ValueError("through names a channel twice; name it once")
        return self


class Alerts(PolicyModel):
    """Of what somebody is told, and when.

    What still stands is told again after `remind_after_hours`. `breach_hours_left` is when the
    last hours of a breach's clock begin, and `request_days_left` the last days of a request.
    """

    section: str
    remind_after_hours: int = Field(ge=1)
    breach_hours_left: int = Field(ge=1)
    request_days_left: int = Field(ge=0)
    tell: dict[AlertKind, Telling]

    @model_validator(mode="after")
    def _everything_is_said(self) -> Alerts:
        missing = [kind for kind in get_args(AlertKind) if kind not in self.tell]
        if missing:
            raise ValueError(f"tell has no {missing[0]}; say how grave it is, and through what")
        return self
