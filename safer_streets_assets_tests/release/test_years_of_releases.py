"""A release always comes, and every count it prints is true on its day: over invented years."""

from __future__ import annotations

import os
import random

import pytest

from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets_tests.generated_years import Month, generated_year
from safer_streets_assets_tests.releases_in_a_row import Made, publish_in_a_row

POLICY: Policy = load_policy()
EVERY_YEAR = os.environ.get("SAFER_STREETS_EVERY_YEAR") == "1"
YEARS = range(10) if EVERY_YEAR else [2]
QUARTERLY = range(2, 12, 3)
MONTHLY = range(12 if EVERY_YEAR else 2)


@pytest.fixture(scope="module", params=YEARS)
def year(request: pytest.FixtureRequest) -> dict[int, Month]:
    """The aggregates after some months of a year, by month from 0: 300 to 1,500 people, some put
    right and some files late; gates open in the larger ones."""
    rng = random.Random(request.param)
    after = sorted({*QUARTERLY, *MONTHLY})
    months = generated_year(
        rng.randint(300, 1500),
        seed=100 + request.param,
        corrections=rng.randint(0, 6),
        late_files=rng.randint(0, 4),
        after=after,
        policy=POLICY,
    )
    return dict(zip(after, months, strict=True))


def check(made: Made) -> None:
    assert made.furthest_from_the_truth() == 0
    assert not made.protected.core.undecided
    assert "funnel" not in made.protected.core.withheld


@pytest.mark.thorough
def test_every_quarter_is_published_and_true(year: dict[int, Month]) -> None:
    for made in publish_in_a_row(POLICY, [year[month] for month in QUARTERLY]):
        check(made)


@pytest.mark.thorough
def test_every_month_is_published_and_true(year: dict[int, Month]) -> None:
    for made in publish_in_a_row(POLICY, [year[month] for month in MONTHLY]):
        check(made)
