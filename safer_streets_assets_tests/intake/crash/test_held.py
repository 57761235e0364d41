"""Killed while it holds a drop and takes in a released one, intake ends the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from safer_streets_assets_tests.intake.crash.behaviours import (
    check_every_moment,
    check_order_of_writes,
    check_two_kills,
)
from safer_streets_assets_tests.intake.crash.runs import Crashes, crashes
from safer_streets_assets_tests.intake.crash.scenarios import held


@pytest.fixture(scope="module")
def made() -> Iterator[Crashes]:
    with crashes(held) as found:
        yield found


@pytest.mark.thorough
def test_the_run_holds_one_drop_and_loads_the_released_one(made: Crashes) -> None:
    assert made.landed.keys() & made.expected.keys() == set()
    drops = made.expected["registers.main.drops"]
    assert drops.count(b"'loaded'") == drops.count(b"'held'") == 2
    assert made.expected["registers.main.drift_findings"].count(b"D-DRIFT-VANISHED") == 2
    assert len([name for name in made.expected if name.endswith(".sealed")]) == 3


@pytest.mark.thorough
def test_killed_at_any_moment_and_run_again_it_holds_the_same_byte_for_byte(made: Crashes) -> None:
    check_every_moment(made, 2)


@pytest.mark.thorough
def test_killed_at_two_moments_it_holds_the_same_but_for_the_day(made: Crashes) -> None:
    check_two_kills(made, seed=1)


@pytest.mark.thorough
def test_no_landing_file_leaves_its_place_before_what_it_held_is_synced(made: Crashes) -> None:
    check_order_of_writes(made)
