"""The benchmarks still run on what the product is now, each at its smallest."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from benchmarks.measuring import whole_process
from safer_streets_assets.demo.drops import write_demo_drops
from safer_streets_assets.policy import load_policy
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.database import connect_with_encryption
from safer_streets_assets_tests.e2e.commands import REPOSITORY

SMALLEST = {
    "attitudes": ("--people", "100", "--tries", "1"),
    "erasing": ("--people", "50", "--tries", "1"),
    "intake": ("--nps", "50", "--crc", "50", "--tries", "1"),
}
PEOPLE = 300


def printed_by(module: str, *arguments: str, temporary: Path, seconds: float = 300) -> str:
    """What a module of the repository prints, run as its README says; it may take so long."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", module, *arguments],
        check=False,
        cwd=REPOSITORY,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(temporary), "HOME": str(temporary)},
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return run.stdout


@pytest.mark.thorough
@pytest.mark.parametrize("name", SMALLEST)
def test_a_benchmark_measures_its_smallest_size(name: str, tmp_path: Path) -> None:
    said = printed_by(f"benchmarks.{name}", *SMALLEST[name], temporary=tmp_path)
    heading, *lines = said.strip().splitlines()
    assert "MiB" in said
    assert heading
    assert lines


@pytest.mark.thorough
def test_the_product_and_the_bare_sql_beside_it_make_the_same_cohort(tmp_path: Path) -> None:
    work, place = "benchmarks.cohort_work", tmp_path / "made"
    printed_by(work, "build", str(place), str(PEOPLE), temporary=tmp_path)
    for piece in ("product", "bare"):
        found = json.loads(printed_by(work, piece, str(place), temporary=tmp_path))
        assert {"conformed", "cohort", "tables"} <= found["parts"].keys()
    folder = DataFolder(place / "data", place / "data" / "keys")
    tables = [source.conformed.table for source in load_policy().sources.values()]
    with closing(connect_with_encryption()) as connection:
        key = Keys(folder.keys).read("research")
        connection.execute(
            f"ATTACH '{folder.database('research')}' AS own (ENCRYPTION_KEY '{key}', READ_ONLY)"
        )
        connection.execute(f"ATTACH '{place / 'research.duckdb'}' AS bare (READ_ONLY)")
        for table in ("linked_cohort", *tables):
            assert differing_rows(connection, table) == 0, table
        assert connection.execute("SELECT count(*) FROM own.linked_cohort").fetchone() == (PEOPLE,)


@pytest.mark.thorough
@pytest.mark.skipif(find_spec("pyspark") is None, reason="PySpark is not installed here")
def test_spark_gives_the_rows_that_duckdb_gives_and_leaves_nothing_behind(tmp_path: Path) -> None:
    drops, temporary = tmp_path / "drops", tmp_path / "temporary"
    temporary.mkdir()
    write_demo_drops(drops, people=60)
    said = printed_by("benchmarks.spark", str(drops), temporary=temporary, seconds=1200)
    assert " NO " not in said
    assert "statements are equal" in said.splitlines()[-1]
    assert not list(temporary.iterdir())


@pytest.mark.thorough
def test_the_plain_stack_makes_the_tables_of_the_policy_and_prints_no_small_count(
    tmp_path: Path,
) -> None:
    landing, out, policy = tmp_path / "landing", tmp_path / "out", load_policy()
    write_demo_drops(landing, people=60, months=3, faults=False, untidiness=0)
    work = "benchmarks.plain.job"
    printed_by(work, str(landing), str(out), "next-smallest", temporary=tmp_path)
    with duckdb.connect(str(out / "plain.duckdb"), read_only=True) as printed:
        tables = [name for (name,) in printed.execute("SHOW TABLES").fetchall()]
        wanted = {name for name in policy.tables.tables if name != "reoffending"}
        assert wanted <= {name.partition("_by_group_")[0] for name in tables}
        assert {f"{name}.csv" for name in tables} == {path.name for path in out.glob("*.csv")}
        hidden = 0
        for table in tables:
            cells = printed.table(table).df()
            for marker in cells.filter(like="_marker"):
                counts = cells[marker.removesuffix("_marker")]
                assert not counts.between(1, policy.dpia.thresholds.minimum_count - 1).any(), table
                assert (counts.isna() == (cells[marker] == "[c]")).all(), table
                hidden += int(counts.isna().sum())
    assert hidden


@pytest.mark.thorough
def test_without_pytauargus_the_plain_stack_says_in_one_sentence_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.plain", str(tmp_path), "--environments", str(tmp_path)],
        check=False,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 1
    assert run.stderr == (
        "pytauargus cannot be installed here: "
        "give --secondary next-smallest, which needs no other package.\n"
    )


def test_a_process_that_fails_is_not_measured_and_says_why() -> None:
    with pytest.raises(RuntimeError, match="ended with 3: no drops"):
        whole_process(["-c", "import sys; print('no drops'); sys.exit(3)"], {})


def differing_rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """How many rows only one of the two has, of the columns that both have."""
    shared = connection.execute(
        "SELECT string_agg(quoted, ', ') FROM (SELECT '\"' || column_name || '\"' AS quoted "
        "FROM duckdb_columns() WHERE table_name = $1 AND database_name IN ('own', 'bare') "
        "GROUP BY column_name HAVING count(*) = 2)",
        [table],
    ).fetchone()
    assert shared
    (columns,) = shared
    one, other = (f"SELECT {columns} FROM {store}.{table}" for store in ("own", "bare"))
    found = connection.execute(
        f"SELECT (SELECT count(*) FROM ({one} EXCEPT ALL {other})) + "
        f"(SELECT count(*) FROM ({other} EXCEPT ALL {one}))"
    ).fetchone()
    assert found
    return int(found[0])
