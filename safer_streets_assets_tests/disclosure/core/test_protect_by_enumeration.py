"""What protect prints is safe, by trying whole tables: nobody's word but addition's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import (
    CountTable,
    Link,
    Protection,
    PublishedRelease,
    TableSpec,
    protect,
    prove,
)
from safer_streets_assets_tests.disclosure.core.enumeration import (
    ONE,
    Puzzle,
    unsafe_cells,
)
from safer_streets_assets_tests.disclosure.core.made_up import grown, linked_tables, population

T = 3


def unsafe(releases: Sequence[PublishedRelease], links: Sequence[Link] = ()) -> list[str]:
    """What is wrong with the releases, in words. Looks for tables that show that nothing is."""
    puzzle = Puzzle(releases, links)
    wrong, shown = unsafe_cells(puzzle, T)
    for a, b, kind in puzzle.differences:
        goals = [({a: 1, b: -1, ONE: -T}, False), ({a: 1, b: -1}, True)]
        if kind == "change":
            goals.append(({a: -1, b: 1, ONE: -T}, False))
        if not shown(lambda t, a=a, b=b: t[a] == t[b] or abs(t[a] - t[b]) >= T, *goals):
            wrong.append(f"{kind} {a} {b}")
    return wrong


def hidden_of(protection: Protection) -> set[tuple]:
    return {
        (name, measure, *coords[list(table.printed.spec.dimensions)])
        for name, table in protection.tables.items()
        for measure in table.printed.spec.measures
        for _, coords in table.kinds[table.kinds[measure] != ""].iterrows()
    }


@pytest.mark.parametrize("seed", range(24))
def test_linked_nested_tables_are_safe(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tables, links = linked_tables(population(rng, int(rng.integers(5, 30))))
    protection = protect(tables, threshold=T, links=links)
    assert not protection.withheld
    assert unsafe([protection.release("r")], links) == []


@pytest.mark.parametrize("seed", range(24))
def test_a_release_is_safe_together_with_those_before(seed: int) -> None:
    rng = np.random.default_rng(500 + seed)
    people = population(rng, int(rng.integers(5, 25)))
    releases: list[PublishedRelease] = []
    for r in range(2 + seed % 2):
        tables, links = linked_tables(people)
        protection = protect(tables, threshold=T, links=links, previous=releases, insiders=False)
        assert not protection.withheld
        releases.append(protection.release(f"r{r}"))
        people = grown(rng, people)
    assert unsafe(releases, links) == []


@pytest.mark.parametrize("seed", range(12))
def test_a_cycle_of_three_tables_is_safe(seed: int) -> None:
    rng = np.random.default_rng(900 + seed)
    cube = rng.poisson(rng.choice([0.7, 2.0]), (2, 3, 2))
    sides = {"ab": (0, 1), "bc": (1, 2), "ac": (0, 2)}
    tables = []
    for name, axes in sides.items():
        counts = cube.sum(axis=({0, 1, 2} - set(axes)).pop())
        counts = np.vstack([counts, counts.sum(axis=0)])
        counts = np.column_stack([counts, counts.sum(axis=1)])
        rows = [
            (_label(i, counts.shape[0]), _label(j, counts.shape[1]), counts[i, j])
            for i in range(counts.shape[0])
            for j in range(counts.shape[1])
        ]
        spec = TableSpec(name, (name[0], name[1]), "people")
        tables.append(CountTable(spec, pd.DataFrame(rows, columns=[name[0], name[1], "n"])))
    protection = protect(tables, threshold=T)
    assert not protection.withheld
    assert unsafe([protection.release("r")]) == []


def _label(i: int, size: int) -> str:
    return "Total" if i == size - 1 else f"c{i}"


@pytest.mark.parametrize("seed", range(8))
def test_printing_any_hidden_small_cell_again_is_found_by_the_attacker(seed: int) -> None:
    rng = np.random.default_rng(40 + seed)
    tables, links = linked_tables(population(rng, 20))
    protection = protect(tables, threshold=T, links=links)
    release = protection.release("r")
    truth = {t.spec.name: t.cells for t in tables}
    for table in release.tables:
        for i in np.flatnonzero(table.cells["n"].isna()):
            if truth[table.spec.name].loc[i, "n"] >= T:
                continue
            assert unproven_when_printed(release, table.spec.name, int(i), truth, links)


def unproven_when_printed(
    release: PublishedRelease,
    name: str,
    i: int,
    truth: Mapping[str, pd.DataFrame],
    links: Sequence[Link],
) -> bool:
    tables = []
    for table in release.tables:
        cells = table.cells.copy()
        if table.spec.name == name:
            cells.loc[i, "n"] = truth[name].loc[i, "n"]
        tables.append(replace(table, cells=cells))
    verdicts = prove([replace(release, tables=tables)], threshold=T, links=links)
    return verdicts[name] != "proven"


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_rows_and_tables_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(70 + seed)
    tables, links = linked_tables(population(rng, 25))
    shuffled = [
        CountTable(t.spec, t.cells.sample(frac=1, random_state=seed)) for t in reversed(tables)
    ]
    first = protect(tables, threshold=T, links=links)
    second = protect(shuffled, threshold=T, links=list(reversed(links)))
    assert hidden_of(first) == hidden_of(second)


@pytest.mark.parametrize("seed", range(6))
def test_the_same_counts_again_keep_the_pattern(seed: int) -> None:
    rng = np.random.default_rng(90 + seed)
    tables, links = linked_tables(population(rng, 25))
    first = protect(tables, threshold=T, links=links)
    again = protect(tables, threshold=T, links=links, previous=[first.release("r0")])
    assert hidden_of(first) == hidden_of(again)
