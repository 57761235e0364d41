"""The section of places: a choice of one, and the people of a stage in each (`report.places`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.policy.report import PlacesShown
from safer_streets_assets.release.report.blocks import Block, Picker, Text
from safer_streets_assets.release.report.grids import grid_across, grids_of
from safer_streets_assets.release.report.pictures import bar_picture
from safer_streets_assets.release.report.printed import PrintedTables, label_of


def places_blocks(printed: PrintedTables) -> Mapping[str, Sequence[Block]]:
    """What is shown of places, by table."""
    rules = printed.policy.tables.report.places
    if rules is None:
        return {}
    place = rules.column
    table = printed.shaped(rules.table, place, "stage", "n")
    if table is None:
        return {}
    rows = [row for row in printed.rows(table.name, stage=rules.stage) if row[place] != TOTAL]
    by = printed.policy.tables.columns(table.name)[place].by or place
    picture = bar_picture(
        printed,
        table,
        "n",
        title=f"{rules.title}, by {by}",
        rows=[row for row in rows if row["n"] != 0],
        label=lambda row: label_of(table, place, row),
        grid=grid_across(printed, table, "n"),
    )
    none = [label_of(table, place, row) for row in rows if row["n"] == 0]
    said = [Text(f"{rules.nobody}: {', '.join(none)}.")] if none else []
    rest = [grid_across(printed, table, share) for share in table.spec.shares]
    shown = [picture, *said] if picture else grids_of(printed, table)
    return {table.name: [*_picker(printed, rules), *shown, *rest]}


def _picker(printed: PrintedTables, rules: PlacesShown) -> list[Block]:
    """The choice of a place: of those that any table prints; none where all are coarser."""
    found: set[str] = set()
    for name, table in printed.all.items():
        spec = printed.policy.tables.columns(name).get(rules.column)
        if spec is not None and spec.coarsened is None:
            found |= {str(table.named(row)[rules.column]) for row in table.rows}
    choices = tuple((name, name) for name in sorted(found - {TOTAL}))
    return [Picker(rules.column, rules.choose, choices, rules.says)] if choices else []
