"""Why a cell of a computed table has no value: told by the stage that computed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

REASON_COLUMNS = ["table_name", "statistic", "reason", "by_design"]
"""What a told reason has beside the dimensions of its row (NULL where its table has no such one).

`statistic` is the column without a value. `by_design` says that no row of that kind has one,
whatever the data (a group is not tested on its own), so that saying so tells of nobody.
"""


@dataclass(frozen=True)
class ToldReasons:
    """The reasons told of one table: by statistic, the rows that have one and whether by design."""

    rows: pd.Index
    told: Mapping[str, Mapping[object, bool]]

    def known(self, statistic: str) -> pd.Series:
        """For each row whether a reason is told."""
        told = self.told.get(statistic, {})
        return pd.Series([row in told for row in self.rows], index=self.rows, dtype=bool)

    def by_design(self, statistic: str) -> pd.Series:
        """For each row whether the reason is that no row of its kind has that statistic."""
        told = self.told.get(statistic, {})
        return pd.Series([told.get(row, False) for row in self.rows], index=self.rows, dtype=bool)


def reasons_of(
    name: str, frame: pd.DataFrame, dimensions: list[str], told: pd.DataFrame | None
) -> ToldReasons:
    """The reasons told of a table. `told` has REASON_COLUMNS and the dimensions, one row a cell."""
    if told is None or frame.empty:
        return ToldReasons(frame.index, {})
    rows = {tuple(map(str, key)): row for row, *key in frame[dimensions].itertuples(name=None)}
    found: dict[str, dict[object, bool]] = {}
    for cell in told[told["table_name"] == name].to_dict("records"):
        row = rows.get(tuple(str(cell[column]) for column in dimensions))
        if row is not None:
            found.setdefault(str(cell["statistic"]), {})[row] = bool(cell["by_design"])
    return ToldReasons(frame.index, found)
