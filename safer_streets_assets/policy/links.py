"""What `tables.yaml` says of cells of several tables: equal numbers, and the same people."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from safer_streets_assets.policy.base import PolicyModel


class PolicyCell(PolicyModel):
    """A count in a row of a table: the value of each column that is not said otherwise.

    A value of `where` may hold the name of a dimension of `each` in braces: its value stands there
    ("{scale} at start").
    """

    table: str
    where: dict[str, str]
    count: str = "n"


class LinkCell(PolicyCell):
    """A cell of a link; `columns` says under which name (key) the link knows a column (value)."""

    columns: dict[str, str] = {}


class LinkTerm(LinkCell):
    """A cell, and how many times it enters the sum."""

    times: int

    @field_validator("times")
    @classmethod
    def _is_in_the_sum(cls, times: int) -> int:
        if times == 0:
            raise ValueError("times is 0, so that the cell is not in the sum; take it out")
        return times


class PolicyLink(PolicyModel):
    """Cells of different tables that add up to zero, for each value of the named dimensions.

    With `is_count` the sum is itself a number of people and is protected as one. With
    `where_equal` the link holds only where the true counts say so (with `is_count` too: where the
    sum is not below zero), with `where_zero` only where that count is 0. `each` names dimensions
    that run over all values, `over` those that run over the named list of the policy, of two names
    over the same list over each pair once.
    """

    why: str
    terms: list[LinkTerm] = Field(min_length=2)
    each: list[str] = []
    over: dict[str, str] = {}
    is_count: bool = False
    where_equal: bool = False
    where_zero: LinkCell | None = None


class Overlap(PolicyModel):
    """Rows of different tables, or comparisons, with the scores of the same people at a wave.

    The people of `part` are among those of the cells of `whole` together, for each value of the
    dimensions of `each`; with `where_equal` where the new release prints these two counts, and they
    are equal. `scores` says which of their scores the rows have in common: overlaps of different
    waves are not taken together. `keep` says of which the statistics are hidden last, if of one.
    """

    scores: Literal["start", "middle", "end"]
    each: list[str] = []
    whole: list[PolicyCell] = Field(min_length=1)
    part: PolicyCell
    keep: Literal["part", "whole", "neither"]
    where_equal: tuple[PolicyCell, PolicyCell] | None = None
