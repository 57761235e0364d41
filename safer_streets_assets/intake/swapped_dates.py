"""Finds a column of dates in which a spreadsheet program swapped day and month in some rows.

A program set to American dates reads 08/11/2019 as 11 August and makes a date of it; 18/11/2019,
which is no American date, it leaves as text. So the dates it made all have a day up to 12, and the
texts one beyond.

What cannot be told: a column of which the program made dates throughout, or of which it saved them
in figures again (8/11/2019, which reads as it was written); and one of so few different dates that
they may all have such days by chance, as two or three of each kind do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from safer_streets_assets.intake.drift import DriftFinding
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.stores.sql_files import quoted_name, read_sql

SHARE_UP_TO_12 = 144 / 365.25
"""The share of the days of a year whose day of the month could be a month."""


def swapped_dates(
    connection: duckdb.DuckDBPyConnection, policy: Policy, source: Source
) -> Iterator[DriftFinding]:
    """The date columns of the drop in `staged` in which days and months are swapped.

    True dates stand beside texts, the days of all true dates are under 13, and by chance that would
    be so in less than the policy's share of columns. In a text only dates that a program wrote, as
    ISO or with the month's name, are true ones. The finding's share is of different dates.
    """
    dated = [field.name for field in source.fields if field.kind in ("date", "timestamp")]
    for name, (true_dates, latest_day, texts, first_day) in _days(connection, dated).items():
        if not true_dates or not texts or latest_day > 12:
            continue
        chance = SHARE_UP_TO_12**true_dates
        if first_day > 12:
            chance *= (1 - SHARE_UP_TO_12) ** texts
        if chance < policy.dpia.drift.swapped_dates_by_chance:
            percent = round(100 * true_dates / (true_dates + texts))
            yield DriftFinding("D-DRIFT-SWAPPED", name, 0, percent)


def _days(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str]
) -> dict[str, tuple[int, int, int, int]]:
    """What the query of swapped dates says of each of some columns of the drop in `staged`."""
    if not columns:
        return {}
    query = read_sql("intake", "swapped_dates")
    each = (
        f"SELECT {number}, * FROM ({query.format(column=quoted_name(column))})"
        for number, column in enumerate(columns)
    )
    rows = connection.execute(" UNION ALL ".join(each)).fetchall()
    days = {
        columns[number]: (dates, latest, texts, first)
        for number, dates, latest, texts, first in rows
    }
    return {column: days[column] for column in columns}
