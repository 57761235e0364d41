"""Tables that contradict what they say they are, are refused before anything is protected."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import (
    CountTable,
    PrintedTable,
    PublishedRelease,
    TableError,
    TableSpec,
    attack,
    protect,
)
from safer_streets_assets.disclosure.core.tables.hierarchies import (
    Levels,
    ancestors,
    contradict,
    sums_of,
)

NESTED = {"nested": "stage", "nested_order": ("s0", "s1")}


@pytest.mark.parametrize(
    ("more", "say"),
    [
        ({"dimensions": ("a", "a")}, "distinct dimensions"),
        ({"measures": ("n", "n")}, "distinct dimensions"),
        ({"measures": ("a",)}, "distinct dimensions"),
        ({"measures": ()}, "at least one measure"),
        ({"fixed": {"a": "x"}}, "both fix"),
        ({**NESTED}, "nested dimension"),
        ({"nested_order": ("s0", "s1")}, "with its order"),
        ({"dimensions": ("a", "stage"), "nested": "stage"}, "with its order"),
        ({"sensitive": "b"}, "sensitive dimension"),
        ({"dimensions": ("a", "stage"), **NESTED, "sensitive": "stage"}, "add up"),
        ({"nested_measures": ("m",)}, "nested measures"),
        ({"hierarchies": {"b": {"x": "X"}}}, "no such dimension"),
        ({"dimensions": ("a", "stage"), **NESTED, "hierarchies": {"stage": {"x": "X"}}}, "no such"),
        ({"hierarchies": {"a": {"x": "Total"}}}, "above all"),
        ({"hierarchies": {"a": {"Total": "x"}}}, "above all"),
        ({"hierarchies": {"a": {"x": "y", "y": "x"}}}, "above itself"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(more: dict[str, Any], say: str) -> None:
    with pytest.raises(TableError, match=say):
        TableSpec(**{"name": "t", "dimensions": ("a",), "population": "people", **more})


def test_a_table_may_be_nested_sensitive_fixed_and_of_several_levels() -> None:
    spec = TableSpec(
        "t",
        ("a", "stage"),
        "people",
        fixed={"b": "p"},
        sensitive="a",
        hierarchies={"a": {"x": "X"}, "b": {"p": "P"}},
        measures=("n", "m"),
        nested_measures=("n",),
        **NESTED,  # type: ignore[arg-type]
    )
    assert spec.nested_order == ("s0", "s1")


def rows(*pairs: tuple[str, str], count: int = 1) -> pd.DataFrame:
    return pd.DataFrame([(*pair, count) for pair in pairs], columns=["a", "b", "n"])


WHOLE = list(product(("x", "Total"), ("p", "Total")))


@pytest.mark.parametrize(
    "pairs", [WHOLE[:-1], WHOLE[1:], [*WHOLE, WHOLE[0]], [*WHOLE[1:], WHOLE[1]]]
)
def test_a_table_that_lacks_a_combination_or_has_one_twice_is_refused(
    pairs: list[tuple[str, str]],
) -> None:
    spec = TableSpec("t", ("a", "b"), "people")
    assert CountTable(spec, rows(*WHOLE))
    with pytest.raises(TableError, match="one row for every combination"):
        CountTable(spec, rows(*pairs))


def test_the_largest_count_is_taken_and_a_larger_one_refused() -> None:
    spec = TableSpec("t", ("a", "b"), "people")
    assert CountTable(spec, rows(*WHOLE, count=2**40))
    with pytest.raises(TableError, match="whole number"):
        CountTable(spec, rows(*WHOLE, count=2**40 + 1))


@pytest.mark.parametrize("stages", [("s0",), ("s0", "s2"), ("s0", "s1", "s2")])
def test_a_table_of_other_stages_than_its_order_has_is_refused(stages: tuple[str, ...]) -> None:
    spec = TableSpec("f", ("stage",), "people", **NESTED)  # type: ignore[arg-type]
    with pytest.raises(TableError, match="categories of its order"):
        CountTable(spec, pd.DataFrame({"stage": stages, "n": 1}))


def test_a_measure_that_counts_more_than_the_wider_one_is_refused() -> None:
    spec = TableSpec("m", (), "people", measures=("n", "m"), nested_measures=("n", "m"))
    assert CountTable(spec, pd.DataFrame({"n": [3], "m": [3]}))
    with pytest.raises(TableError, match="a measure counts more"):
        CountTable(spec, pd.DataFrame({"n": [3], "m": [4]}))


def ranged(low: object, high: object, name: str = "t", n: object = pd.NA) -> PrintedTable:
    spec = TableSpec(name, (), "people")
    ends = pd.DataFrame({"n_low": [low], "n_high": [high]})
    return PrintedTable(spec, pd.DataFrame({"n": [n]}), ranges=ends)


@pytest.mark.parametrize(
    ("low", "high"), [(4, 3), (-1, 3), (1.5, 3), (1, 3.5), ("one", 3), (1, "many")]
)
def test_a_range_that_is_none_of_whole_counts_is_refused(low: object, high: object) -> None:
    with pytest.raises(TableError, match="one of whole counts"):
        ranged(low, high)


def test_a_range_has_two_ends_for_each_row_and_may_be_open() -> None:
    assert ranged(3, 3).grid.low == 3
    assert ranged(pd.NA, 3).grid.low == 0
    assert ranged(3, pd.NA).grid.high == float("inf")
    assert np.isnan(ranged(3, 5, n=4).grid.values).all()
    assert ranged(pd.NA, pd.NA, n=4).grid.values == 4
    spec, cells = TableSpec("t", (), "people"), pd.DataFrame({"n": [pd.NA]})
    for ends in ({"n_low": [1]}, {"n_high": [1]}, {"n_low": [1, 1], "n_high": [2, 2]}):
        with pytest.raises(TableError, match="a least and a greatest value"):
            PrintedTable(spec, cells, ranges=pd.DataFrame(ends))


@pytest.mark.parametrize("count", [2, 6])
def test_a_count_outside_of_the_range_that_another_table_prints_is_refused(count: int) -> None:
    spec = TableSpec("u", (), "people")
    for inside in (3, 5):
        good = PrintedTable(spec, pd.DataFrame({"n": [inside]}))
        attack([PublishedRelease("r", [ranged(3, 5), good])], threshold=3)
    bad = PrintedTable(spec, pd.DataFrame({"n": [count]}))
    with pytest.raises(TableError, match="range of a count disagrees"):
        attack([PublishedRelease("r", [ranged(3, 5), bad])], threshold=3)


def test_ranges_of_one_count_that_no_count_is_in_are_refused() -> None:
    with pytest.raises(TableError, match="range of a count disagrees"):
        attack([PublishedRelease("r", [ranged(1, 2), ranged(4, 5, "u")])], threshold=3)


def test_two_tables_of_one_name_are_refused() -> None:
    table = CountTable(TableSpec("t", (), "people"), pd.DataFrame({"n": [9]}))
    with pytest.raises(TableError, match="a name of its own"):
        protect([table, table], threshold=3)


TREE = {"b1": "North", "b2": "North", "b3": "South", "North": "Town", "South": "Town"}


def test_what_is_above_a_category_is_told_nearest_first_and_a_circle_once() -> None:
    assert ancestors(TREE, "b1") == ["North", "Town"]
    assert ancestors(TREE, "Town") == []
    assert ancestors({"x": "y", "y": "x"}, "x") == ["y", "x"]


def test_hierarchies_contradict_when_a_group_they_share_holds_others() -> None:
    assert not contradict(TREE, {"b1": "North", "b4": "North"})
    assert contradict(TREE, {"b1": "North", "b3": "North"})
    assert not contradict(TREE, {"b1": "Elsewhere"})


def test_a_sum_is_of_what_is_next_below_it_in_the_table() -> None:
    levels = Levels(("b1", "b2", "North", "b3", "Town", "Total"), TREE)
    assert dict(sums_of(levels)) == {
        "Total": ("Town",),
        "North": ("b1", "b2"),
        "Town": ("North", "b3"),
    }


@pytest.mark.parametrize(
    ("categories", "asked", "cover"),
    [
        (("b1", "b2", "b3"), "b1", ("b1",)),
        (("b1", "b2", "b3"), "Total", ("Total",)),
        (("b1", "b2", "b3"), "North", ("b1", "b2")),
        (("b1", "North", "b3"), "Town", ("North", "b3")),
        (("North", "South"), "b1", None),
        (("b1", "North"), "b2", ()),
        (("South",), "b1", ()),
    ],
)
def test_a_category_of_another_level_is_told_by_those_that_add_up_to_it(
    categories: tuple[str, ...], asked: str, cover: tuple[str, ...] | None
) -> None:
    assert Levels(categories, TREE).cover(asked, TREE) == cover
