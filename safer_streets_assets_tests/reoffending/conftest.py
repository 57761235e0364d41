"""The shared fixtures, for this folder: stores are prepared for the source once it is agreed."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from safer_streets_assets_tests.builders import (
    folder,
    no_settings_from_outside,
    policy,
    stores_in_memory,
)
from safer_streets_assets_tests.reoffending.builders import agreed

__all__ = ["folder", "no_settings_from_outside", "policy"]


@pytest.fixture
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """Empty stores in memory, with the police among the sources."""
    with stores_in_memory(agreed()) as connection:
        yield connection
