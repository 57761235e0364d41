"""Survey exports through the ledger."""

from __future__ import annotations

from safer_streets_assets_tests.intake.any_file.behaviours import (
    outcome,
    pytest_generate_tests,
    test_it_ends_as_it_should,
    test_it_is_seen_in_the_restricted_store_alone,
    test_nothing_of_any_of_them_is_seen_outside,
)
from safer_streets_assets_tests.intake.any_file.survey_cases import GROUP

__all__ = [
    "GROUP",
    "outcome",
    "pytest_generate_tests",
    "test_it_ends_as_it_should",
    "test_it_is_seen_in_the_restricted_store_alone",
    "test_nothing_of_any_of_them_is_seen_outside",
]
