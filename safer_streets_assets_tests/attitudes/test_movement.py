from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.attitudes.change import change_summary
from safer_streets_assets.attitudes.movement import MOVEMENTS, movement_counts
from safer_streets_assets_tests.attitudes.builders import INSTRUMENT, people, scores

SIDE = st.one_of(st.none(), st.integers(0, 10).map(float))
PEOPLE = st.lists(st.tuples(SIDE, SIDE, SIDE), min_size=1, max_size=15)


@settings(deadline=None, max_examples=30)
@given(PEOPLE)
def test_who_rose_fell_and_stayed_are_the_pairs_of_the_table_of_change(rows) -> None:
    waves = {wave: [row[wave - 1] for row in rows] for wave in (1, 2, 3)}
    source, cohort = scores("W4", waves), people(len(rows))
    table = change_summary(source, cohort, INSTRUMENT).table
    pairs = table[table["scale"].eq("W4")].set_index("comparison")["n_paired"]
    found = movement_counts(source, cohort, INSTRUMENT)
    for comparison, own in found[found["scale"].eq("W4")].groupby("comparison"):
        n = own.set_index("movement")["n"]
        assert n[list(MOVEMENTS)].sum() == n["Total"] == pairs[comparison]
    both = [(row[0], row[2]) for row in rows if row[0] is not None and row[2] is not None]
    signs = np.sign([b - a for a, b in both])
    n = found[found["scale"].eq("W4") & found["comparison"].eq("start-end")].set_index("movement")
    assert n["n"][list(MOVEMENTS)].tolist() == [int((signs == s).sum()) for s in (1, -1, 0)]


def test_a_difference_of_rounding_noise_has_stayed() -> None:
    found = movement_counts(scores("W1", {1: [0.1 + 0.2], 3: [0.3]}), people(1), INSTRUMENT)
    own = found[found["scale"].eq("W1") & found["comparison"].eq("start-end")]
    assert own.set_index("movement")["n"]["stayed"] == 1
