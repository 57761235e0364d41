"""Files that make a parser crash, and one cell of a hundred megabytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from safer_streets_assets.intake.readers import reader
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.intake.any_file import poisoned_child
from safer_streets_assets_tests.intake.any_file.cases import Case, Group
from safer_streets_assets_tests.intake.any_file.outcome import (
    Outcome,
    assert_ends_as_it_should,
    assert_nothing_is_seen_outside,
    assert_seen_in_the_store_alone,
    take_in_cases,
)
from safer_streets_assets_tests.intake.any_file.people import People

pytestmark = pytest.mark.thorough
"""It waits for a parser that never ends. Each way in which a child can end is tried alone, and
quickly, by readers/test_worker.py."""

GROUP = Group()


def _poison(word: str) -> object:
    def make(who: People) -> bytes:
        return who.csv(Court=f"poison {word}")

    return make


for _word, _code in {
    "exit": "F-CRASHED",
    "abort": "F-CRASHED",
    "panic": "F-BROKEN",
    "error": "F-BROKEN",
    "memory": "F-TOO-LARGE",
    "loop": "F-TOO-SLOW",
}.items():
    GROUP.add(f"a parser that meets {_word}", _poison(_word), _code)  # type: ignore[arg-type]
for _number in range(3):
    GROUP.add(f"a plain file beside them ({_number})", lambda p: p.csv())


def patient(seconds: float) -> Policy:
    """The policy with another limit on how long a file may be read."""
    policy = shipped_policy()
    limits = policy.dpia.intake.limits.model_copy(update={"seconds": seconds})
    intake = policy.dpia.intake.model_copy(update={"limits": limits})
    dpia = policy.dpia.model_copy(update={"intake": intake})
    return replace(policy, dpia=dpia)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_CHILD", poisoned_child.__name__)
        return take_in_cases(tmp_path_factory.mktemp("crashes"), GROUP.cases, patient(4))


@pytest.mark.parametrize("case", GROUP.cases, ids=str)
def test_it_ends_as_it_should(case: Case, outcome: Outcome) -> None:
    assert_ends_as_it_should(case, outcome)


@pytest.mark.parametrize("case", GROUP.cases, ids=str)
def test_it_is_seen_in_the_restricted_store_alone(case: Case, outcome: Outcome) -> None:
    assert_seen_in_the_store_alone(case, outcome)


def test_nothing_of_any_of_them_is_seen_outside(outcome: Outcome) -> None:
    assert_nothing_is_seen_outside(outcome)


def test_a_cell_of_a_hundred_megabytes_is_quarantined(tmp_path: Path) -> None:
    def huge(who: People) -> bytes:
        return who.csv().replace(b"Lambeth", b"x" * 100_000_000, 1)

    cases = [Case("huge", huge, 0, "F-LONG-CELL"), Case("plain", lambda p: p.csv(), 1)]
    outcome = take_in_cases(tmp_path, cases)
    for case in cases:
        assert_ends_as_it_should(case, outcome)
    assert_nothing_is_seen_outside(outcome)
