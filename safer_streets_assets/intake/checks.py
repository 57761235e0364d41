"""Checks of intake: whether a drop waits for a person, or says two things of one identity.

What every check on data that arrived says when it fails (`told`) is here, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

from safer_streets_assets.intake.failed_rows import (
    SHOWN_DIGITS,
    FailedDrop,
    failed_drops,
    sentence_of_failed,
)
from safer_streets_assets.intake.history import HeldFinding, held_findings, set_aside_counts
from safer_streets_assets.intake.holding import sentence_of
from safer_streets_assets.intake.reasons import HELD_REASONS
from safer_streets_assets.intake.repeated import REPEATED
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import POOL, guarded

SET_ASIDE_FOR = (
    "SELECT drop_id, source, row_number FROM restricted.set_aside_rows "
    "WHERE list_contains(reasons, ?)"
)
"""The rows that were set aside for a reason."""


def build_checks(policy: Policy) -> list[dg.AssetChecksDefinition]:
    """The checks of intake."""
    return [_no_drop_is_held(), _identities_agree()]


def told(
    drops: Sequence[FailedDrop], *, passed: bool, blocking: bool = False, **metadata: Any
) -> dg.AssetCheckResult:
    """The result of a check on data that arrived; one that fails names its drops and rows.

    `passed` and `metadata` (counts, never values) are what the check found; `drops` where.
    """
    if passed:
        return dg.AssetCheckResult(passed=True, severity=_severity(blocking), metadata=metadata)
    return dg.AssetCheckResult(
        passed=False,
        severity=_severity(blocking),
        description=sentence_of_failed(drops),
        metadata={**metadata, "drops": _failed_table(drops)},
    )


def _severity(blocking: bool) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN


def _failed_table(drops: Sequence[FailedDrop]) -> dg.TableMetadataValue:
    return dg.TableMetadataValue(
        records=[
            dg.TableRecord(
                {
                    "drop": drop.drop_id[:SHOWN_DIGITS],
                    "source": drop.source,
                    "rows": drop.rows,
                    "first_rows": ", ".join(map(str, drop.first_rows)),
                }
            )
            for drop in drops
        ],
        schema=dg.TableSchema(
            columns=[
                dg.TableColumn("drop", "string"),
                dg.TableColumn("source", "string"),
                dg.TableColumn("rows", "int"),
                dg.TableColumn("first_rows", "string"),
            ]
        ),
    )


def _no_drop_is_held() -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="drop_ledger",
        name="no_drop_is_held",
        pool=POOL,
        description=(
            "No drop waits for a person. One that differs too much from those before it is in no "
            "table until a person runs safer-streets drops release or refuse."
        ),
    )
    @guarded
    def no_drop_is_held(stores: StoresResource) -> dg.AssetCheckResult:
        with stores.get_connection(read=["registers"]) as connection:
            held = held_findings(connection)
        drops = {finding.drop_id: finding.source for finding in held}
        return told(
            [FailedDrop(drop_id, source, 0, ()) for drop_id, source in drops.items()],
            passed=not held,
            drops_held=len(drops),
            why=held_table(held),
        )

    return no_drop_is_held


def _identities_agree() -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="drop_ledger",
        name="identities_stand_once_in_a_file",
        pool=POOL,
        description=(
            "No file has the same identity twice with other values. The policy says which row "
            "stands; the others are set aside and go back to the sender."
        ),
    )
    @guarded
    def identities_stand_once_in_a_file(stores: StoresResource) -> dg.AssetCheckResult:
        with stores.get_connection(read=["registers", "restricted"]) as connection:
            counted = {reason: count for reason, _, count in set_aside_counts(connection)}
            rows = counted.get(REPEATED, 0)
            drops = failed_drops(connection, SET_ASIDE_FOR, [REPEATED]) if rows else ()
        return told(drops, passed=rows == 0, rows_set_aside=rows)

    return identities_stand_once_in_a_file


def held_table(held: list[HeldFinding]) -> dg.TableMetadataValue:
    """Why drops are held, as Dagster shows it: shares in whole percent, no values."""
    return dg.TableMetadataValue(
        records=[
            dg.TableRecord(
                {
                    "drop": finding.drop_id[:SHOWN_DIGITS],
                    "source": finding.source,
                    "held_since": f"{finding.held_at:%Y-%m-%d}",
                    "reason": finding.reason,
                    "means": sentence_of(HELD_REASONS[finding.reason]),
                    "column": finding.column or "",
                    "percent_before": finding.percent_before,
                    "percent_now": finding.percent_now,
                }
            )
            for finding in held
        ],
        schema=dg.TableSchema(
            columns=[
                dg.TableColumn("drop", "string"),
                dg.TableColumn("source", "string"),
                dg.TableColumn("held_since", "string"),
                dg.TableColumn("reason", "string"),
                dg.TableColumn("means", "string"),
                dg.TableColumn("column", "string"),
                dg.TableColumn("percent_before", "int"),
                dg.TableColumn("percent_now", "int"),
            ]
        ),
    )
