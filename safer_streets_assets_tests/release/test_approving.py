"""Candidates, and who makes them the current release: by the policy, and on the register."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from safer_streets_assets.disclosure.earlier import published_files
from safer_streets_assets.disclosure.kept_secrets import EarlierReleaseError
from safer_streets_assets.quotes.printing import PrintedQuote
from safer_streets_assets.release import ReleaseError
from safer_streets_assets.release.assets import figures_of
from safer_streets_assets.release.attacking import _chain
from safer_streets_assets.retention.erasure.certifying import RULE
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets.watching.findings import find_releases
from safer_streets_assets_tests.release import approvals, builders
from safer_streets_assets_tests.release.approvals import (
    ALICE,
    BOB,
    NOW,
    TWO,
    acting,
    approve,
    build,
    everything,
    modes,
    reject,
    roll_back,
    shown,
    standings,
    states,
    under,
)
from safer_streets_assets_tests.release.builders import POLICY
from safer_streets_assets_tests.release.written_once import writing_once, written_once
from safer_streets_assets_tests.retention.killing import moments, run_until

__all__ = ["written_once"]
pytestmark = pytest.mark.usefixtures("written_once")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """An empty data folder on which Alice works."""
    acting(monkeypatch, ALICE)
    return builders.data_folder(tmp_path / "data")


@pytest.fixture(scope="module")
def two_made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a current release and one that waits, to be copied."""
    folder = builders.data_folder(tmp_path_factory.mktemp("two") / "data")
    with writing_once(), pytest.MonkeyPatch.context() as monkeypatch:
        acting(monkeypatch, ALICE)
        build(folder, 20)
        approve(folder, "r0001")
        build(folder, 30)
    return folder.root


@pytest.fixture
def two(two_made_once: Path, folder: DataFolder) -> DataFolder:
    """A copy of it, free to change."""
    shutil.copytree(two_made_once, folder.root, dirs_exist_ok=True)
    return folder


def test_by_the_shipped_policy_a_release_is_current_at_once_and_nobody_approved_it(
    folder: DataFolder,
) -> None:
    assert POLICY.dpia.releases.approval == "none"
    assert build(folder, 20, POLICY).state == "current"
    (one,) = standings(folder).releases
    assert [(s.step, s.by, s.approval) for s in one.steps] == [
        ("built", ALICE, "none"),
        ("approved", None, "none"),
    ]


def test_a_candidate_is_whole_and_shown_to_nobody_but_approvers(folder: DataFolder) -> None:
    assert build(folder, 20).state == "candidate"
    assert modes(folder) == ["0o700"]
    assert not folder.database("published").exists()
    assert not (folder.published / "index.html").exists()


def test_dagster_shows_no_figure_of_a_candidate(folder: DataFolder) -> None:
    assert figures_of(TWO, build(folder, 20)) == {}
    assert "headline" in figures_of(POLICY, build(folder, 20, under("none")))


def test_the_group_of_approvers_may_read_a_candidate_and_nothing_that_was_rejected(
    folder: DataFolder,
) -> None:
    folder.releases.chmod(0o2755)
    build(folder, 20)
    assert int(modes(folder)[0], 8) & 0o777 == 0o750
    reject(folder, "r0001")
    assert int(modes(folder)[0], 8) & 0o777 == 0o700
    assert folder.releases.stat().st_mode & 0o7777 == 0o2755


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives a folder to any group")
def test_a_candidate_of_another_group_than_that_of_approvers_stays_closed(
    folder: DataFolder,
) -> None:
    build(folder, 20)
    os.chown(folder.releases, -1, 40010)
    folder.releases.chmod(0o2755)
    assert not build(folder, 20).changed
    assert modes(folder) == ["0o700"]


def test_what_everybody_sees_stays_until_the_candidate_is_approved(two: DataFolder) -> None:
    assert states(two) == ["current", "candidate"]
    assert shown(two) == (1, ["r0001"])
    assert modes(two) == ["0o755", "0o700"]
    approve(two, "r0002")
    assert states(two) == ["earlier", "current"]
    assert shown(two) == (2, ["r0002", "r0001"])
    assert modes(two) == ["0o755", "0o755"]


def test_who_built_it_cannot_approve_it(two: DataFolder) -> None:
    before = everything(two)
    with pytest.raises(ReleaseError, match=r"user 40001 built .* somebody else has to"):
        approve(two, "r0002", ALICE)
    assert everything(two) == before


