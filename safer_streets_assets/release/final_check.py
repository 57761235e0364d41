"""The last gate before anything is written. It trusts no step before it."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from safer_streets_assets.disclosure.core_tables import HELD, as_of_column, holds_back
from safer_streets_assets.disclosure.demands import unmet_beside, unmet_demands
from safer_streets_assets.disclosure.joint_protection import NOT_MADE, PROVEN
from safer_streets_assets.disclosure.printed_facts import GATES, OPEN
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.figures import share_columns
from safer_streets_assets.release.columns import MARKERS, marker_of
from safer_streets_assets.release.content import PrintedValue, ReleaseTable
from safer_streets_assets.release.errors import UnsafeReleaseError
from safer_streets_assets.release.labels import refuse_unlisted
from safer_streets_assets.release.shares import with_shares

REMEDY = "do not publish, and correct the step that protects the tables"


def refuse_unsafe(policy: Policy, tables: Iterable[ReleaseTable]) -> None:
    """Refuses tables that may not be printed.

    A count is 0 or at least the policy's threshold, or it is missing and says why; a statistic is
    printed only where the printed counts meet its demands (`disclosure.demands`), or is missing
    and says why; each row has its own categories; a table behind a gate that is printed as closed
    has no row; and a table that prints anything is proven safe. Every category is one that the
    policy lists. Where the policy rounds, a printed count is a multiple of its base.

    Raises:
        UnsafeReleaseError: names the table and the column, never a value.
    """
    threshold = policy.dpia.thresholds.minimum_count
    tables = list(tables)
    closed = _closed_gates(tables)
    for table in tables:
        if table.rows and table.spec.gate in closed:
            raise UnsafeReleaseError(
                f"Table {table.name} has rows although its gate is closed; {REMEDY}."
            )
        rows = [table.named(row) for row in table.rows]
        _check_categories(table, rows)
        refuse_unlisted(policy, table)
        for count in table.spec.counts:
            _check_markers(table.name, count, rows, holding=holds_back(policy))
            if holds_back(policy):
                _check_as_of(table.name, count, rows)
            if any(_too_small(row[count], threshold) for row in rows):
                raise UnsafeReleaseError(
                    f"Column {count} of table {table.name} prints a count below the threshold; "
                    f"{REMEDY}."
                )
            base = policy.dpia.thresholds.rounding_base
            if base is not None and any(_number(row[count]) % base for row in rows):
                raise UnsafeReleaseError(
                    f"Column {count} of table {table.name} prints a count that is not rounded; "
                    f"{REMEDY}."
                )
        for statistic in table.spec.statistics:
            _check_markers(table.name, statistic, rows)
        _check_demands(policy, table)
        _check_shares(policy, table)
        _check_verdict(table, rows)
    _check_beside(policy, tables)


def _closed_gates(tables: Iterable[ReleaseTable]) -> set[PrintedValue]:
    """The gates that the release itself prints as closed."""
    rows = [t.named(row) for t in tables if t.name == GATES for row in t.rows]
    return {row["gate"] for row in rows if not row[OPEN]}


def _check_demands(policy: Policy, table: ReleaseTable) -> None:
    """Refuses a printed statistic whose demands on the printed counts are not met."""
    frame = _as_frame(table)
    if not frame.empty:
        _refuse_unmet(table.name, frame, unmet_demands(policy, table.name, frame))


def _check_beside(policy: Policy, tables: Iterable[ReleaseTable]) -> None:
    """Refuses a printed statistic that tells of a hidden count of another table."""
    frames = {table.name: frame for table in tables if not (frame := _as_frame(table)).empty}
    for name, frame in frames.items():
        _refuse_unmet(name, frame, unmet_beside(policy, name, frames))


def _check_shares(policy: Policy, table: ReleaseTable) -> None:
    """Refuses a share that is not what the printed counts make it."""
    columns = [column.name for column in table.columns]
    frame = pd.DataFrame(table.rows, columns=columns, dtype=object)
    made = with_shares(policy, table.name, frame)
    for share in table.spec.shares:
        for column in (*share_columns(share), marker_of(share)):
            said, true = frame[column], made[column].astype(object)
            if not (said.isna() == true.isna()).all() or not said.dropna().eq(true.dropna()).all():
                raise UnsafeReleaseError(
                    f"Column {column} of table {table.name} is not what its printed counts make "
                    f"it; {REMEDY}."
                )


def _as_frame(table: ReleaseTable) -> pd.DataFrame:
    frame = pd.DataFrame([table.named(row) for row in table.rows], dtype=object)
    for count in table.spec.counts if len(frame) else ():
        frame[count] = frame[count].astype("Int64")
    return frame


def _refuse_unmet(name: str, frame: pd.DataFrame, unmet: pd.DataFrame) -> None:
    for statistic, why in unmet.items():
        refused = why[frame[statistic].notna()].dropna()
        if len(refused):
            raise UnsafeReleaseError(
                f"Column {statistic} of table {name} prints {refused.iloc[0]}; {REMEDY}."
            )


def _number(value: PrintedValue) -> float:
    return value if isinstance(value, int) else 0


def _check_categories(table: ReleaseTable, rows: list[dict[str, PrintedValue]]) -> None:
    keys = [tuple(row[name] for name in table.dimensions) for row in rows]
    if len(set(keys)) != len(keys) or any(value is None for key in keys for value in key):
        raise UnsafeReleaseError(
            f"Two rows of table {table.name} have the same categories, or one lacks a category; "
            f"{REMEDY}."
        )


def _check_markers(
    table: str, name: str, rows: list[dict[str, PrintedValue]], *, holding: bool = False
) -> None:
    for row in rows:
        marker = row[marker_of(name)]
        if marker == HELD and holding and row[name] is not None:
            continue
        if (row[name] is None) == (marker is None) or not (marker is None or marker in MARKERS):
            raise UnsafeReleaseError(
                f"Column {name} of table {table} has a value with a marker, neither of them, or "
                f"an unknown marker; {REMEDY}."
            )


def _check_as_of(table: str, count: str, rows: list[dict[str, PrintedValue]]) -> None:
    if any((row[count] is None) != (row[as_of_column(count)] is None) for row in rows):
        raise UnsafeReleaseError(
            f"Column {as_of_column(count)} of table {table} tells of a count that is not printed, "
            f"or not of one that is; {REMEDY}."
        )


def _too_small(value: PrintedValue, threshold: int) -> bool:
    return isinstance(value, int) and value < threshold and value != 0


def _check_verdict(table: ReleaseTable, rows: list[dict[str, PrintedValue]]) -> None:
    printing = [*table.spec.counts, *table.spec.statistics]
    prints = any(row[name] is not None for row in rows for name in printing)
    not_made = not rows and table.verdict == NOT_MADE
    withheld = bool(rows) and not prints
    if table.verdict != PROVEN and not not_made and not withheld:
        raise UnsafeReleaseError(
            f"Table {table.name} is not proven safe and is neither withheld nor without rows; "
            f"{REMEDY}."
        )
