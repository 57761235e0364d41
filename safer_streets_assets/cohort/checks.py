"""Checks of the cohort: suites on conformed tables, places, direct identifiers, reconciliation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import dagster as dg

from safer_streets_assets.cohort.expectations import Result
from safer_streets_assets.cohort.failed_places import drops_of_identifiers, drops_that_differ
from safer_streets_assets.cohort.identifiers import find_identifiers, open_fields
from safer_streets_assets.cohort.linkage import reconcile
from safer_streets_assets.cohort.suite_results import suite_results
from safer_streets_assets.cohort.suites import Expectation, suite_of
from safer_streets_assets.cohort.unknown_places import (
    drops_of_unknown_places,
    place_fields,
    sentence_of,
    unknown_places,
)
from safer_streets_assets.intake.checks import located_result
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.taking_in import Agreement
from safer_streets_assets.stores.registers import ensure_registers, now_utc
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import POOL, guarded, table_of


def build_checks(policy: Policy) -> list[dg.AssetChecksDefinition]:
    """The checks of the cohort stage."""
    with_places = [name for name in policy.sources if place_fields(policy, name)]
    places = [_places(policy, name) for name in with_places]
    agreement = policy.dpia.expected.agreement
    agreeing = [_agreement(policy, agreement)] if agreement is not None else []
    return [_suites(policy), *places, _no_identifiers(policy), *agreeing]


def _suites(policy: Policy) -> dg.AssetChecksDefinition:
    suites = {
        source.conformed.table: suite_of(policy, name, now_utc())
        for name, source in policy.sources.items()
    }

    # One step for all tables: great-expectations is imported at most once in a run.
    @dg.multi_asset_check(
        name="conformed_tables_are_as_agreed",
        specs=[
            dg.AssetCheckSpec(
                name=expectation.name,
                asset=table,
                blocking=expectation.blocking,
                description=expectation.description,
            )
            for table, suite in suites.items()
            for expectation in suite
        ],
        pool=POOL,
    )
    @guarded
    def conformed_tables_are_as_agreed(stores: StoresResource) -> Iterator[dg.AssetCheckResult]:
        with stores.get_connection(
            read=["research", "restricted"], write=["registers"]
        ) as connection:
            ensure_registers(connection)
            results, since = suite_results(connection, policy, now_utc())
        for table, suite in suites.items():
            for expectation in suite:
                yield _result(table, expectation, results[table][expectation.name], since)

    return conformed_tables_are_as_agreed


def _result(
    table: str, expectation: Expectation, found: Result, since: datetime | None
) -> dg.AssetCheckResult:
    unchanged = {"unchanged_since": f"{since:%Y-%m-%d %H:%M} UTC"} if since else {}
    result = located_result(
        found.drops,
        passed=found.passed,
        blocking=expectation.blocking,
        unexpected=found.unexpected,
        **unchanged,
    )
    return result._replace(check_name=expectation.name, asset_key=dg.AssetKey(table))


def _places(policy: Policy, source_name: str) -> dg.AssetChecksDefinition:
    fields = place_fields(policy, source_name)
    listed = " and ".join(f"{field.name} (list {field.words})" for field in fields)

    @dg.asset_check(
        asset=policy.sources[source_name].conformed.table,
        name="places_are_known",
        pool=POOL,
        description=(
            f"Each place is on its list of policy/places.yaml under some spelling: {listed}. A "
            "warning: the rows stand, with the list's word for others in place of the text; "
            "somebody whose borough is not known is not eligible."
        ),
    )
    @guarded
    def places_are_known(stores: StoresResource) -> dg.AssetCheckResult:
        with stores.get_connection(read=["restricted", "registers"]) as connection:
            found = unknown_places(connection, policy, source_name)
            drops = drops_of_unknown_places(connection, policy, source_name) if found else ()
        result = located_result(
            drops,
            passed=not found,
            unknown_spellings=sum(one.texts for one in found),
            of_which_fields=table_of(
                {"field": "string", "spellings": "int", "rows": "int", "printed_as": "string"},
                [(one.field, one.texts, one.rows, one.printed_as) for one in found],
            ),
        )
        if not found:
            return result
        return result._replace(description=f"{sentence_of(found)} {result.description}")

    return places_are_known


def open_columns(policy: Policy) -> set[tuple[str, str]]:
    """The columns of conformed tables in which text stands as it arrived."""
    return {
        (source.conformed.table, field.name)
        for source in policy.sources.values()
        for field in open_fields(source)
    }


def _no_identifiers(policy: Policy) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="linked_cohort",
        name="no_direct_identifiers",
        additional_deps=["redacted_texts"],
        blocking=True,
        pool=POOL,
        description="No text of the research store is, or looks like, a direct identifier.",
    )
    @guarded
    def no_direct_identifiers(stores: StoresResource) -> dg.AssetCheckResult:
        with stores.get_connection(read=["research", "restricted"]) as connection:
            is_open = open_columns(policy)
            found = find_identifiers(connection, policy, is_open)
            named = {table.partition(".")[2] for table in found.tables}
            drops = drops_of_identifiers(connection, policy, named, is_open)
        return located_result(
            drops,
            passed=found.values == 0,
            blocking=True,
            columns_looked_at=found.columns,
            values_found=found.values,
            tables=list(found.tables),
        )

    return no_direct_identifiers


def _agreement(policy: Policy, agreement: Agreement) -> dg.AssetChecksDefinition:
    most = agreement.maximum_differing_share

    @dg.asset_check(
        asset="linked_cohort",
        name=agreement.check,
        pool=POOL,
        description=(
            f"{agreement.says.replace('{most}', f'{most:.0%}')} A warning: {agreement.remedy}"
        ),
    )
    @guarded
    def sources_agree(stores: StoresResource) -> dg.AssetCheckResult:
        with stores.get_connection(read=["research", "restricted"]) as connection:
            agree, differ = reconcile(connection, policy, agreement)
            share = differ / (agree + differ) if agree + differ else 0.0
            drops = () if share <= most else drops_that_differ(connection, policy, agreement)
        return located_result(
            drops,
            passed=share <= most,
            percent_differing=round(100 * share),
            most_percent=round(100 * most),
        )

    return sources_agree
