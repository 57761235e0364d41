"""The data folder in use that the tests of retention make, for this folder."""

from __future__ import annotations

from safer_streets_assets_tests.retention.conftest import (
    _signature_checked_once,
    folder,
    policy,
    template,
)

__all__ = ["_signature_checked_once", "folder", "policy", "template"]
