"""Anybody's table: what is printed is true and safe, and what is wrong is said without a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.disclosure.core import TableError
from safer_streets_assets.disclosure.own_spec import OwnSpec, OwnSpecError, load_own_spec
from safer_streets_assets.disclosure.own_table import protect_own_table

CANARY = "Zebedee Canary"
AREAS = {"Inner": ["Camden", "Hackney"], "Outer": ["Barnet", "Brent", "Ealing"]}
GENDERS = ["Female", "Male"]


def spec(**changes: Any) -> OwnSpec:
    """Area, in groups, by gender."""
    facts: dict[str, Any] = {
        "threshold": 5,
        "dimensions": {"area": {"hierarchy": AREAS}, "gender": None},
        "counts": ["n"],
    }
    return OwnSpec.model_validate({**facts, **changes})


def table(*counts: int) -> pd.DataFrame:
    """Ten counts by area and gender."""
    keys = [(area, gender) for group in AREAS.values() for area in group for gender in GENDERS]
    rows = [(*key, n) for key, n in zip(keys, counts, strict=True)]
    return pd.DataFrame(rows, columns=["area", "gender", "n"])


EXAMPLE = table(3, 40, 12, 55, 2, 31, 8, 27, 0, 9)


def sums(frame: pd.DataFrame) -> pd.DataFrame:
    """The truth with groups and totals, made here by other means."""
    group_of = {area: group for group, areas in AREAS.items() for area in areas}
    copies = [frame, frame.assign(area=frame["area"].map(group_of)), frame.assign(area="Total")]
    both = pd.concat(copies)
    both = pd.concat([both, both.assign(gender="Total")])
    return both.groupby(["area", "gender"], as_index=False)["n"].sum()


def lines() -> list[list[tuple[str, str]]]:
    """Every sum: the cells of the whole, then its parts."""
    found = []
    for gender in [*GENDERS, "Total"]:
        for whole, parts in [*AREAS.items(), ("Total", list(AREAS))]:
            found.append([(area, gender) for area in (whole, *parts)])
    for area in [a for g in AREAS.values() for a in g] + [*AREAS, "Total"]:
        found.append([(area, gender) for gender in ("Total", *GENDERS)])
    return found


@given(st.lists(st.integers(0, 30), min_size=10, max_size=10))
@settings(max_examples=15, deadline=None)
def test_what_is_printed_is_true_never_small_and_no_sum_hides_one_count_alone(
    counts: list[int],
) -> None:
    made = protect_own_table(table(*counts), spec())
    assert made.table is not None
    both = made.table.merge(sums(table(*counts)), on=["area", "gender"], suffixes=("", "_true"))
    assert len(both) == len(made.table) == 24
    printed = both[both["n_marker"].isna()]
    assert (printed["n"] == printed["n_true"]).all()
    assert not printed["n"].between(1, 4).any()
    assert both.loc[both["n_marker"].notna(), "n"].isna().all()
    assert both.loc[both["n_true"] == 0, "n_marker"].isna().all()
    hidden = set(map(tuple, both.loc[both["n_marker"].notna(), ["area", "gender"]].to_numpy()))
    assert len(hidden) == made.primary + made.secondary
    assert all(sum(cell in hidden for cell in line) != 1 for line in lines())


def test_the_order_of_rows_and_zeros_left_out_change_nothing() -> None:
    made = protect_own_table(EXAMPLE, spec())
    shuffled = EXAMPLE[EXAMPLE["n"] > 0].sample(frac=1, random_state=1)
    again = protect_own_table(shuffled, spec())
    assert made.table is not None
    assert again.table is not None
    by = ["area", "gender"]
    pd.testing.assert_frame_equal(
        made.table.sort_values(by, ignore_index=True),
        again.table.sort_values(by, ignore_index=True),
    )


def test_totals_in_the_table_are_taken_under_their_own_name() -> None:
    named = spec(dimensions={"area": {"hierarchy": AREAS, "total": "London"}, "gender": {}})
    full = sums(EXAMPLE).replace({"area": {"Total": "London"}})
    made = protect_own_table(full, named)
    assert made.table is not None
    assert made.table.query("area == 'London' and gender == 'Total'")["n"].tolist() == [187]
    assert "Total" not in set(made.table["area"])


def test_differences_between_nested_stages_and_counts_are_protected() -> None:
    frame = pd.DataFrame(
        {"stage": ["referred", "started"], "invited": [60, 40], "came": [58, 20]},
    )
    nested = OwnSpec.model_validate(
        {
            "threshold": 5,
            "dimensions": {"stage": {"nested": ["referred", "started"]}},
            "counts": ["invited", "came"],
            "nested_counts": ["invited", "came"],
        }
    )
    made = protect_own_table(frame, nested)
    assert made.table is not None
    first = made.table[made.table["stage"] == "referred"]
    assert first[["invited_marker", "came_marker"]].eq("[c]").any(axis=None)
    apart = protect_own_table(frame, nested.model_copy(update={"nested_counts": []}))
    assert apart.primary == apart.secondary == 0


def test_a_table_of_one_dimension_hides_two_counts_or_none() -> None:
    one = spec(dimensions={"area": None})
    frame = pd.DataFrame({"area": ["A", "B", "C"], "n": [3, 20, 30]})
    made = protect_own_table(frame, one)
    assert made.table is not None
    assert made.table["n"].tolist()[2:] == [30, 53]
    assert made.table["n_marker"].notna().tolist() == [True, True, False, False]
    assert protect_own_table(frame.replace({"n": {3: 0}}), one).primary == 0


def test_a_table_for_which_the_time_is_too_short_is_not_given_back() -> None:
    made = protect_own_table(EXAMPLE, spec(), time_limit=0.0)
    assert not made.proven
    assert made.table is None


def changed(column: str, value: Any) -> pd.DataFrame:
    """The example with one value in its first row."""
    frame = EXAMPLE.astype("object")
    frame.loc[0, column] = value
    return frame


@pytest.mark.parametrize(
    ("frame", "place"),
    [
        (changed("n", -13), "count in n"),
        (changed("n", 13.5), "count in n"),
        (changed("n", CANARY), "count in n"),
        (changed("n", None), "count in n"),
        (changed("n", float("inf")), "count in n"),
        (changed("area", CANARY), "category of area"),
        (changed("area", " "), "categories of area"),
        (changed("area", "Hackney"), "one is there twice"),
        (EXAMPLE.assign(**{CANARY: 1}), "every column"),
        (EXAMPLE.drop(columns="gender"), "columns gender"),
        (EXAMPLE.iloc[:0], "rows that are no total"),
        (sums(EXAMPLE).replace({"n": {187: 188}}), "Correct n: a total over area and gender"),
        (pd.concat([EXAMPLE, EXAMPLE.head(1).assign(area="Inner", n=13)]), "a total over area"),
    ],
)
def test_a_wrong_table_is_refused_in_one_sentence_without_a_value(
    frame: pd.DataFrame, place: str
) -> None:
    with pytest.raises(TableError) as refused:
        protect_own_table(frame, spec())
    said = str(refused.value)
    assert place in said
    assert CANARY not in said
    assert not any(digit in said for digit in "0123456789")
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("threshold: 5\nthreshold: 6\n", "line 1"),
        ("threshold: [5", "line"),
        ("threshold: 1\ndimensions: {a: }\ncounts: [n]\n", "threshold"),
        ("threshold: 5\ndimensions: {a: }\ncounts: []\n", "counts"),
        ("threshold: 5\ndimensions: {a: {nestd: [x]}}\ncounts: [n]\n", "dimensions.a.nestd"),
        ("threshold: 5\ndimensions: {n: }\ncounts: [n]\n", "whole file"),
        (
            "threshold: 5\ndimensions: {a: {nested: [x], hierarchy: {G: [x]}}}\ncounts: [n]\n",
            "dimensions.a: a dimension has a hierarchy or a nested order, not both",
        ),
        ("threshold: 5\ndimensions: {a: {hierarchy: {G: [x, x]}}}\ncounts: [n]\n", "dimensions.a"),
        ("threshold: 5\ndimensions: {a: {nested: [Total]}}\ncounts: [n]\n", "dimensions.a"),
        ("threshold: 5\ndimensions: {a: {hierarchy: {G: []}}}\ncounts: [n]\n", "dimensions.a"),
        (
            "threshold: 5\ndimensions: {a: {nested: [x]}, b: {nested: [y]}}\ncounts: [n]\n",
            "only one dimension can be nested",
        ),
        (
            "threshold: 5\ndimensions: {a: }\ncounts: [n]\nmethod: rounding\n",
            "give rounding_base with method: rounding, and not otherwise",
        ),
        (
            "threshold: 5\ndimensions: {a: }\ncounts: [n]\nrounding_base: 5\n",
            "give rounding_base with method: rounding, and not otherwise",
        ),
        ("- a list\n", "whole file"),
        ("", "whole file"),
    ],
)
def test_a_wrong_spec_is_refused_with_its_file_and_place(
    text: str, place: str, tmp_path: Path
) -> None:
    file = tmp_path / "spec.yaml"
    file.write_text(text)
    with pytest.raises(OwnSpecError) as refused:
        load_own_spec(file)
    assert str(refused.value).startswith("spec.yaml, ")
    assert place in str(refused.value)
