"""What a printed percentage or mean says, and how near a printed multiple is to its count."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import (
    CellRef,
    Fact,
    Link,
    PrintedTable,
    TableError,
    TableSpec,
    Unknown,
    figures_add_up,
    mean_fact,
    percentage_fact,
    rounded,
)
from safer_streets_assets.disclosure.core.ranges import reach

PART, WHOLE = CellRef("t", {"a": "x"}), CellRef("t")
NUMBERS = ("12.3", "12.30", "0.05", "100")


def holds(facts: list[Fact], values: dict[str, int]) -> bool:
    """Whether facts hold of a part, a whole and a sum of scores."""

    def value(term: CellRef | Unknown) -> int:
        return (
            values["sum"]
            if isinstance(term, Unknown)
            else values["part" if term.coords else "whole"]
        )

    for fact in facts:
        said = sum(k * value(term) for k, term in fact.terms)
        if (fact.low is not None and said < fact.low) or (
            fact.high is not None and said > fact.high
        ):
            return False
    return True


@pytest.mark.parametrize(
    ("printed", "decimals"), [("33.3", 1), ("0", 0), ("37", 0), ("38", 0), ("100", 0)]
)
def test_a_percentage_says_just_the_parts_that_round_to_it(printed: str, decimals: int) -> None:
    facts = percentage_fact([PART], [WHOLE], printed, decimals)
    half = Fraction(1, 2 * 10**decimals)
    for whole in range(81):  # 3 of 8 lie between two printed percentages
        for part in range(whole + 2):
            near = whole > 0 and abs(Fraction(100 * part, whole or 1) - Fraction(printed)) <= half
            assert holds(facts, {"part": part, "whole": whole}) is near


@pytest.mark.parametrize(
    ("printed", "decimals"), [("3.4", 1), ("3.5", 1), ("1.0", 1), ("5", 0), ("2.67", 2)]
)
def test_a_mean_says_just_the_sums_of_scores_that_round_to_it(printed: str, decimals: int) -> None:
    facts = mean_fact([WHOLE], printed, decimals, (1, 5), "scores")
    half = Fraction(1, 2 * 10**decimals)
    for people in range(41):  # 69 of 20 lie between two printed means
        for above in range(4 * people + 3):
            mean = Fraction(above, people or 1) + 1
            near = people > 0 and above <= 4 * people and abs(mean - Fraction(printed)) <= half
            assert holds(facts, {"whole": people, "sum": above}) is near


@pytest.mark.parametrize("printed", ["n/a", "nan", "inf", "12.34"])
def test_what_is_no_number_of_that_many_decimals_is_no_fact(printed: str) -> None:
    with pytest.raises(TableError):
        percentage_fact([PART], [WHOLE], printed, 1)
    with pytest.raises(TableError):
        mean_fact([WHOLE], printed, 1, (1, 5), "scores")


def test_a_negative_percentage_and_scores_in_the_wrong_order_are_no_facts() -> None:
    with pytest.raises(TableError):
        percentage_fact([PART], [WHOLE], "-1", 0)
    with pytest.raises(TableError):
        mean_fact([WHOLE], "3", 0, (5, 1), "scores")
    assert mean_fact([WHOLE], "3", 0, (3, 3), "scores")


@pytest.mark.parametrize("base", [2, 3, 5, 10])
def test_a_count_is_just_so_far_from_its_multiple_as_the_method_can_take_it(base: int) -> None:
    counts = range(0, 5 * base)
    nearest = [min(range(0, 7 * base, base), key=lambda m: abs(m - n)) for n in counts]
    assert reach(base, "conventional") == max(
        abs(n - m) for n, m in zip(counts, nearest, strict=True)
    )
    assert reach(base, "controlled") == reach(base, "random") == base - 1
    assert reach(base, "controlled", steps=2) == 2 * base - 1


@pytest.mark.parametrize(
    ("base", "method", "steps"), [(1, "random", 1), (5, "random", 0), (5, "up", 1)]
)
def test_a_rounding_that_is_none_is_refused(base: int, method: str, steps: int) -> None:
    with pytest.raises(TableError):
        reach(base, method, steps)  # type: ignore[arg-type]


def printed(*figures: int | None) -> PrintedTable:
    frame = pd.DataFrame({"a": ["x", "y", "Total"], "n": pd.array(figures, dtype="Int64")})
    return PrintedTable(TableSpec("t", ("a",), "people"), frame)


def test_a_rounded_table_says_of_a_count_no_less_and_no_more_than_how_near_it_is() -> None:
    said = rounded(printed(0, 10, None), 5, "controlled").ranges
    assert said is not None
    assert said["n_low"].tolist() == [0, 6, pd.NA]
    assert said["n_high"].tolist() == [4, 14, pd.NA]
    wider = rounded(printed(0, 10, None), 5, "controlled", steps=2)
    assert wider.ranges is not None
    assert wider.ranges["n_low"].tolist() == [0, 1, pd.NA]
    assert np.isnan(wider.grid.values).all()


def test_a_figure_that_is_no_multiple_is_not_taken_for_rounded() -> None:
    with pytest.raises(TableError, match="to its base"):
        rounded(printed(5, 11, 15), 5, "controlled")


def test_figures_add_up_when_every_sum_that_is_printed_whole_holds() -> None:
    assert figures_add_up([printed(5, 10, 15)])
    assert not figures_add_up([printed(5, 10, 20)])
    assert figures_add_up([printed(5, None, 20)])
    assert not figures_add_up([rounded(printed(5, 10, 20), 5, "controlled")])
    same = Link(((1, PART), (-1, CellRef("t", {"a": "y"}))))
    assert figures_add_up([printed(5, 5, 10)], [same])
    assert not figures_add_up([printed(5, 10, 15)], [same])


def test_figures_of_stages_that_grow_do_not_add_up() -> None:
    def staged(*figures: int | None) -> PrintedTable:
        spec = TableSpec("f", ("stage",), "people", nested="stage", nested_order=("s0", "s1"))
        frame = pd.DataFrame({"stage": ["s0", "s1"], "n": pd.array(figures, dtype="Int64")})
        return PrintedTable(spec, frame)

    assert figures_add_up([staged(10, 10)])
    assert not figures_add_up([staged(10, 15)])
    assert figures_add_up([staged(None, 15)])


def test_figures_that_differ_for_one_count_do_not_add_up() -> None:
    other = PrintedTable(
        TableSpec("u", ("b",), "people"),
        pd.DataFrame({"b": ["p", "Total"], "n": [20, 20]}),
    )
    assert not figures_add_up([printed(5, 10, 15), other])
