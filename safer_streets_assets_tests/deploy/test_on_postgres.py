"""The product on a real PostgreSQL: the evaluation, the sensor, a retention day, and its faults."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from safer_streets_assets.console.instance import open_instance
from safer_streets_assets.definitions import EVALUATION_JOB, build_defs
from safer_streets_assets.intake import landing, run_requests
from safer_streets_assets.intake import sensor as sensing
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.retention.traces.fingerprints import Fingerprints, Searcher
from safer_streets_assets.retention.traces.in_postgres import POSTGRES, texts_of_history
from safer_streets_assets.retention.traces.read_back import UNREADABLE, read_back
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.faults import HISTORY_AWAY
from safer_streets_assets.stores.history import (
    IN_FILES,
    IN_POSTGRES,
    NO_ADDRESS,
    PASSWORD_IN_ADDRESS,
    POSTGRES_VARIABLE,
    HistoryError,
    postgres_address,
)
from safer_streets_assets_tests.builders import (
    data_folder,
    no_settings_from_outside,
    shipped_policy,
)
from safer_streets_assets_tests.deploy.postgres import PASSWORD, USER, Server, running_server
from safer_streets_assets_tests.e2e.commands import Commands, Finished, Surroundings
from safer_streets_assets_tests.e2e.runs import (
    QUIET,
    WholeRun,
    commands,
    copy_data,
    first,
    land_second_half,
    query,
    shared,
    with_password,
)
from safer_streets_assets_tests.e2e.ticks import Ticks, run_takes_in, settled

__all__ = ["commands", "first", "no_settings_from_outside", "shared"]
NAME = "Zebedee Quillfeather"
ELSEWHERE = "postgresql+psycopg2://somebody@elsewhere/history"


@dataclass(frozen=True)
class Evaluated:
    """A data folder whose second run kept its history in a database."""

    folder: DataFolder
    server: Server
    database: str
    around: Surroundings
    finished: Finished

    def set_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Sets this process's environment as an operator's."""
        for name in ("DAGSTER_HOME", "SAFER_STREETS_DAGSTER", "SAFER_STREETS_DATA"):
            monkeypatch.setenv(name, "")
        monkeypatch.setenv("PGTZ", "UTC")
        monkeypatch.setenv("PGCONNECT_TIMEOUT", "10")
        for name, value in self.settings.items():
            monkeypatch.setenv(name, value)

    @property
    def settings(self) -> dict[str, str]:
        """What an operator sets."""
        address = self.server.address(self.database)
        return {POSTGRES_VARIABLE: address, "PGPASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as running:
        yield running


@pytest.fixture(scope="module")
def evaluated(
    server: Server, first: WholeRun, commands: Commands, tmp_path_factory: pytest.TempPathFactory
) -> Evaluated:
    """The first half of the drops taken in with a history in files, the second in PostgreSQL."""
    place = tmp_path_factory.mktemp("evaluated")
    folder = copy_data(first.folder, place / "data")
    shutil.rmtree(folder.dagster)
    database = "evaluated"
    server.make(database)
    settings = {POSTGRES_VARIABLE: server.address(database), "PGPASSWORD": PASSWORD}
    around = Surroundings(place / "around")
    land_second_half(first, folder)
    finished = commands.run(
        around, "run", "--data", str(folder.root), **with_password(folder), **settings
    )
    assert finished.code == 0, finished.out + finished.err
    return Evaluated(folder, server, database, around, finished)


@pytest.fixture
def copied(evaluated: Evaluated, tmp_path: Path) -> Iterator[Evaluated]:
    """The evaluated folder and its history, to change."""
    server, name = evaluated.server, f"copy{os.urandom(4).hex()}"
    server.run("createdb", "-h", str(server.root), "-U", USER, "-T", evaluated.database, name)
    folder = copy_data(evaluated.folder, tmp_path / "data")
    yield Evaluated(folder, server, name, Surroundings(tmp_path / "around"), evaluated.finished)
    server.run("dropdb", "-h", str(server.root), "-U", USER, "--force", name)


@pytest.mark.thorough
def test_the_evaluation_keeps_its_history_there_and_nothing_of_it_in_the_folder(
    evaluated: Evaluated,
) -> None:
    ended = evaluated.server.ask(
        evaluated.database, "SELECT pipeline_name, status FROM runs ORDER BY id"
    )
    jobs = ("evaluation", "retention", "accountability")
    assert ended.splitlines() == [f"{job}|SUCCESS" for job in jobs]
    assert query(evaluated.folder, "SELECT count(*) FROM registers.releases") == [(2,)]
    assert [path.name for path in evaluated.folder.dagster.rglob("*") if path.is_file()] == [
        "dagster.yaml"
    ]


@pytest.mark.thorough
def test_neither_the_password_nor_the_address_is_in_a_file_or_on_the_screen(
    evaluated: Evaluated,
) -> None:
    said = evaluated.finished.out + evaluated.finished.err
    files = [path for path in evaluated.folder.root.parent.rglob("*") if path.is_file()]
    for secret in (PASSWORD, USER, str(evaluated.server.root)):
        assert secret not in said
        assert not [path for path in files if secret.encode() in path.read_bytes()]
    rows = evaluated.server.run(
        "pg_dump", "-h", str(evaluated.server.root), "-U", USER, "--no-owner", evaluated.database
    )
    assert PASSWORD not in rows


@pytest.mark.thorough
def test_the_sensor_asks_for_a_run_once_and_knows_from_there_how_it_ended(
    copied: Evaluated, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied.set_up(monkeypatch)
    with open_instance(copied.folder) as instance:
        ticks = Ticks(policy, copied.folder, instance)
        for module in (landing, sensing, run_requests):
            monkeypatch.setattr(module, "clock_ns", ticks.clock_ns)
        request = settled(ticks, copied.folder)
        run_id = ticks.start(request)
        assert isinstance(ticks.tick(), str)
        ticks.end(run_id, dg.DagsterRunStatus.FAILURE)
        run_takes_in(ticks, copied.folder, policy, ticks.requested(3600))
        assert isinstance(ticks.tick(), str)
        newest = sensing.past_runs(instance, EVALUATION_JOB, policy)[:2]
        assert [run.outcome for run in newest] == ["succeeded", "failed"]


@pytest.mark.thorough
def test_a_retention_day_erases_certifies_and_leaves_no_run_that_refers_to_what_is_gone(
    copied: Evaluated, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, server = copied.folder, copied.server
    sealed = [path.stem for path in folder.quarantine.rglob("*.sealed")]
    assert sealed
    shown = [drop_id[:12] for drop_id in sealed]
    long_ago = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=40)
    with open_stores(folder, write=["registers"]) as connection:
        connection.execute(
            "UPDATE registers.drops SET decided_at = ? WHERE decided_at IS NOT NULL", [long_ago]
        )
    copied.set_up(monkeypatch)
    with open_instance(folder) as instance:
        assert any(one in text for _, _, text in texts_of_history(folder) for one in shown)
        definitions = build_defs(policy, data_folder=str(folder.root))
        result = definitions.resolve_job_def("retention").execute_in_process(
            instance=instance, raise_on_error=False, run_config=QUIET
        )
        assert result.success
        left = [record.dagster_run.run_id for record in instance.get_run_records()]
    assert not list(folder.quarantine.rglob("*.sealed"))
    assert len(query(folder, "SELECT * FROM registers.deletion_certificates")) >= len(sealed)
    assert query(
        folder,
        "SELECT count(*) FROM registers.deletion_certificates "
        "ANTI JOIN registers.forgotten USING (certificate_id)",
    ) == [(0,)]
    assert result.run_id in left
    others = server.ask(
        copied.database,
        "SELECT count(*) FROM event_logs WHERE run_id <> '"
        + result.run_id
        + "' AND ("
        + " OR ".join(f"event LIKE '%{one}%'" for one in shown)
        + ")",
    )
    assert others == "0"


@pytest.mark.thorough
def test_what_stands_in_the_history_is_read_back(
    copied: Evaluated, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied.set_up(monkeypatch)
    for table, column in (("runs", "run_body"), ("snapshots", "snapshot_body")):
        assert not any(NAME in text for _, _, text in texts_of_history(copied.folder))
        copied.server.ask(copied.database, f"UPDATE {table} SET {column} = '{NAME}'")
        found = {(t, c) for t, c, text in texts_of_history(copied.folder) if NAME in text}
        assert found == {(table, column)}
        copied.server.ask(copied.database, f"UPDATE {table} SET {column} = ''")


@pytest.mark.thorough
def test_an_erasure_is_not_taken_for_verified_while_the_history_cannot_be_read(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = data_folder(tmp_path / "data")
    server.make("unread")
    done = Finished(0, "", "")
    Evaluated(folder, server, "unread", Surroundings(tmp_path), done).set_up(monkeypatch)
    with open_instance(folder) as instance:
        assert instance.get_runs_count() == 0
    nothing = Searcher("0" * 64, Fingerprints({}, [], []), shipped_policy().dpia.person_number)
    assert read_back(folder, nothing).places == ()
    monkeypatch.setenv("PGPASSWORD", "another one")
    unread = (f"{POSTGRES}, {UNREADABLE}",)
    assert read_back(folder, nothing).places == unread
    monkeypatch.delenv(POSTGRES_VARIABLE)
    assert read_back(folder, nothing).places == unread


@pytest.mark.thorough
def test_a_server_that_refuses_is_told_in_a_sentence_and_what_needs_none_goes_on(
    copied: Evaluated, commands: Commands
) -> None:
    data = ("--data", str(copied.folder.root))
    settings = {**copied.settings, "PGPASSWORD": "another one"}
    ran = commands.run(copied.around, "run", *data, **settings)
    assert (ran.code, ran.err.strip()) == (1, HISTORY_AWAY)
    status = commands.run(copied.around, "status", *data, **settings)
    assert status.code == 2
    assert HISTORY_AWAY in status.out
    erased = commands.run(copied.around, "retention", "--enforce", "--yes", *data, **settings)
    assert (erased.code, HISTORY_AWAY in erased.out) == (0, True), erased.out + erased.err
    for done in (ran, status, erased):
        assert "another one" not in done.out + done.err
        assert USER not in done.out + done.err


@pytest.mark.thorough
def test_a_history_that_is_elsewhere_than_the_environment_says_is_not_begun_anew(
    evaluated: Evaluated, first: WholeRun, commands: Commands
) -> None:
    forgotten = commands.run(evaluated.around, "run", "--data", str(evaluated.folder.root))
    assert (forgotten.code, forgotten.err.strip()) == (1, IN_POSTGRES)
    in_files = commands.run(
        evaluated.around, "run", "--data", str(first.folder.root), **evaluated.settings
    )
    assert (in_files.code, in_files.err.strip()) == (1, IN_FILES)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("postgresql+psycopg2://me:secret@server/history", PASSWORD_IN_ADDRESS),
        ("postgresql+psycopg2://me@server/history?password=secret", PASSWORD_IN_ADDRESS),
        ("postgresql://me:secret@server/history", PASSWORD_IN_ADDRESS),
        ("postgresql://me@server/history", NO_ADDRESS),
        ("postgresql+psycopg2://me@server", NO_ADDRESS),
        ("postgresql+psycopg2://me@server:port/history", NO_ADDRESS),
        ("postgresql+psycopg2://me@[server/history", NO_ADDRESS),
        ("secret", NO_ADDRESS),
    ],
)
def test_an_address_that_cannot_serve_is_refused_without_being_shown(
    address: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(POSTGRES_VARIABLE, address)
    with pytest.raises(HistoryError) as refused:
        postgres_address()
    assert str(refused.value) == sentence
    assert "secret" not in repr(refused.value)


def test_no_address_means_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(POSTGRES_VARIABLE, " ")
    assert postgres_address() is None
    monkeypatch.setenv(POSTGRES_VARIABLE, ELSEWHERE)
    assert postgres_address() == ELSEWHERE
