"""The check that nothing of performance monitoring is made before its gate is open."""

from __future__ import annotations

import dagster as dg

from safer_streets_assets.monitoring.tables import ENDS, FACTORS, TIMES, may_begin
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import POOL, guarded


def build_checks(policy: Policy) -> list[dg.AssetChecksDefinition]:
    """The check of performance monitoring; none where nothing is monitored."""
    if policy.dpia.monitoring is None:
        return []

    @dg.asset_check(
        asset=FACTORS,
        name="monitoring_gate_is_respected",
        additional_deps=[TIMES, ENDS],
        blocking=True,
        pool=POOL,
        description="Below the gate of performance monitoring none of its tables has a row.",
    )
    @guarded
    def monitoring_gate_is_respected(stores: StoresResource) -> dg.AssetCheckResult:
        with stores.get_connection(read=["research"]) as connection:
            is_open = may_begin(connection, policy)
            rows = sum(
                one_number(connection, f"SELECT count(*) FROM research.{name}")
                for name in (TIMES, ENDS, FACTORS)
            )
        return dg.AssetCheckResult(
            passed=is_open or rows == 0, metadata={"gate_open": is_open, "rows": rows}
        )

    return [monitoring_gate_is_respected]
