"""The page on the stores tells of every table, and of every column of the research store."""

from __future__ import annotations

import pytest

from safer_streets_assets.documentation.stores_page import stores_page
from safer_streets_assets.policy import load_policy
from safer_streets_assets.stores import STORE_NAMES
from safer_streets_assets.stores.catalogue import Catalogue

PAGE = stores_page(load_policy())


@pytest.mark.parametrize("store", STORE_NAMES)
def test_each_table_stands_once_under_its_store_with_its_rule(store: str) -> None:
    section = PAGE.split(f"## {store.capitalize()}\n")[1].split("\n## ")[0]
    for table in Catalogue(load_policy()).of_store(store).values():
        (line,) = [one for one in section.splitlines() if one.startswith(f"| `{table.name}` |")]
        assert not line.endswith("| `` |")


def test_each_column_of_the_research_store_has_a_meaning() -> None:
    columns = PAGE.split("## Columns of the research store\n")[1]
    lines = [line for line in columns.splitlines() if line.startswith("| `")]
    assert len(lines) > 150
    assert not [line for line in lines if line.endswith("|  |")]


def test_every_stage_that_makes_tables_is_asked() -> None:
    declared = [(table.store, table.name) for table in Catalogue(load_policy()).tables]
    assert len(set(declared)) == len(declared)
    assert {"arrivals", "linked_cohort", "attitude_scores", "reoffending", "objections"} <= {
        name for _, name in declared
    }
