"""A printed table as a worksheet: its headings in words, labels in place of codes, and in a cell
without a figure the marker that says why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.disclosure.demands import NOT_AVAILABLE
from safer_streets_assets.policy.figures import share_columns
from safer_streets_assets.release.columns import MARKERS, Column, marker_of
from safer_streets_assets.release.content import PrintedValue, ReleaseTable
from safer_streets_assets.release.invented import INVENTED
from safer_streets_assets.release.workbook.parts import (
    CellContent,
    Worksheet,
    WorksheetColumn,
    WorksheetLine,
)

NO_ROWS = "No rows"
"""Stands in the first column of a table that is not made or withheld."""
ONE_TABLE = "This worksheet contains one table."
FROZEN = (
    "The headings are frozen. To unfreeze them, choose View, Freeze Panes, Unfreeze Panes (in "
    "LibreOffice: View, Freeze Rows and Columns)."
)
WHOLE_NUMBER = re.compile("0|[1-9][0-9]*")
TRUTH = {True: "yes", False: "no"}
NO_MARKER = "none"
"""Stands in a column of markers beside a figure that has none."""


@dataclass(frozen=True)
class ShownColumn:
    """A column of a printed table that the worksheet shows, under which heading; `marker` is the
    column that says why a cell has no figure."""

    column: Column
    heading: str
    marker: str | None = None


def table_sheet(
    table: ReleaseTable, name: str, markers: Sequence[str], notes: str, held: str | None
) -> Worksheet:
    """The worksheet of a table. `markers` are those of its notes, `notes` is what they begin with;
    `held` is said of the marker of a figure that is held back, where policy lets it be."""
    shown = shown_columns(table)
    columns = [_column(table, one) for one in shown]
    rows = [_row(table, shown, columns, row) for row in table.rows]
    if not rows:
        rows = [(NO_ROWS, *[NOT_AVAILABLE] * (len(shown) - 1))]
    return Worksheet(
        name=name,
        lines=_lines(table, markers, notes, held),
        table=f"table_{table.name}",
        columns=columns,
        rows=rows,
        row_headings=len(table.dimensions),
    )


def shown_columns(table: ReleaseTable) -> list[ShownColumn]:
    """The columns that the worksheet shows, in order. A marker has a column of its own only where
    it may stand beside a figure: where counts may be held back."""
    names = {column.name for column in table.columns}
    beside = {marker_of(c.name.removesuffix("_as_of")) for c in table.columns if c.role == "as of"}
    found = [
        (column, _heading(table, column), _marker(table, column, names))
        for column in table.columns
        if column.role != "marker" or column.name in beside
    ]
    often = Counter(heading for _, heading, _ in found)
    return [
        ShownColumn(c, heading if often[heading] == 1 else f"{heading} ({c.name})", marker)
        for c, heading, marker in found
    ]


def shorthand(held: str | None) -> str:
    """What the markers mean, in a line."""
    said = [f"{marker} {meaning}" for marker, meaning in MARKERS.items()]
    return f"Shorthand: {'; '.join([*said, *([held] if held else [])])}."


def _lines(
    table: ReleaseTable, markers: Sequence[str], notes: str, held: str | None
) -> list[WorksheetLine]:
    """The same number of lines above every table, so that a program finds its headings."""
    said = "There are no notes on this table."
    if markers:
        said = f"Notes: {' '.join(markers)} on the worksheet Notes. {notes}"
    about = f"{INVENTED} {ONE_TABLE}" if table.invented else ONE_TABLE
    return [
        WorksheetLine(table.spec.title, level=1),
        WorksheetLine(about),
        WorksheetLine(f"Who is counted: {table.population}."),
        WorksheetLine(said, to="Notes" if markers else None),
        WorksheetLine(shorthand(held)),
        WorksheetLine(FROZEN),
        WorksheetLine("Back to the contents", to="Contents"),
    ]


def _heading(table: ReleaseTable, column: Column) -> str:
    spec = table.spec
    for share, details in spec.shares.items():
        if column.name in share_columns(share)[1:]:
            end = "lower" if column.name == share_columns(share)[1] else "upper"
            return f"{details.title}, in percent: {end} end of its 95 % interval (Wilson 1927)"
    if column.role == "as of":
        count = spec.counts[column.name.removesuffix("_as_of")]
        return f"{count.title}: number of the release that first printed it"
    if column.role == "marker":
        return f"{spec.counts[column.name.removesuffix('_marker')].title}: marker"
    return column.description


def _marker(table: ReleaseTable, column: Column, names: set[str]) -> str | None:
    if column.role == "marker":
        return None
    of = [column.name, column.name.removesuffix("_as_of")]
    of += [s for s in table.spec.shares if column.name in share_columns(s)]
    return next((marker_of(name) for name in of if marker_of(name) in names), None)


def _column(table: ReleaseTable, shown: ShownColumn) -> WorksheetColumn:
    column = shown.column
    at = table.columns.index(column)
    values = [row[at] for row in table.rows]
    if column.type == "BIGINT":
        return WorksheetColumn(shown.heading, numbers=True, decimals=0)
    if column.type != "DOUBLE":
        return WorksheetColumn(shown.heading, numbers=_is_numbered(column, values))
    statistic = table.spec.statistics.get(column.name)
    if column.role == "constant" or (
        statistic is not None and statistic.kind == "test" and statistic.decimals is None
    ):
        return WorksheetColumn(shown.heading, numbers=True)  # with so many significant digits
    places = [len(repr(v).partition(".")[2]) for v in values if isinstance(v, float) and v % 1]
    return WorksheetColumn(shown.heading, numbers=True, decimals=max(places, default=0))


def _is_numbered(column: Column, values: Sequence[PrintedValue]) -> bool:
    """Whether the categories of a dimension are numbers that speak for themselves: sessions."""
    texts = [str(value) for value in values if value != TOTAL]
    no_labels = column.role == "dimension" and column.label_column is None
    return no_labels and bool(texts) and all(map(WHOLE_NUMBER.fullmatch, texts))


def _row(
    table: ReleaseTable,
    shown: Sequence[ShownColumn],
    columns: Sequence[WorksheetColumn],
    row: tuple[PrintedValue, ...],
) -> tuple[CellContent, ...]:
    named = table.named(row)
    return tuple(_cell(one, column, named) for one, column in zip(shown, columns, strict=True))


def _cell(shown: ShownColumn, column: WorksheetColumn, row: dict[str, PrintedValue]) -> CellContent:
    value = row[shown.column.name]
    if value is None:
        marker = row[shown.marker] if shown.marker else None
        return NO_MARKER if shown.column.role == "marker" else str(marker or NOT_AVAILABLE)
    if isinstance(value, bool):
        return TRUTH[value]
    if shown.column.role == "dimension":
        text = shown.column.called(str(value), row)
        return int(text) if column.numbers and text != TOTAL else text
    return value
