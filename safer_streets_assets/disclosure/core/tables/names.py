"""What tables call the rows and columns that are not in their caller's own words."""

from __future__ import annotations

TOTAL = "Total"
"""The category of a margin."""
LOW, HIGH = "_low", "_high"
"""What the columns of a range are called after their measure."""
