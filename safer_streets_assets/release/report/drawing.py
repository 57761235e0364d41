"""What sections show of their tables in ways of their own: pictures, sentences, data tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.release.content import PrintedRow, ReleaseTable
from safer_streets_assets.release.report.blocks import Block, Heading, Points, Text
from safer_streets_assets.release.report.findings import FUNNEL, conversions
from safer_streets_assets.release.report.grids import grid_across, grids_of, whole_grid
from safer_streets_assets.release.report.pictures import (
    bar_picture,
    months_picture,
    sessions_picture,
)
from safer_streets_assets.release.report.printed import PrintedTables, label_of
from safer_streets_assets.release.wording import begun

Drawn = Mapping[str, Sequence[Block]]
"""What a section shows in a way of its own, by table."""


def funnel_blocks(printed: PrintedTables) -> Drawn:
    """The funnel as bars, and the conversion from stage to stage in sentences."""
    table = printed.shaped(FUNNEL, "stage", "n")
    if table is None:
        return {}
    rows = list(map(table.named, table.rows))
    picture = bar_picture(
        printed,
        table,
        "n",
        title="People at each stage of the programme",
        rows=rows,
        label=lambda row: begun(label_of(table, "stage", row)),
    )
    said = conversions(printed)
    points = [Heading("From stage to stage"), Points(tuple(said))] if said else []
    return {FUNNEL: [*([picture] if picture else grids_of(printed, table)), *points]}


def months_blocks(printed: PrintedTables) -> Drawn:
    """The people of each month, with the days on which the programme opened."""
    rules = printed.policy.tables.report.months
    table = printed.shaped("funnel_by_month", "month", "stage", "n")
    if table is None or rules is None:
        return {}
    picture = months_picture(printed, table, rules.stages, table.spec.title)
    how = Text(rules.says)
    rest = [grid_across(printed, table, share) for share in table.spec.shares]
    return {table.name: [how, *([picture] if picture else grids_of(printed, table)), *rest]}


def reasons_blocks(printed: PrintedTables) -> Drawn:
    """The reasons of all places together as bars, with those of each place as a table."""
    rules = printed.policy.tables.report.reasons
    if rules is None:
        return {}
    return {
        name: list(_reason_blocks(printed, table, rules.column))
        for name in rules.says
        if (table := printed.shaped(name, rules.column, "reason", "n")) is not None
    }


def _reason_blocks(printed: PrintedTables, table: ReleaseTable, column: str) -> Iterator[Block]:
    rows = printed.rows(table.name, **{column: TOTAL})
    own = [row for row in rows if row["reason"] != TOTAL]
    grid = grid_across(printed, table, "n")
    picture = bar_picture(
        printed,
        table,
        "n",
        title=table.spec.title.partition(", by ")[0],
        rows=own,
        label=lambda row: label_of(table, "reason", row),
        grid=grid,
    )
    if picture is not None:
        yield picture
    else:
        yield Heading(table.spec.title)
        yield grid


def sessions_blocks(printed: PrintedTables) -> Drawn:
    """Attendance and engagement at each session, of everybody who started."""
    table = printed.shaped("attendance_by_session", "session", "delivery")
    if table is None:
        return {}
    rows = printed.rows(table.name, delivery=TOTAL)
    picture = sessions_picture(printed, table, rows, f"{table.spec.title}: all who started")
    return {table.name: [picture] if picture else grids_of(printed, table)}


def experience_blocks(printed: PrintedTables) -> Drawn:
    """The answers to the questions on the programme and on the training days, as bars."""
    drawn: dict[str, Sequence[Block]] = {}
    for name, figure in (("experience", "percent"), ("training_feedback", "n")):
        table = printed.shaped(name, "question", "answer", figure)
        if table is None:
            continue
        rows = [row for row in map(table.named, table.rows) if row["answer"] != TOTAL]
        picture = bar_picture(
            printed,
            table,
            figure,
            title=table.spec.title,
            rows=rows,
            label=_answer_of(table),
            text=_percent_of(printed, table) if figure == "percent" else None,
            group=lambda row, table=table: label_of(table, "question", row),  # type: ignore[misc]
        )
        if picture is not None:
            drawn[name] = [picture]
    return drawn


def _answer_of(table: ReleaseTable) -> Callable[[PrintedRow], str]:
    def label(row: PrintedRow) -> str:
        said = label_of(table, "answer", row)
        return f"Answer {said}" if said.isdigit() else said

    return label


def _percent_of(printed: PrintedTables, table: ReleaseTable) -> Callable[[PrintedRow], str]:
    def text(row: PrintedRow) -> str:
        said = printed.cell(table, "percent", row)
        return said if printed.number(row, "percent") is None else f"{said} %"

    return text


def linkage_blocks(printed: PrintedTables) -> Drawn:
    """How many rows of each source link, as a table that is open."""
    table = printed.get("linkage_quality")
    if table is None:
        return {}
    how = Text(
        "How many rows of each source belong to somebody of the linked cohort. Rows that do not "
        "link are in no table of people."
    )
    return {table.name: [how, whole_grid(printed, table, folded=False)]}
