"""Conclusion, decisions, stages given up and exceptions: what is due then, and what goes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from safer_streets_assets.attitudes.tables import gate_counts, write_gates, write_scores
from safer_streets_assets.cohort.conformed import conform
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import Holding, enforce, read_register
from safer_streets_assets.retention.errors import DecisionError
from safer_streets_assets.retention.holdings.deciding import find_holding, may_decide
from safer_streets_assets.retention.records.conclusion import (
    HoldingDecision,
    record_conclusion,
    record_decision,
    stop_stage,
    withdraw_conclusion,
    withdraw_decision,
    withdraw_stop,
)
from safer_streets_assets.retention.records.exceptions import (
    ExceptionRequest,
    add_exception,
    end_exception,
    exceptions,
)
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets.stores.registers import (
    ensure_registers,
    evaluation_closed,
    stopped_stages,
)
from safer_streets_assets_tests.builders import ATTENDEE, RESPONSE_ROW, csv_drop
from safer_streets_assets_tests.retention.builders import (
    COMMENT,
    CRNS,
    certificate_rows,
    decided,
    folder_at,
    land,
    planted_in,
    publish,
    restricted_rows,
    take_everything_in,
)
from safer_streets_assets_tests.retention.killing import moments, run_until

ROLE = "Information Asset Owner"
EACH = 31
"""Each kill takes seconds; all of them were tried, in turn."""
TODAY, NOW = date(2020, 3, 1), datetime(2020, 3, 1, 12)
NOTICED = date(2020, 3, 8)
"""The day on which the notice of what was recorded today has passed."""
ONLY_SURVEYED = "Q999111"
CHECKINS = "restricted/ors_facilitator_checkin"


@pytest.fixture
def settled(folder: DataFolder) -> DataFolder:
    """The folder in use, with the dates of its drops set."""
    decided(folder, datetime(2020, 2, 29, 12))
    return folder


@pytest.fixture
def surveyed(settled: DataFolder, policy: Policy) -> DataFolder:
    """The folder in use with a survey, of somebody whom no other source knows."""
    row = {name: str(v) for name, v in RESPONSE_ROW.items() if v is not None}
    land(settled, ATTENDEE, "Quillfeather survey.csv", csv_drop([{**row, "CRN": ONLY_SURVEYED}]))
    take_everything_in(settled, policy)
    with open_stores(settled, write=["restricted"]) as connection:
        connection.execute(
            "INSERT INTO restricted.person_pseudonyms VALUES (?, 'p')", [ONLY_SURVEYED]
        )
    return settled


def lines(folder: DataFolder, policy: Policy, today: date = TODAY) -> dict[str, Holding]:
    return {line.holding: line for line in read_register(folder, policy, today)}


def conclude(folder: DataFolder, policy: Policy, on: date = TODAY) -> None:
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        record_conclusion(connection, policy, on, ROLE, TODAY, NOW)


def decide(folder: DataFolder, policy: Policy, holding: str, until: date | None = None) -> None:
    decision = HoldingDecision(
        holding, "erase" if until is None else "keep", until, "assessed", ROLE, TODAY
    )
    with open_stores(folder, write=["registers"]) as connection:
        record_decision(connection, policy, decision, NOW)


def stop(folder: DataFolder, policy: Policy, gate: str = "impact") -> list[str]:
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        return stop_stage(connection, policy, gate, TODAY, ROLE, TODAY, NOW)


def hold(folder: DataFolder, policy: Policy, holding: str, review: date = date(2020, 6, 1)) -> str:
    asked = ExceptionRequest(
        holding, "court case", "rows of one court", "this store", ROLE, TODAY, review
    )
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        return add_exception(connection, policy, asked, TODAY, NOW)


def test_every_rule_names_a_section_of_the_dpia(policy: Policy) -> None:
    rules = policy.dpia.retention.rules
    assert {rule.section for rule in rules.values()} <= set(policy.dpia.sections)
    assert {rule.trigger for rule in rules.values()} >= {
        "publication",
        "conclusion",
        "stage stopped",
        "quarantined",
        "taken in",
        "bundle made",
        "run ended",
    }
    assert (rules["outputs"].after.months, rules["outputs"].action) == (8 * 12, "assess")


def test_on_conclusion_everything_personal_is_listed_and_due_by_a_date(
    settled: DataFolder, policy: Policy
) -> None:
    conclude(settled, policy, date(2020, 2, 29))
    found = lines(settled, policy)
    for name in ("restricted/store", "research/store", "keys/pseudonym", CHECKINS):
        assert found[name].state == "for assessment"
        assert (found[name].clock.rule, found[name].clock.due_on) == (
            "conclusion",
            date(2021, 2, 28),
        )
    assert found["published/releases"].state == "held, not triggered"
    publish(settled, "Report", "2019-12-01", NOW)
    assert lines(settled, policy)["research/store"].clock.due_on == date(2020, 12, 1)


@pytest.mark.thorough
def test_without_a_decision_the_conclusion_erases_when_its_date_comes(
    settled: DataFolder, policy: Policy
) -> None:
    conclude(settled, policy)
    enforce(settled, policy, date(2021, 3, 1), datetime(2021, 3, 1, 3))
    assert planted_in(settled) == []
    with open_stores(settled, read=["registers"]) as connection:
        assert evaluation_closed(connection)


@pytest.mark.thorough
def test_a_decision_erases_one_holding_and_leaves_the_others(
    settled: DataFolder, policy: Policy
) -> None:
    conclude(settled, policy)
    before = restricted_rows(settled)
    key = (settled.keys / "restricted.key").read_text()
    decide(settled, policy, CHECKINS)
    assert enforce(settled, policy, NOTICED - timedelta(days=1), NOW) == []
    written = enforce(settled, policy, NOTICED, NOW)
    assert [(c.holding, c.row_count) for c in written] == [(CHECKINS, len(CRNS))]
    after = restricted_rows(settled)
    assert after["ors_facilitator_checkin_raw"] == []
    assert after["nps_court_outcomes_raw"] == before["nps_court_outcomes_raw"]
    assert planted_in(settled, (COMMENT,)) == []
    assert (settled.keys / "restricted.key").read_text() != key
    assert settled.database("research").exists()
    assert enforce(settled, policy, NOTICED, NOW) == []
    with (
        open_stores(settled, write=["registers"]) as connection,
        pytest.raises(DecisionError, match="Erasure has begun"),
    ):
        withdraw_decision(connection, policy, CHECKINS, "too late", ROLE, NOW)


@pytest.mark.thorough
def test_what_is_kept_until_a_date_goes_on_it(settled: DataFolder, policy: Policy) -> None:
    conclude(settled, policy)
    decide(settled, policy, "research/store", date(2020, 4, 1))
    assert lines(settled, policy)["research/store"].state == "held until"
    assert enforce(settled, policy, date(2020, 3, 29), NOW) == []
    enforce(settled, policy, date(2020, 4, 1), NOW)
    assert not settled.database("research").exists()
    assert restricted_rows(settled)["nps_court_outcomes_raw"]


def test_a_decision_never_keeps_personal_data_past_its_own_date(
    settled: DataFolder, policy: Policy
) -> None:
    with pytest.raises(DecisionError):
        may_decide(policy, False, lines(settled, policy)["research/store"], None, TODAY)
    conclude(settled, policy)
    store = lines(settled, policy)["research/store"]
    may_decide(policy, True, store, date(2021, 3, 1), TODAY)
    for until in (date(2021, 3, 2), TODAY):
        with pytest.raises(DecisionError):
            may_decide(policy, True, store, until, TODAY)
    with pytest.raises(DecisionError):
        may_decide(policy, True, lines(settled, policy)["registers/store"], None, TODAY)


@pytest.mark.thorough
def test_releases_are_listed_after_eight_years_and_erased_only_on_a_decision(
    settled: DataFolder, policy: Policy
) -> None:
    publish(settled, "Report", "2012-02-29", NOW)
    assert enforce(settled, policy, TODAY, NOW) == []
    assert lines(settled, policy, date(2020, 2, 28))["published/releases"].state == (
        "due within 1 days"
    )
    releases = lines(settled, policy)["published/releases"]
    assert (releases.state, releases.clock.due_on) == ("for assessment", date(2020, 2, 29))
    may_decide(policy, False, releases, date(2022, 1, 1), TODAY)
    decide(settled, policy, "published/releases", date(2022, 1, 1))
    assert lines(settled, policy)["published/releases"].state == "held until"
    assert lines(settled, policy, date(2022, 1, 2))["published/releases"].state == "for assessment"
    decide(settled, policy, "published/releases")
    assert "published/releases" in [c.holding for c in enforce(settled, policy, NOTICED, NOW)]
    assert not [path for path in settled.published.rglob("*") if path.is_file()]


@pytest.mark.thorough
def test_data_of_a_stage_given_up_goes_after_the_notice_and_nobody_else_does(
    surveyed: DataFolder, policy: Policy
) -> None:
    before = restricted_rows(surveyed)
    assert before["ors_attendee_survey_raw"]
    assert stop(surveyed, policy) == [ATTENDEE]
    line = lines(surveyed, policy)[f"restricted/{ATTENDEE}"]
    assert (line.clock.rule, line.state) == ("stage_stopped", "due within 14 days")
    assert enforce(surveyed, policy, NOTICED - timedelta(days=1), NOW) == []
    written = enforce(surveyed, policy, NOTICED, NOW)
    assert [c.holding for c in written] == [f"restricted/{ATTENDEE}"]
    after = restricted_rows(surveyed)
    assert after["ors_attendee_survey_raw"] == []
    assert {row[0] for row in after["person_pseudonyms"]} == set(CRNS)
    assert after["nps_court_outcomes_raw"] == before["nps_court_outcomes_raw"]
    assert planted_in(surveyed, (ONLY_SURVEYED,)) == []
    assert all(
        h.row_count in (0, None) for n, h in lines(surveyed, policy).items() if "research/" in n
    )
    assert enforce(surveyed, policy, NOTICED, NOW) == []
    with (
        open_stores(surveyed, write=["registers"]) as connection,
        pytest.raises(DecisionError, match="Erasure has begun"),
    ):
        withdraw_stop(connection, policy, "impact", "too late", ROLE, NOW)


@pytest.mark.thorough
def test_a_drop_of_a_stage_given_up_is_refused_unread_and_erased_with_it(
    settled: DataFolder, policy: Policy
) -> None:
    stop(settled, policy)
    land(settled, ATTENDEE, "Quillfeather late.csv", f"x\n{ONLY_SURVEYED}\n")
    assert take_everything_in(settled, policy).reasons == {"D-STOPPED": 1}
    today = max(TODAY, date.today())
    due = [
        line.store
        for line in lines(settled, policy, today).values()
        if line.clock.rule == "stage_stopped" and line.is_due
    ]
    assert due == ["quarantine"]
    enforce(settled, policy, today, NOW)
    assert planted_in(settled, (ONLY_SURVEYED, "Quillfeather late")) == []


@pytest.mark.thorough
def test_what_is_taken_back_within_its_notice_erases_nothing_and_may_be_recorded_anew(
    surveyed: DataFolder, policy: Policy
) -> None:
    late = date(2020, 3, 20)
    before = restricted_rows(surveyed)
    for _ in range(2):
        conclude(surveyed, policy, date(2019, 1, 1))
        decide(surveyed, policy, CHECKINS)
        stop(surveyed, policy)
        due = {name for name, line in lines(surveyed, policy, late).items() if line.is_due}
        assert {CHECKINS, f"restricted/{ATTENDEE}", "restricted/store"} <= due
        with open_stores(surveyed, write=["registers"]) as connection:
            withdraw_stop(connection, policy, "impact", "a slip", ROLE, NOW)
            withdraw_decision(connection, policy, CHECKINS, "a slip", ROLE, NOW)
            withdraw_conclusion(connection, policy, "a slip", ROLE, NOW)
            assert stopped_stages(connection) == set()
        assert {line.clock.rule for line in lines(surveyed, policy, late).values()} & {
            "conclusion",
            "stage_stopped",
        } == set()
        assert enforce(surveyed, policy, late, NOW) == []
        assert restricted_rows(surveyed) == before
    with open_stores(surveyed, write=["registers"]) as connection:
        for again in (withdraw_conclusion, withdraw_decision, withdraw_stop):
            subject = {withdraw_decision: [CHECKINS], withdraw_stop: ["impact"]}.get(again, [])
            with pytest.raises(DecisionError):
                again(connection, policy, *subject, "a slip", ROLE, NOW)  # type: ignore[operator]


def test_the_gate_of_a_stage_given_up_stays_closed(surveyed: DataFolder, policy: Policy) -> None:
    stop(surveyed, policy, "reoffending")
    with open_stores(surveyed, write=["research", "registers"], read=["restricted"]) as connection:
        conform(connection, policy, ATTENDEE)
    with open_stores(surveyed, write=["research"], read=["registers"]) as connection:
        write_scores(connection, policy)
        write_gates(connection, policy)
    with open_stores(surveyed, read=["research"]) as connection:
        found = gate_counts(connection, policy.with_agreement("mps_reoffending"))
    assert not found["reoffending"].is_open
    assert "will not go on" in found["reoffending"].sentence
    assert "will not go on" not in found["impact"].sentence


@pytest.mark.thorough
def test_erasing_a_stage_survives_kills_all_along(
    surveyed: DataFolder, policy: Policy, tmp_path: Path
) -> None:
    stop(surveyed, policy)
    whole = folder_at(tmp_path / "whole")
    shutil.copytree(surveyed.root, whole.root)
    enforce(whole, policy, NOTICED, NOW)
    rows, certified = restricted_rows(whole), certificate_rows(whole)
    kills = 0
    for change in moments(EACH):
        folder = folder_at(tmp_path / str(change))
        shutil.copytree(surveyed.root, folder.root)
        step: Callable[[], object] = lambda f=folder: enforce(f, policy, NOTICED, NOW)  # type: ignore[misc]  # noqa: E731
        if run_until(step, change):
            break
        kills += 1
        enforce(folder, policy, NOTICED, NOW)
        assert restricted_rows(folder) == rows
        assert certificate_rows(folder) == certified
        shutil.rmtree(folder.root)
    assert kills > 0


@pytest.mark.thorough
def test_an_exception_holds_one_holding_back_and_lets_the_rest_go(
    settled: DataFolder, policy: Policy
) -> None:
    publish(settled, "Report", "2019-03-01", NOW)
    nps = "restricted/nps_court_outcomes"
    before = restricted_rows(settled)["nps_court_outcomes_raw"]
    hold(settled, policy, nps)
    found = lines(settled, policy, NOTICED)
    assert found[nps].state == "held by exception"
    assert found["restricted/store"].state == "held for a part of it"
    enforce(settled, policy, NOTICED, NOW)
    after = restricted_rows(settled)
    assert after["nps_court_outcomes_raw"] == before
    assert after["ors_facilitator_checkin_raw"] == after["person_pseudonyms"] == []
    assert planted_in(settled, (COMMENT,)) == []
    assert not settled.database("research").exists()
    preflight(settled)
    assert lines(settled, policy)[nps].state == "held by exception"
    assert enforce(settled, policy, NOTICED, NOW) == []

    with open_stores(settled, write=["registers"]) as connection:
        end_exception(connection, policy, exceptions(connection)[0].exception_id, ROLE, NOTICED)
    assert lines(settled, policy, NOTICED)[nps].clock.stopped_by == (
        f"safer-streets exceptions add {nps}"
    )
    assert enforce(settled, policy, NOTICED + timedelta(days=6), NOW) == []
    assert restricted_rows(settled)["nps_court_outcomes_raw"] == before
    enforce(settled, policy, NOTICED + timedelta(days=7), NOW)
    assert planted_in(settled) == []


@pytest.mark.thorough
def test_an_exception_turns_amber_when_its_review_is_due_and_still_holds(
    settled: DataFolder, policy: Policy
) -> None:
    publish(settled, "Report", "2019-03-01", NOW)
    hold(settled, policy, "restricted/store", date(2020, 3, 8))
    day = date(2020, 3, 8)
    assert lines(settled, policy, date(2020, 3, 7))["restricted/store"].state == "held by exception"
    amber = lines(settled, policy, day)
    assert amber["restricted/store"].state == "held by exception, review due"
    assert amber[CHECKINS].state == "held by exception, review due"
    enforce(settled, policy, day, NOW)
    assert settled.database("restricted").exists()


def test_an_exception_needs_a_role_and_lines_without_people_and_an_early_review(
    settled: DataFolder, policy: Policy
) -> None:
    with open_stores(settled, write=["registers"]) as connection:
        ensure_registers(connection)
        good = ("research/store", "why", "least", "there", ROLE, TODAY, date(2020, 9, 1))
        add_exception(connection, policy, ExceptionRequest(*good), TODAY, NOW)
        assert add_exception(connection, policy, ExceptionRequest(*good), TODAY, NOW)
        bad = [
            (4, "Zebedee Quillfeather"),
            (1, f"as {CRNS[0]} asked"),
            (2, " "),
            (5, date(2020, 3, 2)),
            (6, TODAY),
            (6, date(2020, 9, 2)),
        ]
        for place, value in bad:
            line = [*good[:place], value, *good[place + 1 :]]
            with pytest.raises(DecisionError) as refused:
                add_exception(connection, policy, ExceptionRequest(*line), TODAY, NOW)  # type: ignore[arg-type]
            assert "Quillfeather" not in str(refused.value)
            assert CRNS[0] not in str(refused.value)
        assert len(exceptions(connection)) == 1


def test_a_holding_is_found_by_its_name_or_the_digits_that_are_shown(
    settled: DataFolder, policy: Policy
) -> None:
    listed = read_register(settled, policy, TODAY)
    sealed = next(x.holding for x in listed if x.store == "quarantine")
    assert find_holding(listed, sealed[:23]).holding == sealed
    for name in ("nothing/there", "restricted/", "quarantine/"):
        with pytest.raises(DecisionError):
            find_holding(listed, name)


def test_what_is_erased_or_holds_nothing_is_found_by_no_name(
    settled: DataFolder, policy: Policy
) -> None:
    listed = read_register(settled, policy, TODAY)
    store = find_holding(listed, "research/store")
    for state in ("erased", "nothing held"):
        gone = replace(store, state=state)
        with pytest.raises(DecisionError):
            find_holding([gone], gone.holding)
        assert find_holding([gone, store], gone.holding) is store


def test_a_subject_access_bundle_goes_after_thirty_days(
    settled: DataFolder, policy: Policy
) -> None:
    settled.bundles.mkdir()
    (settled.bundles / "Zebedee Quillfeather.zip").write_bytes(b"PK Quillfeather")
    made = datetime.fromtimestamp((settled.bundles / "Zebedee Quillfeather.zip").stat().st_mtime)
    bundle = next(x for n, x in lines(settled, policy).items() if n.startswith("bundles/"))
    assert (bundle.clock.rule, bundle.files) == ("bundles", 1)
    assert bundle.clock.due_on is not None
    assert 29 <= (bundle.clock.due_on - made.date()).days <= 31
    assert "Quillfeather" not in f"{bundle}"
    decided(settled, datetime.now())
    written = enforce(settled, policy, bundle.clock.due_on, NOW)
    assert bundle.holding in [c.holding for c in written]
    assert not list(settled.bundles.rglob("*"))
