"""What a release is made of, as it is handed over and as it is printed.

`ReleaseContent` is what the pipeline gives. A `ReleaseTable` is one table of it in plain Python
values, its columns in the policy's order: every file of a release is written from that, so all of
them say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from safer_streets_assets.disclosure.coarsening import Choice
from safer_streets_assets.disclosure.demands import SUPPRESSED
from safer_streets_assets.disclosure.joint_protection import printed_verdict
from safer_streets_assets.policy import Policy, PublishedSpec
from safer_streets_assets.policy.figures import share_columns
from safer_streets_assets.quotes.printing import PrintedQuote
from safer_streets_assets.release.columns import Column, columns_of, marker_of
from safer_streets_assets.release.errors import ReleaseError
from safer_streets_assets.release.invented import INVENTED
from safer_streets_assets.release.shares import with_shares

PrintedValue = str | int | float | bool | None
PrintedRow = dict[str, PrintedValue]
"""A printed row by column name."""


@dataclass(frozen=True)
class ReleaseContent:
    """What is to be published.

    `tables`: by name, the dimensions (text), each count (whole) with `<count>_marker`, constants,
    each statistic with `<statistic>_marker`; behind a closed gate a table has columns and no rows.
    Shares are not among them: they are computed from the counts when the tables are printed.
    `summary`: one row a table: table_name, verdict; of what else is in it nothing is published.
    `notes`: a sentence for a table, put after the policy's. `structure`: goes into release.json as
    it is (JSON). `drop_ids`: the drops that the tables rest on (see `drop_references`). `choices`:
    what goes on the register of the levels that tables stand at. `invented`: whether any drop is an
    invented one. `quotes`: in the order in which they are printed.
    """

    tables: Mapping[str, pd.DataFrame]
    summary: pd.DataFrame
    notes: Mapping[str, str]
    structure: Mapping[str, Any]
    drop_ids: Sequence[str]
    choices: Sequence[Choice] = ()
    invented: bool = False
    quotes: Sequence[PrintedQuote] = ()


@dataclass(frozen=True)
class ReleaseTable:
    """One table as it is printed: whom it counts, its columns, its rows in order, and what is
    said about it.

    `verdict` is what `printed_verdict` makes of the attacker's.
    """

    name: str
    spec: PublishedSpec
    population: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[PrintedValue, ...], ...]
    notes: str
    verdict: str
    invented: bool = False

    @property
    def cells(self) -> int:
        """How many counts the table has, margins included."""
        return len(self.rows) * len(self.spec.counts)

    @property
    def suppressed(self) -> int:
        """How many of its counts carry the marker of suppression: what everybody can count."""
        markers = [marker_of(count) for count in self.spec.counts]
        rows = map(self.named, self.rows)
        return sum(row[marker] == SUPPRESSED for row in rows for marker in markers)

    @property
    def dimensions(self) -> list[str]:
        """The names of the dimension columns."""
        return [column.name for column in self.columns if column.role == "dimension"]

    def named(self, row: tuple[PrintedValue, ...]) -> PrintedRow:
        """A row by column name."""
        return {c.name: value for c, value in zip(self.columns, row, strict=True)}


def release_tables(policy: Policy, content: ReleaseContent) -> list[ReleaseTable]:
    """The tables of a release in the policy's order.

    Raises:
        ReleaseError: a table or a column is not the policy's, a value does not fit its column, or
            the summary does not have one row a table.
    """
    if not content.tables or set(content.tables) - set(policy.tables.tables):
        raise ReleaseError(
            "The release has no table or one that the policy does not name; publish the tables of "
            "tables.yaml only."
        )
    verdicts = _verdicts(content)
    return [
        _printed(policy, name, content, verdicts[name])
        for name in policy.tables.tables
        if name in content.tables
    ]


def _printed(policy: Policy, name: str, content: ReleaseContent, verdict: str) -> ReleaseTable:
    spec, frame = policy.tables.tables[name], content.tables[name]
    columns = columns_of(policy, name, frame)
    made = {c for share in spec.shares for c in (*share_columns(share), marker_of(share))}
    given = [column for column in columns if column.name not in made]
    if sorted(map(str, frame.columns)) != sorted(column.name for column in given):
        raise ReleaseError(
            f"The columns of table {name} are not those of the policy; publish its dimensions, "
            "counts, constants, statistics and their markers, each once."
        )
    cells = {column.name: _cells(name, column, frame[column.name]) for column in given}
    if made:
        whole = with_shares(policy, name, pd.DataFrame(cells, dtype=object))
        cells |= {c.name: _cells(name, c, whole[c.name]) for c in columns if c.name in made}
    values = [cells[column.name] for column in columns]
    said = (INVENTED if content.invented else "", spec.notes, content.notes.get(name, ""))
    notes = " ".join(text for text in said if text)
    rows = tuple(zip(*values, strict=True))
    population = policy.tables.population_words(name)
    return ReleaseTable(name, spec, population, columns, rows, notes, verdict, content.invented)


def _cells(table: str, column: Column, values: pd.Series) -> list[PrintedValue]:
    try:
        return [_cell(column.type, value) for value in values.tolist()]
    except (TypeError, ValueError, OverflowError):
        raise ReleaseError(
            f"Column {column.name} of table {table} holds something that is not of type "
            f"{column.type}; correct the step that makes the table."
        ) from None


def _cell(kind: str, value: Any) -> PrintedValue:
    if pd.isna(value):
        return None
    if kind == "VARCHAR":
        if not isinstance(value, str):
            raise TypeError
        value.encode()  # a lone surrogate cannot be written
        return value
    if kind == "BOOLEAN":
        return bool(value)
    if kind == "BIGINT":
        whole = int(value)
        if whole != value:
            raise ValueError
        return whole
    number = float(value)
    if number in (float("inf"), float("-inf")):
        raise ValueError
    return number + 0.0  # minus zero would tell the sign of what was rounded away


def _verdicts(content: ReleaseContent) -> dict[str, str]:
    """Table to what is published of the attacker's verdict on it."""
    frame = content.summary
    if sorted(frame["table_name"]) != sorted(content.tables):
        raise ReleaseError(
            "The suppression summary does not have exactly one row for each table; make it for "
            "the tables of the release."
        )
    said = frame.set_index("table_name")["verdict"].astype(str)
    return {str(name): printed_verdict(verdict) for name, verdict in said.items()}
