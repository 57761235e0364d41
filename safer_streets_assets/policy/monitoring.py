"""Typed model of what `dpia.yaml` says of performance monitoring beyond counts."""

from __future__ import annotations

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel

FACTORS = ("age_band", "gender", "borough", "offence", "court", "delivery")
"""The columns of the linked cohort that may go with being lost; people are given a delivery when
they are assigned."""


class Factors(PolicyModel):
    """The regressions on what goes with being lost: when one may be fitted, and on what.

    A model is fitted when the rarer of both results comes up at least `events_per_parameter` times
    for each of its parameters; `reason` says why so often. A category of fewer than `least_people`
    has no parameter. `levels` says at which level of its hierarchy a dimension enters, `gathered`
    what the rare categories of a dimension are put together as.
    """

    events_per_parameter: int = Field(ge=1)
    least_people: int = Field(ge=2)
    reason: str = Field(min_length=1)
    levels: dict[str, str]
    gathered: dict[str, str]

    @model_validator(mode="after")
    def _of_factors(self) -> Factors:
        if {*self.levels, *self.gathered} - {*FACTORS}:
            raise ValueError(
                f"levels and gathered are of factors; use names among {', '.join(FACTORS)}"
            )
        return self


class Monitoring(PolicyModel):
    """How far people come, and who is lost.

    `goes_on` are the outcomes of people whose programme has not ended; whoever has another one has
    completed or left. `block_ends` are the last sessions of the blocks in which drop-out is
    published.
    """

    section: str
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
        """Each block of sessions by its label, with its first and its last session."""
        firsts = [1, *(end + 1 for end in self.block_ends[:-1])]
        return {
            f"{first}-{last}" if first < last else str(last): (first, last)
            for first, last in zip(firsts, self.block_ends, strict=True)
        }
