"""The attacker's bounds are those of all tables that agree with what is printed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import (
    CellBounds,
    CountTable,
    PrintedTable,
    PublishedRelease,
    attack,
)
from safer_streets_assets_tests.disclosure.core.enumeration import Name, Puzzle, TooMany, name_of
from safer_streets_assets_tests.disclosure.core.made_up import grown, linked_tables, population

CAP = 40


def hide(rng: np.random.Generator, tables: list[CountTable], share: float) -> list[PrintedTable]:
    """Prints the tables with some non-zero cells hidden, the same in every table."""
    hidden: dict[Name, bool] = {}
    printed = []
    for table in tables:
        frame = table.cells.copy()
        frame["n"] = frame["n"].astype("Int64")
        for i, row in enumerate(table.cells.to_dict("records")):
            coords = {d: row[d] for d in table.spec.dimensions}
            name = name_of(table.spec, coords, "n", 0)
            often = share if "Total" not in coords.values() else share / 3
            if hidden.setdefault(name, row["n"] > 0 and rng.random() < often):
                frame.loc[i, "n"] = pd.NA
        printed.append(PrintedTable(table.spec, frame))
    return printed


def seen_by_enumeration(puzzle: Puzzle) -> tuple[dict[Name, tuple[int, int]], dict, bool]:
    cells: dict[Name, tuple[int, int]] = {}
    differences: dict[tuple[Name, Name], tuple[int, int]] = {}
    touched = False
    for solution in puzzle.solutions(most=4000):
        for n in puzzle.unknown:
            v = solution[n]
            low, high = cells.get(n, (v, v))
            cells[n] = (min(low, v), max(high, v))
            touched |= v >= CAP - 1
        for wide, narrow, _ in puzzle.differences:
            v = solution[wide] - solution[narrow]
            low, high = differences.get((wide, narrow), (v, v))
            differences[wide, narrow] = (min(low, v), max(high, v))
    return cells, differences, touched


def names_of(bounds: CellBounds, releases: list[PublishedRelease]) -> tuple[Name, Name | None]:
    at = {r.name: i for i, r in enumerate(releases)}
    specs = {t.spec.name: t.spec for r in releases for t in r.tables}
    first = name_of(specs[bounds.table], bounds.coords, bounds.measure, at[bounds.release])
    other = bounds.against
    if other is None:
        return first, None
    return first, name_of(specs[other.table], dict(other.coords), other.measure, other.release)


def compare(releases: list[PublishedRelease], links: list) -> bool:
    """Compares every bound; false when there were too many tables to enumerate."""
    puzzle = Puzzle(releases, links, cap=CAP)
    try:
        cells, differences, touched = seen_by_enumeration(puzzle)
    except TooMany:
        return False
    if touched or not (cells or differences):
        return False
    found = attack(releases, threshold=3, links=links)
    told, told_differences = set(), set()
    for bounds in found:
        assert bounds.proven
        first, other = names_of(bounds, releases)
        if bounds.kind == "hidden":
            told.add(first)
            assert (bounds.low, bounds.high) == cells[first]
        elif other is not None:
            told_differences |= {(first, other), (other, first)}
            here = differences.get((first, other))
            if here is None:
                low, high = differences[other, first]
                assert (bounds.low, bounds.high) in ((low, high), (-high, -low))
            else:
                assert (bounds.low, bounds.high) == here
    assert told == puzzle.unknown
    unsure = {(w, n) for w, n, _ in puzzle.differences if {w, n} & puzzle.unknown}
    assert unsure <= told_differences
    return True


@pytest.mark.parametrize("block", range(4))
def test_bounds_of_linked_nested_tables_equal_enumeration(block: int) -> None:
    compared = 0
    for seed in range(block * 25, block * 25 + 25):
        rng = np.random.default_rng(seed)
        tables, links = linked_tables(population(rng, int(rng.integers(6, 16))))
        release = PublishedRelease("r0", hide(rng, tables, 0.35))
        compared += compare([release], links)
    assert compared >= 15


@pytest.mark.parametrize("block", range(4))
def test_bounds_of_two_releases_equal_enumeration(block: int) -> None:
    compared = 0
    for seed in range(block * 20, block * 20 + 20):
        rng = np.random.default_rng(1000 + seed)
        people = population(rng, int(rng.integers(6, 14)))
        tables, links = linked_tables(people)
        first = PublishedRelease("r0", hide(rng, tables, 0.25))
        later, _ = linked_tables(grown(rng, people))
        second = PublishedRelease("r1", hide(rng, later, 0.25))
        if next(Puzzle([first, second], links, cap=CAP).solutions(), None) is None:
            continue
        compared += compare([first, second], links)
    assert compared >= 8
