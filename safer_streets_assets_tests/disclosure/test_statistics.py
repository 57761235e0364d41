"""Which statistics are printed: every rule from both sides, and an attacker who only calculates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, combinations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.attitudes.attrition import attrition_table
from safer_streets_assets.attitudes.grouping import Grouping
from safer_streets_assets.attitudes.tables import instrument_of
from safer_streets_assets.disclosure.core_tables import count_tables
from safer_streets_assets.disclosure.reasons import REASON_COLUMNS, reasons_of
from safer_streets_assets.disclosure.statistics import add_percentages, mark_statistics
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import shipped_policy

POLICY = shipped_policy()
HIDDEN, NONE, NOT_ASKED = "[c]", "[x]", "[z]"
GATE, LEAST = 100, POLICY.dpia.thresholds.minimum_base_mean
GENDERS = ("Male", "Female", "Other or not known")


def change(n_paired: Sequence[int], **values: Sequence[Any]) -> pd.DataFrame:
    """OFF, start to end: the total of the genders, then each of them."""
    counts = [sum(n_paired), *n_paired]
    names = ["Total", *("gender" for _ in n_paired)]
    spec = POLICY.tables.tables["attitude_change"]
    columns: dict[str, Any] = dict.fromkeys(spec.statistics, 1.23456) | values
    columns |= {name: columns.get(name, "x") for name, s in spec.statistics.items()}
    for name, details in spec.statistics.items():
        if details.kind == "text":
            columns[name] = "holm"
    return pd.DataFrame(
        {
            "scale": "OFF",
            "comparison": "start-end",
            "group_name": names,
            "group_value": ["Total", *GENDERS[: len(n_paired)]],
            "n_start": pd.array([n + 20 for n in counts], dtype="Int64"),
            "n_paired": pd.array(counts, dtype="Int64"),
            **columns,
        }
    )


def attrition(counts: Mapping[str, tuple[int, int]]) -> pd.DataFrame:
    """The attrition table of so many with and without an end score of each gender."""
    people, scores = [], []
    for gender, (with_end, without_end) in counts.items():
        for k in range(with_end + without_end):
            person = f"p{len(people)}"
            people.append((person, gender))
            waves = (1, 3) if k < with_end else (1,)
            scores += [
                (person, wave, scale, 1.0 + len(people) % 4)
                for wave in waves
                for scale in POLICY.labels_of("primary_scales")
            ]
    said = pd.DataFrame(scores, columns=["person_id", "wave", "scale", "score"])
    return attrition_table(
        said.astype({"wave": "Int64", "score": "Float64"}),
        pd.DataFrame(people, columns=["person_id", "gender"]),
        instrument_of(POLICY),
        [Grouping("gender", "gender", GENDERS)],
    ).table


def mark(
    name: str,
    frame: pd.DataFrame,
    hidden: Sequence[tuple[int, str]] = (),
    *,
    policy: Policy = POLICY,
    told: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The statistics as printed when those counts (row, column) are hidden."""
    frame = add_percentages(frame, policy, name)
    printed = pd.DataFrame(True, index=frame.index, columns=list(policy.tables.tables[name].counts))
    for row, count in hidden:
        printed.loc[row, count] = False
    parts = count_tables(policy, {name: frame})[name]
    reasons = reasons_of(name, frame, list(policy.tables.columns(name)), told)
    return mark_statistics(frame, printed, policy, name, parts, reasons)


def only_mean_change(needed: int) -> Policy:
    """The policy with gates that need so many, and no statistic of change but its mean."""
    gates = [gate.model_copy(update={"needed": needed}) for gate in POLICY.dpia.gates]
    dpia = POLICY.dpia.model_copy(update={"gates": gates})
    spec = POLICY.tables.tables["attitude_change"]
    mean = {"mean_change": spec.statistics["mean_change"]}
    change_only = {"attitude_change": spec.model_copy(update={"statistics": mean})}
    tables = POLICY.tables.model_copy(update={"tables": POLICY.tables.tables | change_only})
    return replace(POLICY, dpia=dpia, tables=tables)


@pytest.mark.parametrize("statistic", POLICY.tables.tables["attitude_change"].statistics)
@pytest.mark.parametrize(("pairs", "marker"), [(GATE, None), (GATE - 1, HIDDEN), (LEAST, HIDDEN)])
def test_no_change_statistic_stands_on_fewer_than_the_gate_needs(
    statistic: str, pairs: int, marker: str | None
) -> None:
    found = mark("attitude_change", change([pairs])).loc[0]
    assert (None if pd.isna(found[f"{statistic}_marker"]) else HIDDEN) == marker
    assert pd.isna(found[statistic]) == (marker is not None)


