"""A whole table is a witness only if it agrees with all that is printed, by addition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import (
    CellRef,
    Fact,
    PrintedTable,
    PublishedRelease,
    TableSpec,
)
from safer_streets_assets.disclosure.core.attacks.attacker import grids_of
from safer_streets_assets.disclosure.core.attacks.bounds import is_safe
from safer_streets_assets.disclosure.core.system.builder import build_system
from safer_streets_assets.disclosure.core.system.system import System
from safer_streets_assets.disclosure.core.system.witness import (
    agrees,
    hidden_is_safe,
    out_of_reach,
)

T = 5
STAGES = ("s0", "s1")
TRUTH = {"x": 3, "y": 4, "z": 5, "Total": 12, "s0": 9, "s1": 7}


@pytest.fixture(scope="module")
def system() -> System:
    """All but a total is hidden: x and y by a marker, z by a range from 4 to 6; x is at most y, and
    of two hidden stages the second holds no more than the first."""
    spec = TableSpec("t", ("a",), "people")
    cells = pd.DataFrame({"a": ["x", "y", "z", "Total"], "n": [pd.NA, pd.NA, pd.NA, 12]})
    ranges = pd.DataFrame({"n_low": [pd.NA, pd.NA, 4, pd.NA], "n_high": [pd.NA, pd.NA, 6, pd.NA]})
    staged = TableSpec("f", ("stage",), "others", nested="stage", nested_order=STAGES)
    stages = pd.DataFrame({"stage": STAGES, "n": [pd.NA, pd.NA]})
    fact = Fact(((1, CellRef("t", {"a": "x"})), (-1, CellRef("t", {"a": "y"}))), low=-2, high=0)
    tables = [PrintedTable(spec, cells, ranges=ranges), PrintedTable(staged, stages)]
    return build_system([grids_of(PublishedRelease("r", tables, facts=[fact]), T)], [])


def whole(system: System, **changed: int) -> np.ndarray:
    counts = {**TRUTH, **changed}
    said = [dict(cell.coords) for cell in system.cells]
    return np.array([counts[next(iter(one.values()), "Total")] for one in said], dtype=np.int64)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"x": 2, "y": 4, "z": 6},
        {"x": 4, "y": 4, "z": 4},
        {"s0": 7},
        {"s0": 1, "s1": 1},
    ],
)
def test_a_table_that_keeps_to_all_that_is_printed_agrees(
    system: System, changed: dict[str, int]
) -> None:
    assert agrees(system, whole(system, **changed))


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"z": 6, "Total": 13}, id="another printed count"),
        pytest.param({"x": 2, "y": 3, "z": 7}, id="more than a range says"),
        pytest.param({"x": 4, "y": 5, "z": 3}, id="less than a range says"),
        pytest.param({"s1": 0}, id="nobody in a hidden cell"),
        pytest.param({"y": 5}, id="a sum that does not add up"),
        pytest.param({"x": 2, "y": 5}, id="less than a fact says"),
        pytest.param({"x": 4, "y": 3}, id="more than a fact says"),
        pytest.param({"s0": 6}, id="a stage that grows"),
    ],
)
def test_a_table_that_differs_in_one_point_from_what_is_printed_does_not_agree(
    system: System, changed: dict[str, int]
) -> None:
    assert not agrees(system, whole(system, **changed))


def test_fractions_of_people_or_counts_of_other_cells_do_not_agree(system: System) -> None:
    assert not agrees(system, whole(system).astype(float))
    assert not agrees(system, whole(system)[:-1])
    assert not agrees(system, np.append(whole(system), 0))


@pytest.mark.parametrize(
    ("one", "other", "unsure"),
    [
        (1, 4, False),
        (4, 5, True),
        (4, 4, False),
        (5, 5, True),
        (0, 1, True),
        (0, 0, True),
        (-1, 1, True),
        (-1, -4, False),
        (-4, -5, True),
        (-5, -9, True),
    ],
)
def test_a_count_is_out_of_reach_when_it_may_be_none_many_or_of_two_signs(
    one: int, other: int, unsure: bool
) -> None:
    for pair in ((one, other), (other, one)):
        first, second = (np.array([value]) for value in pair)
        assert out_of_reach(first, second, np.array([T])).tolist() == [unsure]


@pytest.mark.parametrize(
    ("one", "other", "alone", "in_row"),
    [
        (1, 4, False, False),
        (1, 5, True, True),
        (6, 6, False, False),
        (0, 4, False, True),
        (0, 0, False, False),
        (7, 9, True, True),
    ],
)
def test_a_hidden_count_is_safe_when_two_tables_differ_and_one_reaches_the_threshold(
    one: int, other: int, alone: bool, in_row: bool
) -> None:
    for pair in ((one, other), (other, one)):
        first, second = (np.array([value] * 2) for value in pair)
        found = hidden_is_safe(first, second, np.array([T, T]), np.array([False, True]))
        assert found.tolist() == [alone, in_row]


@pytest.mark.parametrize(
    ("kind", "low", "high", "safe"),
    [
        ("printed", 0, None, False),
        ("one category", 0, None, False),
        ("hidden", 1, None, True),
        ("hidden", 1, T, True),
        ("hidden", 1, T - 1, False),
        ("hidden", T, T, False),
        ("hidden row", 0, 1, True),
        ("hidden row", 0, 0, False),
        ("hidden row", 1, T - 1, False),
        ("hidden row", 1, T, True),
        ("ranged", 1, T - 1, False),
        ("ranged", 0, T - 1, True),
        ("change", 1, 1, False),
        ("change", -1, 1, True),
        ("change", 0, 0, True),
        ("change", T, T, True),
        ("change", -1, -1, False),
        ("change", None, -1, True),
        ("change", 1, None, True),
        ("change", -T, -1, True),
        ("change", 1 - T, -1, False),
    ],
)
def test_a_range_is_safe_when_it_neither_gives_a_count_nor_keeps_it_small(
    kind: str, low: int | None, high: int | None, safe: bool
) -> None:
    assert is_safe(kind, low, high, T) is safe
