"""Checks of the cohort: suites on conformed tables, no direct identifier, reconciliation."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from safer_streets_assets.cohort.conformed import CONFORMED
from safer_streets_assets.cohort.expectations import run_suite, suite_of
from safer_streets_assets.cohort.identifiers import find_identifiers
from safer_streets_assets.cohort.linked import reconcile_checkins
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import POOL, guarded

SUITE_CHECK = "is_as_agreed"


def build_checks(policy: Policy) -> list[dg.AssetChecksDefinition]:
    """The checks of the cohort stage."""
    return [_suites(policy), _no_identifiers(policy), _checkins()]


def _suites(policy: Policy) -> dg.AssetChecksDefinition:
    tables = {name: table for name, table in CONFORMED.items() if name in policy.sources}

    @dg.multi_asset_check(
        name="conformed_tables_are_as_agreed",
        specs=[
            dg.AssetCheckSpec(
                name=SUITE_CHECK,
                asset=table,
                blocking=True,
                description="Sets, ranges, formats and identity, from the policy's agreed fields.",
            )
            for table in tables.values()
        ],
        pool=POOL,
    )
    @guarded
    def conformed_tables_are_as_agreed(stores: StoresResource) -> Iterator[dg.AssetCheckResult]:
        for name, table in tables.items():
            yield _result(stores, policy, name, table)

    return conformed_tables_are_as_agreed


def _result(
    stores: StoresResource, policy: Policy, source_name: str, table: str
) -> dg.AssetCheckResult:
    with stores.get_connection(read=["research"]) as connection:
        frame = connection.execute(f"SELECT * FROM research.{table}").df()
    found = run_suite(frame, suite_of(policy, source_name))
    return dg.AssetCheckResult(
        check_name=SUITE_CHECK,
        asset_key=table,
        passed=found.passed,
        metadata={
            "rows": len(frame),
            "expectations": found.evaluated,
            "failed": list(found.failed),
            "unexpected_rows": found.unexpected_rows,
        },
    )


def _no_identifiers(policy: Policy) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="linked_cohort",
        name="no_direct_identifiers",
        blocking=True,
        pool=POOL,
        description="No text of the research store is, or looks like, a direct identifier.",
    )
    @guarded
    def no_direct_identifiers(stores: StoresResource) -> dg.AssetCheckResult:
        with stores.get_connection(read=["research", "restricted"]) as connection:
            found = find_identifiers(connection, policy)
        return dg.AssetCheckResult(
            passed=found.values == 0,
            metadata={
                "columns_looked_at": found.columns,
                "values_found": found.values,
                "tables": list(found.tables),
            },
        )

    return no_direct_identifiers


def _checkins() -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="linked_cohort",
        name="checkins_agree_with_crc",
        pool=POOL,
        description=(
            "Check-ins and CRC's spreadsheet give the same sessions attended for at least half of "
            "those who started. A warning: CRC's spreadsheet is what the funnel counts."
        ),
    )
    @guarded
    def checkins_agree_with_crc(stores: StoresResource) -> dg.AssetCheckResult:
        with stores.get_connection(read=["research"]) as connection:
            agree, differ = reconcile_checkins(connection)
        share = round(100 * differ / (agree + differ)) if agree + differ else 0
        return dg.AssetCheckResult(
            passed=differ <= agree,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"percent_differing": share},
        )

    return checkins_agree_with_crc
