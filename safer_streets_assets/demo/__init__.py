"""Invented drops: a landing folder like the agencies', with every untidiness and a known truth.

Nothing here reads real data, and the pipeline does not depend on it.
"""

from __future__ import annotations

from safer_streets_assets.demo.drops import DemoDropsError, write_demo_drops
from safer_streets_assets.demo.truth import DemoDrop, DemoManifest, SourceTruth

__all__ = ["DemoDrop", "DemoDropsError", "DemoManifest", "SourceTruth", "write_demo_drops"]
