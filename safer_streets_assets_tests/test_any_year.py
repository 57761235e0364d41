"""Whatever a year is like, tidy or twice as untidy as usual, every number is that of its truth."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from safer_streets_assets.demo.drops import write_demo_drops
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.demo import recount
from safer_streets_assets_tests.demo.recount_tables import tables, with_totals
from safer_streets_assets_tests.generated_years import FIRST_MONTH, generated_year

SEEDS = range(50) if os.environ.get("SAFER_STREETS_EVERY_YEAR") == "1" else (0, 5, 8, 9)
"""Each eighth has twelve months, the others three; 0 is tidy, 8 and 9 are the most untidy."""


def as_many_as_it_takes(policy: Policy) -> Policy:
    """The policy with gates that one person opens."""
    gates = [gate.model_copy(update={"needed": 1}) for gate in policy.dpia.gates]
    return replace(policy, dpia=policy.dpia.model_copy(update={"gates": gates}))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.thorough
def test_every_count_of_a_year_is_that_of_its_truth(seed: int, tmp_path: Path) -> None:
    people, months, untidiness = 60 + 97 * seed % 91, 12 if seed % 8 == 0 else 3, seed % 10 * 2 / 9
    manifest = write_demo_drops(
        tmp_path,
        people=people,
        months=months,
        seed=seed,
        first_month=FIRST_MONTH,
        faults=False,
        untidiness=untidiness,
    )
    counts = recount.recount(tmp_path)
    frames, _ = generated_year(
        people,
        months,
        seed,
        untidiness=untidiness,
        policy=as_many_as_it_takes(shipped_policy()),
        after=[months - 1],
    )[0]
    funnel = frames["funnel"]
    assert dict(zip(funnel["stage"], funnel["n"], strict=True)) == manifest.funnel
    for (name, count), table in tables(counts).items():
        _assert_counts(frames[name], name, count, with_totals(table))
    change = frames["attitude_change"]
    whole = change[(change["group_name"] == "Total") & (change["comparison"] == "start-end")]
    participants = recount.funnel(counts)["community sentence with RAR"]
    pairs = recount.change_by_scale(counts, participants)
    analysed = whole[whole["scale"].isin(recount.SCALES)]
    assert set(analysed["n_paired"]) == {len(set.intersection(*map(set, pairs.values())))}
    assert {scale: len(people) for scale, people in pairs.items()} == manifest.pairs


def _assert_counts(
    frame: pd.DataFrame, name: str, count: str, table: Counter[tuple[str, ...]]
) -> None:
    """Every row of an aggregate has the number of the recount, and nothing of it has no row."""
    dimensions = list(shipped_policy().tables.columns(name))
    keys = list(frame[dimensions].astype(str).itertuples(index=False, name=None))
    wrong = [
        (key, n, table[key]) for key, n in zip(keys, frame[count], strict=True) if n != table[key]
    ]
    assert not wrong, name
    assert {key for key, n in table.items() if n and "Total" not in key} <= set(keys), name
