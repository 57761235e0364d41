"""Every `.sql` file that transforms rows has a test on a few rows written by hand."""

from __future__ import annotations

import re
from pathlib import Path

import safer_streets_assets
from safer_streets_assets_tests.sql_rows import files_checked_in, modules_of_tests

PRODUCT = Path(safer_streets_assets.__file__).parent


def transforms(sql: str) -> bool:
    """Whether a file makes rows or values of others. One that declares tables of a store, and what
    brings older ones up to it, does not: other tests make those tables and write to them."""
    statements = re.sub(r"--.*|'[^']*'", "", sql)
    declares = "CREATE TABLE IF NOT EXISTS" in statements
    return not declares and re.search(r"\b(SELECT|FROM|MACRO)\b", statements) is not None


def test_every_transformation_has_a_test_on_rows_written_by_hand() -> None:
    folders = [p for p in PRODUCT.rglob("sql") if p.is_dir()]
    files = {
        f"{folder.parent.name}/{path.relative_to(folder).with_suffix('')}": path
        for folder in folders
        for path in folder.rglob("*.sql")
    }
    checked = {
        name for path in modules_of_tests() for name in files_checked_in(path.read_text("utf-8"))
    }
    wanted = {name for name, path in files.items() if transforms(path.read_text("utf-8"))}
    assert len(wanted) > 30
    assert sorted(wanted - checked) == []
    assert sorted(checked - files.keys()) == []


def test_only_a_test_that_names_the_file_counts() -> None:
    source = """
def test_it() -> None:
    check_sql("cohort/volume", {}, "a")
    check_conforming("policy/training_forms", "a", "a")
    check_other("cohort/linked_cohort", {}, "a")

def helper() -> None:
    check_sql("cohort/near_misses", {}, "a")
"""
    assert files_checked_in(source) == {"cohort/volume", "policy/training_forms"}


def test_a_file_of_tables_alone_transforms_nothing() -> None:
    assert not transforms(
        "-- FROM here\nCREATE TABLE a (b VARCHAR);\nCOMMENT ON TABLE a IS 'SELECT';"
    )
    assert transforms("CREATE TABLE a AS SELECT 1")
