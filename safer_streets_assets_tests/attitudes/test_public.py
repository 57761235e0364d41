from __future__ import annotations

import subprocess
import sys

from safer_streets_assets import attitudes
from safer_streets_assets.attitudes.methods import METHODS
from safer_streets_assets.attitudes.paired import STATISTICS

EVERYTHING = """
import sys
import pandas as pd
from safer_streets_assets import attitudes as a
from safer_streets_assets_tests.attitudes.builders import INSTRUMENT, people, scores
source = scores("OFF", {1: [3.0, 2.0, 4.0, 3.2], 2: [3.0, 2.2, 4.4, 3], 3: [3.4, 2.5, 4.0, 3.8]})
cohort = people(4, gender=["M", "F", "F", "M"])
gender = [a.Grouping("gender", "gender", ("M", "F"))]
a.change_summary(source, cohort, INSTRUMENT, gender)
a.attrition_table(source, cohort, INSTRUMENT, gender)
a.clinical_change(source, cohort, INSTRUMENT, {"OFF": 0.8}, {"OFF": a.Norm(4.5, 0.5, "x")})
a.wave_model(source, cohort, INSTRUMENT)
a.start_and_change_correlation(source, cohort, INSTRUMENT)
print([m for m in ("scipy.stats", "statsmodels", "dagster", "duckdb") if m in sys.modules])
"""


def test_what_is_offered_is_there_and_listed_once() -> None:
    assert len(set(attitudes.__all__)) == len(attitudes.__all__)
    assert all(hasattr(attitudes, name) for name in attitudes.__all__)
    undocumented = [n for n in attitudes.__all__ if not getattr(attitudes, n).__doc__]
    assert not undocumented


def test_the_library_needs_neither_scipy_stats_nor_statsmodels_nor_dagster() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", EVERYTHING],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_every_statistic_names_its_method() -> None:
    assert set(METHODS) == set(STATISTICS)
    assert "exact correction J(n - 1)" in METHODS["smcr"]
    assert "Algina and Keselman" in METHODS["d_av_rms_low"]
    assert METHODS["g_av_low"] == METHODS["g_av_high"] != METHODS["d_av_rms_low"]
