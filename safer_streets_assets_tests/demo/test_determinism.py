"""The same arguments give the same bytes, whoever runs it, wherever and whenever."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest

from safer_streets_assets.demo.drops import write_demo_drops

ARGUMENTS = "people=60, months=9, seed=5"
SCRIPT = f"""
import sys
from pathlib import Path
from safer_streets_assets.demo.drops import write_demo_drops
print(write_demo_drops(Path(sys.argv[1]), {ARGUMENTS}).to_json())
"""


def contents(out: Path) -> dict[str, tuple[bytes, int]]:
    """Path to bytes and modification time of every file below a folder."""
    return {
        str(path.relative_to(out)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in out.rglob("*")
        if path.is_file()
    }


def test_another_process_with_other_hashes_and_clock_zone_writes_the_same_bytes(
    tmp_path: Path,
) -> None:
    here = write_demo_drops(tmp_path / "here", people=60, months=9, seed=5)
    environment = os.environ | {
        "PYTHONHASHSEED": "4711",
        "TZ": "Pacific/Auckland",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "there")],
        env=environment,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert contents(tmp_path / "there") == contents(tmp_path / "here")
    assert done.stdout.strip() == here.to_json()


def test_writing_over_an_earlier_demo_changes_nothing(tmp_path: Path) -> None:
    write_demo_drops(tmp_path, people=5, months=2)
    before = contents(tmp_path)
    write_demo_drops(tmp_path, people=5, months=2)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "other",
    [{"seed": 2}, {"people": 13}, {"first_month": date(2020, 3, 1)}],
    ids=lambda change: next(iter(change)),
)
def test_other_arguments_give_other_outcomes(tmp_path: Path, other: dict[str, int]) -> None:
    usual = {"people": 12, "months": 3, "seed": 1}
    write_demo_drops(tmp_path / "a", **usual)  # type: ignore[arg-type]
    write_demo_drops(tmp_path / "b", **(usual | other))  # type: ignore[arg-type]
    first, second = contents(tmp_path / "a"), contents(tmp_path / "b")
    outcomes = [
        {data for path, (data, _) in files.items() if path.startswith("nps")}
        for files in (first, second)
    ]
    assert not outcomes[0] & outcomes[1]


def test_workbooks_and_spss_files_carry_no_date_of_the_day(small: tuple[Path, object]) -> None:
    out, _ = small
    workbooks = [p for p in out.rglob("*.xlsx") if zipfile.is_zipfile(p)]
    assert workbooks
    for workbook in workbooks:
        entries = zipfile.ZipFile(workbook).infolist()
        assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
        assert not any("docProps" in entry.filename for entry in entries)
    assert [p.read_bytes()[92:109] for p in out.rglob("*.sav")] == [b"01 Jan 2000:00:00"]
