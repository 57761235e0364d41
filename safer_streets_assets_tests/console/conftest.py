"""A data folder in use for commands, and an environment that is as before after each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.retention.builders import folder_at


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """What commands set for Dagster in this process is as before afterwards."""
    with patch.dict(os.environ):
        yield


@pytest.fixture(scope="session")
def policy() -> Policy:
    return shipped_policy()


@pytest.fixture(scope="session")
def template(in_use: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder in use without a history of Dagster, to be copied."""
    root = tmp_path_factory.mktemp("for-commands") / "data"
    shutil.copytree(in_use, root)
    (root / "dagster" / "runs.db").unlink()
    return root


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> DataFolder:
    """A copy of it, free to change."""
    shutil.copytree(template, tmp_path / "data")
    return folder_at(tmp_path / "data")