def test_the_environment_has_no_say_in_who_acts(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("USER", "LOGNAME", "SUDO_USER", "SUDO_UID"):
        monkeypatch.setenv(name, "40002")
    build(folder, 20)
    assert standings(folder).releases[0].built_by == ALICE


def test_a_run_that_says_what_the_candidate_says_writes_nothing(two: DataFolder) -> None:
    before = everything(two)
    assert not build(two, 30).changed
    assert everything(two) == before


def test_a_run_that_says_something_else_supersedes_the_candidate(two: DataFolder) -> None:
    build(two, 40)
    assert states(two) == ["current", "superseded", "candidate"]
    with pytest.raises(ReleaseError, match="was superseded"):
        approve(two, "r0002")


def test_a_rejected_release_is_not_made_again_and_says_why(two: DataFolder) -> None:
    reject(two, "r0002", "The funnel is wrong.")
    assert states(two) == ["current", "rejected"]
    assert not build(two, 30).changed
    assert states(two) == ["current", "rejected"]
    step = standings(two).releases[1].steps[-1]
    assert (step.step, step.why, step.by) == ("rejected", "The funnel is wrong.", BOB)
    with pytest.raises(ReleaseError, match="was rejected"):
        approve(two, "r0002")


def test_what_was_never_approved_stays_known_to_the_attacker(two: DataFolder) -> None:
    reject(two, "r0002")
    build(two, 40)
    build(two, 50)
    with builders.open_registers(two) as registers:
        known = [one.number for one in published_files(two, registers)]
    assert known == [1, 2, 3, 4]


def test_a_change_log_compares_with_what_readers_had_and_tells_no_rejected_figure(
    two: DataFolder,
) -> None:
    first = standings(two).releases[0].release_id
    reject(two, "r0002")
    made = build(two, 40)
    log = (made.path / "CHANGELOG.md").read_text()
    assert f"since release {first}" in log
    assert "rose from 20 to 40" in log
    assert "30" not in log


def test_an_outsider_finds_no_gap_where_a_release_was_never_readable(two: DataFolder) -> None:
    reject(two, "r0002")
    build(two, 40)
    approve(two, "r0003")
    assert [path.name[:5] for path in _chain(two.published)] == ["r0001", "r0002", "r0003"]
    shutil.rmtree(next(two.releases.glob("r0002*")))  # nobody could copy it
    assert [path.name[:5] for path in _chain(two.published)] == ["r0001", "r0003"]
    shutil.rmtree(next(two.releases.glob("r0001*")))
    with pytest.raises(ReleaseError, match="Release 1 is missing"):
        _chain(two.published)


def test_a_candidate_built_again_after_a_decision_says_what_readers_have_by_then(
    two: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("safer_streets_assets.release.publishing._register", stop)
        with pytest.raises(KeyboardInterrupt):
            build(two, 40)
    approve(two, "r0002")
    made = build(two, 40)
    record = json.loads((made.path / "release.json").read_bytes())
    assert record["previous"] == standings(two).releases[1].release_id
    assert "never_readable" not in record
    assert "rose from 30 to 40" in (made.path / "CHANGELOG.md").read_text()


def test_whoever_watches_is_told_of_a_candidate_and_of_a_register_that_was_changed(
    two: DataFolder,
) -> None:
    def told() -> list[tuple[str, str]]:
        with builders.open_registers(two) as registers:
            return [(one.kind, one.sentence[:23]) for one in find_releases(two, registers)]

    assert told() == [("release_waits", f"Release {standings(two).releases[1].release_id[:14]} ")]
    reject(two, "r0002")
    assert told() == []
    with approvals.changed_register(two, "DELETE FROM registers.release_steps"):
        ((kind, _),) = told()
    assert kind == "release_register_broken"


def test_approving_again_changes_nothing(two: DataFolder) -> None:
    approve(two, "r0002")
    before = everything(two)
    assert approve(two, "r0002").state == "current"
    assert everything(two) == before


def test_a_rollback_shows_the_earlier_release_and_withdraws_the_later_ones(
    two: DataFolder,
) -> None:
    approve(two, "r0002")
    build(two, 40)
    approve(two, "r0003")
    assert roll_back(two, "r0001").state == "current"
    assert states(two) == ["current", "withdrawn", "withdrawn"]
    assert shown(two) == (1, ["r0001"])
    assert modes(two) == ["0o755", "0o700", "0o700"]
    assert not build(two, 40).changed, "a withdrawn release does not come back by itself"
    with pytest.raises(ReleaseError, match="was withdrawn"):
        roll_back(two, "r0003")
    build(two, 50)
    approve(two, "r0004")
    assert shown(two) == (4, ["r0004", "r0001"])


@pytest.mark.parametrize("policy", [under("none"), TWO], ids=["none", "two-person"])
def test_what_is_published_under_either_policy_can_be_rolled_back(
    folder: DataFolder, policy: object
) -> None:
    build(folder, 20, under("none"))
    build(folder, 30, under("none"))
    assert states(folder) == ["earlier", "current"]
    assert roll_back(folder, "r0001", policy).state == "current"  # type: ignore[arg-type]


def harm_its_files(folder: DataFolder) -> None:
    (next(folder.releases.glob("r0001*")) / "csv" / "funnel.csv").write_bytes(b"stage,n\r\n")


def harm_another(folder: DataFolder) -> None:
    (next(folder.releases.glob("r0002*")) / "release.json").unlink()


def erase_somebody(folder: DataFolder) -> None:
    with builders.open_registers(folder) as registers:
        registers.execute(
            "INSERT INTO registers.deletion_certificates (certificate_id, holding, store, what, "
            "rule, due_on, erased_at, files, bytes, method, verification, not_reached) VALUES "
            "('c', 'h', 's', 'w', ?, DATE '2020-06-02', ?, 0, 0, 'm', 'v', 'n')",
            [RULE, NOW + timedelta(days=1)],
        )


def stop_its_stage(folder: DataFolder) -> None:
    with builders.open_registers(folder) as registers:
        registers.execute(
            "INSERT INTO registers.stopped_stages VALUES "
            "('process_evaluation', DATE '2020-06-02', 'r', ?)",
            [NOW],
        )


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (harm_its_files, "SHA256SUMS"),
        (harm_another, "r0002.* is missing or has changed"),
        (erase_somebody, "erased or an objection was upheld after"),
        (stop_its_stage, "prints the table attendance_by_session, which may not"),
    ],
)
def test_a_release_that_is_not_consistent_any_more_cannot_be_rolled_back_to(
    folder: DataFolder, harm: Callable[[DataFolder], None], said: str
) -> None:
    frames = builders.small_tables()
    first = builders.content(frames, notes={}, structure={"tables": []})
    builders.publish(folder, first, policy=under("none"))
    build(folder, 30, under("none"))
    harm(folder)
    before = shown(folder)
    with pytest.raises((ReleaseError, EarlierReleaseError), match=said):
        roll_back(folder, "r0001", under("none"))
    assert shown(folder) == before


