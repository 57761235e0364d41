"""A source is added by its block in the policy and one query: its drop is printed as a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from safer_streets_assets.intake.landing import look_at_landing
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
)
from safer_streets_assets_tests.changed_policies import Files, changed_policy
from safer_streets_assets_tests.e2e.runs import (
    failures_of,
    instance_of,
    published,
    query,
    run_steps,
)

HOUSING, TABLE = "housing_referrals", "housing_cases"
PEOPLE = 40
RESULTS = {"Housed": "Housed", "Waiting": "On a waiting list"}
IN_LAW = (
    "controller", "agreement", "section", "article_6", "article_9", "article_10",
    "classification", "retention",
)  # fmt: skip
SQL = """-- Referrals to housing: one row a referral, the latest version of it.
SELECT
    person_id,
    * EXCLUDE (person_id, identity_number, in_latest_drop),
    month(referred_on) AS month_of_year
FROM minimal
ORDER BY person_id, referred_on
"""


def add_source(files: Files) -> None:
    """What a person writes to add a source with a table of its own."""
    dpia, tables = files["dpia"], files["tables"]
    like = dpia["sources"]["ors_facilitator_checkin"]
    crn_field = next(field for field in like["fields"] if field["kind"] == "crn")
    dpia["code_lists"]["housing_result"] = dict(RESULTS)
    dpia["sources"][HOUSING] = {
        **{key: like[key] for key in IN_LAW},
        "title": "Referrals to housing",
        "shape": "increment",
        "formats": ["csv"],
        "sheet": None,
        "anonymous": False,
        "identity": ["crn", "referred_on"],
        "conformed": {
            "table": TABLE,
            "identity": ["person_id", "referred_on"],
            "adds": {"month_of_year": {"type": "BIGINT", "says": "Month of the referral"}},
        },
        "position_field": "referred_on",
        "date_order": [],
        "fields": [
            crn_field,
            {"name": "referred_on", "headers": ["Referred on"], "required": True, "class": "plain",
             "kind": "date", "purpose": "Order of referrals"},
            {"name": "result", "headers": ["Result"], "required": True, "class": "plain",
             "kind": "code", "codes": "housing_result", "purpose": "What came of it"},
        ],
    }  # fmt: skip
    files["sql"][TABLE] = SQL
    tables["dimensions"]["result"] = {
        "title": "Result of the referral", "values": "codes:housing_result",
        "labels": "codes:housing_result",
    }  # fmt: skip
    tables["tables"]["housing"] = {
        "title": "What came of referrals to housing",
        "population": "People referred to housing",
        "margins_of": "housing",
        "source": TABLE,
        "dimensions": ["result"],
    }


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
    look_at_landing(made)
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
