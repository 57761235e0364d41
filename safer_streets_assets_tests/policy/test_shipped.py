"""The shipped policy loads, holds together, and agrees with the world of the demo drops.

What was agreed first stands here and stays; a borough, code, gate or date that is added to the
policy changes no test.
"""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from pydantic import ValidationError

from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.policy import Policy, PolicyError, load_policy

FIRST_BOROUGHS = {
    **dict.fromkeys(("Lambeth", "Southwark", "Lewisham", "Croydon"), date(2019, 11, 1)),
    **dict.fromkeys(("Newham", "Tower Hamlets", "Hackney", "Haringey"), date(2020, 1, 6)),
    **dict.fromkeys(("Enfield", "Brent", "Ealing", "Greenwich"), date(2020, 3, 2)),
}
FIRST_OFFENCES = {"00811", "00826", "00827", "00828", "00861", "00862", "00864"}

COLUMNS = {
    v.NPS: v.NPS_COLUMNS,
    v.CRC: v.CRC_COLUMNS,
    v.ATTENDEE: v.ATTENDEE_COLUMNS,
    v.CHECKIN: v.CHECKIN_COLUMNS,
    v.TRAINING: v.TRAINING_COLUMNS,
    v.NOVO: v.NOVO_COLUMNS,
}


def test_the_shipped_policy_is_the_same_each_time() -> None:
    policy = load_policy()
    assert load_policy() == policy
    assert len(policy.digest) == 64


def test_nothing_of_the_policy_can_be_changed(policy: Policy) -> None:
    with pytest.raises(ValidationError):
        policy.dpia.thresholds.minimum_count = 1  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        policy.digest = "0"  # type: ignore[misc]


def test_the_roll_out_has_the_boroughs_of_the_dpia_at_their_dates(policy: Policy) -> None:
    assert FIRST_BOROUGHS.items() <= policy.dpia.opening_dates.items()


def test_the_offence_codes_of_the_dpia_are_in_scope(policy: Policy) -> None:
    assert set(policy.dpia.eligibility.offence_codes) >= FIRST_OFFENCES


def test_reason_codes_and_outcomes_that_arrive_are_on_their_lists(policy: Policy) -> None:
    lists = policy.dpia.code_lists
    reasons = lists["reason_not_assigned"] | lists["reason_one_to_one"]
    assert v.REASONS.items() <= reasons.items()
    assert set(lists["reason_not_assigned"]) >= {v.OUTSIDE, *v.NOT_ASSIGNED}
    assert set(lists["reason_one_to_one"]) >= set(v.ONE_TO_ONE)
    arriving = {v.COMPLETED, v.IN_PROGRESS, v.DID_NOT_START, *v.LEAVING}
    assert set(lists["outcome"]) >= arriving


def test_health_codes_are_special_category(policy: Policy) -> None:
    special = policy.dpia.special_category_codes
    first = {"reason_not_assigned": ["03"], "reason_one_to_one": ["A", "B"]}
    for name, codes in first.items():
        assert set(special[name]) >= set(codes)
        [field] = [f for f in policy.sources[v.CRC].fields if f.codes == name]
        assert field.field_class == "special category"


def test_the_questionnaire_is_the_one_that_people_answer(policy: Policy) -> None:
    asked = policy.questionnaire
    keys = {
        scale: {item.id: item.key for item in asked.items if item.scale == scale}
        for scale in asked.primary_scales
    }
    assert keys == v.PRIMARY_SCALES
    assert {s: asked.scales[s].min_answered for s in asked.primary_scales} == v.MIN_ANSWERED
    assert asked.scored_scales == [*v.PRIMARY_SCALES, *v.WELLBEING]
    assert {int(code) for code in asked.missing_codes} == set(v.MISSING_CODES)
    better = {item.id: item.better for item in asked.items if item.id in v.WELLBEING}
    assert better == {"W1": "higher", "W2": "higher", "W3": "higher", "W4": "lower"}
    headers = [field.headers[0] for field in asked.agreed_fields()]
    assert sorted(headers) == sorted(v.ANSWER_COLUMNS)
    text = [f.headers[0] for f in asked.agreed_fields() if f.field_class == "free text"]
    assert sorted(text) == sorted(v.FREE_TEXT)


def test_sessions_and_waves_are_those_of_the_programme(policy: Policy) -> None:
    cohort = policy.dpia.cohort
    assert (cohort.midpoint_sessions, cohort.programme_sessions) == (v.MIDPOINT, v.SESSIONS)
    asked_at = [stage.session for stage in policy.questionnaire.stages.values()]
    assert asked_at == list(v.WAVE_SESSION.values())


