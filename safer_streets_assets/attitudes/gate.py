"""The stage gate: whether enough is there for a stage to begin, and the sentence why not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from safer_streets_assets.attitudes.instrument import Instrument
from safer_streets_assets.attitudes.pairs import START_END, Comparison, analysis_cube


@dataclass(frozen=True)
class GateStatus:
    """A gate with how many there are, how many are needed, and what to tell the reader."""

    n_now: int
    n_needed: int
    is_open: bool
    sentence: str


def gate_status(n_now: int, n_needed: int, unit: str = "start-end pairs") -> GateStatus:
    """Say whether `n_now` of the `unit` reach the `n_needed` of the policy (at it is open)."""
    is_open = n_now >= n_needed
    sentence = (
        f"Open: there are {n_now} {unit} and {n_needed} are needed."
        if is_open
        else f"Not made: there are {n_now} {unit} and {n_needed} are needed."
    )
    return GateStatus(n_now, n_needed, is_open, sentence)


def pairs_on_primary_scales(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    instrument: Instrument,
    comparison: Comparison = START_END,
) -> int:
    """Count the linked people with both scores of every primary scale: those who are analysed.

    Only counts: no change is computed. `scores` as `score_responses` makes them, `people` one row
    per linked person.
    """
    if not instrument.primary:
        return 0
    cube = analysis_cube(scores, people, instrument, [comparison])
    code = instrument.primary[0].code
    both = [cube.at(code, wave) for wave in (comparison.first, comparison.last)]
    return int((~np.isnan(both)).all(axis=0).sum())
