"""The section of boroughs: a choice of one, the people who started in each, and days to start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.release.report.blocks import Block, Picker, Text
from safer_streets_assets.release.report.grids import grid_across, grids_of
from safer_streets_assets.release.report.pictures import bar_picture
from safer_streets_assets.release.report.printed import PrintedTables, label_of

BY_BOROUGH, SHOWN = "funnel_by_borough", "started"
PICK_SAYS = (
    "It picks rows in every table by borough and marks its bar; tables that are printed by area of "
    "London stay whole."
)


def borough_blocks(printed: PrintedTables) -> Mapping[str, Sequence[Block]]:
    """What is shown of boroughs, by table."""
    table = printed.shaped(BY_BOROUGH, "borough", "stage", "n")
    if table is None:
        return {}
    rows = [row for row in printed.rows(BY_BOROUGH, stage=SHOWN) if row["borough"] != TOTAL]
    picture = bar_picture(
        printed,
        table,
        "n",
        title=f"People who started, by {_by(printed)}",
        rows=[row for row in rows if row["n"] != 0],
        label=lambda row: label_of(table, "borough", row),
        grid=grid_across(printed, table, "n"),
    )
    none = [label_of(table, "borough", row) for row in rows if row["n"] == 0]
    said = [Text(f"Nobody started in: {', '.join(none)}.")] if none else []
    rest = [grid_across(printed, table, share) for share in table.spec.shares]
    shown = [picture, *said] if picture else grids_of(printed, table)
    return {BY_BOROUGH: [*_picker(printed), *shown, *rest]}


def _by(printed: PrintedTables) -> str:
    spec = printed.policy.tables.columns(BY_BOROUGH)["borough"]
    return spec.by or "borough"


def _picker(printed: PrintedTables) -> list[Block]:
    """The choice of a borough: of those that any table prints; none where all are by area."""
    found: set[str] = set()
    for name, table in printed.all.items():
        spec = printed.policy.tables.columns(name).get("borough")
        if spec is not None and spec.coarsened is None:
            found |= {str(table.named(row)["borough"]) for row in table.rows}
    choices = tuple((name, name) for name in sorted(found - {TOTAL}))
    return [Picker("borough", "Show one borough", choices, PICK_SAYS)] if choices else []
