"""Why a figure of a change table is not there: one row for each such cell, kept beside them.

The reasons come from `change_summary`, `reliable_change` and `attrition_table`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from safer_streets_assets.attitudes.attrition import AttritionTable
from safer_streets_assets.attitudes.change import KEYS, NOT_APPLICABLE, TOTAL, ChangeSummary
from safer_streets_assets.attitudes.reliable import CLASSES, ReliableChange

ROW_KEYS = [*KEYS, "class", "characteristic", "category"]
COLUMNS = ["table_name", *ROW_KEYS, "statistic", "reason", "by_design"]
"""`by_design`: no row of that kind has the statistic, whatever the data. Keys that are not the
table's are missing."""


def not_estimable(
    summary: ChangeSummary, reliable: ReliableChange, attrition: AttritionTable
) -> pd.DataFrame:
    """One row for every figure that is missing from the three change tables: COLUMNS."""
    change = _with_table("attitude_change", summary.not_estimable)
    lost = _with_table("attitude_attrition", attrition.not_estimable)
    reliably = pd.DataFrame(list(_of_reliable(reliable)), columns=COLUMNS)
    frame = pd.concat([change, reliably, lost], ignore_index=True)
    text = [column for column in COLUMNS if column != "by_design"]
    return frame.reindex(columns=COLUMNS).astype(
        {**dict.fromkeys(text, "string"), "by_design": "bool"}
    )


def _with_table(name: str, reasons: pd.DataFrame) -> pd.DataFrame:
    return reasons.assign(table_name=name, by_design=reasons["marker"].eq(NOT_APPLICABLE))


def _of_reliable(reliable: ReliableChange) -> Iterator[dict[str, Any]]:
    for found in reliable.parameters.dropna(subset="reason").to_dict("records"):
        for name in (*CLASSES, TOTAL):
            yield {
                "table_name": "reliable_change",
                "scale": found["scale"],
                "class": name,
                "statistic": "n",
                "reason": found["reason"],
                "by_design": False,
            }