@pytest.mark.parametrize(("others", "shown"), [((5, 4), False), ((5, 5), True), ((10, 0), False)])
def test_a_group_is_printed_only_when_the_rest_of_the_total_is_large_and_no_single_group(
    others: tuple[int, int], shown: bool
) -> None:
    marked = mark("attitude_change", change([200, *others]))
    assert marked["mean_change"].notna().tolist() == [True, shown, False, False]


def test_a_statistic_of_two_counts_needs_both() -> None:
    frame = attrition({"Male": (50, 40), "Female": (20, 15)})
    row = 0  # OFF at start, Total
    names = ["smd", "statistic", "df", "p", "statistic_name"]
    assert mark("attitude_attrition", frame).loc[row, names].notna().all()
    for count in ("n_with_end", "n_without_end"):
        marked = mark("attitude_attrition", frame, [(row, count)])
        assert marked.loc[row, names].isna().all()
        assert set(marked.loc[row, [f"{name}_marker" for name in names]]) == {HIDDEN}
    for few in ((LEAST - 1, 40), (40, LEAST - 1)):
        marked = mark("attitude_attrition", attrition({"Male": few}))
        assert marked.loc[row, names].isna().all()
    enough = mark("attitude_attrition", attrition({"Male": (LEAST, LEAST)}))
    assert enough.loc[row, names].notna().all()


def rows_of(frame: pd.DataFrame) -> dict[str, int]:
    """Category to the row of the gender's facet."""
    own = frame[frame["characteristic"] == "gender"]
    return {category: int(row) for row, category in own["category"].items()}


def test_chi_square_is_printed_only_when_every_count_of_its_categories_is() -> None:
    frame = attrition({"Male": (50, 40), "Female": (20, 15)})
    rows = rows_of(frame)
    names = ["statistic", "df", "p", "statistic_name"]
    assert mark("attitude_attrition", frame).loc[rows["Total"], names].notna().all()
    for category in rows:
        for count in ("n_with_end", "n_without_end"):
            marked = mark("attitude_attrition", frame, [(rows[category], count)])
            assert marked.loc[rows["Total"], names].isna().all()
            assert marked.loc[0, names].notna().all()


def test_a_difference_of_shares_is_printed_only_beside_its_total() -> None:
    frame = attrition({"Male": (50, 40), "Female": (20, 15)})
    rows = rows_of(frame)
    assert mark("attitude_attrition", frame).loc[rows["Male"], "smd"] is not pd.NA
    hidden = mark("attitude_attrition", frame, [(rows["Total"], "n_with_end")])
    assert hidden.loc[[rows["Male"], rows["Female"]], "smd"].isna().all()


def test_a_percentage_of_all_is_printed_only_beside_that_total() -> None:
    frame = pd.DataFrame(
        {"question": "X1", "answer": ["1", "2", "Total"], "n": pd.array([20, 41, 61], "Int64")}
    )
    assert mark("experience", frame)["percent"].tolist() == [33, 67, 100]
    assert mark("experience", frame, [(2, "n")])["percent"].isna().all()
    one_hidden = mark("experience", frame, [(0, "n")])
    assert one_hidden["percent"].isna().tolist() == [True, False, False]


def test_ranks_and_degrees_of_freedom_stand_whole_and_p_ends_at_its_floor() -> None:
    n = 12346
    values = {"df": [n - 1.0] * 2, "wilcoxon_w": [12345.5] * 2, "p": [1e-20] * 2}
    values |= {"wilcoxon_p": [0.00012345] * 2, "t": [12.34567] * 2, "mean_change": [0.125001] * 2}
    found = mark("attitude_change", change([n], **values)).loc[0]
    assert (found["df"], found["wilcoxon_w"], found["p"]) == (n - 1, 12345.5, 0.0001)
    assert (found["wilcoxon_p"], found["t"], found["mean_change"]) == (0.0001234, 12.35, 0.13)
    spec = POLICY.tables.tables["attitude_change"].statistics
    assert all("0.0001 stands for anything lower" in s.title for s in spec.values() if s.floor)


def told(statistic: str, *, by_design: bool) -> pd.DataFrame:
    """A reason for a cell of the row of the Male."""
    row = {"table_name": "attitude_change", "statistic": statistic, "reason": "why"}
    row |= {"scale": "OFF", "comparison": "start-end", "group_name": "gender"}
    row |= {"group_value": "Male", "by_design": by_design}
    assert set(REASON_COLUMNS) <= set(row)
    return pd.DataFrame([row])


@pytest.mark.parametrize(
    ("pairs", "known", "by_design", "marker"),
    [
        (GATE, False, False, NONE),
        (GATE, True, False, NOT_ASKED),
        (GATE, True, True, NOT_ASKED),
        (GATE - 1, False, False, HIDDEN),
        (GATE - 1, True, False, HIDDEN),
        (GATE - 1, True, True, NOT_ASKED),
    ],
)
def test_a_missing_figure_is_not_applicable_where_the_reason_tells_of_nobody(
    pairs: int, known: bool, by_design: bool, marker: str
) -> None:
    frame = change([pairs, 0], r=[0.5, np.nan, np.nan])
    reasons = told("r" if known else "t", by_design=by_design)
    found = mark("attitude_change", frame, told=reasons).loc[1]
    assert found["r_marker"] == marker
    assert pd.isna(found["r"])


