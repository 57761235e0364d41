"""What protecting the published tables gives: them as they may be printed, and how it was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from safer_streets_assets.disclosure.core import Lasting, Link, Protection
from safer_streets_assets.disclosure.core_tables import TablePart


@dataclass(frozen=True)
class ProtectedTables:
    """The tables as they may be printed.

    `tables`: by name, the dimensions, each count with its marker (and, where policy holds counts
    back, the release that first printed it so), constants, each statistic with its marker.
    `summary`: one row a table: table_name, cells, suppressed_primary, suppressed_secondary, verdict
    (`proven`, or why the table is withheld), headline (a sentence where headline figures are
    hidden, else empty); of these only `proven` and the sentence may be told to readers.
    `core` is what the disclosure core gave back, `parts` how the tables are made of its tables,
    `links` what is equal by meaning, `of_day` what is equal by the counts of the day alone, which
    no release states. `tabulated` are the counts behind the tables, `cells_held`
    how many of them are not the true ones, `told` what else a release tells of its counts.
    """

    tables: Mapping[str, pd.DataFrame]
    summary: pd.DataFrame
    core: Protection
    parts: Mapping[str, list[TablePart]]
    links: Sequence[Link]
    of_day: Sequence[Link]
    tabulated: Mapping[Lasting, int]
    cells_held: int
    told: Mapping[str, Any] = field(default_factory=dict)
