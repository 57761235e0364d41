"""The example queries: shipped with every release, and each answers its question on a real one."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import duckdb
import pytest

from safer_streets_assets.release.examples import FOLDER, example_queries
from safer_streets_assets_tests.builders import no_settings_from_outside
from safer_streets_assets_tests.e2e.runs import WholeRun, commands, first, shared
from safer_streets_assets_tests.release import builders, report_tables
from safer_streets_assets_tests.release.builders import content, publish, query

__all__ = ["commands", "first", "no_settings_from_outside", "shared"]

ASK = "SELECT name, question, sql FROM example_queries"


def test_every_file_of_an_example_is_among_them_and_asks_a_question() -> None:
    files = (resources.files("safer_streets_assets.release") / FOLDER).iterdir()
    named = {path.name.removesuffix(".sql") for path in files}
    assert named == {example.name for example in example_queries()}
    for example in example_queries():
        assert example.question[0].isupper()
        assert "?" in example.question


def test_a_release_of_some_tables_has_the_examples_that_it_can_answer(tmp_path: Path) -> None:
    path = publish(builders.data_folder(tmp_path), content()).path / "published.duckdb"
    names = {name for name, *_ in query(path, ASK)}
    assert {"which_release", "people_at_each_stage", "attendance_over_sessions"} <= names
    assert "boroughs_side_by_side" not in names


@pytest.fixture(scope="module")
def examples(first: WholeRun) -> dict[str, tuple[str, str]]:
    rows = query(first.folder.database("published"), ASK)
    return {name: (question, sql) for name, question, sql in rows}


def test_a_whole_release_has_all_examples(examples: dict[str, tuple[str, str]]) -> None:
    assert examples == {one.name: (one.question, one.query) for one in example_queries()}


@pytest.mark.parametrize("name", [example.name for example in example_queries()])
def test_an_example_runs_on_a_whole_release_as_it_stands_there(
    name: str, first: WholeRun, examples: dict[str, tuple[str, str]]
) -> None:
    place = first.folder.database("published")
    with duckdb.connect(str(place), read_only=True) as connection:
        sql = "SELECT table_name FROM suppression_summary WHERE cells = 0"
        closed = [table for (table,) in connection.execute(sql).fetchall()]
        rows = connection.execute(examples[name][1]).fetchall()
    behind_a_closed_gate = any(table in examples[name][1] for table in closed)
    assert behind_a_closed_gate or answers(rows)


@pytest.mark.parametrize("name", ["change_in_attitudes", "reliable_change_by_scale"])
def test_an_example_behind_the_gate_of_impact_answers_when_it_is_open(
    name: str, tmp_path: Path
) -> None:
    given = content(report_tables.frames(), notes={})
    path = publish(builders.data_folder(tmp_path), given).path / "published.duckdb"
    ((sql,),) = query(path, f"SELECT sql FROM example_queries WHERE name = '{name}'")
    assert answers(query(path, sql))


def answers(rows: list[tuple[object, ...]]) -> bool:
    """Whether there is a figure, or a reason why there is none."""
    return any(value is not None for row in rows for value in row[1:])
