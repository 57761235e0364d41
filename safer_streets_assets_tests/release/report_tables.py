"""Tables of every kind that the report draws, made by hand, and the page that is made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from safer_streets_assets.release.charts.files import charts_of
from safer_streets_assets.release.content import ReleaseTable, release_tables
from safer_streets_assets.release.database import Identity
from safer_streets_assets.release.report import report_page
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import POLICY, content, table

IDENTITY = Identity(
    release_id="r0003-0a1b2c3d",
    number=3,
    made_at=builders.NOW,
    code_version=builders.CODE_VERSION,
    policy_hash=POLICY.digest,
    content_hash="0a1b2c3d" * 8,
    drop_ids=(),
    previous=None,
)
STAGES = POLICY.dpia.cohort.stages


def months() -> pd.DataFrame:
    """Three months and their total, of which one stage of one month is hidden."""
    counts = {
        "2019-11": (41, 33, 27, 21, 17, 13, 11),
        "2019-12": (43, 35, 29, 23, None, 15, 0),
        "2020-01": (47, 37, 31, 25, 19, 16, 12),
        "Total": (131, 105, 87, 69, 53, 44, 23),
    }
    keys = [(month, stage) for month in counts for stage in STAGES]
    return table("funnel_by_month", keys, {"n": [n for own in counts.values() for n in own]})


def boroughs() -> pd.DataFrame:
    """A borough with people, one that is hidden where people started, one without anybody."""
    counts = {
        "Lambeth": (61, 51, 46, 42, 38, 28, 18),
        "Hackney": (70, 54, 41, 27, None, 16, 5),
        "Barnet": (9, 0, 0, 0, 0, 0, 0),
        "Total": (140, 105, 87, 69, 53, 44, 23),
    }
    keys = [(borough, stage) for borough in counts for stage in STAGES]
    return table("funnel_by_borough", keys, {"n": [n for own in counts.values() for n in own]})


def times() -> pd.DataFrame:
    """Days to start: of one borough they are hidden."""
    return table(
        "time_to_start",
        [("Lambeth",), ("Hackney",), ("Total",)],
        {
            "n": [38, None, 53],
            "median_days": [26.5, None, 34.0],
            "lower_quartile_days": [19.25, None, 22.0],
            "upper_quartile_days": [45.75, None, 57.0],
        },
    )


def answers(*counts: int | None) -> pd.DataFrame:
    """Answers to the question how satisfied people were, and their total."""
    keys = [("X1", str(n)) for n in range(1, 6)] + [("X1", "Total")]
    shown = [None if n is None else float(round(100 * n / 90)) for n in counts]
    return table("experience", keys, {"n": list(counts), "percent": shown})


def training() -> pd.DataFrame:
    """Feedback on the aims of the training days."""
    keys = [("aims_clear", str(n)) for n in range(1, 6)] + [("aims_clear", "Total")]
    return table("training_feedback", keys, {"n": [0, 14, None, None, 6, 37]})


def linkage() -> pd.DataFrame:
    """Rows of one source."""
    results = POLICY.values_of(POLICY.tables.dimensions["link_result"].values) or []
    keys = [("crc_eligibility", result) for result in (*results, "Total")]
    return table("linkage_quality", keys, {"n": [451, 271, 0, 11, 733]})


def change(
    figures: Mapping[str, tuple[float, float, float] | None], reading: str = "better"
) -> pd.DataFrame:
    """Change of scales from start to end, of everybody: mean change, lower and upper end."""
    spec = POLICY.tables.tables["attitude_change"]
    values: dict[str, Sequence[Any]] = {name: [None] * len(figures) for name in spec.statistics}
    for at, name in enumerate(("mean_change", "ci_low", "ci_high")):
        values[name] = [found[at] if found else None for found in figures.values()]
    values["reading"] = [reading if found else None for found in figures.values()]
    values |= {"n_start": [181] * len(figures), "n_paired": [113] * len(figures)}
    values["direction"] = ["higher is better"] * len(figures)
    keys = [(scale, "start-end", "Total", "Total") for scale in figures]
    return table("attitude_change", keys, values)


def reliable() -> pd.DataFrame:
    """Reliable change of one scale."""
    classes = POLICY.values_of(POLICY.tables.dimensions["class"].values) or []
    keys = [("OFF", name) for name in (*classes, "Total")]
    return table("reliable_change", keys, {"n": [29, 71, 13, 113]})


def frames(**changes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """A table of each kind that has a picture or a sentence, and some that have neither."""
    made = builders.tables(gate_open=True)
    made["attitude_change"] = change({"OFF": (0.21, 0.12, 0.33), "KNF": None})
    made |= {
        "funnel_by_month": months(),
        "funnel_by_borough": boroughs(),
        "time_to_start": times(),
        "experience": answers(40, 24, 12, 8, 6, 90),
        "training_feedback": training(),
        "linkage_quality": linkage(),
        "reliable_change": reliable(),
    }
    return {**made, **changes}


def tables_of(given: Mapping[str, pd.DataFrame], **notes: str) -> list[ReleaseTable]:
    """The tables as a release prints them."""
    return release_tables(POLICY, content(dict(given), notes=notes))


def page_of(tables: Sequence[ReleaseTable]) -> bytes:
    """The report of printed tables."""
    return report_page(POLICY, IDENTITY, tables, charts_of(POLICY, tables))
