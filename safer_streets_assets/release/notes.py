"""The sentences a reader of a release needs beyond the policy's notes: what is withheld and why."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from safer_streets_assets.disclosure.coarsening import Coarser, coarse_dimensions
from safer_streets_assets.disclosure.core_tables import HELD, holds_back
from safer_streets_assets.disclosure.joint_protection import NOT_MADE, PROVEN
from safer_streets_assets.disclosure.stored_tables import StoredProtection
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.columns import held_means, marker_of
from safer_streets_assets.release.wording import not_agreed

WITHDRAWN = "Withdrawn: an earlier release prints it, and what allowed that is no longer so."
"""What is said of a table that is not made any more."""


def notes_for(
    policy: Policy, stored: StoredProtection, printed_earlier: Collection[str] = ()
) -> dict[str, str]:
    """Table to what else is to be said: its coarser level, why it is withheld, which gate it waits
    for, or how its counts are rounded. `policy` has the tables at their levels; `printed_earlier`
    are those of which an earlier release prints rows."""
    notes = {}
    rounding = stored.structure.get("rounding")
    for table, verdict in stored.summary.set_index("table_name")["verdict"].astype(str).items():
        name = str(table)
        if verdict == NOT_MADE:
            notes[name] = _gate_sentence(policy, stored, name)
            if name in printed_earlier:
                notes[name] = f"{WITHDRAWN} {notes[name]}"
        elif verdict != PROVEN:
            notes[name] = "Withheld for confidentiality: it is not proven safe."
        elif rounding is not None:
            base, far = rounding["base"], rounding["base"] * rounding["steps"]
            notes[name] = (
                f"Every count is rounded to a multiple of {base} and less than {far} from the true "
                "one; a 0 can be a few. Percentages are of the rounded counts."
            )
    if holds_back(policy):
        for name, frame in stored.tables.items():
            counts = policy.tables.tables[name].counts
            if any(frame[marker_of(count)].eq(HELD).any() for count in counts):
                held = f"Figures marked {HELD} are {held_means(policy)}."
                notes[name] = " ".join(filter(None, [notes.get(name), held]))
    for name, verdict, headline in stored.summary[["table_name", "verdict", "headline"]].values:
        if headline and verdict == PROVEN:
            notes[name] = " ".join(filter(None, [notes.get(name), headline]))
    for name in stored.tables:
        said = [coarse_sentence(one) for one in coarse_dimensions(policy, name)]
        if said:
            notes[name] = " ".join([*said, *filter(None, [notes.get(name)])])
    return notes


def coarse_sentence(stands: Coarser) -> str:
    """That a table stands at a coarser level, and why."""
    by, of, always = stands
    if always:
        return f"Always printed by {by}: by {of} it would hide figures of other tables."
    return (
        f"Printed by {by} in place of {of}: too many of the counts by {of} would have had to be "
        "hidden when the table was first printed, and it keeps its categories from then on."
    )


def _gate_sentence(policy: Policy, stored: StoredProtection, table: str) -> str:
    """Why a table is empty, with how many there are as far as that may be printed."""
    name = policy.tables.tables[table].gate
    gates = stored.tables["stage_gates"].set_index("gate")
    if name in stored.given_up or policy.tables.tables[table].stage in stored.given_up:
        return (
            "Not made, because its stage of the evaluation will not go on: what was gathered for "
            "it is erased."
        )
    if name is None or name not in gates.index:
        return "Not made: there is nothing to count yet."
    spec = next(one for one in policy.dpia.gates if one.name == name)
    if waits := not_agreed(policy, spec):
        return (
            f"Not made, because {waits}: while no agreement is signed, nothing of it is read or "
            "held."
        )
    unit, gate = spec.unit, gates.loc[name]
    hidden = pd.isna(gate["n_now"])
    have: str = f"fewer than {gate['n_needed']}" if hidden else str(gate["n_now"])
    return (
        f"Not made, because its stage has not gathered enough: there are {have} {unit} "
        f"and {gate['n_needed']} are needed."
    )
