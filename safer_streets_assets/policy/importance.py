"""Typed model of `importance` in tables.yaml: which figures are to be printed before others."""

from __future__ import annotations

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel


class HeadlineSpec(PolicyModel):
    """Rows of a table that are headline figures: those with the values of `where`, and in the
    columns of `over` any value of the named list of the policy."""

    table: str
    where: dict[str, str] = {}
    over: dict[str, str] = {}

    @model_validator(mode="after")
    def _each_column_is_said_once(self) -> HeadlineSpec:
        for column in self.where:
            if column in self.over:
                raise ValueError(
                    f"{column} stands under where and under over; leave it in one of them"
                )
        return self


class Importance(PolicyModel):
    """The order of importance: headline, margin, cell, cell of a table of detail.

    A count of the `headline` (with `grand_totals` also the row of each table in which every
    dimension that adds up is Total) is hidden only where no safe pattern prints it. Of the others,
    a count weighs `margin` times as much for each dimension that it is a total over. What stands in
    tables of `details` alone is hidden before any other count, none of it is a headline figure, and
    these tables are withheld where other tables would be withheld for them.
    """

    headline: list[HeadlineSpec]
    grand_totals: bool
    margin: float = Field(ge=1.0)
    details: list[str] = []
