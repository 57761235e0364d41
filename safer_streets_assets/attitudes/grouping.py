"""How people are split into groups, each with the others to the same Total; and its words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from safer_streets_assets.attitudes.errors import AttitudesError
from safer_streets_assets.attitudes.scoring import require_columns
from safer_streets_assets.policy.dimensions import ANY_LEVEL

TOTAL = "Total"
NOT_KNOWN = "Not known"
NOT_AVAILABLE = "[x]"
NOT_APPLICABLE = "[z]"


@dataclass(frozen=True)
class Grouping:
    """A way to split people: the published name, the column of `people`, and its categories.

    Every category is a row also when nobody is in it. People whose value is missing fall under
    `not_known`, a row of its own where it is no category; when it is not given they fall under
    NOT_KNOWN, which is a row only where there are such people. So the groups of every grouping add
    up to the same Total, as disclosure control requires. `level` says which of several
    groupings of the same name it is, by coarser and finer categories, and stands in its rows.
    """

    name: str
    column: str
    categories: tuple[str, ...]
    not_known: str | None = None
    level: str = ANY_LEVEL

    def members(self, people: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
        """Each category that is a row, and whether each person is in it (boolean, as `people`).

        Raises AttitudesError, naming the column only, for a category that is not listed.
        """
        require_columns(people, [self.column], "people")
        found = people[self.column].astype("string")
        values = self.categories
        if self.not_known is not None or found.isna().any():
            missing = self.not_known or NOT_KNOWN
            found = found.fillna(missing)
            values = tuple(dict.fromkeys((*values, missing)))
        if not found.isin(values).all():
            raise AttitudesError(
                f"List every category of column {self.column} in the policy, or correct the column."
            )
        for value in values:
            yield value, found.eq(value).astype(bool)
