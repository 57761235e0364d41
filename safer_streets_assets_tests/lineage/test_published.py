"""From which fields of which source each published column comes."""

from __future__ import annotations

from dataclasses import replace

import dagster as dg
import pytest

from safer_streets_assets.lineage.in_dagster import lineage_metadata
from safer_streets_assets.lineage.published import Lineage
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.policy.figures import share_columns

BY_POLICY = {
    "stage", "session", "source", "scale", "comparison", "direction", "gate", "n_needed", "event",
    "months", "smallest_change", "session_block", "characteristic", "rule",
}  # fmt: skip
"""Columns whose values the policy lists, whatever was sent."""


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


@pytest.fixture(scope="module")
def lineage(policy: Policy) -> Lineage:
    return Lineage(policy)


def test_each_published_column_comes_from_agreed_fields_or_holds_what_the_policy_says(
    policy: Policy, lineage: Lineage
) -> None:
    found = lineage.published()
    for name, table in policy.tables.tables.items():
        printed = {*policy.tables.columns(name), *table.counts, *table.constants, *table.statistics}
        printed |= {column for share in table.shares for column in share_columns(share)}
        assert {column for own, column in found if own == name} == printed
    assert {column for (_, column), fields in found.items() if not fields} == BY_POLICY
    for source, field in frozenset().union(*found.values()):
        assert field in {one.name for one in policy.sources[source].fields}


def test_no_name_no_team_and_no_free_text_is_behind_a_published_column(
    policy: Policy, lineage: Lineage
) -> None:
    behind = frozenset().union(*lineage.published().values())
    for source, agreed in policy.sources.items():
        used = {one.name: one for one in agreed.fields if (source, one.name) in behind}
        assert not [one for one in used.values() if one.field_class == "free text"]
        assert not {n for n in used if "name" in n or "team" in n or "manager" in n}
        identifying = {n for n, one in used.items() if one.field_class == "direct identifier"}
        assert identifying <= {"crn", "respid", "date_of_birth"}


def test_a_table_of_the_police_comes_from_them_once_they_are_agreed(policy: Policy) -> None:
    source = policy.dpia.reoffending.source
    found = Lineage(policy.with_agreement(source)).published()
    assert (source, "event_date") in found["reoffending", "n_events"]


def test_the_lineage_follows_a_query_that_is_changed(policy: Policy) -> None:
    query = (
        "SELECT stages.stage, cohort.court AS month "
        "FROM research.linked_cohort AS cohort CROSS JOIN funnel_stages AS stages"
    )
    tables = policy.tables.tables
    changed = replace(
        policy,
        sql={**policy.sql, "by_court": query},
        tables=policy.tables.model_copy(
            update={
                "tables": {
                    **tables,
                    "funnel_by_month": tables["funnel_by_month"].model_copy(
                        update={"source": "by_court"}
                    ),
                }
            }
        ),
    )
    found = Lineage(changed).published()
    assert found["funnel_by_month", "month"] == {("nps_court_outcomes", "court")}


def test_dagster_is_given_every_column_with_assets_that_are_there(policy: Policy) -> None:
    from safer_streets_assets.definitions import build_defs

    metadata = lineage_metadata(policy)
    table, columns = metadata["column_lineage"], metadata["dagster/column_lineage"]
    assert isinstance(table, dg.TableMetadataValue)
    assert isinstance(columns, dg.TableColumnLineageMetadataValue)
    found = Lineage(policy).published()
    assert set(columns.value.deps_by_column) == {f"{t}.{c}" for t, c in found}
    assert {(r.data["table"], r.data["column"]) for r in table.records} == set(found)
    keys = {d.asset_key for deps in columns.value.deps_by_column.values() for d in deps}
    assert keys <= set(build_defs(policy).resolve_asset_graph().get_all_asset_keys())
