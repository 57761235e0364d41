"""The check that no change score is made before its stage may begin."""

from __future__ import annotations

import dagster as dg

from safer_streets_assets.attitudes.closing import with_rows
from safer_streets_assets.attitudes.tables import change_gate, gate_counts
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import POOL, guarded


def build_checks(policy: Policy) -> list[dg.AssetChecksDefinition]:
    """The checks of the attitudes stage."""
    return [_gates_respected(policy)]


def _gates_respected(policy: Policy) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="attitude_change",
        name="stage_gates_are_respected",
        blocking=True,
        pool=POOL,
        description="Below its stage gate no change table, of people or of groups, has a row.",
    )
    @guarded
    def stage_gates_are_respected(stores: StoresResource) -> dg.AssetCheckResult:
        with stores.get_connection(read=["research"]) as connection:
            found = gate_counts(connection, policy)
            closed = {name for name, status in found.items() if not status.is_open}
            made = [] if change_gate(policy) in found.keys() - closed else with_rows(connection)
        return dg.AssetCheckResult(
            passed=not made, metadata={"closed_gates": sorted(closed), "made_all_the_same": made}
        )

    return stage_gates_are_respected
