"""Headline figures are hidden only where a proof says that no safe pattern prints them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.disclosure.core import CountTable, Protection, TableSpec, cell_of, protect

T = 5


def one_way(counts: dict[str, int]) -> CountTable:
    rows = [*counts.items(), ("Total", sum(counts.values()))]
    return CountTable(TableSpec("t", ("a",), "people"), pd.DataFrame(rows, columns=["a", "n"]))


def key(table: CountTable, **coords: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    return cell_of(table.spec, "n", coords, 0).lasting


def hidden(made: Protection) -> set[str]:
    cells = made.tables["t"].cells
    return set(cells.loc[cells["n"].isna(), "a"])


@pytest.mark.parametrize("spared", ["b", "c"])
def test_another_cell_is_hidden_in_place_of_a_headline_cell(spared: str) -> None:
    table = one_way({"a": 3, "b": 20, "c": 30})
    made = protect([table], threshold=T, headline=[{key(table, a=spared)}])
    assert hidden(made) == {"a", "b", "c"} - {spared}
    assert not made.undecided


def test_a_total_is_printed_even_where_hiding_it_would_cost_less() -> None:
    table = one_way({"a": 3, "b": 200, "c": 300})
    made = protect(
        [table],
        threshold=T,
        weights=lambda count, totals: 0.01 if totals else float(count),
        headline=[{key(table, a="Total")}],
    )
    assert "Total" not in hidden(made)


def test_a_headline_cell_is_hidden_where_no_safe_pattern_prints_it() -> None:
    table = one_way({"a": 3, "b": 20})
    made = protect([table], threshold=T, headline=[{key(table, a="b"), key(table, a="Total")}])
    assert len(hidden(made)) == 2
    assert "a" in hidden(made)
    assert not made.undecided
    assert set(made.summary["verdict"]) == {"proven"}


@pytest.mark.parametrize(("first", "then"), [("b", "Total"), ("Total", "b")])
def test_of_two_headline_cells_the_more_important_one_is_printed(first: str, then: str) -> None:
    table = one_way({"a": 3, "b": 20})
    made = protect([table], threshold=T, headline=[{key(table, a=first)}, {key(table, a=then)}])
    assert hidden(made) == {"a", then}


def test_a_headline_cell_below_the_threshold_is_hidden() -> None:
    table = one_way({"a": 3, "b": 20, "c": 30})
    made = protect([table], threshold=T, headline=[{key(table, a="a")}])
    assert "a" in hidden(made)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=12, max_size=12))
def test_totals_stay_unless_all_other_cells_together_leave_something_sure(
    counts: list[int],
) -> None:
    grid = np.array(counts).reshape(3, 4)
    rows = [(f"r{i}", f"c{j}", int(grid[i, j])) for i in range(3) for j in range(4)]
    rows += [(f"r{i}", "Total", int(grid[i].sum())) for i in range(3)]
    rows += [("Total", f"c{j}", int(grid[:, j].sum())) for j in range(4)]
    rows += [("Total", "Total", int(grid.sum()))]
    frame = pd.DataFrame(rows, columns=["a", "b", "n"])
    table = CountTable(TableSpec("t", ("a", "b"), "people"), frame)
    grand = {key(table, a="Total", b="Total")}
    made = protect([table], threshold=T, headline=[grand])
    assert set(made.summary["verdict"]) == {"proven"}
    cells = made.tables["t"].cells
    total = cells[(cells["a"] == "Total") & (cells["b"] == "Total")]["n"].isna().item()
    if total and grid.sum() >= T:
        # Only one category of people is there at all, or the rest is too few to hide it among.
        everything = protect([table], threshold=T, weights=lambda count, totals: 1e6**totals)
        other = everything.tables["t"].cells
        assert other[(other["a"] == "Total") & (other["b"] == "Total")]["n"].isna().item()
