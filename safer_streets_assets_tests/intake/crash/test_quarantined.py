"""Killed while it quarantines a drop, intake ends as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from safer_streets_assets_tests.intake.crash.behaviours import (
    check_every_moment,
    check_order_of_writes,
    check_two_kills,
)
from safer_streets_assets_tests.intake.crash.runs import Crashes, crashes
from safer_streets_assets_tests.intake.crash.scenarios import quarantined


@pytest.fixture(scope="module")
def made() -> Iterator[Crashes]:
    with crashes(quarantined) as found:
        yield found


@pytest.mark.thorough
def test_the_run_tries_the_drop_again_seals_it_and_clears_the_copies(made: Crashes) -> None:
    assert made.landed.keys() & made.expected.keys() == set()
    assert made.expected["registers.main.drops"].count(b"'quarantined'") == 1
    assert made.expected["registers.main.sends"].count(b"datetime.datetime(") == 3
    sealed = [name for name in made.expected if name.endswith(".sealed")]
    assert len(sealed) == 1


@pytest.mark.thorough
def test_killed_at_any_moment_and_run_again_it_holds_the_same_byte_for_byte(made: Crashes) -> None:
    check_every_moment(made, 1)


@pytest.mark.thorough
def test_killed_at_two_moments_it_holds_the_same_but_for_the_day(made: Crashes) -> None:
    check_two_kills(made, seed=1)


@pytest.mark.thorough
def test_no_landing_file_leaves_its_place_before_what_it_held_is_synced(made: Crashes) -> None:
    check_order_of_writes(made)
