"""Erasures of a drop or a person that were asked for wait, can be stopped, and then go by
themselves: the commands as they are typed, on a data folder that the real intake filled."""

from __future__ import annotations

import os
import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

import dagster as dg
import pytest

from safer_streets_assets.console import evaluation
from safer_streets_assets.console.instance import prepare_instance
from safer_streets_assets.console.what_waits import everything_that_waits
from safer_streets_assets.definitions import build_defs
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import checks, due, enforce, read_register
from safer_streets_assets.retention.enforcement.after_waiting import (
    due_erasures,
    people_to_be_erased,
)
from safer_streets_assets.retention.enforcement.before_intake import begin_intake
from safer_streets_assets.retention.holdings.asked import asked_erasures, kept_ids
from safer_streets_assets.retention.holdings.strays import find_strays
from safer_streets_assets.retention.jobs import RETENTION_JOB
from safer_streets_assets.retention.records.certificates import Certificate
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.ids import SHOWN_DIGITS
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets_tests.builders import NPS
from safer_streets_assets_tests.console.typed import after, run, said
from safer_streets_assets_tests.retention.builders import (
    CRNS,
    PLANTED,
    certificate_rows,
    folder_at,
    land,
    ledger_states,
    nps_csv,
    planted_in,
    restricted_rows,
    take_everything_in,
)
from safer_streets_assets_tests.retention.killing import moments, run_until

TODAY = date.today()
CRN = CRNS[0]
WHY = ("--why", "the form was another one")
WAIT = (*WHY, "--yes")
ROLE = "Data Protection Officer"
KILLED_EACH = {"asking": 17, "withdrawing": 17, "carrying out": 97}
"""What is killed, and at every so many changes (`killing.moments`)."""


