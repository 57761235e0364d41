"""The sample year that came with the assignment, where it lies beside the repository."""

from __future__ import annotations

import json
import math
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from safer_streets_assets.disclosure.check_witnesses import check_folder
from safer_streets_assets.policy import load_policy
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets_tests.attitudes.sample_change import change_alone
from safer_streets_assets_tests.e2e.commands import REPOSITORY, Commands, Surroundings
from safer_streets_assets_tests.e2e.runs import at, published, query, run_in
from safer_streets_assets_tests.release.workbook.figures import differences
from safer_streets_assets_tests.release.workbook.opened import open_xlsx
from safer_streets_assets_tests.release.workbook.opened_ods import open_ods

SAMPLES = [path for path in [REPOSITORY.parent / "shared" / "sample_drops"] if path.is_dir()]


@pytest.fixture(scope="module", params=SAMPLES, ids=lambda path: path.name)
def year(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, commands: Commands
) -> tuple[DataFolder, dict[str, Any]]:
    """The data folder after a run over the sample year, and what is expected of it."""
    root = tmp_path_factory.mktemp("samples")
    folder = at(root / "data").prepare()
    shutil.copytree(
        request.param / "landing", folder.landing, dirs_exist_ok=True, copy_function=_writable
    )
    done = run_in(commands, folder, Surroundings(root / "around"))
    assert done.code == 0, done.out + done.err
    return folder, json.loads((request.param / "expected.json").read_text())


def _writable(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    times = Path(source).stat()
    os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_the_workbook_says_what_the_other_files_say(
    year: tuple[DataFolder, dict[str, Any]],
) -> None:
    (release,) = year[0].releases.iterdir()
    for form, opened in (("xlsx", open_xlsx), ("ods", open_ods)):
        book = opened((release / f"safer_streets_tables.{form}").read_bytes())
        assert len(book.cells) > 10_000
        assert differences(release, book) == []


def test_every_row_is_accounted_for(year: tuple[DataFolder, dict[str, Any]]) -> None:
    folder, expected = year
    versions = {
        row[0]: row[1:]
        for row in query(
            folder,
            "SELECT source, set_aside, duplicates, corrections, conformed "
            "FROM registers.row_versions",
        )
    }
    nps = expected["nps"]
    assert versions["nps_court_outcomes"] == (
        nps["bad_rows"],
        nps["duplicate_rows"],
        nps["corrections"],
        nps["valid_cases"],
    )
    assert versions["crc_eligibility"][3] == expected["crc"]["cases"]
    assert versions["ors_attendee_survey"][3] == expected["ors"]["attendee_responses"]
    assert versions["ors_facilitator_checkin"][3] == expected["ors"]["checkins"]


def test_the_funnel_is_as_expected(year: tuple[DataFolder, dict[str, Any]]) -> None:
    folder, expected = year
    short = {"community sentence with RAR": "community_rar"}
    funnel = dict(query(folder, "SELECT stage, n FROM research.aggregates.funnel"))
    assert {short.get(stage, stage): n for stage, n in funnel.items()} == expected["funnel"]
    by_borough = query(
        folder, "SELECT borough, stage, n FROM research.aggregates.funnel_by_borough"
    )
    found = {(borough, stage): n for borough, stage, n in by_borough}
    for borough, stages in expected["funnel_by_borough"].items():
        for stage, n in stages.items():
            assert found[borough, stage] == n, (borough, stage)


def test_every_table_is_as_expected_before_protection(
    year: tuple[DataFolder, dict[str, Any]],
) -> None:
    folder, expected = year
    policy = load_policy()
    assert expected["tables"]
    for table, rows in expected["tables"].items():
        names = list(policy.tables.columns(table))
        within = " AND ".join(f"{name} <> 'Total'" for name in names)
        found = query(
            folder,
            f"SELECT {', '.join(names)}, n FROM research.aggregates.{table} "
            f"WHERE {within} AND n <> 0",
        )
        assert sorted(map(list, found)) == sorted(rows), table


def test_change_is_as_expected_to_nine_decimals(year: tuple[DataFolder, dict[str, Any]]) -> None:
    folder, expected = year
    with open_stores(folder, read=["research"]) as connection:
        alone = change_alone(connection)
    for scale, figures in expected["change"].items():
        for name, value in figures.items():
            found = alone[scale]["n_paired" if name == "n" else name]
            assert math.isclose(found, value, rel_tol=1e-9, abs_tol=1e-9), (scale, name)


def test_no_small_count_is_published(year: tuple[DataFolder, dict[str, Any]]) -> None:
    folder, _ = year
    with published(folder) as connection:
        for table, spec in load_policy().tables.tables.items():
            for count in spec.counts:
                small = f"SELECT count(*) FROM {table} WHERE {count} BETWEEN 1 AND 4"
                assert connection.execute(small).fetchone() == (0,), (table, count)


def test_the_witnesses_hold_by_addition(year: tuple[DataFolder, dict[str, Any]]) -> None:
    folder, _ = year
    ((_, hidden),) = check_folder(folder)
    assert hidden > 0


def test_every_table_is_proven_and_prints_something(
    year: tuple[DataFolder, dict[str, Any]],
) -> None:
    folder, _ = year
    with published(folder) as connection:
        rows = connection.execute("SELECT table_name, verdict FROM suppression_summary").fetchall()
        # The police's source is not agreed.
        tables = load_policy().tables.tables
        made = {name: table for name, table in tables.items() if table.gate != "reoffending"}
        not_made = dict.fromkeys(tables.keys() - made, "not made: its stage gate is closed")
        assert dict(rows) == dict.fromkeys(made, "proven") | not_made
        for table, spec in made.items():
            count = next(iter(spec.counts))
            printed = f"SELECT count({count}) FROM {table}"
            found = connection.execute(printed).fetchone()
            assert found is not None
            assert found[0] > 0, table
