"""Disclosure control for any set of linked count tables: model, suppressor, attacker and proof.

Only numpy, scipy, pandas and HiGHS belong in here: nothing of Dagster, DuckDB or Safer Streets.
"""

from __future__ import annotations

from safer_streets_assets.disclosure.core.attacker import attack, shows_a_fall
from safer_streets_assets.disclosure.core.bounds import CellBounds
from safer_streets_assets.disclosure.core.evidence import Evidence
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

__all__ = [
    "CellBounds",
    "CellRef",
    "CountTable",
    "Evidence",
    "Link",
    "PrintedTable",
    "ProofError",
    "Protection",
    "PublishedRelease",
    "TableError",
    "TableSpec",
    "attack",
    "protect",
    "prove",
    "shows_a_fall",
]
