"""The section of change in attitudes: a choice of a scale, pictures of change, the figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from safer_streets_assets.attitudes.pairs import START_END
from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.release.charts.change import INTERVAL, change_chart
from safer_streets_assets.release.charts.chart import Chart, formatted, notes_of
from safer_streets_assets.release.charts.chart_scales import ChartScale, chart_scales
from safer_streets_assets.release.content import PrintedRow, ReleaseTable
from safer_streets_assets.release.report.blocks import (
    Block,
    DataRow,
    DataTable,
    Graphic,
    Picker,
    Points,
    Text,
)
from safer_streets_assets.release.report.findings import CHANGE, NOT_AN_IMPACT
from safer_streets_assets.release.report.grids import whole_grid
from safer_streets_assets.release.report.pen import Interval, intervals
from safer_streets_assets.release.report.pictures import bar_picture, subtitle
from safer_streets_assets.release.report.printed import PrintedTables, label_of
from safer_streets_assets.release.wording import begun

RELIABLE = "reliable_change"
FIGURES = ("mean_change", *INTERVAL)
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
PICK_SAYS = "It picks rows in every table by scale, and marks its line."


def change_blocks(printed: PrintedTables, charts: Sequence[Chart]) -> Mapping[str, Sequence[Block]]:
    """What is shown of change, by table; the charts are those of the release, whose words and
    figures stand here with a picture that fits every width."""
    drawn: dict[str, Sequence[Block]] = {}
    named = {chart.name: chart for chart in charts}
    if (table := printed.shaped(CHANGE, "scale", "comparison", "n_paired", *FIGURES)) is not None:
        caption = "Change in attitudes between waves, all groups: the figures to read first"
        drawn[CHANGE] = [
            Text(NOT_AN_IMPACT, caution=True),
            *_picker(printed, table),
            *_pictures(printed, table, named),
            whole_grid(printed, table, columns=READ, caption=caption),
            Text(f"The file csv/{CHANGE}.csv of the release has all other figures of change."),
        ]
    if (table := printed.shaped(RELIABLE, "scale", "class", "n")) is not None:
        drawn[RELIABLE] = list(_reliable(printed, table, named.get(RELIABLE)))
    return drawn


def primary_change(printed: PrintedTables) -> Graphic | None:
    """The picture of change of the primary scales, of everybody; None where none is printed."""
    table = printed.shaped(CHANGE, "scale", "comparison", "n_paired", *FIGURES)
    primary = printed.policy.questionnaire.primary_scales
    subjects = {code: one for code, one in chart_scales(printed.policy).items() if code in primary}
    rows = printed.rows(CHANGE, comparison=START_END.name, group_name=TOTAL, group_value=TOTAL)
    own = [row for row in rows if row["scale"] in subjects]
    if table is None or not any(_drawn(printed, row) for row in own):
        return None
    decimals = printed.policy.dpia.thresholds.mean_decimals
    chart = change_chart(table, subjects, decimals)
    svg = intervals("change-primary", chart.title, chart.alt, _intervals(printed, table, own))
    grid = _figures_of(chart, printed.markers(table))
    return Graphic(chart.name, chart.title, subtitle(table), chart.alt, svg, grid)


def _pictures(
    printed: PrintedTables, table: ReleaseTable, charts: Mapping[str, Chart]
) -> Iterator[Block]:
    """The change of everybody, and of the groups of each characteristic of which any is printed."""
    rows = printed.rows(CHANGE, comparison=START_END.name)
    for group_name in dict.fromkeys(str(row["group_name"]) for row in rows):
        by = "" if group_name == TOTAL else f" by {group_name}"
        chart = charts.get(f"{table.name}{by}".replace(" ", "_"))
        own = [row for row in rows if row["group_name"] == group_name]
        if chart is None:
            continue
        if any(_drawn(printed, row) for row in own):
            svg = intervals(
                f"change-{chart.name}".replace("_", "-"),
                chart.title,
                chart.alt,
                _intervals(printed, table, own),
            )
            said, grid = subtitle(table), _figures_of(chart, printed.markers(table))
            yield Graphic(chart.name, chart.title, said, chart.alt, svg, grid)
            yield Points(tuple(note for note in chart.notes if note not in notes_of(table)))
        elif group_name == TOTAL:
            yield Text(f"{chart.title}: {chart.alt}")


def _intervals(
    printed: PrintedTables, table: ReleaseTable, rows: Sequence[PrintedRow]
) -> list[Interval]:
    """The change of each scale, or of each group of a scale; scales of the same points have the
    same axis."""
    scales = chart_scales(printed.policy)
    shown = [row for row in rows if row["scale"] in scales]
    limits: dict[str, float] = {}
    for row in shown:
        points = scales[str(row["scale"])].points
        greatest = max(map(abs, _drawn(printed, row) or (0.0,)))
        limits[points] = max(limits.get(points, 0.0), greatest)
    made = []
    for row in shown:
        scale = scales[str(row["scale"])]
        everybody = row["group_name"] == TOTAL
        points = f"{begun(scale.points)}: a {'fall' if scale.lower_is_better else 'rise'} is better"
        fall, rise = ("better", "worse") if scale.lower_is_better else ("worse", "better")
        made.append(
            Interval(
                label=scale.label if everybody else label_of(table, "group_value", row),
                figures=_drawn(printed, row),
                text=_said(printed, table, row),
                limit=limits[scale.points] or 1.0,
                group=points if everybody else f"{scale.label}. {points}",
                ends=(f"\N{LEFTWARDS ARROW} {fall}", f"{rise} \N{RIGHTWARDS ARROW}"),
                marks={"scale": scale.code},
            )
        )
    return made


def _drawn(printed: PrintedTables, row: PrintedRow) -> tuple[float, float, float] | None:
    """The mean change and the ends of its interval; None where one of them is hidden."""
    change, low, high = (printed.number(row, name) for name in FIGURES)
    return None if change is None or low is None or high is None else (change, low, high)


def _said(printed: PrintedTables, table: ReleaseTable, row: PrintedRow) -> str:
    """The figures of a change in a line."""
    people = f"{printed.cell(table, 'n_paired', row)} people"
    if (figures := _drawn(printed, row)) is None:
        return f"{printed.cell(table, 'mean_change', row)}; {people}"
    decimals = printed.policy.dpia.thresholds.mean_decimals
    change, low, high = (formatted(figure, decimals, sign=True) for figure in figures)
    return f"{change} ({low} to {high}); {people}"


def _reliable(printed: PrintedTables, table: ReleaseTable, chart: Chart | None) -> Iterator[Block]:
    """The people in each class of change, a bar for each class of a scale."""
    scales: Mapping[str, ChartScale] = chart_scales(printed.policy)
    rows = [row for row in map(table.named, table.rows) if row["class"] != TOTAL]
    picture = bar_picture(
        printed,
        table,
        "n",
        title=chart.title if chart is not None else table.spec.title,
        rows=rows,
        label=lambda row: begun(label_of(table, "class", row)),
        group=lambda row: (
            scales[str(row["scale"])].label
            if row["scale"] in scales
            else label_of(table, "scale", row)
        ),
    )
    yield picture if picture is not None else whole_grid(printed, table)


def _figures_of(chart: Chart, markers: str) -> DataTable:
    """The figures of a chart as a data table, with what its markers mean; the code of a scale
    stands at the end of its name."""
    codes = [re.search(r"\((\w+)\)$", row[0]) for row in chart.rows]
    lines = [
        DataRow(row, {"scale": code[1]} if code else {})
        for row, code in zip(chart.rows, codes, strict=True)
    ]
    caption = f"{chart.title}: figures"
    names = chart.row_headers
    return DataTable(caption, chart.header, names, tuple(lines), chart.source, markers)


def _picker(printed: PrintedTables, table: ReleaseTable) -> list[Block]:
    labels = {str(row["scale"]): label_of(table, "scale", row) for row in printed.rows(CHANGE)}
    choices = tuple((code, f"{label} ({code})") for code, label in labels.items())
    return [Picker("scale", "Show one scale", choices, PICK_SAYS)] if choices else []
