"""The shared fixtures, for this folder, and one reading child for a whole session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from safer_streets_assets.intake import take_in as taking
from safer_streets_assets.intake.readers import DropReader
from safer_streets_assets_tests.builders import (
    folder,
    memory,
    no_settings_from_outside,
    policy,
    stores,
)

__all__ = ["folder", "memory", "no_settings_from_outside", "policy", "stores"]


@pytest.fixture(scope="session")
def session_reader() -> Iterator[DropReader]:
    """A real reader whose child lives as long as the session."""
    with DropReader() as reader:
        yield reader


@pytest.fixture
def quick_reader(session_reader: DropReader, monkeypatch: pytest.MonkeyPatch) -> DropReader:
    """Intake reads with the session's child instead of starting one a source."""
    monkeypatch.setattr(taking, "DropReader", lambda: nullcontext(session_reader))
    return session_reader
