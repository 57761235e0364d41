"""Checks of intake: no drop waits for an operator, none is late, none says two things of one row.

What every check on data that arrived says when it fails (`located_result`) is here, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

from safer_streets_assets.intake.clocks import local_day
from safer_streets_assets.intake.failed_rows import (
    FailedDrop,
    failed_drops,
    sentence_of_failed,
)
from safer_streets_assets.intake.held_drops import reason_sentence
from safer_streets_assets.intake.late_sources import late_sources
from safer_streets_assets.intake.ledger_counts import (
    HeldFinding,
    SealedDrop,
    held_findings,
    not_taken_in,
    said_of,
    set_aside_counts,
)
from safer_streets_assets.intake.reasons import HELD_REASONS
from safer_streets_assets.intake.repeated_rows import REPEATED
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.ids import SHOWN_DIGITS
from safer_streets_assets.stores.registers import stopped_stages
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import POOL, guarded, table_of

SET_ASIDE_FOR = (
    "SELECT drop_id, source, row_number FROM restricted.set_aside_rows "
    "WHERE list_contains(reasons, ?)"
)
"""The rows that were set aside for a reason."""
MOST_IN_WORDS = 5
MOST_SHOWN = 50


def build_checks(policy: Policy) -> list[dg.AssetChecksDefinition]:
    """The checks of intake."""
    return [
        _no_drop_is_held(),
        _none_waits(
            "quarantined",
            "No drop lies in quarantine: each could be read and taken in. One that was not is in "
            "no table; its sentence says what to do. safer-streets drops refuse says that it was "
            "dealt with.",
        ),
        _none_waits(
            "refused",
            "No drop was refused, but by an operator: what no agreement covers is sealed unread. "
            "safer-streets drops move brings it to its source, drops refuse says that it was "
            "dealt with.",
        ),
        _nothing_is_late(policy),
        _identities_agree(policy),
    ]


def located_result(
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
    return table_of(
        {"drop": "string", "source": "string", "rows": "int", "first_rows": "string"},
        [
            (
                drop.drop_id[:SHOWN_DIGITS],
                drop.source,
                drop.rows,
                ", ".join(map(str, drop.first_rows)),
            )
            for drop in drops
        ],
    )


def _no_drop_is_held() -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="drop_ledger",
        name="no_drop_is_held",
        pool=POOL,
        description=(
            "No drop waits for an operator. One that differs too much from those before it is in "
            "no table until an operator runs safer-streets drops release or refuse."
        ),
    )
    @guarded
    def no_drop_is_held(stores: StoresResource) -> dg.AssetCheckResult:
        with stores.get_connection(read=["registers"]) as connection:
            held = held_findings(connection)
        drops = {finding.drop_id: finding.source for finding in held}
        return located_result(
            [FailedDrop(drop_id, source, 0, ()) for drop_id, source in drops.items()],
            passed=not held,
            drops_held=len(drops),
            why=held_table(held),
        )

    return no_drop_is_held


def _none_waits(state: str, description: str) -> dg.AssetChecksDefinition:
    """A check that no drop is in a state and undecided."""

    @dg.asset_check(
        asset="drop_ledger", name=f"no_drop_is_{state}", pool=POOL, description=description
    )
    @guarded
    def no_drop_waits(stores: StoresResource) -> dg.AssetCheckResult:
        with stores.get_connection(read=["registers"]) as connection:
            found = not_taken_in(connection, state)
        return dg.AssetCheckResult(
            passed=not found,
            severity=dg.AssetCheckSeverity.WARN,
            description=_which(found),
            metadata={f"drops_{state}": len(found), "which": sealed_table(found)},
        )

    return no_drop_waits


def _which(found: Sequence[SealedDrop]) -> str | None:
    """How many drops wait, and the first ids, in one sentence: the page folds up a table."""
    if not found:
        return None
    ids = [drop.drop_id[:SHOWN_DIGITS] for drop in found[:MOST_IN_WORDS]]
    more = len(found) - len(ids)
    return f"{len(found)}: {', '.join(ids)}" + (f" and {more} more." if more else ".")


def sealed_table(found: Sequence[SealedDrop]) -> dg.TableMetadataValue:
    """Drops that were not taken in, as Dagster shows them: why, and what to do; no values."""
    columns = {"drop": "string", "source": "string", "arrived": "string", "reason": "string"}
    return table_of(
        {**columns, "what_to_do": "string"},
        [
            (
                drop.drop_id[:SHOWN_DIGITS],
                drop.source,
                f"{drop.arrived_at:%Y-%m-%d}",
                drop.reason or "",
                said_of(drop.drop_id, drop.sentence or ""),
            )
            for drop in found[:MOST_SHOWN]
        ],
    )


def _nothing_is_late(policy: Policy) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="drop_ledger",
        name="drops_arrive_when_expected",
        pool=POOL,
        description=(
            "Of each source something has arrived within the days that the policy expects; else "
            "ask its sender."
        ),
    )
    @guarded
    def drops_arrive_when_expected(stores: StoresResource) -> dg.AssetCheckResult:
        with stores.get_connection(read=["registers"]) as connection:
            given_up = policy.dpia.gathered_for(stopped_stages(connection))
            late = late_sources(connection, policy, local_day(policy), given_up)
        return dg.AssetCheckResult(
            passed=not late,
            severity=dg.AssetCheckSeverity.WARN,
            description="; ".join(one.sentence for one in late) + "." if late else None,
            metadata={"sources_late": len(late), "which": [one.sentence for one in late]},
        )

    return drops_arrive_when_expected


def _identities_agree(policy: Policy) -> dg.AssetChecksDefinition:
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
            counted = {reason: count for reason, _, count in set_aside_counts(connection, policy)}
            rows = counted.get(REPEATED, 0)
            drops = failed_drops(connection, SET_ASIDE_FOR, [REPEATED]) if rows else ()
        return located_result(drops, passed=rows == 0, rows_set_aside=rows)

    return identities_stand_once_in_a_file


def held_table(held: list[HeldFinding]) -> dg.TableMetadataValue:
    """Why drops are held, as Dagster shows it: shares in whole percent, no values."""
    return table_of(
        {
            "drop": "string",
            "source": "string",
            "held_since": "string",
            "reason": "string",
            "means": "string",
            "column": "string",
            "percent_before": "int",
            "percent_now": "int",
        },
        [
            (
                finding.drop_id[:SHOWN_DIGITS],
                finding.source,
                f"{finding.held_at:%Y-%m-%d}",
                finding.reason,
                reason_sentence(HELD_REASONS[finding.reason]),
                finding.column or "",
                finding.percent_before,
                finding.percent_now,
            )
            for finding in held
        ],
    )
