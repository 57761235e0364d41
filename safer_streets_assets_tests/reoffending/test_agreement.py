"""What a signed agreement changes in the definitions: the assets and checks of its source."""

from __future__ import annotations

import dagster as dg
import pytest

from safer_streets_assets.cohort.suites import suite_of
from safer_streets_assets.definitions import build_defs
from safer_streets_assets.documentation.flow import read_flow
from safer_streets_assets.documentation.graph import whole_picture
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import load_policy
from safer_streets_assets.retention.holdings.rules import facts_of_sources
from safer_streets_assets_tests.builders import MPS, NOON
from safer_streets_assets_tests.reoffending.builders import agreed

NEW = {raw_table(MPS), "police_events"}


def graph_of(definitions: dg.Definitions) -> dict[str, set[str]]:
    """Asset to the assets it depends on."""
    graph = definitions.resolve_asset_graph()
    return {
        key.to_user_string(): {parent.to_user_string() for parent in graph.get(key).parent_keys}
        for key in graph.get_all_asset_keys()
    }


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return build_defs(agreed())


def test_the_definitions_load_with_the_agreement(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_the_agreement_adds_the_assets_of_its_source_and_what_follows_from_them(
    definitions: dg.Definitions,
) -> None:
    before, after = graph_of(build_defs(load_policy())), graph_of(definitions)
    assert after.keys() - before.keys() == NEW
    assert before.keys() <= after.keys()
    assert after["police_events"] == {raw_table(MPS), "person_pseudonyms"}
    assert after["reoffending"] - before["reoffending"] == {"police_events"}
    assert "police_events" in after["linked_cohort"], "the search for identifiers comes after it"
    others = before.keys() - {"reoffending", "linked_cohort"}
    grown = {name for name in others if before[name] != after[name]}
    assert all(after[name] - before[name] <= NEW for name in grown)


def test_police_rows_are_official_sensitive_and_say_what_they_are(
    definitions: dg.Definitions,
) -> None:
    specs = {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}
    for name in NEW | {"reoffending"}:
        assert specs[name].tags["dpia/classification"] == "OFFICIAL-SENSITIVE"
    assert specs["police_events"].tags["dpia/personal_data"] == "pseudonymised"
    assert specs[raw_table(MPS)].tags["dpia/personal_data"] == "direct-identifiers"


def test_police_rows_are_checked_like_those_of_any_source(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    checks = {k.name for k in graph.asset_check_keys if k.asset_key == dg.AssetKey("police_events")}
    suite = suite_of(agreed(), MPS, NOON)
    assert checks == {expectation.name for expectation in suite}
    blocking = {expectation.name for expectation in suite if expectation.blocking}
    assert blocking >= {
        "identity_stands_once",
        "person_id_is_a_pseudonym",
        "event_is_on_its_list",
        "searched_until_is_filled_in",
        "event_date_is_not_after_searched_until",
    }


def test_the_picture_can_be_drawn_with_the_agreement(definitions: dg.Definitions) -> None:
    flow = read_flow(definitions)
    assert {box.name for box in flow.boxes} >= NEW | {"reoffending"}
    assert flow.groups.index("attitudes") < flow.groups.index("reoffending")
    assert flow.groups.index("reoffending") < flow.groups.index("disclosure")
    assert "police_events" in whole_picture(flow)


def test_a_holding_with_police_rows_has_their_legal_basis() -> None:
    facts = facts_of_sources(agreed(), [MPS])
    assert "Metropolitan Police" in facts.controller
    assert facts.classification == "OFFICIAL-SENSITIVE"
    assert "6(1)(e)" in facts.article_6
    assert "Schedule 1" in facts.article_10
