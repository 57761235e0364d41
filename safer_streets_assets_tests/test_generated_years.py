"""The generated years are what the pipeline's own intake makes of the same drops."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from safer_streets_assets.cohort.crn_findings import record_findings
from safer_streets_assets.cohort.near_misses import find_near_misses
from safer_streets_assets.demo.drops import write_demo_drops
from safer_streets_assets_tests.builders import (
    build_cohort,
    data_folder,
    shipped_policy,
    stores_in_memory,
    take_in_everything,
)
from safer_streets_assets_tests.generated_years import FIRST_MONTH, counted, generated_year

PEOPLE, MONTHS, SEED = 60, 3, 4


@pytest.mark.thorough
def test_a_generated_year_is_counted_as_the_pipeline_counts_its_drops(tmp_path: Path) -> None:
    folder = data_folder(tmp_path / "data")
    write_demo_drops(
        folder.landing,
        people=PEOPLE,
        months=MONTHS,
        seed=SEED,
        first_month=FIRST_MONTH,
        faults=False,
    )
    with stores_in_memory() as connection:
        taken = take_in_everything(connection, folder)
        build_cohort(connection, folder)
        find_near_misses(connection, folder, shipped_policy())
        record_findings(connection, shipped_policy())
        frames, reasons = counted(connection, shipped_policy())
    assert sum(one.loaded for one in taken.values()) > 10
    made, why = generated_year(PEOPLE, MONTHS, SEED, after=[MONTHS - 1])[0]
    assert made.keys() == frames.keys()
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(made[name], frame)
    pd.testing.assert_frame_equal(why, reasons)


@pytest.mark.thorough
def test_corrections_and_late_files_change_a_year_and_the_same_arguments_give_the_same() -> None:
    plain = _last()
    disturbed = _last(corrections=8, late_files=2)
    assert not plain["funnel_by_borough"].equals(disturbed["funnel_by_borough"])
    for name, frame in _last(corrections=8, late_files=2).items():
        pd.testing.assert_frame_equal(frame, disturbed[name])


def _last(**how: int) -> dict[str, pd.DataFrame]:
    return generated_year(PEOPLE, MONTHS, SEED, after=[1], **how)[0][0]
