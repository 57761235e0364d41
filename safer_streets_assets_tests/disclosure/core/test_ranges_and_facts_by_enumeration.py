"""An attacker told ranges, rounding, percentages and means has the bounds of all whole tables that
agree with them: found by trying, with the printed statistics worked out again for each table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import (
    CellRef,
    CountTable,
    Fact,
    PrintedTable,
    PublishedRelease,
    attack,
    mean_fact,
    percentage_fact,
    rounded,
)
from safer_streets_assets_tests.disclosure.core.enumeration import Name, Puzzle, TooMany, name_of
from safer_streets_assets_tests.disclosure.core.made_up import grown, linked_tables, population
from safer_streets_assets_tests.disclosure.core.test_attacker_by_enumeration import (
    CAP,
    hide,
    names_of,
)

Agrees = Callable[[Mapping[Name, int]], bool]
SCORES = (1, 5)


class RangedPuzzle(Puzzle):
    """A puzzle in which a printed cell may say a range."""

    def __init__(self, releases: Sequence[PublishedRelease], links: list) -> None:
        self.said: dict[Name, tuple[float, float]] = {}
        self.marked: set[Name] = set()
        self.now: PrintedTable | None = None
        self.tables = [t for release in releases for t in release.tables]
        super().__init__(releases, links, cap=CAP)
        for name, (low, high) in self.said.items():
            if name not in self.printed:
                least = max(low, 1) if name in self.marked else low
                self.domain[name] = (int(least), int(min(high, CAP)))

    def _read(self, spec, cells, r) -> None:  # type: ignore[no-untyped-def]
        table = next(t for t in self.tables if t.cells is cells)
        for i, row in enumerate(cells.to_dict("records")):
            name = name_of(spec, {d: row[d] for d in spec.dimensions}, "n", r)
            ends = None if table.ranges is None else table.ranges.iloc[i]
            if ends is not None and not pd.isna(ends["n_low"]):
                low, high = self.said.get(name, (0, float("inf")))
                self.said[name] = max(low, ends["n_low"]), min(high, ends["n_high"])
                self.hidden.add(name)
            elif pd.isna(row["n"]):
                self.hidden.add(name)
                self.marked.add(name)
            else:
                self.printed[name] = int(row["n"])


def blur(rng: np.random.Generator, table: PrintedTable, how: str) -> PrintedTable:
    """The table with its figures rounded to 3, or with markers that say "1 to 2" and the like."""
    if how == "rounded":
        method = str(rng.choice(["conventional", "controlled", "random"]))
        figures = table.cells.copy()
        for i, n in figures["n"].items():
            if pd.notna(n):
                near = 3 * round(n / 3)
                other = 3 * (n // 3) if rng.random() < 0.5 else 3 * -(-n // 3)
                figures.loc[i, "n"] = near if method == "conventional" else other
        return rounded(PrintedTable(table.spec, figures), 3, method)  # type: ignore[arg-type]
    ranges = pd.DataFrame({"n_low": pd.NA, "n_high": pd.NA}, index=table.cells.index, dtype="Int64")
    for i, n in table.cells["n"].items():
        if pd.notna(n) and rng.random() < 0.5:
            down, up = int(rng.integers(0, 4)), int(rng.integers(0, 4))
            ranges.loc[i] = [max(n - down, 0), n + up]
    return PrintedTable(table.spec, table.cells, ranges=ranges)


def near(value: Fraction, printed: Fraction, decimals: int) -> bool:
    return abs(value - printed) <= Fraction(1, 2 * 10**decimals)


def printed_at(value: Fraction, decimals: int) -> Fraction:
    return Fraction(round(value * 10**decimals), 10**decimals)


def statistics(
    rng: np.random.Generator, tables: Sequence[CountTable]
) -> tuple[list[Fact], list[Agrees]]:
    """Some percentages of a total and some means of scores, as facts and as what they must be."""
    facts: list[Fact] = []
    checks: list[Agrees] = []
    for table in tables:
        rows = table.cells.to_dict("records")
        for row in rows:
            coords = {d: row[d] for d in table.spec.dimensions}
            first = table.spec.dimensions[0]
            if coords[first] == "Total" or rng.random() < 0.6:
                continue
            cell = CellRef(table.spec.name, coords)
            total = CellRef(table.spec.name, {**coords, first: "Total"})
            part = name_of(table.spec, coords, "n", 0)
            whole = name_of(table.spec, {**coords, first: "Total"}, "n", 0)
            n = row["n"]
            base = next(
                r["n"]
                for r in rows
                if all(r[d] == {**coords, first: "Total"}[d] for d in table.spec.dimensions)
            )
            decimals = int(rng.integers(0, 2))
            if base and rng.random() < 0.5:
                share = printed_at(Fraction(100 * n, base), decimals)
                facts += percentage_fact([cell], [total], f"{float(share):.{decimals}f}", decimals)
                checks.append(percent_check(part, whole, share, decimals))
            elif n:
                scores = rng.integers(SCORES[0], SCORES[1] + 1, size=n)
                mean = printed_at(Fraction(int(scores.sum()), n), decimals)
                name = f"scores of {len(facts)}"
                facts += mean_fact([cell], f"{float(mean):.{decimals}f}", decimals, SCORES, name)
                checks.append(mean_check(part, mean, decimals))
    return facts, checks


def percent_check(part: Name, whole: Name, share: Fraction, decimals: int) -> Agrees:
    return lambda n: n[whole] > 0 and near(Fraction(100 * n[part], n[whole]), share, decimals)


def mean_check(base: Name, mean: Fraction, decimals: int) -> Agrees:
    def agrees(counts: Mapping[Name, int]) -> bool:
        n = counts[base]
        half = Fraction(1, 2 * 10**decimals)
        least = max(SCORES[0] * n, ceil((mean - half) * n))
        return n > 0 and least <= min(SCORES[1] * n, floor((mean + half) * n))

    return agrees


def compare(releases: list[PublishedRelease], links: list, checks: Sequence[Agrees] = ()) -> bool:
    """Compares every bound; false when there were too many tables, or none bounded, to try."""
    puzzle = RangedPuzzle(releases, links)
    cells: dict[Name, tuple[int, int]] = {}
    differences: dict[tuple[Name, Name], tuple[int, int]] = {}
    try:
        for solution in puzzle.solutions(most=6000):
            if not all(check(solution) for check in checks):
                continue
            for n in puzzle.unknown:
                low, high = cells.get(n, (solution[n],) * 2)
                cells[n] = min(low, solution[n]), max(high, solution[n])
            for wide, narrow, _ in puzzle.differences:
                v = solution[wide] - solution[narrow]
                low, high = differences.get((wide, narrow), (v, v))
                differences[wide, narrow] = min(low, v), max(high, v)
    except TooMany:
        return False
    if not cells or any(high >= CAP - 1 for _, high in cells.values()):
        return False
    told = set()
    for bounds in attack(releases, threshold=3, links=links):
        assert bounds.proven
        first, other = names_of(bounds, releases)
        here = (bounds.low, bounds.high)
        if bounds.kind in ("hidden", "ranged"):
            told.add(first)
            assert here == cells[first]
        elif other is not None and (first, other) in differences:
            assert here == differences[first, other]
        elif other is not None:
            low, high = differences[other, first]
            assert here in ((low, high), (-high, -low))
    assert told >= puzzle.unknown
    return True


@pytest.mark.parametrize("how", ["rounded", "markers"])
@pytest.mark.thorough
def test_bounds_of_tables_with_ranges_equal_enumeration(how: str) -> None:
    compared = 0
    for seed in range(40):
        rng = np.random.default_rng(3000 + seed)
        tables, links = linked_tables(population(rng, int(rng.integers(3, 7))))
        printed = hide(rng, tables, 0.2)
        some = [blur(rng, t, how) if rng.random() < 0.5 else t for t in printed]
        compared += compare([PublishedRelease("r0", some)], links)
    assert compared >= 15


@pytest.mark.thorough
def test_bounds_of_tables_with_statistics_equal_enumeration() -> None:
    compared = 0
    for seed in range(80):
        rng = np.random.default_rng(4000 + seed)
        tables, links = linked_tables(population(rng, int(rng.integers(5, 14))))
        printed = hide(rng, tables, 0.35)
        facts, checks = statistics(rng, tables)
        compared += compare([PublishedRelease("r0", printed, facts=facts)], links, checks)
    assert compared >= 40


@pytest.mark.thorough
def test_bounds_of_ranges_with_statistics_equal_enumeration() -> None:
    compared = 0
    for seed in range(60):
        rng = np.random.default_rng(5000 + seed)
        tables, links = linked_tables(population(rng, int(rng.integers(3, 8))))
        printed = [blur(rng, t, "markers") for t in hide(rng, tables, 0.15)]
        facts, checks = statistics(rng, tables)
        compared += compare([PublishedRelease("r0", printed, facts=facts)], links, checks)
    assert compared >= 20


@pytest.mark.thorough
def test_bounds_of_a_rounded_and_a_later_release_equal_enumeration() -> None:
    compared = 0
    for seed in range(40):
        rng = np.random.default_rng(6000 + seed)
        people = population(rng, int(rng.integers(3, 6)))
        tables, links = linked_tables(people)
        first = [blur(rng, t, "rounded") for t in hide(rng, tables, 0.0)]
        later, _ = linked_tables(grown(rng, people))
        releases = [
            PublishedRelease("r0", first),
            PublishedRelease("r1", hide(rng, later, 0.15)),
        ]
        if next(RangedPuzzle(releases, links).solutions(), None) is None:
            continue
        compared += compare(releases, links)
    assert compared >= 8
