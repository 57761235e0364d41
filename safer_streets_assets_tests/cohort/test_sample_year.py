"""The year of sample drops, where it is at hand, against what a correct pipeline finds in it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from safer_streets_assets.attitudes.tables import write_change, write_gates, write_scores
from safer_streets_assets.cohort.conformed import Versions
from safer_streets_assets.cohort.linkage import funnel_counts
from safer_streets_assets_tests.attitudes.sample_change import change_alone
from safer_streets_assets_tests.builders import (
    CHECKIN,
    CRC,
    NPS,
    build_cohort,
    data_folder,
    fetch,
    shipped_policy,
    stores_in_memory,
    take_in_everything,
)

SAMPLES = Path(__file__).parents[3] / "shared" / "sample_drops"
AT_HAND = [SAMPLES] if (SAMPLES / "expected.json").exists() else []
Taken = tuple[duckdb.DuckDBPyConnection, dict[str, Versions], dict[str, Any]]

pytestmark = pytest.mark.parametrize(
    "year", AT_HAND, indirect=True, ids=["sample year"][: len(AT_HAND)]
)


@pytest.fixture(scope="module")
def year(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Taken]:
    """The sample drops taken in, linked and scored."""
    folder = data_folder(tmp_path_factory.mktemp("samples") / "data")
    shutil.copytree(request.param / "landing", folder.landing, dirs_exist_ok=True)
    expected = json.loads((request.param / "expected.json").read_text(encoding="utf-8"))
    with stores_in_memory() as connection:
        take_in_everything(connection, folder)
        versions = build_cohort(connection, folder)
        write_scores(connection, shipped_policy())
        write_gates(connection, shipped_policy())
        write_change(connection, shipped_policy())
        yield connection, versions, expected


@pytest.mark.thorough
def test_rows_set_aside_duplicates_and_corrections_are_found(year: Taken) -> None:
    _, versions, expected = year
    nps = versions[NPS]
    assert {
        "bad_rows": nps.set_aside,
        "duplicate_rows": nps.duplicates,
        "corrections": nps.corrections,
    } == {name: expected["nps"][name] for name in ("bad_rows", "duplicate_rows", "corrections")}
    assert versions[CRC].conformed == expected["crc"]["cases"]
    assert versions["ors_attendee_survey"].conformed == expected["ors"]["attendee_responses"]
    assert versions[CHECKIN].conformed == expected["ors"]["checkins"]


def test_the_funnel_is_found(year: Taken) -> None:
    connection, _, expected = year
    found = funnel_counts(connection, shipped_policy())
    assert list(found.values()) == list(expected["funnel"].values())
    assert [[stage, n] for stage, n in found.items()] == expected["tables"]["funnel"]


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("funnel_by_month", ["month"]),
        ("funnel_by_borough", ["borough"]),
        ("funnel_by_demographics", ["gender", "age_band"]),
        ("funnel_by_offence", ["offence"]),
    ],
)
def test_the_funnel_is_found_in_every_part(year: Taken, table: str, columns: list[str]) -> None:
    connection, _, expected = year
    stages = shipped_policy().dpia.cohort.stages
    named = ", ".join(columns)
    counted: Counter[tuple[Any, ...]] = Counter()
    for *place, reached in fetch(
        connection, f"SELECT {named}, stage_number FROM research.linked_cohort"
    ):
        for stage in stages[:reached]:
            counted[*place, stage] += 1
    assert counted == {tuple(row[:-1]): row[-1] for row in expected["tables"][table]}


def test_change_scores_are_exact(year: Taken) -> None:
    connection, _, expected = year
    names = ["mean_start", "mean_end", "mean_change", "sd_change", "t", "d_z"]
    found = change_alone(connection)
    assert found.keys() == expected["change"].keys()
    for scale, row in found.items():
        truth = expected["change"][scale]
        assert row["n_paired"] == truth["n"]
        figures = [row[name] for name in names]
        assert figures == pytest.approx([truth[name] for name in names], rel=0, abs=1e-9)


def test_the_primary_scales_have_the_same_pairs_a_few_fewer_than_each(year: Taken) -> None:
    connection, _, expected = year
    pairs = dict(
        fetch(
            connection,
            "SELECT scale, n_paired FROM research.attitude_change "
            "WHERE comparison = 'start-end' AND group_value = 'Total'",
        )
    )
    alone = {scale: truth["n"] for scale, truth in expected["change"].items()}
    primary = list(shipped_policy().labels_of("primary_scales"))
    assert len({pairs[scale] for scale in primary}) == 1
    few = shipped_policy().dpia.thresholds.minimum_count
    for scale, n in alone.items():
        assert 0 <= n - pairs[scale] < (few if scale in primary else 1)
    gate = "SELECT n_now, open FROM research.stage_gates WHERE gate = 'impact'"
    assert fetch(connection, gate) == [(pairs[primary[0]], True)]
