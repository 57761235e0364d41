"""Before anything is taken in: the clock is believed, and nothing personal is overdue."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from dagster import DagsterInstance, ExecuteInProcessResult
from typer.testing import CliRunner, Result

from safer_streets_assets.cli import app
from safer_streets_assets.console import evaluation, recording
from safer_streets_assets.console import retention as commands
from safer_streets_assets.definitions import EVALUATION_JOB, build_defs
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import due
from safer_streets_assets.retention.enforcement.before_intake import (
    begin_intake,
    refuse_when_overdue,
)
from safer_streets_assets.retention.enforcement.enforcing import enforce
from safer_streets_assets.retention.erasure.planning import intent_of, plan_person
from safer_streets_assets.retention.errors import ClockError, OverdueError
from safer_streets_assets.retention.holdings.holding import TAKEN_IN
from safer_streets_assets.retention.holdings.intent import read_intent, write_intent
from safer_streets_assets.retention.records.certificates import (
    Certificate,
    ensure_pending,
    write_certificates,
)
from safer_streets_assets.retention.records.chain import refuse_broken_chain
from safer_streets_assets.retention.records.machine_clock import (
    confirm_clock,
    last_seen,
    watch_clock,
)
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import ensure_registers, now_utc
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets_tests.retention.builders import (
    BAD_CRN,
    CRNS,
    decided,
    files_of,
    land,
    nps_csv,
    planted_in,
    publish,
    restricted_rows,
    take_everything_in,
)

NOW = datetime(2020, 3, 1, 12)
LATER = "Z918273"


@pytest.fixture
def settled(folder: DataFolder) -> DataFolder:
    """The folder in use, in which everything arrived and was decided on in February 2020."""
    decided(folder, datetime(2020, 2, 29, 12))
    with open_stores(folder, write=["registers"]) as connection:
        connection.execute("UPDATE registers.drops SET arrived_at = TIMESTAMP '2020-02-29'")
    return folder


def command(folder: DataFolder, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--data", str(folder.root)])


def at(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Sets the clock of the commands."""
    for module in (due, commands, recording, evaluation):
        monkeypatch.setattr(module, "now_utc", lambda: now)


def why_it_failed(result: ExecuteInProcessResult, step: str) -> str:
    """The sentence with which a step of a job failed."""
    failed = result.failure_data_for_node(step)
    assert failed is not None
    assert failed.user_failure_data is not None
    return failed.user_failure_data.description or ""


@pytest.mark.thorough
def test_overdue_people_are_erased_before_anybody_else_is_taken_in(
    settled: DataFolder, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(settled, "Report", "2019-03-01", NOW)
    refuse_when_overdue(settled, policy, datetime(2020, 3, 7, 12))
    land(settled, "nps_court_outcomes", "new.csv", nps_csv((LATER,)))
    before = restricted_rows(settled)
    for day in (datetime(2020, 3, 8, 3), datetime(2021, 2, 1)):
        with pytest.raises(OverdueError) as refused:
            refuse_when_overdue(settled, policy, day)
        assert "since 2020-03-08" in str(refused.value)
    at(monkeypatch, datetime(2021, 2, 1))
    (settled.dagster / "runs.db").unlink()
    ran = command(settled, "run")
    assert isinstance(ran.exception, OverdueError)
    assert restricted_rows(settled) == before


def run_the_job(folder: DataFolder, policy: Policy) -> ExecuteInProcessResult:
    """The job that the sensor and the weekly schedule start."""
    stores = StoresResource(data_folder=str(folder.root))
    job = build_defs(policy, {"stores": stores}, str(folder.root)).resolve_job_def(EVALUATION_JOB)
    with DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE registers.deletion_certificates SET row_count = 9 WHERE number = 1",
        "DELETE FROM registers.deletion_certificates WHERE number = 1",
        "DELETE FROM registers.deletion_certificates WHERE number = 2",
        "DELETE FROM registers.deletion_certificates; DELETE FROM registers.certificate_chain",
    ],
)
@pytest.mark.thorough
def test_a_tampered_certificate_stops_the_job_of_the_sensor_before_anything_is_taken_in(
    settled: DataFolder, policy: Policy, tampering: str
) -> None:
    with open_stores(settled, write=["registers"]) as connection:
        ensure_pending(connection)
        for n in (1, 2):
            facts = (f"{n}" * 8, "a", "b", "c", "d", NOW.date(), NOW, n, n, n, "e", "f", "g")
            write_certificates(settled, connection, [Certificate(*facts)])
        refuse_broken_chain(settled, connection)
        connection.execute(tampering)
    watch(settled, policy, now_utc() - timedelta(days=1), confirm=True)
    land(settled, "nps_court_outcomes", "new.csv", nps_csv((LATER,)))
    before = restricted_rows(settled)
    result = run_the_job(settled, policy)
    said = why_it_failed(result, "drop_arrivals")
    assert said.startswith("The chain of deletion certificates is broken at number")
    assert restricted_rows(settled) == before
    assert (settled.landing / "nps_court_outcomes" / "new.csv").exists()


def test_the_job_of_the_sensor_takes_nobody_in_either(settled: DataFolder, policy: Policy) -> None:
    publish(settled, "Report", "2019-03-01", NOW)
    watch(settled, policy, now_utc() - timedelta(days=1), confirm=True)
    land(settled, "nps_court_outcomes", "new.csv", nps_csv((LATER,)))
    before = restricted_rows(settled)
    result = run_the_job(settled, policy)
    assert "has been due to be erased" in why_it_failed(result, "drop_arrivals")
    assert restricted_rows(settled) == before


