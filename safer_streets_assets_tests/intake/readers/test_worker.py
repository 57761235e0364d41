"""The child process: what it may open, its limits, and its replacement."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safer_streets_assets.intake.readers import REASONS, DropReader, UnreadableDrop
from safer_streets_assets_tests.intake.readers.builders import (
    HEADER,
    ROW,
    csv_bytes,
    ods_bytes,
    request_for,
    xls_bytes,
    xlsx_bytes,
)

GOOD = csv_bytes(HEADER, ROW)
WHOLE = {
    "csv": GOOD,
    "xlsx": xlsx_bytes({"Data": [HEADER, ROW]}),
    "ods": ods_bytes([HEADER, ROW]),
    "xls": xls_bytes({(0, k): name for k, name in enumerate(HEADER)}),
}


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good"
    path.write_bytes(GOOD)
    return path


def code_for(reader: DropReader, path: Path, **changes: object) -> str:
    with pytest.raises(UnreadableDrop) as refusal:
        reader.read(request_for(path, **changes))
    return refusal.value.code


def child_of(reader: DropReader) -> subprocess.Popen[bytes]:
    assert reader._child is not None
    return reader._child


def test_links_pipes_folders_and_devices_are_not_files(
    reader: DropReader, tmp_path: Path, good: Path
) -> None:
    (tmp_path / "link").symlink_to(good)
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "dangling", "folder", "pipe"):
        assert code_for(reader, tmp_path / name) == "F-NOT-A-FILE"
    assert code_for(reader, Path("/dev/zero")) == "F-NOT-A-FILE"
    assert code_for(reader, tmp_path / "gone") == "F-CANNOT-OPEN"


def test_a_file_name_may_hold_anything(reader: DropReader, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/-n \xff\n\"'$(x);.csv"))
    path.write_bytes(GOOD)
    assert reader.read(request_for(path)).columns["crn"] == ["A000001"]


def test_a_relative_path_is_read_from_the_folder_of_the_parent(
    reader: DropReader, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(good.parent)
    assert reader.read(request_for(Path(good.name))).row_numbers == [2]


def test_a_child_that_died_between_files_is_replaced(good: Path) -> None:
    with DropReader() as reader:
        reader.read(request_for(good))
        child_of(reader).kill()
        assert reader.read(request_for(good)).row_numbers == [2]


def test_a_child_that_hangs_is_ended_in_time_and_replaced(good: Path) -> None:
    with DropReader() as reader:
        reader.read(request_for(good))
        hung = child_of(reader)
        hung.send_signal(signal.SIGSTOP)
        started = time.monotonic()
        assert code_for(reader, good, limits={"seconds": 0.3}) == "F-TOO-SLOW"
        assert time.monotonic() - started < 5
        assert hung.poll() is not None
        assert reader.read(request_for(good)).row_numbers == [2]


def test_a_file_that_breaks_the_child_is_refused_and_the_next_is_read(
    tmp_path: Path, good: Path
) -> None:
    bomb = tmp_path / "bomb"
    bomb.write_bytes(xls_bytes({(0, 0): "CRN", (65_535, 255): "x"}))
    with DropReader() as reader:
        reader.read(request_for(good))
        assert code_for(reader, bomb, limits={"memory_bytes": 300_000_000}) == "F-CRASHED"
        assert reader.read(request_for(good)).row_numbers == [2]


def test_running_out_of_memory_means_too_large(tmp_path: Path, good: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(csv_bytes(HEADER, *[("A", f"b{k}", "c") for k in range(200_000)]))
    with DropReader() as reader:
        limits = {"memory_bytes": 60_000_000, "max_rows": 10**6}
        assert code_for(reader, big, limits=limits) == "F-TOO-LARGE"
        assert reader.read(request_for(good)).row_numbers == [2]


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(sorted(WHOLE)),
    cut=st.floats(0.2, 1),
    damage=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4),
)
def test_a_damaged_file_is_read_or_refused_and_never_anything_else(
    reader: DropReader,
    tmp_path_factory: pytest.TempPathFactory,
    kind: str,
    cut: float,
    damage: list[tuple[float, int]],
) -> None:
    data = bytearray(WHOLE[kind])
    for place, byte in damage:
        data[int(place * (len(data) - 1))] = byte
    path = tmp_path_factory.mktemp("damaged") / "drop"
    path.write_bytes(data[: int(cut * len(data))])
    outcome = ""
    lengths = set()
    try:
        drop = reader.read(request_for(path))
        lengths = {len(drop.row_numbers), *map(len, drop.columns.values())}
    except UnreadableDrop as refusal:
        outcome = refusal.code
    assert outcome in REASONS or len(lengths) == 1


def test_the_child_ends_with_its_reader(good: Path) -> None:
    with DropReader() as reader:
        reader.read(request_for(good))
        child = child_of(reader)
    assert child.poll() is not None


def test_the_child_ends_when_its_parent_is_killed(good: Path) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\n"
        "from safer_streets_assets.intake.readers import DropReader\n"
        "from safer_streets_assets_tests.intake.readers.builders import request_for\n"
        "reader = DropReader()\nreader.read(request_for(Path(sys.argv[1])))\n"
        "print(reader._child.pid, flush=True)\ntime.sleep(60)\n"
    )
    root = str(Path(__file__).resolve().parents[3])
    command = [sys.executable, "-c", code, str(good)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    for _ in range(100):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.05)
    else:
        pytest.fail("the child outlived its parent")


def test_the_child_imports_nothing_heavy_before_it_needs_it() -> None:
    code = (
        "import sys, safer_streets_assets.intake.readers.child\n"
        "print(sorted({'numpy', 'pandas', 'duckdb', 'dagster', 'pyreadstat'} & set(sys.modules)))"
    )
    root = str(Path(__file__).resolve().parents[3])
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert found.stdout.strip() == "[]"
