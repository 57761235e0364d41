"""Holding back: releases in a row print no count that moved a little, and add up all the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import (
    CountTable,
    Lasting,
    Link,
    PublishedRelease,
    TableSpec,
    attack,
    cell_of,
    hold_back,
    last_printed,
    protect,
)
from safer_streets_assets.disclosure.core.holding_back import HeldBackCounts
from safer_streets_assets_tests.disclosure.core.made_up import grown, linked_tables, population

T = 3


def keys_of(tables: Sequence[CountTable]) -> dict[Lasting, int]:
    """Every count of some tables, and whether it is of a category in every dimension (1) or a
    total (0)."""
    return {
        cell_of(t.spec, m, {d: str(row[d]) for d in t.spec.dimensions}, 0).lasting: int(
            all(row[d] != "Total" for d in t.spec.dimensions)
        )
        for t in tables
        for m in t.spec.measures
        for row in t.cells.to_dict("records")
    }


def with_counts(table: CountTable, held: HeldBackCounts) -> CountTable:
    frame = table.cells.copy()
    for measure in table.spec.measures:
        frame[measure] = [
            held.counts[
                cell_of(
                    table.spec, measure, {d: str(row[d]) for d in table.spec.dimensions}, 0
                ).lasting
            ]
            for row in frame.to_dict("records")
        ]
    return CountTable(table.spec, frame)


def held_back(
    tables: Sequence[CountTable], links: Sequence[Link], releases: Sequence[PublishedRelease]
) -> HeldBackCounts:
    """Whatever is not a total in any table may be held."""
    told = keys_of(tables)
    totals = {key for t in tables for key, detail in keys_of([t]).items() if not detail}
    return hold_back(
        tables, threshold=T, previous=releases, holdable=set(told) - totals, links=links
    )


def releases_in_a_row(
    seed: int, number: int, people: int = 30
) -> tuple[list[PublishedRelease], list[HeldBackCounts], list[dict[Lasting, int]]]:
    rng = np.random.default_rng(seed)
    everybody = population(rng, people)
    releases: list[PublishedRelease] = []
    held: list[HeldBackCounts] = []
    truths: list[dict[Lasting, int]] = []
    for r in range(number):
        tables, links = linked_tables(everybody)
        held.append(held_back(tables, links, releases))
        truths.append(dict(held_back(tables, links, []).counts))
        shown = [with_counts(table, held[-1]) for table in tables]
        protection = protect(shown, threshold=T, links=links, previous=releases, insiders=False)
        assert not protection.withheld
        releases.append(protection.release(f"r{r}"))
        everybody = grown(rng, everybody)
    return releases, held, truths


def printed(release: PublishedRelease) -> dict[Lasting, int]:
    return {key: value for key, (value, _) in last_printed([release]).items()}


@pytest.mark.parametrize("seed", range(6))
def test_no_printed_count_moves_by_less_than_the_threshold(seed: int) -> None:
    releases, _, _ = releases_in_a_row(seed, 6)
    for one, other in combinations(map(printed, releases), 2):
        moves = {abs(other[key] - one[key]) for key in one.keys() & other.keys()}
        assert not moves & set(range(1, T))


@pytest.mark.parametrize("seed", range(6))
def test_an_attack_on_five_releases_together_finds_nothing(seed: int) -> None:
    releases, _, _ = releases_in_a_row(20 + seed, 5)
    _, links = linked_tables(population(np.random.default_rng(0), 5))
    found = attack(releases, threshold=T, links=links, exact=False)
    assert [bounds for bounds in found if not bounds.safe] == []


@pytest.mark.parametrize("seed", range(4))
def test_what_is_printed_is_true_or_what_was_printed_and_less_than_the_threshold_away(
    seed: int,
) -> None:
    releases, _, truths = releases_in_a_row(40 + seed, 4, people=60)
    for before, release, true in zip([None, *releases], releases, truths, strict=False):
        for key, value in printed(release).items():
            if value != true[key]:
                assert before is not None
                assert value == printed(before)[key]
                assert abs(value - true[key]) < T
                assert true[key] != 0


def borough_table(**counts: int) -> CountTable:
    rows = [*counts.items(), ("Total", sum(counts.values()))]
    return CountTable(TableSpec("t", ("b",), "people"), pd.DataFrame(rows, columns=["b", "n"]))


def key_of(name: str) -> Lasting:
    return cell_of(TableSpec("t", ("b",), "people"), "n", {"b": name}, 0).lasting


def then(before: dict[str, int], now: dict[str, int], **options: object) -> dict[str, int]:
    """What is tabulated of one table after one release that printed everything it could."""
    release = protect([borough_table(**before)], threshold=5).release("r0")
    held = hold_back(
        [borough_table(**now)],
        threshold=5,
        previous=[release],
        **{"holdable": set(map(key_of, now)), **options},  # type: ignore[arg-type]
    )
    return {name: held.counts[key_of(name)] for name in (*now, "Total")}


def test_changes_that_make_up_for_each_other_wait() -> None:
    before, now = {"x": 20, "y": 30, "z": 40}, {"x": 22, "y": 28, "z": 50}
    assert then(before, now) == {"x": 20, "y": 30, "z": 50, "Total": 100}


def test_a_small_count_that_is_hidden_anyway_makes_up_for_one_that_waits() -> None:
    before = {"x": 20, "y": 30, "z": 2, "w": 4}
    now = {"x": 22, "y": 40, "z": 2, "w": 4}
    assert then(before, now) == {"x": 20, "y": 40, "z": 4, "w": 4, "Total": 68}


def test_a_total_does_not_wait_so_a_category_alone_cannot() -> None:
    before, now = {"x": 20, "y": 30}, {"x": 23, "y": 40}
    assert then(before, now) == {**now, "Total": 63}


def test_a_category_that_was_not_printed_before_is_true() -> None:
    before, now = {"x": 20, "z": 40}, {"x": 22, "y": 48, "z": 38}
    assert then(before, now) == {"x": 20, "y": 48, "z": 40, "Total": 108}


def test_a_count_that_is_none_now_is_none() -> None:
    before, now = {"x": 6, "y": 30, "z": 40}, {"x": 0, "y": 33, "z": 37}
    assert then(before, now)["x"] == 0


def test_a_count_that_may_not_be_held_is_true() -> None:
    before, now = {"x": 20, "y": 30, "z": 40}, {"x": 22, "y": 28, "z": 50}
    assert then(before, now, holdable={key_of("x")}) == {**now, "Total": 100}


def test_without_time_the_truth_is_tabulated_and_protection_hides_what_moved() -> None:
    before, now = {"x": 20, "y": 30, "z": 40}, {"x": 22, "y": 28, "z": 50}
    assert then(before, now, time_limit=0.0) == {**now, "Total": 100}


def test_the_release_that_first_printed_a_count_is_known() -> None:
    tables = [borough_table(x=20, y=30), borough_table(x=20, y=40), borough_table(x=20, y=40)]
    releases = [protect([t], threshold=5).release(f"r{k}") for k, t in enumerate(tables)]
    since = last_printed(releases)
    assert (since[key_of("x")], since[key_of("y")]) == ((20, 1), (40, 2))


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(70 + seed)
    people = population(rng, 40)
    tables, links = linked_tables(people)
    release = protect(tables, threshold=T, links=links).release("r0")
    tables, links = linked_tables(grown(rng, people))
    shuffled = [
        CountTable(t.spec, t.cells.sample(frac=1, random_state=seed)) for t in reversed(tables)
    ]
    one, other = (held_back(given, links, [release]) for given in (tables, shuffled))
    assert one.counts == other.counts
