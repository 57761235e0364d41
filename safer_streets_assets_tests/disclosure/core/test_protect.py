"""What protect gives back, and what it does when it cannot give a proof."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import (
    CellRef,
    CountTable,
    Link,
    PrintedTable,
    Protection,
    PublishedRelease,
    TableError,
    TableSpec,
    attack,
    protect,
    prove,
)
from safer_streets_assets.disclosure.core.suppression.problem import Pattern, Problem
from safer_streets_assets_tests.disclosure.core.made_up import linked_tables, population

T = 5


def table(counts: dict[str, int], name: str = "t", **more: object) -> CountTable:
    rows = [*counts.items(), ("Total", sum(counts.values()))]
    spec = TableSpec(name, ("a",), "people", **more)  # type: ignore[arg-type]
    return CountTable(spec, pd.DataFrame(rows, columns=["a", "n"]))


def shown(protection: Protection, name: str = "t") -> dict[str, object]:
    cells = protection.tables[name].cells
    return {a: None if pd.isna(n) else int(n) for a, n in zip(cells["a"], cells["n"], strict=True)}


def test_a_table_of_large_counts_is_printed_whole() -> None:
    protection = protect([table({"x": 10, "y": 20})], threshold=T)
    assert shown(protection) == {"x": 10, "y": 20, "Total": 30}
    assert protection.summary.loc[0, "verdict"] == "proven"


def test_zeros_are_printed() -> None:
    assert shown(protect([table({"x": 0, "y": 0})], threshold=T)) == {"x": 0, "y": 0, "Total": 0}


def test_a_category_that_nobody_is_in_stays_a_printed_zero() -> None:
    protection = protect([table({"x": 2, "y": 9, "z": 0, "w": 30})], threshold=T)
    assert shown(protection)["z"] == 0
    assert shown(protection)["x"] is None


def test_a_dimension_without_categories_is_no_obstacle() -> None:
    assert shown(protect([table({})], threshold=T)) == {"Total": 0}


def test_a_single_person_is_hidden_with_the_total() -> None:
    assert shown(protect([table({"x": 1})], threshold=T)) == {"x": None, "Total": None}


def test_a_table_without_dimensions_hides_its_small_count() -> None:
    spec = TableSpec("one", (), "people")
    protection = protect([CountTable(spec, pd.DataFrame({"n": [3]}))], threshold=T)
    assert bool(protection.tables["one"].cells["n"].isna().all())


def test_no_tables_are_no_problem() -> None:
    assert protect([], threshold=T).tables == {}


def staged(*counts: int) -> CountTable:
    order = tuple(f"s{i}" for i in range(len(counts)))
    spec = TableSpec("f", ("stage",), "people", nested="stage", nested_order=order)
    return CountTable(spec, pd.DataFrame({"stage": order, "n": counts}))


def test_a_small_difference_between_nested_stages_hides_one_of_the_two() -> None:
    protection = protect([staged(40, 38, 20)], threshold=T)
    assert int(protection.tables["f"].cells["n"].isna().sum()) == 1
    assert int((protection.tables["f"].kinds["n"] == "primary").sum()) == 1


def test_equal_nested_stages_are_printed() -> None:
    assert not protect([staged(40, 40, 20)], threshold=T).tables["f"].cells["n"].isna().any()


def test_a_small_difference_between_nested_measures_is_not_printed() -> None:
    spec = TableSpec(
        "s",
        ("session",),
        "people",
        measures=("n_expected", "n_attended"),
        nested_measures=("n_expected", "n_attended"),
    )
    cells = pd.DataFrame(
        {
            "session": ["1", "2", "3", "Total"],
            "n_expected": [30, 28, 25, 83],
            "n_attended": [27, 18, 15, 60],
        }
    )
    printed = protect([CountTable(spec, cells)], threshold=T).tables["s"].cells.set_index("session")
    assert printed.loc["1"].isna().any()


def test_a_small_rest_of_a_population_is_not_printed() -> None:
    everybody = table({"x": 30, "y": 40}, "all", fixed={"stage": "assigned"})
    some = table({"x": 28, "y": 12}, "some", fixed={"stage": "assigned", "delivery": "Group"})
    protection = protect([everybody, some], threshold=T)
    assert shown(protection, "all")["x"] is None or shown(protection, "some")["x"] is None


def test_tables_of_other_populations_do_not_tell_of_each_other() -> None:
    spec = TableSpec("u", ("a",), "others")
    other = CountTable(spec, pd.DataFrame({"a": ["x", "Total"], "n": [7, 7]}))
    protection = protect([table({"x": 8, "y": 9}), other], threshold=T)
    assert (protection.summary["primary"] == 0).all()


def test_a_change_of_a_few_people_between_releases_is_not_printed() -> None:
    first = protect([table({"x": 20, "y": 30})], threshold=T)
    second = protect([table({"x": 22, "y": 40})], threshold=T, previous=[first.release("r0")])
    assert shown(second)["x"] is None
    releases = [first.release("r0"), second.release("r1")]
    assert all(b.safe for b in attack(releases, threshold=T))


def test_a_count_that_fell_by_a_few_is_not_printed() -> None:
    first = protect([table({"x": 20, "y": 30})], threshold=T)
    second = protect([table({"x": 18, "y": 40})], threshold=T, previous=[first.release("r0")])
    assert shown(second)["x"] is None
    assert second.not_monotone
    releases = [first.release("r0"), second.release("r1")]
    assert all(b.safe for b in attack(releases, threshold=T))


def test_a_change_from_a_much_earlier_release_counts_too() -> None:
    releases: list[PublishedRelease] = []
    for x in (20, 26, 22):
        protection = protect([table({"x": x, "y": 90})], threshold=T, previous=releases)
        releases.append(protection.release(f"r{len(releases)}"))
    assert shown(protection)["x"] is None


def test_every_witness_table_is_made_of_whole_moves_that_add_up() -> None:
    tables, links = linked_tables(population(np.random.default_rng(5), 40))
    protection = protect(tables, threshold=T, links=links)
    assert protection.witnesses
    assert all(k != 0 for witness in protection.witnesses for _, k in witness.moved)


def hide_nothing_more(problem: Problem, deadline: float) -> Pattern:
    return Pattern(problem.free.copy(), {}, ())


def test_a_pattern_without_proof_is_withheld() -> None:
    bad = table({"x": 2, "y": 30})
    good = CountTable(replace(bad.spec, name="g", population="b"), bad.cells.assign(n=[10, 20, 30]))
    protection = protect([bad, good], threshold=T, suppressor=hide_nothing_more)
    assert set(protection.withheld) == {"t"}
    assert set(protection.tables) == {"g"}
    assert prove([protection.release("r")], threshold=T)["g"] == "proven"


def test_a_true_zero_that_tells_of_a_change_withholds_the_table() -> None:
    spec = TableSpec("t", ("a",), "people")
    rows = pd.DataFrame({"a": ["x", "y", "Total"], "n": [3, 30, 33]})
    earlier = PublishedRelease("r0", [PrintedTable(spec, rows)])
    protection = protect([table({"x": 0, "y": 50})], threshold=T, previous=[earlier])
    assert set(protection.withheld) == {"t"}


def test_no_time_is_no_proof() -> None:
    tables, links = linked_tables(population(np.random.default_rng(6), 40))
    protection = protect(tables, threshold=T, links=links, time_limit=0.0)
    assert not protection.tables
    assert set(protection.withheld) == {"by_a", "a_by_b", "left"}


def test_nothing_that_is_shown_of_a_protection_holds_a_small_count() -> None:
    true = table({"x": 317, "y": 317, "z": 9000})
    protection = protect([true], threshold=500)
    release = protection.release("r")
    bounds = attack([release], threshold=500)
    assert bounds
    for thing in (true, protection, release, *release.tables, *protection.witnesses, *bounds):
        assert "317" not in repr(thing)
    assert "317" not in protection.summary.to_string()


@pytest.mark.parametrize(
    ("rows", "say"),
    [
        ({"a": ["x", "Total"], "n": [3, 4]}, "sum of its parts"),
        ({"a": ["x", "x", "Total"], "n": [3, 4, 7]}, "one row for every combination"),
        ({"a": ["x"], "n": [3]}, "Add the Total rows"),
        ({"a": ["x", "Total"], "n": [2.5, 2.5]}, "whole number"),
        ({"a": ["x", "Total"], "n": [-3, -3]}, "whole number"),
        ({"a": ["x", "Total"], "n": [None, 3]}, "missing counts"),
        ({"a": ["x", "Total"], "n": ["three", "3"]}, "a number"),
        ({"a": [None, "Total"], "n": [3, 3]}, "empty categories"),
        ({"b": ["x", "Total"], "n": [3, 3]}, "Add the columns a"),
    ],
)
def test_a_table_that_does_not_add_up_is_refused_without_telling_counts(
    rows: dict[str, list[object]], say: str
) -> None:
    with pytest.raises(TableError, match=say) as error:
        CountTable(TableSpec("t", ("a",), "people"), pd.DataFrame(rows))
    assert not any(sign.isdigit() for sign in str(error.value))


def test_stages_that_grow_are_refused() -> None:
    with pytest.raises(TableError, match="more than the wider one"):
        staged(3, 4)


def test_tables_that_disagree_on_a_margin_are_refused() -> None:
    with pytest.raises(TableError, match="disagrees"):
        protect([table({"x": 9}), table({"x": 8, "y": 0}, "u")], threshold=T)


def test_a_link_to_a_cell_that_is_not_there_is_refused() -> None:
    link = Link(((1, CellRef("t", {"a": "nowhere"})),))
    with pytest.raises(TableError, match="link"):
        protect([table({"x": 9})], threshold=T, links=[link])


def test_a_count_of_a_lesser_table_is_hidden_before_a_smaller_one_of_another() -> None:
    """In b1 + b2 + c = 409 something must be hidden with b1, which is 3."""
    counts = {"b1": 3, "b2": 400, "c": 6, "z": 409}
    tables = [
        CountTable(TableSpec(name, (), name), pd.DataFrame({"n": [n]}))
        for name, n in counts.items()
    ]
    link = Link(tuple((-1 if name == "z" else 1, CellRef(name, {})) for name in counts))

    def hidden(lesser: tuple[str, ...]) -> set[str]:
        made = protect(tables, threshold=T, links=[link], lesser=lesser)
        assert not made.withheld
        return {name for name, own in made.tables.items() if own.cells["n"].isna().any()}

    assert hidden(()) == {"b1", "c"}
    assert hidden(("b1", "b2")) == {"b1", "b2"}
