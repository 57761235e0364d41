"""The shared fixtures, for this folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets_tests.builders import (
    data_folder,
    folder,
    memory,
    no_settings_from_outside,
    opened,
    policy,
    stores,
)

__all__ = ["folder", "memory", "no_settings_from_outside", "policy", "stores"]

NAME, CRN = "Zebedee Quillfeather", "Q918273"


@pytest.fixture(scope="module")
def once_used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with every key and every store, and a person planted in each."""
    folder = data_folder(tmp_path_factory.mktemp("once") / "data")
    preflight(folder)
    with opened(folder) as connection:
        for store in ("restricted", "research", "registers"):
            connection.execute(
                f"CREATE TABLE {store}.t AS SELECT ? || i AS name, ? AS crn FROM range(3000) r(i)",
                [NAME, CRN],
            )
        ensure_registers(connection)
        connection.execute("CREATE TABLE restricted.k (crn VARCHAR PRIMARY KEY, name VARCHAR)")
    return folder.root


@pytest.fixture
def used(once_used: Path, folder: DataFolder) -> DataFolder:
    """A data folder that has been used: every key and every store is there."""
    shutil.rmtree(folder.root)
    shutil.copytree(once_used, folder.root)
    return folder.prepare()
