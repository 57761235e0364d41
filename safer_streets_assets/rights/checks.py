"""The check of objections in Dagster: what waits for an operator, by random id and with no CRN."""

from __future__ import annotations

import dagster as dg

from safer_streets_assets.accountability.assets import ASSET, MOST_SHOWN, in_words
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.enforcement.after_waiting import people_to_be_erased
from safer_streets_assets.retention.holdings.on_record import openable
from safer_streets_assets.rights.objections import judged, objections
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import POOL, guarded


def build_checks(policy: Policy) -> list[dg.AssetChecksDefinition]:
    """The check that objections are decided, and honoured when they are upheld."""

    @dg.asset_check(
        asset=ASSET,
        name="objections_are_decided",
        pool=POOL,
        description=(
            "No objection waits for a decision (until then the rows are used, which an operator "
            "has to decide on); fails when one was upheld and the person's rows are still held."
        ),
    )
    @guarded
    def objections_are_decided(stores: StoresResource) -> dg.AssetCheckResult:
        ready_registers(stores.folder, is_locked=True)
        with stores.get_connection(read=openable(stores.folder)) as connection:
            found = judged(
                objections(
                    connection, policy, people_to_be_erased(connection, stores.folder, policy)
                )
            )
        return dg.AssetCheckResult(
            passed=not found.lines,
            severity=dg.AssetCheckSeverity.ERROR if found.is_late else dg.AssetCheckSeverity.WARN,
            description=in_words(found.lines),
            metadata={"waiting": len(found.lines), "what": found.lines[:MOST_SHOWN]},
        )

    return [objections_are_decided]