@pytest.mark.parametrize("source", COLUMNS)
def test_every_agreed_column_that_arrives_is_a_field_and_no_other(
    policy: Policy, source: str
) -> None:
    headers = {header for field in policy.sources[source].fields for header in field.headers}
    outside = {"serial", "device", "lang"} if source == v.ATTENDEE else set()
    assert set(COLUMNS[source]) - headers == outside
    assert not headers & set(v.NPS_OUTSIDE_AGREEMENT)


def test_no_police_data_is_agreed(policy: Policy) -> None:
    assert v.MPS in policy.dpia.sources
    assert v.MPS not in policy.sources
    assert set(policy.sources) == set(COLUMNS)


def test_a_signed_agreement_changes_one_source_and_leaves_the_policy_alone(policy: Policy) -> None:
    assert v.MPS in policy.with_agreement(v.MPS).sources
    assert v.MPS not in policy.sources


def test_what_the_police_would_send_has_its_fields_though_it_is_not_agreed(policy: Policy) -> None:
    agreed = policy.with_agreement(v.MPS).sources[v.MPS]
    headers = {header for field in agreed.fields for header in field.headers}
    assert set(v.MPS_COLUMNS) - headers == {"Name"}
    assert policy.dpia.reoffending.nothing_found == v.NOTHING_FOUND
    assert v.NOTHING_FOUND not in policy.dpia.reoffending_events
    [code_list] = [field.codes for field in agreed.fields if field.codes]
    assert {*policy.dpia.reoffending_events, v.NOTHING_FOUND} == set(
        policy.dpia.code_lists[code_list]
    )


def test_re_offending_is_read_from_completion_to_the_end_of_a_year(policy: Policy) -> None:
    days = policy.dpia.reoffending.reading_days
    assert list(days) == ["0", "3", "6", "9", "12"]
    assert (days["0"], days["6"], days["12"]) == (0, 182, 365)


def test_identities_and_shapes_are_the_agreed_ones(policy: Policy) -> None:
    found = {n: (s.shape, s.identity, s.anonymous) for n, s in policy.sources.items()}
    assert found == {
        v.NPS: ("increment", ["crn", "disposal_date", "offence_code"], False),
        v.CRC: ("cumulative", ["crn", "sentence_date"], False),
        v.ATTENDEE: ("cumulative", ["respid"], False),
        v.CHECKIN: ("increment", ["response_id"], False),
        v.TRAINING: ("cumulative", ["form"], True),
        v.NOVO: ("cumulative", ["reference"], True),
    }


def test_every_person_named_in_a_source_stands_in_an_identifying_field(policy: Policy) -> None:
    for source in policy.sources.values():
        for field in source.fields:
            if field.kind == "crn" or "name" in field.name or field.name == "offender_manager":
                assert field.field_class == "direct identifier"
            if field.name in ("comments", "summary", "most_useful", "improve", "m2", "x5"):
                assert field.field_class == "free text"


def test_anonymous_sources_are_taken_in_after_those_that_hold_names(policy: Policy) -> None:
    anonymous = [source.anonymous for source in policy.sources.values()]
    assert anonymous == sorted(anonymous)


def test_age_bands_begin_at_nought_and_rise(policy: Policy) -> None:
    bounds = list(policy.dpia.cohort.age_bands)
    assert bounds[0] == 0
    assert bounds == sorted(bounds)
    assert policy.dpia.eligibility.minimum_age in bounds


def test_every_named_list_of_the_tables_has_categories(policy: Policy) -> None:
    for dimension in policy.tables.dimensions.values():
        values = policy.values_of(dimension.values)
        assert values is None or values
    assert policy.values_of("data") is None
    assert policy.values_of(["a", "b"]) == ["a", "b"]
    assert policy.values_of("stages") == policy.dpia.cohort.stages
    with pytest.raises(PolicyError, match="no_such_list is not a list of the policy; use"):
        policy.labels_of("no_such_list")


def test_every_section_is_asked_for_by_a_rule_or_says_what_enforces_it(policy: Policy) -> None:
    assert all(section.enforced_by for section in policy.dpia.sections.values())


def test_no_count_of_rows_or_forms_is_called_people() -> None:
    tables = load_policy().tables
    of_others = {"rows_of_sources", "anonymous_forms", "case_studies"}
    for table in tables.tables.values():
        counts_responses = table.counted.startswith("one count is")
        if table.population in of_others or counts_responses:
            assert "People" not in {count.title for count in table.counts.values()}