@pytest.fixture(scope="module")
def asked_for(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder in use, in which the erasure of a person waits, to be copied."""
    root = tmp_path_factory.mktemp("asked-for") / "data"
    shutil.copytree(template, root)
    with patch.dict(os.environ):
        ask(folder_at(root))
    return root


@pytest.fixture
def waiting(asked_for: Path, tmp_path: Path) -> DataFolder:
    """A copy of it, free to change."""
    shutil.copytree(asked_for, tmp_path / "data")
    return folder_at(tmp_path / "data")


@pytest.fixture
def week(policy: Policy) -> date:
    return TODAY + timedelta(days=policy.dpia.retention.notice_days)


def ask(folder: DataFolder) -> None:
    """Asks for the erasure of a person, as a command does."""
    said(folder, "erase-person", *WAIT, typed=CRN)


@pytest.fixture
def _without_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """`run` does everything but the steps of its jobs, which have tests of their own."""
    monkeypatch.setattr(evaluation, "_run", lambda *_: True)


def a_drop(folder: DataFolder) -> str:
    return sorted(d for d, reason in ledger_states(folder).items() if reason is None)[0]


def id_of(shown: str) -> str:
    found = re.search(r"Recorded as ([0-9a-f]{12})", shown)
    assert found is not None, shown
    return found[1]


def id_in(folder: DataFolder) -> str:
    """The id, as it is shown, of the erasure that waits."""
    with open_stores(folder, read=["registers"]) as connection:
        (found,) = [one for one in asked_erasures(connection) if one.waits]
    return found.erasure_id[:SHOWN_DIGITS]


def states(folder: DataFolder) -> list[tuple[bool, bool]]:
    """Of every erasure that was asked for, whether it was taken back, and whether it is done."""
    with open_stores(folder, read=["registers"]) as connection:
        listed = asked_erasures(connection)
    return [(one.withdrawn_at is not None, one.done_at is not None) for one in listed]


def enforced(folder: DataFolder, policy: Policy) -> list[Certificate]:
    """What is erased on the day that the commands take it to be."""
    return enforce(folder, policy, due.today_of(policy), now_utc())


def warned(folder: DataFolder, name: str, policy: Policy) -> str | None:
    """What a check of retention says of the folder."""
    check = next(found for found in checks.build_checks(policy) if found.check_key.name == name)
    result = check(StoresResource(data_folder=str(folder.root)))
    return None if result.passed else str(result.description)


@pytest.mark.usefixtures("_without_steps")
@pytest.mark.thorough
def test_a_person_waits_is_said_everywhere_and_goes_by_itself_on_the_day(
    folder: DataFolder, policy: Policy, week: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"It would be erased on {week}." in said(folder, "erase-person", "--dry-run", typed=CRN)
    rows = restricted_rows(folder)
    shown = said(folder, "erase-person", *WAIT, typed=CRN)
    stop = f"safer-streets erasures withdraw {id_of(shown)} --why WHY"
    assert f"this will be erased on {week}: one person (" in shown
    assert restricted_rows(folder) == rows
    for words in (("erasures", "list"), ("retention",), ("run",)):
        found = said(folder, *words)
        assert stop in found
        assert "one person (" in found
        shown += found
    assert "erasures that were asked for" in found
    assert stop in str(warned(folder, "no_erasure_waits", policy))
    after(monkeypatch, days=6)
    assert enforced(folder, policy) == []
    assert stop in str(warned(folder, "no_erasure_waits", policy))
    after(monkeypatch, days=7)
    shown += said(folder, "retention", "--enforce", "--yes")
    assert "one person: " in shown
    assert planted_in(folder, (CRN,)) == []
    assert kept_ids(folder) == set()
    assert warned(folder, "no_erasure_waits", policy) is None
    assert states(folder) == [(False, True)]
    assert certificate_rows(folder)[0][5] == week
    assert not [needle for needle in PLANTED if needle in shown]


@pytest.mark.thorough
def test_why_is_asked_for_and_names_nobody(folder: DataFolder) -> None:
    for words, what in (
        (("--yes",), "--why TEXT"),
        (("--yes", "--why", f"for {CRN}"), "CRN"),
        (("--yes", "--why", "Zebedee Quillfeather asked"), "name of somebody"),
        ((*WHY,), "--yes"),
        ((*WHY, "--confirm", "erased"), "was to be given again"),
    ):
        refused = run(folder, "erase-person", *words, typed=CRN)
        assert refused.exit_code == 1
        assert what in str(refused.exception)
        assert not [needle for needle in PLANTED if needle in f"{refused.exception}"]
    assert states(folder) == []
    assert kept_ids(folder) == set()


@pytest.mark.thorough
def test_what_waits_stands_nowhere_but_sealed_in_the_restricted_store(
    folder: DataFolder, policy: Policy
) -> None:
    """The drop and the CRN are in no store here: only the request says them."""
    nobody = "Y606060"
    said(folder, "erase-person", *WAIT, "--not-held", typed=nobody)
    place = land(folder, NPS, "not yet.csv", nps_csv(("W515151",)))
    drop_id = next(f.split()[0] for f in said(folder, "drops").splitlines() if NPS in f)
    said(folder, "erase-drop", drop_id, *WAIT)
    place.unlink()
    assert planted_in(folder, (nobody, drop_id)) == []
    assert find_strays(folder, policy) == []
    sealed = sorted(folder.restricted.glob("asked-*.sealed"))
    assert len(sealed) == len(list(folder.keys.glob("asked-*.key"))) == 2
    with open_stores(folder, read=["restricted", "registers"]) as connection:
        assert people_to_be_erased(connection, folder, policy).keys() == {nobody}
    assert "an erasure that waits" in said(folder, "keys", "check")
    said(folder, "keys", "rotate", "--yes")
    with open_stores(folder, read=["restricted", "registers"]) as connection:
        assert people_to_be_erased(connection, folder, policy).keys() == {nobody}
    assert find_strays(folder, policy) == []


@pytest.mark.thorough
def test_what_is_taken_back_is_not_erased_and_stays_on_record(
    waiting: DataFolder, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, asked = waiting, id_in(waiting)
    rows = restricted_rows(folder)
    said(folder, "erasures", "withdraw", asked, "--why", "mistaken", "--dry-run")
    assert states(folder) == [(False, False)]
    assert "on record" in said(folder, "erasures", "withdraw", asked, "--why", "mistaken")
    assert kept_ids(folder) == set()
    assert not list(folder.restricted.glob("*asked*"))
    assert warned(folder, "no_erasure_waits", policy) is None
    assert "mistaken" in said(folder, "erasures", "list")
    after(monkeypatch, days=20)
    assert enforced(folder, policy) == []
    assert restricted_rows(folder) == rows
    again = run(folder, "erasures", "withdraw", asked, "--why", "mistaken")
    assert "No erasure of that id waits" in str(again.exception)


@pytest.mark.thorough
def test_what_comes_of_the_person_while_it_waits_goes_too(
    waiting: DataFolder, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = waiting
    land(folder, NPS, "later.csv", nps_csv((CRN, "W515151")).replace("05/12/2019", "06/12/2019"))
    take_everything_in(folder, policy)
    with open_stores(folder, read=["restricted"]) as connection:
        later = f"SELECT count(*) FROM restricted.{NPS}_raw WHERE disposal_date LIKE '06/12%'"
        assert connection.execute(later).fetchone() == (2,)
    after(monkeypatch, days=7)
    assert len(enforced(folder, policy)) == 1
    assert planted_in(folder, (CRN,)) == []
    with open_stores(folder, read=["restricted"]) as connection:
        assert connection.execute(later).fetchone() == (1,)


@pytest.mark.thorough
def test_the_same_is_recorded_once_and_can_still_be_carried_out_at_once(
    waiting: DataFolder, week: date
) -> None:
    folder, person, drop = waiting, id_in(waiting), ("erase-drop", a_drop(waiting))
    asked = id_of(said(folder, *drop, *WAIT))
    for what, typed, first in ((("erase-person",), CRN, person), (drop, "", asked)):
        again = said(folder, *what, *WAIT, typed=typed)
        assert f"This is recorded already: it will be erased on {week}" in again
        assert first in again
    assert states(folder) == [(False, False)] * 2
    now = (*WHY, "--now", "--confirm")
    done = said(folder, "erase-person", *now, "erase", typed=CRN)
    assert "Erased and certified" in done
    assert "this will be erased" not in done
    assert planted_in(folder, (CRN,)) == []
    assert sorted(states(folder)) == [(False, False), (False, True), (True, False)]
    assert len(kept_ids(folder)) == 1


@pytest.mark.thorough
def test_a_drop_goes_on_its_day_though_it_was_erased_by_its_own_rule_meanwhile(
    folder: DataFolder, policy: Policy, week: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_id = next(d for d, reason in ledger_states(folder).items() if reason is not None)
    said(folder, "erase-drop", drop_id, *WAIT)
    with open_stores(folder, write=["registers"]) as connection:
        connection.execute("UPDATE registers.drops SET decided_at = now() - INTERVAL 27 DAY")
    after(monkeypatch, days=4)
    assert {one.what[:16] for one in enforced(folder, policy)} == {"quarantined drop"}
    assert states(folder) == [(False, False)]
    after(monkeypatch, days=7)
    assert enforce(folder, policy, week, now_utc())[0].what == "one drop: 0 rows in 0 tables"
    assert ledger_states(folder)[drop_id] == "D-ERASED"


@pytest.mark.thorough
def test_a_run_that_dagster_starts_carries_it_out_before_it_takes_anything_in(
    waiting: DataFolder, policy: Policy
) -> None:
    folder = waiting
    begin_intake(folder, policy, now_utc() + timedelta(days=7))
    assert states(folder) == [(False, True)]
    assert planted_in(folder, (CRN,)) == []


@pytest.mark.thorough
def test_the_daily_schedule_carries_it_out(waiting: DataFolder, policy: Policy) -> None:
    folder = waiting
    with open_stores(folder, write=["registers"]) as connection:
        connection.execute("UPDATE registers.asked_erasures SET due_on = ?", [TODAY])
    stores = StoresResource(data_folder=str(folder.root))
    job = build_defs(policy, {"stores": stores}, str(folder.root)).resolve_job_def(RETENTION_JOB)
    prepare_instance(folder)
    with dg.DagsterInstance.get() as instance:
        assert job.execute_in_process(instance=instance).success
    assert states(folder) == [(False, True)]
    assert planted_in(folder, (CRN,)) == []


@pytest.mark.usefixtures("_without_steps")
@pytest.mark.thorough
def test_the_run_of_the_day_carries_it_out_and_says_why_another_cannot_be(
    waiting: DataFolder, policy: Policy, week: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = waiting
    lost = id_of(said(folder, "erase-drop", a_drop(folder), *WAIT))
    next(folder.keys.glob(f"asked-{lost}*.key")).unlink()
    after(monkeypatch, days=9)
    why = f"Due and not carried out: {lost}. The key asked-{lost}"
    for words in (("erasures", "list"), ("retention",)):
        shown = said(folder, *words)
        assert why in shown
        assert f"this was due on {week}, is still held, and is erased by" in shown
        assert "will be erased" not in shown
    warns = str(warned(folder, "no_erasure_waits", policy))
    assert f"was due on {week}" in warns
    assert why in warns
    shown = said(folder, "run")
    assert "Erased and certified" in shown
    assert why in shown
    assert planted_in(folder, (CRN,)) == []
    assert [one.kind for one in due_erasures(folder, policy, week)] == ["drop"]
    failed = run(folder, "retention", "--enforce", "--yes")
    assert f"Due and not carried out: {lost}" in str(failed.exception)
    said(folder, "erasures", "withdraw", lost, "--why", "its key is lost")
    assert enforced(folder, policy) == []


@pytest.mark.thorough
def test_an_exception_holds_it_back(
    waiting: DataFolder, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, asked = waiting, id_in(waiting)
    hold = ("--why", "a court asks", "--least-data", "x", "--whereabouts", "x", "--by", ROLE)
    review = ("--review", f"{TODAY + timedelta(days=90)}")
    said(folder, "exceptions", "add", f"asked/{asked}", *hold, *review)
    assert "held by exception" in said(folder, "erasures", "list")
    after(monkeypatch, days=8)
    assert enforced(folder, policy) == []
    assert states(folder) == [(False, False)]


@pytest.mark.thorough
def test_everything_personal_takes_what_waits_with_it(
    waiting: DataFolder, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, asked = waiting, id_in(waiting)
    long_ago = f"{TODAY - timedelta(days=800)}"
    add = ("publication", "add", "--title", "Report", "--date", long_ago, "--confirm", long_ago)
    said(folder, *add)
    with open_stores(folder, write=["registers"]) as connection:
        connection.execute("UPDATE registers.publications SET recorded_at = '2020-01-01'")
    assert "Erased and certified" in said(folder, "retention", "--enforce", "--yes")
    assert kept_ids(folder) == set()
    assert asked not in said(folder, "retention")
    assert "went with all personal data" in said(folder, "erasures", "list")
    after(monkeypatch, days=30)
    assert "Nothing is due" in said(folder, "retention", "--enforce", "--yes")
    assert warned(folder, "no_erasure_waits", policy) is None
    holdings = read_register(folder, policy, TODAY)
    gone = ("drops", "rows", "sources", "texts", "erasures", "holdings")
    with open_stores(folder, write=["registers"], read=["restricted"]) as connection:
        waits = everything_that_waits(connection, folder, policy, holdings)
    assert [one.what for one in waits if one.what.startswith(gone)] == []


def take_back(folder: DataFolder) -> None:
    said(folder, "erasures", "withdraw", id_in(folder), "--why", "mistaken")


@pytest.mark.parametrize("killed", KILLED_EACH)
@pytest.mark.thorough
def test_asking_for_it_and_its_end_survive_every_kill(
    template: Path, asked_for: Path, tmp_path: Path, policy: Policy, week: date, killed: str
) -> None:
    """Killed anywhere, nothing is promised that is not kept, and nothing is left of whom it was."""

    def carry_out(folder: DataFolder) -> None:
        enforce(folder, policy, week, now_utc())

    is_carried_out = killed == "carrying out"
    end = carry_out if is_carried_out else take_back
    step = ask if killed == "asking" else end
    kills = 0
    for change in moments(KILLED_EACH[killed]):
        folder = folder_at(tmp_path / f"{change}" / "data")
        shutil.copytree(template if killed == "asking" else asked_for, folder.root)
        if run_until(lambda folder=folder: step(folder), change):  # type: ignore[misc]
            break
        kills += 1
        enforce(folder, policy, TODAY, now_utc())  # whoever comes next
        found = states(folder)
        assert len(kept_ids(folder)) == (found == [(False, False)])
        if not found:
            assert killed == "asking"
            ask(folder)
        if states(folder) == [(False, False)]:
            end(folder)
        assert states(folder) == [(not is_carried_out, is_carried_out)]
        assert kept_ids(folder) == set()
        assert not list(folder.restricted.glob("*asked*"))
        assert find_strays(folder, policy) == []
        assert not is_carried_out or planted_in(folder, (CRN,)) == []
        shutil.rmtree(folder.root)
    assert kills > 0
