"""A table of a part of a population may stand at a finer level than those of the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import CountTable, TableSpec, protect

AREAS = {"Hackney": "East", "Newham": "East", "Lambeth": "South", "Merton": "South"}


def counted(
    people: pd.DataFrame, dimensions: Sequence[str], spec: TableSpec, known: Mapping[str, list[str]]
) -> CountTable:
    """Every combination of the categories and Total, with how many of the people are in it."""
    rows = []
    for at in product(*([*known[d], "Total"] for d in dimensions)):
        own = people
        for dimension, category in zip(dimensions, at, strict=True):
            if category != "Total":
                own = own[own[dimension] == category]
        rows.append((*at, len(own)))
    return CountTable(spec, pd.DataFrame(rows, columns=[*dimensions, "n"]))


@pytest.mark.parametrize("seed", range(4))
def test_a_part_by_borough_contradicts_no_cycle_of_tables_by_area(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = pd.DataFrame(
        {
            "borough": rng.choice(["Hackney", "Lambeth"], 120),
            "b": rng.choice(["b1", "b2", "b3"], 120),
            "c": rng.choice(["c1", "c2", "c3"], 120),
            "d": rng.choice(["yes", "no"], 120, p=[0.1, 0.9]),
        }
    )
    areas = people.assign(place=people["borough"].map(AREAS))
    boroughs = people.assign(place=people["borough"])
    every = {"b": ["b1", "b2", "b3"], "c": ["c1", "c2", "c3"], "d": ["yes", "no"]}
    by_area = {**every, "place": ["East", "South", "West"]}
    by_borough = {**every, "place": sorted(set(boroughs.loc[boroughs["d"] == "yes", "place"]))}
    hierarchies = {"place": {**AREAS}}

    def spec(name: str, *dimensions: str, **fixed: str) -> TableSpec:
        own = hierarchies if "place" in dimensions else {}
        return TableSpec(name, dimensions, "people", fixed=fixed, hierarchies=own)

    tables = [
        counted(areas, ("place", "b"), spec("by place and b", "place", "b"), by_area),
        counted(areas, ("b", "d"), spec("by b and d", "b", "d"), by_area),
        counted(areas, ("place", "c"), spec("by place and c", "place", "c"), by_area),
        counted(
            boroughs[boroughs["d"] == "yes"],
            ("place", "c"),
            spec("part by borough", "place", "c", d="yes"),
            by_borough,
        ),
    ]
    made = protect(tables, threshold=5)
    assert not made.withheld
