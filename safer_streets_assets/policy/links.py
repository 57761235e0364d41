"""What `tables.yaml` says of cells of several tables: equal numbers, and the same people."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from safer_streets_assets.policy.base import PolicyModel


class LinkTerm(PolicyModel):
    """A cell of a table, and how many times it enters the sum.

    A value of `where` may hold the name of a dimension of `each` in braces: its value stands there
    ("{scale} at start"). `columns` says under which name (key) the link knows a column (value).
    """

    table: str
    where: dict[str, str]
    times: int
    count: str = "n"
    columns: dict[str, str] = {}


class Link(PolicyModel):
    """Cells of different tables that add up to zero, for each value of the named dimensions.

    With `is_count` the sum is itself a number of people and is protected as one. With
    `where_equal` the link holds only where the true counts say so (with `is_count` too: where the
    sum is not below zero), with `where_zero` only where
    that count (its `times` says nothing) is 0. `each` names dimensions that run over all values,
    `over` those that run over the named list of the policy, of two names over the same list over
    each pair once.
    """

    why: str
    terms: list[LinkTerm] = Field(min_length=2)
    each: list[str] = []
    over: dict[str, str] = {}
    is_count: bool = False
    where_equal: bool = False
    where_zero: LinkTerm | None = None


class Overlap(PolicyModel):
    """Rows of different tables, or comparisons, with the scores of the same people at a wave.

    The people of `part` are among those of the cells of `whole` together, for each value of the
    dimensions of `each`; with `where_equal` where the new release prints these two counts (their
    `times` says nothing), and they are equal. `scores` says which of their scores the rows have in
    common: overlaps of different waves are not taken together. `keep` says of which the statistics
    are hidden last.
    """

    why: str
    scores: Literal["start", "middle", "end"]
    each: list[str] = []
    whole: list[LinkTerm] = Field(min_length=1)
    part: LinkTerm
    keep: Literal["part", "whole"]
    where_equal: tuple[LinkTerm, LinkTerm] | None = None
