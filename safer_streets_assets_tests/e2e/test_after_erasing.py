"""After an erasure, a rotation or a restore the next run goes on, and brings nobody back.

Each test works on a copy of the first whole run, does what an operator would do, and puts the
second half of the drops into the landing folder, as senders would.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from typer.testing import CliRunner

from safer_streets_assets.cli import app
from safer_streets_assets.definitions import EVALUATION_JOB, build_defs
from safer_streets_assets.demo.calendar_months import months_from
from safer_streets_assets.demo.nps import cp1252_months
from safer_streets_assets.demo.people import InventedPerson, invent_people
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.retention.holdings.strays import find_strays
from safer_streets_assets.retention.records.chain import verify_chain
from safer_streets_assets.stores import STORE_NAMES, DataFolder, open_stores
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets_tests.builders import settle_landing
from safer_streets_assets_tests.e2e.runs import (
    QUIET,
    WholeRun,
    at,
    copy_data,
    instance_of,
    land_second_half,
    published,
    query,
)
from safer_streets_assets_tests.privacy.traces import database_texts, layers

CRC, SURVEY, TRAINING = "crc_eligibility", "ors_attendee_survey", "training_feedback"
NOW = ("--why", "asked for", "--now", "--confirm")
CHECKED = ("linked_cohort", "protected_tables", "published_tables")


@dataclass(frozen=True)
class Somebody:
    """An invented person of whom the first half of the drops tells, and the second half again."""

    crn: str
    listed_name: str
    spoken_name: str

    @property
    def needles(self) -> tuple[str, ...]:
        return self.crn, self.listed_name, self.spoken_name


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


@pytest.fixture(scope="module")
def somebody(first: WholeRun) -> Somebody:
    """Of those with a name that nobody else has, the one with most rows."""
    everybody = _everybody(first.manifest)
    names = [person.listed_name for person in everybody]
    alone = {p.crn: p for p in everybody if names.count(p.listed_name) == 1}
    rows = query(
        first.folder,
        "SELECT crn_key FROM restricted.nps_court_outcomes_raw "
        f"SEMI JOIN restricted.{CRC}_raw USING (crn_key) "
        f"JOIN restricted.{SURVEY}_raw USING (crn_key) "
        "GROUP BY crn_key ORDER BY count(*) DESC, crn_key",
    )
    person = next(alone[crn] for (crn,) in rows if crn in alone)
    return Somebody(person.crn, person.listed_name, person.spoken_name)


def _everybody(manifest: dict[str, Any]) -> list[InventedPerson]:
    months = months_from(date.fromisoformat(manifest["first_month"]), manifest["months"])
    return invent_people(
        people=manifest["people"],
        months=months,
        seed=manifest["seed"],
        non_ascii_months=cp1252_months(manifest["months"]),
    )


@pytest.fixture
def folder(first: WholeRun, tmp_path: Path) -> DataFolder:
    return copy_data(first.folder, tmp_path / "copy" / "data")


def take_in_second_half(
    first: WholeRun, folder: DataFolder, monkeypatch: pytest.MonkeyPatch, *, to_the_end: bool
) -> None:
    """The steps of a run over the second half of the drops: the intake alone, or all of them with
    the checks of the cohort and of what is published, which all have to pass or only warn."""
    land_second_half(first, folder)
    settle_landing(folder)
    policy = load_policy()
    stores = StoresResource(data_folder=str(folder.root))
    job = build_defs(policy, {"stores": stores}, str(folder.root)).resolve_job_def(EVALUATION_JOB)
    layer = job.asset_layer
    assets = {key for key in layer.executable_asset_keys if to_the_end or _is_intake(key.path[0])}
    checks = {key for key in layer.asset_graph.asset_check_keys if key.asset_key.path[0] in CHECKED}
    steps = job.get_subset(
        asset_selection=assets, asset_check_selection=checks if to_the_end else set()
    )
    with instance_of(folder, monkeypatch) as instance:
        result = steps.execute_in_process(instance=instance, run_config=QUIET)
    found = result.get_asset_check_evaluations()
    late = [c for c in found if not c.passed and c.severity is dg.AssetCheckSeverity.ERROR]
    assert result.success
    assert late == []
    assert to_the_end <= ("attack_finds_nothing" in {check.check_name for check in found})


def _is_intake(asset: str) -> bool:
    return asset in ("drop_arrivals", "drop_ledger") or asset.endswith("_raw")


def command(folder: DataFolder, *arguments: str, typed: str = "") -> str:
    """A command in this process, so that it has a standard input; what it printed."""
    done = CliRunner().invoke(app, [*arguments, "--data", str(folder.root)], input=typed)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def found_in(folder: DataFolder, needles: Collection[str]) -> set[str]:
    """Where any of the texts stands: names and bytes of files, what is packed in them, cells."""
    forms = [
        needle.lower().encode(coding)
        for needle in needles
        for coding in ("utf-8", "cp1252", "utf-16-le", "utf-16-be")
    ]
    lowered = ((place, text.lower()) for place, text in _everything(folder))
    return {place for place, text in lowered if any(form in text for form in forms)}


def _everything(folder: DataFolder) -> Iterator[tuple[str, bytes]]:
    for store in STORE_NAMES:
        with open_stores(folder, read=[store]) as connection:
            yield from ((store, text) for text in database_texts(connection, store))
    for path in folder.root.rglob("*"):
        yield "name of a file", str(path.relative_to(folder.root)).encode()
        if path.is_file():
            yield from ((path.name, layer) for layer in layers(path.read_bytes(), path))


def releases_of(folder: DataFolder) -> list[str]:
    found = query(folder, "SELECT release_id FROM registers.releases ORDER BY number")
    return [release for (release,) in found]


def not_proven(folder: DataFolder) -> set[str]:
    """Tables of the newest release that are withheld."""
    with published(folder) as connection:
        rows = connection.execute("SELECT table_name, verdict FROM suppression_summary").fetchall()
    assert {proof for _, proof in rows} & {"proven"}
    return {table for table, proof in rows if proof != "proven"}


def assert_all_is_well(folder: DataFolder, policy: Policy, certificates: int) -> None:
    """Nothing lies about that no holding explains, and the chain of certificates is whole."""
    assert find_strays(folder, policy) == []
    with open_stores(folder, read=["registers"]) as connection:
        chain = verify_chain(connection)
    assert (chain.broken_at, chain.certificates) == (None, certificates)


@pytest.mark.thorough
def test_after_an_erasure_a_backup_and_its_restore_the_person_stays_away(
    folder: DataFolder,
    policy: Policy,
    first: WholeRun,
    second: WholeRun,
    somebody: Somebody,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def backup(name: str) -> list[str]:
        data, keys = str(tmp_path / name), str(tmp_path / f"keys of {name}")
        command(folder, "backup", "make", data, "--with-keys-to", keys)
        newest = folder.database("registers")
        return ["backup", "restore", data, "--keys", keys, "--certificates", str(newest)]

    restore_what_was_before = backup("before")
    assert found_in(folder, somebody.needles) == {"restricted"}
    told = command(folder, "erase-person", *NOW, "erase", typed=f"{somebody.crn}\n")
    assert found_in(folder, somebody.needles) == set()

    restored = at(tmp_path / "restored" / "data")
    restored.root.parent.mkdir()
    refused = CliRunner().invoke(app, [*restore_what_was_before, "--data", str(restored.root)])
    assert refused.exit_code == 1
    assert not restored.root.exists()
    told += command(restored, *backup("after"))

    assert not [needle for needle in somebody.needles if needle in told]

    take_in_second_half(first, restored, monkeypatch, to_the_end=True)
    aside = "SELECT count(*) FROM registers.set_aside_counts WHERE reason = 'R-ERASED'"
    assert query(restored, aside) != [(0,)]
    assert found_in(restored, somebody.needles) == set()
    assert len(releases_of(restored)) == 2
    assert not_proven(restored) <= not_proven(second.folder)
    people = "SELECT count(*) FROM research.linked_cohort"
    assert query(restored, people)[0][0] == query(second.folder, people)[0][0] - 1
    assert_all_is_well(restored, policy, certificates=1)


@pytest.mark.thorough
def test_an_erased_drop_stays_away_and_the_next_drops_are_taken_in(
    folder: DataFolder,
    policy: Policy,
    first: WholeRun,
    second: WholeRun,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drop_id, rows = query(
        folder,
        "SELECT drop_id, rows_loaded FROM registers.drops WHERE state = 'loaded' "
        f"AND source = '{SURVEY}' ORDER BY rows_loaded DESC LIMIT 1",
    )[0]
    assert drop_id[:12] in command(folder, "drops", "list", "--source", SURVEY)
    command(folder, "erase-drop", drop_id[:12], *NOW, drop_id[:12])
    take_in_second_half(first, folder, monkeypatch, to_the_end=False)
    counted = f"SELECT count(*) FROM restricted.{SURVEY}_raw"
    assert query(folder, counted)[0][0] == query(second.folder, counted)[0][0] - rows
    (line,) = query(folder, f"SELECT state, reason FROM registers.drops WHERE drop_id='{drop_id}'")
    assert line == ("refused", "D-ERASED")
    assert_all_is_well(folder, policy, certificates=1)


@pytest.mark.thorough
def test_a_drop_of_invented_training_feedback_is_erased_and_verified(
    folder: DataFolder, policy: Policy
) -> None:
    drop_id = query(
        folder,
        "SELECT drop_id FROM registers.drops WHERE state = 'loaded' "
        f"AND source = '{TRAINING}' ORDER BY rows_loaded DESC LIMIT 1",
    )[0][0]
    command(folder, "erase-drop", drop_id[:12], *NOW, drop_id[:12])
    rows = f"SELECT count(*) FROM restricted.{TRAINING}_raw WHERE drop_id = '{drop_id}'"
    assert query(folder, rows) == [(0,)]
    assert query(folder, "FROM registers.open_erasures") == []
    assert_all_is_well(folder, policy, certificates=1)


@pytest.mark.thorough
def test_after_rotating_keys_and_pseudonyms_the_next_release_is_as_it_would_have_been(
    folder: DataFolder,
    policy: Policy,
    first: WholeRun,
    second: WholeRun,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = "SELECT person_id FROM restricted.person_pseudonyms"
    before = {person for (person,) in query(folder, people)}
    command(folder, "keys", "rotate", "--yes")
    assert {person for (person,) in query(folder, people)} == before
    command(folder, "keys", "rotate", "--pseudonyms", "--yes")
    command(folder, "keys", "check")
    assert found_in(folder, sorted(before)[:5]) == set()
    take_in_second_half(first, folder, monkeypatch, to_the_end=True)
    assert found_in(folder, sorted(before)[:5]) == set()
    assert releases_of(folder) == releases_of(second.folder)
    assert_all_is_well(folder, policy, certificates=0)
