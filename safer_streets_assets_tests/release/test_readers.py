"""Readers beside publication, and clients of other versions: whole releases, and no error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from safer_streets_assets.release import ReleaseContent
from safer_streets_assets_tests.release import builders, report_tables
from safer_streets_assets_tests.release.builders import content, publish

READERS, PUBLICATIONS = 12, 50
VERSIONS = ("1.2", "1.3", "1.4", "1.5", "2")
"""What analysts may have: the version whose storage the file has, and each series since."""
HERE = Path(__file__).parent
WAIT = 60


def case_studies(number: int) -> ReleaseContent:
    """A release of one small table, whose count says which one it is (see `reading.py`)."""
    frame = builders.table("case_study_themes", [("Total",)], {"n": [1000 + number]})
    return content({"case_study_themes": frame}, notes={})


@pytest.mark.thorough
def test_twelve_readers_see_whole_releases_only_while_fifty_are_published(tmp_path: Path) -> None:
    folder, stop = builders.data_folder(tmp_path / "data"), tmp_path / "stop"
    publish(folder, case_studies(1))
    readers = [
        subprocess.Popen(
            [sys.executable, str(HERE / "reading.py"), str(folder.published), str(stop), *keep],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for keep in [[], [], ["keep"]] * (READERS // 3)
    ]
    try:
        for reader in readers:
            assert reader.stdout is not None
            reader.stdout.readline()
        for number in range(2, PUBLICATIONS + 2):
            assert publish(folder, case_studies(number)).number == number
        stop.touch()
        said = [reader.communicate(timeout=WAIT) for reader in readers]
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()
    assert [(reader.returncode, err) for reader, (_, err) in zip(readers, said, strict=True)] == [
        (0, "")
    ] * READERS
    found = [json.loads(out) for out, _ in said]
    kept = [one["seen"] for one in found[2::3]]
    others = [one for at, one in enumerate(found) if at % 3 != 2]
    assert kept == [[1]] * (READERS // 3)
    assert all(len(one["seen"]) > 2 for one in others)
    assert len({number for one in others for number in one["seen"]}) > PUBLICATIONS / 10
    assert [name for name in os.listdir(folder.published) if name.startswith(".")] == []


CLIENT = """
import json, sys
import duckdb
own = duckdb.connect(sys.argv[1], read_only=True)
everything = "SELECT table_name FROM duckdb_tables() UNION ALL "
everything += "SELECT view_name FROM duckdb_views() WHERE NOT internal"
names = sorted(name for (name,) in own.execute(everything).fetchall())
rows = {name: own.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
examples = own.execute("SELECT name, sql FROM example_queries").fetchall()
answers = {name: own.execute(sql).fetchall() for name, sql in examples}
said = own.execute("SELECT table_name, column_name, comment FROM duckdb_columns() "
                   "WHERE NOT internal ORDER BY ALL").fetchall()
try:
    own.execute("DELETE FROM funnel")
except duckdb.Error:
    print(duckdb.__version__)
    print(json.dumps([rows, answers, said], default=str, sort_keys=True))
"""
"""Reads all that is in the file, and tries to change it."""


def read_with(python: Path | str, path: Path) -> tuple[str, str]:
    """The version of a client, and all that it reads."""
    done = subprocess.run(
        [str(python), "-I", "-c", CLIENT, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
    version, read = done.stdout.splitlines()
    return version, read


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a release with tables and views of every shape."""
    folder = builders.data_folder(tmp_path_factory.mktemp("released"))
    return publish(folder, content(report_tables.frames())).path / "published.duckdb"


@pytest.fixture(scope="module")
def expected(released: Path) -> str:
    """What this project's own DuckDB reads."""
    return read_with(sys.executable, released)[1]


@pytest.mark.thorough
@pytest.mark.parametrize("series", VERSIONS)
def test_a_client_of_another_series_reads_everything_and_changes_nothing(
    series: str, released: Path, expected: str, tmp_path: Path
) -> None:
    python = client_environment(tmp_path / "environment", series)
    before = released.read_bytes()
    version, read = read_with(python, released)
    assert version.startswith(f"{series}.")
    assert read == expected
    assert released.read_bytes() == before


def client_environment(place: Path, series: str) -> Path:
    """An environment of its own with a DuckDB of a series from the package index; skips the test
    where there is none to be had."""
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        pytest.skip("uv is not beside Python, and nothing else makes an environment quickly")
    python = place / "bin" / "python"
    quickly = {**os.environ, "UV_HTTP_TIMEOUT": "15", "UV_HTTP_RETRIES": "0"}
    install = f"pip install --quiet --no-cache --only-binary :all: duckdb=={series}.* --python"
    for command in (
        ["venv", "--quiet", "--python", sys.executable, str(place)],
        [*install.split(), str(python)],
    ):
        try:
            done = subprocess.run(
                [str(uv), *command], capture_output=True, timeout=WAIT, env=quickly, check=False
            )
        except subprocess.TimeoutExpired:
            pytest.skip(f"the package index did not give DuckDB {series} within {WAIT} s")
        if done.returncode != 0:
            pytest.skip(f"no DuckDB {series} can be installed here: no network, or no such package")
    return python
