"""Disclosure control for any set of linked count tables: model, suppressor, attacker and proof.

Only numpy, scipy, pandas and HiGHS belong in here: nothing of Dagster, DuckDB or Safer Streets.
"""

from __future__ import annotations

from safer_streets_assets.disclosure.core.attacker import attack, shows_a_fall
from safer_streets_assets.disclosure.core.bounds import CellBounds
from safer_streets_assets.disclosure.core.evidence import Evidence
from safer_streets_assets.disclosure.core.facts import (
    Fact,
    Unknown,
    at_least_one,
    mean_fact,
    percentage_fact,
)
from safer_streets_assets.disclosure.core.model import (
    CellRef,
    CountTable,
    Link,
    PrintedTable,
    ProofError,
    PublishedRelease,
    TableError,
    TableSpec,
)
from safer_streets_assets.disclosure.core.proof import prove
from safer_streets_assets.disclosure.core.protect import protect
from safer_streets_assets.disclosure.core.protection import Protection
from safer_streets_assets.disclosure.core.ranges import rounded
from safer_streets_assets.disclosure.core.rounding import round_tables

__all__ = [
    "CellBounds",
    "CellRef",
    "CountTable",
    "Evidence",
    "Fact",
    "Link",
    "PrintedTable",
    "ProofError",
    "Protection",
    "PublishedRelease",
    "TableError",
    "TableSpec",
    "Unknown",
    "at_least_one",
    "attack",
    "mean_fact",
    "percentage_fact",
    "protect",
    "prove",
    "round_tables",
    "rounded",
    "shows_a_fall",
]
