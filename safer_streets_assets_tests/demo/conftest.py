"""Demo drops that several tests look at: written once for each module."""

from __future__ import annotations

from pathlib import Path

import pytest

from safer_streets_assets.demo.drops import write_demo_drops
from safer_streets_assets.demo.truth import DemoManifest
from safer_streets_assets_tests.demo.recount import Count, recount


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoManifest]:
    """The least demo that promises every kind of untidiness."""
    out = tmp_path_factory.mktemp("small")
    return out, write_demo_drops(out, people=50, months=12, seed=7)


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoManifest]:
    """The demo that people get when they ask for nothing special."""
    out = tmp_path_factory.mktemp("default")
    return out, write_demo_drops(out)


@pytest.fixture(scope="module")
def default_counts(default: tuple[Path, DemoManifest]) -> dict[str, Count]:
    """The default demo, recounted."""
    return recount(default[0])
