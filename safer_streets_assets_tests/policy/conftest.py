"""The shared fixtures, for this folder."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from safer_streets_assets.policy import loading
from safer_streets_assets_tests.builders import (
    folder,
    memory,
    no_settings_from_outside,
    policy,
    stores,
)
from safer_streets_assets_tests.policy.spoiling import NAMES, SHIPPED

__all__ = ["folder", "memory", "no_settings_from_outside", "policy", "stores"]


@pytest.fixture(scope="module")
def parsed_once() -> Iterator[None]:
    """A file that is not spoiled is parsed once: the text and what it becomes are the same."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loading, "_content", functools.cache(loading._content))
        yield


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the shipped policy, to spoil."""
    for name in NAMES:
        shutil.copyfile(SHIPPED / name, tmp_path / name)
    shutil.copytree(SHIPPED / "sql", tmp_path / "sql")
    return tmp_path
