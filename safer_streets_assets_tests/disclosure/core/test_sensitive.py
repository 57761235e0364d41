"""Rows of a sensitive attribute: nobody may learn that all people of a row are in one category."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import (
    CountTable,
    PrintedTable,
    Protection,
    PublishedRelease,
    TableError,
    TableSpec,
    attack,
    protect,
    prove,
)
from safer_streets_assets.disclosure.core.system import sensitive

T = 3
SPEC = TableSpec("why", ("b", "reason"), "people", sensitive="reason")
REASONS = ("health", "recall", "work")


def table_of(counts: np.ndarray, spec: TableSpec = SPEC) -> CountTable:
    """Boroughs down, reasons across, with their margins."""
    full = np.vstack([counts, counts.sum(axis=0)])
    full = np.column_stack([full, full.sum(axis=1)])
    boroughs = [*(f"b{i}" for i in range(len(counts))), "Total"]
    rows = [
        (b, r, int(full[i, j]))
        for (i, b), (j, r) in product(enumerate(boroughs), enumerate((*REASONS, "Total")))
    ]
    return CountTable(spec, pd.DataFrame(rows, columns=["b", "reason", "n"]))


def worlds(printed: pd.DataFrame, most: int = 7) -> Iterator[np.ndarray]:
    """Every table of boroughs by reasons that agrees with what is printed: sums, a hidden count is
    somebody unless all reasons of its row are hidden, and no row that is printed with a hidden or
    true 0 has fewer people than that says."""
    frame = printed.set_index(["b", "reason"])["n"]
    boroughs = [b for b in dict.fromkeys(printed["b"]) if b != "Total"]
    lines = [frame.loc[b] for b in [*boroughs, "Total"]]
    choices = []
    for line in lines[:-1]:
        whole = line[list(REASONS)].isna().all()
        ranges = [
            [int(line[r])] if pd.notna(line[r]) else range(0 if whole else 1, most) for r in REASONS
        ]
        total = line["Total"]
        choices.append(
            [
                row
                for row in product(*ranges)
                if (sum(row) >= 1 if pd.isna(total) else sum(row) == int(total))
            ]
        )
    last = lines[-1]
    whole = last[list(REASONS)].isna().all()
    for rows in product(*choices):
        table = np.array(rows)
        sums = table.sum(axis=0)
        fits = all(
            (n >= (0 if whole else 1)) if pd.isna(last[r]) else n == int(last[r])
            for r, n in zip(REASONS, sums, strict=True)
        )
        total = last["Total"]
        if fits and (pd.isna(total) or int(sums.sum()) == int(total)):
            yield table


def made(counts: list[list[int]]) -> tuple[CountTable, Protection]:
    table = table_of(np.array(counts))
    protection = protect([table], threshold=T)
    assert not protection.withheld
    return table, protection


@pytest.mark.parametrize("seed", range(12))
def test_no_row_is_known_to_be_all_in_one_category(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 5, (2, 3))
    counts[0] = [0, int(rng.integers(3, 6)), 0]
    counts[1] = np.maximum(counts[1], 1)
    _, protection = made(counts.tolist())
    printed = protection.tables["why"].cells
    assert any((table[0] > 0).sum() > 1 for table in worlds(printed))


def test_a_row_of_one_category_is_hidden_whole_with_its_zeros() -> None:
    _, protection = made([[0, 9, 0], [5, 6, 7], [4, 8, 3]])
    shown = protection.tables["why"].cells.set_index(["b", "reason"])["n"]
    assert shown.loc["b0"][list(REASONS)].isna().all()
    kinds = protection.tables["why"].kinds.set_index(["b", "reason"])["n"]
    assert set(kinds.loc["b0"][list(REASONS)]) == {"primary"}


def test_a_row_of_two_categories_is_hidden_whole_too_so_that_one_cannot_be_told_from_it() -> None:
    _, protection = made([[0, 9, 8], [5, 6, 7], [4, 8, 3]])
    shown = protection.tables["why"].cells.set_index(["b", "reason"])["n"]
    assert shown.loc["b0"][list(REASONS)].isna().all()


def test_without_a_sensitive_attribute_such_a_row_is_printed() -> None:
    spec = TableSpec("why", ("b", "reason"), "people")
    table = table_of(np.array([[0, 9, 0], [5, 6, 7], [4, 8, 3]]), spec)
    shown = protect([table], threshold=T).tables["why"].cells
    assert shown["n"].notna().all()


@pytest.mark.parametrize("hidden", [[], [("b0", "recall")], [("b0", "recall"), ("b0", "Total")]])
def test_a_printed_row_of_one_category_is_not_proven(hidden: list[tuple[str, str]]) -> None:
    cells = table_of(np.array([[0, 9, 0], [5, 6, 7], [4, 8, 3]])).cells.copy()
    cells["n"] = cells["n"].astype("Int64")
    for b, reason in hidden:
        cells.loc[(cells["b"] == b) & (cells["reason"] == reason), "n"] = pd.NA
    release = PublishedRelease("r", [PrintedTable(SPEC, cells)])
    verdict = prove([release], threshold=T)["why"]
    assert "one category" in verdict
    assert not any(character.isdigit() for character in verdict)
    kinds = {bounds.kind for bounds in attack([release], threshold=T) if not bounds.safe}
    assert "one category" in kinds


def test_a_row_hidden_whole_stays_so_while_it_has_a_zero() -> None:
    _, first = made([[0, 9, 0], [5, 6, 7], [4, 8, 3]])
    releases = [first.release("r0")]
    later = table_of(np.array([[0, 14, 6], [5, 6, 7], [4, 8, 3]]))
    grown = table_of(np.array([[0, 14, 6], [5, 9, 12], [9, 8, 8]]))
    for table in (later, grown):
        protection = protect([table], threshold=T, previous=releases, insiders=False)
        assert not protection.withheld
        shown = protection.tables["why"].cells.set_index(["b", "reason"])["n"]
        assert shown.loc["b0"][list(REASONS)].isna().all()
        releases.append(protection.release("later"))
    found = attack(releases, threshold=T, exact=False)
    assert [bounds for bounds in found if not bounds.safe] == []


def test_only_a_dimension_that_adds_up_can_be_sensitive() -> None:
    with pytest.raises(TableError):
        TableSpec("why", ("b",), "people", sensitive="reason")


@pytest.mark.parametrize(
    ("counts", "before", "hidden_whole", "only"),
    [
        ((1, 0, 0), False, True, 0),
        ((0, 9, 0), False, True, 1),
        ((1, 1, 0), False, True, None),
        ((5, 1, 2), False, False, None),
        ((5, 1, 2), True, False, None),
        ((5, 1, 2, 0), False, False, None),
        ((5, 1, 2, 0), True, True, None),
        ((0, 0, 0), False, False, None),
        ((0, 0, 0), True, False, None),
        ((None, None, None), False, True, None),
        ((None, 3, 4), True, False, None),
        ((None, 0, 0), False, False, 0),
        ((1, 0), False, True, 0),
        ((3,), False, True, None),
    ],
)
def test_a_row_is_hidden_whole_when_its_people_are_in_one_or_two_categories_or_were_so_before(
    counts: tuple[int | None, ...], before: bool, hidden_whole: bool, only: int | None
) -> None:
    names = [*(f"r{k}" for k in range(len(counts))), "Total"]
    total = None if None in counts else sum(n or 0 for n in counts)
    cells = pd.DataFrame({"reason": names, "n": pd.array([*counts, total], dtype="Int64")})
    spec = TableSpec("why", ("reason",), "people", sensitive="reason")
    (row,) = sensitive.rows(PrintedTable(spec, cells).grid, lambda _: before)
    assert [place[0] for place in row.places] == list(range(len(counts)))
    assert row.hidden_whole is hidden_whole
    assert row.only == (None if only is None else (only, 0))
