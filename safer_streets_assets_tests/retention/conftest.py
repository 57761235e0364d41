"""The data folder in use, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.retention.builders import folder_at


@pytest.fixture(scope="package")
def policy() -> Policy:
    return shipped_policy()


@pytest.fixture
def folder(in_use: Path, tmp_path: Path) -> DataFolder:
    """A copy of the folder in use, free to change."""
    shutil.copytree(in_use, tmp_path / "data")
    return folder_at(tmp_path / "data")
