"""Protects all published tables together, and says of each whether it is proven safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import pandas as pd

from safer_streets_assets.disclosure.core import (
    Evidence,
    Link,
    Protection,
    PublishedRelease,
    Rounding,
    at_least_one,
    last_printed,
    log_weight,
    protect,
    prove,
    round_tables,
    suppress_guided,
)
from safer_streets_assets.disclosure.core_tables import (
    TablePart,
    as_of_column,
    core_table,
    holds_back,
)
from safer_streets_assets.disclosure.demands import (
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    SUPPRESSED,
    hide_unmet,
    hide_unmet_beside,
)
from safer_streets_assets.disclosure.held_back import tabulate, with_as_of
from safer_streets_assets.disclosure.importance import (
    headline_counts,
    headline_said,
    parts_of_details,
)
from safer_streets_assets.disclosure.links import core_links, holds_always
from safer_streets_assets.disclosure.printed_before import PrintedBefore
from safer_streets_assets.disclosure.printed_facts import present, told_by
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.disclosure.reasons import ToldReasons, reasons_of
from safer_streets_assets.disclosure.rounded_tables import hide_exact_statistics, rounded_frames
from safer_streets_assets.disclosure.statistics import add_percentages, mark_statistics
from safer_streets_assets.disclosure.statistics_attack import hide_unproven_statistics
from safer_streets_assets.policy import Policy

PROVEN = "proven"
NOT_MADE = "not made: its stage gate is closed"
WITHHELD = "withheld: not proven safe"
NOTHING_BEFORE = PrintedBefore()


def printed_verdict(verdict: str) -> str:
    """What anybody may read of the attacker's verdict on a table: `PROVEN`, `NOT_MADE` or
    `WITHHELD`. Why a table is withheld would tell which rule its counts break."""
    return verdict if verdict in (PROVEN, NOT_MADE) else WITHHELD


def protect_tables(
    policy: Policy,
    aggregates: Mapping[str, pd.DataFrame],
    previous: Sequence[PublishedRelease] = (),
    reasons: pd.DataFrame | None = None,
    before: PrintedBefore = NOTHING_BEFORE,
    withheld: Mapping[str, str] = MappingProxyType({}),
    *,
    start: ProtectedTables | None = None,
    attacked: bool = True,
) -> ProtectedTables:
    """Protects the aggregates jointly, also against all earlier releases (oldest first).

    `reasons` say of cells without a value why they have none (see `reasons_of`). `before` is what
    they printed, `withheld` are core tables that are not to be printed (name to the reason).
    Counts are hidden or rounded as the policy's method says. Statistics that tell of too few people
    together with what was printed are hidden. A table that is not proven safe is withheld: each of
    its counts carries the marker and the summary says why. A later release hides as
    `start` does (nearly the same tables, protected), where that will do. Without `attacked` the
    proof is that of witnesses, and the attack on counts is left to the caller.
    """
    held = tabulate(policy, aggregates, previous)
    frames = {name: add_percentages(frame, policy, name) for name, frame in held.frames.items()}
    parts, links = held.parts, told_links(policy, held.parts, frames)
    of_day = links_of_day(policy, parts, frames)
    core = _core(
        policy,
        parts,
        frames,
        [*links, *of_day],
        previous,
        before.evidence,
        withheld,
        start=None if start is None else start.core.evidence,
        attacked=attacked,
    )
    told = told_by(policy, parts, frames, rounding_of(policy, core))
    if policy.dpia.thresholds.rounding_base is not None:
        frames = rounded_frames(policy, frames, parts, core)
    since = last_printed(previous) if holds_back(policy) else None
    tables = {}
    for name, frame in frames.items():
        why = reasons_of(name, frame, list(policy.tables.columns(name)), reasons)
        printed = _printed(policy, name, frame, parts[name], core, why)
        printed = hide_unmet(policy, name, printed)
        if since is not None:
            printed = with_as_of(printed, parts[name], since, len(previous) + 1)
        tables[name] = printed
    tables = hide_unmet_beside(policy, tables)
    tables = hide_unproven_statistics(policy, tables, before.tables)
    summary = _summary(policy, tables, parts, core)
    return ProtectedTables(
        tables, summary, core, parts, links, of_day, held.counts, held.cells_held, told
    )


def told_links(
    policy: Policy, parts: Mapping[str, list[TablePart]], frames: Mapping[str, pd.DataFrame]
) -> list[Link]:
    """The links that a release states. One that holds only by the counts of the day is not among
    them: stating it would tell that a difference is 0, and its absence that another is not."""
    return core_links(policy, parts, frames, holds_always, may_differ=True)


def links_of_day(
    policy: Policy, parts: Mapping[str, list[TablePart]], frames: Mapping[str, pd.DataFrame]
) -> list[Link]:
    """The links that hold by the counts of the day alone. An attacker may guess them, so protection
    and proof know them; where counts are rounded, the rounding alone does (see `_core`)."""
    if policy.dpia.thresholds.rounding_base is not None:
        return []
    return core_links(policy, parts, frames, lambda link: not holds_always(link), may_differ=True)


def rounding_of(policy: Policy, core: Protection) -> Rounding | None:
    """How the tables are rounded (to neighbours, when all are withheld); None when they are not."""
    base = policy.dpia.thresholds.rounding_base
    return None if base is None else core.rounding or Rounding(base, 1)


def _core(
    policy: Policy,
    parts: Mapping[str, list[TablePart]],
    frames: Mapping[str, pd.DataFrame],
    links: Sequence[Link],
    previous: Sequence[PublishedRelease],
    evidence: Evidence | None,
    withheld: Mapping[str, str],
    *,
    start: Evidence | None,
    attacked: bool,
) -> Protection:
    thresholds = policy.dpia.thresholds
    tables = [core_table(part, frames[name]) for name, found in parts.items() for part in found]
    if thresholds.rounding_base is None:
        made = protect(
            tables,
            threshold=thresholds.minimum_count,
            links=links,
            previous=previous,
            time_limit=thresholds.proof_seconds,
            weights=partial(log_weight, margin=policy.tables.importance.margin),
            suppressor=suppress_guided,
            insiders=thresholds.insiders,
            headline=headline_counts(policy, parts, frames),
            lesser=parts_of_details(policy, parts),
            withheld=withheld,
            evidence=evidence,
            start=start,
            attacked=attacked,
        )
        return made if thresholds.insiders else replace(made, alone=frozenset())
    return round_tables(
        tables,
        base=thresholds.rounding_base,
        threshold=thresholds.minimum_count,
        links=links,
        untold=core_links(policy, parts, frames, lambda link: not holds_always(link)),
        facts=[at_least_one(cell) for cell in present(policy, parts, frames)],
        previous=previous,
        time_limit=thresholds.proof_seconds,
        withheld=withheld,
    )


def prove_release(
    policy: Policy, releases: Sequence[PublishedRelease], evidence: Evidence | None = None
) -> dict[str, str]:
    """The attacker's verdict on each core table of the last release, from what all of them print.

    `proven`, or why not; a search that ran out of time is no proof, and `evidence` spares searches.
    """
    thresholds = policy.dpia.thresholds
    return prove(
        releases,
        threshold=thresholds.minimum_count,
        time_limit=thresholds.proof_seconds,
        evidence=evidence,
    )


def _printed(
    policy: Policy,
    name: str,
    frame: pd.DataFrame,
    parts: list[TablePart],
    core: Protection,
    reasons: ToldReasons,
) -> pd.DataFrame:
    spec = policy.tables.tables[name]
    printed = _may_be_printed(frame.index, list(spec.counts), parts, core)
    result = frame[list(policy.tables.columns(name))].copy()
    for count in spec.counts:
        values = frame[count].astype("Int64")
        marker = pd.Series(pd.NA, index=frame.index, dtype="string")
        marker = marker.mask(values.isna(), NOT_AVAILABLE)
        marker = marker.mask(values.isna() & reasons.known(count), NOT_APPLICABLE)
        marker = marker.mask(~printed[count], SUPPRESSED)
        result[count] = values.mask(marker.notna())
        result[f"{count}_marker"] = marker
        if holds_back(policy):
            result[as_of_column(count)] = pd.array([pd.NA] * len(frame), dtype="Int64")
    for constant in spec.constants:
        result[constant] = frame[constant]
    statistics = mark_statistics(frame, printed, policy, name, parts, reasons)
    if policy.dpia.thresholds.rounding_base is not None:
        statistics = hide_exact_statistics(statistics, policy, name, reasons)
    return pd.concat([result, statistics], axis="columns")


def _may_be_printed(
    rows: pd.Index, counts: list[str], parts: list[TablePart], core: Protection
) -> pd.DataFrame:
    """Which counts of which rows may be printed. A row of everybody stands in several parts as the
    same counts: what the parts that are not withheld say of it holds."""
    printed = pd.DataFrame(True, index=rows, columns=counts)
    for part in parts:
        if part.spec.name in core.withheld:
            printed.loc[part.rows] = False
    for part in parts:
        if part.spec.name not in core.withheld:
            kinds = core.tables[part.spec.name].kinds[list(part.spec.measures)]
            printed.loc[part.rows] = (kinds == "").to_numpy()
    return printed


def _summary(
    policy: Policy,
    tables: Mapping[str, pd.DataFrame],
    parts: Mapping[str, list[TablePart]],
    core: Protection,
) -> pd.DataFrame:
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
                # What is withheld in part prints nothing there, and is proven in the rest.
                "verdict": NOT_MADE
                if not own
                else PROVEN
                if len(reasons) < len(own)
                else reasons[0],
                "headline": headline_said(policy, name, tables[name], undecided=core.undecided),
            }
        )
    return pd.DataFrame(rows)
