"""What is wrong with the rows of a drop that a source did not take in for too many: no values.

Its rows are in no table of that source, so this is all that is left to tell its sender. The same
bytes may lie in the folders of several sources, and each has found what it has found.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import duckdb

from safer_streets_assets.intake.ledger_counts import ERASED_SINCE
from safer_streets_assets.intake.outstanding_rows import NOT_KNOWN, SentFile, WrongValue
from safer_streets_assets.intake.reasons import BAD_ROWS
from safer_streets_assets.stores.queries import tables_in, transaction

FIRST_ROWS = 100
"""How many row numbers are kept for a rule and a column."""


@dataclass(frozen=True)
class RefusedRows:
    """One rule that rows of a drop break in one column (None: as a whole): how many, and which."""

    field: str | None
    reason: str
    rows: int
    of_rows: int
    first_rows: tuple[int, ...]


def keep_refused_rows(
    connection: duckdb.DuckDBPyConnection,
    drop_id: str,
    source: str,
    view: str,
    rows: int,
    sent: SentFile = NOT_KNOWN,
) -> None:
    """Counts what a source finds wrong in the rows staged under a name; the registers are
    attached."""
    with transaction(connection):
        connection.execute(
            "DELETE FROM registers.refused_rows WHERE drop_id = ? AND source = ?",
            [drop_id, source],
        )
        connection.execute(
            "INSERT INTO registers.refused_rows BY NAME "
            "SELECT $drop_id AS drop_id, $source AS source, "
            "problem.field AS column_name, problem.reason AS reason, "
            "count(DISTINCT row_number) AS row_count, $rows AS of_rows, "
            f"list_sort(list(DISTINCT row_number))[:{FIRST_ROWS}] AS first_rows, "
            "$stands_for::DATE AS position_date, $saved_at::BIGINT AS saved_at, "
            "$sheet::INTEGER AS sheet_number FROM "
            f"(SELECT row_number, unnest(problems) AS problem FROM {view}_problems) "
            "GROUP BY problem.field, problem.reason ORDER BY ALL",
            {"drop_id": drop_id, "source": source, "rows": rows, **asdict(sent)},
        )


def refused_rows(
    connection: duckdb.DuckDBPyConnection, drop_id: str, source: str | None = None
) -> list[RefusedRows]:
    """What a source (the ledger's, when none is named) found wrong with the rows of a drop, most
    frequent first; the registers are attached."""
    found = connection.execute(
        "SELECT column_name, rows.reason, row_count, of_rows, first_rows "
        "FROM registers.refused_rows AS rows JOIN registers.drops AS drops USING (drop_id) "
        "WHERE drop_id = $1 AND rows.source = coalesce($2, drops.source) "
        "ORDER BY row_count DESC, column_name NULLS FIRST, rows.reason",
        [drop_id, source],
    ).fetchall()
    return [
        RefusedRows(field, reason, rows, of_rows, tuple(first))
        for field, reason, rows, of_rows, first in found
    ]


def values_of_refused(connection: duckdb.DuckDBPyConnection, source: str) -> list[WrongValue]:
    """The first rows of refused drops of a source, still there, that no later one was loaded after;
    those too that lay in the folder of another one, which took them in or refused them.

    The values are not kept: the sender has them. None where no registers are attached.
    """
    if "refused_rows" not in tables_in(connection, "registers"):
        return []
    rows = connection.execute(
        "SELECT drop_id, arrived_at, unnest(first_rows) AS row_number, column_name, rows.reason, "
        "rows.position_date, coalesce(rows.saved_at, 0), rows.sheet_number "
        "FROM registers.refused_rows AS rows JOIN registers.drops AS drops USING (drop_id) "
        "WHERE rows.source = $1 AND (state = 'quarantined' AND drops.reason = $2 "
        "AND drops.source = $1 OR EXISTS (FROM registers.drops_elsewhere AS judged "
        "WHERE judged.drop_id = drops.drop_id AND judged.source = $1 AND judged.reason = $2)) "
        f"AND NOT {ERASED_SINCE} "
        "AND NOT EXISTS (FROM registers.drops AS later WHERE later.source = $1 "
        "AND later.state = 'loaded' AND later.arrived_at > drops.arrived_at) "
        "ORDER BY arrived_at, drop_id, row_number, column_name NULLS FIRST, rows.reason",
        [source, BAD_ROWS],
    ).fetchall()
    return [
        WrongValue(drop_id, arrived_at, number, field, reason, None, SentFile(*sent), is_kept=False)
        for drop_id, arrived_at, number, field, reason, *sent in rows
    ]
