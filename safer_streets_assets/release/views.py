"""The views of a published table in `published.duckdb`, as SQL made from its columns.

`<table>_labelled` is the table with a label after each code: for programs. `v_<table>` is for
people: labels in place of codes, and in a cell without a figure the marker that says why. Where the
policy has a column `across`, its categories are columns of that view, which then shows the first
count; each further count, statistic and share has one of its own, `v_<table>_<figure>`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.policy import PublishedSpec
from safer_streets_assets.policy.figures import share_columns
from safer_streets_assets.release.columns import Column, marker_of
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

FIGURES = ("count", "statistic", "share")


@dataclass(frozen=True)
class View:
    """A view: its name, its query, what it shows, and what each of its columns means."""

    name: str
    query: str
    comment: str
    columns: dict[str, str]


def views_of(table: ReleaseTable, listed: Sequence[str]) -> list[View]:
    """The views of a printed table; `listed` are the categories that policy lists for the column
    that goes across, in case the table has no rows."""
    if table.spec.across is None:
        return [labelled_view(table), plain_view(table)]
    return [labelled_view(table), *_wide_views(table, table.spec.across, listed)]


def wide_views(table: str, spec: PublishedSpec, columns: Sequence[Column]) -> dict[str, Column]:
    """The names of the views of a table that goes across, each with the figure that it shows."""
    figures = [column for column in columns if _is_figure(spec, column)]
    others = {f"v_{table}_{figure.name}": figure for figure in figures[1:]}
    return {f"v_{table}": figures[0], **others}


def labelled_view(table: ReleaseTable) -> View:
    """The table in tidy form with a label after each code."""
    selected, columns = [], {}
    for column in table.columns:
        selected.append(quoted_name(column.name))
        columns[column.name] = column.description
        if column.label_column is not None:
            label = column.label_column
            selected.append(f"{_label(table, column)} AS {quoted_name(label.name)}")
            columns[label.name] = label.description
    query = f"SELECT\n{_lines(selected)}\nFROM {quoted_name(table.name)}"
    return View(f"{table.name}_labelled", query, "With labels of codes", columns)


def plain_view(table: ReleaseTable) -> View:
    """The table row for row, as people read it."""
    selected, columns = [], {}
    for column in table.columns:
        if (shown := _shown(table, column)) is not None:
            selected.append(f"{shown} AS {quoted_name(column.name)}")
            columns[column.name] = column.description
    query = f"SELECT\n{_lines(selected)}\nFROM {quoted_name(table.name)}"
    return View(f"v_{table.name}", query, "To be read: labels, and markers in cells", columns)


def _wide_views(table: ReleaseTable, across: str, listed: Sequence[str]) -> Iterator[View]:
    for name, figure in wide_views(table.name, table.spec, table.columns).items():
        yield _wide_view(table, name, figure, across, listed)


def _wide_view(
    table: ReleaseTable, name: str, figure: Column, across: str, listed: Sequence[str]
) -> View:
    down = [c for c in table.columns if c.role == "dimension" and c.name != across]
    columns = {column.name: column.description for column in down}
    selected = [f"{_label(table, c, plain=True)} AS {quoted_name(c.name)}" for c in down]
    shown, place = _shown(table, figure), quoted_name(across)
    for code, said in _headings(table, across, listed).items():
        # DuckDB takes names in other letters for the same one.
        taken = said.casefold() in map(str.casefold, columns)
        heading = f"{said} ({code})" if taken else said
        cell = f"any_value({shown}) FILTER (WHERE {place} = {quoted_text(code)})"
        selected.append(f"{cell} AS {quoted_name(heading)}")
        columns[heading] = f"{figure.description}, where {across} is {code}"
    own = quoted_name(table.name)
    keys = ", ".join(f"{own}.{quoted_name(column.name)}" for column in down)
    query = f"SELECT\n{_lines(selected)}\nFROM {own}\nGROUP BY {keys}\nORDER BY min({own}.rowid)"
    comment = f"To be read: {figure.description}, with the categories of {across} as columns"
    return View(name, query, comment, columns)


def _headings(table: ReleaseTable, across: str, listed: Sequence[str]) -> dict[str, str]:
    """Code to heading of the categories that go across, in the order of the rows."""
    column = next(one for one in table.columns if one.name == across)
    found = {str(row[across]): column.called(str(row[across]), row) for row in _rows(table)}
    return found or {code: column.called(code, {}) for code in listed}


def _is_figure(spec: PublishedSpec, column: Column) -> bool:
    ends = {end for share in spec.shares for end in share_columns(share)[1:]}
    return column.role in FIGURES and column.name not in ends


def _shown(table: ReleaseTable, column: Column) -> str | None:
    """What people see of a column, as SQL; None of one that is shown with another."""
    name = quoted_name(column.name)
    if column.role == "dimension":
        return _label(table, column, plain=True)
    if column.role == "constant":
        return name
    if not _is_figure(table.spec, column):
        return None
    marker = quoted_name(marker_of(column.name))
    if column.role == "share":
        of = ", ".join(map(quoted_name, share_columns(column.name)))
        return f"coalesce({marker}, format('{{:g}} % ({{:g}} to {{:g}})', {of}))"
    # A figure that is held back has a marker beside it.
    value = rf"regexp_replace({name}::VARCHAR, '\.0$', '')" if column.type == "DOUBLE" else name
    return f"concat_ws(' ', {value}, {marker})"


def _label(table: ReleaseTable, column: Column, *, plain: bool = False) -> str:
    """What a category is called, as SQL; `plain`: as a workbook calls it, which is never less."""
    name = quoted_name(column.name)
    cases = " ".join(dict.fromkeys(_cases(table, column, plain=plain)))
    return f"CASE {cases} ELSE {name} END" if cases else name


def _cases(table: ReleaseTable, column: Column, *, plain: bool) -> Iterator[str]:
    """What each category of a column is called, those first that the policy names."""
    if column.label_column is None:
        return
    name = quoted_name(column.name)
    for code, label in column.labels.items():
        said = column.called(code, {}) if plain else label
        yield f"WHEN {name} = {quoted_text(code)} THEN {quoted_text(said)}"
    for row in _rows(table):
        code, also = str(row[column.name]), ""
        if column.within is not None:
            also = f" AND {quoted_name(column.within)} = {quoted_text(str(row[column.within]))}"
        said = column.called(code, row) if plain else column.label(code, row)
        if code != TOTAL:
            yield f"WHEN {name} = {quoted_text(code)}{also} THEN {quoted_text(said)}"


def _rows(table: ReleaseTable) -> list[dict[str, object]]:
    return [dict(table.named(row)) for row in table.rows]


def _lines(selected: Sequence[str]) -> str:
    return ",\n".join(f"    {one}" for one in selected)
