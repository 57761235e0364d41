"""Killed while it loads drops, intake ends as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from safer_streets_assets_tests.intake.crash.behaviours import (
    check_every_moment,
    check_order_of_writes,
    check_two_kills,
)
from safer_streets_assets_tests.intake.crash.runs import Crashes, crashes
from safer_streets_assets_tests.intake.crash.scenarios import loaded


@pytest.fixture(scope="module")
def made() -> Iterator[Crashes]:
    with crashes(loaded) as found:
        yield found


@pytest.mark.thorough
def test_the_run_corrects_a_row_sets_one_aside_and_clears_the_copy(made: Crashes) -> None:
    assert made.landed.keys() & made.expected.keys() == set()
    assert made.expected["registers.main.drops"].count(b"'loaded'") == 3
    assert made.expected["registers.main.sends"].count(b"datetime.datetime(") == 4
    assert made.expected["restricted.main.set_aside_rows"].count(b"R-CODE") >= 2
    assert "restricted/returns/crc_eligibility.xlsx.sealed" in made.expected


@pytest.mark.thorough
def test_killed_at_any_moment_and_run_again_it_holds_the_same_byte_for_byte(made: Crashes) -> None:
    check_every_moment(made, 4)


@pytest.mark.thorough
def test_killed_at_two_moments_it_holds_the_same_but_for_the_day(made: Crashes) -> None:
    check_two_kills(made, seed=1)


@pytest.mark.thorough
def test_no_landing_file_leaves_its_place_before_what_it_held_is_synced(made: Crashes) -> None:
    check_order_of_writes(made)
