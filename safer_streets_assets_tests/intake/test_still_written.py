"""A file that is still being written waits; what is too large or stays is refused or listed."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from safer_streets_assets.intake import landing
from safer_streets_assets.intake.files_waiting import lying_about, waiting_files
from safer_streets_assets.intake.landing import look_at_landing
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    NPS,
    csv_drop,
    ledger,
    people_rows,
    put,
    take_in_everything,
)

DAY = 24 * 3600
WHOLE = csv_drop(people_rows(NPS, 2))


def settled(folder: DataFolder, *how: float) -> list[str]:
    return [file.path.name for file in look_at_landing(folder, *how).settled]  # type: ignore[arg-type]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the system tells of no writers")
def test_a_file_that_is_open_for_writing_waits_and_settles_anew_when_it_is_closed(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, quick_reader: object
) -> None:
    path = put(folder, NPS, "a.csv", WHOLE[:-40])
    with path.open("ab") as writing:
        for _ in range(3):
            take_in_everything(memory, folder)
            assert settled(folder) == []
            assert path.exists()
        writing.write(WHOLE[-40:])
    assert settled(folder) == []
    take_in_everything(memory, folder)
    assert ledger(memory) == [(NPS, "loaded", None)]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the system tells of no writers")
def test_a_file_that_is_open_for_reading_does_not_wait(folder: DataFolder) -> None:
    path = put(folder, NPS, "a.csv", WHOLE)
    with path.open("rb"):
        look_at_landing(folder)
        assert settled(folder) == ["a.csv"]


@pytest.mark.parametrize(
    ("content", "after"),
    [
        (WHOLE, 2),
        (WHOLE.rstrip(), 30),
        (b"\xff\xfe" + WHOLE.decode().encode("utf-16-le"), 2),
        (b"\xff\xfe" + WHOLE.decode().rstrip().encode("utf-16-le"), 30),
        (WHOLE.decode().rstrip().encode("utf-16-be"), 30),
        (b"PK\x03\x04 and so on", 2),
        (b"\xb6\x9c\xeakr\xa0\x9d\x07b&", 2),
        (b"", 2),
    ],
    ids=[
        "whole",
        "without a last line end",
        "utf-16",
        "utf-16 without a last line end",
        "utf-16 without either mark",
        "archive",
        "no text",
        "empty",
    ],
)
def test_a_text_without_a_last_line_end_settles_later(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, content: bytes, after: int
) -> None:
    put(folder, NPS, "a.csv", content)
    found = []
    for second in range(0, 40, 2):
        monkeypatch.setattr(landing, "clock_ns", lambda at=second: (1000 + at) * 10**9)
        look = look_at_landing(folder, 2, 15)
        if look.settled:
            found.append((second, look.settled_ns))
    assert found[0] == (after, (1000 + after - 2) * 10**9)
    assert len({since for _, since in found}) == 1


def test_a_file_beyond_the_limit_is_refused_from_its_size_and_stays_where_it_lies(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy, quick_reader: object
) -> None:
    path = put(folder, NPS, "big.csv", b"x")
    os.truncate(path, 400_000_000)
    put(folder, NPS, "a.csv", WHOLE)
    police = put(folder, "mps_reoffending", "police.csv", b"y")
    os.truncate(police, 400_000_001)
    for refused in (2, 0):
        assert take_in_everything(memory, folder)[""].refused == refused
    assert ledger(memory) == [
        ("mps_reoffending", "refused", "D-NOT-AGREED"),
        (NPS, "loaded", None),
        (NPS, "refused", "F-TOO-LARGE"),
    ]
    police.unlink()
    assert path.stat().st_size == 400_000_000
    assert path.stat().st_blocks < 100, "it was not written to"
    assert not list(folder.quarantine.iterdir())
    [waits] = waiting_files(folder, policy)
    assert waits.drop_id is None
    [lies] = lying_about(folder, policy)
    assert (lies.source, lies.what) == (NPS, "a file beyond the limit")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("~backup of NPS.csv", "begins with ~"),
        (".NPS.csv", "begins with ."),
        ("NPS.tmp", "ends in .tmp"),
        ("NPS.LOCK", "ends in .lock"),
        ("link", "a link"),
        ("pipe", "a pipe"),
    ],
)
def test_what_stays_a_day_without_being_looked_at_is_listed_with_what_to_do(
    folder: DataFolder, policy: Policy, monkeypatch: pytest.MonkeyPatch, name: str, what: str
) -> None:
    place = folder.landing / NPS / name
    place.parent.mkdir()
    if name == "link":
        place.symlink_to("nothing")
    elif name == "pipe":
        os.mkfifo(place)
    else:
        place.write_bytes(WHOLE)
    assert lying_about(folder, policy) == []
    later = landing.clock_ns() + (DAY + 60) * 10**9
    monkeypatch.setattr("safer_streets_assets.intake.files_waiting.clock_ns", lambda: later)
    [lies] = lying_about(folder, policy)
    assert what in lies.what
    assert "take it away" in lies.remedy
    assert "NPS.csv" not in lies.what


def test_a_place_of_our_own_and_an_unknown_folder_are_not_named(
    folder: DataFolder, policy: Policy
) -> None:
    for source, name in ((NPS, f".{'a' * 64}.released"), (NPS, f".{'b' * 16}.erasing"),
                         ("Zebedee", "x.tmp")):  # fmt: skip
        os.utime(put(folder, source, name, b"x"), (1_600_000_000, 1_600_000_000))
    [lies] = lying_about(folder, policy)
    assert lies.source == "unknown"
