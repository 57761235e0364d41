"""Quantiles of the product limit against published ones."""

from __future__ import annotations

import pytest

from safer_streets_assets.monitoring.product_limit import quantiles
from safer_streets_assets.reoffending.survival import kaplan_meier

# Weeks of remission of 21 patients on 6-MP, + for censored, and of 21 on a placebo (Freireich and
# others 1963; Kalbfleisch and Prentice 2002, example 1.1). The medians are in every textbook.
TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def of(times: str, *shares: float) -> list[float | None]:
    """The quantiles of times as they are written in the literature."""
    listed = times.split()
    curve = kaplan_meier([float(t.strip("+")) for t in listed], ["+" not in t for t in listed])
    return quantiles(curve, shares)


def test_medians_of_the_remission_times_are_as_published() -> None:
    assert of(TREATED, 0.5) == [23.0]
    assert of(PLACEBO, 0.5) == [8.0]


def test_a_quantile_that_the_estimate_does_not_come_to_is_missing() -> None:
    # 6-MP: survival is 0.753 after 10 weeks, 0.690 after 13, and stays at 0.448 after 23.
    assert of(TREATED, 0.25, 0.75) == [13.0, None]
    assert quantiles(kaplan_meier([], []), [0.5]) == [None]


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_a_quantile_on_a_step_of_the_curve_is_the_time_of_the_step(share: float) -> None:
    # Ten events of ten: products of fractions lie beside 0.75, 0.5 and 0.25 by a rounding.
    times = " ".join(str(n) for n in range(1, 21))
    assert of(times, share) == [share * 20]
