"""Protects a release: at which levels, how, and proven as it is to be printed.

The core shows by witnesses that its counts are safe. Printed tables tell more (percentages, means,
which gates are open), so the attack is on these, as a release prints them: who cannot do it with
them cannot do it with the counts alone. What that does not prove is withheld, before anybody is
asked to publish it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import pandas as pd

from safer_streets_assets.disclosure.coarsening import Chosen, protect_at_levels
from safer_streets_assets.disclosure.core import PublishedRelease
from safer_streets_assets.disclosure.core_tables import RecordedLevels, count_tables
from safer_streets_assets.disclosure.earlier import as_published, structure_of
from safer_streets_assets.disclosure.importance import parts_of_details, withheld_beside_details
from safer_streets_assets.disclosure.joint_protection import (
    NOTHING_BEFORE,
    PROVEN,
    protect_tables,
    prove_release,
)
from safer_streets_assets.disclosure.levels import at_levels
from safer_streets_assets.disclosure.printed_before import PrintedBefore
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.policy import Policy

ATTEMPTS = 8
NEW = "new"
NOTHING_OUT: Mapping[str, str] = MappingProxyType({})
GAVE_WAY = "withheld for tables that are more important"
NOTHING_PROVEN = "not proven together with other tables"

ProtectAtLevel = Callable[[Mapping[str, str]], ProtectedTables]
"""Protects the tables with some core tables withheld (name to the reason)."""


def protect_release(
    policy: Policy,
    aggregates: Mapping[str, pd.DataFrame],
    recorded: RecordedLevels,
    previous: Sequence[PublishedRelease] = (),
    reasons: pd.DataFrame | None = None,
    before: PrintedBefore = NOTHING_BEFORE,
) -> Chosen:
    """The next release of the aggregates (by `stored_name`, see `levels.load_all`), at the levels
    on the register (`recorded`) or chosen now, and proven as it is printed; `previous`, `reasons`
    and `before` are as for `protect_tables`. The tables of detail are withheld where fewer
    others are without them."""
    last: ProtectedTables | None = None

    def protect(
        there: Policy, frames: Mapping[str, pd.DataFrame], out: Mapping[str, str] = NOTHING_OUT
    ) -> ProtectedTables:
        nonlocal last
        last = protect_tables(
            there, frames, previous, reasons, before, out, start=last, attacked=False
        )
        return last

    def proven(without: bool) -> Chosen:
        def protect_those(there: Policy, frames: Mapping[str, pd.DataFrame]) -> ProtectedTables:
            return protect(there, frames, _details(there, frames) if without else NOTHING_OUT)

        chosen = protect_at_levels(
            policy, recorded, lambda levels: at_levels(aggregates, levels), protect_those
        )
        frames = at_levels(aggregates, chosen.levels)
        protected = proven_in_print(
            chosen.policy,
            chosen.protected,
            previous,
            lambda out: protect(chosen.policy, frames, out),
        )
        return replace(chosen, protected=protected)

    def lost(chosen: Chosen) -> int:
        return withheld_beside_details(chosen.policy, chosen.protected)

    made = proven(without=False)
    details = _details(made.policy, at_levels(aggregates, made.levels))
    if not set(details) - set(made.protected.core.withheld) or not lost(made):
        return made
    last = None
    return min(made, proven(without=True), key=lost)


def _details(policy: Policy, frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """The core tables of the tables of detail that are made, withheld for others."""
    return dict.fromkeys(parts_of_details(policy, count_tables(policy, frames)), GAVE_WAY)


def proven_in_print(
    policy: Policy,
    protected: ProtectedTables,
    previous: Sequence[PublishedRelease],
    protect: ProtectAtLevel,
) -> ProtectedTables:
    """The tables as they are when an attack on what they print proves them, else `protect`ed again
    without those that it does not prove; after `ATTEMPTS` all are withheld."""
    for _ in range(ATTEMPTS):
        unproven = unproven_in_print(policy, protected, previous)
        if not unproven:
            return protected
        protected = protect({**unproven, **protected.core.withheld})
    everything = [part.spec.name for parts in protected.parts.values() for part in parts]
    return protect(dict.fromkeys(everything, NOTHING_PROVEN) | dict(protected.core.withheld))


def unproven_in_print(
    policy: Policy, protected: ProtectedTables, previous: Sequence[PublishedRelease]
) -> dict[str, str]:
    """The core tables that print something and are not proven safe by what all releases print, and
    why."""
    core = protected.core
    structure = structure_of(protected)
    new = as_published(
        NEW, structure, protected.tables, core.not_monotone, core.alone, protected.of_day
    )
    verdicts = prove_release(policy, [*previous, new], core.evidence)
    return {
        name: said
        for name, said in sorted(verdicts.items())
        if said != PROVEN and name not in core.withheld
    }
