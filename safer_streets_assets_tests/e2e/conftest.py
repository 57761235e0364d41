"""The whole runs, for this folder."""

from __future__ import annotations

from safer_streets_assets_tests.builders import no_settings_from_outside
from safer_streets_assets_tests.e2e.runs import commands, first, second, shared

__all__ = ["commands", "first", "no_settings_from_outside", "second", "shared"]
