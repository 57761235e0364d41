"""The shared fixtures, for this folder."""

from __future__ import annotations

from safer_streets_assets_tests.builders import folder, memory, no_settings_from_outside, policy

__all__ = ["folder", "memory", "no_settings_from_outside", "policy"]
