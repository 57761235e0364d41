"""What is said of sheets with the agreed columns that were left out of a drop as guidance."""

from __future__ import annotations

from collections.abc import Sequence

from safer_streets_assets.intake.readers import GuidanceSheet
from safer_streets_assets.intake.reasons import GUIDANCE


def said_of_guidance(sheets: Sequence[GuidanceSheet]) -> str:
    """The sentence of the ledger about a drop that was loaded without some sheets."""
    return f"{GUIDANCE.sentence} ({listed_guidance(sheets)}); {GUIDANCE.remedy}."


def listed_guidance(sheets: Sequence[GuidanceSheet]) -> str:
    """Sheets by their numbers, with how many rows were left on each."""
    return ", ".join(
        f"sheet {sheet.number} with {sheet.rows} {'row' if sheet.rows == 1 else 'rows'}"
        for sheet in sheets
    )