GROUPS = st.lists(st.integers(0, 40), min_size=2, max_size=3).filter(lambda n: sum(n) > 0)


@settings(deadline=None, max_examples=60)
@given(n_paired=GROUPS, hidden=st.sets(st.integers(1, 3), max_size=2), needed=st.integers(10, 30))
def test_no_mean_of_too_few_follows_from_those_printed(
    n_paired: list[int], hidden: set[int], needed: int
) -> None:
    """Means with their counts are sums over groups; whatever is in their span is derived."""
    cells = [(row, "n_paired") for row in hidden if row <= len(n_paired)]
    frame = change(n_paired)
    marked = mark("attitude_change", frame, cells, policy=only_mean_change(needed))
    groups = np.eye(len(n_paired))
    sums = [np.ones(len(n_paired)), *groups]
    printed = [sums[row] for row in marked.index[marked["mean_change"].notna()]]
    for row in marked.index[marked["mean_change"].notna()]:
        assert frame.loc[row, "n_paired"] >= max(needed, LEAST)
    everybody = range(len(n_paired))
    for some in chain.from_iterable(combinations(everybody, k) for k in everybody):
        base = sum(n_paired[g] for g in some)
        if not base:
            continue
        wanted = groups[list(some)].sum(axis=0)
        # An attacker knows the groups that are empty: their sum is nought.
        known = [*printed, *(groups[g] for g in everybody if not n_paired[g])]
        rank = np.linalg.matrix_rank(np.array(known)) if known else 0
        if known and np.linalg.matrix_rank(np.array([*known, wanted])) == rank:
            assert base >= LEAST, some


SMALL = st.tuples(st.integers(0, 7), st.integers(0, 7))
PEOPLE = range(0, 15)


def low_thresholds() -> Policy:
    """Means from one person on, so that only the rules about counts keep anything back."""
    thresholds = POLICY.dpia.thresholds.model_copy(update={"minimum_base_mean": 1})
    dpia = POLICY.dpia.model_copy(update={"thresholds": thresholds})
    return replace(POLICY, dpia=dpia)


def printed_facts(frame: pd.DataFrame, marked: pd.DataFrame) -> list[tuple[str, str, Any]]:
    """What is printed of the gender's facet beside its counts."""
    names = ("smd", "statistic", "df", "p")
    return [
        (category, name, marked.loc[row, name])
        for category, row in rows_of(frame).items()
        for name in names
        if not pd.isna(marked.loc[row, name])
    ]


@settings(deadline=None, max_examples=12)
@given(counts=st.lists(SMALL, min_size=2, max_size=2), keep=st.integers(0, 3))
def test_no_statistic_gives_a_hidden_count_away(counts: list[tuple[int, int]], keep: int) -> None:
    """Of all tables with the printed counts, the statistics leave as many as there were.

    The facet's counts with an end score are hidden but for one row, those without are printed.
    """
    policy = low_thresholds()
    genders = dict(zip(GENDERS, counts, strict=False))
    if not any(sum(pair) for pair in counts):
        return
    frame = attrition(genders)
    rows = rows_of(frame)
    names = list(rows)
    hidden = [(rows[n], "n_with_end") for k, n in enumerate(names) if k != keep]
    facts = printed_facts(frame, mark("attitude_attrition", frame, hidden, policy=policy))
    without = [pair[1] for pair in counts]
    own = frame.set_index("category").loc[frame["characteristic"].eq("gender").to_numpy()]
    possible = []
    for guess in product(range(0, 9), repeat=2):
        found = {**dict(zip(GENDERS, guess, strict=False)), "Other or not known": 0}
        found["Total"] = sum(guess)
        if found[names[keep]] == own.loc[names[keep], "n_with_end"]:
            possible.append(guess)
    consistent = [
        guess
        for guess in possible
        if all(
            np.isclose(_statistic(guess, without, category, name), float(value), rtol=1e-3)
            for category, name, value in facts
        )
    ]
    assert consistent == possible


def _statistic(with_end: Sequence[int], without: Sequence[int], category: str, name: str) -> float:
    """The statistic of a row if those were the counts; not a number where there is none."""
    pairs = dict(zip(GENDERS, zip(with_end, without, strict=True), strict=False))
    if not any(sum(pair) for pair in pairs.values()):
        return float("nan")
    table = attrition(pairs)
    value = table.loc[rows_of(table)[category], name]
    return float("nan") if pd.isna(value) else float(value)
