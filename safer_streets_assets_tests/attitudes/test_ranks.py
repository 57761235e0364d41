from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from safer_streets_assets.attitudes.ranks import (
    EXACT,
    EXACT_WITH_TIES,
    NORMAL,
    midranks,
    signed_ranks,
    tie_loss,
)

# Distinct sizes, none of them 0.
UNTIED = st.lists(st.integers(1, 60), min_size=1, max_size=9, unique=True)
CHANGES = st.lists(st.integers(-4, 4), min_size=1, max_size=10)
MANY = st.lists(st.integers(-4, 4).filter(bool), min_size=51, max_size=90)


def signed(sizes: list[int], signs: list[bool]) -> np.ndarray:
    return np.array([s if up else -s for s, up in zip(sizes, signs, strict=False)], dtype=float)


@settings(deadline=None, max_examples=30)
@given(UNTIED, st.lists(st.booleans(), min_size=9, max_size=9))
def test_the_exact_p_is_that_of_all_sign_patterns(sizes: list[int], signs: list[bool]) -> None:
    found = signed_ranks(signed(sizes, signs))
    assert found is not None
    assert found.method == EXACT
    ranks = stats.rankdata(sizes)
    sums = [ranks[np.array(p, dtype=bool)].sum() for p in product([0, 1], repeat=len(sizes))]
    assert found.p == pytest.approx(min(1.0, 2 * np.mean(np.array(sums) <= found.w)))


@settings(deadline=None, max_examples=40)
@given(CHANGES)
def test_with_ties_the_p_is_that_of_all_sign_patterns_over_the_midranks(changes: list[int]) -> None:
    values = np.array(changes, dtype=float)
    found = signed_ranks(values)
    nonzero = values[values != 0]
    if found is None:
        assert nonzero.size == 0
        return
    tied = len(set(np.abs(nonzero))) < nonzero.size
    assert found.method == (EXACT_WITH_TIES if tied else EXACT)
    ranks = stats.rankdata(np.abs(nonzero))
    signs = np.array(list(product([0, 1], repeat=nonzero.size)), dtype=bool)
    sums = np.where(signs, ranks, 0).sum(axis=1)
    middle = ranks.sum() / 2
    expected = np.mean(np.abs(sums - middle) >= abs(found.w_plus - middle) - 1e-9)
    assert found.p == pytest.approx(expected)


def test_with_ties_the_p_is_that_of_scipy_s_permutation_of_all_signs() -> None:
    values = np.array([1, 1, -1, 2, 2, 3, -3, 3, 4, 0, 1.0])
    found = signed_ranks(values)
    assert found is not None
    expected = stats.wilcoxon(values, method=stats.PermutationMethod(n_resamples=np.inf))
    assert found.method == EXACT_WITH_TIES
    assert found.p == pytest.approx(expected.pvalue, abs=1e-12)


@settings(deadline=None, max_examples=30)
@given(MANY)
def test_beyond_fifty_changes_the_p_is_the_normal_one_of_scipy(changes: list[int]) -> None:
    values = np.array(changes, dtype=float)
    found = signed_ranks(values)
    assert found is not None
    assert found.method == NORMAL
    expected = stats.wilcoxon(values, zero_method="wilcox", method="asymptotic", correction=False)
    assert found.w == expected.statistic
    assert found.p == pytest.approx(expected.pvalue)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 8), min_size=1, max_size=30))
def test_midranks_are_those_of_scipy(values: list[int]) -> None:
    ranks, ties = midranks(np.array(values, dtype=float))
    assert ranks.tolist() == stats.rankdata(values).tolist()
    assert ties.sum() == len(values)


def test_the_exact_p_of_fifty_changes_is_that_of_scipy_and_beyond_them_the_normal_one() -> None:
    values = np.arange(1.0, 51) * np.where(np.arange(50) % 3 == 0, -1, 1)
    found = signed_ranks(values)
    assert found is not None
    assert found.method == EXACT
    assert found.p == pytest.approx(stats.wilcoxon(values, method="exact").pvalue)
    more = signed_ranks(np.append(values, 51.0))
    assert more is not None
    assert more.method == NORMAL


def test_zeros_are_dropped() -> None:
    with_zeros = signed_ranks(np.array([0, 0, 1, -2, 3, 4.5]))
    assert with_zeros == signed_ranks(np.array([1, -2, 3, 4.5]))
    assert with_zeros is not None
    assert with_zeros.n_nonzero == 4


def test_the_rank_biserial_is_positive_when_rises_outweigh_falls() -> None:
    found = signed_ranks(np.array([1, -2, 3, 4.5]))
    assert found is not None
    assert (found.w_plus, found.w_minus, found.w) == (8, 2, 2)
    assert found.rank_biserial == pytest.approx(0.6)


def test_no_change_at_all_has_no_test() -> None:
    assert signed_ranks(np.zeros(5)) is None
    assert signed_ranks(np.array([])) is None
    assert signed_ranks([None, float("nan"), 0.0]) is None


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(0, 3_000_000), min_size=1, max_size=4))
def test_the_tie_correction_is_that_of_exact_whole_numbers(sizes: list[int]) -> None:
    exact = sum(size**3 - size for size in sizes)
    assert tie_loss(np.array(sizes, dtype=np.int64)) == pytest.approx(exact, rel=1e-12)


def test_millions_of_equal_changes_have_the_p_of_a_sign_test() -> None:
    """All ranks are equal, so that z = (rises - falls) / sqrt(n)."""
    changes = np.repeat([1.0, -1.0], [501_500 * 6, 498_500 * 6])
    found = signed_ranks(changes)
    assert found is not None
    assert found.p == pytest.approx(2 * stats.norm.sf(18_000 / np.sqrt(6_000_000)), rel=1e-5)
