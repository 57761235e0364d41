"""Rounded tables add up, are near the truth, and leave every small count unsure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import (
    TOO_FINE,
    CellRef,
    CountTable,
    Fact,
    Link,
    Protection,
    PublishedRelease,
    TableError,
    TableSpec,
    at_least_one,
    attack,
    round_tables,
)
from safer_streets_assets.disclosure.core.tables.validate import check_counts
from safer_streets_assets_tests.disclosure.core.enumeration import ONE, Name, name_of
from safer_streets_assets_tests.disclosure.core.made_up import grown, linked_tables, population
from safer_streets_assets_tests.disclosure.core.test_linked_year import invented_year
from safer_streets_assets_tests.disclosure.core.test_ranges_and_facts_by_enumeration import (
    RangedPuzzle,
)

BASE = 5
System = tuple[list[CountTable], list[Link]]


def figures_of(protection: Protection) -> dict[Name, int]:
    """Every figure by its count; the same count has the same figure in every table."""
    found: dict[Name, int] = {}
    for table in protection.tables.values():
        spec = table.printed.spec
        for row in table.cells.to_dict("records"):
            for m in spec.measures:
                name = name_of(spec, {d: row[d] for d in spec.dimensions}, m, 0)
                assert found.setdefault(name, int(row[m])) == int(row[m])
    return found


def counts_of(tables: list[CountTable]) -> dict[Name, int]:
    return {
        name_of(t.spec, {d: row[d] for d in t.spec.dimensions}, m, 0): int(row[m])
        for t in tables
        for row in t.cells.to_dict("records")
        for m in t.spec.measures
    }


def made(seed: int, most: int) -> System:
    rng = np.random.default_rng(seed)
    return linked_tables(population(rng, int(rng.integers(4, most))))


@pytest.mark.parametrize("system", [made(1, 60), made(2, 200), invented_year()])
def test_figures_are_neighbouring_multiples_that_add_up_in_every_table(system: System) -> None:
    tables, links = system
    protection = round_tables(tables, base=BASE, threshold=5, links=links)
    assert not protection.withheld
    assert (protection.summary["verdict"] == "proven").all()
    assert protection.rounding is not None
    assert protection.rounding.steps == 1
    figures, counts = figures_of(protection), counts_of(tables)
    assert set(figures) == set(counts)
    for name, figure in figures.items():
        assert figure % BASE == 0
        assert abs(figure - counts[name]) < BASE
        assert counts[name] % BASE or figure == counts[name]
    for table in protection.tables.values():
        check_counts(CountTable(table.printed.spec, table.cells).grid)
    for link in links:
        specs = {t.spec.name: t.spec for t in tables}
        at = [
            (k, name_of(specs[ref.table], dict(ref.coords), ref.measure, 0))
            for k, ref in link.terms
        ]
        assert sum(k * figures[name] for k, name in at) == 0


def test_an_attacker_told_the_rule_finds_nothing_in_a_rounded_year() -> None:
    tables, links = invented_year()
    protection = round_tables(tables, base=BASE, threshold=5, links=links)
    found = attack([protection.release("r")], threshold=5, links=links, exact=False)
    assert found
    assert all(b.safe for b in found)
    small = sum(0 < n < 5 for n in counts_of(tables).values())
    assert sum(len(w.cells) == 1 for w in protection.witnesses) >= small > 100


def known_small(releases: list[PublishedRelease], links: list[Link], limit: int) -> int:
    """How many counts and differences are 1..limit-1 in every table that agrees with print: tables
    that say otherwise are looked for by trying."""
    puzzle = RangedPuzzle(releases, links)
    assert puzzle.first() is not None
    values: list[dict[Name, int]] = [{n: 1} for n in puzzle.unknown]
    values += [{wide: 1, narrow: -1} for wide, narrow, _ in puzzle.differences]

    def reaches(terms: dict[Name, int], sign: int, least: int) -> bool:
        away = {n: sign * k for n, k in terms.items()}
        return puzzle.possible([({**away, ONE: -least}, False)])

    return sum(
        not (
            reaches(terms, 1, limit)
            or reaches(terms, -1, limit)
            or (reaches(terms, 1, 0) and reaches(terms, -1, 0))
        )
        for terms in values
    )


def test_no_small_count_follows_by_enumeration() -> None:
    for seed in range(8):
        tables, links = made(7000 + seed, 9)
        protection = round_tables(tables, base=3, threshold=3, links=links)
        assert not protection.withheld
        assert not known_small([protection.release("r0")], links, 3)


@pytest.mark.thorough
def test_no_small_change_follows_from_two_rounded_releases_by_enumeration() -> None:
    printed = 0
    for seed in range(8):
        rng = np.random.default_rng(8000 + seed)
        people = population(rng, int(rng.integers(3, 8)))
        tables, links = linked_tables(people)
        first = round_tables(tables, base=3, threshold=3, links=links).release("r0")
        later, _ = linked_tables(grown(rng, people))
        second = round_tables(later, base=3, threshold=3, links=links, previous=[first])
        if not second.withheld:
            printed += 1
            assert not known_small([first, second.release("r1")], links, 3)
    assert printed >= 6


def column(counts: dict[str, int]) -> CountTable:
    frame = pd.DataFrame([*counts.items(), ("Total", sum(counts.values()))], columns=["a", "n"])
    return CountTable(TableSpec("by_a", ("a",), "people"), frame)


def test_a_figure_is_kept_while_its_count_is_within_reach_of_it() -> None:
    first = round_tables([column({"x": 11, "y": 8, "z": 31})], base=5, threshold=5)
    second = round_tables(
        [column({"x": 14, "y": 12, "z": 52})],
        base=5,
        threshold=5,
        previous=[first.release("r0")],
    )
    before, after = (p.tables["by_a"].cells.set_index("a")["n"] for p in (first, second))
    assert before["x"] == after["x"] == 10
    assert before["y"] == after["y"] == 10
    assert after["z"] > before["z"]


def test_rounding_does_not_depend_on_the_order_of_rows_and_tables() -> None:
    tables, links = made(11, 150)
    rng = np.random.default_rng(0)
    shuffled = [
        CountTable(t.spec, t.cells.sample(frac=1, random_state=int(rng.integers(1000))))
        for t in reversed(tables)
    ]
    results = [round_tables(t, base=5, threshold=5, links=links) for t in (tables, shuffled)]
    assert figures_of(results[0]) == figures_of(results[1])


def test_a_category_known_to_hold_somebody_is_not_rounded_to_zero() -> None:
    table = column({"x": 1, "y": 40, "z": 60})
    facts = [at_least_one(CellRef("by_a", {"a": "x"}))]
    assert figures_of(round_tables([table], base=5, threshold=5)) != figures_of(
        round_tables([table], base=5, threshold=5, facts=facts)
    )
    protection = round_tables([table], base=5, threshold=5, facts=facts)
    assert protection.tables["by_a"].cells.set_index("a")["n"]["x"] == 5
    assert not protection.withheld


def test_a_rounding_that_gives_a_small_count_away_is_tried_again() -> None:
    table = column({"x": 3, "y": 42, "z": 60})
    x = CellRef("by_a", {"a": "x"})
    facts = [Fact(((1, x),), low=None, high=4)]
    protection = round_tables([table], base=5, threshold=5, facts=facts)
    assert not protection.withheld
    assert protection.tables["by_a"].cells.set_index("a")["n"]["x"] == 0


def test_a_table_that_no_rounding_makes_safe_is_withheld_with_no_figure() -> None:
    table = column({"x": 3, "y": 42, "z": 60})
    x = CellRef("by_a", {"a": "x"})
    facts = [Fact(((1, x),), low=1, high=4)]
    protection = round_tables([table], base=5, threshold=5, facts=facts)
    assert set(protection.withheld) == {"by_a"}
    assert not protection.tables


def test_a_table_too_fine_for_any_rounding_is_withheld_alone() -> None:
    fine = column(dict.fromkeys("abcdefghij", 1))
    other = pd.DataFrame([("x", 4), ("y", 6), ("Total", 10)], columns=["b", "n"])
    tables = [fine, CountTable(TableSpec("by_b", ("b",), "people"), other)]
    facts = [at_least_one(CellRef("by_a", {"a": name})) for name in "abcdefghij"]
    protection = round_tables(tables, base=5, threshold=5, facts=facts)
    assert protection.withheld == {"by_a": TOO_FINE}
    assert (protection.tables["by_b"].cells["n"] % 5 == 0).all()


def test_a_base_below_two_is_refused() -> None:
    with pytest.raises(TableError):
        round_tables([column({"x": 3})], base=1, threshold=5)
