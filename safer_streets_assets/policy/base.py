"""What every typed model of the policy shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

SnakeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class PolicyModel(BaseModel):
    """A part of the policy: unknown keys are mistakes, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Mistake:
    """What is wrong at a place of a file (keys, names and numbers of a list with dots between
    them), and after a semicolon what to do about it."""

    file: str
    place: str
    what: str

    @property
    def sentence(self) -> str:
        """The whole of it as one sentence."""
        return f"{self.file}, {self.place}: {self.what}."
