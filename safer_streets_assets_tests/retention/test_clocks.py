"""Clocks: when what is on record makes a holding due, by the day."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import local_date
from safer_streets_assets.retention.holdings import rules
from safer_streets_assets.retention.holdings.asked import AskedErasure
from safer_streets_assets.retention.holdings.clocks import Clocks, standing_on, state_of
from safer_streets_assets.retention.holdings.holding import (
    EXCEPTED,
    FOR_ASSESSMENT,
    HELD_UNTIL,
    OVERDUE,
    REVIEW_DUE,
    Clock,
)
from safer_streets_assets.retention.holdings.inventory import Unit, quarantine_unit
from safer_streets_assets.retention.holdings.on_record import KnownDrop, OnRecord
from safer_streets_assets.retention.records.conclusion import HoldingDecision
from safer_streets_assets.retention.records.exceptions import RetentionException
from safer_streets_assets.retention.records.publications import Publication
from safer_streets_assets.retention.records.recording import Record

TODAY = date(2021, 6, 1)
ROLE = "Information Asset Owner"
STORE = "research/store"
SURVEY = "ors_attendee_survey"
LATE_EVENING = datetime(2021, 5, 31, 23, 30)
"""In UTC; in London it is the first of June."""


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12)


def clocks(policy: Policy, today: date = TODAY, **known: object) -> Clocks:
    return Clocks(policy, OnRecord(**known), {}, today)  # type: ignore[arg-type]


def decision(holding: str, what: str, until: date | None = None) -> dict[str, HoldingDecision]:
    found = HoldingDecision(holding, what, until, "assessed", ROLE, TODAY)  # type: ignore[arg-type]
    return {holding: found}


def stopped(*gates: str, on: date = TODAY) -> dict[str, Record]:
    return {gate: Record(gate, on, ROLE, noon(on)) for gate in gates}


def personal(policy: Policy, due_on: date | None) -> Clock:
    rule = rules.personal_rule(policy)
    return Clock(rule, "publication", None if due_on is None else date(2020, 6, 1), due_on)


def exception(review_on: date, ended_on: date | None = None) -> RetentionException:
    ended_by = None if ended_on is None else ROLE
    return RetentionException(
        "e1", STORE, "court case", "one table", "there", ROLE, TODAY, review_on, ended_by, ended_on
    )


def test_nothing_recorded_sets_no_clock_off(policy: Policy) -> None:
    own = clocks(policy)
    assert own.personal().due_on is None
    assert own.outputs().due_on is None


@pytest.mark.parametrize(
    ("published_on", "recorded_on", "due_on"),
    [
        (date(2020, 3, 1), date(2020, 3, 2), date(2021, 3, 1)),
        (date(2020, 3, 1), date(2021, 2, 22), date(2021, 3, 1)),
        (date(2020, 3, 1), date(2021, 2, 23), date(2021, 3, 2)),
        (date(2019, 3, 1), date(2021, 5, 30), date(2021, 6, 6)),
    ],
)
def test_a_publication_makes_personal_data_due_after_a_year_and_never_before_its_notice(
    policy: Policy, published_on: date, recorded_on: date, due_on: date
) -> None:
    report = Publication("p1", "Report", published_on, noon(recorded_on))
    clock = clocks(policy, publications=(report,)).personal()
    assert (clock.rule, clock.due_on) == (rules.personal_rule(policy), due_on)
    assert clock.stopped_by.startswith("safer-streets publication withdraw p1")


def test_releases_are_looked_at_eight_years_after_publication(policy: Policy) -> None:
    report = Publication("p1", "Report", date(2020, 3, 1), noon(date(2021, 5, 30)))
    clock = clocks(policy, publications=(report,)).outputs()
    assert clock == Clock(rules.OUTPUTS, "publication", date(2020, 3, 1), date(2028, 3, 1))


def test_an_erasure_that_was_asked_for_is_due_on_the_day_that_was_said(policy: Policy) -> None:
    asked = AskedErasure("e" * 32, "drop", 3, 1, "asked", ROLE, LATE_EVENING, date(2021, 6, 8))
    clock = clocks(policy).asked(asked)
    assert (clock.rule, clock.trigger) == (rules.ON_REQUEST, "asked for")
    assert clock.triggered_on == clock.recorded_on == date(2021, 6, 1)
    assert (clock.due_on, clock.stopped_by) == (date(2021, 6, 8), asked.stopped_by)


def test_of_publication_and_conclusion_the_one_that_strikes_first_makes_due(
    policy: Policy,
) -> None:
    report = Publication("p1", "Report", date(2021, 1, 1), noon(date(2021, 1, 1)))
    for concluded_on, rule in ((date(2020, 12, 1), rules.CONCLUSION), (TODAY, "personal_data")):
        done = Record("project", concluded_on, ROLE, noon(concluded_on))
        assert clocks(policy, publications=(report,), concluded=done).personal().rule == rule


def test_the_notice_of_a_conclusion_runs_from_its_day_in_london(policy: Policy) -> None:
    done = Record("project", date(2020, 1, 1), ROLE, LATE_EVENING)
    clock = clocks(policy, concluded=done).personal()
    assert (clock.recorded_on, clock.due_on) == (date(2021, 6, 1), date(2021, 6, 8))
    assert clock.stopped_by == "safer-streets conclusion withdraw --why WHY --by ROLE"


def test_a_decision_to_erase_strikes_after_its_notice_and_says_how_it_is_taken_back(
    policy: Policy,
) -> None:
    own = clocks(policy, decisions=decision(STORE, "erase"))
    clock = own.decided(personal(policy, date(2022, 1, 1)), STORE)
    assert (clock.rule, clock.trigger) == (rules.CONCLUSION, "decision")
    assert (clock.recorded_on, clock.due_on) == (TODAY, TODAY + timedelta(days=7))
    assert clock.stopped_by.startswith(f"safer-streets conclusion withdraw {STORE} ")


def test_a_decision_to_keep_personal_data_brings_its_date_forward_and_never_back(
    policy: Policy,
) -> None:
    rule_says = personal(policy, date(2022, 1, 1))
    for until, due_on in (
        (date(2021, 9, 1), date(2021, 9, 1)),
        (date(2023, 1, 1), date(2022, 1, 1)),
    ):
        own = clocks(policy, decisions=decision(STORE, "keep", until))
        assert own.decided(rule_says, STORE).due_on == due_on


def test_a_decision_to_keep_releases_holds_past_the_date_of_their_rule(policy: Policy) -> None:
    clock = Clock(rules.OUTPUTS, "publication", date(2013, 1, 1), date(2021, 1, 1))
    own = clocks(policy, decisions=decision("published/releases", "keep", date(2023, 1, 1)))
    found = own.decided(clock, "published/releases")
    assert (found.rule, found.due_on) == (rules.OUTPUTS, date(2023, 1, 1))
    assert found.stopped_by == ""


def test_releases_decided_to_be_erased_go_after_a_notice_too(policy: Policy) -> None:
    clock = Clock(rules.OUTPUTS, "publication", date(2013, 1, 1), date(2021, 1, 1))
    own = clocks(policy, decisions=decision("published/releases", "erase"))
    found = own.decided(clock, "published/releases")
    assert (found.triggered_on, found.due_on) == (TODAY, TODAY + timedelta(days=7))
    assert found.stopped_by.startswith("safer-streets conclusion withdraw published/releases ")


def test_what_is_kept_for_less_than_a_notice_is_kept_for_the_notice(policy: Policy) -> None:
    own = clocks(policy, decisions=decision(STORE, "keep", TODAY + timedelta(days=2)))
    found = own.decided(personal(policy, date(2022, 1, 1)), STORE)
    assert (found.triggered_on, found.due_on) == (TODAY, TODAY + timedelta(days=7))
    assert found.stopped_by.startswith("safer-streets conclusion withdraw ")


def test_a_holding_goes_by_the_decision_on_it_before_that_on_its_store(policy: Policy) -> None:
    part = "research/people"
    known = decision(part, "keep", date(2021, 8, 1)) | decision(STORE, "keep", date(2021, 9, 1))
    own, rule_says = clocks(policy, decisions=known), personal(policy, date(2022, 1, 1))
    assert own.decided(rule_says, part, STORE).due_on == date(2021, 8, 1)
    assert own.decided(rule_says, "research/other", STORE).due_on == date(2021, 9, 1)
    assert own.decided(rule_says, "research/other") == rule_says


@pytest.mark.parametrize(
    ("gates", "sources", "due_on"),
    [
        (("impact",), (SURVEY,), date(2021, 6, 8)),
        (("impact",), (SURVEY, "nps_court_outcomes"), None),
        (("impact",), ("nps_court_outcomes",), None),
        (("impact",), (), None),
        (("reoffending",), (SURVEY,), None),
        (("impact", "reoffending"), (SURVEY, "mps_reoffending"), date(2021, 6, 8)),
        (("impact",), (SURVEY, "mps_reoffending"), None),
        ((), (SURVEY,), None),
    ],
)
def test_only_what_was_gathered_for_stages_given_up_alone_goes_with_them(
    policy: Policy, gates: tuple[str, ...], sources: tuple[str, ...], due_on: date | None
) -> None:
    own = clocks(policy, stopped=stopped(*gates))
    clock = own.gathered(personal(policy, None), sources)
    assert clock.due_on == due_on
    assert (clock.rule == rules.STAGE_STOPPED) is (due_on is not None)


def test_what_two_stages_gathered_goes_when_the_later_one_is_given_up(policy: Policy) -> None:
    known = stopped("impact", on=date(2021, 1, 1)) | stopped("reoffending")
    own = clocks(policy, stopped=known)
    both = own.gathered(personal(policy, None), (SURVEY, "mps_reoffending"))
    assert both.due_on == date(2021, 6, 8)
    assert both.stopped_by.startswith("safer-streets stage withdraw reoffending ")
    assert own.gathered(personal(policy, None), (SURVEY,)).due_on == date(2021, 1, 8)


def test_a_stage_given_up_keeps_nothing_past_the_date_of_its_rule(policy: Policy) -> None:
    rule_says = personal(policy, date(2021, 6, 2))
    assert clocks(policy, stopped=stopped("impact")).gathered(rule_says, (SURVEY,)) == rule_says


def test_what_an_exception_held_back_goes_after_a_notice_from_its_end(policy: Policy) -> None:
    own = clocks(policy, ended={STORE: TODAY})
    late, early = personal(policy, date(2021, 6, 20)), personal(policy, date(2020, 1, 1))
    assert own.after_exceptions(late, STORE) == late
    assert own.after_exceptions(early, "restricted/store") == early
    found = own.after_exceptions(early, "research/people", STORE)
    assert found.due_on == TODAY + timedelta(days=7)
    assert found.stopped_by == "safer-streets exceptions add research/people"
    both = clocks(policy, ended={STORE: TODAY, "research/people": TODAY - timedelta(days=3)})
    assert both.after_exceptions(early, "research/people", STORE).due_on == found.due_on


@pytest.mark.parametrize(
    ("rule", "due_on", "before", "after"),
    [
        ("personal_data", None, "held, not triggered", FOR_ASSESSMENT),
        ("personal_data", date(2022, 1, 1), HELD_UNTIL, FOR_ASSESSMENT),
        ("personal_data", date(2021, 6, 10), "due within 14 days", "due within 14 days"),
        ("personal_data", date(2021, 5, 1), OVERDUE, OVERDUE),
        ("conclusion", date(2022, 1, 1), HELD_UNTIL, FOR_ASSESSMENT),
        ("quarantine", date(2022, 1, 1), HELD_UNTIL, HELD_UNTIL),
        ("outputs", date(2021, 5, 1), FOR_ASSESSMENT, FOR_ASSESSMENT),
        ("outputs", date(2022, 1, 1), HELD_UNTIL, HELD_UNTIL),
    ],
)
def test_the_conclusion_puts_up_for_assessment_what_is_personal_and_not_due_soon(
    policy: Policy, rule: str, due_on: date | None, before: str, after: str
) -> None:
    clock = Clock(rule, rules.rule_of(policy, rule).trigger, None, due_on)
    done = Record("project", TODAY, ROLE, noon(TODAY))
    for known, state in ((OnRecord(), before), (OnRecord(concluded=done), after)):
        assert state_of(STORE, clock, policy, known, TODAY) == state


def test_what_was_decided_on_is_not_up_for_assessment_again(policy: Policy) -> None:
    done = Record("project", TODAY, ROLE, noon(TODAY))
    clock = Clock(rules.CONCLUSION, "decision", TODAY, date(2022, 1, 1))
    assert state_of(STORE, clock, policy, OnRecord(concluded=done), TODAY) == HELD_UNTIL


def test_releases_are_due_only_when_their_erasure_was_decided(policy: Policy) -> None:
    name = "published/releases"
    clock = Clock(rules.OUTPUTS, "decision", TODAY, TODAY)
    for what, state in (("erase", "due today"), ("keep", FOR_ASSESSMENT)):
        known = OnRecord(decisions=decision(name, what))
        assert state_of(name, clock, policy, known, TODAY) == state


def test_an_exception_holds_back_what_is_overdue_and_every_part_of_its_store(
    policy: Policy,
) -> None:
    clock = personal(policy, date(2020, 1, 1))
    for review_on, state in ((TODAY + timedelta(days=1), EXCEPTED), (TODAY, REVIEW_DUE)):
        known = OnRecord(exceptions={STORE: exception(review_on)})
        for name in (STORE, "research/people"):
            assert state_of(name, clock, policy, known, TODAY) == state
        assert state_of("restricted/store", clock, policy, known, TODAY) == OVERDUE


def test_the_exception_on_a_holding_goes_before_that_on_its_store() -> None:
    own, store = exception(TODAY), exception(TODAY + timedelta(days=9))
    known = OnRecord(exceptions={"research/people": own, STORE: store})
    assert standing_on("research/people", known) is own
    assert standing_on("research/other", known) is store
    assert standing_on("research/people/old", known) is store
    assert standing_on("restricted/people", known) is None


def written(path: Path, day: date) -> Path:
    path.write_bytes(b"sealed")
    seconds = datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()
    os.utime(path, (seconds, seconds))
    return path


@pytest.mark.parametrize(
    ("state", "decided_at", "due_on"),
    [
        ("quarantined", LATE_EVENING, date(2021, 7, 1)),
        ("held", LATE_EVENING, date(2021, 7, 1)),
        ("quarantined", None, None),
        ("loaded", LATE_EVENING, date(2021, 5, 31)),
        ("waiting", None, date(2021, 5, 31)),
    ],
)
def test_a_quarantined_drop_is_due_from_its_decision_or_from_when_it_was_sealed(
    policy: Policy, tmp_path: Path, state: str, decided_at: datetime | None, due_on: date | None
) -> None:
    old, new = date(2021, 4, 1), date(2021, 5, 1)
    files = (written(tmp_path / "new", new), written(tmp_path / "old", old))
    unit = Unit(quarantine_unit("d1"), (), files)
    known = OnRecord(drops={"d1": KnownDrop("nps", state, decided_at, 1)})
    own = Clocks(policy, known, {unit.name: unit}, TODAY)
    assert own.quarantine("d1").due_on == due_on
    assert own.quarantine("d2").due_on is None
    without_files = replace(own, units={})
    decided_on = None if decided_at is None else date(2021, 7, 1)
    assert without_files.quarantine("d1").due_on == decided_on


def test_a_bundle_is_due_from_its_newest_file_where_no_marker_says_an_earlier_day(
    policy: Policy, tmp_path: Path
) -> None:
    files = (written(tmp_path / "a", date(2021, 5, 1)), written(tmp_path / "b", date(2021, 5, 9)))
    own = clocks(policy)
    assert own.bundle(Unit("bundles/x", (), files), files).due_on == date(2021, 6, 8)
    assert own.bundle(Unit("bundles/x", (), ()), ()).due_on is None


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose own time zone is half a day ahead of London."""
    with monkeypatch.context() as changed:
        changed.setenv("TZ", "Pacific/Auckland")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("elsewhere")
