"""What differs between the printed figures of two releases of a table, read from their CSV files.

Only figures that are printed are here. What is not printed in either release is compared with
nothing, so nothing can be said of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.disclosure.core_tables import as_of_column
from safer_streets_assets.release.columns import marker_of
from safer_streets_assets.release.csv_files import read_csv
from safer_streets_assets.release.invented import COLUMN as INVENTED_COLUMN

Key = tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """A figure that both releases print and that is not the same."""

    key: Key
    column: str
    before: str
    now: str

    @property
    def distance(self) -> float:
        """How far it moved."""
        return abs(float(self.now) - float(self.before))


@dataclass(frozen=True)
class CsvTable:
    """A table of a release as its CSV prints it.

    `rows` are by the categories of its dimensions, with every printed figure by column; `labels`
    are those of the categories of each row, in order.
    """

    dimensions: tuple[str, ...]
    rows: Mapping[Key, Mapping[str, str]]
    labels: Mapping[Key, Key]

    def said(self, key: Key) -> str:
        """The categories of a row in words, Totals left out."""
        pairs = zip(self.dimensions, self.labels[key], strict=True)
        names = [f"{d} {label}" if label.isdigit() else label for d, label in pairs]
        return ", ".join(name for name in names if name != TOTAL) or "all together"

    def called(self, dimension: str, category: str) -> str:
        """The label of a category."""
        at = self.dimensions.index(dimension)
        return next(self.labels[key][at] for key in self.rows if key[at] == category)

    def holding(self, dimension: str, counts: Sequence[str]) -> list[str]:
        """The categories of a dimension of which a count above 0 is printed, in their order."""
        at = self.dimensions.index(dimension)
        found = {
            key[at]: None
            for key, row in self.rows.items()
            if key[at] != TOTAL and any(row.get(count, "0") != "0" for count in counts)
        }
        return list(found)

    def categories(self, dimension: str) -> set[str]:
        """All categories of a dimension that have a row."""
        at = self.dimensions.index(dimension)
        return {key[at] for key in self.rows}


def printed(content: bytes, dimensions: Sequence[str]) -> CsvTable | None:
    """A table given as CSV; None when it does not have these dimensions."""
    header, lines = read_csv(content)
    if not set(dimensions) <= set(header):
        return None
    about = {made(name) for name in header for made in (marker_of, as_of_column, _label_of)}
    columns = [n for n in header if n not in {*dimensions, *about, INVENTED_COLUMN.name}]
    rows: dict[Key, dict[str, str]] = {}
    labels: dict[Key, Key] = {}
    for line in lines:
        fields = dict(zip(header, line, strict=True))
        key = tuple(fields[name] for name in dimensions)
        rows[key] = {column: fields[column] for column in columns if fields[column]}
        labels[key] = tuple(fields.get(_label_of(name), fields[name]) for name in dimensions)
    return CsvTable(tuple(dimensions), rows, labels)


def changed(now: CsvTable, before: CsvTable) -> Iterator[Figure]:
    """The figures that both print and that differ, in the order of the newer one."""
    for key, row in now.rows.items():
        old = before.rows.get(key, {})
        for column, value in row.items():
            if column in old and old[column] != value:
                yield Figure(key, column, old[column], value)


def appeared(now: CsvTable, before: CsvTable, columns: Sequence[str]) -> int:
    """How many figures of these columns only the newer one prints, of rows that both have."""
    return sum(
        column in row and column not in before.rows[key]
        for key, row in now.rows.items()
        if key in before.rows
        for column in columns
    )


def _label_of(dimension: str) -> str:
    return f"{dimension}_label"
