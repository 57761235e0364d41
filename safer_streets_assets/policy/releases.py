"""Typed models of what `dpia.yaml` says on releases: who approves them, and who else gets them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from safer_streets_assets.policy.base import PolicyModel

NOBODY = "none"
Approval = Literal["none", "two-person"]


class Releases(PolicyModel):
    """How a release becomes the current one.

    By `two-person` it waits as a candidate until somebody approves it who did not build it. By
    `none` it becomes current at once, and the summary of the run says that nobody approved it.
    """

    section: str
    approval: Approval


class Recipient(PolicyModel):
    """A party that is given the protected tables of the current release: on what `basis`, in a
    sentence, and by which section of the DPIA."""

    section: str
    basis: str = Field(min_length=1)
