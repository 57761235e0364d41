"""Approves, rejects and rolls back releases: each a step on the register, and then the files.

The register is written first, in one transaction; what it says is then shown. Killed in between,
the next command or run shows it. Said again, a step that is done changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.release.consistency import refuse_inconsistent
from safer_streets_assets.release.errors import ReleaseError
from safer_streets_assets.release.showing import show_releases
from safer_streets_assets.release.standing import (
    CANDIDATE,
    CURRENT,
    EARLIER,
    READABLE,
    Standing,
    Standings,
    read_standings,
)
from safer_streets_assets.release.steps import (
    APPROVED,
    REJECTED,
    ROLLED_BACK,
    WITHDRAWN,
    Step,
    StepName,
    add_steps,
    note_steps,
)
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.queries import transaction
from safer_streets_assets.stores.who import SystemUser

IS = {
    "candidate": "waits for approval",
    "current": "is the current release",
    "earlier": "was the current release before",
    "rejected": "was rejected",
    "superseded": "was superseded by a later one before anybody approved it",
    "withdrawn": "was withdrawn when an earlier one was made the current release again",
}
"""How a release stands, in words that follow its id."""


def approve(
    folder: DataFolder,
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    given: str,
    user: SystemUser,
    now: datetime,
) -> Standing:
    """Makes a candidate the current release, and returns it. The registers are attached for
    writing, no transaction is open, and the caller holds the run's lock. `now` is UTC.

    Raises:
        ReleaseError: it waits for no approval, `user` built it and the policy asks for two people,
            or it may not be published any more.
        EarlierReleaseError: another release is missing or has changed.
    """
    release = read_standings(folder, registers).find(given)
    if release.state == CURRENT:
        return _shown(folder, registers, policy, release)
    _refuse_unless(release, CANDIDATE, "Only a release that waits can be approved")
    if release.built_by is not None and release.built_by.uid == user.uid:
        raise ReleaseError(
            f"{user.name} built release {release.release_id} and cannot approve it: the policy "
            "asks for two people, so somebody else has to, logged in as themselves."
        )
    refuse_inconsistent(folder, registers, policy, release)
    return _done(folder, registers, policy, release, [(release, APPROVED)], user, None, now)


def reject(
    folder: DataFolder,
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    given: str,
    user: SystemUser,
    why: str,
    now: datetime,
) -> Standing:
    """Rejects a candidate, and returns it; as `approve`. It stays known to the attacker.

    Raises:
        ReleaseError: it waits for no approval.
    """
    release = read_standings(folder, registers).find(given)
    if release.state == "rejected":
        return _shown(folder, registers, policy, release)
    _refuse_unless(release, CANDIDATE, "Only a release that waits can be rejected")
    return _done(folder, registers, policy, release, [(release, REJECTED)], user, why, now)


def roll_back(
    folder: DataFolder,
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    given: str,
    user: SystemUser,
    why: str | None,
    now: datetime,
) -> Standing:
    """Makes an earlier release the current one again, and returns it; as `approve`. Those that were
    current after it are withdrawn for good.

    Raises:
        ReleaseError: it never was the current one, was withdrawn, or may not be published any more.
        EarlierReleaseError: another release is missing or has changed.
    """
    release, later = to_roll_back(read_standings(folder, registers), given)
    if release.state == CURRENT:
        return _shown(folder, registers, policy, release)
    refuse_inconsistent(folder, registers, policy, release)
    steps: list[tuple[Standing, StepName]] = [
        *((one, WITHDRAWN) for one in later),
        (release, ROLLED_BACK),
    ]
    return _done(folder, registers, policy, release, steps, user, why, now)


def to_roll_back(standings: Standings, given: str) -> tuple[Standing, list[Standing]]:
    """The release to go back to, and those that this withdraws: none where it is current already.

    Raises:
        ReleaseError: it never was the current one, or was withdrawn.
    """
    release = standings.find(given)
    if release.state == CURRENT:
        return release, []
    _refuse_unless(release, EARLIER, "Only a release that was current can be again")
    later = [
        one for one in standings.releases if one.state in READABLE and one.number > release.number
    ]
    return release, later


def _refuse_unless(release: Standing, state: str, why: str) -> None:
    if release.state != state:
        raise ReleaseError(
            f"{why}: {release.release_id} {IS[release.state]}; see safer-streets release list."
        )


def _done(
    folder: DataFolder,
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    release: Standing,
    steps: Sequence[tuple[Standing, StepName]],
    user: SystemUser,
    why: str | None,
    now: datetime,
) -> Standing:
    """Writes the steps, all by one user at one time, and shows what follows."""
    with transaction(registers):
        add_steps(
            registers,
            [
                Step(
                    one.release_id,
                    name,
                    one.approval or policy.dpia.releases.approval,
                    user.uid,
                    user.name,
                    now,
                    why,
                )
                for one, name in steps
            ],
        )
    return _shown(folder, registers, policy, release)


def _shown(
    folder: DataFolder, registers: duckdb.DuckDBPyConnection, policy: Policy, release: Standing
) -> Standing:
    """A release as it stands now, once the published folder is in line with the register."""
    note_steps(folder, registers)
    standings: Standings = read_standings(folder, registers)
    show_releases(folder, policy, standings)
    return standings.find(release.release_id)
