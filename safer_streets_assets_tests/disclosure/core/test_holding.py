"""Holding back: releases in a row print no count that moved a little, and add up all the same."""

from __future__ import annotations

from itertools import combinations

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
from safer_streets_assets.disclosure.core.holding import Held, hold_back, last_printed
from safer_streets_assets.disclosure.core.reading import cell_of
from safer_streets_assets.disclosure.core.system import Lasting
from safer_streets_assets_tests.disclosure.core.made_up import grown, linked_tables, population

T = 3


def releases_in_a_row(seed: int, number: int) -> tuple[list[PublishedRelease], list[Held]]:
    rng = np.random.default_rng(seed)
    people = population(rng, 30)
    releases: list[PublishedRelease] = []
    held: list[Held] = []
    for r in range(number):
        tables, links = linked_tables(people)
        held.append(
            hold_back(
                tables,
                threshold=T,
                last=held[-1].counts if held else {},
                previous=releases,
                links=links,
            )
        )
        protection = protect(
            held[-1].tables, threshold=T, links=links, previous=releases, insiders=False
        )
        assert not protection.withheld
        releases.append(protection.release(f"r{r}"))
        people = grown(rng, people)
    return releases, held


def printed(release: PublishedRelease) -> dict[Lasting, int]:
    return {key: value for key, (value, _) in last_printed([release]).items()}


@pytest.mark.parametrize("seed", range(6))
def test_no_printed_count_moves_by_less_than_the_threshold(seed: int) -> None:
    releases, _ = releases_in_a_row(seed, 6)
    for one, other in combinations(map(printed, releases), 2):
        moves = {abs(other[key] - one[key]) for key in one.keys() & other.keys()}
        assert not moves & set(range(1, T))


@pytest.mark.parametrize("seed", range(6))
def test_an_attack_on_five_releases_together_finds_nothing(seed: int) -> None:
    releases, _ = releases_in_a_row(20 + seed, 5)
    _, links = linked_tables(population(np.random.default_rng(0), 5))
    found = attack(releases, threshold=T, links=links, exact=False)
    assert [bounds for bounds in found if not bounds.safe] == []


@pytest.mark.parametrize("seed", range(6))
def test_what_is_tabulated_lies_between_the_last_release_and_the_truth(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = population(rng, 40)
    tables, links = linked_tables(people)
    first = hold_back(tables, threshold=T, last={}, previous=[], links=links)
    assert first.cells == first.moved == 0
    release = protect(first.tables, threshold=T, links=links).release("r0")
    tables, links = linked_tables(grown(rng, people))
    second = hold_back(tables, threshold=T, last=first.counts, previous=[release], links=links)
    true = hold_back(tables, threshold=T, last={}, previous=[], links=links).counts
    for key, count in second.counts.items():
        before = first.counts.get(key, 0)
        assert min(before, true[key]) <= count <= max(before, true[key])
    assert second.cells == sum(second.counts[key] != true[key] for key in true)


def borough_table(**counts: int) -> CountTable:
    rows = [*counts.items(), ("Total", sum(counts.values()))]
    return CountTable(TableSpec("t", ("b",), "people"), pd.DataFrame(rows, columns=["b", "n"]))


def key_of(name: str) -> Lasting:
    return cell_of(TableSpec("t", ("b",), "people"), "n", {"b": name}, 0).lasting


def then(before: dict[str, int], now: dict[str, int], **options: object) -> dict[str, int]:
    """What is tabulated of one table after one release that printed everything."""
    table = borough_table(**before)
    first = hold_back([table], threshold=5, last={}, previous=[])
    release = protect([table], threshold=5).release("r0")
    held = hold_back(
        [borough_table(**now)],
        threshold=5,
        last=first.counts,
        previous=[release],
        **options,  # type: ignore[arg-type]
    )
    return {name: held.counts[key_of(name)] for name in (*now, "Total")}


def test_news_of_fewer_than_the_threshold_waits_and_totals_wait_with_it() -> None:
    assert then({"x": 20, "y": 30}, {"x": 23, "y": 40}) == {"x": 20, "y": 40, "Total": 60}


def test_news_that_waited_is_told_once_it_is_enough() -> None:
    assert then({"x": 20, "y": 30}, {"x": 25, "y": 36}) == {"x": 25, "y": 36, "Total": 61}


def test_a_correction_that_lowers_a_count_waits_like_news() -> None:
    assert then({"x": 20, "y": 30}, {"x": 18, "y": 30}) == {"x": 20, "y": 30, "Total": 50}
    assert then({"x": 20, "y": 30}, {"x": 12, "y": 30}) == {"x": 12, "y": 30, "Total": 42}


def test_a_count_below_the_threshold_is_hidden_and_so_may_move() -> None:
    assert then({"x": 20, "y": 0}, {"x": 26, "y": 3}) == {"x": 26, "y": 3, "Total": 29}


def test_a_table_with_statistics_moves_whole_or_stays() -> None:
    before, now = {"x": 20, "y": 30}, {"x": 23, "y": 40}
    assert then(before, now, whole={"t"}) == {"x": 20, "y": 30, "Total": 50}


def test_a_count_that_must_pass_a_limit_is_left_to_be_hidden() -> None:
    before, now = {"x": 20, "y": 30}, {"x": 22, "y": 30}
    assert then(before, now, limits={key_of("x"): (22, 22)})["x"] == 22


def test_without_time_the_truth_is_tabulated_and_protection_hides_what_moved() -> None:
    before, now = {"x": 20, "y": 30}, {"x": 23, "y": 40}
    assert then(before, now, time_limit=0.0) == {"x": 23, "y": 40, "Total": 63}


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
    first = hold_back(tables, threshold=T, last={}, previous=[], links=links)
    release = protect(first.tables, threshold=T, links=links).release("r0")
    tables, links = linked_tables(grown(rng, people))
    shuffled = [
        CountTable(t.spec, t.cells.sample(frac=1, random_state=seed)) for t in reversed(tables)
    ]
    one, other = (
        hold_back(given, threshold=T, last=first.counts, previous=[release], links=links)
        for given in (tables, shuffled)
    )
    assert one.counts == other.counts
