"""Re-offending in Dagster: one table, behind an agreement and a stage gate."""

from __future__ import annotations

import dagster as dg

from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.dpia import Reoffending
from safer_streets_assets.reoffending.tables import TABLE, events_table, write_reoffending
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import (
    POOL,
    asset_arguments,
    guarded,
    rows_metadata,
)

GROUP = "reoffending"


def build_assets(policy: Policy) -> list[dg.AssetsDefinition]:
    """The asset of the re-offending stage."""
    rules = policy.dpia.reoffending
    return [_reoffending(policy, rules)] if rules is not None else []


def _reoffending(policy: Policy, rules: Reoffending) -> dg.AssetsDefinition:
    agreed = rules.source in policy.sources

    @dg.asset(
        name=TABLE,
        deps=["linked_cohort", "stage_gates", *([events_table(policy)] if agreed else [])],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "One-year re-offending of those who completed: the Kaplan-Meier estimate for each "
                "event the police record. Made only while the source is agreed and its stage gate "
                "is open; until then it has no row and nobody is followed."
            ),
            personal_data="pseudonymised",
            section=rules.section,
            columns=Catalogue(policy).columns("research", TABLE),
        ),
    )
    @guarded
    def reoffending(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(write=["research"]) as connection:
            is_open = write_reoffending(connection, policy)
            rows = one_number(connection, f"SELECT count(*) FROM research.{TABLE}")
        return dg.MaterializeResult(
            metadata=rows_metadata(rows, source_agreed=agreed, gate_open=is_open)
        )

    return reoffending
