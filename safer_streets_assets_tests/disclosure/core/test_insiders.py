"""Somebody who is alone in a hidden cell, and knows it, derives nobody else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import (
    CellRef,
    CountTable,
    Link,
    PrintedTable,
    PublishedRelease,
    TableError,
    TableSpec,
    attack,
    protect,
    prove,
)
from safer_streets_assets.disclosure.core.attacks.attacker import grids_of
from safer_streets_assets.disclosure.core.proof import INSIDER, check_insiders
from safer_streets_assets.disclosure.core.system.builder import build_system
from safer_streets_assets.disclosure.core.system.insiders import alone_in, insiders_of
from safer_streets_assets_tests.disclosure.core.enumeration import ONE, Name, Puzzle, Sum, name_of
from safer_streets_assets_tests.disclosure.core.made_up import (
    People,
    grown,
    is_in,
    linked_tables,
    population,
)
from safer_streets_assets_tests.disclosure.core.test_attacker_by_enumeration import hide
from safer_streets_assets_tests.disclosure.core.test_published_cases import SPEC, with_totals

T, ALL = 3, "Total"


def exactly(name: Name, value: int) -> Sum:
    return {name: 1, ONE: -value}, True


def truth_of(tables: Sequence[CountTable], release: int) -> dict[Name, int]:
    found = {}
    for table in tables:
        for row in table.cells.to_dict("records"):
            coords = {d: row[d] for d in table.spec.dimensions}
            found[name_of(table.spec, coords, "n", release)] = int(row["n"])
    return found


def contains(one: Name, other: Name) -> bool:
    """Whether a count is the other, or a margin of it, at the same stage or an earlier one."""
    said, more = dict(one[3]), dict(other[3])
    stage, further = said.pop("stage", ""), more.pop("stage", "")
    return one[1:3] == other[1:3] and said.items() <= more.items() and stage <= further


def derived_by_insiders(
    releases: Sequence[PublishedRelease], links: Sequence[Link], truth: dict[Name, int]
) -> list[tuple[Name, Name]]:
    """Pairs of a cell that holds one person, and of a small hidden count of somebody else that
    whole tables with that 1 all agree on."""
    puzzle = Puzzle(releases, links)
    newest = len(releases) - 1
    wrong = []
    for single in sorted(puzzle.unknown, key=repr):
        if truth[single] != 1 or single[0] != newest:
            continue
        alone = exactly(single, 1)
        for aim in sorted(puzzle.unknown - {single}, key=repr):
            value = truth[aim]
            if not 0 < value < T or (value == 1 and same_person(single, aim, truth)):
                continue
            others = ({aim: 1, ONE: -value - 1}, False), ({aim: -1, ONE: value - 1}, False)
            if not any(puzzle.possible([alone, other]) for other in others):
                wrong.append((single, aim))
    return wrong


def same_person(one: Name, other: Name, truth: dict[Name, int]) -> bool:
    """Whether a chain of cells that hold one person, each a part of the next, joins two of them."""
    found, todo = {one}, [one]
    ones = [name for name, value in truth.items() if value == 1]
    while todo:
        here = todo.pop()
        for there in ones:
            if there not in found and (contains(here, there) or contains(there, here)):
                found.add(there)
                todo.append(there)
    return other in found


def differences_derived_by_insiders(
    release: PublishedRelease, links: Sequence[Link], people: People
) -> list[tuple[Name, Name, Name]]:
    """Cells that hold one person, with two counts of which one is a part of the other: the small
    number of others who are in one of them only is the same in all whole tables with that 1."""
    puzzle = Puzzle([release], links)
    inside = {
        name: {i for i, person in enumerate(people) if is_in(person, dict(name[3]))}
        for name in {*puzzle.unknown, *puzzle.printed}
    }
    wrong = []
    for single in sorted((n for n in puzzle.unknown if len(inside[n]) == 1), key=repr):
        for wide, narrow, _ in puzzle.differences:
            rest = inside[wide] - inside[narrow]
            if not 0 < len(rest) < T or rest == inside[single]:
                continue
            more = {wide: 1, narrow: -1, ONE: -len(rest) - 1}
            fewer = {wide: -1, narrow: 1, ONE: len(rest) - 1}
            others = ((more, False), (fewer, False))
            if not any(puzzle.possible([exactly(single, 1), other]) for other in others):
                wrong.append((single, wide, narrow))
    return wrong


@pytest.mark.parametrize("insiders", [True, False])
def test_an_insider_derives_no_small_rest_of_others(insiders: bool) -> None:
    wrong = []
    for seed in range(20):
        rng = np.random.default_rng(2000 + seed)
        people = population(rng, int(rng.integers(8, 30)))
        tables, links = linked_tables(people)
        made = protect(tables, threshold=T, links=links, insiders=insiders)
        wrong += differences_derived_by_insiders(made.release("r"), links, people)
    assert bool(wrong) is not insiders


@pytest.mark.parametrize("seed", range(20))
def test_an_insider_derives_nobody_from_linked_nested_tables(seed: int) -> None:
    rng = np.random.default_rng(2000 + seed)
    tables, links = linked_tables(population(rng, int(rng.integers(8, 30))))
    made = protect(tables, threshold=T, links=links)
    assert not made.withheld
    assert derived_by_insiders([made.release("r")], links, truth_of(tables, 0)) == []


@pytest.mark.thorough
def test_without_insiders_some_pattern_gives_somebody_away_and_the_proof_refuses_it() -> None:
    broken = 0
    for seed in range(20):
        rng = np.random.default_rng(2000 + seed)
        tables, links = linked_tables(population(rng, int(rng.integers(8, 30))))
        made = protect(tables, threshold=T, links=links, insiders=False)
        wrong = derived_by_insiders([made.release("r")], links, truth_of(tables, 0))
        verdicts = set(prove([made.release("r")], threshold=T, links=links).values())
        if wrong:
            broken += 1
            assert INSIDER in verdicts
        assert verdicts <= {"proven", INSIDER}
    assert broken >= 2


@pytest.mark.parametrize("block", range(2))
def test_what_an_insider_knows_narrows_the_bounds_as_enumeration_does(block: int) -> None:
    compared = 0
    for seed in range(block * 20, block * 20 + 20):
        rng = np.random.default_rng(3000 + seed)
        tables, links = linked_tables(population(rng, int(rng.integers(6, 14))))
        release = PublishedRelease("r0", hide(rng, tables, 0.35))
        puzzle, truth = Puzzle([release], links, cap=40), truth_of(tables, 0)
        single = next((n for n in sorted(puzzle.unknown, key=repr) if truth[n] == 1), None)
        refs = {
            name_of(t.spec, c, "n", 0): CellRef(t.spec.name, c)
            for t in release.tables
            for c in t.cells[list(t.spec.dimensions)].to_dict("records")
        }
        if single is None:
            continue
        seen = list(puzzle.solutions([exactly(single, 1)], most=2000))
        specs = {t.spec.name: t.spec for t in tables}
        for bounds in attack([release], threshold=T, links=links, knowing=[(refs[single], 1)]):
            if bounds.kind != "hidden":
                continue
            values = {s[name_of(specs[bounds.table], bounds.coords, "n", 0)] for s in seen}
            assert bounds.proven
            assert bounds.low == min(values)
            assert bounds.high in (None, max(values))
            compared += 1
    assert compared >= 40


def a_square() -> tuple[CountTable, PublishedRelease]:
    """Four hidden cells that move together: whoever is alone in the first knows all the others."""
    counts = {"A": [1, 7], "B": [7, 2], "C": [30, 40]}
    table = CountTable(SPEC, with_totals(counts, ["f", "m"]))
    cells = table.cells.astype({"n": "Int64"})
    inside = cells["row"].isin(["A", "B"]) & (cells["col"] != "Total")
    cells.loc[inside, "n"] = pd.NA
    one = frozenset({("everybody", "n", (("col", "f"), ("row", "A")))})
    return table, PublishedRelease("r", [PrintedTable(SPEC, cells)], alone=one)


def test_a_pattern_safe_from_outsiders_only_is_found_and_refused_without_a_count() -> None:
    table, release = a_square()
    assert prove([replace(release, alone=None)], threshold=5) == {"T": "proven"}
    said = prove([release], threshold=5)["T"]
    assert said == INSIDER
    assert not any(letter.isdigit() for letter in said)
    assert INSIDER not in prove([protect([table], threshold=5).release("r")], threshold=5).values()


def test_the_only_one_of_a_row_may_know_that_they_are_the_only_one() -> None:
    counts = {"A": [1, 0], "B": [9, 12], "C": [30, 40]}
    made = protect([CountTable(SPEC, with_totals(counts, ["f", "m"]))], threshold=5)
    assert not made.withheld
    assert prove([made.release("r")], threshold=5) == {"T": "proven"}


@pytest.mark.parametrize("seed", range(10))
def test_an_insider_derives_nobody_from_releases_that_follow_each_other(seed: int) -> None:
    rng = np.random.default_rng(4000 + seed)
    people = population(rng, int(rng.integers(8, 25)))
    releases: list[PublishedRelease] = []
    for r in range(2):
        tables, links = linked_tables(people)
        made = protect(tables, threshold=T, links=links, previous=releases)
        if made.withheld:
            assert set(made.withheld.values()) <= {INSIDER, "proven"}
        releases.append(made.release(f"r{r}"))
        people = grown(rng, people)
    assert set(prove(releases, threshold=T, links=links).values()) == {"proven"}


def test_a_cell_that_is_not_there_is_nobodys_knowledge() -> None:
    _, release = a_square()
    with pytest.raises(TableError):
        attack([release], threshold=5, knowing=[(CellRef("T", {"row": "D"}), 1)])


def test_a_population_of_one_table_shares_no_insider_with_another() -> None:
    table, release = a_square()
    other = TableSpec("U", ("row", "col"), "others")
    alone = CountTable(other, table.cells)
    made = protect([table, alone], threshold=5)
    assert {key[0] for key in made.alone} == {"everybody", "others"}
    assert release.alone is not None
    assert release.alone < made.alone


def news_to_insiders(
    by_release: Sequence[dict[str, list[int]]],
    hide: Collection[tuple[str, str]],
    single: tuple[str, str],
    spec: TableSpec = SPEC,
    fallen: Collection[tuple[str, str]] = (),
) -> set[tuple[tuple[int, str, str], ...]]:
    """The small counts that somebody alone in `single` (row and column) of the newest release must
    not derive, each as the cells it is made of: release, row and column. Counts that have `fallen`
    are known to have."""

    def key(pair: tuple[str, str]) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        coords = {d: at for d, at in zip(("row", "col"), pair, strict=True) if at != ALL}
        return "everybody", "n", tuple(sorted(coords.items()))

    fell = frozenset(map(key, fallen))
    releases, truth = [], {}
    for number, counts in enumerate(by_release):
        cells = with_totals(counts, ["f", "m"])
        for record in cells.to_dict("records"):
            truth[number, record["row"], record["col"]] = int(record["n"])
        hidden = [pair in hide for pair in zip(cells["row"], cells["col"], strict=True)]
        printed = cells.astype({"n": "Int64"})
        printed.loc[hidden, "n"] = pd.NA
        name, table = f"r{number}", PrintedTable(spec, printed)
        releases.append(PublishedRelease(name, [table], not_monotone=fell))
    releases[-1] = replace(releases[-1], alone=frozenset([key(single)]))
    system = build_system([grids_of(release, 5) for release in releases], [])

    def place(cell: int) -> tuple[int, str, str]:
        at = dict(system.cells[cell].lasting[2])
        return system.cells[cell].release, at.get("row", ALL), at.get("col", ALL)

    counts = np.array([truth[place(i)] for i in range(len(system.cells))])
    found = insiders_of(system, counts, alone_in(system, releases))
    n = len(system.cells)
    parts = [[int(a)] if a < n else system.parts_of(int(a) - n) for a in found.aims]
    wanted = found.wanted.any(axis=1)
    return {
        tuple(map(place, own)) for own, is_wanted in zip(parts, wanted, strict=True) if is_wanted
    }


SQUARE = [(row, col) for row in "AB" for col in "fm"]
ROWS = [(row, col) for row in "AB" for col in ("f", "m", ALL)]


def test_that_nobody_stood_where_an_insider_stands_now_is_no_news_to_them() -> None:
    before = {"A": [0, 7], "B": [7, 2], "C": [30, 40]}
    now = {"A": [1, 7], "B": [7, 3], "C": [30, 40]}
    news = news_to_insiders([before, now], SQUARE, ("A", "f"), fallen=[("A", "f")])
    assert ((1, "A", "f"), (0, "A", "f")) not in news
    assert ((1, "B", "m"), (0, "B", "m")) in news


def test_what_became_of_the_insider_alone_is_no_news_to_them() -> None:
    before = {"A": [1, 0], "B": [3, 7], "C": [30, 40]}
    now = {"A": [0, 1], "B": [4, 7], "C": [30, 40]}
    fallen = [("A", "f")]
    news = news_to_insiders([before, now], ROWS, ("A", ALL), replace(SPEC, sensitive="col"), fallen)
    assert not any("A" in row for parts in news for _, row, _ in parts)
    assert ((1, "B", "f"), (0, "B", "f")) in news


def test_a_part_of_more_than_the_insider_is_news_to_them() -> None:
    before = {"A": [1, 1], "B": [3, 7], "C": [30, 40]}
    now = {"A": [1, 2], "B": [4, 7], "C": [30, 40]}
    news = news_to_insiders([before, now], ROWS, ("A", "f"))
    assert ((1, "A", "m"), (0, "A", "m")) in news


@pytest.mark.parametrize("hidden", [("s0", "s1"), ("s0",), ("s1",)])
def test_a_small_rest_of_others_that_an_insider_works_out_is_not_proven(
    hidden: tuple[str, ...],
) -> None:
    """Those who stopped after s0 are as many as one who is alone, and two more: 12 less 10."""
    stages = TableSpec("f", ("stage",), "f", nested="stage", nested_order=("s0", "s1"))
    counts = {"s0": 20, "s1": 17}
    rows = [(stage, None if stage in hidden else n) for stage, n in counts.items()]
    tables = [
        PrintedTable(stages, pd.DataFrame(rows, columns=["stage", "n"]).astype({"n": "Int64"}))
    ]
    for name, count in {"one": None, "more": 12, "fewer": 10}.items():
        cells = pd.DataFrame({"n": pd.array([count], dtype="Int64")})
        tables.append(PrintedTable(TableSpec(name, (), name), cells))
    signs = {"one": -1, "more": -1, "fewer": 1}
    link = Link(
        (
            (1, CellRef("f", {"stage": "s0"})),
            (-1, CellRef("f", {"stage": "s1"})),
            *((sign, CellRef(name)) for name, sign in signs.items()),
        )
    )
    release = PublishedRelease("r", tables, links=[link])
    assert set(prove([release], threshold=5).values()) == {"proven"}
    inside = replace(release, alone=frozenset({("one", "n", ())}))
    assert prove([inside], threshold=5)["f"] == INSIDER


def test_tables_that_show_an_insider_nothing_prove_nothing() -> None:
    """Without a move no two whole tables differ in anything."""
    table, release = a_square()
    system = build_system([grids_of(release, 5)], [])
    truth = {
        tuple(sorted((d, c) for d, c in (("row", r["row"]), ("col", r["col"])) if c != ALL)): r["n"]
        for r in table.cells.to_dict("records")
    }
    counts = np.array([truth[cell.coords] for cell in system.cells], dtype=np.int64)
    alone = alone_in(system, [release])
    assert len(alone) == 1
    assert check_insiders(system, counts, [], alone, {"T"}) == {"T": INSIDER}
    assert check_insiders(system, counts, [], frozenset(), {"T"}) == {}
