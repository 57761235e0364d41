"""For all tests: the order of their files, DuckDB in one thread, and a data folder in use."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from safer_streets_assets_tests.builders import one_thread, shipped_policy
from safer_streets_assets_tests.retention.builders import build, folder_at

HERE = Path(__file__).parent
LONGEST = [
    HERE / name
    for name in (
        "upgrades/test_upgrades.py",
        "e2e/test_batches.py",
        "disclosure/test_equalities.py",
        "console/test_erasures_that_wait.py",
        "e2e/test_after_erasing.py",
        "e2e/test_interrupted.py",
        "release/test_years_of_releases.py",
        "console/test_erasing_is_never_stuck.py",
        "e2e/test_samples.py",
        "backup/test_backup.py",
        "e2e/test_changed_policy.py",
        "e2e/test_beside_others.py",
        "retention/test_agreement.py",
        "retention/test_on_request.py",
        "e2e/test_stops.py",
        "e2e/test_full_disk.py",
        "e2e/test_waiting.py",
        "retention/test_erasing_killed.py",
        "e2e/test_any_row_of_a_run.py",
        "release/test_mutations.py",
        "privacy/test_failures.py",
        "disclosure/test_links.py",
        "test_any_year.py",
        "release/test_readers.py",
    )
]
"""Files of tests that take longest, longest first: a process gets whole files, and a long one that
came last would leave the other without work. The first makes the runs that others share, while the
other process has another file."""
assert all(path.is_file() for path in LONGEST), "a file of tests has another name: say it here"

_one_thread = pytest.fixture(scope="session", autouse=True)(one_thread)


@pytest.fixture(scope="session")
def in_use(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in use, made once by the real intake, to be copied."""
    root = tmp_path_factory.mktemp("in-use") / "data"
    build(folder_at(root), shipped_policy())
    return root


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests of the longest files first; all others stay in their order. A test that looks
    at the second of the whole runs is thorough: to make that run takes longest of all."""
    for item in items:
        if "second" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.thorough)
    place = {path: number for number, path in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(LONGEST)))


def pytest_collection_finish() -> None:
    """What is there by now, thousands of tests among it, stays to the end: the garbage collector
    need not go through it again and again, which takes it half a second each time."""
    gc.collect()
    gc.freeze()
