"""Attitudes in Dagster: scores, stage gates, and change behind its gate."""

from __future__ import annotations

import dagster as dg

from safer_streets_assets.attitudes.closing import update_change
from safer_streets_assets.attitudes.tables import write_gates, write_scores
from safer_streets_assets.cohort.empty_tables import asset_that_makes
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import (
    POOL,
    asset_arguments,
    guarded,
    rows_metadata,
)

GROUP = "attitudes"


def build_assets(policy: Policy) -> list[dg.AssetsDefinition]:
    """The assets of the attitudes stage, in the order of the flow."""
    return [_scores(policy), _gates(policy), _change(policy)]


def _scores(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name="attitude_scores",
        deps=[asset_that_makes(policy, policy.dpia.survey)],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "Scores of the response that counts for each person and wave: the mean of the "
                "answered, keyed items by the half rule. The answers to the stage-specific "
                "questions are kept beside them."
            ),
            personal_data="pseudonymised",
            section="purpose",
            columns=Catalogue(policy).columns("research", "attitude_scores"),
        ),
    )
    @guarded
    def attitude_scores(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(write=["research"]) as connection:
            rows, scored = write_scores(connection, policy)
        return dg.MaterializeResult(metadata=rows_metadata(rows, scored=scored))

    return attitude_scores


def _gates(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name="stage_gates",
        deps=["attitude_scores", "linked_cohort"],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "Each stage gate of the DPIA: what has been gathered, what is needed, and whether "
                "the stage may begin."
            ),
            personal_data="none",
            section="purpose",
            columns=Catalogue(policy).columns("research", "stage_gates"),
        ),
    )
    @guarded
    def stage_gates(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(write=["research"], read=["registers"]) as connection:
            gates = write_gates(connection, policy)
        is_open = {f"{name}_open": status.is_open for name, status in gates.items()}
        return dg.MaterializeResult(metadata=rows_metadata(len(gates), **is_open))

    return stage_gates


def _change(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name="attitude_change",
        deps=["attitude_scores", "linked_cohort", "stage_gates"],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "Change between waves per scale and group, with reliable change, attrition and "
                "reliability, all three waves together, start score and change, and clinical "
                "change beside it. Made only behind the stage gate: below it no change score "
                "of anybody is computed, and when it closes again none is left in the store."
            ),
            personal_data="pseudonymised",
            section="purpose",
            columns=Catalogue(policy).columns("research", "attitude_change"),
        ),
    )
    @guarded
    def attitude_change(stores: StoresResource) -> dg.MaterializeResult:
        is_open, rows = update_change(stores.folder, policy)
        return dg.MaterializeResult(metadata=rows_metadata(rows, gate_open=is_open))

    return attitude_change
