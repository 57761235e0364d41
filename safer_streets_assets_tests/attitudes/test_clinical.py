from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.attitudes.clinical import CLASSES, clinical_change, cut_offs
from safer_streets_assets.attitudes.errors import AttitudesError
from safer_streets_assets.attitudes.instrument import Instrument, Norm
from safer_streets_assets.attitudes.reliable import reliable_change
from safer_streets_assets_tests.attitudes.builders import INSTRUMENT, people, primary_scores, scores

# Jacobson and Truax (1991), table 2: Dyadic Adjustment Scale of thirty couples before and after
# behavioural marital therapy; a higher score is better.
COUPLES_BEFORE = [90.5, 74, 97, 73.5, 61, 66.5, 68.5, 86.5, 88.5, 68.5, 98, 80.5, 89.5, 91.5, 83.5]
COUPLES_BEFORE += [60.5, 83, 88, 98.5, 78.5, 99.5, 79.5, 84.5, 92.5, 93, 85, 64, 61, 80, 82.5]
COUPLES_AFTER = [97, 124, 97.5, 88, 96.5, 62.5, 112.5, 103.5, 90, 82.5, 105, 99.5, 112.5, 101]
COUPLES_AFTER += [99.5, 79.5, 88, 100.5, 119, 116, 116, 129, 113, 118, 92, 114, 68, 52, 60.5, 104.5]
# Spanier (1976): 218 married people, mean 114.8, SD 17.8.
MARRIED = Norm(114.8, 17.8, "Spanier (1976)")
OFF = replace(INSTRUMENT, scales=(INSTRUMENT.scale("OFF"),))
NORM = {"OFF": Norm(4.0, 0.5, "invented")}


def upside_down(instrument: Instrument) -> Instrument:
    scale = replace(instrument.scales[0], direction="lower_better")
    return replace(instrument, scales=(scale,))


def counts_of(found: pd.DataFrame) -> list[object]:
    return found["n"].tolist()


def test_the_cut_offs_of_the_worked_example_of_jacobson_and_truax() -> None:
    """Dysfunctional mean 40, functional mean 60, both SDs 7.5: a = 55, b = 45, c = 50."""
    cuts = cut_offs(40, 7.5, Norm(60, 7.5, "example"), "higher_better")
    assert (cuts.a, cuts.b, cuts.c) == pytest.approx((55, 45, 50))
    assert cuts.advised == "c"


def test_the_client_of_the_worked_example_is_improved_and_not_recovered() -> None:
    """32.5 to 47.5 is reliable (RC 3.16) but short of c = 50; the other clients lie evenly about
    the mean 40 with SD 7.5, and their end score does not matter.
    """
    spread = 7.5 * np.sqrt((6 - 1 - 2) / 2)
    start = [32.5, 47.5, 40 - spread, 40 + spread, 40, 40]
    assert (np.mean(start), np.std(start, ddof=1)) == pytest.approx((40, 7.5), abs=1e-9)
    source = primary_scores({1: start, 3: [47.5]})
    norm = {"OFF": Norm(60, 7.5, "example")}
    found = clinical_change(source, people(6), OFF, {"OFF": 0.80}, norm)
    assert found.people["index"].tolist() == pytest.approx([3.16], abs=5e-3)
    assert found.people["class"].tolist() == ["improved"]
    beyond_c = clinical_change(
        primary_scores({1: start, 3: [50.1]}), people(6), OFF, {"OFF": 0.80}, norm
    )
    assert beyond_c.people["class"].tolist() == ["recovered"]
    by_b = clinical_change(source, people(6), OFF, {"OFF": 0.80}, norm, criterion="b")
    assert by_b.people["class"].tolist() == ["recovered"]
    assert by_b.parameters.iloc[0]["criterion"] == "b"


def test_the_thirty_couples_are_classified_as_the_formulae_of_the_paper_do_by_hand() -> None:
    """Criterion c from Spanier's norm and the couples' own start; reliability .88."""
    source = primary_scores({1: COUPLES_BEFORE, 3: COUPLES_AFTER})
    found = clinical_change(source, people(30), OFF, {"OFF": 0.88}, {"OFF": MARRIED})
    row = found.parameters.iloc[0]
    before, after = np.array(COUPLES_BEFORE), np.array(COUPLES_AFTER)
    mean, sd = before.mean(), before.std(ddof=1)
    assert (row["mean_start"], row["sd_start"]) == pytest.approx((mean, sd))
    assert row["c"] == pytest.approx((17.8 * mean + sd * 114.8) / (17.8 + sd))
    assert (row["criterion"], row["norm_source"]) == ("c", "Spanier (1976)")
    index = (after - before) / (sd * np.sqrt(2 * 0.12))
    crossed = (before <= row["c"]) & (after > row["c"])
    assert counts_of(found.counts) == [
        ((index > 1.96) & crossed).sum(),
        ((index > 1.96) & ~crossed).sum(),
        (np.abs(index) <= 1.96).sum(),
        (index < -1.96).sum(),
    ]
    assert counts_of(found.counts) == [14, 5, 10, 1]


def test_ranges_that_do_not_overlap_advise_b() -> None:
    cuts = cut_offs(2, 0.2, Norm(4, 0.3, "x"), "higher_better")
    assert (cuts.a, cuts.b) == pytest.approx((2.4, 3.4))
    assert (cuts.overlap, cuts.advised, cuts.at("b")) == (False, "b", cuts.b)