@pytest.mark.parametrize(
    ("made_with", "refused"),
    [([builders.quote("Role play taught me a lot", "x5")], True), ([], False)],
)
def test_a_quote_that_was_withdrawn_since_keeps_an_earlier_release_with_quotes_back(
    folder: DataFolder, made_with: list[PrintedQuote], refused: bool
) -> None:
    made = builders.content(quotes=made_with, notes={}, structure={"tables": []})
    builders.publish(folder, made, policy=under("none"))
    build(folder, 30, under("none"))
    with builders.open_registers(folder) as registers:
        registers.execute(
            "INSERT INTO registers.quote_decisions VALUES "
            "('q', 'withdrawn', 's', 'f', 'c', 'w', 'somebody', now()::TIMESTAMP + INTERVAL 1 DAY)"
        )
    if refused:
        with pytest.raises(ReleaseError, match="A quote was withdrawn after release r0001"):
            roll_back(folder, "r0001", under("none"))
    else:
        assert roll_back(folder, "r0001", under("none")).number == 1


def test_a_quote_whose_consent_the_policy_lost_since_keeps_an_earlier_release_back(
    folder: DataFolder,
) -> None:
    made = builders.content(
        quotes=[builders.quote("Role play taught me a lot", "x5")],
        notes={},
        structure={"tables": []},
    )
    builders.publish(folder, made, policy=under("none"))
    build(folder, 30, under("none"))
    policy = under("none")
    consents = {k: v for k, v in policy.dpia.quotes.consents.items() if k != "asked_in_writing"}
    quotes = policy.dpia.quotes.model_copy(update={"consents": consents})
    without = replace(policy, dpia=policy.dpia.model_copy(update={"quotes": quotes}))
    with pytest.raises(ReleaseError, match="whose consent or question the policy no longer has"):
        roll_back(folder, "r0001", without)


