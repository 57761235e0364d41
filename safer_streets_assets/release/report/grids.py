"""Published tables as data tables of the page: as they are, or with a dimension across."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from safer_streets_assets.policy.figures import share_columns
from safer_streets_assets.release.content import PrintedRow, ReleaseTable
from safer_streets_assets.release.invented import INVENTED
from safer_streets_assets.release.report.blocks import DataRow, DataTable
from safer_streets_assets.release.report.printed import (
    PrintedTables,
    column_of,
    label_of,
)


def whole_grid(
    printed: PrintedTables,
    table: ReleaseTable,
    *,
    columns: Sequence[str] = (),
    where: Callable[[PrintedRow], bool] | None = None,
    caption: str = "",
    folded: bool = True,
) -> DataTable:
    """A table as it is printed, a row for a row: its dimensions and the named columns, or all that
    are no markers, each figure with its marker; a share stands with its interval in one column."""
    ends = {end for share in table.spec.shares for end in share_columns(share)[1:]}
    names = [
        column.name
        for column in table.columns
        if column.role not in ("dimension", "marker") and column.name not in ends
    ]
    names = [name for name in columns if name in names] if columns else names
    lines = [
        DataRow(
            (
                *(label_of(table, name, row) for name in table.dimensions),
                *(_figure(printed, table, name, row) for name in names),
            ),
            marks_of(printed, table, row),
        )
        for row in map(table.named, table.rows)
        if where is None or where(row)
    ]
    header = [column_of(table, name).description for name in table.dimensions]
    header += [_title(table, name) for name in names]
    return _grid(printed, table, caption, header, len(table.dimensions), lines, folded)


def grid_across(
    printed: PrintedTables,
    table: ReleaseTable,
    figure: str,
    *,
    caption: str = "",
    folded: bool = True,
) -> DataTable:
    """One figure of a table, with the categories of its last dimension as columns."""
    *down, across = table.dimensions
    rows = list(map(table.named, table.rows))
    heads = dict.fromkeys(row[across] for row in rows)
    names = {row[across]: label_of(table, across, row) for row in rows}
    by_key: dict[tuple[str, ...], dict[object, PrintedRow]] = {}
    for row in rows:
        by_key.setdefault(tuple(str(row[name]) for name in down), {})[row[across]] = row
    lines = []
    for found in by_key.values():
        first = next(iter(found.values()))
        cells = [
            _figure(printed, table, figure, found[head]) if head in found else "" for head in heads
        ]
        labels = [label_of(table, name, first) for name in down]
        lines.append(DataRow((*labels, *cells), marks_of(printed, table, first)))
    header = [column_of(table, name).description for name in down]
    header += [names[head] for head in heads]
    said = caption or f"{table.spec.title}: {_title(table, figure).lower()}"
    return _grid(printed, table, said, header, len(down), lines, folded)


def grids_of(printed: PrintedTables, table: ReleaseTable) -> list[DataTable]:
    """A table in the form in which it is read most easily: with its last dimension across where it
    has two or more and nothing but counts and shares, else as it is."""
    columns = [c for c in table.columns if c.role in ("count", "statistic", "constant", "as of")]
    across = len({row[len(table.dimensions) - 1] for row in table.rows})
    if len(table.dimensions) < 2 or len(columns) > 1 or across > 9:
        return [whole_grid(printed, table)]
    return [
        grid_across(printed, table, figure) for figure in (*table.spec.counts, *table.spec.shares)
    ]


def marks_of(printed: PrintedTables, table: ReleaseTable, row: PrintedRow) -> dict[str, str]:
    """The categories of a row that a reader can pick: of a place, as it stands, and of a scale."""
    dimensions = printed.policy.tables.columns(table.name)
    places = printed.policy.tables.report.places
    return {
        name: str(row[name])
        for name in (*([places.column] if places is not None else []), "scale")
        if name in dimensions and dimensions[name].coarsened is None
    }


def _grid(
    printed: PrintedTables,
    table: ReleaseTable,
    caption: str,
    header: Sequence[str],
    names: int,
    lines: Sequence[DataRow],
    folded: bool,
) -> DataTable:
    notes = table.notes.removeprefix(INVENTED).strip()
    return DataTable(
        caption=caption or table.spec.title,
        header=tuple(header),
        names=names,
        lines=tuple(lines),
        table=table.name,
        markers=printed.markers(table),
        population=f"Population: {table.population}.",
        notes=(notes,) if notes else (),
        folded=folded,
    )


def _figure(printed: PrintedTables, table: ReleaseTable, name: str, row: PrintedRow) -> str:
    if name in table.spec.shares:
        return printed.share(table, name, row)
    return printed.cell(table, name, row)


def _title(table: ReleaseTable, name: str) -> str:
    if name in table.spec.shares:
        return f"{table.spec.shares[name].title} (95 % interval)"
    return column_of(table, name).description
