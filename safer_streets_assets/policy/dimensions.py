"""Typed models of the dimensions of `tables.yaml`, as they are and at levels of a hierarchy."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import model_validator

from safer_streets_assets.policy.base import PolicyModel
from safer_streets_assets.policy.hierarchies import TOTAL

ANY_LEVEL = "any"
"""The level of a computed row that belongs to a table whichever level it is printed at."""


class DimensionSpec(PolicyModel):
    """A dimension: where its categories come from, and whether it has a Total row.

    `total` says whether the categories add up to a printed Total. `nested` categories each hold
    the next one. A dimension with `facet_of` names what the categories of that other dimension
    are of (gender, age band ...): each of its values is a division of the same people, and `facets`
    names the dimension whose categories and hierarchy each of them has; one without has only Total.
    `everybody` says where the row of all these people stands: as the Total of each facet, or once,
    where both columns are Total.
    A row of a `sensitive` one is not printed when everybody in it is in one category.
    `by` is what a title calls it ("by month of disposal"). A category without a label among
    `labels` is labelled `other_label`, with the category in place of {code}; where categories mean
    something else in each row of another column, `labels_within` names that column.
    What may be printed, beside `values` and its hierarchy: the lists of the policy named in
    `words`, what the dimensions in `like` may print at any level, what has the `shape` (a regular
    expression), and what stands in `also`.
    """

    title: str
    values: str | list[str]
    total: bool = True
    nested: bool = False
    sensitive: bool = False
    facet_of: str | None = None
    facets: dict[str, str] = {}
    everybody: Literal["in each facet", "once"] | None = None
    column: str | None = None
    labels: str | None = None
    other_label: str | None = None
    labels_within: str | None = None
    by: str | None = None
    words: list[str] = []
    also: list[str] = []
    like: list[str] = []
    shape: str | None = None

    @model_validator(mode="after")
    def _shape_is_an_expression(self) -> DimensionSpec:
        try:
            re.compile(self.shape or "")
        except re.error:
            raise ValueError("shape is no regular expression; correct it") from None
        return self

    @model_validator(mode="after")
    def _a_facet_says_where_everybody_stands(self) -> DimensionSpec:
        if self.facet_of is not None and self.everybody is None:
            raise ValueError("everybody is missing; say whether it is in each facet, or once")
        if self.facet_of is None and self.everybody is not None:
            raise ValueError("everybody is said of a dimension with facet_of alone; take it out")
        return self

    @model_validator(mode="after")
    def _total_is_no_category(self) -> DimensionSpec:
        if isinstance(self.values, list) and TOTAL in self.values:
            raise ValueError(f"values: {TOTAL} is what they add up to; take it out")
        return self

    @model_validator(mode="after")
    def _listed_values_are_all(self) -> DimensionSpec:
        """A row of another category would be of nobody, since only listed ones are counted."""
        for key, given in (("also", self.also), ("like", self.like), ("shape", self.shape)):
            if given and self.values != "data":
                raise ValueError(
                    f"{key} is of categories from the data, and these are listed; take it out"
                )
        return self

    @property
    def coarsened(self) -> CoarseDimension | None:
        """This dimension when it stands at a level of a hierarchy."""
        return self if isinstance(self, CoarseDimension) else None


class CoarseDimension(DimensionSpec):
    """A dimension at a level of its hierarchy: `of` is the dimension as tables.yaml has it."""

    of: str
    level: str


def at_level(dimension: str, level: str) -> str:
    """The name of a dimension at a level of its hierarchy; at its own name it keeps that."""
    return dimension if level == dimension else f"{dimension} by {level}"
