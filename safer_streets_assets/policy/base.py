"""What every typed model of the policy shares."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

SnakeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class PolicyModel(BaseModel):
    """A part of the policy: unknown keys are mistakes, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
