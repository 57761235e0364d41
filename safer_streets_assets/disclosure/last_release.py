"""The latest release: what it tabulated, which nobody may see, and what it printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import pandas as pd

from safer_streets_assets.disclosure.core import Evidence
from safer_streets_assets.disclosure.core.system import Lasting
from safer_streets_assets.disclosure.earlier import registered_files
from safer_streets_assets.disclosure.kept_secrets import kept_evidence, tabulated_counts
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder


@dataclass(frozen=True)
class LastRelease:
    """`counts` are what the latest release tabulated, hidden counts too; `frames` are its tables as
    printed (counts Int64, statistics Float64 or text), by name; `evidence` is what its proof left
    (None: nothing)."""

    counts: Mapping[Lasting, int]
    frames: Mapping[str, pd.DataFrame]
    evidence: Evidence | None = None

    def rows_of(self, name: str, rows: pd.DataFrame, dimensions: list[str]) -> pd.DataFrame | None:
        """The printed rows with the categories of `rows`, in their order and with their labels, all
        missing where there was none; None when the table was not there or had other dimensions."""
        frame = self.frames.get(name)
        if frame is None or not set(dimensions) <= set(frame.columns) or frame.empty:
            return None
        keys = pd.MultiIndex.from_frame(rows[dimensions].astype(str))
        found = frame.set_index([frame[d].astype(str) for d in dimensions])
        return found.reindex(keys).set_axis(rows.index, axis="index")


def last_release(
    folder: DataFolder, connection: duckdb.DuckDBPyConnection, policy: Policy
) -> LastRelease | None:
    """The latest release; None when there is none. Registers and restricted store are attached.

    Raises:
        EarlierReleaseError: its files, or what the restricted store keeps of it, are not there.
    """
    found = connection.execute(
        "SELECT release_id, number, content_hash FROM registers.releases "
        "ORDER BY number DESC LIMIT 1"
    ).fetchone()
    if found is None:
        return None
    release_id, number, content_hash = found
    _, tables = registered_files(folder.releases / release_id, number, content_hash)
    frames = {
        name: _typed(policy, name, frame)
        for name, frame in tables.items()
        if name in policy.tables.tables
    }
    evidence = kept_evidence(connection, number)
    return LastRelease(tabulated_counts(connection, number), frames, evidence)


def _typed(policy: Policy, name: str, frame: pd.DataFrame) -> pd.DataFrame:
    spec = policy.tables.tables[name]
    texts = {n for n, details in spec.statistics.items() if details.kind == "text"}
    typed = frame.copy()
    for column in frame.columns:
        filled = frame[column].replace("", pd.NA)
        if column in spec.counts:
            typed[column] = pd.to_numeric(filled).astype("Int64")
        elif column in spec.statistics and column not in texts:
            typed[column] = pd.to_numeric(filled).astype("Float64")
        elif column in spec.constants and set(filled.dropna()) <= {"true", "false"}:
            typed[column] = filled.eq("true")
        else:
            typed[column] = filled
    return typed