def test_a_threshold_that_was_raised_since_keeps_an_earlier_release_back(
    folder: DataFolder,
) -> None:
    build(folder, 20, under("none"))
    build(folder, 30, under("none"))
    policy = under("none")
    thresholds = policy.dpia.thresholds.model_copy(update={"minimum_count": 10})
    raised = replace(policy, dpia=policy.dpia.model_copy(update={"thresholds": thresholds}))
    with pytest.raises(ReleaseError, match="prints counts that the policy hides by now"):
        roll_back(folder, "r0001", raised)


def test_a_candidate_of_another_policy_cannot_be_approved(two: DataFolder) -> None:
    with pytest.raises(ReleaseError, match="policy has changed since"):
        approve(two, "r0002", policy=replace(TWO, digest="1" * 64))


def test_a_policy_that_asks_for_nobody_any_more_makes_the_next_release_current(
    two: DataFolder,
) -> None:
    assert build(two, 30, under("none")).state == "current"
    assert states(two) == ["earlier", "superseded", "current"]


def test_registers_from_before_approvals_open_and_go_on(folder: DataFolder) -> None:
    build(folder, 20, POLICY)
    build(folder, 30, POLICY)
    with approvals.changed_register(folder, "DROP TABLE registers.release_steps"):
        (folder.registers / "releases.json").unlink()
    assert states(folder) == ["earlier", "current"]
    with builders.open_registers(folder) as registers:
        ensure_registers(registers)
    assert not build(folder, 30, POLICY).changed
    assert roll_back(folder, "r0001", POLICY).state == "current"
    assert states(folder) == ["current", "withdrawn"]
    build(folder, 40)
    assert states(folder) == ["current", "withdrawn", "candidate"]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE registers.release_steps SET step = 'approved' WHERE number = 3",
        "UPDATE registers.release_steps SET by_uid = 40003 WHERE number = 3",
        "DELETE FROM registers.release_steps WHERE number = 1",
        "DELETE FROM registers.release_steps WHERE number = 4",
        "DELETE FROM registers.release_steps",
        "DELETE FROM registers.releases WHERE number = 2",
    ],
)
def test_a_register_that_somebody_wrote_to_by_hand_is_refused(two: DataFolder, sql: str) -> None:
    reject(two, "r0002")
    with approvals.changed_register(two, sql), pytest.raises(ReleaseError, match="newest backup"):
        build(two, 40)


def test_a_name_that_an_erasure_blots_out_of_a_reason_breaks_no_chain(two: DataFolder) -> None:
    reject(two, "r0002", "As somebody asked.")
    sql = "UPDATE registers.release_steps SET why = '[erased]' WHERE why IS NOT NULL"
    with approvals.changed_register(two, sql):
        assert states(two) == ["current", "rejected"]


STEPS: dict[str, Callable[[DataFolder], object]] = {
    "approve": lambda folder: approve(folder, "r0002"),
    "reject": lambda folder: reject(folder, "r0002"),
    "supersede": lambda folder: build(folder, 40),
    "roll back": lambda folder: roll_back(folder, "r0001"),
}


@pytest.mark.parametrize(
    "name",
    [
        "approve",
        "reject",
        pytest.param("supersede", marks=pytest.mark.thorough),
        pytest.param("roll back", marks=pytest.mark.thorough),
    ],
)
def test_a_step_killed_anywhere_and_done_again_ends_as_if_never_killed(
    two: DataFolder, tmp_path: Path, name: str
) -> None:
    if name == "roll back":
        approve(two, "r0002")
    step = STEPS[name]

    def at(case: str) -> DataFolder:
        root = tmp_path / case
        shutil.copytree(two.root, root)
        return DataFolder(root=root, keys=root / "keys")

    whole = at("whole")
    step(whole)
    expected = everything(whole)
    for number in moments(3):
        folder = at(f"killed {number}")
        ended = run_until(lambda folder=folder: step(folder), number)  # type: ignore[misc]
        current = standings(folder).current
        assert current is not None
        assert modes(folder)[0] == "0o755", "the release that readers have stays open"
        step(folder)
        assert everything(folder) == expected, number
        shutil.rmtree(folder.root)
        if ended:
            break
