"""Disclosure control for any set of linked count tables: model, suppressor, attacker and proof.

Only numpy, scipy, pandas and HiGHS belong in here: nothing of Dagster, DuckDB or Safer Streets. The
rest of the product imports from here alone, nothing from the rooms and modules below. These rest on
one another in this order: `tables`; `system`; `attacks` and `suppression`, which know nothing of
each other; then the modules beside the rooms, up to `attempts` and `rounding`.
"""

from __future__ import annotations

from safer_streets_assets.disclosure.core.attacks.attacker import attack, shows_a_fall
from safer_streets_assets.disclosure.core.attacks.bounds import CellBounds
from safer_streets_assets.disclosure.core.attacks.evidence import Evidence
from safer_streets_assets.disclosure.core.attempts import protect
from safer_streets_assets.disclosure.core.holding_back import hold_back, last_printed
from safer_streets_assets.disclosure.core.proof import prove
from safer_streets_assets.disclosure.core.protection_result import Protection, Rounding
from safer_streets_assets.disclosure.core.ranges import figures_add_up, rounded
from safer_streets_assets.disclosure.core.rounding import STEPS, TOO_FINE, round_tables
from safer_streets_assets.disclosure.core.suppression.optimum import suppress_best, suppress_guided
from safer_streets_assets.disclosure.core.suppression.suppressor import suppress
from safer_streets_assets.disclosure.core.suppression.weights import log_weight
from safer_streets_assets.disclosure.core.system.highs import INFINITY, Program
from safer_streets_assets.disclosure.core.system.reading import cell_of
from safer_streets_assets.disclosure.core.system.system import ASIDE, Cell, Lasting
from safer_streets_assets.disclosure.core.tables.facts import (
    Fact,
    Unknown,
    at_least_one,
    mean_fact,
    percentage_fact,
)
from safer_streets_assets.disclosure.core.tables.hierarchies import Hierarchy, Levels
from safer_streets_assets.disclosure.core.tables.model import (
    CountTable,
    Link,
    PrintedTable,
    PublishedRelease,
)
from safer_streets_assets.disclosure.core.tables.names import TOTAL
from safer_streets_assets.disclosure.core.tables.problems import ProofError, TableError
from safer_streets_assets.disclosure.core.tables.spec import CellRef, TableSpec

__all__ = [
    "ASIDE",
    "INFINITY",
    "STEPS",
    "TOO_FINE",
    "TOTAL",
    "Cell",
    "CellBounds",
    "CellRef",
    "CountTable",
    "Evidence",
    "Fact",
    "Hierarchy",
    "Lasting",
    "Levels",
    "Link",
    "PrintedTable",
    "Program",
    "ProofError",
    "Protection",
    "PublishedRelease",
    "Rounding",
    "TableError",
    "TableSpec",
    "Unknown",
    "at_least_one",
    "attack",
    "cell_of",
    "figures_add_up",
    "hold_back",
    "last_printed",
    "log_weight",
    "mean_fact",
    "percentage_fact",
    "protect",
    "prove",
    "round_tables",
    "rounded",
    "shows_a_fall",
    "suppress",
    "suppress_best",
    "suppress_guided",
]
