"""The register of reviews of the DPIA: when the last was, when the next is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import duckdb

from safer_streets_assets.accountability.clocks import days_until
from safer_streets_assets.accountability.tables import (
    REVIEWS,
    Entry,
    close,
    insert,
    new_id,
    refuse_a_day_to_come,
)
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import add_months, local_date
from safer_streets_assets.stores.queries import one_row

ReviewState = Literal["not begun", "current", "due", "overdue"]


@dataclass(frozen=True)
class NextReview:
    """When the next review of the DPIA is due and how it stands; no day before the first drop."""

    due_on: date | None
    state: ReviewState
    shown: str


def add_review(
    connection: duckdb.DuckDBPyConnection,
    *,
    held_on: date,
    today: date,
    held_by: str,
    outcome: str,
    actions: str | None,
    entry: Entry,
) -> str:
    """Records a review of the DPIA; one without actions is closed at once. Returns its id.

    Raises:
        RegisterError: the day lies in the future.
    """
    refuse_a_day_to_come(held_on, today)
    review_id = new_id(REVIEWS)
    insert(
        connection,
        REVIEWS,
        review_id=review_id,
        held_on=held_on,
        held_by=held_by,
        outcome=outcome,
        actions=actions,
        closed_at=None if actions else entry.at,
        recorded_by=entry.by,
        recorded_at=entry.at,
    )
    return review_id


def close_review(connection: duckdb.DuckDBPyConnection, review_id: str, entry: Entry) -> None:
    """Records that the actions of a review are done.

    Raises:
        RegisterError: there is no such open review.
    """
    close(connection, REVIEWS, review_id, closed_at=entry.at)


def next_review(connection: duckdb.DuckDBPyConnection, policy: Policy, today: date) -> NextReview:
    """The next review: a period of the policy after the last, or after the first drop arrived.

    `due` from the days before it that the policy says up to the day itself, `overdue` after it.
    """
    rules = policy.dpia.accountability.dpia_review
    last, first_drop = _begun(connection)
    began = last or (first_drop and local_date(first_drop, policy.dpia.evaluation.timezone))
    if began is None:
        return NextReview(None, "not begun", "no drop has arrived yet")
    due_on = add_months(began, rules.every.months)
    left = (due_on - today).days
    state: ReviewState = "overdue" if left < 0 else "due" if left <= rules.warn_days else "current"
    basis = "" if last else " (no review is on record: counted from the first drop)"
    return NextReview(due_on, state, f"{days_until(due_on, today)}{basis}")


def _begun(connection: duckdb.DuckDBPyConnection) -> tuple[date | None, datetime | None]:
    last, first = one_row(
        connection,
        "SELECT (SELECT max(held_on) FROM registers.dpia_reviews), "
        "(SELECT min(arrived_at) FROM registers.drops)",
    )
    return last, first
