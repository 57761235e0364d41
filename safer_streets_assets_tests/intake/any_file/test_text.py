"""Delimited text of every kind through the ledger."""

from __future__ import annotations

import pytest

from safer_streets_assets_tests.intake.any_file.cases import Case
from safer_streets_assets_tests.intake.any_file.outcome import (
    Outcome,
    assert_ends_as_it_should,
    assert_nothing_is_seen_outside,
    assert_seen_in_the_store_alone,
    take_in_cases,
)
from safer_streets_assets_tests.intake.any_file.text_cases import GROUP


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return take_in_cases(tmp_path_factory.mktemp("text"), GROUP.cases)


@pytest.mark.parametrize("case", GROUP.cases, ids=str)
def test_it_ends_as_it_should(case: Case, outcome: Outcome) -> None:
    assert_ends_as_it_should(case, outcome)


@pytest.mark.parametrize("case", GROUP.cases, ids=str)
def test_it_is_seen_in_the_restricted_store_alone(case: Case, outcome: Outcome) -> None:
    assert_seen_in_the_store_alone(case, outcome)


def test_nothing_of_any_of_them_is_seen_outside(outcome: Outcome) -> None:
    assert_nothing_is_seen_outside(outcome)
