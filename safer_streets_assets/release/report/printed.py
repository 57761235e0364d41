"""The printed tables as the report asks them: by name, row and column, and cells as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from safer_streets_assets.disclosure.printed_facts import GATES
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.figures import share_columns
from safer_streets_assets.release.charts.chart import MINUS
from safer_streets_assets.release.columns import MARKERS, Column, held_means, marker_of
from safer_streets_assets.release.content import PrintedRow, ReleaseTable
from safer_streets_assets.release.invented import INVENTED

MOST = 3
"""Decimals of a figure for people at most; the files of the tables have all."""
NO_BREAK = "\N{NO-BREAK SPACE}"


class PrintedTables:
    """The tables of one release, by name."""

    def __init__(self, policy: Policy, tables: Sequence[ReleaseTable]) -> None:
        self.policy = policy
        self.all = {table.name: table for table in tables}

    def get(self, name: str) -> ReleaseTable | None:
        """A table with at least one row; None when the release has none such."""
        table = self.all.get(name)
        return table if table is not None and table.rows else None

    def shaped(self, name: str, *columns: str) -> ReleaseTable | None:
        """A table with rows and with these columns; None when the release has none such, or the
        policy gave it others."""
        table = self.get(name)
        found = {column.name for column in table.columns} if table is not None else set()
        return table if set(columns) <= found else None

    def rows(self, name: str, **where: str) -> list[PrintedRow]:
        """The rows of a table with these categories; none when the release lacks the table."""
        table = self.get(name)
        if table is None or set(where) - set(table.dimensions):
            return []
        rows = map(table.named, table.rows)
        return [row for row in rows if all(row[key] == value for key, value in where.items())]

    def figure(self, name: str, column: str, **where: str) -> str | None:
        """A printed figure as text; None when it is hidden, may not be of today, or is not there.

        Nothing is said of a cell with a marker.
        """
        rows, table = self.rows(name, **where), self.get(name)
        if table is None or len(rows) != 1 or rows[0].get(column) is None:
            return None
        return None if rows[0].get(marker_of(column)) else self.cell(table, column, rows[0])

    def number(self, row: PrintedRow, column: str) -> float | None:
        """A number of a row that can be spoken of and drawn; None when it cannot."""
        value = row.get(column)
        if row.get(marker_of(column)) or isinstance(value, bool):
            return None
        return value if isinstance(value, int | float) else None

    def cell(self, table: ReleaseTable, column: str, row: PrintedRow) -> str:
        """A cell as text: what is printed, with the marker it carries, or its marker alone."""
        value, marker = row[column], row.get(marker_of(column))
        text = "" if value is None else self._value(table, column, value, row)
        return " ".join(str(part) for part in (text, marker) if part)

    def share(self, table: ReleaseTable, share: str, row: PrintedRow) -> str:
        """A share with its interval, in percent, or its marker."""
        of, low, high = share_columns(share)
        if row[of] is None:
            return str(row[marker_of(share)])
        said = [self._value(table, column, row[column] or 0, row) for column in (of, low, high)]
        return f"{said[0]} % ({said[1]} to {said[2]})".replace(" ", NO_BREAK)

    def _value(
        self, table: ReleaseTable, column: str, value: str | float | bool, row: PrintedRow
    ) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, str):
            return label_of(table, column, row)
        statistic = table.spec.statistics.get(column)
        decimals = _shown_decimals(value)
        if statistic is not None and statistic.kind == "mean":
            decimals = max(decimals, self.policy.dpia.thresholds.mean_decimals)
        return f"{value:,.{decimals}f}".replace("-", MINUS)

    def why_empty(self, name: str) -> str:
        """In one sentence why a table has no rows here, with the numbers of its gate."""
        spec = self.policy.tables.tables.get(name)
        title = spec.title if spec is not None else name.replace("_", " ")
        table = self.all.get(name)
        if table is not None:
            own = table.notes.removeprefix(INVENTED).strip()
            own = own.removeprefix(table.spec.notes).strip()
            return f"{title}: {own or 'it has no rows in this release.'}"
        gate = next((g for g in self.policy.dpia.gates if spec and g.name == spec.gate), None)
        rows = [] if gate is None else self.rows(GATES, gate=gate.name)
        if gate is None or any(row["open"] for row in rows):
            return f"{title}: not in this release."
        now = self.figure(GATES, "n_now", gate=gate.name)
        have = f"there are {now} {gate.unit} and " if now is not None else f"of {gate.unit} "
        return f"{title}: not in this release; {have}{gate.needed:,} are needed."

    def markers(self, table: ReleaseTable) -> str:
        """What the markers that occur in a table mean; empty when it has none."""
        names = [column.name for column in table.columns if column.role == "marker"]
        found = {row[name] for row in map(table.named, table.rows) for name in names} - {None}
        said = [f"{marker} {meaning}" for marker, meaning in MARKERS.items() if marker in found]
        said += [
            f"{m} {held_means(self.policy)}" for m in sorted(map(str, found)) if m not in MARKERS
        ]
        return "; ".join(said)


def _shown_decimals(value: float) -> int:
    """The decimals that people are shown: those a number has, MOST of them, or as many as it takes
    that a number which is not 0 is not shown as 0."""
    decimals = min(MOST, _decimals(value))
    while value and round(value, decimals) == 0:
        decimals += 1
    return decimals


def _decimals(value: float) -> int:
    """How many decimals a number needs so that no digit of it is lost."""
    text = repr(float(value))
    if "e" in text:
        mantissa, _, power = text.partition("e")
        return max(0, len(mantissa.partition(".")[2].rstrip("0")) - int(power))
    return len(text.partition(".")[2].rstrip("0"))


def column_of(table: ReleaseTable, name: str) -> Column:
    """A column of a table by its name."""
    return next(column for column in table.columns if column.name == name)


def label_of(table: ReleaseTable, column: str, row: PrintedRow) -> str:
    """What the category of a row is called."""
    return column_of(table, column).label(str(row[column]), row)


def day(when: date) -> str:
    """A date in words: 1 November 2019."""
    return f"{when.day} {when:%B %Y}"
