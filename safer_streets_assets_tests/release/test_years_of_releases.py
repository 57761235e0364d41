"""A release always comes, and every count it prints is true on its day: over invented years."""

from __future__ import annotations

import os
import random

import pytest

from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets_tests.generated_years import generated_year
from safer_streets_assets_tests.releases_in_a_row import Made, publish_in_a_row

POLICY: Policy = load_policy()
EVERY_YEAR = os.environ.get("SAFER_STREETS_EVERY_YEAR") == "1"
YEARS = range(10) if EVERY_YEAR else [2]
MONTHLY = 12 if EVERY_YEAR else 3


def year_of(seed: int) -> dict[str, int]:
    """300 to 1,500 people, some put right and some files late; gates open in the larger ones."""
    rng = random.Random(seed)
    people = rng.randint(300, 1500)
    return {
        "people": people,
        "seed": 100 + seed,
        "corrections": rng.randint(0, 6),
        "late_files": rng.randint(0, 4),
    }


def check(made: Made) -> None:
    assert made.furthest_from_the_truth() == 0
    assert not made.protected.core.undecided


@pytest.mark.parametrize("seed", YEARS)
def test_every_quarter_is_published_and_true(seed: int) -> None:
    months = generated_year(months=12, **year_of(seed), after=range(2, 12, 3), policy=POLICY)
    for made in publish_in_a_row(POLICY, months):
        check(made)


@pytest.mark.parametrize("seed", YEARS)
def test_every_month_is_published_and_true(seed: int) -> None:
    months = generated_year(months=12, **year_of(seed), after=range(MONTHLY), policy=POLICY)
    for made in publish_in_a_row(POLICY, months):
        check(made)
