"""Why a figure of a change table is not there: one row for each such cell, kept beside them.

The reasons come from `change_summary`, `reliable_change` and `attrition_table`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from safer_streets_assets.attitudes.attrition import AttritionTable
from safer_streets_assets.attitudes.change import KEYS, ChangeSummary
from safer_streets_assets.attitudes.grouping import NOT_APPLICABLE
from safer_streets_assets.attitudes.reliable import ReliableChange

ROW_KEYS = [*KEYS, "class", "characteristic", "category", "level"]
COLUMNS = ["table_name", *ROW_KEYS, "statistic", "reason", "by_design"]
"""`by_design`: no row of that kind has the statistic, whatever the data. Keys that are not the
table's are missing."""


def not_estimable(
    summary: ChangeSummary,
    classes: pd.DataFrame,
    reliable: ReliableChange,
    attrition: AttritionTable,
) -> pd.DataFrame:
    """One row for every figure that is missing from the three change tables: COLUMNS.

    `classes` are the counts of reliable change as they are kept (scale, class, n, level).
    """
    change = _with_table("attitude_change", summary.not_estimable)
    lost = _with_table("attitude_attrition", attrition.not_estimable)
    reliably = pd.DataFrame(list(_of_reliable(classes, reliable)), columns=COLUMNS)
    frame = pd.concat([change, reliably, lost], ignore_index=True)
    text = [column for column in COLUMNS if column != "by_design"]
    return frame.reindex(columns=COLUMNS).astype(
        {**dict.fromkeys(text, "string"), "by_design": "bool"}
    )


def _with_table(name: str, reasons: pd.DataFrame) -> pd.DataFrame:
    return reasons.assign(table_name=name, by_design=reasons["marker"].eq(NOT_APPLICABLE))


def _of_reliable(classes: pd.DataFrame, reliable: ReliableChange) -> Iterator[dict[str, Any]]:
    why = reliable.parameters.set_index("scale")["reason"]
    for missing in classes[classes["n"].isna()].to_dict("records"):
        yield {
            "table_name": "reliable_change",
            **{key: missing[key] for key in ("scale", "class", "level")},
            "statistic": "n",
            "reason": why[missing["scale"]],
            "by_design": False,
        }
