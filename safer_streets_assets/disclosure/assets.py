"""Disclosure control in Dagster: the tables before and after protection, and their checks."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg
import pandas as pd

from safer_streets_assets.disclosure.aggregate import counted_conformed_tables, define_lists
from safer_streets_assets.disclosure.catalogue import SUMMARY_COLUMNS
from safer_streets_assets.disclosure.coarsening import recorded_levels
from safer_streets_assets.disclosure.demands import SUPPRESSED
from safer_streets_assets.disclosure.earlier import (
    earlier_releases,
    next_number,
    published_files,
    structure_of,
)
from safer_streets_assets.disclosure.joint_protection import printed_verdict
from safer_streets_assets.disclosure.kept_secrets import ensure_secrets, keep_secrets
from safer_streets_assets.disclosure.levels import load_all, make_all
from safer_streets_assets.disclosure.printed_before import printed_before
from safer_streets_assets.disclosure.proving import unproven_statistics, unproven_tables
from safer_streets_assets.disclosure.repairing import protect_release
from safer_streets_assets.disclosure.stored_tables import load_protection, store_protection
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import (
    POOL,
    asset_arguments,
    guarded,
    rows_metadata,
    table_of,
)
from safer_streets_assets.stores.stored_table import ColumnDoc

GROUP = "disclosure"
TABLES_PAGE = "docs/tables.md"
AGGREGATES = {
    "dimensions": ColumnDoc("VARCHAR", "One column a dimension of the table; margins are Total"),
    "counts": ColumnDoc("BIGINT", "One column a count, before protection"),
    "statistics": ColumnDoc("DOUBLE", "One column a statistic, and the base it stands on"),
}


def build_assets(policy: Policy) -> list[dg.AssetsDefinition]:
    """The assets of disclosure control, in the order of the flow."""
    return [_aggregates(policy), _protected(policy)]


def build_checks(policy: Policy) -> list[dg.AssetChecksDefinition]:
    """The checks that stop a release: no small count printed, and the attack finds nothing."""
    return [_no_small_count(policy), _attack(policy)]


def _aggregates(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name="aggregate_tables",
        deps=[
            "linked_cohort",
            "near_misses",
            "attitude_scores",
            "attitude_change",
            "stage_gates",
            *(["time_to_stage", "programme_ends"] if policy.dpia.monitoring is not None else []),
            *(["reoffending"] if policy.dpia.reoffending is not None else []),
            *counted_conformed_tables(policy),
        ],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "Every published table, counted before protection by one mechanism from "
                "policy/tables.yaml: all combinations of categories with their margins."
            ),
            personal_data="pseudonymised",
            section="reporting",
            columns=AGGREGATES,
        ),
    )
    @guarded
    def aggregate_tables(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(write=["research"]) as connection:
            define_lists(connection, policy)
            rows = make_all(connection, policy)
        return dg.MaterializeResult(metadata=rows_metadata(rows, tables=len(policy.tables.tables)))

    return aggregate_tables


def _protected(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name="protected_tables",
        deps=["aggregate_tables"],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "The tables as they may be printed: small counts hidden, and others with them, "
                "over all linked tables and all earlier releases together. A table that is not "
                "proven safe is withheld."
            ),
            personal_data="none",
            section="reporting",
            columns=SUMMARY_COLUMNS,
        ),
    )
    @guarded
    def protected_tables(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(write=["research"]) as connection:
            aggregates = load_all(connection, policy)
            reasons = connection.execute("FROM research.attitude_not_estimable").df()
        with stores.get_connection(write=["restricted"], read=["registers"]) as connection:
            ensure_secrets(connection)
            files = published_files(stores.folder, connection)
            previous = earlier_releases(stores.folder, connection, files)
            before = printed_before(stores.folder, connection, policy, files)
            chosen = protect_release(
                policy, aggregates, recorded_levels(connection), previous, reasons, before
            )
            protected = chosen.protected
            number = next_number(connection)
            keep_secrets(connection, number, protected)
        with stores.get_connection(write=["research"]) as connection:
            store_protection(
                connection,
                protected.tables,
                protected.summary,
                structure_of(protected, chosen.levels),
                number,
                chosen.choices,
            )
        return dg.MaterializeResult(
            metadata=rows_metadata(
                sum(len(frame) for frame in protected.tables.values()),
                tables=len(protected.tables),
                earlier_releases=len(previous),
                counts_hidden=sum(
                    counts_hidden(policy, name, frame) for name, frame in protected.tables.items()
                ),
                printed=sizes_table(policy, protected.tables, protected.summary),
                released_as=dg.MetadataValue.asset(dg.AssetKey("published_tables")),
                explained_in=dg.MetadataValue.path(TABLES_PAGE),
                withheld=len(protected.core.withheld),
                coarsened=sum(
                    level != dimension
                    for own in chosen.levels.values()
                    for dimension, level in own.items()
                ),
            )
        )

    return protected_tables


def counts_hidden(policy: Policy, name: str, frame: pd.DataFrame) -> int:
    """How many counts of a protected table are hidden, which its reader can see as well."""
    counts = policy.tables.tables[name].counts
    return sum(int(frame[f"{count}_marker"].eq(SUPPRESSED).sum()) for count in counts)


def sizes_table(
    policy: Policy, tables: Mapping[str, pd.DataFrame], summary: pd.DataFrame
) -> dg.TableMetadataValue:
    """Protected tables as Dagster shows them: rows, hidden counts, verdict; no figure of any."""
    verdicts = dict(zip(summary["table_name"], summary["verdict"], strict=True))
    return table_of(
        {
            "table": "string",
            "title": "string",
            "rows": "int",
            "counts_hidden": "int",
            "verdict": "string",
        },
        [
            (
                name,
                policy.tables.tables[name].title,
                len(frame),
                counts_hidden(policy, name, frame),
                printed_verdict(str(verdicts[name])),
            )
            for name, frame in tables.items()
        ],
    )


def _no_small_count(policy: Policy) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="protected_tables",
        name="no_small_count_is_printed",
        blocking=True,
        pool=POOL,
        description="No count of 1 to T-1 stands in any table as it is to be printed.",
    )
    @guarded
    def no_small_count_is_printed(stores: StoresResource) -> dg.AssetCheckResult:
        least = policy.dpia.thresholds.minimum_count
        with stores.get_connection(read=["research"]) as connection:
            stored = load_protection(connection, policy)
        small = sum(
            int(stored.tables[name][count].between(1, least - 1).sum())
            for name, spec in policy.tables.tables.items()
            for count in spec.counts
        )
        return dg.AssetCheckResult(passed=small == 0, metadata={"small_counts": small})

    return no_small_count_is_printed


def _attack(policy: Policy) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="protected_tables",
        name="attack_finds_nothing",
        blocking=True,
        pool=POOL,
        description=(
            "An attacker who knows everything printed, now and in all earlier releases, derives "
            "no hidden count, narrows none below the threshold, finds no small difference, and no "
            "statistic of too few people or of one."
        ),
    )
    @guarded
    def attack_finds_nothing(stores: StoresResource) -> dg.AssetCheckResult:
        with stores.get_connection(read=["research", "registers", "restricted"]) as connection:
            stored = load_protection(connection, policy)
            files = published_files(stores.folder, connection)
            unproven = unproven_tables(policy, stores.folder, connection, stored, files)
            found = unproven_statistics(policy, stores.folder, connection, stored, files)
        return dg.AssetCheckResult(
            passed=not unproven and not found,
            metadata={
                "tables_attacked": len(stored.structure["tables"]),
                "not_proven": list(unproven),
                "statistics_found": [f"{one.table}: {one.statistic}" for one in found],
            },
        )

    return attack_finds_nothing
