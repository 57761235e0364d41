"""A whole year of linked tables: stages by month, borough, age, offence; courts and reasons."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import (
    CellRef,
    CountTable,
    Link,
    PublishedRelease,
    TableSpec,
    attack,
    protect,
)

STAGES = (
    "sentenced",
    "eligible",
    "community sentence with RAR",
    "assigned",
    "started",
    "midpoint",
    "completed",
)
SAMPLE = Path(__file__).parents[4] / "shared/sample_drops/expected.json"
System = tuple[list[CountTable], list[Link]]
Rows = Sequence[Sequence[object]]


def whole(spec: TableSpec, rows: Rows, boroughs: Sequence[str]) -> CountTable:
    """The table of the rows, with those that are zero and the totals put in."""
    counts = {tuple(map(str, r[:-1])): int(str(r[-1])) for r in rows}
    axes: list[list[str]] = []
    for k, d in enumerate(spec.dimensions):
        found = {coords[k] for coords in counts} | set(boroughs if d == "borough" else ())
        axes.append(list(STAGES) if d == "stage" else [*sorted(found), "Total"])
    cells = []
    for coords in product(*axes):
        inside = (
            n
            for at, n in counts.items()
            if all(c in (a, "Total") for a, c in zip(at, coords, strict=True))
        )
        cells.append((*coords, sum(inside)))
    return CountTable(spec, pd.DataFrame(cells, columns=[*spec.dimensions, "n"]))


def system_of(tables: Mapping[str, Rows]) -> System:
    """The linked tables of a year, from their rows that are not zero."""
    boroughs = sorted({str(row[0]) for row in tables["funnel_by_borough"]})
    made = []
    for name, dims in {
        "funnel": (),
        "funnel_by_month": ("month",),
        "funnel_by_borough": ("borough",),
        "funnel_by_demographics": ("gender", "age_band"),
        "funnel_by_offence": ("offence",),
    }.items():
        spec = TableSpec(name, (*dims, "stage"), "cohort", nested="stage", nested_order=STAGES)
        made.append(whole(spec, tables[name], boroughs))
    rar = STAGES[2]
    for name, dims, fixed in (
        ("sentence_by_court", ("court", "sentence"), {"stage": "sentenced"}),
        ("non_assignment", ("borough", "reason"), {"stage": rar, "assigned": "no"}),
        ("one_to_one", ("borough", "reason"), {"stage": "assigned", "delivery": "One-to-one"}),
        ("attrition", ("delivery", "outcome"), {"stage": "started"}),
    ):
        made.append(whole(TableSpec(name, dims, "cohort", fixed=fixed), tables[name], boroughs))
    links = [
        Link(
            (
                (1, CellRef("non_assignment", {"borough": b})),
                (-1, CellRef("funnel_by_borough", {"borough": b, "stage": rar})),
                (1, CellRef("funnel_by_borough", {"borough": b, "stage": "assigned"})),
            )
        )
        for b in (*boroughs, "Total")
    ]
    done = CellRef("attrition", {"outcome": "Completed"})
    links.append(Link(((1, done), (-1, CellRef("funnel", {"stage": "completed"})))))
    return made, links


def invented_people(people: int) -> list[dict[str, object]]:
    rng = np.random.default_rng(7)

    def some(letter: str, k: int) -> str:
        return f"{letter}{int(k * rng.beta(1, 2)):02d}"

    made: list[dict[str, object]] = []
    for _ in range(people):
        reached = 0
        while reached < 6 and rng.random() < (0.65, 0.6, 0.8, 0.8, 0.65, 0.7)[reached]:
            reached += 1
        made.append(
            {
                "reached": reached,
                "month": some("m", 12),
                "borough": some("b", 24),
                "gender": "Female" if rng.random() < 0.12 else "Male",
                "age_band": some("a", 5),
                "offence": some("o", 9),
                "court": some("c", 15),
                "sentence": "Order" if reached >= 2 else some("s", 4),
                "reason": some("r", 9),
                "delivery": "One-to-one" if rng.random() < 0.2 else "Group",
                "outcome": "Completed" if reached == 6 else some("x", 4),
            }
        )
    return made


def invented(people: int) -> dict[str, Rows]:
    made = invented_people(people)
    tables: dict[str, dict[tuple[object, ...], int]] = {}

    def add(name: str, *coords: object) -> None:
        cells = tables.setdefault(name, {})
        cells[coords] = cells.get(coords, 0) + 1

    for p in made:
        for k in range(int(str(p["reached"])) + 1):
            add("funnel", STAGES[k])
            for dims in (("month",), ("borough",), ("gender", "age_band"), ("offence",)):
                name = "demographics" if len(dims) > 1 else dims[0]
                add(f"funnel_by_{name}", *(p[d] for d in dims), STAGES[k])
        add("sentence_by_court", p["court"], p["sentence"])
        if p["reached"] == 2:
            add("non_assignment", p["borough"], p["reason"])
        if int(str(p["reached"])) >= 3 and p["delivery"] == "One-to-one":
            add("one_to_one", p["borough"], p["reason"])
        if int(str(p["reached"])) >= 4:
            add("attrition", p["delivery"], p["outcome"])
    return {name: [(*at, n) for at, n in cells.items()] for name, cells in tables.items()}


def invented_year() -> System:
    return system_of(invented(1200))


def sample_year() -> System:
    return system_of(json.loads(SAMPLE.read_text())["tables"])


YEARS = [invented_year, *([sample_year] if SAMPLE.exists() else [])]


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.thorough
def test_a_year_is_protected_whole_and_the_attacker_learns_nothing(
    year: Callable[[], System],
) -> None:
    tables, links = year()
    protection = protect(tables, threshold=5, links=links)
    assert not protection.withheld
    assert (protection.summary["verdict"] == "proven").all()
    found = attack([protection.release("r")], threshold=5, links=links)
    assert found
    assert all(b.safe for b in found)


@pytest.mark.parametrize("year", YEARS)
def test_hiding_just_the_small_cells_of_a_year_is_not_enough(year: Callable[[], System]) -> None:
    tables, links = year()
    release = protect(
        [CountTable(t.spec, t.cells) for t in tables], threshold=1, links=links
    ).release("r")
    naive = []
    for table in release.tables:
        cells = table.cells.copy()
        cells["n"] = cells["n"].mask((cells["n"] > 0) & (cells["n"] < 5))
        naive.append(type(table)(table.spec, cells))
    found = attack([PublishedRelease("r", naive)], threshold=5, links=links)
    assert sum(b.kind == "hidden" and b.low == b.high for b in found) > 10
    assert sum(b.kind != "hidden" and not b.safe for b in found) > 10
