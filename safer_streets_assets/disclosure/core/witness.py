"""Checks witness tables by plain addition of whole numbers: no solver, so anybody can repeat it."""

from __future__ import annotations

import numpy as np

from safer_streets_assets.disclosure.core.system import IntArray, System


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


def out_of_reach(values: IntArray, threshold: int) -> bool:
    """Whether the values that a count takes in witness tables show that nobody can tell it is
    1..threshold-1: they hold two signs, a zero, or a value of at least the threshold."""
    low, high = int(values.min()), int(values.max())
    return high >= threshold or low <= -threshold or low <= 0 <= high


def cell_is_safe(values: IntArray, threshold: int) -> bool:
    """Whether the values of a hidden cell in witness tables show that it is neither derivable nor
    known to be below the threshold."""
    return len(np.unique(values)) > 1 and int(values.max()) >= threshold


def cell_of_row_is_safe(values: IntArray, threshold: int) -> bool:
    """The same for a cell of a row that is hidden whole, which may also be 0."""
    return len(np.unique(values)) > 1 and (int(values.max()) >= threshold or int(values.min()) == 0)
