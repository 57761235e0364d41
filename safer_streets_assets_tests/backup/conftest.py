"""The data folder in use that the tests of retention make, for this folder."""

from __future__ import annotations

from safer_streets_assets_tests.retention.conftest import folder, policy

__all__ = ["folder", "policy"]