@pytest.mark.thorough
def test_a_run_erases_files_whose_time_is_over_first(
    settled: DataFolder, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settled.dagster / "runs.db").unlink()
    at(monkeypatch, datetime(2020, 3, 30, 12))
    assert list(settled.quarantine.iterdir())
    monkeypatch.setattr(evaluation, "keys_beside_data", _stop)
    ran = command(settled, "run")
    assert isinstance(ran.exception, _Stopped)
    assert "Erased and certified" in ran.output
    assert list(settled.quarantine.iterdir()) == []


class _Stopped(Exception):
    pass


def _stop(_: DataFolder) -> None:
    raise _Stopped


def watch(folder: DataFolder, policy: Policy, now: datetime, *, confirm: bool = False) -> None:
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        if confirm:
            confirm_clock(connection, policy, now.date(), now)
        else:
            watch_clock(connection, policy, now)


@pytest.mark.parametrize(
    ("hours", "jumped"),
    [(-25, True), (-24, True), (-23, False), (365 * 24, False), (365 * 24 + 1, True)],
)
def test_a_clock_that_jumped_is_for_a_person(
    settled: DataFolder, policy: Policy, hours: int, jumped: bool
) -> None:
    watch(settled, policy, NOW)
    there = NOW + timedelta(hours=hours)
    if not jumped:
        watch(settled, policy, there)
        return
    with pytest.raises(ClockError):
        watch(settled, policy, there)
    with pytest.raises(ClockError):
        watch(settled, policy, there)
    watch(settled, policy, there, confirm=True)
    watch(settled, policy, there + timedelta(days=1))


def test_a_clock_that_goes_back_little_by_little_is_noticed_too(
    settled: DataFolder, policy: Policy
) -> None:
    watch(settled, policy, NOW)
    watch(settled, policy, NOW - timedelta(hours=20))
    with open_stores(settled, read=["registers"]) as connection:
        assert last_seen(connection) == NOW
    with pytest.raises(ClockError):
        watch(settled, policy, NOW - timedelta(hours=40))


def test_registers_of_an_earlier_version_go_by_the_last_drop(
    settled: DataFolder, policy: Policy
) -> None:
    with open_stores(settled, write=["registers"]) as connection:
        connection.execute("DROP TABLE registers.last_seen")
        assert last_seen(connection) == datetime(2020, 2, 29)
    with pytest.raises(ClockError):
        watch(settled, policy, datetime(2021, 3, 1))


@pytest.mark.thorough
def test_after_a_jump_nothing_is_erased_recorded_or_taken_in_until_a_person_says_it_is_right(
    settled: DataFolder, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(settled, "Report", "2020-02-29", NOW)
    watch(settled, policy, NOW)
    (settled.dagster / "runs.db").unlink()
    at(monkeypatch, datetime(2022, 3, 1, 12))
    before = {name: b for name, b in files_of(settled).items() if "registers" not in name}
    for words in (
        ("retention", "--enforce", "--yes"),
        ("run",),
        ("publication", "add", "--title", "x", "--date", "2022-03-01"),
        ("retention", "--clock-is-right", "2020-03-01"),
    ):
        refused = command(settled, *words)
        assert isinstance(refused.exception, ClockError), words
    assert {name: files_of(settled)[name] for name in before} == before
    assert command(settled, "retention", "--clock-is-right", "2022-03-01").exit_code == 0
    done = command(settled, "retention", "--enforce", "--yes")
    assert "Erased and certified" in done.output


def test_the_daily_job_erases_nothing_after_a_jump(settled: DataFolder, policy: Policy) -> None:
    publish(settled, "Report", "2020-02-29", NOW)
    watch(settled, policy, NOW)
    before = restricted_rows(settled)
    stores = StoresResource(data_folder=str(settled.root))
    job = build_defs(policy, {"stores": stores}, str(settled.root)).resolve_job_def("retention")
    with DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
    assert "The clock says" in why_it_failed(result, "retention_enforcement")
    assert restricted_rows(settled) == before


@pytest.mark.thorough
def test_a_run_finishes_an_erasure_that_was_begun_before_it_takes_anything_in(
    settled: DataFolder, policy: Policy
) -> None:
    plan = plan_person(settled, policy, CRNS[0])
    write_intent(settled, intent_of(settled, plan, NOW, NOW.date()))
    begin_intake(settled, policy, NOW)
    assert read_intent(settled) is None
    assert planted_in(settled, (CRNS[0],)) == []


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("crc_eligibility", ("crc_eligibility", "D-OTHER-SOURCE")),
        ("mps_reoffending", ("mps_reoffending", "D-NOT-AGREED")),
        ("A. Person", ("unknown", "D-UNKNOWN-SOURCE")),
    ],
)
@pytest.mark.thorough
def test_a_loaded_drop_sent_for_another_source_stays_until_that_one_has_judged_it(
    settled: DataFolder, policy: Policy, place: str, answer: tuple[str, str]
) -> None:
    content, now = nps_csv((*CRNS, *CRNS, BAD_CRN)), datetime(2020, 3, 1, 12)
    land(settled, "nps_court_outcomes", "again.csv", content)
    land(settled, place, "elsewhere.csv", content)
    erased = enforce(settled, policy, now.date(), now)
    assert [one.holding for one in erased if "landing" in one.holding] == [TAKEN_IN]
    assert landed(settled) == ["elsewhere.csv"]
    take_everything_in(settled, policy)
    assert landed(settled) == []
    with open_stores(settled, read=["registers"]) as connection:
        rows = connection.execute("SELECT source, reason FROM registers.drops_elsewhere").fetchall()
    assert answer in rows


def landed(folder: DataFolder) -> list[str]:
    return [path.name for path in folder.landing.rglob("*") if path.is_file()]
