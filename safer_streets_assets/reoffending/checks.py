"""The check that nobody is followed before the agreement is signed and the gate is open."""

from __future__ import annotations

import dagster as dg

from safer_streets_assets.attitudes.tables import gate_of_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.reoffending.tables import TABLE, events_table
from safer_streets_assets.stores.queries import one_number, tables_in
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import POOL, guarded


def build_checks(policy: Policy) -> list[dg.AssetChecksDefinition]:
    """The check of the re-offending stage."""
    return [_gate_respected(policy)] if policy.dpia.reoffending is not None else []


def _gate_respected(policy: Policy) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=TABLE,
        name="reoffending_gate_is_respected",
        blocking=True,
        pool=POOL,
        description=(
            "Below its stage gate the re-offending table has no row, and while the source is not "
            "agreed there is no table of its rows."
        ),
    )
    @guarded
    def reoffending_gate_is_respected(stores: StoresResource) -> dg.AssetCheckResult:
        agreed = policy.followed.source in policy.sources
        with stores.get_connection(read=["research"]) as connection:
            is_open = agreed and gate_of_table(connection, policy, TABLE).is_open
            rows = one_number(connection, f"SELECT count(*) FROM research.{TABLE}")
            held = events_table(policy) in tables_in(connection, "research")
        return dg.AssetCheckResult(
            passed=(is_open or rows == 0) and (agreed or not held),
            metadata={"source_agreed": agreed, "gate_open": is_open, "rows": rows},
        )

    return reoffending_gate_is_respected
