"""The choice of multiples: those within reach of the counts that add up, the nearest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import product

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import CountTable, TableSpec
from safer_streets_assets.disclosure.core.multiples import Multiples
from safer_streets_assets.disclosure.core.system.builder import build_system
from safer_streets_assets.disclosure.core.system.reading import ReleaseGrids
from safer_streets_assets.disclosure.core.system.system import System

BASE, SECONDS = 5, 30.0
Counts = Mapping[str, int]


def column(counts: Counts, population: str = "people") -> CountTable:
    frame = pd.DataFrame([*counts.items(), ("Total", sum(counts.values()))], columns=["a", "n"])
    return CountTable(TableSpec(f"of {population}", ("a",), population), frame)


class Choice:
    """Figures of the first of some tables by category; of others nothing is asked but that they
    add up."""

    def __init__(
        self,
        *tables: CountTable,
        steps: int = 1,
        aims: Counts | None = None,
        somebody: Collection[str] = (),
        strict: bool = True,
    ) -> None:
        grids = tuple(table.grid for table in tables)
        self.system: System = build_system([ReleaseGrids("new", grids, BASE)], [])
        names = [dict(cell.coords).get("a", "Total") for cell in self.system.cells]
        own = tables[0].spec.population
        self.at = {
            name: i
            for i, (name, cell) in enumerate(zip(names, self.system.cells, strict=True))
            if cell.population == own
        }
        wanted = self.system.value.astype(np.int64)
        for name, aim in (aims or {}).items():
            wanted[self.at[name]] = aim
        told = np.zeros(len(names), dtype=bool)
        told[[self.at[name] for name in somebody]] = True
        weight = np.ones(len(names))
        self.multiples = Multiples(self.system, BASE, steps, wanted, weight, told, strict=strict)

    def figures(self) -> dict[str, int] | None:
        found = self.multiples.solve(SECONDS)
        return None if found is None else {name: int(found[i]) for name, i in self.at.items()}

    def all_of(self, *names: str) -> set[tuple[int, ...]]:
        """What these categories can be, each cut off as it is found."""
        seen: set[tuple[int, ...]] = set()
        cells = [self.at[name] for name in names]
        while (found := self.multiples.solve(SECONDS)) is not None:
            now = tuple(int(found[i]) for i in cells)
            assert now not in seen
            seen.add(now)
            self.multiples.cut(cells, found)
        return seen


def test_the_figures_are_the_nearest_multiples_that_add_up() -> None:
    assert Choice(column({"x": 4, "y": 11})).figures() == {"x": 5, "y": 10, "Total": 15}
    found = Choice(column({"x": 2, "y": 2, "z": 2, "w": 4})).figures()
    assert found is not None
    assert found["Total"] == 10 == sum(found[name] for name in "xyzw")


@pytest.mark.parametrize(
    ("count", "steps", "figures"),
    [
        (3, 1, {0, 5}),
        (5, 1, {5}),
        (0, 1, {0}),
        (11, 1, {10, 15}),
        (3, 2, {0, 5, 10}),
        (11, 2, {5, 10, 15, 20}),
        (10, 2, {5, 10, 15}),
        (0, 3, {0, 5, 10}),
    ],
)
def test_a_figure_is_less_than_its_steps_away_from_the_count(
    count: int, steps: int, figures: set[int]
) -> None:
    spec = TableSpec("one", (), "people")
    choice = Choice(CountTable(spec, pd.DataFrame({"n": [count]})), steps=steps)
    assert choice.all_of("Total") == {(figure,) for figure in figures}


def test_figures_that_are_cut_off_are_followed_by_all_others_that_add_up() -> None:
    counts = {"x": 3, "y": 42, "z": 61}
    near = {name: {n // BASE * BASE, -(-n // BASE) * BASE} for name, n in counts.items()}
    tuples = {(x, y, z) for x, y, z in product(*near.values()) if x + y + z in (105, 110)}
    assert Choice(column(counts)).all_of("x", "y", "z") == tuples
    assert Choice(column(counts)).all_of("x", "y") == {(x, y) for x, y, _ in tuples}


def test_a_table_that_nobody_is_in_keeps_no_other_from_being_rounded() -> None:
    empty = column({"x": 0, "y": 0}, "nobody")
    assert Choice(column({"x": 4, "y": 11}), empty).figures() == {"x": 5, "y": 10, "Total": 15}
    assert Choice(empty).figures() == {"x": 0, "y": 0, "Total": 0}


def test_a_figure_goes_towards_what_was_printed_before() -> None:
    counts = {"x": 11, "y": 24, "z": 50}
    assert Choice(column(counts)).figures() == {"x": 10, "y": 25, "z": 50, "Total": 85}
    kept = Choice(column(counts), aims={"x": 15, "y": 20}).figures()
    assert kept == {"x": 15, "y": 20, "z": 50, "Total": 85}


def test_a_category_that_is_told_to_hold_somebody_is_no_nought() -> None:
    counts = {"x": 1, "y": 44, "z": 60}
    assert Choice(column(counts)).all_of("x") == {(0,), (5,)}
    assert Choice(column(counts), somebody="x").all_of("x") == {(5,)}
    assert Choice(column(counts), somebody="x", strict=False).figures()["x"] == 5  # type: ignore[index]


def test_where_nothing_else_adds_up_and_it_is_not_strict_such_a_category_is_a_nought() -> None:
    counts = dict.fromkeys("abcdefghij", 1)
    assert Choice(column(counts), somebody="abcdefghij").figures() is None
    found = Choice(column(counts), somebody="abcdefghij", strict=False).figures()
    assert found is not None
    assert sorted(found[name] for name in counts) == [0] * 8 + [5] * 2


def test_without_time_there_are_no_figures() -> None:
    assert Choice(column({"x": 4, "y": 11})).multiples.solve(0.0) is None


def test_what_shares_a_sum_with_a_category_is_beside_it() -> None:
    choice = Choice(column({"x": 4, "y": 11}), column({"x": 3}, "others"))
    assert set(choice.multiples.around([choice.at["x"]])) == set(choice.at.values())