def test_the_time_zone_of_the_machine_moves_no_day(policy: Policy, tmp_path: Path) -> None:
    assert local_date(datetime(2021, 1, 31, 23, 30), "Europe/London") == date(2021, 1, 31)
    assert local_date(LATE_EVENING, "Europe/London") == date(2021, 6, 1)
    west = timezone(timedelta(hours=-8))
    assert local_date(datetime(2021, 1, 31, 20, tzinfo=west), "Europe/London") == date(2021, 2, 1)
    files = (written(tmp_path / "a", date(2021, 5, 1)),)
    assert clocks(policy).bundle(Unit("bundles/x", (), files), files).due_on == date(2021, 5, 31)


@pytest.mark.parametrize(
    ("said", "due_on"),
    [
        ("2021-04-30T23:30:00", date(2021, 5, 31)),
        ("2021-05-20T12:00:00", date(2021, 6, 8)),
        ("yesterday", date(2021, 6, 8)),
    ],
)
def test_a_bundle_whose_files_were_written_anew_is_due_from_the_day_its_marker_says(
    policy: Policy, tmp_path: Path, said: str, due_on: date
) -> None:
    marker = tmp_path / "bundle.json"
    marker.write_text(json.dumps({"written_at": said}))
    sealed = written(tmp_path / "a.sealed", date(2021, 5, 9))
    unit = Unit("bundles/x", (), (marker, sealed))
    assert clocks(policy).bundle(unit, (sealed,)).due_on == due_on
