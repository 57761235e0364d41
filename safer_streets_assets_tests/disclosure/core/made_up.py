"""Small invented systems of linked tables, from invented people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

from safer_streets_assets.disclosure.core import CellRef, CountTable, Link, TableSpec

STAGES = ("s0", "s1", "s2")
People = list[dict[str, str]]


def tabulate(
    spec: TableSpec, people: People, categories: Mapping[str, Sequence[str]]
) -> CountTable:
    """A whole table of people: `stage` counts everybody who got that far."""
    axes = [
        list(spec.nested_order) if d == spec.nested else [*categories[d], "Total"]
        for d in spec.dimensions
    ]
    rows = []
    for coords in product(*axes):
        wanted = {**spec.fixed, **dict(zip(spec.dimensions, coords, strict=True))}
        rows.append((*coords, sum(is_in(p, wanted) for p in people)))
    return CountTable(spec, pd.DataFrame(rows, columns=[*spec.dimensions, "n"]))


def is_in(person: dict[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether a person is among those of these categories, or got to that stage."""
    for d, c in wanted.items():
        if d == "stage":
            if STAGES.index(person[d]) < STAGES.index(c):
                return False
        elif c != "Total" and person[d] != c:
            return False
    return True


CATEGORIES = {"a": ("x", "y", "z"), "b": ("p", "q"), "stage": STAGES}


def population(rng: np.random.Generator, size: int) -> People:
    """People of two attributes who each got to a stage."""
    return [
        {
            "a": str(rng.choice(["x", "y", "z"], p=[0.5, 0.35, 0.15])),
            "b": str(rng.choice(["p", "q"])),
            "stage": str(rng.choice(STAGES)),
            "left": "",
        }
        for _ in range(size)
    ]


def staged(name: str, *dims: str) -> TableSpec:
    return TableSpec(name, (*dims, "stage"), "people", nested="stage", nested_order=STAGES)


def linked_tables(people: People) -> tuple[list[CountTable], list[Link]]:
    """Stage by a, a by b of all, and those who left after s0 by a: tied to the first by a link."""
    for p in people:
        p["left"] = "yes" if p["stage"] == "s0" else "no"
    by_a = tabulate(staged("by_a", "a"), people, CATEGORIES)
    a_by_b = tabulate(
        TableSpec("a_by_b", ("a", "b"), "people", fixed={"stage": "s0"}), people, CATEGORIES
    )
    left = tabulate(
        TableSpec("left", ("a",), "people", fixed={"stage": "s0", "left": "yes"}),
        people,
        CATEGORIES,
    )
    links = [
        Link(
            (
                (1, CellRef("left", {"a": a})),
                (-1, CellRef("by_a", {"a": a, "stage": "s0"})),
                (1, CellRef("by_a", {"a": a, "stage": "s1"})),
            )
        )
        for a in (*CATEGORIES["a"], "Total")
    ]
    return [by_a, a_by_b, left], links


def grown(rng: np.random.Generator, people: People) -> People:
    """The same people later: some are new, some got further, now and then one is taken off."""
    later = [dict(p) for p in people]
    for p in later:
        if p["stage"] != STAGES[-1] and rng.random() < 0.3:
            p["stage"] = STAGES[STAGES.index(p["stage"]) + 1]
    if rng.random() < 0.3:
        later.pop(int(rng.integers(len(later))))
    return later + population(rng, int(rng.integers(0, 7)))
