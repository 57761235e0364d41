"""Attitudes in Dagster: scores, stage gates, and change behind its gate."""

from __future__ import annotations

import dagster as dg

from safer_streets_assets.attitudes.closing import update_change
from safer_streets_assets.attitudes.tables import write_gates, write_scores
from safer_streets_assets.cohort.empty import asset_that_makes
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import (
    POOL,
    ColumnDoc,
    asset_arguments,
    guarded,
    rows_metadata,
)

GROUP = "attitudes"
SCORES = {
    "person_id": ColumnDoc("VARCHAR", "Pseudonym"),
    "wave": ColumnDoc("BIGINT", "1 start, 2 middle, 3 end"),
    "scale": ColumnDoc("VARCHAR", "OFF, KNF, GOAL, W1 to W4"),
    "score": ColumnDoc("DOUBLE", "Mean of the keyed items answered, NULL below the half rule"),
    "n_answered": ColumnDoc("BIGINT", "Items answered"),
    "n_items": ColumnDoc("BIGINT", "Items of the scale"),
    "n_dont_know": ColumnDoc("BIGINT", "Items answered don't know"),
    "n_prefer_not": ColumnDoc("BIGINT", "Items answered prefer not to say"),
    "n_not_answered": ColumnDoc("BIGINT", "Items skipped"),
    "n_blank": ColumnDoc("BIGINT", "Items left blank"),
    "row_order": ColumnDoc("BIGINT", "Order of the rows"),
}
GATES = {
    "gate": ColumnDoc("VARCHAR", "Name of the gate in the policy"),
    "n_now": ColumnDoc("BIGINT", "Gathered so far"),
    "n_needed": ColumnDoc("BIGINT", "Needed before the stage begins"),
    "open": ColumnDoc("BOOLEAN", "Whether the stage may begin"),
    "row_order": ColumnDoc("BIGINT", "Order of the rows"),
}


def build_assets(policy: Policy) -> list[dg.AssetsDefinition]:
    """The assets of the attitudes stage, in the order of the flow."""
    return [_scores(policy), _gates(policy), _change(policy)]


def _scores(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name="attitude_scores",
        deps=[asset_that_makes(policy, "ors_attendee_survey")],
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
            columns=SCORES,
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
            columns=GATES,
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
    columns = {
        name: ColumnDoc("VARCHAR", spec.title)
        for name, spec in policy.tables.columns("attitude_change").items()
    }
    table = policy.tables.tables["attitude_change"]
    columns |= {name: ColumnDoc("BIGINT", count.title) for name, count in table.counts.items()}
    columns |= {
        name: ColumnDoc("VARCHAR" if spec.kind == "text" else "DOUBLE", spec.title)
        for name, spec in table.statistics.items()
    }
    columns |= {name: ColumnDoc("VARCHAR", title) for name, title in table.constants.items()}
    columns["level"] = ColumnDoc("VARCHAR", "Level of the group's categories, or any")
    columns["row_order"] = ColumnDoc("BIGINT", "Order of the rows")

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
            columns=columns,
        ),
    )
    @guarded
    def attitude_change(stores: StoresResource) -> dg.MaterializeResult:
        is_open, rows = update_change(stores.folder, policy)
        return dg.MaterializeResult(metadata=rows_metadata(rows, gate_open=is_open))

    return attitude_change
