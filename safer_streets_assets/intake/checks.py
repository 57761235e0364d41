"""Checks of intake: whether a drop waits for a person, or says two things of one identity."""

from __future__ import annotations

import dagster as dg

from safer_streets_assets.intake.history import HeldFinding, held_findings, set_aside_counts
from safer_streets_assets.intake.holding import sentence_of
from safer_streets_assets.intake.reasons import HELD_REASONS
from safer_streets_assets.intake.repeated import REPEATED
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import POOL, guarded

SHOWN_DIGITS = 12


def build_checks(policy: Policy) -> list[dg.AssetChecksDefinition]:
    """The checks of intake."""
    return [_no_drop_is_held(), _identities_agree()]


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
        return dg.AssetCheckResult(
            passed=not held,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "drops_held": len({finding.drop_id for finding in held}),
                "why": held_table(held),
            },
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
        with stores.get_connection(read=["registers"]) as connection:
            rows = {reason: count for reason, _, count in set_aside_counts(connection)}
        return dg.AssetCheckResult(
            passed=REPEATED not in rows,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"rows_set_aside": rows.get(REPEATED, 0)},
        )

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
