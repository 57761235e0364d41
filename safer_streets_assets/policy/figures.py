"""Typed models of the figures of `tables.yaml`: what a table counts, and its statistics."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from safer_streets_assets.policy.base import PolicyModel


class CountSpec(PolicyModel):
    """A count: its title and, for a counted table, the additive SQL aggregate that gives it;
    without one the rows are counted."""

    title: str
    expression: str | None = None

    @field_validator("expression")
    @classmethod
    def _says_something_else(cls, expression: str | None) -> str | None:
        if expression is not None and expression.strip().casefold() == "count(*)":
            raise ValueError("count(*) is what is counted without an expression; take it out")
        return expression


class StatisticSpec(PolicyModel):
    """A statistic: how it is computed, the counts it stands on, and the base it needs.

    It is printed only where `with` and all `needs` are printed, and its base is the least of them
    (`base`, when given, is another one: a count of the table, or the SQL that counts it). One that
    is `of_total` is computed with the Total row of its facet as well, one that is `whole` from all
    rows of its facet: their counts must be printed, too. `decimals` are printed in place of
    significant digits, and what is below `floor` is printed as the floor.
    `beside` names a table whose counts it tells of, too: it is printed only where that table prints
    every count of the rows with the same values of the dimensions that both have.
    `along` names the dimension along which it builds up, so that it gives away the counts before
    it: it is printed only where its row and all rows before it print every count of the table.
    `scores` are the least and the greatest score where a mean is one of whole-number scores: then
    the printed mean tells something of how many people it is of.
    """

    title: str
    kind: Literal["mean", "median", "percent", "test", "text"]
    with_count: str = Field(alias="with")
    needs: list[str] = []
    expression: str | None = None
    base: str | None = None
    along: str | None = None
    beside: str | None = None
    of_total: bool = False
    whole: bool = False
    decimals: int | None = Field(default=None, ge=0)
    floor: float | None = None
    scores: tuple[int, int] | None = None

    @model_validator(mode="after")
    def _says_nothing_in_vain(self) -> StatisticSpec:
        if self.kind == "text" and (self.floor is not None or self.decimals is not None):
            raise ValueError("a text has neither floor nor decimals; take it out")
        if self.with_count in self.needs:
            raise ValueError(f"needs names {self.with_count}, which stands under with; take it out")
        return self

    @model_validator(mode="after")
    def _scores_are_of_a_mean(self) -> StatisticSpec:
        if self.scores is not None and (self.kind != "mean" or self.scores[0] > self.scores[1]):
            raise ValueError("scores are the least and the greatest score of a mean; correct them")
        return self

    @property
    def stands_on(self) -> list[str]:
        """The counts of its own row that must be printed beside it."""
        return [self.with_count, *self.needs]

    @property
    def of_scores(self) -> bool:
        """Whether it is made of people's scores, and not of printed counts alone."""
        return self.kind != "percent" and self.along is None


class ShareSpec(PolicyModel):
    """A share in percent of two printed counts, with its 95 % interval (Wilson 1927).

    `count` is the part. The whole is exactly one of: `of`, another count of the same row; `total`,
    the same count in the Total row of that dimension; `before`, the same count in the row of the
    category before this one of that dimension, whose categories hold each other. It is computed
    from print alone, so it tells nothing that the counts beside it do not.
    """

    title: str
    count: str
    of: str | None = None
    total: str | None = None
    before: str | None = None

    @model_validator(mode="after")
    def _has_one_whole(self) -> ShareSpec:
        if sum(one is not None for one in (self.of, self.total, self.before)) != 1:
            raise ValueError("a share is of one whole: give it one of of, total and before")
        return self


def share_columns(share: str) -> tuple[str, str, str]:
    """The columns of a share: itself, and the lower and the upper end of its interval."""
    return share, f"{share}_low", f"{share}_high"


class ScoredSpec(PolicyModel):
    """A mean of scores in print: the standard deviation beside it, and what a score may be.

    The range is given, or is that of the scale or item that the first word of the column `scale`
    names. With `change` the mean is of the difference of two scores.
    """

    mean: str
    sd: str | None = None
    scale: str | None = None
    range: tuple[int, int] | None = None
    change: bool = False

    @model_validator(mode="after")
    def _one_range(self) -> ScoredSpec:
        if (self.scale is None) == (self.range is None):
            raise ValueError(
                "a scored mean has a range, or a column that names its scale; give one"
            )
        if self.range is not None and self.range[0] >= self.range[1]:
            raise ValueError("range is the least and the greatest score; correct it")
        if self.mean == self.sd:
            raise ValueError("sd is the mean itself; name its standard deviation")
        return self
