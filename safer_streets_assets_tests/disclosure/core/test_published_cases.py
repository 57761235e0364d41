"""Tables with known answers, from the literature and from other tools."""

from __future__ import annotations

import pandas as pd

from safer_streets_assets.disclosure.core import (
    CellBounds,
    CountTable,
    PrintedTable,
    PublishedRelease,
    TableSpec,
    attack,
    protect,
    prove,
)
from safer_streets_assets.disclosure.core.suppression.weights import cell_weight

SPEC = TableSpec("T", ("row", "col"), "everybody")


def frame(rows: dict[str, list[int | None]], columns: list[str]) -> pd.DataFrame:
    cells = [(r, c, n) for r, counts in rows.items() for c, n in zip(columns, counts, strict=True)]
    return pd.DataFrame(cells, columns=["row", "col", "n"]).astype({"n": "Int64"})


def with_totals(counts: dict[str, list[int]], columns: list[str]) -> pd.DataFrame:
    whole = {r: [*c, sum(c)] for r, c in counts.items()}
    whole["Total"] = [sum(c) for c in zip(*whole.values(), strict=True)]
    return frame(whole, [*columns, "Total"])


def attacked(cells: pd.DataFrame, hidden_at_least: int = 1) -> dict[tuple[str, str], CellBounds]:
    release = PublishedRelease("r", [PrintedTable(SPEC, cells)])
    found = attack([release], threshold=5, hidden_at_least=hidden_at_least)
    return {(b.coords["row"], b.coords["col"]): b for b in found}


INVESTMENT = frame(
    {
        "I": [20, 50, 10, 80],
        "II": [None, 19, None, 49],
        "III": [None, 32, None, 61],
        "Total": [45, 101, 44, 190],
    },
    ["A", "B", "C", "Total"],
)


def test_the_attacker_of_fischetti_and_salazar_gets_5_to_30() -> None:
    bounds = attacked(INVESTMENT, hidden_at_least=0)["II", "C"]
    assert (bounds.low, bounds.high, bounds.proven) == (5, 30, True)


def test_knowing_that_hidden_cells_are_not_zero_tells_the_attacker_more() -> None:
    bounds = attacked(INVESTMENT)["II", "C"]
    assert (bounds.low, bounds.high) == (6, 29)


def four_by_four(x_b: int | None) -> pd.DataFrame:
    return frame(
        {
            "w": [None, None, None, 89, 230],
            "x": [None, x_b, None, 31, 250],
            "y": [92, None, 59, None, 336],
            "z": [800, None, 651, None, 3127],
            "Total": [1012, 1262, 779, 890, 3943],
        },
        ["a", "b", "c", "d", "Total"],
    )


def test_an_open_pattern_gives_a_cell_away_though_no_line_has_a_single_hidden_cell() -> None:
    bounds = attacked(four_by_four(124))["w", "b"]
    assert (bounds.low, bounds.high) == (47, 47)
    assert not bounds.safe


def test_a_closed_pattern_is_safe() -> None:
    assert all(b.safe for b in attacked(four_by_four(None)).values())


def test_one_small_cell_of_a_four_by_two_table_costs_three_more() -> None:
    counts = {"A": [2, 18], "B": [19, 14], "C": [10, 12], "D": [14, 11]}
    table = CountTable(SPEC, with_totals(counts, ["female", "male"]))
    protection = protect([table], threshold=5, weights=cell_weight)
    assert int(protection.tables["T"].cells["n"].isna().sum()) == 4


TEN_BY_FIVE = {
    "b0": [71, 22, 13, 7, 2],
    "b1": [63, 21, 7, 6, 1],
    "b2": [101, 36, 12, 12, 3],
    "b3": [22, 7, 2, 7, 1],
    "b4": [67, 20, 8, 9, 4],
    "b5": [45, 16, 9, 6, 1],
    "b6": [17, 6, 3, 3, 2],
    "b7": [16, 12, 10, 4, 0],
    "b8": [46, 21, 10, 10, 4],
    "b9": [16, 12, 4, 2, 1],
}


def test_a_ten_by_five_table_is_safe_with_the_fewest_hidden_cells() -> None:
    cells = with_totals(TEN_BY_FIVE, ["off1", "off2", "off3", "off4", "off5"])
    protection = protect([CountTable(SPEC, cells)], threshold=5, weights=cell_weight)
    hidden = int(protection.tables["T"].cells["n"].isna().sum())
    assert 23 <= hidden <= 25
    assert prove([protection.release("r")], threshold=5) == {"T": "proven"}
