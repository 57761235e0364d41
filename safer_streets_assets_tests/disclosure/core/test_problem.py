"""What the suppressor leaves open is what the attacker calls safe."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safer_streets_assets.disclosure.core.attacks.bounds import is_safe
from safer_streets_assets.disclosure.core.suppression.problem import (
    Goal,
    goals_for_hidden,
    goals_for_implied,
)

T = 5


def reachable(goals: tuple[Goal, ...], value: int, low: int, high: int) -> bool:
    """Whether a count that can be anything from `low` to `high` can reach one of the goals."""
    return any(low <= value + goal.amount <= high for goal in goals)


@given(st.integers(0, 3 * T), st.integers(0, 3 * T), st.integers(0, 3 * T), st.booleans())
def test_a_hidden_count_reaches_a_goal_just_when_its_range_is_safe(
    value: int, below: int, above: int, whole_row: bool
) -> None:
    # Outside of rows that are hidden whole, a hidden count is known to be at least 1.
    value = value if whole_row else max(value, 1)
    low, high = max(0 if whole_row else 1, value - below), value + above
    goals = goals_for_hidden(0, value, T, whole_row)
    kind = "hidden row" if whole_row else "hidden"
    assert reachable(goals, value, low, high) == is_safe(kind, low, high, T)


@given(st.integers(-3 * T, 3 * T), st.integers(0, 3 * T), st.integers(0, 3 * T))
def test_a_change_reaches_a_goal_just_when_its_range_is_safe(
    value: int, below: int, above: int
) -> None:
    low, high = value - below, value + above
    goals = goals_for_implied(0, value, T)
    assert (not goals or reachable(goals, value, low, high)) == is_safe("change", low, high, T)
