"""For all tests: the order of their files, and DuckDB in one thread."""

from __future__ import annotations

import pytest

from safer_streets_assets_tests.builders import one_thread

LONGEST = (
    "e2e/test_batches.py",
    "release/test_years_of_releases.py",
    "e2e/test_after_erasing.py",
    "disclosure/test_equalities.py",
    "e2e/test_interrupted.py",
    "e2e/test_stops.py",
    "release/test_mutations.py",
)
"""Files of tests that take longest, longest first: a process gets whole files, and a long one that
came last would leave the other without work. The first makes the runs that others share, while the
other process has another file."""

_one_thread = pytest.fixture(scope="session", autouse=True)(one_thread)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests of the longest files first; all others stay as they are."""
    place = {f"safer_streets_assets_tests/{name}": n for n, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.split("::")[0], len(LONGEST)))
