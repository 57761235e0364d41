"""Protects all published tables together, and says of each whether it is proven safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from safer_streets_assets.disclosure.core import Link, PublishedRelease, protect, prove
from safer_streets_assets.disclosure.core.protection import Protection as CoreProtection
from safer_streets_assets.disclosure.links import core_links
from safer_streets_assets.disclosure.reasons import Reasons, reasons_of
from safer_streets_assets.disclosure.shape import Part, core_table, count_tables
from safer_streets_assets.disclosure.statistics import (
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    SUPPRESSED,
    add_percentages,
    mark_statistics,
)
from safer_streets_assets.policy import Policy

PROVEN = "proven"
NOT_MADE = "not made: its stage gate is closed"


@dataclass(frozen=True)
class ProtectedTables:
    """The tables as they may be printed.

    `tables`: by name, the dimensions, each count with its marker, constants, each statistic with
    its marker. `summary`: one row a table: table_name, cells, suppressed_primary,
    suppressed_secondary, verdict (`proven`, or why the table is withheld). `core` is what the
    disclosure core gave back, `parts` how the tables are made of its tables, `links`
    what is equal by meaning.
    """

    tables: Mapping[str, pd.DataFrame]
    summary: pd.DataFrame
    core: CoreProtection
    parts: Mapping[str, list[Part]]
    links: Sequence[Link]


def protect_tables(
    policy: Policy,
    aggregates: Mapping[str, pd.DataFrame],
    previous: Sequence[PublishedRelease] = (),
    reasons: pd.DataFrame | None = None,
) -> ProtectedTables:
    """Protects the aggregates jointly, also against all earlier releases (oldest first).

    `reasons` say of cells without a value why they have none (see `reasons_of`). A table that is
    not proven safe is withheld: each of its counts carries the marker and the summary says why.
    """
    frames = {name: add_percentages(frame, policy, name) for name, frame in aggregates.items()}
    parts = count_tables(policy, frames)
    links = core_links(policy, parts, frames)
    core = protect(
        [core_table(part, frames[name]) for name, found in parts.items() for part in found],
        threshold=policy.dpia.thresholds.minimum_count,
        links=links,
        previous=previous,
        time_limit=policy.dpia.thresholds.proof_seconds,
    )
    tables = {
        name: _printed(
            policy,
            name,
            frame,
            parts[name],
            core,
            reasons_of(name, frame, list(policy.tables.columns(name)), reasons),
        )
        for name, frame in frames.items()
    }
    return ProtectedTables(tables, _summary(parts, core), core, parts, links)


def prove_release(policy: Policy, releases: Sequence[PublishedRelease]) -> dict[str, str]:
    """The attacker's verdict on each core table of the last release, from what all of them print.

    `proven`, or why not; a search that ran out of time is no proof.
    """
    thresholds = policy.dpia.thresholds
    return prove(releases, threshold=thresholds.minimum_count, time_limit=thresholds.proof_seconds)


def _printed(
    policy: Policy,
    name: str,
    frame: pd.DataFrame,
    parts: list[Part],
    core: CoreProtection,
    reasons: Reasons,
) -> pd.DataFrame:
    spec = policy.tables.tables[name]
    printed = pd.DataFrame(True, index=frame.index, columns=list(spec.counts))
    for part in parts:
        if part.spec.name in core.withheld:
            printed.loc[part.rows] = False
            continue
        kinds = core.tables[part.spec.name].kinds[list(part.spec.measures)]
        # A row of everybody stands in several parts: it is printed when all of them may print it.
        printed.loc[part.rows] &= (kinds == "").to_numpy()
    result = frame[list(policy.tables.columns(name))].copy()
    for count in spec.counts:
        values = frame[count].astype("Int64")
        marker = pd.Series(pd.NA, index=frame.index, dtype="string")
        marker = marker.mask(values.isna(), NOT_AVAILABLE)
        marker = marker.mask(values.isna() & reasons.known(count), NOT_APPLICABLE)
        marker = marker.mask(~printed[count], SUPPRESSED)
        result[count] = values.mask(marker.notna())
        result[f"{count}_marker"] = marker
    for constant in spec.constants:
        result[constant] = frame[constant]
    statistics = mark_statistics(frame, printed, policy, name, parts, reasons)
    return pd.concat([result, statistics], axis="columns")


def _summary(parts: Mapping[str, list[Part]], core: CoreProtection) -> pd.DataFrame:
    found = core.summary.set_index("table")
    rows = []
    for name, own in parts.items():
        lines = found.loc[[part.spec.name for part in own]]
        reasons = [core.withheld[part.spec.name] for part in own if part.spec.name in core.withheld]
        rows.append(
            {
                "table_name": name,
                "cells": int(lines["cells"].sum()),
                "suppressed_primary": int(lines["primary"].sum()),
                "suppressed_secondary": int(lines["secondary"].sum()),
                "verdict": reasons[0] if reasons else PROVEN if own else NOT_MADE,
            }
        )
    return pd.DataFrame(rows)
