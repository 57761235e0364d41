"""The section of change in attitudes: a choice of a scale, the charts of change, the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from safer_streets_assets.release.charts.chart import Chart, notes_of
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.release.report.blocks import Block, Picker, Points, Text
from safer_streets_assets.release.report.embedded import embedded, figures_of
from safer_streets_assets.release.report.findings import CHANGE, NOT_AN_IMPACT
from safer_streets_assets.release.report.grids import whole_grid
from safer_streets_assets.release.report.printed import PrintedTables, label_of

RELIABLE = "reliable_change"
READ = (
    "n_start",
    "n_paired",
    "mean_start",
    "mean_end",
    "mean_change",
    "ci_low",
    "ci_high",
    "g_av",
    "p_adjusted",
    "reading",
    "direction",
)
"""The columns of change that are shown here; the CSV file has them all."""
PICK_SAYS = "It picks rows in every table by scale."


def change_blocks(printed: PrintedTables, charts: Sequence[Chart]) -> Mapping[str, Sequence[Block]]:
    """What is shown of change, by table; the charts are those of the release."""
    drawn: dict[str, Sequence[Block]] = {}
    if (table := printed.shaped(CHANGE, "scale")) is not None:
        caption = "Change in attitudes between waves, all groups: the figures to read first"
        drawn[CHANGE] = [
            Text(NOT_AN_IMPACT, caution=True),
            *_picker(printed, table),
            *_charts(charts, table),
            whole_grid(printed, table, columns=READ, caption=caption),
            Text(f"The file csv/{CHANGE}.csv of the release has all other figures of change."),
        ]
    if (table := printed.get(RELIABLE)) is not None:
        drawn[RELIABLE] = [*_charts(charts, table), whole_grid(printed, table)]
    return drawn


def _charts(charts: Sequence[Chart], table: ReleaseTable) -> list[Block]:
    """The charts of a table, and of those without a picture their figures. Charts of groups whose
    every figure is hidden are not shown."""
    blocks: list[Block] = []
    for chart in charts:
        if chart.source != table.name:
            continue
        subtitle = f"{table.population}. Source: table {table.name} of this release."
        picture = embedded(chart, subtitle)
        if picture is not None:
            own = tuple(note for note in chart.notes if note not in notes_of(table))
            blocks += [picture, Points(own)]
        elif chart.name == table.name:
            blocks += [Text(f"{chart.title}: {chart.alt}"), figures_of(chart)]
    return blocks


def _picker(printed: PrintedTables, table: ReleaseTable) -> list[Block]:
    labels = {str(row["scale"]): label_of(table, "scale", row) for row in printed.rows(CHANGE)}
    choices = tuple((code, f"{label} ({code})") for code, label in labels.items())
    return [Picker("scale", "Show one scale", choices, PICK_SAYS)] if choices else []
