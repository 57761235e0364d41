"""The summary of a run: figures about people as published, the unit's own counts marked as such."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from safer_streets_assets.console.summary import print_summary
from safer_streets_assets.retention import enforce
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets_tests.builders import NPS, shipped_policy
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import POLICY, content, publish
from safer_streets_assets_tests.retention.builders import (
    folder_at,
    land,
    ledger_states,
    nps_csv,
    take_everything_in,
)


def summary_of(folder: DataFolder) -> str:
    console = Console(file=io.StringIO(), width=120, color_system=None)
    print_summary(console, folder, POLICY)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


@pytest.mark.thorough
def test_what_was_erased_from_quarantine_waits_for_nobody_any_more(tmp_path: Path) -> None:
    folder = folder_at(tmp_path / "data")
    bad = nps_csv(tuple(f"Z11-{n}" for n in range(40)))
    land(folder, NPS, "bad.csv", bad)
    land(folder, NPS, "unreadable.xlsx", b"PK\x03\x04 broken")
    take_everything_in(folder, shipped_policy())
    before = summary_of(folder)
    assert {"drops quarantined", "rows to send back"} <= what_waits(before)
    later = now_utc() + timedelta(days=31)
    assert enforce(folder, POLICY, later.date(), later)
    after = summary_of(folder)
    assert "0 quarantined, 0 refused, 2 erased" in after
    assert what_waits(before) - what_waits(after) >= {"drops quarantined", "rows to send back"}
    assert "ask the sender" not in after


def test_a_drop_in_a_wrong_folder_is_told_by_the_id_that_the_command_takes(tmp_path: Path) -> None:
    folder = folder_at(tmp_path / "data")
    for number in range(2):
        land(folder, "Ottoline sent this", f"{number}.csv", nps_csv((f"Q73625{number}",)))
    take_everything_in(folder, shipped_policy())
    said = summary_of(folder)
    drops = ledger_states(folder)
    assert len(drops) == 2
    for drop_id in drops:
        assert f"safer-streets drops move {drop_id[:12]} SOURCE" in said
    assert "DROP_ID" not in said


def what_waits(said: str) -> set[str]:
    """What the summary says waits for an operator."""
    lines = said.partition("What waits for an operator")[2].splitlines()
    return {line.split("  ")[0].strip() for line in lines}


def published(root: Path, *, invented: bool = False) -> DataFolder:
    folder = builders.data_folder(root)
    with open_stores(folder, write=["restricted", "registers"]) as connection:
        connection.execute("INSERT INTO registers.set_aside_counts VALUES ('d', 'R-CRN', 3)")
        connection.execute(
            "INSERT INTO registers.drops (drop_id, source, state, arrived_at, bytes, rows_loaded) "
            "VALUES ('d', 'nps_court_outcomes', 'loaded', now()::TIMESTAMP, 1, 7)"
        )
    frames = builders.tables()
    publish(folder, content(frames, invented=invented))
    return folder


def test_a_hidden_count_is_a_marker_and_every_other_is_the_published_one(tmp_path: Path) -> None:
    said = summary_of(published(tmp_path))
    funnel = said.partition("Funnel, as published")[2].partition("Published tables")[0]
    lines = [line.split() for line in funnel.splitlines() if line.strip()]
    counts = ["120", "100", "70", "50", "40", "20", "[c]"]
    assert [line[-1] for line in lines[1:]] == counts
    gates = said.partition("Stage gates, as published")[2]
    assert "[c]" in gates.partition("reoffending")[2].splitlines()[0]


def test_counts_of_the_units_own_work_are_for_the_unit_only(tmp_path: Path) -> None:
    said = summary_of(published(tmp_path))
    before, _, after = said.partition("Funnel, as published")
    assert before.startswith("For the unit only")
    assert "Rows set aside (for the unit only)" in before
    assert "R-CRN" in before
    assert "R-CRN" not in after


def test_how_many_counts_are_suppressed_is_shown_and_not_by_which_rule(tmp_path: Path) -> None:
    said = summary_of(published(tmp_path))
    line = next(line for line in said.splitlines() if line.startswith("attendance_by_session"))
    assert line.split() == ["attendance_by_session", "12", "4", "proven"]
    assert "primary" not in said
    assert "secondary" not in said


@pytest.mark.thorough
def test_invented_data_is_called_so(tmp_path: Path) -> None:
    assert "Invented data" in summary_of(published(tmp_path / "a", invented=True))
    assert "Invented data" not in summary_of(published(tmp_path / "b"))


def test_the_report_of_the_newest_release_is_named(tmp_path: Path) -> None:
    folder = published(tmp_path)
    (release,) = folder.releases.iterdir()
    assert f"Report:  {release / 'report.html'}\n" in summary_of(folder)
    (release / "report.html").unlink()
    assert "Report:" not in summary_of(folder)
