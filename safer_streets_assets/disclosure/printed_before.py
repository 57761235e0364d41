"""What earlier releases left: the tables they printed, and what the latest proof found out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from safer_streets_assets.disclosure.core import Evidence
from safer_streets_assets.disclosure.earlier import PublishedFiles, published_files
from safer_streets_assets.disclosure.kept_secrets import kept_evidence
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder

PrintedFrames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class PrintedBefore:
    """`tables` are those of every release as printed (counts Int64, statistics Float64 or text), by
    name, oldest first; `evidence` is what the proof of the latest left (None: nothing)."""

    tables: tuple[PrintedFrames, ...] = ()
    evidence: Evidence | None = None

    def then(self, tables: PrintedFrames, evidence: Evidence | None) -> PrintedBefore:
        """The same with one more release."""
        return PrintedBefore((*self.tables, tables), evidence)


def printed_before(
    folder: DataFolder,
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    files: Sequence[PublishedFiles] | None = None,
) -> PrintedBefore:
    """What all releases on the register left. Registers and restricted store are attached. `files`
    are those of the releases (None: they are read).

    Raises:
        EarlierReleaseError: the files of one, or what the restricted store keeps of the latest, are
            not there.
    """
    tables = printed_releases(folder, connection, policy, files)
    return PrintedBefore(tuple(tables), kept_evidence(connection, len(tables)) if tables else None)


def printed_releases(
    folder: DataFolder,
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    files: Sequence[PublishedFiles] | None = None,
) -> list[dict[str, pd.DataFrame]]:
    """The tables of every release as printed (see `PrintedBefore`). Registers are attached. `files`
    are as for `printed_before`.

    Raises:
        EarlierReleaseError: the files of one are not there as they were published.
    """
    return [
        {
            name: _typed(policy, name, frame)
            for name, frame in one.tables.items()
            if name in policy.tables.tables
        }
        for one in (published_files(folder, connection) if files is None else files)
    ]


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
