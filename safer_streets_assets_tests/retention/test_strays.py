"""The walk over the data folder finds every file that no holding explains, and names none."""

from __future__ import annotations

import os
from datetime import date

import pytest

from safer_streets_assets.intake.run_requests import request_run
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.report import write_index
from safer_streets_assets.retention.checks import in_words, judge
from safer_streets_assets.retention.holdings.holding import Holding
from safer_streets_assets.retention.holdings.register import read_register
from safer_streets_assets.retention.holdings.strays import find_strays, what_to_do
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.retention.builders import land, publish

NAME = "Zebedee Quillfeather"
PLACES = [
    (f"{NAME}.xlsx", "the data folder itself", "file"),
    ("core.4711", "the data folder itself", "core dump"),
    (f"restricted/{NAME}.csv", "restricted", "file"),
    (f"restricted/quarantine/{NAME}.sealed", "restricted", "file"),
    ("restricted/.restricted.duckdb.swp", "restricted", "editor backup"),
    (f"subject_access/{NAME}.zip~", "subject_access", "editor backup"),
    (f"research/{NAME} export.tmp", "research", "temporary file"),
    ("research/research.duckdb.bak", "research", "editor backup"),
    ("registers/registers (copy).duckdb", "registers", "file"),
    ("published/releases/r1/funnel.csv~", "published", "editor backup"),
    ("published/notes.txt", "published", "file"),
    ("dagster/storage/frame.pickle", "dagster", "file"),
    ("dagster/core", "dagster", "core dump"),
    ("keys/research backup.key", "keys", "file"),
    ("keys/notes.txt", "keys", "file"),
    (f"{NAME}/letter.docx", "the data folder itself", "file"),
]


def test_a_folder_in_use_has_no_stray(folder: DataFolder, policy: Policy) -> None:
    write_index(folder, policy, [])
    land(folder, "nps_court_outcomes", "just arriving.part", "x")
    request_run(folder)
    (folder.dagster / "history" / "runs").mkdir(parents=True)
    (folder.dagster / "history" / "runs" / ".db").write_text("Dagster's, of events of no run")
    assert find_strays(folder, policy) == []


@pytest.mark.parametrize(("path", "place", "kind"), PLACES)
def test_a_file_in_an_odd_place_is_found_and_not_named(
    folder: DataFolder, policy: Policy, path: str, place: str, kind: str
) -> None:
    stray = folder.root / path
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_text("x")
    found = find_strays(folder, policy)
    assert [(one.place, one.kind, one.files) for one in found] == [(place, kind, 1)]
    assert "Quillfeather" not in what_to_do(found)
    assert "Zebedee" not in what_to_do(found)


def test_a_file_that_never_finishes_arriving_becomes_a_stray(
    folder: DataFolder, policy: Policy
) -> None:
    path = land(folder, "nps_court_outcomes", f"~${NAME}.xlsx", "x")
    assert find_strays(folder, policy) == []
    os.utime(path, (0, 0))
    assert [(one.place, one.files) for one in find_strays(folder, policy)] == [("landing", 1)]


def judged(folder: DataFolder, policy: Policy, day: date) -> tuple[bool, bool, set[str]]:
    own: list[Holding] = [
        line
        for line in read_register(folder, policy, day)
        if line.clock.rule in ("personal_data", "outputs")
    ]
    fine, late, listed = judge(own)
    return fine, late, set(listed)


def test_the_check_warns_thirty_fourteen_and_one_day_before_and_errs_when_overdue(
    folder: DataFolder, policy: Policy
) -> None:
    from datetime import datetime

    publish(folder, "Report", "2020-02-29", datetime(2020, 3, 1))
    assert judged(folder, policy, date(2021, 1, 28)) == (True, False, set())
    assert judged(folder, policy, date(2021, 1, 29)) == (False, False, {"due within 30 days"})
    assert judged(folder, policy, date(2021, 2, 14)) == (False, False, {"due within 14 days"})
    assert judged(folder, policy, date(2021, 2, 27)) == (False, False, {"due within 1 days"})
    assert judged(folder, policy, date(2021, 2, 28)) == (False, False, {"due today"})
    assert judged(folder, policy, date(2021, 3, 1)) == (False, True, {"overdue"})


def test_the_check_says_in_a_sentence_what_is_late_first() -> None:
    soon = [f"drop {n}" for n in range(7)]
    listed = {"due within 30 days": soon, "held by exception, review due": ["a"], "overdue": ["b"]}
    assert in_words(listed) == (
        "overdue: b; held by exception, review due: a; "
        "due within 30 days: drop 0, drop 1, drop 2, drop 3, drop 4, 2 more."
    )
    assert in_words({}) is None
