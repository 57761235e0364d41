"""Quantiles of the Kaplan-Meier estimate: how long it takes where not all have come to it yet."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

_ROUNDING = 1e-12


def quantiles(curve: pd.DataFrame, shares: Sequence[float]) -> list[float | None]:
    """For each share the first time by which so many have had the event, by the product limit.

    `curve` as `reoffending.survival.kaplan_meier` gives it. The quantile of a share q is the least
    time at which survival is at most 1 - q (Kalbfleisch and Prentice 2002, section 1.4); None where
    the curve does not come down to that.
    """
    found: list[float | None] = []
    for share in shares:
        # A product of fractions may lie beside the share by a rounding.
        reached = curve["time"][curve["survival"] <= 1.0 - share + _ROUNDING]
        found.append(None if reached.empty else float(reached.iloc[0]))
    return found
