"""The estimate of missed links compares names and dates of birth, and names nobody."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from safer_streets_assets.cohort.missed_links import INSTALL
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.e2e.commands import Commands, Finished, Surroundings
from safer_streets_assets_tests.e2e.runs import WholeRun, copy_data, query
from safer_streets_assets_tests.privacy.failing import __name__ as failing
from safer_streets_assets_tests.privacy.traces import found_in, traces


@pytest.fixture
def folder(first: WholeRun, tmp_path: Path) -> DataFolder:
    """A copy of the first run's data folder, in whose drops canaries stand as people."""
    return copy_data(first.folder, tmp_path / "data")


def missed(commands: Commands, folder: DataFolder, tmp_path: Path, how: str) -> Finished:
    """`safer-streets review missed`, of which nothing names a canary anywhere, and no store has
    another table than before."""
    before = tables_of(folder)
    around = Surroundings(tmp_path / "around")
    data = ("--data", str(folder.root))
    done = commands.run(around, "review", "missed", *data, first=f"{failing}:{how}")
    assert found_in((done.out + done.err).encode()) == set()
    assert traces(around.root) == {}
    assert [path for place in around.folders for path in place.rglob("*")] == []
    assert (
        traces(
            folder.dagster,
            folder.registers,
            folder.published,
            folder.keys,
            folder.restricted,
            folder.research,
        )
        == {}
    )
    assert tables_of(folder) == before
    return done


def tables_of(folder: DataFolder) -> list[tuple[object, ...]]:
    """Every table of the stores with its number of rows."""
    return query(
        folder,
        "SELECT database_name, schema_name, table_name, estimated_size FROM duckdb_tables() "
        "WHERE NOT temporary AND table_name NOT IN ('commands') ORDER BY ALL",
    )


def counts_in(done: Finished) -> list[float]:
    """The numbers of the table that was printed, from the top."""
    return [float(n) for n in re.findall(r"([0-9]+(?:\.[0-9]+)?)\W*$", done.out, re.MULTILINE)]


@pytest.mark.skipif(find_spec("splink") is None, reason=f"Splink is an optional extra: {INSTALL}")
@pytest.mark.thorough
def test_splink_says_counts_and_names_nobody(
    folder: DataFolder, commands: Commands, tmp_path: Path
) -> None:
    done = missed(commands, folder, tmp_path, "comparing_one_case")
    assert done.code == 0, done.err
    assert done.err == ""
    assert len(counts_in(done)) == 7


def test_what_was_compared_is_told_in_counts_and_names_nobody(
    folder: DataFolder, commands: Commands, tmp_path: Path
) -> None:
    done = missed(commands, folder, tmp_path, "made_up_comparison")
    assert done.code == 0, done.err
    assert done.err == ""
    assert len(counts_in(done)) == 7


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("failing_comparison", "Splink could not compare the rows (ValueError); install"),
        ("failing_rows_to_compare", "A statement on the stores failed (ConversionException); run"),
    ],
)
def test_a_comparison_that_fails_is_one_sentence_and_names_nobody(
    how: str, sentence: str, folder: DataFolder, commands: Commands, tmp_path: Path
) -> None:
    done = missed(commands, folder, tmp_path, how)
    assert done.code == 1
    assert done.out == ""
    assert done.err.startswith(sentence)
    assert len(done.err.splitlines()) == 1
