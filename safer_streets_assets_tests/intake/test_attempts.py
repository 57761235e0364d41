"""Whether a run is to be started now, whatever the history of runs."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.intake.attempts import NextStep, PastRun, next_attempt

ATTEMPTS, BACKOFF = 3, 60.0


def history(*outcomes: str) -> list[PastRun]:
    """Runs of ten seconds that started at 100, 200, ... and ended so; the latest first."""
    runs = [
        PastRun(str(number), outcome, 100.0 * number, 100.0 * number + 10)  # type: ignore[arg-type]
        for number, outcome in enumerate(outcomes, start=1)
    ]
    return runs[::-1]


def verdict(past: list[PastRun], ready: float | None, now: float) -> NextStep:
    return next_attempt(past, ready, now, ATTEMPTS, BACKOFF)


def test_nothing_waits_and_nothing_failed() -> None:
    assert verdict([], None, 0) == NextStep("nothing")
    assert verdict(history("failed", "succeeded"), None, 999) == NextStep("nothing")


def test_what_no_run_has_tried_starts_one_whatever_the_runs_before() -> None:
    for outcomes in ((), ("failed",) * 5, ("succeeded",), ("cancelled",), ("failed", "cancelled")):
        assert verdict(history(*outcomes), 950, 951) == NextStep("start", 1)


def test_what_failed_waits_for_twice_as_long_each_time() -> None:
    assert verdict(history("failed"), 50, 111) == NextStep("wait", 2, 110 + 60)
    assert verdict(history("failed"), 50, 170) == NextStep("start", 2)
    assert verdict(history("failed", "failed"), 50, 211) == NextStep("wait", 3, 210 + 120)
    assert verdict(history("failed", "failed", "failed"), 50, 9e9) == NextStep("given up", 3)


def test_a_success_between_failures_begins_the_count_anew() -> None:
    past = history("failed", "failed", "succeeded", "failed")
    assert verdict(past, None, 411).attempt == 2


def test_a_drop_that_came_later_has_its_own_count() -> None:
    past = history("failed", "failed", "failed", "failed")
    assert verdict(past, 350, 411) == NextStep("wait", 2, 410 + 60)


def test_what_a_whole_run_left_is_left_over_and_a_cancelled_run_is_not_repeated() -> None:
    assert verdict(history("succeeded"), 50, 999) == NextStep("left over")
    assert verdict(history("failed", "cancelled"), 50, 999) == NextStep("cancelled")


OUTCOMES = st.lists(st.sampled_from(["failed", "succeeded", "cancelled"]), max_size=8)


@given(OUTCOMES, st.none() | st.floats(0, 1000), st.integers(1, 5), st.floats(0.1, 100))
@settings(deadline=None, max_examples=150)
def test_a_landing_that_stays_as_it_is_gets_no_more_runs_than_the_attempts(
    outcomes: list[str], ready: float | None, attempts: int, backoff: float
) -> None:
    past, now, started = history(*outcomes), 1000.0, 0
    for _ in range(200):
        found = next_attempt(past, ready, now, attempts, backoff)
        if found.what == "start":
            started += 1
            past = [PastRun(f"new {started}", "failed", now, now), *past]
        now += backoff / 2
    assert started <= attempts
    assert found.what != "start"
    if ready is None and (not outcomes or outcomes[-1] == "succeeded"):
        assert started == 0
