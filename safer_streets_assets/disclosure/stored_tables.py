"""Keeps the protected tables in the research store until they are published."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import pandas as pd

from safer_streets_assets.disclosure.aggregate import load_aggregate, store_aggregate
from safer_streets_assets.disclosure.coarsening import Choice
from safer_streets_assets.disclosure.core_tables import RecordedLevels, as_of_column, holds_back
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.registers import stopped_stages

SCHEMA = "protected"
SUMMARY, STRUCTURE, CHOICES = "suppression_summary", "structure", "choices"
CHOICE_TYPES = {
    "table_name": "string",
    "dimension": "string",
    "level": "string",
    "hidden_before": "Float64",
    "hidden_after": "Float64",
}
CHOICE_COLUMNS = list(CHOICE_TYPES)


@dataclass(frozen=True)
class StoredProtection:
    """Protected tables as stored: tables as printed, the summary of suppression, the structure, and
    what was chosen of their levels (see `coarsening.Choice`). `given_up` are the gates of stages
    that will not go on.

    `number` is the one under which the restricted store keeps what the tables must not tell.
    """

    tables: Mapping[str, pd.DataFrame]
    summary: pd.DataFrame
    structure: dict[str, Any]
    number: int
    choices: tuple[Choice, ...] = ()
    given_up: frozenset[str] = frozenset()

    @property
    def levels(self) -> RecordedLevels:
        """The level of each dimension that a table could be coarsened along, by table."""
        levels: RecordedLevels = self.structure.get("levels", {})
        return levels


def store_protection(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, pd.DataFrame],
    summary: pd.DataFrame,
    structure: Mapping[str, Any],
    number: int,
    choices: Sequence[Choice] = (),
) -> None:
    """Writes protected tables to the research store, in place of those that were there."""
    connection.execute(f"DROP SCHEMA IF EXISTS research.{SCHEMA} CASCADE")
    for name, frame in tables.items():
        store_aggregate(connection, name, frame, SCHEMA)
    store_aggregate(connection, SUMMARY, summary, SCHEMA)
    chosen = pd.DataFrame([asdict(choice) for choice in choices], columns=CHOICE_COLUMNS)
    store_aggregate(connection, CHOICES, chosen.astype(CHOICE_TYPES), SCHEMA)
    text = pd.DataFrame({"structure": [json.dumps(structure, sort_keys=True)], "number": [number]})
    store_aggregate(connection, STRUCTURE, text, SCHEMA)


def load_protection(connection: duckdb.DuckDBPyConnection, policy: Policy) -> StoredProtection:
    """The protected tables of the research store, counts as whole numbers."""
    tables = {}
    for name, spec in policy.tables.tables.items():
        frame = load_aggregate(connection, name, SCHEMA)
        types: dict[str, str] = {}
        for count in spec.counts:
            types |= {count: "Int64", f"{count}_marker": "string"}
            if holds_back(policy):
                types[as_of_column(count)] = "Int64"
        for statistic, details in spec.statistics.items():
            types |= {
                statistic: "string" if details.kind == "text" else "Float64",
                f"{statistic}_marker": "string",
            }
        tables[name] = frame.astype(types)
    kept = load_aggregate(connection, STRUCTURE, SCHEMA).iloc[0]
    summary = load_aggregate(connection, SUMMARY, SCHEMA)
    chosen = load_aggregate(connection, CHOICES, SCHEMA).astype(CHOICE_TYPES).to_dict("records")
    choices = tuple(Choice(**{str(k): v for k, v in choice.items()}) for choice in chosen)
    return StoredProtection(
        tables,
        summary,
        json.loads(kept["structure"]),
        int(kept["number"]),
        choices,
        frozenset(stopped_stages(connection, "research")),
    )
