"""The pages for analysts, data engineers and information governance say what is so."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from safer_streets_assets.definitions import defs
from safer_streets_assets.documentation.analysts_page import views_part
from safer_streets_assets.documentation.errors import DocumentsError
from safer_streets_assets.documentation.governance_page import SHOWN_BY, shown_part
from safer_streets_assets.policy import load_policy
from safer_streets_assets.release.columns import MARKERS
from safer_streets_assets.release.examples import example_queries
from safer_streets_assets_tests.release import builders, report_tables
from safer_streets_assets_tests.release.builders import content, publish, query

PROJECT = Path(__file__).resolve().parents[2]
TESTS = PROJECT / "safer_streets_assets_tests"


def page(name: str) -> str:
    return (PROJECT / "docs" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("test", sorted({test for tests in SHOWN_BY.values() for test in tests}))
def test_each_test_that_is_named_for_information_governance_exists(test: str) -> None:
    path, _, name = test.partition("::")
    assert f"def {name}(" in (TESTS / path).read_text(encoding="utf-8")
    assert test in page("for_information_governance")


def test_each_section_of_the_dpia_has_its_tests_and_one_without_is_refused() -> None:
    policy = load_policy()
    assert list(SHOWN_BY) == list(policy.dpia.sections)
    sections = {**policy.dpia.sections, "more": policy.dpia.sections["purpose"]}
    with pytest.raises(DocumentsError, match="section more"):
        shown_part(replace(policy, dpia=policy.dpia.model_copy(update={"sections": sections})))


def test_the_queries_of_the_page_for_analysts_run(tmp_path: Path) -> None:
    given = content(report_tables.frames(), notes={})
    path = publish(builders.data_folder(tmp_path), given).path / "published.duckdb"
    before_examples = page("for_analysts").partition("## Example queries")[0]
    queries = re.findall(r'"((?:SELECT|FROM) [^"]*)"', before_examples)
    assert len(queries) == 3
    assert all(query(path, sql) for sql in queries)
    views = {name for (name,) in query(path, "SELECT view_name FROM duckdb_views()")}
    tables = {name for (name,) in query(path, "SELECT table_name FROM table_index")}
    for line in views_part(load_policy())[2:]:
        named = line.split("`")[1]
        if any(named == f"v_{table}" for table in tables):
            assert named in views


def test_the_page_for_analysts_has_every_marker_and_every_example() -> None:
    text = page("for_analysts")
    assert all(f"| `{marker}` |" in text for marker in MARKERS)
    for example in example_queries():
        assert example.question in text
        assert f"```sql\n{example.query}\n```" in text


def test_the_page_for_data_engineers_has_every_sensor_and_schedule() -> None:
    text = page("for_data_engineers")
    named = [one.name for one in (*(defs.sensors or ()), *(defs.schedules or ()))]
    assert named
    assert all(f"| `{name}`" in text for name in named)


def test_every_line_about_rap_and_the_duck_book_says_yes_partly_or_no() -> None:
    text = page("rap_and_duck_book").partition("## Minimum RAP")[2]
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| ")]
    judged = [[cell.strip() for cell in row] for row in rows if "---" not in row[-1]]
    met = [row[-2] for row in judged if row[-2] != "met"]
    assert len(met) > 80
    assert set(met) == {"yes", "partly", "no"}
    unsaid = [row for row in judged if row[-2] == "partly" and not row[-1]]
    assert unsaid == []