def test_where_lower_is_better_the_cut_offs_are_mirrored() -> None:
    up = cut_offs(40, 7, Norm(60, 5, "x"), "higher_better")
    down = cut_offs(-40, 7, Norm(-60, 5, "x"), "lower_better")
    assert (down.a, down.b, down.c) == pytest.approx((-up.a, -up.b, -up.c))
    assert down.advised == up.advised


@pytest.mark.parametrize(
    ("mean", "sd", "norm"),
    [
        (3, 0, Norm(4, 1, "x")),
        (3, 1, Norm(4, 0, "x")),
        (3, 1, Norm(3, 1, "x")),
        (3, 1, Norm(2, 1, "x")),
        (float("nan"), 1, Norm(4, 1, "x")),
        (3, 1, Norm(float("inf"), 1, "x")),
    ],
)
def test_cut_offs_need_means_and_spreads_in_the_right_order(mean, sd, norm) -> None:
    with pytest.raises(AttitudesError):
        cut_offs(mean, sd, norm, "higher_better")


def test_recovered_starts_on_the_worse_side_and_ends_beyond_the_cut_off() -> None:
    """Start mean 3, SD 1, norm 4 (0.5): c = (0.5 x 3 + 1 x 4) / 1.5; alpha .98: error 0.2."""
    start = [2, 4, 3, 2, 4]
    source = primary_scores({1: start, 3: [4.0, 4.9, 3.1, 3.0, 3.0]})
    found = clinical_change(source, people(5), OFF, {"OFF": 0.98}, NORM)
    assert found.parameters.iloc[0]["cut_off"] == pytest.approx(5.5 / 1.5)
    assert found.people["class"].tolist() == [
        "recovered",
        "improved",
        "unchanged",
        "improved",
        "deteriorated",
    ]
    assert counts_of(found.counts) == [1, 2, 1, 1]
    assert found.counts["class"].tolist() == list(CLASSES)


PAIRS = st.lists(st.tuples(st.integers(5, 18), st.integers(5, 25)), min_size=3, max_size=20).filter(
    lambda pairs: len({start for start, _ in pairs}) > 1
)


@settings(deadline=None, max_examples=15)
@given(PAIRS)
def test_the_four_classes_divide_the_three_of_reliable_change(pairs) -> None:
    source = primary_scores({1: [p[0] / 5 for p in pairs], 3: [p[1] / 5 for p in pairs]})
    cohort = people(len(pairs))
    reliable = reliable_change(source, cohort, OFF, {"OFF": 0.8}).counts["n"].tolist()
    found = clinical_change(source, cohort, OFF, {"OFF": 0.8}, NORM)
    recovered, improved, unchanged, deteriorated = counts_of(found.counts)
    assert [recovered + improved, unchanged, deteriorated] == reliable
    assert len(found.people) == len(pairs)


@settings(deadline=None, max_examples=15)
@given(PAIRS)
def test_scores_and_norm_turned_round_on_a_lower_is_better_scale_give_the_same_classes(
    pairs,
) -> None:
    waves = {1: [p[0] / 5 for p in pairs], 3: [p[1] / 5 for p in pairs]}
    turned = {wave: [6 - x for x in values] for wave, values in waves.items()}
    cohort = people(len(pairs))
    straight = clinical_change(primary_scores(waves), cohort, OFF, {"OFF": 0.8}, NORM)
    mirrored = clinical_change(
        primary_scores(turned),
        cohort,
        upside_down(OFF),
        {"OFF": 0.8},
        {"OFF": Norm(2.0, 0.5, "invented")},
    )
    assert counts_of(mirrored.counts) == counts_of(straight.counts)


@pytest.mark.parametrize(
    ("start", "alpha", "norms", "reason"),
    [
        ([2, 4], 0.8, {}, "no functional norm"),
        ([], 0.8, NORM, "nobody has a score"),
        ([2], 0.8, NORM, "fewer than two"),
        ([3, 3], 0.8, NORM, "do not vary"),
        ([2, 4], None, NORM, "alpha"),
        ([2, 4], -0.1, NORM, "below zero"),
        ([4, 5], 0.8, NORM, "better side"),
        ([4, 4.0000001], 0.8, {"OFF": Norm(4.0, 0.5, "x")}, "better side"),
    ],
)
def test_without_a_norm_or_an_index_nobody_is_classified_and_the_reason_is_named(
    start, alpha, norms, reason
) -> None:
    found = clinical_change(
        primary_scores({1: start, 3: start}), people(2), OFF, {"OFF": alpha}, norms
    )
    assert counts_of(found.counts) == [pd.NA] * 4
    assert reason in found.parameters.iloc[0]["reason"]
    assert found.parameters.iloc[0]["cut_off"] is pd.NA
    assert found.people.empty


def test_the_norms_are_those_of_the_instrument_unless_given() -> None:
    with_norm = replace(OFF, scales=(replace(OFF.scales[0], norm=NORM["OFF"]),))
    source = primary_scores({1: [2, 3, 4], 3: [4.5, 3, 2]})
    found = clinical_change(source, people(3), with_norm, {"OFF": 0.9})
    given_norm = clinical_change(source, people(3), OFF, {"OFF": 0.9}, NORM)
    pd.testing.assert_frame_equal(found.counts, given_norm.counts)
    assert counts_of(found.counts)[0] == 1


def test_single_items_have_no_row() -> None:
    found = clinical_change(scores("W1", {1: [1, 2], 3: [2, 3]}), people(2), INSTRUMENT, {})
    assert found.parameters["scale"].tolist() == ["OFF", "KNF", "GOAL"]
