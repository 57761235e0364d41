"""Tables at several levels of a hierarchy: the attacker sees all that enumeration sees, and what
protect prints is safe over levels, filters and releases."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import (
    CountTable,
    PublishedRelease,
    TableSpec,
    attack,
    protect,
)
from safer_streets_assets.disclosure.core.attacks.attacker import grids_of
from safer_streets_assets.disclosure.core.attacks.search import Search
from safer_streets_assets.disclosure.core.system.builder import build_system
from safer_streets_assets.disclosure.core.system.components import components
from safer_streets_assets_tests.disclosure.core.enumeration import (
    ONE,
    Name,
    TooMany,
    unsafe_cells,
)
from safer_streets_assets_tests.disclosure.core.levels_by_sets import LevelPuzzle, Terms
from safer_streets_assets_tests.disclosure.core.made_up import STAGES, People, tabulate
from safer_streets_assets_tests.disclosure.core.test_attacker_by_enumeration import CAP, hide

T = 3
AREAS = {"b1": "North", "b2": "North", "b3": "South"}
TREE = {"place": AREAS}
DEEP = {"place": {**AREAS, "b4": "South", "North": "Town", "South": "Town", "far": "Away"}}
BOROUGHS = ("b1", "b2", "b3")


def people_of(rng: np.random.Generator, size: int, places: Sequence[str] = BOROUGHS) -> People:
    """People who live in a borough and got to a stage."""
    return [
        {"place": str(rng.choice(places)), "b": str(rng.choice(["p", "q"])), "stage": str(s)}
        for s in rng.choice(STAGES[:2], size)
    ]


def later(rng: np.random.Generator, people: People, places: Sequence[str] = BOROUGHS) -> People:
    """The same people later, with some who are new; now and then one is taken off."""
    people = [dict(p) for p in people]
    for p in people:
        if rng.random() < 0.3:
            p["stage"] = STAGES[1]
    if rng.random() < 0.3 and people:
        people.pop(int(rng.integers(len(people))))
    return people + people_of(rng, int(rng.integers(0, 6)), places)


def at_level(people: People, level: dict[str, str] | None) -> People:
    """The people under what stands for their borough at a level (None: the borough itself)."""
    return [{**p, "place": (level or {}).get(p["place"], p["place"])} for p in people]


def table(
    name: str,
    people: People,
    dimensions: tuple[str, ...] = ("place",),
    *,
    level: dict[str, str] | None = None,
    also: dict[str, str] | None = None,
    fixed: dict[str, str] | None = None,
    trees: dict = TREE,
) -> CountTable:
    """A table of people at a level; `also` adds the rows of a coarser level to it."""
    spec = TableSpec(name, dimensions, "people", fixed=fixed or {}, hierarchies=trees)
    moved = at_level(people, level)
    found = sorted({p["place"] for p in moved if all(p[d] == c for d, c in (fixed or {}).items())})
    categories = {"place": found, "b": ["p", "q"], "stage": STAGES[:2]}
    made = tabulate(_without(spec), moved, categories)
    cells = made.cells
    if also is not None:
        inside = cells[cells["place"] != "Total"]
        groups = inside.assign(place=inside["place"].map(also))
        sums = groups.groupby(list(dimensions), as_index=False)["n"].sum()
        cells = pd.concat([cells, sums], ignore_index=True)
    return CountTable(spec, cells)


def _without(spec: TableSpec) -> TableSpec:
    return TableSpec(spec.name, spec.dimensions, spec.population, fixed=spec.fixed)


Maker = Callable[[People], list[CountTable]]


def fine_and_coarse(people: People) -> list[CountTable]:
    """Boroughs in one table, areas by another attribute in the next."""
    return [table("fine", people), table("coarse", people, ("place", "b"), level=AREAS)]


def both_levels(people: People) -> list[CountTable]:
    """Boroughs and areas in one table, and boroughs by an attribute."""
    return [table("both", people, also=AREAS), table("by_b", people, ("place", "b"))]


def filtered(people: People) -> list[CountTable]:
    """Areas of everybody, boroughs of those at a stage, and of those in one area."""
    north = [p for p in at_level(people, AREAS) if p["place"] == "North"]
    return [
        table("coarse", people, level=AREAS),
        table("stage", [p for p in people if p["stage"] == "s1"], fixed={"stage": "s1"}),
        _in_north(north),
    ]


def _in_north(north: People) -> CountTable:
    spec = TableSpec("north", ("b",), "people", fixed={"place": "North"}, hierarchies=TREE)
    made = tabulate(_without(spec), north, {"b": ["p", "q"]})
    return CountTable(spec, made.cells)


def one_borough(people: People) -> list[CountTable]:
    """Areas, and a table of one borough alone, which is a part of its area."""
    spec = TableSpec("b1 alone", ("b",), "people", fixed={"place": "b1"}, hierarchies=TREE)
    own = tabulate(_without(spec), people, {"b": ["p", "q"]})
    return [
        table("coarse", people, ("place", "b"), level=AREAS),
        CountTable(spec, own.cells),
    ]


def deep(people: People) -> list[CountTable]:
    """Three levels: boroughs, areas, and town against away."""
    towns = {"b1": "Town", "b2": "Town", "b3": "Town", "b4": "Town", "far": "Away"}
    return [
        table("fine", people, trees=DEEP),
        table("town", people, ("place", "b"), level=towns, trees=DEEP),
    ]


def fine_only(people: People) -> list[CountTable]:
    return [table("t", people)]


def coarse_only(people: People) -> list[CountTable]:
    return [table("t", people, level=AREAS)]


DESIGNS: dict[str, Maker] = {
    f.__name__: f for f in (fine_and_coarse, both_levels, filtered, one_borough, deep)
}
PLACES = {"deep": ("b1", "b2", "b3", "b4", "far")}
SERIES: dict[str, tuple[Maker, Maker]] = {
    "fine, then coarse": (fine_only, coarse_only),
    "coarse, then fine": (coarse_only, fine_only),
    "both, then coarse": (both_levels, coarse_only),
    "fine and coarse, then fine": (fine_and_coarse, fine_only),
    "filtered, then fine": (filtered, fine_only),
}


def compare(releases: list[PublishedRelease], trees: dict) -> bool:
    """Compares every bound and what is taken for a count; false when there was too much to try."""
    puzzle = LevelPuzzle(releases, trees, cap=CAP)
    cells: dict[Name, list[int]] = {}
    gaps: dict[Terms, list[int]] = {}
    try:
        for solution in puzzle.solutions(most=4000):
            for name in puzzle.unknown:
                cells.setdefault(name, []).append(solution[name])
            for terms in puzzle.gaps:
                gaps.setdefault(terms, []).append(sum(k * solution[n] for n, k in terms))
    except TooMany:
        return False
    if not cells or any(max(v) >= CAP - 1 for v in cells.values()):
        return False
    system = build_system([grids_of(release, T) for release in releases])
    names = [Name_(cell) for cell in system.cells]
    told, seen = set(), set()
    for part in components(system):
        search = Search(part, deadline=time.monotonic() + 60)
        assert search.feasible()
        for k, cell in enumerate(part.unknown):
            found = search.range_of(k)
            assert found.exact
            assert (found.low, found.high) == (
                min(cells[names[cell]]),
                max(cells[names[cell]]),
            )
            told.add(names[cell])
        for k, row in enumerate(part.implied_rows):
            found = search.range_of(len(part.unknown) + k)
            terms = _terms(system, int(row), names)
            assert found.exact
            assert (found.low, found.high) == (min(gaps[terms]), max(gaps[terms]))
            seen.add(terms)
    assert told == puzzle.unknown
    open_gaps = {t for t in puzzle.gaps if any(n not in puzzle.printed for n, _ in t)}
    assert seen == open_gaps
    assert {_terms(system, row, names) for row in range(len(system.implied_kinds))} - {
        frozenset()
    } == set(puzzle.gaps)
    return True


def Name_(cell: tuple) -> Name:
    release, population, measure, coords = cell
    return release, population, measure, frozenset(coords)


def _terms(system: object, row: int, names: list[Name]) -> Terms:
    matrix = system.implied  # type: ignore[attr-defined]
    start, stop = matrix.indptr[row : row + 2]
    pairs = zip(matrix.indices[start:stop], matrix.data[start:stop], strict=True)
    return frozenset((names[i], int(k)) for i, k in pairs)


@pytest.mark.parametrize("design", DESIGNS)
def test_bounds_over_levels_and_filters_equal_enumeration(design: str) -> None:
    compared = 0
    for seed in range(25):
        rng = np.random.default_rng(seed)
        people = people_of(rng, int(rng.integers(5, 14)), PLACES.get(design, BOROUGHS))
        release = PublishedRelease("r0", hide(rng, DESIGNS[design](people), 0.4))
        trees = DEEP if design == "deep" else TREE
        compared += compare([release], trees)
    assert compared >= 12


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.thorough
def test_bounds_of_releases_at_different_levels_equal_enumeration(series: str) -> None:
    compared = 0
    first, second = SERIES[series]
    for seed in range(25):
        rng = np.random.default_rng(300 + seed)
        people = people_of(rng, int(rng.integers(5, 12)))
        releases = [
            PublishedRelease("r0", hide(rng, first(people), 0.35)),
            PublishedRelease("r1", hide(rng, second(later(rng, people)), 0.35)),
        ]
        if LevelPuzzle(releases, TREE, cap=CAP).first() is not None:
            compared += compare(releases, TREE)
    assert compared >= 8


def unsafe(releases: Sequence[PublishedRelease], trees: dict) -> list[str]:
    """What is wrong with the releases, in words. Looks for tables that show that nothing is."""
    puzzle = LevelPuzzle(releases, trees)
    wrong, shown = unsafe_cells(puzzle, T)
    for gap, kind in puzzle.gaps.items():
        terms = dict(gap)
        goals = [({**terms, ONE: -T}, False), (terms, True)]
        if kind == "change":
            goals.append(({**{n: -k for n, k in terms.items()}, ONE: -T}, False))

        def value(whole: dict[Name, int], terms: dict = terms) -> int:
            return sum(k * whole[n] for n, k in terms.items())

        if not shown(lambda t, value=value: value(t) == 0 or abs(value(t)) >= T, *goals):
            wrong.append(f"{kind} {terms}")
    return wrong


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("seed", range(4))
def test_protected_tables_of_several_levels_are_safe(design: str, seed: int) -> None:
    rng = np.random.default_rng(50 + seed)
    people = people_of(rng, int(rng.integers(5, 30)), PLACES.get(design, BOROUGHS))
    protection = protect(DESIGNS[design](people), threshold=T)
    assert not protection.withheld
    trees = DEEP if design == "deep" else TREE
    assert unsafe([protection.release("r")], trees) == []


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("seed", range(4))
def test_releases_at_different_levels_are_safe_together(series: str, seed: int) -> None:
    rng = np.random.default_rng(80 + seed)
    people = people_of(rng, int(rng.integers(5, 25)))
    releases: list[PublishedRelease] = []
    for make in (*SERIES[series], SERIES[series][1]):
        protection = protect(make(people), threshold=T, previous=releases)
        assert not protection.withheld
        releases.append(protection.release(f"r{len(releases)}"))
        people = later(rng, people)
    assert unsafe(releases, TREE) == []


def test_a_small_change_between_a_borough_and_an_area_release_is_seen() -> None:
    before = [{"place": p, "b": "p", "stage": "s0"} for p in ("b1", "b2", "b3") for _ in range(9)]
    after = [*before, {"place": "b1", "b": "p", "stage": "s0"}]

    def release(name: str, tables: list[CountTable]) -> PublishedRelease:
        rng = np.random.default_rng(0)
        return PublishedRelease(name, hide(rng, tables, 0.0))

    releases = [release("r0", fine_only(before)), release("r1", coarse_only(after))]
    found = [b for b in attack(releases, threshold=T) if b.kind == "change" and not b.safe]
    assert {(b.low, b.coords["place"]) for b in found} == {(1, "North"), (1, "Total")}
