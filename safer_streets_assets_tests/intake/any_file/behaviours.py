"""What holds of every group of files; a test module names its group and takes these in."""

from __future__ import annotations

import pytest

from safer_streets_assets_tests.intake.any_file.cases import Case, Group
from safer_streets_assets_tests.intake.any_file.outcome import (
    Outcome,
    assert_ends_as_it_should,
    assert_nothing_is_seen_outside,
    assert_seen_in_the_store_alone,
    take_in_cases,
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each case of the module's group."""
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", metafunc.module.GROUP.cases, ids=str)


@pytest.fixture(scope="module")
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What became of the files of the module's group, taken in together."""
    group: Group = request.module.GROUP
    return take_in_cases(tmp_path_factory.mktemp("files"), group.cases)


def test_it_ends_as_it_should(case: Case, outcome: Outcome) -> None:
    assert_ends_as_it_should(case, outcome)


def test_it_is_seen_in_the_restricted_store_alone(case: Case, outcome: Outcome) -> None:
    assert_seen_in_the_store_alone(case, outcome)


def test_nothing_of_any_of_them_is_seen_outside(outcome: Outcome) -> None:
    assert_nothing_is_seen_outside(outcome)
