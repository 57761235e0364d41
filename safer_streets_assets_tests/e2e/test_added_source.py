"""A source is added by its block in the policy and one query: its drop is printed as a table."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
import yaml

from safer_streets_assets.policy import load_policy
from safer_streets_assets.retention.erasure.planning import plan_person
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    CRC,
    NPS,
    crc_workbook,
    crn,
    csv_drop,
    data_folder,
    people_rows,
    put,
    settle_landing,
)
from safer_streets_assets_tests.changed_policies import Files, changed_policy
from safer_streets_assets_tests.e2e.commands import REPOSITORY
from safer_streets_assets_tests.e2e.runs import (
    failures_of,
    instance_of,
    published,
    query,
    run_steps,
)

HOUSING, TABLE = "housing_referrals", "housing_cases"
PEOPLE = 40
RECIPE = REPOSITORY / "docs" / "recipes.md"


def examples(language: str) -> list[str]:
    """The blocks in a language of the recipe for a source."""
    recipe = RECIPE.read_text(encoding="utf-8").split("## A source\n")[1].split("\n## ")[0]
    blocks = re.findall(rf"```{language}\n(.*?)```", recipe, re.DOTALL)
    return [textwrap.dedent(block) for block in blocks]


def add_source(files: Files) -> None:
    """What the recipe says to write."""
    for file, text in zip(("dpia", "tables"), examples("yaml"), strict=True):
        for part, added in yaml.safe_load(text).items():
            assert not files[file][part].keys() & added.keys()
            files[file][part].update(added)
    (files["sql"][TABLE],) = examples("sql")


def invented_drop() -> bytes:
    """A drop of the source: everybody is referred, and every fourth waits."""
    return csv_drop(
        [
            {
                "CRN": crn(number),
                "Referred on": "20/01/2020",
                "Result": "Waiting" if number % 4 == 0 else "Housed",
            }
            for number in range(1, PEOPLE + 1)
        ]
    )


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A data folder into which drops of three sources were put."""
    made = data_folder(tmp_path / "data")
    put(made, NPS, "a.csv", csv_drop(people_rows(NPS, PEOPLE)))
    put(made, CRC, "b.xlsx", crc_workbook(people_rows(CRC, PEOPLE)))
    put(made, HOUSING, "c.csv", invented_drop())
    settle_landing(made)
    return made


@pytest.mark.thorough
def test_a_source_of_a_changed_policy_goes_from_its_drop_to_a_published_table(
    folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = changed_policy(tmp_path / "policy", add_source)
    assert policy.digest != load_policy().digest
    with instance_of(folder, monkeypatch) as instance:
        result = run_steps(folder, instance, policy=policy)
        assert failures_of(result) == {}
    expected = [("Housed", 30), ("Total", 40), ("Waiting", 10)]
    with published(folder) as connection:
        printed = connection.execute("SELECT result, n FROM housing ORDER BY ALL").fetchall()
    assert printed == expected
    assert query(folder, f"SELECT DISTINCT month_of_year FROM research.{TABLE}") == [(1,)]
    # Erasure knows it, without anything having been said of it elsewhere.
    assert plan_person(folder, policy, crn(1)).rows[f"{HOUSING}_raw"] == 1
