"""Invented drops: a landing folder like the agencies', with every untidiness and a known truth.

What invents data for trials and tests belongs here. Nothing here reads real data, and no stage of
the pipeline takes its data from here.
"""

from __future__ import annotations

from safer_streets_assets.demo.drops import DemoDropsError, write_demo_drops
from safer_streets_assets.demo.truth import DemoDrop, DemoManifest, SourceTruth

__all__ = ["DemoDrop", "DemoDropsError", "DemoManifest", "SourceTruth", "write_demo_drops"]
