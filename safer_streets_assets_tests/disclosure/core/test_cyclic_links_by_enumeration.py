"""Where tables are tied in cycles, the attacker's bounds are those of all populations that could be
behind them, not only of all tables whose margins agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import (
    CellBounds,
    CountTable,
    PublishedRelease,
    attack,
    protect,
    round_tables,
)
from safer_streets_assets_tests.disclosure.core.joint_enumeration import (
    Design,
    Name,
    Printed,
    later_pairs,
    many,
    name_of,
    populations,
    printed,
)

TRIANGLE = Design({"a": 2, "b": 2, "c": 2}, ("ab", "bc", "ac"))
WIDER = Design({"a": 3, "b": 2, "c": 2}, ("ab", "bc", "ac"))
SQUARE = Design({"a": 2, "b": 2, "c": 2, "d": 2}, ("ab", "bc", "cd", "ad"))
STAGED = Design({"a": 2, "b": 2, "s": 2}, ("ab", "as", "bs"))
PARTS = Design({"a": 2, "b": 2, "s": 2}, ("a", "ab@s0", "as", "bs"))
LATER_PARTS = Design({"a": 2, "b": 2, "s": 2}, ("a", "ab@s1", "as", "bs"))
COARSE = Design({"a": 3, "b": 2, "c": 2}, ("ab", "bc", "Ac"))
COARSE_PARTS = Design({"a": 3, "b": 2, "s": 2}, ("a", "Ab@s0", "as", "bs"))
THRESHOLD = 3


def people(design: Design, rng: np.random.Generator, least: int, most: int) -> np.ndarray:
    cells = int(np.prod(design.shape))
    drawn = rng.multinomial(int(rng.integers(least, most + 1)), rng.dirichlet(np.full(cells, 0.6)))
    return drawn.reshape(design.shape)


def place_of(found: CellBounds, releases: list[PublishedRelease]) -> tuple[int, Name]:
    return [r.name for r in releases].index(found.release), name_of(found.table, found.coords)


def compare(found: list[CellBounds], shown: list[Printed], rows: list[np.ndarray]) -> int:
    """Compares every bound with that of all populations (`rows`: those of each release that go
    together), and sees that no hidden count was left out. Returns how many were compared."""
    releases = [one.release for one in shown]
    told, compared = set(), 0
    for bounds in found:
        assert bounds.proven
        r, name = place_of(bounds, releases)
        counts = shown[r].counts[name][rows[r]]
        if bounds.against is not None:
            other = bounds.against
            part = name_of(other.table, dict(other.coords))
            if bounds.kind == "rest of a population" and not name < part:
                continue  # a difference of more cells than the two it is named by
            counts = counts - shown[other.release].counts[part][rows[other.release]]
        elif bounds.kind == "hidden":
            told.add((r, name))
        assert (bounds.low, bounds.high) == many(counts)
        compared += 1
    assert told == {(r, n) for r, one in enumerate(shown) for n, gone in one.hidden.items() if gone}
    return compared


@pytest.mark.parametrize(
    ("design", "cases", "most"),
    [
        (TRIANGLE, 100, 12),
        (WIDER, 30, 7),
        (SQUARE, 40, 6),
        (STAGED, 50, 7),
        (PARTS, 50, 7),
        (LATER_PARTS, 50, 7),
        (COARSE, 30, 7),
        (COARSE_PARTS, 40, 5),
    ],
    ids=[
        "triangle",
        "wider triangle",
        "square",
        "stages",
        "part at a stage",
        "part at a later stage",
        "triangle at two levels",
        "part at a coarser level",
    ],
)
@pytest.mark.thorough
def test_bounds_of_tables_in_a_cycle_equal_enumeration(
    design: Design, cases: int, most: int
) -> None:
    compared = 0
    for seed in range(cases):
        rng = np.random.default_rng(seed)
        one = printed(design, people(design, rng, 4, most), rng, "r0", 0.6)
        everyone = np.arange(len(next(iter(one.counts.values()))))
        compared += compare(attack([one.release], threshold=THRESHOLD), [one], [everyone])
    assert compared >= 3 * cases


@pytest.mark.thorough
def test_bounds_of_two_releases_of_tables_in_a_cycle_equal_enumeration() -> None:
    compared = cases = 0
    for seed in range(80):
        rng = np.random.default_rng(5000 + seed)
        before = people(TRIANGLE, rng, 4, 8)
        after = before + people(TRIANGLE, rng, 0, 3)
        shown = [
            printed(TRIANGLE, before, rng, "r0", 0.45),
            printed(TRIANGLE, after, rng, "r1", 0.45),
        ]
        pairs = later_pairs(*shown)
        found = attack([one.release for one in shown], threshold=THRESHOLD)
        compared += compare(found, shown, list(pairs))
        cases += 1
    assert cases == 80
    assert compared >= 400


def test_a_cell_that_only_the_third_table_of_a_cycle_gives_away_is_derived() -> None:
    """Nobody in a0 is in b1, nor in a1 and b0: so c by a is c by b, which is printed."""
    truth = np.zeros((2, 2, 2), dtype=int)
    truth[0, 0] = [7, 9]
    truth[1, 1] = [8, 6]
    tables = []
    for table in TRIANGLE.tables:
        rows = [{**c, "n": int(n[0])} for c, n in TRIANGLE.cells(table, truth[None])]
        tables.append(CountTable(TRIANGLE.spec(table), pd.DataFrame(rows)))
    release = protect(tables, threshold=5).release("r0")
    shown = {t.spec.name: t.cells.astype({"n": "Int64"}) for t in release.tables}
    inner = (shown["ac"][["a", "c"]] != "Total").all(axis=1)
    shown["ac"].loc[inner, "n"] = pd.NA
    hiding = [replace(t, cells=shown[t.spec.name]) for t in release.tables]
    found = attack([PublishedRelease("r0", hiding)], threshold=5)
    assert {(b.low, b.high) for b in found} == {(7, 7), (9, 9), (8, 8), (6, 6)}


@pytest.mark.thorough
def test_what_is_protected_in_a_cycle_stays_unsure_in_all_populations() -> None:
    hidden = 0
    for seed in range(25):
        rng = np.random.default_rng(seed)
        truth = people(TRIANGLE, rng, 10, 14)
        joint = populations(int(truth.sum()), 8).reshape(-1, 2, 2, 2)
        given = []
        for table in TRIANGLE.tables:
            rows = [{**c, "n": int(n[0])} for c, n in TRIANGLE.cells(table, truth[None])]
            given.append(CountTable(TRIANGLE.spec(table), pd.DataFrame(rows)))
        done = protect(given, threshold=THRESHOLD)
        agrees = np.ones(len(joint), dtype=bool)
        unsure = []
        for name, table in done.tables.items():
            cells = TRIANGLE.cells(name, joint)
            for (_, counts), value in zip(cells, table.cells["n"], strict=True):
                agrees &= counts >= 1 if pd.isna(value) else counts == value
                unsure += [counts] if pd.isna(value) else []
        for counts in unsure:
            low, high = many(counts[agrees])
            assert low < high
            assert high >= THRESHOLD
        hidden += len(unsure)
    assert hidden >= 50


@pytest.mark.thorough
def test_what_is_rounded_in_a_cycle_stays_unsure_in_all_populations() -> None:
    small, base = 0, THRESHOLD
    for seed in range(6):
        truth = people(TRIANGLE, np.random.default_rng(seed), 7, 9)
        total = int(truth.sum())
        near = [populations(n, 8) for n in range(total - 2 * base, total + 2 * base + 1)]
        joint = np.concatenate(near).reshape(-1, 2, 2, 2)
        given = []
        for table in TRIANGLE.tables:
            rows = [{**c, "n": int(n[0])} for c, n in TRIANGLE.cells(table, truth[None])]
            given.append(CountTable(TRIANGLE.spec(table), pd.DataFrame(rows)))
        done = round_tables(given, base=base, threshold=THRESHOLD)
        assert not done.withheld
        assert done.rounding is not None
        reach = done.rounding.steps * base - 1
        agrees = np.ones(len(joint), dtype=bool)
        unsure = []
        for name, table in done.tables.items():
            cells = TRIANGLE.cells(name, joint)
            true = TRIANGLE.cells(name, truth[None])
            for (_, counts), (_, own), figure in zip(cells, true, table.cells["n"], strict=True):
                agrees &= abs(counts - figure) <= reach
                unsure += [counts] if 0 < int(own[0]) < THRESHOLD else []
        for counts in unsure:
            low, high = many(counts[agrees])
            assert low == 0 or high >= THRESHOLD
        small += len(unsure)
    assert small >= 20
