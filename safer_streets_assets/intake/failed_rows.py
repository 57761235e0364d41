"""Where the rows lie that a check found: the drop they came in and their numbers, and no value.

Every check on data that arrived says this when it fails, so that the sender can be asked about the
very rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from safer_streets_assets.stores.ids import SHOWN_DIGITS
from safer_streets_assets.stores.sql_files import read_sql

FIRST_ROWS = 10
"""How many row numbers of a drop are given."""
MOST_DROPS = 20
"""How many drops are given, and kept with the result of an expectation."""
DROPS_SAID = 3
"""How many of them stand in the sentence."""


@dataclass(frozen=True)
class FailedDrop:
    """A drop in which a check found something: how many of its rows, and the numbers of the first
    as a spreadsheet counts; none when it is about the drop as a whole."""

    drop_id: str
    source: str
    rows: int
    first_rows: tuple[int, ...]


def failed_drops(
    connection: duckdb.DuckDBPyConnection,
    rows: str,
    parameters: Mapping[str, Any] | Sequence[Any] = (),
) -> tuple[FailedDrop, ...]:
    """The drops of the rows that a query gives (drop_id, source, row_number), earliest first.

    The restricted store is attached.
    """
    query = read_sql("intake", "failed_rows").format(
        rows=rows, first_rows=FIRST_ROWS, most_drops=MOST_DROPS
    )
    found = connection.execute(query, parameters).fetchall()
    return tuple(
        FailedDrop(drop_id, source, int(rows_of_it), tuple(first))
        for drop_id, source, rows_of_it, first in found
    )


def sentence_of_failed(drops: Sequence[FailedDrop]) -> str:
    """Drops and rows in a sentence for people."""
    if not drops:
        return "What was found is in no row of a loaded drop."
    said = [_said(drop) for drop in drops[:DROPS_SAID]]
    more = len(drops) - len(said)
    if more:
        said.append(f"and {more} more {'drop' if more == 1 else 'drops'}")
    return f"Look at {'; '.join(said)}."


def _said(drop: FailedDrop) -> str:
    name = f"drop {drop.drop_id[:SHOWN_DIGITS]} of {drop.source}"
    if not drop.rows:
        return f"{name} as a whole"
    listed = ", ".join(map(str, drop.first_rows))
    more = drop.rows - len(drop.first_rows)
    rows = "row" if drop.rows == 1 else "rows"
    return f"{name}, {rows} {listed}{f' and {more} more' if more else ''}"
