"""Typed model of what `dpia.yaml` says of performance monitoring beyond counts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel

FACTORS = ("age_band", "gender", "borough", "offence", "court", "delivery")
"""The columns of the linked cohort that may go with being lost; people are given a delivery when
they are assigned."""

OF_MONITORING = ("assigned", "started")
"""The stages from which monitoring counts."""
PARTICIPANTS = "participants"
"""The population of whom its factors are."""


class Endings(PolicyModel):
    """Categories that are grouped by what their names end in; `rest` are those of no such name."""

    endings: list[str] = Field(min_length=1)
    rest: str

    def group_of(self, category: str) -> str:
        """The group of a category."""
        return next((one for one in self.endings if category.endswith(one)), self.rest)


class Factors(PolicyModel):
    """The regressions on what goes with being lost: when one may be fitted, and on what.

    A model is fitted when the rarer of both results comes up at least `events_per_parameter` times
    for each of its parameters; `reason` says why so often. A category of fewer than `least_people`
    has no parameter. `levels` says at which level of its hierarchy a dimension enters, `by_ending`
    how the categories of one are grouped that has no hierarchy.
    """

    events_per_parameter: int = Field(ge=1)
    least_people: int = Field(ge=2)
    reason: str = Field(min_length=1)
    levels: dict[str, str]
    by_ending: dict[str, Endings]

    @model_validator(mode="after")
    def _of_factors(self) -> Factors:
        if {*self.levels, *self.by_ending} - {*FACTORS}:
            raise ValueError(
                f"levels and by_ending are of factors; use names among {', '.join(FACTORS)}"
            )
        return self


class Monitoring(PolicyModel):
    """How far people come, and who is lost.

    `timed` are the stages to which days are counted, `goes_on` the outcomes of people whose
    programme has not ended; whoever has another one has completed or left. `block_ends` are the
    last sessions of the blocks in which drop-out is published.
    """

    section: str
    timed: list[Literal["started", "midpoint", "completed"]] = Field(min_length=1)
    goes_on: list[str] = Field(min_length=1)
    block_ends: list[int] = Field(min_length=1)
    factors: Factors

    @model_validator(mode="after")
    def _blocks_rise(self) -> Monitoring:
        if self.block_ends[0] < 1 or sorted(set(self.block_ends)) != self.block_ends:
            raise ValueError("block_ends begin at 1 or later and rise; correct their order")
        return self

    @property
    def blocks(self) -> dict[str, tuple[int, int]]:
        """Each block of sessions by its name, with its first and its last session. A hyphen in
        the name would make a spreadsheet take it for a day."""
        firsts = [1, *(end + 1 for end in self.block_ends[:-1])]
        return {
            f"{first} to {last}" if first < last else str(last): (first, last)
            for first, last in zip(firsts, self.block_ends, strict=True)
        }
