"""Checks witness tables by plain addition of whole numbers: no solver, so anybody can repeat it."""

from __future__ import annotations

import numpy as np

from safer_streets_assets.disclosure.core.system.system import System
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray, IntArray


def agrees(system: System, counts: IntArray) -> bool:
    """Whether a whole table (one count a cell of the system) agrees with everything printed: each
    printed count, each equation, each hidden cell's least and greatest value, each difference that
    cannot be negative, each fact."""
    if counts.shape != system.value.shape or not np.issubdtype(counts.dtype, np.integer):
        return False
    printed = ~np.isnan(system.value)
    if (counts[printed] != system.value[printed].astype(np.int64)).any():
        return False
    open_counts = counts[~printed]
    if (open_counts < system.lowest[~printed]).any():
        return False
    if (open_counts > system.highest[~printed]).any():
        return False
    said = system.facts @ counts
    if (said < system.fact_low).any() or (said > system.fact_high).any():
        return False
    if (system.equations @ counts).any():
        return False
    return not bool((system.implied @ counts)[system.never_negative].min(initial=0) < 0)


def out_of_reach(one: IntArray, other: IntArray, threshold: IntArray) -> BoolArray:
    """For each count whether the two values that it takes in whole tables show that nobody can tell
    it is 1..threshold-1: they have two signs, one is zero, or at least the threshold."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    far = (high >= threshold) | (low <= -threshold)
    return np.asarray(far | ((low <= 0) & (high >= 0)), dtype=bool)


def hidden_is_safe(
    one: IntArray, other: IntArray, threshold: IntArray, in_whole_row: BoolArray
) -> BoolArray:
    """For each hidden cell whether the two values that it takes in whole tables show that it is
    neither derivable nor known to be below the threshold; in a row that is hidden whole it may also
    be 0."""
    wide = np.maximum(one, other) >= threshold
    wide |= in_whole_row & (np.minimum(one, other) == 0)
    return np.asarray((one != other) & wide, dtype=bool)
