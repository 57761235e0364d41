"""How each release stands: a candidate that waits, the current one, or what else became of it.

It follows from the register alone. A release counts as known to the attacker from its line on the
register on, however it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import duckdb

from safer_streets_assets.release.errors import ReleaseError
from safer_streets_assets.release.steps import (
    APPROVED,
    BUILT,
    REJECTED,
    SHARED,
    SUPERSEDED,
    WITHDRAWN,
    Step,
    StepName,
    read_steps,
)
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.who import SystemUser

State = Literal["candidate", "current", "earlier", "rejected", "superseded", "withdrawn"]
CANDIDATE: State = "candidate"
CURRENT: State = "current"
EARLIER: State = "earlier"
READABLE: tuple[State, ...] = (CURRENT, EARLIER)
"""What everybody may read."""
_BECOMES: Mapping[StepName, State] = {
    BUILT: CANDIDATE,
    APPROVED: EARLIER,  # the last of these is the current one
    REJECTED: "rejected",
    SUPERSEDED: "superseded",
    WITHDRAWN: "withdrawn",
}


@dataclass(frozen=True)
class Standing:
    """A release as the register has it, what became of it (`steps`), and how it stands now."""

    release_id: str
    number: int
    made_at: datetime
    content_hash: str
    policy_hash: str
    state: State
    steps: tuple[Step, ...] = ()

    @property
    def built_by(self) -> SystemUser | None:
        """Who built it; None of a release from before that was kept."""
        found = self.last(BUILT)
        return None if found is None else found.by

    @property
    def approval(self) -> str | None:
        """What the policy asked for when it was built; None from before that was kept."""
        found = self.last(BUILT)
        return None if found is None else found.approval

    @property
    def shared(self) -> list[Step]:
        """The times that it was shared."""
        return [step for step in self.steps if step.step == SHARED]

    def last(self, name: StepName) -> Step | None:
        """The last step of a name."""
        return next((step for step in reversed(self.steps) if step.step == name), None)


@dataclass(frozen=True)
class Standings:
    """Every release, in the order in which they were made."""

    releases: tuple[Standing, ...]

    @property
    def newest(self) -> Standing | None:
        """The release that was made last, however it stands."""
        return self.releases[-1] if self.releases else None

    @property
    def current(self) -> Standing | None:
        """The release whose tables `published.duckdb` has."""
        return next((one for one in self.releases if one.state == CURRENT), None)

    @property
    def candidate(self) -> Standing | None:
        """The release that waits for approval."""
        return next((one for one in self.releases if one.state == CANDIDATE), None)

    @property
    def readable(self) -> list[str]:
        """The ids of those that everybody may read, oldest first."""
        return [one.release_id for one in self.releases if one.state in READABLE]

    @property
    def never_readable(self) -> list[str]:
        """The ids of those that were never approved, and never will be once another is made."""
        before = (EARLIER, CURRENT, "withdrawn")
        return [one.release_id for one in self.releases if one.state not in before]

    def find(self, given: str) -> Standing:
        """The release of an id, which may be given without its last part, as `r0002`.

        Raises:
            ReleaseError: there is none.
        """
        name = given.strip().lower()
        for one in self.releases:
            if name in (one.release_id, one.release_id.partition("-")[0]):
                return one
        raise ReleaseError(
            "There is no release of that id on the register; safer-streets release list has them."
        )


def read_standings(folder: DataFolder, registers: duckdb.DuckDBPyConnection) -> Standings:
    """How every release stands; the registers are attached.

    Raises:
        ReleaseError: a line of the register was changed or taken out.
    """
    rows = registers.execute(
        "SELECT release_id, number, made_at, content_hash, policy_hash FROM registers.releases "
        "ORDER BY number"
    ).fetchall()
    steps = read_steps(folder, registers)
    of: dict[str, list[Step]] = {row[0]: [] for row in rows}
    for step in steps:
        if step.release_id not in of:
            raise _changed(step.release_id)
        of[step.release_id].append(step)
    states = _states([(row[0], row[1]) for row in rows], of)
    return Standings(
        tuple(
            Standing(name, number, made_at, content, policy, states[name], tuple(of[name]))
            for name, number, made_at, content, policy in rows
        )
    )


def _states(
    releases: Sequence[tuple[str, int]], of: Mapping[str, Sequence[Step]]
) -> dict[str, State]:
    built = {name for name, steps in of.items() if any(step.step == BUILT for step in steps)}
    first = min((number for name, number in releases if name in built), default=None)
    states: dict[str, State] = {}
    for name, number in releases:
        if name not in built and first is not None and number > first:
            raise _changed(name)
        states[name] = EARLIER
        for step in of[name]:
            states[name] = _BECOMES.get(step.step, states[name])
    for name, _ in reversed(releases):
        if states[name] == EARLIER:
            states[name] = CURRENT
            break
    return states


def _changed(release_id: str) -> ReleaseError:
    return ReleaseError(
        f"The register of releases and that of what became of them differ on {release_id}: find "
        "out who wrote to the registers, and put the whole folder registers back from the newest "
        "backup."
    )
