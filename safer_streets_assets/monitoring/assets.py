"""Performance monitoring in Dagster: times, drop-out, and what goes with being lost."""

from __future__ import annotations

import re

import dagster as dg

from safer_streets_assets.cohort.empty_tables import asset_that_makes
from safer_streets_assets.monitoring.tables import (
    COMPLETERS,
    DROPOUT,
    ENDS,
    FACTORS,
    TIMES,
    last_day_known,
    write_completers,
    write_dropout,
    write_factors,
    write_times,
)
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.monitoring import Factors
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import (
    POOL,
    asset_arguments,
    guarded,
    rows_metadata,
)

GROUP = "monitoring"


def build_assets(policy: Policy) -> list[dg.AssetsDefinition]:
    """The assets of performance monitoring, in the order of the flow."""
    if policy.dpia.monitoring is None:
        return []
    return [_times(policy), _ends(policy), _factors(policy, policy.dpia.monitoring.factors)]


def _read(policy: Policy, query: str) -> list[str]:
    """The assets after which the conformed tables that a query of the policy reads are there."""
    sources = policy.dpia.sources.items()
    text = policy.sql[f"monitoring/{query}"]
    read = [n for n, one in sources if re.search(rf"\bresearch\.{one.conformed.table}\b", text)]
    return [asset_that_makes(policy, name) for name in read]


def _times(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name=TIMES,
        deps=["linked_cohort", "stage_gates", *_read(policy, "days_to_stage")],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "Days from disposal to start, midpoint and completion: median and quartiles by "
                "Kaplan-Meier. Made only behind its stage gate."
            ),
            personal_data="pseudonymised",
            section="purpose",
            columns=Catalogue(policy).columns("research", TIMES),
        ),
    )
    @guarded
    def time_to_stage(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(write=["research"], read=["registers"]) as connection:
            is_open = write_times(connection, policy, last_day_known(connection, policy))
            rows = one_number(connection, f"SELECT count(*) FROM research.{TIMES}")
        return dg.MaterializeResult(metadata=rows_metadata(rows, gate_open=is_open))

    return time_to_stage


def _ends(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name=ENDS,
        deps=["linked_cohort", "stage_gates"],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "For each person who started the session at which they were last and how that "
                f"ended; beside it {DROPOUT}, the hazard of leaving at each session."
            ),
            personal_data="pseudonymised",
            section="purpose",
            columns=Catalogue(policy).columns("research", ENDS),
        ),
    )
    @guarded
    def programme_ends(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(write=["research"]) as connection:
            is_open = write_dropout(connection, policy)
            rows = one_number(connection, f"SELECT count(*) FROM research.{ENDS}")
        return dg.MaterializeResult(metadata=rows_metadata(rows, gate_open=is_open))

    return programme_ends


def _factors(policy: Policy, rules: Factors) -> dg.AssetsDefinition:
    @dg.asset(
        name=FACTORS,
        deps=["linked_cohort", "stage_gates", "attitude_scores", ENDS],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "What goes with not being assigned, with leaving and with completing: adjusted "
                "odds ratios by Firth's penalised regression, for researchers alone, where each "
                f"parameter has {rules.events_per_parameter} events. {rules.reason} Beside it "
                f"{COMPLETERS}, the start scores of those who completed and of those who left."
            ),
            personal_data="pseudonymised",
            section="purpose",
            columns=Catalogue(policy).columns("research", FACTORS),
        ),
    )
    @guarded
    def factors(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(write=["research"]) as connection:
            is_open = write_factors(connection, policy)
            compared = write_completers(connection, policy)
            rows = one_number(connection, f"SELECT count(*) FROM research.{FACTORS}")
        return dg.MaterializeResult(
            metadata=rows_metadata(rows, gate_open=is_open, gate_of_change_open=compared)
        )

    return factors
